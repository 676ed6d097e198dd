"""Registration, login, logout: the guest's side of the cabinet."""

import hashlib

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot import views
from bot.domain import Category, Consent
from bot.fsm.model import Draft, Field, Form, FormId, Rejected
from bot.handlers.consumer.commands import show_menu
from bot.handlers.consumer.context import ChatContext
from bot.handlers.consumer.forms import FormAborted, FormAction, FormResult, Forms
from bot.keyboards import Go
from bot.services.accounts import Accounts
from bot.services.clock import Clock
from bot.services.errors import LoginDelayed, LoginRefused
from bot.services.password_resets import PasswordResets
from bot.services.rate_limits import LimitedAction
from bot.views.view import Company


class RegistrationAction(FormAction):
    """Makes an account; its password comes by mail."""

    needs_account = False

    def __init__(self, accounts: Accounts, company: Company, clock: Clock) -> None:
        self._accounts = accounts
        self._company = company
        self._clock = clock

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str, message: Message | None
    ) -> str | None:
        if field.key == "consent" and answer == "disagree":
            raise FormAborted(views.auth.render_consent_refused(self._company, context.texts))
        return None

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        # Each may mean a letter to a stranger's address.
        context.conversation.rate_limiter.spend(LimitedAction.REGISTRATIONS)
        answers = draft.answers
        wording = views.auth.format_consent(context.texts, self._company)
        await self._accounts.register(
            draft_id=draft.id,
            category=Category(answers["category"]),
            name=answers.get("full_name") or answers["organisation"],
            email=answers["email"],
            phone=answers["phone"],
            locale=context.texts.locale,
            consent=Consent(
                version=self._company.consent_version,
                text=wording,
                sha256=hashlib.sha256(wording.encode()).hexdigest(),
                accepted_at=self._clock.now(),
                chat_id=context.chat.id,
            ),
        )
        return FormResult(
            views=(views.auth.render_registered(answers["email"], context.texts),), lasting=True
        )


class LoginAction(FormAction):
    """Links the chat to an account; the password's message is deleted at once."""

    needs_account = False

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str, message: Message | None
    ) -> str | None:
        if field.key == "password":
            try:
                await self._accounts.log_in(context.chat.id, draft.answers["email"], answer)
            except LoginRefused:
                raise Rejected("login-refused") from None
            except LoginDelayed as delay:
                raise Rejected("login-delayed", seconds=delay.seconds) from None
        return None

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        chat = await self._accounts.get_chat(context.chat.id)
        if chat.account is None:
            raise Rejected("login-refused")
        if chat.account.password_is_temporary:
            return FormResult(
                views=(views.auth.render_password_suggestion(chat.account, context.texts),)
            )
        return FormResult(views=(views.menus.render_menu(chat, context.texts, unfinished=False),))


class PasswordResetAction(FormAction):
    """Asks the staff for a new password, and answers the same whoever asks."""

    needs_account = False

    def __init__(self, password_resets: PasswordResets) -> None:
        self._resets = password_resets

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        # Also for unknown addresses, or the limit would tell which are known.
        context.conversation.rate_limiter.spend(LimitedAction.RESETS)
        email = draft.answers["email"]
        await self._resets.request(email)
        return FormResult(
            views=(views.auth.render_reset_asked(email, context.texts),), lasting=True
        )


def build_auth_router() -> Router:
    router = Router(name="auth")

    @router.callback_query(Go.filter(F.to.in_({"login", "registration"})))
    async def enter(
        _: CallbackQuery, callback_data: Go, context: ChatContext, forms: Forms
    ) -> None:
        if context.chat.account is None:
            await forms.open(context, FormId(callback_data.to))
        else:
            await show_menu(context)

    @router.callback_query(Go.filter(F.to == "forgot"))
    async def forgot(_: CallbackQuery, context: ChatContext, forms: Forms) -> None:
        await forms.open(context, FormId("reset"))

    @router.callback_query(Go.filter(F.to == "logout"))
    async def log_out(
        _: CallbackQuery, context: ChatContext, accounts: Accounts, forms: Forms
    ) -> None:
        await accounts.log_out(context.chat.id)
        await forms.drop(context)
        chat = await accounts.get_chat(context.chat.id)
        await context.screen.show(views.auth.render_logged_out(chat, context.texts))

    return router
