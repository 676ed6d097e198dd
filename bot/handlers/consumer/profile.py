"""The consumer's own data and password."""

from aiogram import F, Router
from aiogram.fsm.storage.base import BaseStorage, StorageKey
from aiogram.types import CallbackQuery, Message

from bot import views
from bot.domain import Account
from bot.fsm.model import Draft, Field, Form, FormId, Rejected
from bot.handlers.consumer.context import ChatContext, LoggedIn
from bot.handlers.consumer.forms import FormAction, FormResult, Forms
from bot.keyboards import Go
from bot.services.accounts import Accounts
from bot.services.errors import LoginDelayed, LoginRefused
from bot.services.personal_data import PersonalDataService
from bot.services.scans import Scans
from bot.views.view import Company


class PasswordChangeAction(FormAction):
    """Old, new, repeat; only the new one's hash ever rests in the draft."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str, message: Message | None
    ) -> str | None:
        match field.key:
            case "old":
                await _check_password(self._accounts, context, answer)
            case "new":
                return await self._accounts.hash_password(answer)
            case "repeat" if not await self._accounts.verify_hash(draft.answers["new"], answer):
                raise Rejected("passwords-differ")
        return None

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        account = context.chat.account
        if account is None:
            raise Rejected("session-over")
        await self._accounts.change_password(account.id, context.chat.id, draft.answers["new"])
        return FormResult(views=(views.profile.render_password_changed(context.texts),))


class AccountDeletionAction(FormAction):
    """The account goes once its password was given again."""

    def __init__(
        self,
        accounts: Accounts,
        personal_data: PersonalDataService,
        scans: Scans,
        storage: BaseStorage,
        bot_id: int,
    ) -> None:
        """``storage`` holds the conversations of all chats."""
        self._accounts = accounts
        self._personal_data = personal_data
        self._scans = scans
        self._storage = storage
        self._bot_id = bot_id

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str, message: Message | None
    ) -> str | None:
        await _check_password(self._accounts, context, answer)
        return None

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        account = context.chat.account
        if account is None:
            raise Rejected("session-over")
        for chat_id in await self._personal_data.erase(account.id, context.chat.id):
            if chat_id != context.chat.id:
                await self._forget_conversation(chat_id)
        return FormResult(views=(views.profile.render_deleted(context.texts),))

    async def _forget_conversation(self, chat_id: int) -> None:
        key = StorageKey(bot_id=self._bot_id, chat_id=chat_id, user_id=chat_id)
        draft = (await self._storage.get_data(key)).get("draft")
        if draft:
            await self._scans.drop(draft["id"])
        await self._storage.set_data(key, {})


async def _check_password(accounts: Accounts, context: ChatContext, password: str) -> None:
    """Asks the password of whoever is logged in again; raises Rejected."""
    if context.chat.account is None:
        raise Rejected("session-over")
    try:
        await accounts.check_password(context.chat.account.id, context.chat.id, password)
    except LoginRefused:
        raise Rejected("old-password") from None
    except LoginDelayed as delay:
        raise Rejected("login-delayed", seconds=delay.seconds) from None


def build_profile_router() -> Router:
    router = Router(name="profile")

    @router.callback_query(Go.filter(F.to == "profile"), LoggedIn())
    async def open_profile(
        _: CallbackQuery, context: ChatContext, account: Account, company: Company
    ) -> None:
        await context.screen.show(views.profile.render_profile(account, company, context.texts))

    @router.callback_query(Go.filter(F.to == "password"), LoggedIn())
    async def change_password(_: CallbackQuery, context: ChatContext, forms: Forms) -> None:
        await forms.open(context, FormId("password"))

    @router.callback_query(Go.filter(F.to == "my_data"), LoggedIn())
    async def export(
        _: CallbackQuery, context: ChatContext, account: Account, personal_data: PersonalDataService
    ) -> None:
        await personal_data.ask_export(account.id, context.chat.id)
        await context.screen.show(views.profile.render_export_ordered(context.texts))

    @router.callback_query(Go.filter(F.to == "deletion"), LoggedIn())
    async def explain_deletion(_: CallbackQuery, context: ChatContext) -> None:
        await context.screen.show(views.profile.render_deletion(context.texts))

    @router.callback_query(Go.filter(F.to == "deletion_on"), LoggedIn())
    async def begin_deletion(_: CallbackQuery, context: ChatContext, forms: Forms) -> None:
        await forms.open(context, FormId("deletion"))

    return router
