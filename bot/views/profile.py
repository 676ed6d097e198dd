"""Views of the profile: the consumer's data, their export and the deletion of the account."""

from bot.domain import Account
from bot.fsm.field_types import format_phone
from bot.keyboards import Go, build_button, build_inline_keyboard
from bot.texts import Texts
from bot.views.menus import build_menu_button
from bot.views.view import Company, View, escape


def render_profile(account: Account, company: Company, texts: Texts) -> View:
    return View(
        text=texts(
            "profile",
            category=texts(f"choice-registration-category-{account.category}"),
            name=escape(account.name),
            email=escape(account.email),
            phone=escape(format_phone(account.phone)),
            since=company.format_day(account.created_at),
        ),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-password"), Go(to="password"))],
            [build_button(texts("button-my-data"), Go(to="my_data"))],
            [build_button(texts("button-deletion"), Go(to="deletion"), style="danger")],
            [build_button(texts("button-language"), Go(to="language")), build_menu_button(texts)],
        ),
    )


def render_password_changed(texts: Texts) -> View:
    return View(
        text=texts("password-changed"), keyboard=build_inline_keyboard([build_menu_button(texts)])
    )


def render_export_ordered(texts: Texts) -> View:
    return View(
        text=texts("export-ordered"), keyboard=build_inline_keyboard([build_menu_button(texts)])
    )


def render_deletion(texts: Texts) -> View:
    """What is deleted and what is kept, before the password is asked."""
    return View(
        text=texts("deletion"),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-deletion-on"), Go(to="deletion_on"), style="danger")],
            [build_button(texts("button-back"), Go(to="profile")), build_menu_button(texts)],
        ),
    )


def render_deleted(texts: Texts) -> View:
    return View(text=texts("deleted"), keyboard=build_inline_keyboard([build_menu_button(texts)]))
