"""The consumer's own data."""

from bot.domain import Account
from bot.fsm.field_types import show_phone
from bot.keyboards import Go, button, inline
from bot.texts import Texts
from bot.views.menus import menu_button
from bot.views.view import Company, View, escape


def profile(account: Account, company: Company, texts: Texts) -> View:
    return View(
        text=texts(
            "profile",
            category=texts(f"choice-registration-category-{account.category}"),
            name=escape(account.name),
            email=escape(account.email),
            phone=escape(show_phone(account.phone)),
            since=company.day(account.created_at),
        ),
        keyboard=inline(
            [button(texts("button-password"), Go(to="password"))],
            [button(texts("button-my-data"), Go(to="my_data"))],
            [button(texts("button-deletion"), Go(to="deletion"), style="danger")],
            [button(texts("button-language"), Go(to="language")), menu_button(texts)],
        ),
    )


def password_changed(texts: Texts) -> View:
    return View(text=texts("password-changed"), keyboard=inline([menu_button(texts)]))


def export_promised(texts: Texts) -> View:
    return View(text=texts("export-promised"), keyboard=inline([menu_button(texts)]))


def deletion(texts: Texts) -> View:
    """What goes and what stays, before the password is asked."""
    return View(
        text=texts("deletion"),
        keyboard=inline(
            [button(texts("button-deletion-on"), Go(to="deletion_on"), style="danger")],
            [button(texts("button-back"), Go(to="profile")), menu_button(texts)],
        ),
    )


def deleted(texts: Texts) -> View:
    return View(text=texts("deleted"), keyboard=inline([menu_button(texts)]))
