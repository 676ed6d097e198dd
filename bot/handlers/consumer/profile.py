"""Handlers of the profile: own data, password, export and deletion of the account."""

from dataclasses import replace

from aiogram import Router
from aiogram.types import CallbackQuery

from bot import views
from bot.domain import Account, Address, Category, Contact
from bot.fsm.model import Draft, Field, Form, FormId, Rejected
from bot.handlers.consumer.context import ChatContext, LoggedIn
from bot.handlers.consumer.forms import FormAction, FormResult, Forms
from bot.integrations.smtp import Mailer
from bot.keyboards import ChooseAnswerChannel, EndSession, Go
from bot.services.accounts import Accounts
from bot.services.contact_changes import ContactChanges
from bot.services.linking import Linking, TokenPurpose
from bot.services.new_emails import check_new_email
from bot.services.passwords import Passwords
from bot.services.personal_data import PersonalDataService
from bot.telegram.filters import PressOf


class PasswordChangeAction(FormAction):
    """Old password, new one, its repetition; the draft keeps only the hash of the new one."""

    def __init__(self, accounts: Accounts, passwords: Passwords) -> None:
        self._accounts = accounts
        self._passwords = passwords

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str
    ) -> str | None:
        match field.key:
            case "old":
                account = context.require_account()
                await self._accounts.check_password(account.id, context.chat.address, answer)
            case "new":
                return await self._passwords.prepare(context.require_account().id, answer)
            case "repeat":
                await self._passwords.check_repeated(draft.answers["new"], answer)
        return None

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        account = context.require_account()
        await self._passwords.change(account.id, context.chat.address, draft.answers["new"])
        return FormResult(views=(views.profile.render_password_changed(context.texts),))


class ContactChangeAction(FormAction):
    """Changes the name or the phone at once."""

    def __init__(self, contact_changes: ContactChanges) -> None:
        self._contact_changes = contact_changes

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        what = Contact.PHONE if form.name == "phone" else Contact.NAME
        (value,) = draft.answers.values()
        account = await self._contact_changes.change(
            context.require_account().id, context.chat.address, what, value
        )
        return _build_changed(context, account)


class EmailChangeAction(FormAction):
    """The new email, the password, then the code that came to the new email."""

    def __init__(self, accounts: Accounts, contact_changes: ContactChanges, mailer: Mailer) -> None:
        self._accounts = accounts
        self._contact_changes = contact_changes
        self._mailer = mailer

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str
    ) -> str | None:
        account, address = context.require_account(), context.chat.address
        match field.key:
            case "email":
                is_confirmed = field.key in draft.confirmed
                await check_new_email(self._mailer, answer, is_confirmed=is_confirmed)
                if answer == account.email:
                    raise Rejected("email-same")
            case "password":
                await self._accounts.check_password(account.id, address, answer)
                await self._contact_changes.send_code(account.id, address, draft.answers["email"])
            case "code":
                email = draft.answers["email"]
                await self._contact_changes.change_email(account.id, address, email, answer)
        return None

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        account = replace(context.require_account(), email=draft.answers["email"])
        return _build_changed(context, account)


def _build_changed(context: ChatContext, account: Account) -> FormResult:
    """The profile as it is now."""
    view = views.profile.render_profile(account, context.company, context.texts, changed=True)
    return FormResult(views=(view,))


class AccountDeletionAction(FormAction):
    """Erases the account once its password was repeated."""

    def __init__(self, accounts: Accounts, personal_data: PersonalDataService) -> None:
        self._accounts = accounts
        self._personal_data = personal_data

    async def validate(
        self, context: ChatContext, field: Field, draft: Draft, answer: str
    ) -> str | None:
        account = context.require_account()
        await self._accounts.check_password(account.id, context.chat.address, answer)
        return None

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        await self._personal_data.erase(context.require_account().id, context.chat.address)
        return FormResult(views=(views.profile.render_deleted(context.texts),))


