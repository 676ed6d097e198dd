"""Slips of the keyboard in the domain of an address."""

import pytest

from bot.fsm.email_slips import suggest_email


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("anna@gmial.com", "anna@gmail.com"),
        ("anna@gmai.com", "anna@gmail.com"),
        ("anna@gmaill.com", "anna@gmail.com"),
        ("anna@gnail.com", "anna@gmail.com"),
        ("anna@gmail.ru", "anna@gmail.com"),
        ("anna@gmail.con", "anna@gmail.com"),
        ("anna@yandx.ru", "anna@yandex.ru"),
        ("anna@mial.ru", "anna@mail.ru"),
        ("anna@ramler.ru", "anna@rambler.ru"),
    ],
)
def test_a_slip_is_recognised(typed: str, meant: str) -> None:
    assert suggest_email(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "anna@gmail.com",
        "anna@mail.com",
        "anna@ya.ru",
        "anna@example.ru",
        "anna@sevseti.ru",
        "anna@почта.рф",
        "anna@yandex.com",
        "anna@ymail.com",
    ],
)
def test_other_domains_are_left_alone(typed: str) -> None:
    assert suggest_email(typed) is None
