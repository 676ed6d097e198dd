"""Registration, login, logout: the guest's side of the cabinet."""

import hashlib

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot import views
from bot.domain import Category, Consent
from bot.fsm.model import Draft, Field, Form, Rejected
from bot.handlers.consumer.commands import show_menu
from bot.handlers.consumer.context import Visit
from bot.handlers.consumer.forms import FormAction, Farewell, Forms, Leave
from bot.keyboards import Go
from bot.services.accounts import Accounts
from bot.services.clock import Clock
from bot.services.errors import LoginDelayed, LoginRefused
from bot.services.password_resets import Resets
from bot.services.rate_limits import Limited
from bot.views.view import Company


class Registration(FormAction):
    """Makes an account; its password comes by mail."""

    needs_account = False

    def __init__(self, accounts: Accounts, company: Company, clock: Clock) -> None:
        self._accounts = accounts
        self._company = company
        self._clock = clock

    async def check(
        self, visit: Visit, field: Field, draft: Draft, answer: str, message: Message | None
    ) -> str | None:
        if field.key == "consent" and answer == "disagree":
            raise Leave(views.auth.consent_refused(self._company, visit.texts))
        return None

    async def carry_out(self, visit: Visit, form: Form, draft: Draft) -> Farewell:
        # Each may mean a letter to a stranger's address.
        visit.conversation.allowance.spend(Limited.REGISTRATIONS)
        answers = draft.answers
        wording = views.auth.consent_text(visit.texts, self._company)
        await self._accounts.register(
            draft_id=draft.id,
            category=Category(answers["category"]),
            name=answers.get("full_name") or answers["organisation"],
            email=answers["email"],
            phone=answers["phone"],
            locale=visit.texts.locale,
            consent=Consent(
                version=self._company.consent_version,
                text=wording,
                sha256=hashlib.sha256(wording.encode()).hexdigest(),
                accepted_at=self._clock.now(),
                chat_id=visit.chat.id,
            ),
        )
        return Farewell(views=(views.auth.registered(answers["email"], visit.texts),), lasting=True)


class Login(FormAction):
    """Links the chat to an account; the password's message is deleted at once."""

    needs_account = False

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def check(
        self, visit: Visit, field: Field, draft: Draft, answer: str, message: Message | None
    ) -> str | None:
        if field.key == "password":
            try:
                await self._accounts.log_in(visit.chat.id, draft.answers["email"], answer)
            except LoginRefused:
                raise Rejected("login-refused") from None
            except LoginDelayed as delay:
                raise Rejected("login-delayed", seconds=delay.seconds) from None
        return None

    async def carry_out(self, visit: Visit, form: Form, draft: Draft) -> Farewell:
        chat = await self._accounts.chat(visit.chat.id)
        if chat.account is None:
            raise Rejected("login-refused")
        if chat.account.password_is_temporary:
            return Farewell(views=(views.auth.suggest_password(chat.account, visit.texts),))
        return Farewell(views=(views.menus.menu(chat, visit.texts, unfinished=False),))


class Forgot(FormAction):
    """Asks the staff for a new password, and answers the same whoever asks."""

    needs_account = False

    def __init__(self, resets: Resets) -> None:
        self._resets = resets

    async def carry_out(self, visit: Visit, form: Form, draft: Draft) -> Farewell:
        # Also for unknown addresses, or the limit would tell which are known.
        visit.conversation.allowance.spend(Limited.RESETS)
        email = draft.answers["email"]
        await self._resets.ask(email)
        return Farewell(views=(views.auth.reset_asked(email, visit.texts),), lasting=True)


def build_auth_router() -> Router:
    router = Router(name="auth")

    @router.callback_query(Go.filter(F.to.in_({"login", "registration"})))
    async def enter(_: CallbackQuery, callback_data: Go, visit: Visit, forms: Forms) -> None:
        if visit.chat.account is None:
            await forms.open(visit, callback_data.to)
        else:
            await show_menu(visit)

    @router.callback_query(Go.filter(F.to == "forgot"))
    async def forgot(_: CallbackQuery, visit: Visit, forms: Forms) -> None:
        await forms.open(visit, "reset")

    @router.callback_query(Go.filter(F.to == "logout"))
    async def log_out(_: CallbackQuery, visit: Visit, accounts: Accounts, forms: Forms) -> None:
        await accounts.log_out(visit.chat.id)
        await forms.drop(visit)
        chat = await accounts.chat(visit.chat.id)
        await visit.screen.show(views.auth.logged_out(chat, visit.texts))

    return router
