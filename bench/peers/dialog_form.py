"""The same three questions by aiogram_dialog, its state in Redis."""

import os

import uvloop
from aiogram import Bot, Dispatcher, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command, CommandStart
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import DefaultKeyBuilder
from aiogram.fsm.storage.memory import SimpleEventIsolation
from aiogram.fsm.storage.redis import RedisStorage
from aiogram.types import Message
from aiogram_dialog import Dialog, DialogManager, StartMode, Window, setup_dialogs
from aiogram_dialog.widgets.input import MessageInput
from aiogram_dialog.widgets.kbd import Back, SwitchTo
from aiogram_dialog.widgets.text import Const, Format


class Form(StatesGroup):
    menu = State()
    consent = State()
    kind = State()
    name = State()
    email = State()
    phone = State()
    review = State()
    cancelled = State()


def _build_input(key: str) -> MessageInput:
    async def save_answer(message: Message, _: MessageInput, manager: DialogManager) -> None:
        manager.dialog_data[key] = message.text
        await manager.next()

    return MessageInput(save_answer)


async def _get_answers(dialog_manager: DialogManager, **_: object) -> dict[str, object]:
    return dict(dialog_manager.dialog_data)


DIALOG = Dialog(
    Window(
        Const("Выберите раздел"),
        SwitchTo(Const("Регистрация"), "open", Form.consent),
        state=Form.menu,
    ),
    Window(
        Const("Шаг 1 из 5. Согласны?"),
        SwitchTo(Const("Согласен"), "agree", Form.kind),
        state=Form.consent,
    ),
    Window(
        Const("Шаг 2 из 5. Кто вы?"),
        SwitchTo(Const("Физическое лицо"), "individual", Form.name),
        state=Form.kind,
    ),
    Window(Const("Шаг 3 из 5. ФИО?"), _build_input("name"), Back(Const("Назад")), state=Form.name),
    Window(
        Const("Шаг 4 из 5. Почта?"), _build_input("email"), Back(Const("Назад")), state=Form.email
    ),
    Window(
        Const("Шаг 5 из 5. Телефон?"), _build_input("phone"), Back(Const("Назад")), state=Form.phone
    ),
    Window(
        Format("Проверьте:\n{name}\n{email}\n{phone}"),
        Back(Const("Назад")),
        state=Form.review,
        getter=_get_answers,
    ),
    Window(
        Const("Удалить черновик?"),
        SwitchTo(Const("Удалить черновик"), "discard", Form.menu),
        state=Form.cancelled,
    ),
)


async def start(_: Message, dialog_manager: DialogManager) -> None:
    await dialog_manager.start(Form.menu, mode=StartMode.RESET_STACK)


async def cancel(_: Message, dialog_manager: DialogManager) -> None:
    await dialog_manager.start(Form.cancelled, mode=StartMode.RESET_STACK)


async def main() -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["TELEGRAM_API_URL"]))
    storage = RedisStorage.from_url(
        os.environ["REDIS_URL"], key_builder=DefaultKeyBuilder(with_destiny=True, with_bot_id=True)
    )
    router = Router()
    router.message.register(start, CommandStart())
    router.message.register(cancel, Command("cancel"))
    # An update of a chat waits for the one before: the state is stored after the answer.
    dispatcher = Dispatcher(storage=storage, events_isolation=SimpleEventIsolation())
    dispatcher.include_routers(router, DIALOG)
    setup_dialogs(dispatcher)
    # The server refuses the updates that aiogram_dialog makes for itself.
    await dispatcher.start_polling(
        Bot(os.environ["BOT_TOKEN"], session=session),
        allowed_updates=["message", "callback_query"],
    )


if __name__ == "__main__":
    uvloop.run(main())
