"""Handlers of registration, login, logout and forgotten passwords."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot import views
from bot.domain import Category
from bot.formatting.forms import format_consent
from bot.fsm import engine
from bot.fsm.builtin_forms import CODE_NEEDED
from bot.fsm.model import Draft, Field, Form, FormId, Rejected
from bot.handlers.consumer.context import ChatContext
from bot.handlers.consumer.forms import FormAborted, FormAction, FormResult, Forms
from bot.integrations.smtp import Mailer
from bot.keyboards import Go
from bot.services.accounts import Accounts
from bot.services.errors import LoginCodeNeeded
from bot.services.new_emails import check_new_email
from bot.services.password_resets import PasswordResets
from bot.services.passwords import Passwords
from bot.services.rate_limits import LimitedAction
from bot.telegram.filters import PressOf
from bot.views.forms import Hints, Link


class RegistrationAction(FormAction):
    """Creates an account; its password comes by email."""

    needs_account = False

    def __init__(self, accounts: Accounts, mailer: Mailer) -> None:
        self._accounts = accounts
        self._mailer = mailer

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str
    ) -> str | None:
        if field.key == "consent" and answer == "disagree":
            raise FormAborted(
                views.auth.render_consent_refused(context.company, context.texts),
                context.texts("consent-needed"),
            )
        if field.key == "email":
            is_confirmed = field.key in draft.confirmed
            await check_new_email(self._mailer, answer, is_confirmed=is_confirmed)
        return None

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        # Each registration may send an email to a stranger's address.
        context.conversation.rate_limiter.spend(LimitedAction.REGISTRATIONS)
        answers = draft.answers
        await self._accounts.register(
            draft_id=draft.id,
            category=Category(answers["category"]),
            name=answers.get("full_name") or answers["organisation"],
            email=answers["email"],
            phone=answers["phone"],
            locale=context.texts.locale,
            consent_version=context.company.consent_version,
            consent_text=format_consent(context.texts, context.company),
            address=context.chat.address,
        )
        context.conversation.registration = draft
        return FormResult(
            views=(views.auth.render_registered(answers["email"], context.texts),), lasting=True
        )


class LoginAction(FormAction):
    """Logs the chat in; the message with the password is deleted at once."""

    needs_account = False

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str
    ) -> str | None:
        address, email = context.chat.address, draft.answers.get("email", "")
        match field.key:
            case "password":
                try:
                    await self._accounts.log_in(address, email, answer, name=context.sender_name)
                except LoginCodeNeeded:
                    return CODE_NEEDED
            case "code":
                await self._accounts.confirm_login(address, email, answer, name=context.sender_name)
        return None

    async def get_hints(self, context: ChatContext, form: Form, draft: Draft) -> Hints:
        if draft.open == "code":
            return Hints()
        return Hints(links=(Link(words=context.texts("button-forgot"), target=Go(to="forgot")),))

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        chat = await self._accounts.get_chat(context.chat.id)
        if chat.account is None:
            raise Rejected("login-refused")
        if chat.account.password_is_temporary:
            view = views.auth.render_password_suggestion(chat.account, context.texts)
        else:
            view = views.menus.render_menu(chat, context.texts, drafts={})
        return FormResult(views=(view,), logs_in=True)


class PasswordResetAction(FormAction):
    """Sets a new password by a code from an email; known and unknown emails are answered alike."""

    needs_account = False

    def __init__(
        self, accounts: Accounts, password_resets: PasswordResets, passwords: Passwords
    ) -> None:
        self._accounts = accounts
        self._resets = password_resets
        self._passwords = passwords

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str
    ) -> str | None:
        address, email = context.chat.address, draft.answers.get("email", answer)
        match field.key:
            case "email":
                # Also for unknown addresses, or the limit would tell which are known.
                context.conversation.rate_limiter.spend(LimitedAction.RESETS)
                await self._resets.send_code(answer, address)
            case "code":
                await self._resets.check_code(email, address, answer)
            case "new":
                return await self._resets.prepare_password(email, address, answer)
            case "repeat":
                await self._passwords.check_repeated(draft.answers["new"], answer)
        return None

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        await self._resets.finish(
            draft.answers["email"],
            context.chat.address,
            draft.answers["new"],
            name=context.sender_name,
        )
        chat = await self._accounts.get_chat(context.chat.id)
        return FormResult(
            views=(
                views.auth.render_password_saved(context.texts),
                views.menus.render_menu(chat, context.texts, drafts={}),
            ),
            logs_in=True,
        )

    async def get_hints(self, context: ChatContext, form: Form, draft: Draft) -> Hints:
        if draft.open != "code":
            return Hints()
        words = context.texts("button-no-letter")
        return Hints(links=(Link(words=words, target=Go(to="no_letter")),))


def build_auth_router() -> Router:
    router = Router(name="auth")

    @router.callback_query(PressOf(Go(to="login"), Go(to="registration")))
    async def open_entry_form(
        _: CallbackQuery, callback_data: Go, context: ChatContext, forms: Forms
    ) -> None:
        if context.chat.account is None:
            await forms.open(context, FormId(callback_data.to))
        else:
            await context.show_menu()

    @router.callback_query(PressOf(Go(to="password_again")))
    async def send_password_again(
        _: CallbackQuery, context: ChatContext, accounts: Accounts
    ) -> None:
        registration = context.conversation.registration
        if registration is None or context.chat.account is not None:
            await context.show_menu()
            return
        context.conversation.rate_limiter.spend(LimitedAction.REGISTRATIONS)
        await accounts.send_password_again(registration.id, context.chat.address)
        await context.screen.show(
            views.auth.render_registered(registration.answers["email"], context.texts, again=True)
        )

    @router.callback_query(PressOf(Go(to="correct_email")))
    async def correct_email(
        _: CallbackQuery, context: ChatContext, accounts: Accounts, forms: Forms
    ) -> None:
        registration = context.conversation.registration
        if context.chat.account is not None:
            await context.show_menu()
            return
        if registration is None:
            # Another form began since: its answers took the place of those.
            await forms.open(context, FormId("registration"))
            return
        await accounts.withdraw_registration(registration.id, context.chat.address)
        kept = {key: raw for key, raw in registration.answers.items() if key != "email"}
        await forms.open(context, FormId("registration"), kept, note="registration-kept")

    @router.callback_query(PressOf(Go(to="forgot")))
    async def open_reset_form(_: CallbackQuery, context: ChatContext, forms: Forms) -> None:
        """The email of an open login is taken over: a wrong password leads to the code at once."""
        draft = context.conversation.draft
        email = draft.answers.get("email") if draft and draft.form == FormId("login") else None
        await forms.open(context, FormId("reset"))
        if email is not None:
            await forms.answer(context, engine.Typed(email))

    @router.callback_query(PressOf(Go(to="no_letter")))
    async def ask_staff(
        _: CallbackQuery, context: ChatContext, password_resets: PasswordResets
    ) -> None:
        draft = context.conversation.draft
        if draft is None or draft.form != FormId("reset") or "email" not in draft.answers:
            await context.show_menu()
            return
        email = draft.answers["email"]
        await password_resets.ask_staff(email, context.chat.address)
        await context.screen.show(views.auth.render_reset_asked(email, context.texts))

    @router.callback_query(PressOf(Go(to="logout")))
    async def log_out(
        _: CallbackQuery, context: ChatContext, accounts: Accounts, forms: Forms
    ) -> None:
        await accounts.log_out(context.chat.address)
        await forms.drop_all(context)
        chat = await accounts.get_chat(context.chat.id)
        await context.screen.show(views.auth.render_logged_out(chat, context.texts))

    return router
