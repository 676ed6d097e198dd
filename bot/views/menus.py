"""Views of the menus, the help and the choice of a language."""

from collections.abc import Mapping

from aiogram.types import InlineKeyboardButton

from bot.domain import Chat
from bot.formatting.company import Company
from bot.formatting.values import escape
from bot.keyboards import ChooseLanguage, DraftAction, Go, Row, build_button, build_inline_keyboard
from bot.texts import Texts
from bot.views.view import View


def render_menu(chat: Chat, texts: Texts, *, drafts: Mapping[str, str]) -> View:
    """The main menu of a guest or a consumer; a button resumes each unfinished form.

    ``drafts`` are the titles of their forms by id.
    """
    if chat.account is None:
        words = texts("menu-guest")
    else:
        words = texts("menu-consumer", name=escape(chat.account.name))
    return View(
        text=words,
        keyboard=build_inline_keyboard(
            *build_resume_rows(drafts, texts), *build_menu_rows(chat, texts)
        ),
    )


def render_nothing_here(
    chat: Chat, texts: Texts, *, drafts: Mapping[str, str], emergency: str | None, note: str
) -> View:
    """The answer to a message that cannot be passed on; ``note`` is the key of its text.

    ``emergency`` is HTML that goes first.
    """
    words = texts(note)
    return View(
        text=f"{emergency}\n\n{words}" if emergency else words,
        keyboard=build_inline_keyboard(
            *build_resume_rows(drafts, texts), *build_menu_rows(chat, texts)
        ),
    )


def render_session_over(texts: Texts) -> View:
    return View(
        text=texts("session-over"),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-login"), Go(to="login"))], [build_menu_button(texts)]
        ),
    )


def render_help(company: Company, texts: Texts, *, drafts: Mapping[str, str]) -> View:
    return View(
        text=texts(
            "help",
            company=escape(company.name),
            phone=escape(company.support_phone),
            email=escape(company.support_email),
        ),
        keyboard=build_inline_keyboard(
            *build_resume_rows(drafts, texts), [build_menu_button(texts)]
        ),
    )


def render_languages(names: Mapping[str, str], texts: Texts) -> View:
    """``names``: what each language calls itself, by locale."""
    return View(
        text=texts("language-choose"),
        keyboard=build_inline_keyboard(
            [build_button(name, ChooseLanguage(locale=one)) for one, name in names.items()],
            [build_menu_button(texts)],
        ),
    )


def build_menu_button(texts: Texts) -> InlineKeyboardButton:
    return build_button(texts("button-menu"), Go(to="menu"))


def build_menu_rows(chat: Chat, texts: Texts) -> list[Row]:
    screens = (
        (("login", "registration"), ("forgot",))
        if chat.account is None
        else (("requests", "readings"), ("profile", "logout"))
    )
    rows: list[Row] = [
        [build_button(texts(f"button-{one}"), Go(to=one)) for one in row] for row in screens
    ]
    if chat.account is None:
        # In each language: a guest may read only another one.
        rows.append([build_button(texts("command-language"), Go(to="language"))])
    return rows


def build_resume_rows(drafts: Mapping[str, str], texts: Texts) -> list[Row]:
    key = "button-resume" if len(drafts) == 1 else "button-resume-form"
    return [
        [build_button(texts(key, form=title), DraftAction(act="resume", draft=draft_id))]
        for draft_id, title in drafts.items()
    ]
