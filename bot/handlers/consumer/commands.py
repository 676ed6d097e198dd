"""Handlers of commands and plain screens: they work anywhere, and only /cancel may drop a draft."""

from dataclasses import replace

from aiogram import F, Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import (
    CallbackQuery,
    Message,
)

from bot import views
from bot.fsm.model import FormId
from bot.handlers.consumer.context import ChatContext
from bot.handlers.consumer.forms import Forms
from bot.keyboards import ChooseLanguage, DraftAction, Go, LogInByLink, OpenRequest
from bot.services.accounts import Accounts
from bot.services.linking import Linking, TokenPurpose
from bot.telegram.callback_answer import CallbackAlert
from bot.telegram.filters import PressOf
from bot.texts import Translations

#: ``t.me/<bot>?start=r<id of a request>``.
_REQUEST_LINK = r"^r\d{1,18}$"
#: ``t.me/<bot>?start=l<token>``, of the site's «Получать уведомления в Telegram».
_LOGIN_LINK = r"^l[A-Za-z0-9_-]{43}$"

CONSUMER_COMMANDS = ("start", "menu", "help", "cancel", "language")


def build_commands_router() -> Router:
    router = Router(name="commands")

    @router.message(CommandStart(deep_link=True, magic=F.args.regexp(_REQUEST_LINK)))
    async def open_linked_request(
        _: Message, command: CommandObject, context: ChatContext, forms: Forms
    ) -> None:
        """The link of an email presses the button of its request; a guest logs in first."""
        press = OpenRequest(id=int((command.args or "").removeprefix("r"))).pack()
        if context.chat.account is None:
            context.conversation.press_after_login = press
            await forms.open(context, FormId("login"))
        else:
            context.conversation.resumed_press = press

    @router.message(CommandStart(deep_link=True, magic=F.args.regexp(_LOGIN_LINK)))
    async def confirm_login_by_link(
        _: Message, command: CommandObject, context: ChatContext, linking: Linking
    ) -> None:
        """Asks first: a stranger's link would log in to the stranger's account.

        A chat that is logged in stays with its account.
        """
        if context.chat.account is not None:
            await context.show_menu()
            return
        token = (command.args or "").removeprefix("l")
        owner = await linking.find_account(token, TokenPurpose.CHAT)
        if owner is None:
            await context.screen.show(views.profile.render_link_expired(context.texts))
        else:
            await context.screen.show(
                views.profile.render_link_question(owner, token, context.texts)
            )

    @router.callback_query(LogInByLink.filter())
    async def log_in_by_link(
        _: CallbackQuery,
        callback_data: LogInByLink,
        context: ChatContext,
        linking: Linking,
        accounts: Accounts,
        forms: Forms,
    ) -> None:
        if context.chat.account is None:
            linked = await linking.log_in(
                callback_data.token,
                TokenPurpose.CHAT,
                context.chat.address,
                name=context.sender_name,
            )
            if linked is None:
                await context.screen.show(views.profile.render_link_expired(context.texts))
                return
            chat = await accounts.get_chat(context.chat.id)
            context = replace(context, chat=chat)
            await forms.drop_former(context)
        await context.show_menu()

    @router.message(CommandStart())
    @router.message(Command("menu"))
    async def handle_menu_command(_: Message, context: ChatContext) -> None:
        await context.show_menu()

    @router.callback_query(PressOf(Go(to="menu")))
    async def open_menu(_: CallbackQuery, context: ChatContext) -> None:
        await context.show_menu()

    @router.message(Command("cancel"))
    async def handle_cancel_command(_: Message, context: ChatContext, forms: Forms) -> None:
        await forms.cancel(context)

    @router.message(Command("help"))
    async def show_help(_: Message, context: ChatContext) -> None:
        await context.screen.show(
            views.menus.render_help(
                context.company, context.texts, drafts=await context.get_draft_titles()
            )
        )

    @router.message(Command("language"))
    async def handle_language_command(
        _: Message, context: ChatContext, translations: Translations
    ) -> None:
        await context.screen.show(
            views.menus.render_languages(translations.get_names(), context.texts)
        )

    @router.callback_query(PressOf(Go(to="language")))
    async def open_languages(
        _: CallbackQuery, context: ChatContext, translations: Translations
    ) -> None:
        await context.screen.show(
            views.menus.render_languages(translations.get_names(), context.texts)
        )

    @router.callback_query(ChooseLanguage.filter())
    async def set_language(
        _: CallbackQuery,
        callback_data: ChooseLanguage,
        context: ChatContext,
        accounts: Accounts,
        translations: Translations,
        alert: CallbackAlert,
    ) -> None:
        if callback_data.locale in translations.locales:
            await accounts.set_locale(context.chat.id, callback_data.locale)
            context = context.with_language(
                translations.get_texts(callback_data.locale),
                await accounts.get_chat(context.chat.id),
            )
        else:
            alert.text = context.texts("outdated")
        await context.show_menu()

    @router.callback_query(PressOf(Go(to="resume")))
    async def resume_form(_: CallbackQuery, context: ChatContext, forms: Forms) -> None:
        if context.conversation.draft is None:
            await context.show_menu()
        else:
            await forms.resume(context)

    @router.callback_query(DraftAction.filter())
    async def act_on_draft(
        _: CallbackQuery,
        callback_data: DraftAction,
        context: ChatContext,
        forms: Forms,
        alert: CallbackAlert,
    ) -> None:
        if not await forms.act_on_draft(context, callback_data.act, callback_data.draft):
            alert.text = context.texts("outdated")
            await context.show_menu()

    return router
