"""Prometheus metrics: counters, timers and gauges; labels are kinds of things, never people.

Each counter that an alert watches stands at 0 from the start, as Prometheus sees no increase in a
series that begins with its first failure; a gauge returns to 0, as one that vanishes keeps its last
value in the eyes of ``min_over_time``.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from bot import __version__

#: Seconds: a screen, a hashed password, a scan on its way, a slow gateway.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60)

_COUNTERPARTS = ("mail", "askue")
UPDATE_OUTCOMES = ("handled", "unhandled", "repeated", "refused", "blocked", "failed")
NOTICE_OUTCOMES = ("sent", "put_off", "failed", "given_up")


class Metrics:
    """One registry for one process."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        Info("cabinet_build", "What runs", registry=registry).info({"version": __version__})
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self._updates = Counter(
            "cabinet_updates",
            "Updates by kind; repeated, refused by a limit, handled, not for the bot, failed, of "
            "a person who has blocked the bot",
            ["kind", "outcome"],
            registry=registry,
        )
        self._handlers = Histogram(
            "cabinet_handler_seconds",
            "What a handler took, with its calls of Telegram",
            ["handler"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self._calls = Histogram(
            "cabinet_call_seconds",
            "Calls of others: mail, askue; outcome is ok or what went wrong",
            ["to", "outcome"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self._failed_calls = Counter(
            "cabinet_failed_calls",
            "Calls of others that did not end well",
            ["to"],
            registry=registry,
        )
        for counterpart in _COUNTERPARTS:
            self._failed_calls.labels(counterpart)
        self._notices = Counter(
            "cabinet_notices",
            "Notices by kind; sent, put off, to be tried again, given up",
            ["kind", "outcome"],
            registry=registry,
        )
        self._errors = Counter(
            "cabinet_errors",
            "Lines of the log at ERROR or above, by the part of the bot that wrote them",
            ["part"],
            registry=registry,
        )
        self._waiting = Gauge(
            "cabinet_outbox_waiting",
            "Notices that wait for delivery",
            ["kind"],
            registry=registry,
        )
        self._age = Gauge(
            "cabinet_outbox_age_seconds",
            "For how long the oldest of them waits",
            ["kind"],
            registry=registry,
        )
        self._inbox = Gauge(
            "cabinet_inbox_updates",
            "Updates in the durable inbox: waiting to be handled, or parked until replayed",
            ["state"],
            registry=registry,
        )
        self._database = Gauge(
            "cabinet_database_up",
            "1 when the database told how many notices and updates wait, 0 when these are old",
            registry=registry,
        )
        self._notice_kinds: set[str] = set()

    def expose_kinds(self, *, updates: Iterable[str], notices: Iterable[str]) -> None:
        """Lets what is counted by kind stand at 0 before the first one comes."""
        for kind in updates:
            for outcome in UPDATE_OUTCOMES:
                self._updates.labels(kind, outcome)
        for kind in notices:
            self._notice_kinds.add(kind)
            for outcome in NOTICE_OUTCOMES:
                self._notices.labels(kind, outcome)

    def count_update(self, kind: str, outcome: str) -> None:
        self._updates.labels(kind, outcome).inc()

    def count_notice(self, kind: str, outcome: str) -> None:
        self._notices.labels(kind, outcome).inc()

    def time_handler(self, name: str) -> AbstractContextManager[object]:
        return self._handlers.labels(name).time()

    @contextmanager
    def time_call(self, to: str) -> Iterator[None]:
        """Times a call; an exception that knows its ``code`` is counted under it."""
        begun, outcome = time.perf_counter(), "ok"
        try:
            yield
        except BaseException as error:
            outcome = str(getattr(error, "code", type(error).__name__))
            self._failed_calls.labels(to).inc()
            raise
        finally:
            self._calls.labels(to, outcome).observe(time.perf_counter() - begun)

    def count_errors_of(self, logger: logging.Logger) -> None:
        logger.addHandler(_ErrorCounter(self._errors))
        for name in logger.manager.loggerDict:
            if name.startswith(f"{logger.name}."):
                self._errors.labels(name)

    def render(
        self,
        outbox: Mapping[str, tuple[int, float]] | None,
        inbox: Mapping[str, int] | None,
    ) -> bytes:
        """All of it as Prometheus reads it.

        ``outbox``: by kind, how many notices wait and for how many seconds the oldest one does.
        ``inbox``: how many updates are in each state. None: the database does not answer.
        """
        self._database.set(outbox is not None and inbox is not None)
        for state, count in (inbox or {}).items():
            self._inbox.labels(state).set(count)
        if outbox is not None:
            self._notice_kinds |= outbox.keys()
            for kind in self._notice_kinds:
                count, age = outbox.get(kind, (0, 0.0))
                self._waiting.labels(kind).set(count)
                self._age.labels(kind).set(age)
        return generate_latest(self._registry)


class _ErrorCounter(logging.Handler):
    def __init__(self, errors: Counter) -> None:
        super().__init__(logging.ERROR)
        self._errors = errors

    def emit(self, record: logging.LogRecord) -> None:
        self._errors.labels(record.name).inc()