async def _show_sessions(context: ChatContext, account: Account, accounts: Accounts) -> None:
    sessions = await accounts.list_sessions(account.id)
    await context.screen.show(
        views.profile.render_sessions(
            sessions, context.chat.address, context.company, context.texts
        )
    )


def build_profile_router() -> Router:
    router = Router(name="profile")

    @router.callback_query(PressOf(Go(to="profile")), LoggedIn())
    async def open_profile(_: CallbackQuery, context: ChatContext, account: Account) -> None:
        await context.screen.show(
            views.profile.render_profile(account, context.company, context.texts)
        )

    @router.callback_query(PressOf(Go(to="contact")), LoggedIn())
    async def choose_contact(_: CallbackQuery, context: ChatContext, account: Account) -> None:
        await context.screen.show(views.profile.render_contacts(account, context.texts))

    @router.callback_query(PressOf(Go(to="name"), Go(to="phone"), Go(to="email")), LoggedIn())
    async def open_contact_form(
        _: CallbackQuery, callback_data: Go, context: ChatContext, account: Account, forms: Forms
    ) -> None:
        legal_name = callback_data.to == "name" and account.category is Category.LEGAL
        await forms.open(context, FormId("organisation" if legal_name else callback_data.to))

    @router.callback_query(PressOf(Go(to="password")), LoggedIn())
    async def open_password_form(_: CallbackQuery, context: ChatContext, forms: Forms) -> None:
        await forms.open(context, FormId("password"))

    @router.callback_query(PressOf(Go(to="answer_channel")), LoggedIn())
    async def ask_answer_channel(_: CallbackQuery, context: ChatContext) -> None:
        await context.screen.show(views.profile.render_answer_channels(context.texts))

    @router.callback_query(ChooseAnswerChannel.filter(), LoggedIn())
    async def choose_answer_channel(
        _: CallbackQuery,
        callback_data: ChooseAnswerChannel,
        context: ChatContext,
        account: Account,
        accounts: Accounts,
    ) -> None:
        channel = callback_data.channel
        await accounts.set_answer_channel(account.id, channel)
        await context.screen.show(views.profile.render_answer_channel_set(channel, context.texts))

    @router.callback_query(PressOf(Go(to="sessions")), LoggedIn())
    async def list_sessions(
        _: CallbackQuery, context: ChatContext, account: Account, accounts: Accounts
    ) -> None:
        await _show_sessions(context, account, accounts)

    @router.callback_query(EndSession.filter(), LoggedIn())
    async def end_session(
        _: CallbackQuery,
        callback_data: EndSession,
        context: ChatContext,
        account: Account,
        accounts: Accounts,
    ) -> None:
        # An old button may carry this chat's own id; «Выйти» in the menu is for that.
        if callback_data.id != context.chat.id:
            await accounts.end_session(account.id, Address.from_id(callback_data.id))
        await _show_sessions(context, account, accounts)

    @router.callback_query(PressOf(Go(to="site")), LoggedIn())
    async def open_site(
        _: CallbackQuery, context: ChatContext, account: Account, linking: Linking
    ) -> None:
        token = await linking.issue(account.id, TokenPurpose.SITE)
        await context.screen.show(
            views.profile.render_site_link(token, context.company, context.texts)
        )

    @router.callback_query(PressOf(Go(to="my_data")), LoggedIn())
    async def order_export(
        _: CallbackQuery, context: ChatContext, account: Account, personal_data: PersonalDataService
    ) -> None:
        await personal_data.ask_export(account.id, context.chat.id)
        await context.screen.show(views.profile.render_export_ordered(context.texts))

    @router.callback_query(PressOf(Go(to="deletion")), LoggedIn())
    async def explain_deletion(_: CallbackQuery, context: ChatContext) -> None:
        await context.screen.show(views.profile.render_deletion(context.texts))

    @router.callback_query(PressOf(Go(to="deletion_on")), LoggedIn())
    async def open_deletion_form(_: CallbackQuery, context: ChatContext, forms: Forms) -> None:
        await forms.open(context, FormId("deletion"))

    return router
