"""Views of the profile: the consumer's data, their export and the deletion of the account."""

from collections.abc import Sequence

from bot.domain import Account, Address, AnswerChannel, Session
from bot.formatting.company import Company
from bot.formatting.values import escape, format_initials, format_masked_email
from bot.fsm.field_types import format_phone
from bot.keyboards import EndSession, Go, LogInByLink, build_button, build_inline_keyboard
from bot.texts import Texts
from bot.views.menus import build_menu_button
from bot.views.requests import build_answer_channel_rows
from bot.views.view import View

#: Telegram takes 100 buttons; after some logins ended, the list shows the next ones.
_SESSIONS_ENDED = 20


def render_profile(
    account: Account, company: Company, texts: Texts, *, changed: bool = False
) -> View:
    """``changed``: what the profile shows was changed a moment ago."""
    note = f"{texts('contact-changed')}\n\n" if changed else ""
    return View(
        text=note
        + texts(
            "profile",
            category=texts(f"choice-registration-category-{account.category}"),
            name=escape(account.name),
            email=escape(account.email),
            phone=escape(format_phone(account.phone, texts.locale)),
            since=company.format_day(account.created_at),
            channel=texts(f"answer-channel-{account.answer_channel or 'none'}"),
        ),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-contact"), Go(to="contact"))],
            [build_button(texts("button-answer-channel"), Go(to="answer_channel"))],
            [build_button(texts("button-password"), Go(to="password"))],
            [build_button(texts("button-sessions"), Go(to="sessions"))],
            *([[build_button(texts("button-site"), Go(to="site"))]] if company.site_url else []),
            [build_button(texts("button-my-data"), Go(to="my_data"))],
            [build_button(texts("button-deletion"), Go(to="deletion"), style="danger")],
            [build_button(texts("button-language"), Go(to="language")), build_menu_button(texts)],
        ),
    )


def render_site_link(token: str, company: Company, texts: Texts) -> View:
    """A link that opens the site once; it is an address in the text, which any client shows."""
    return View(
        text=texts("site-link", link=f"{company.site_url}/link/{token}"),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-back"), Go(to="profile")), build_menu_button(texts)],
        ),
    )


def render_link_question(owner: Account, token: str, texts: Texts) -> View:
    """Names the owner by initials and a masked email: the account may be a stranger's."""
    return View(
        text=texts(
            "chat-link-confirm",
            name=escape(format_initials(owner.name)),
            email=escape(format_masked_email(owner.email)),
        ),
        keyboard=build_inline_keyboard(
            [
                build_button(texts("button-login"), LogInByLink(token=token)),
                build_button(texts("button-cancel"), Go(to="menu")),
            ]
        ),
    )


def render_link_expired(texts: Texts) -> View:
    return View(
        text=texts("chat-link-expired"), keyboard=build_inline_keyboard([build_menu_button(texts)])
    )


def render_contacts(account: Account, texts: Texts) -> View:
    """Asks what is to be changed."""
    return View(
        text=texts("contact-asked"),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-contact-name", category=account.category), Go(to="name"))],
            [build_button(texts("button-contact-phone"), Go(to="phone"))],
            [build_button(texts("button-contact-email"), Go(to="email"))],
            [build_button(texts("button-back"), Go(to="profile")), build_menu_button(texts)],
        ),
    )


def render_answer_channels(texts: Texts) -> View:
    return View(
        text=texts("answer-channel-asked"),
        keyboard=build_inline_keyboard(
            *build_answer_channel_rows(texts),
            [build_button(texts("button-back"), Go(to="profile")), build_menu_button(texts)],
        ),
    )


def render_answer_channel_set(channel: AnswerChannel, texts: Texts) -> View:
    return View(
        text=texts("answer-channel-set", channel=texts(f"answer-channel-{channel}")),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-to-requests"), Go(to="requests")), build_menu_button(texts)]
        ),
    )


def render_sessions(
    sessions: Sequence[Session], here: Address, company: Company, texts: Texts
) -> View:
    """Where the account is logged in, numbered; a button ends each login but the one ``here``."""
    lines = [
        texts(
            "session" if one.address.chat_id else "session-browser",
            number=number,
            where="here" if one.address == here else "elsewhere",
            name=escape(_name_session(one)),
            since=company.format_minute(one.logged_in_at),
            seen=company.format_minute(one.last_seen_at),
        )
        for number, one in enumerate(sessions, 1)
    ]
    ends = [
        [
            build_button(
                texts("button-end-session", number=number, name=_name_session(one)),
                EndSession(id=one.address.id),
                style="danger",
            )
        ]
        for number, one in enumerate(sessions, 1)
        if one.address != here
    ]
    return View(
        text="\n\n".join([texts("sessions"), *lines]),
        keyboard=build_inline_keyboard(
            *ends[:_SESSIONS_ENDED],
            [build_button(texts("button-back"), Go(to="profile")), build_menu_button(texts)],
        ),
    )


def _name_session(session: Session) -> str:
    """Telegram's name; the id for a login before names were kept."""
    return session.name or str(session.address.id)


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
