"""The rules for new passwords that need no database."""

from datetime import UTC, datetime

import pytest

from bot.domain import Account, Category
from bot.fsm.model import Rejected
from bot.services.passwords import _load_common, check_rules

ANNA = Account(
    id=1,
    category=Category.INDIVIDUAL,
    name="Иванова Анна Петровна",
    email="anna.ivanova@example.ru",
    phone="+79123456789",
    locale="ru",
    password_is_temporary=True,
    created_at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
)


@pytest.mark.parametrize(
    "password",
    ["qwerty", "123456", "Football", " iloveyou ", "gfhjkm", "пароль", "ЙЦУКЕН", "dragon1"],
)
def test_common_passwords_are_refused_in_any_case_and_layout(password: str) -> None:
    with pytest.raises(Rejected, match="password-common"):
        check_rules(ANNA, password)


def test_the_email_and_its_first_part_are_refused() -> None:
    for password in ("anna.ivanova@example.ru", "Anna.Ivanova", "ANNA.IVANOVA@EXAMPLE.RU"):
        with pytest.raises(Rejected, match="password-is-email"):
            check_rules(ANNA, password)


@pytest.mark.parametrize("password", ["синий чайник у окна", "r7Nq4vKd", "шесть!", "anna.ivanova1"])
def test_any_other_password_of_six_characters_is_taken(password: str) -> None:
    check_rules(ANNA, password)


def test_the_packaged_list_holds_the_commonest_ten_thousand() -> None:
    common = _load_common()
    assert len(common) == 10_000
    assert all(len(one) >= 6 and one == one.casefold().strip() for one in common)
