"""Views of registration, login and logout."""

from bot.domain import Account, Chat
from bot.formatting.company import Company
from bot.formatting.values import escape
from bot.keyboards import Go, build_button, build_inline_keyboard
from bot.texts import Texts
from bot.views.menus import build_menu_button, build_menu_rows
from bot.views.view import View


def render_consent_refused(company: Company, texts: Texts) -> View:
    return View(
        text=texts(
            "consent-refused",
            phone=escape(company.support_phone),
            email=escape(company.support_email),
        ),
        keyboard=build_inline_keyboard([build_menu_button(texts)]),
    )


def render_registered(email: str, texts: Texts, *, again: bool = False) -> View:
    """The same whether the address was free or taken; ``again``: another letter was asked for."""
    return View(
        text=texts("registered-again" if again else "registered", email=escape(email)),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-login"), Go(to="login"))],
            [build_button(texts("button-password-again"), Go(to="password_again"))],
            [build_button(texts("button-correct-email"), Go(to="correct_email"))],
            [build_menu_button(texts)],
        ),
    )


def render_reset_asked(email: str, texts: Texts) -> View:
    """The same whether there is an account with the address or not; the code may still arrive."""
    return View(
        text=texts("reset-asked", email=escape(email)),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-enter-code"), Go(to="resume"))],
            [build_menu_button(texts)],
        ),
    )


def render_password_saved(texts: Texts) -> View:
    return View(text=texts("password-saved"))


def render_logged_out_elsewhere(texts: Texts, *, by_owner: bool) -> View:
    """``by_owner``: the login was ended from another chat; otherwise by a new password."""
    return View(text=texts("logged-out-by-owner" if by_owner else "logged-out-elsewhere"))


def render_password_suggestion(account: Account, texts: Texts) -> View:
    return View(
        text=texts("suggest-password", name=escape(account.name)),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-password"), Go(to="password"), style="primary")],
            [build_button(texts("button-later"), Go(to="menu"))],
        ),
    )


def render_logged_out(chat: Chat, texts: Texts) -> View:
    return View(
        text=texts("logged-out"), keyboard=build_inline_keyboard(*build_menu_rows(chat, texts))
    )


def render_email_bounced(email: str, texts: Texts) -> View:
    return View(
        text=texts("email-bounced", email=escape(email)),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-profile"), Go(to="profile"))], [build_menu_button(texts)]
        ),
    )


def render_registration_refused(texts: Texts) -> View:
    return View(
        text=texts("registration-refused"),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-correct-email"), Go(to="correct_email"))],
            [build_menu_button(texts)],
        ),
    )
