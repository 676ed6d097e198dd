"""Commands and plain screens: they work anywhere and never lose a draft, but for /cancel."""

from aiogram import Bot, F, Router
from aiogram.filters import Command, CommandStart
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    CallbackQuery,
    Message,
)

from bot import views
from bot.handlers.consumer.context import ChatContext
from bot.handlers.consumer.forms import Forms
from bot.handlers.staff.commands import COMMANDS
from bot.keyboards import ChooseLanguage, Go
from bot.services.accounts import Accounts
from bot.texts import Translations
from bot.views.view import Company

_CONSUMER_COMMANDS = ("start", "menu", "help", "cancel", "language")


async def set_menus(bot: Bot, library: Translations, staff_chat_id: int | None) -> None:
    """Fills Telegram's command menus, by scope and language."""
    for locale in library.locales:
        texts = library.get_texts(locale)
        await bot.set_my_commands(
            [
                BotCommand(command=name, description=texts(f"command-{name}"))
                for name in _CONSUMER_COMMANDS
            ],
            scope=BotCommandScopeAllPrivateChats(),
            language_code=None if locale == library.locales[0] else locale,
        )
    if staff_chat_id is not None:
        texts = library.get_texts(library.locales[0])
        await bot.set_my_commands(
            [
                BotCommand(command=name, description=texts(f"command-staff-{name}"))
                for name in COMMANDS
            ],
            scope=BotCommandScopeChat(chat_id=staff_chat_id),
        )


async def show_menu(visit: ChatContext) -> None:
    """The menu of a guest or of a consumer; a form in hand waits behind its button."""
    unfinished = visit.conversation.draft is not None
    await visit.screen.show(views.menus.render_menu(visit.chat, visit.texts, unfinished=unfinished))


async def cancel(visit: ChatContext, forms: Forms) -> None:
    await forms.drop(visit)
    await show_menu(visit)


def build_commands_router() -> Router:
    router = Router(name="commands")

    @router.message(CommandStart())
    @router.message(Command("menu"))
    async def menu_command(_: Message, visit: ChatContext) -> None:
        await show_menu(visit)

    @router.callback_query(Go.filter(F.to == "menu"))
    async def menu_pressed(_: CallbackQuery, visit: ChatContext) -> None:
        await show_menu(visit)

    @router.message(Command("cancel"))
    async def cancel_command(_: Message, visit: ChatContext, forms: Forms) -> None:
        await cancel(visit, forms)

    @router.callback_query(Go.filter(F.to == "discard"))
    async def discard_pressed(_: CallbackQuery, visit: ChatContext, forms: Forms) -> None:
        await cancel(visit, forms)

    @router.message(Command("help"))
    async def help_command(_: Message, visit: ChatContext, company: Company) -> None:
        unfinished = visit.conversation.draft is not None
        await visit.screen.show(
            views.menus.render_help(company, visit.texts, unfinished=unfinished)
        )

    @router.message(Command("language"))
    async def language_command(_: Message, visit: ChatContext, library: Translations) -> None:
        await visit.screen.show(views.menus.render_languages(library.locales, visit.texts))

    @router.callback_query(Go.filter(F.to == "language"))
    async def language_pressed(_: CallbackQuery, visit: ChatContext, library: Translations) -> None:
        await visit.screen.show(views.menus.render_languages(library.locales, visit.texts))

    @router.callback_query(ChooseLanguage.filter())
    async def language_chosen(
        _: CallbackQuery,
        callback_data: ChooseLanguage,
        visit: ChatContext,
        accounts: Accounts,
        library: Translations,
    ) -> None:
        if callback_data.locale in library.locales:
            await accounts.set_locale(visit.chat.id, callback_data.locale)
            visit = visit.with_language(
                library.get_texts(callback_data.locale), await accounts.get_chat(visit.chat.id)
            )
        await show_menu(visit)

    @router.callback_query(Go.filter(F.to == "resume"))
    async def resume_pressed(_: CallbackQuery, visit: ChatContext, forms: Forms) -> None:
        if visit.conversation.draft is None:
            await show_menu(visit)
        else:
            await forms.resume(visit)

    return router
