"""Parameters of handlers and filters against what the dispatcher provides, name by name."""

import ast
import inspect
import textwrap
from collections.abc import Awaitable, Callable, Collection, Iterator
from types import UnionType
from typing import Any, get_args, get_type_hints

import pytest
from aiogram import Router
from aiogram.dispatcher.event.handler import CallableObject
from aiogram.dispatcher.event.telegram import TelegramEventObserver
from aiogram.types import Chat, TelegramObject

from tests.support.in_process import STAFF_CHAT_ID, InProcessCabinet

Provided = dict[str, Any]

#: Keys that are provided with a value that only a filter knows.
_BY_FILTER = object()
_EVENTS = ("message", "edited_message", "callback_query")


async def capture(cabinet: InProcessCabinet) -> dict[tuple[str, str], Provided]:
    """What middlewares provide before any filter, by kind of event and of chat."""
    captured: dict[tuple[str, str], Provided] = {}
    dispatcher = cabinet.app.dispatcher

    def capture_as(
        event_name: str,
    ) -> Callable[[Callable[..., Awaitable[Any]], TelegramObject, Provided], Awaitable[None]]:
        async def middleware(
            _: Callable[..., Awaitable[Any]], __: TelegramObject, data: Provided
        ) -> None:
            chat: Chat = data["event_chat"]
            captured[event_name, chat.type] = dict(data)

        return middleware

    consumer = await cabinet.add_consumer()
    for name in _EVENTS:
        dispatcher.observers[name].outer_middleware(capture_as(name))
    telegram = cabinet.telegram
    for chat_id in (consumer.user_id, STAFF_CHAT_ID):
        sent = telegram.send(chat_id, consumer.user_id, text="слова")
        telegram.edit(chat_id, consumer.user_id, sent["message_id"], "другие слова")
        telegram.press(chat_id, consumer.user_id, sent["message_id"], "go:menu")
    await cabinet.take_updates()
    return captured


def walk(router: Router, path: tuple[Router, ...] = ()) -> Iterator[tuple[Router, ...]]:
    """Every router with those above it, from the dispatcher down."""
    path = (*path, router)
    yield path
    for below in router.sub_routers:
        yield from walk(below, path)


def keys_of(a_filter: CallableObject) -> set[str]:
    """Names in the dictionaries that a filter builds: what it provides when it passes."""
    call = type(a_filter.callback).__call__
    source = ast.parse(textwrap.dedent(inspect.getsource(call)))
    return {
        key.value
        for node in ast.walk(source)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def name_of(called: CallableObject) -> str:
    callback = called.callback
    owner = callback if inspect.isfunction(callback) else type(callback)
    return f"{owner.__module__}.{owner.__name__}"


def find_faults(
    called: CallableObject, provided: Provided, anywhere: Collection[str]
) -> Iterator[str]:
    """Parameters that are not provided, or with a value of another class."""
    callback = called.callback
    function = callback if inspect.isfunction(callback) else type(callback).__call__
    # aiogram imports some of its classes for type checkers only.
    hints = get_type_hints(function) if function.__module__.startswith("bot.") else {}
    parameters = list(inspect.signature(callback).parameters.values())
    for parameter in parameters[1:]:
        if parameter.name not in provided:
            # One with a default may be provided for other kinds of events.
            if parameter.default is parameter.empty or parameter.name not in anywhere:
                yield f"{name_of(called)}: nothing provides {parameter.name!r}"
            continue
        value, hint = provided[parameter.name], hints.get(parameter.name)
        classes = get_args(hint) if isinstance(hint, UnionType) else (hint,)
        # A protocol such as Clock has no instances.
        known = tuple(
            one for one in classes if inspect.isclass(one) and not getattr(one, "_is_protocol", 0)
        )
        if value is not _BY_FILTER and known and not isinstance(value, known):
            yield f"{name_of(called)}: {parameter.name!r} is a {type(value).__name__}"


def check_path(
    path: tuple[Router, ...], name: str, provided: Provided, anywhere: Collection[str] = ()
) -> Iterator[tuple[CallableObject, list[str]]]:
    """Filters and handlers of the last router, each with its faults; filters provide for later."""
    provided = dict(provided)
    for router in path:
        observer: TelegramEventObserver = router.observers[name]
        for root_filter in observer._handler.filters or ():
            if router is path[-1]:
                yield root_filter, list(find_faults(root_filter, provided, anywhere))
            provided |= dict.fromkeys(keys_of(root_filter), _BY_FILTER)
    for handler in path[-1].observers[name].handlers:
        for_handler = dict(provided)
        for one in handler.filters or ():
            yield one, list(find_faults(one, for_handler, anywhere))
            for_handler |= dict.fromkeys(keys_of(one), _BY_FILTER)
        yield handler, list(find_faults(handler, for_handler, anywhere))


async def test_handlers_and_filters_ask_for_what_is_provided(cabinet: InProcessCabinet) -> None:
    captured = await capture(cabinet)
    assert len(captured) == 2 * len(_EVENTS)
    anywhere = set().union(*captured.values())
    checked, faults = 0, []
    for path in walk(cabinet.app.dispatcher):
        names = {router.name for router in path}
        # Routers of neither chat are tried in groups; what only private chats have is missing.
        chat = "private" if "private" in names else "supergroup"
        for name in _EVENTS:
            for _, found in check_path(path, name, captured[name, chat], anywhere):
                checked += 1
                faults += found
    assert not faults, "\n".join(faults)
    assert checked > 100


async def test_the_error_handler_asks_for_what_is_provided(
    cabinet: InProcessCabinet, caplog: pytest.LogCaptureFixture
) -> None:
    captured: Provided = {}

    async def fail(_: Any, __: TelegramObject, ___: Provided) -> None:
        raise ZeroDivisionError

    async def keep(handler: Any, event: TelegramObject, data: Provided) -> Any:
        captured.update(data)
        return await handler(event, data)

    dispatcher = cabinet.app.dispatcher
    dispatcher.message.outer_middleware(fail)
    dispatcher.errors.outer_middleware(keep)
    phone = cabinet.add_phone()
    await phone.say("/start")
    assert "ответы" in phone.screen
    caplog.clear()
    found = [
        one
        for path in walk(dispatcher)
        for _, faults in check_path(path, "error", captured)
        for one in faults
    ]
    assert not found, "\n".join(found)
    assert captured["context"].chat.id == phone.user_id
