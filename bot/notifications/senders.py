"""Senders of notices: methods marked with ``@register_sender``, looked up by notice class."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.db.database import Database, Tx
from bot.db.outbox import LeasedNotice
from bot.formatting.company import Company
from bot.notices import NOTICE_TYPES, Notice
from bot.request_types import Catalogue
from bot.services.clock import Clock
from bot.telegram.messenger import Messenger
from bot.texts import Texts, Translations

Record = Callable[[Tx], Awaitable[None]]
"""Stores what a delivery changed, in the transaction that marks the notice as done."""

NoticeSender = Callable[[LeasedNotice[Any]], Awaitable[Record | None]]
"""Delivers one notice; what it raises decides whether the notice is tried again."""

S = TypeVar("S")
N = TypeVar("N", bound=Notice)
R = TypeVar("R", bound=Record | None)

_Method = Callable[[S, LeasedNotice[N]], Coroutine[Any, Any, R]]

_notice_types: dict[Callable[..., object], type[Notice]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderContext:
    """What all senders share."""

    database: Database
    messenger: Messenger
    translations: Translations
    catalogue: Catalogue
    company: Company
    clock: Clock

    @property
    def staff_texts(self) -> Texts:
        """The staff read the first language."""
        return self.translations.get_texts(self.translations.locales[0])


def register_sender(notice_type: type[N]) -> Callable[[_Method[S, N, R]], _Method[S, N, R]]:
    """Marks the method that delivers notices of this class."""

    def mark(method: _Method[S, N, R]) -> _Method[S, N, R]:
        _notice_types[method] = notice_type
        return method

    return mark


def collect_senders(*owners: object) -> Mapping[type[Notice], NoticeSender]:
    """The marked methods of these objects; raises TypeError unless each class has exactly one."""
    senders: dict[type[Notice], NoticeSender] = {}
    for owner in owners:
        for name, method in vars(type(owner)).items():
            notice_type = _notice_types.get(method) if callable(method) else None
            if notice_type is None:
                continue
            if notice_type in senders:
                raise TypeError(f"two senders for {notice_type.__name__}")
            senders[notice_type] = getattr(owner, name)
    if missing := set(NOTICE_TYPES.values()) - set(senders):
        raise TypeError(f"no sender for {sorted(one.__name__ for one in missing)}")
    return senders
