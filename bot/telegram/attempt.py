"""An attempt at handling an update: what handlers of errors know about the ones before."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Attempt:
    """``last``: no attempt follows, so the person has to be told; ``notified``: this was done.

    ``secret``: the update answers a secret question. ``expect_wait``: tells the inbox that the
    update waits for others, so that it is stored and acknowledged at once.
    """

    last: bool
    expect_wait: Callable[[], None]
    notified: bool = False
    secret: bool = False


#: None outside of the inbox, where an update is handled once.
current_attempt: ContextVar[Attempt | None] = ContextVar("current_attempt", default=None)
