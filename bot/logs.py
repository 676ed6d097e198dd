"""Logging to standard error: plain lines for people or JSON for collectors; ids, never texts."""

import logging
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from bot import __version__

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def configure(level: str, form: str, context: Callable[[], Mapping[str, int | str]]) -> None:
    """Sets the root logger up. ``context``: ids of what is in hand when a line is written."""

    def with_context(record: logging.LogRecord) -> bool:
        ids = context()
        if form == "json":
            record.__dict__.update(ids)
        else:
            record.context = " ".join(f"{name}={value}" for name, value in ids.items()) or "-"
        return True

    formatter = (
        JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s")
        if form == "json"
        else logging.Formatter("%(asctime)s %(levelname)-7s %(name)s [%(context)s] %(message)s")
    )
    # UTC in ISO 8601: lines of several machines, and of the hour that a clock repeats, keep order.
    formatter.converter = time.gmtime
    formatter.default_time_format, formatter.default_msec_format = "%Y-%m-%dT%H:%M:%S", "%s.%03dZ"
    # The message of an exception may hold what a person typed; its kind and place do not.
    formatter.formatException = _describe_error  # type: ignore[method-assign,assignment]
    handler = logging.StreamHandler()
    handler.addFilter(with_context)
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # aiogram repeats each update's fate, aiohttp each call: the bot's own lines say more.
    for chatty in ("aiogram.event", "aiohttp.access", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    sys.excepthook = _log_uncaught


def report_to(dsn: str) -> None:
    """Sends lines at ERROR to Sentry too, without the words of exceptions and without variables."""
    # Most run without it, and it is slow to import.
    import sentry_sdk  # noqa: PLC0415
    from sentry_sdk.integrations.atexit import AtexitIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.logging import LoggingIntegration  # noqa: PLC0415

    sentry_sdk.init(
        dsn,
        default_integrations=False,
        integrations=[
            LoggingIntegration(level=None, event_level=logging.ERROR),
            # The last words are sent before the process ends.
            AtexitIntegration(callback=lambda _pending, _timeout: None),
        ],
        before_send=_strip_texts,
        include_local_variables=False,
        max_breadcrumbs=0,
        release=f"cabinet@{__version__}",
        send_default_pii=False,
        shutdown_timeout=1,
    )


def get_place(error: BaseException) -> str:
    """Where an exception was raised, as lines of files and functions.

    Its message stays out: it may hold what a person typed.
    """
    return _format_place(error.__traceback__)


def _format_place(place: TracebackType | None) -> str:
    return "".join(traceback.format_tb(place))


def _strip_texts(event: Any, _: Any) -> Any:
    """What an exception says may be what a person typed; its kind and place stay."""
    for error in event.get("exception", {}).get("values", []):
        error["value"] = ""
    return event


def _describe_error(info: _ExcInfo) -> str:
    kind, _, place = info
    return _format_place(place) + (kind.__name__ if kind else "")


def _log_uncaught(
    kind: type[BaseException], error: BaseException, place: TracebackType | None
) -> None:
    """What ends the process is told like any other error: without its message."""
    log = logging.getLogger(__name__)
    log.critical("the process ends", exc_info=(kind, error, place))
