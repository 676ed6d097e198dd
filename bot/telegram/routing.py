"""Routing by a table: one look tells which button a press is of, and which command a text is.

aiogram asks the filters of every handler in turn, sixty of them for a press, and passes everything
that any handler may ask for along with each call, as keywords: that took a third of an update.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from aiogram import BaseMiddleware, Router
from aiogram.dispatcher.event.bases import UNHANDLED, SkipHandler
from aiogram.dispatcher.event.handler import CallableObject, HandlerObject
from aiogram.dispatcher.router import INTERNAL_UPDATE_TYPES
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackQueryFilter
from aiogram.types import CallbackQuery, Message, TelegramObject, Update
from aiogram.types.update import UpdateTypeLookupError

from bot.telegram.filters import PressOf

Data = dict[str, Any]
Handler = Callable[[TelegramObject, Data], Awaitable[Any]]


class DirectRouting(BaseMiddleware):
    """Finds the handler of an update and calls it, in place of aiogram: it is the last middleware.

    Of the routers below ``root``, those directly below may have filters for all their handlers;
    middlewares are those of ``root`` alone.
    """

    def __init__(self, root: Router) -> None:
        self._root = root

    async def __call__(self, handler: Handler, event: TelegramObject, data: Data) -> Any:
        if not isinstance(event, Update):
            raise TypeError("DirectRouting belongs to updates")
        try:
            kind = event.event_type
        except UpdateTypeLookupError:
            return await handler(event, data)
        find = _wrap(self._root.observers[kind].outer_middleware, partial(self._find, kind))
        return await find(getattr(event, kind), {**data, "event_update": event})

    async def _find(self, kind: str, event: TelegramObject, data: Data) -> Any:
        for table in self._tables[kind]:
            given = dict(data)
            if not await _check(table.filters, event, given):
                continue
            for handler in table.select(event):
                for_handler = {**given, "handler": handler}
                if await _check(handler.filters, event, for_handler):
                    call = _wrap(self._root.observers[kind].middleware, partial(_run, handler))
                    try:
                        return await call(event, for_handler)
                    except SkipHandler:
                        continue
        return UNHANDLED

    @cached_property
    def _tables(self) -> Mapping[str, Sequence["_Table"]]:
        """By kind of event; made for the first update, when all routers are below."""
        return {
            kind: [_Table(router, kind) for router in self._root.sub_routers]
            for kind in self._root.observers
            if kind not in INTERNAL_UPDATE_TYPES
        }


class _Table:
    """The handlers of a router and those below it, by the keys of their first filters."""

    def __init__(self, router: Router, kind: str) -> None:
        self.filters = router.observers[kind]._handler.filters  # noqa: SLF001
        handlers = [(one, _list_keys(one)) for one in _iterate_handlers(router, kind)]

        def gather(*keys: str) -> list[HandlerObject]:
            return [one for one, own in handlers if own is None or not own.isdisjoint(keys)]

        known = {key for _, own in handlers for key in own or ()}
        self._by_key = {key: gather(key, _find_prefix(key)) for key in known}
        self._others = gather()

    def select(self, event: TelegramObject) -> Sequence[HandlerObject]:
        """Those that the event may concern, in their order."""
        key = _find_key(event)
        return self._by_key.get(key) or self._by_key.get(_find_prefix(key)) or self._others


def _iterate_handlers(router: Router, kind: str) -> Iterator[HandlerObject]:
    yield from router.observers[kind].handlers
    for below in router.sub_routers:
        yield from _iterate_handlers(below, kind)


def _list_keys(handler: HandlerObject) -> frozenset[str] | None:
    """Keys of the events that the first filter may pass; None: any event."""
    first = handler.filters[0].callback if handler.filters else None
    match first:
        case PressOf():
            return frozenset(first.buttons)
        case CallbackQueryFilter():
            return frozenset({first.callback_data.__prefix__})
        case Command() if all(isinstance(one, str) for one in first.commands):
            return frozenset(f"{first.prefix}{one}" for one in first.commands)
    return None


def _find_key(event: TelegramObject) -> str:
    """The data of the pressed button; the first word of a message, without the bot's name."""
    if isinstance(event, CallbackQuery):
        return event.data or ""
    if isinstance(event, Message) and (words := (event.text or event.caption or "").split(None, 1)):
        return words[0].partition("@")[0]
    return ""


def _find_prefix(key: str) -> str:
    """Tells the kind of a button, see ``CallbackData``."""
    return key.partition(":")[0]


def _wrap(middlewares: Iterable[Any], call: Handler) -> Handler:
    for one in reversed([*middlewares]):
        call = partial(one, call)
    return call


async def _check(
    filters: Iterable[CallableObject] | None, event: TelegramObject, data: Data
) -> bool:
    """Whether all filters pass; puts what they provide into ``data``."""
    for one in filters or ():
        provided = await _run(one, event, data)
        if not provided:
            return False
        if isinstance(provided, dict):
            data.update(provided)
    return True


async def _run(called: CallableObject, event: TelegramObject, data: Data) -> Any:
    """Calls a filter or handler with what it asks for."""
    return await called.call(event, **{name: data[name] for name in called.params if name in data})
