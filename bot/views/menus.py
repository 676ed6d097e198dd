"""Menus, help and language: the plain screens."""

from collections.abc import Sequence

from aiogram.types import InlineKeyboardButton

from bot.domain import Chat
from bot.keyboards import Go, Language, Row, button, inline
from bot.texts import Texts
from bot.views.view import Company, View, escape


def menu(chat: Chat, texts: Texts, *, unfinished: bool) -> View:
    """The guest's or the consumer's main menu; an unfinished form waits behind a button."""
    if chat.account is None:
        words = texts("menu-guest")
    else:
        words = texts("menu-consumer", name=escape(chat.account.name))
    return View(text=words, keyboard=inline(*_resume(texts, unfinished), *menu_rows(chat, texts)))


def nothing_here(chat: Chat, texts: Texts, *, unfinished: bool) -> View:
    """For words that nobody asked for."""
    return View(
        text=texts("nothing-here"),
        keyboard=inline(*_resume(texts, unfinished), *menu_rows(chat, texts)),
    )


def session_over(texts: Texts) -> View:
    return View(
        text=texts("session-over"),
        keyboard=inline([button(texts("button-login"), Go(to="login"))], [menu_button(texts)]),
    )


def help_screen(company: Company, texts: Texts, *, unfinished: bool) -> View:
    return View(
        text=texts(
            "help",
            company=escape(company.name),
            phone=escape(company.support_phone),
            email=escape(company.support_email),
        ),
        keyboard=inline(*_resume(texts, unfinished), [menu_button(texts)]),
    )


def languages(locales: Sequence[str], texts: Texts) -> View:
    return View(
        text=texts("language-choose"),
        keyboard=inline(
            [button(texts(f"language-{one}"), Language(locale=one)) for one in locales],
            [menu_button(texts)],
        ),
    )


def menu_button(texts: Texts) -> InlineKeyboardButton:
    return button(texts("button-menu"), Go(to="menu"))


def menu_rows(chat: Chat, texts: Texts) -> list[Row]:
    screens = (
        (("login", "registration"), ("forgot",))
        if chat.account is None
        else (("requests", "readings"), ("profile", "logout"))
    )
    return [[button(texts(f"button-{one}"), Go(to=one)) for one in row] for row in screens]


def _resume(texts: Texts, unfinished: bool) -> list[Row]:
    return [[button(texts("button-resume"), Go(to="resume"))]] if unfinished else []
