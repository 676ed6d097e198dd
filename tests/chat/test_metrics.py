"""What is counted and what is said about failures that need a person."""

import asyncio
import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import web

from bot.integrations.errors import AskueFailed
from bot.metrics import NOTICE_OUTCOMES, UPDATE_OUTCOMES, Metrics
from bot.notifications.backlog_monitor import BacklogMonitor
from sandbox.bot_api.state import ApiError, Fault
from tests.support.in_process import InProcessCabinet, read_metrics
from tests.support.postgres import create_migrated_postgres
from tests.support.tcp_proxy import run_tcp_proxy
from tests.support.world import find_free_port

ROOT = Path(__file__).parents[2]


async def test_updates_handlers_and_notices_are_counted(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    await phone.press("Профиль")
    cabinet.telegram.repeat_update(cabinet.taken[-1])
    await cabinet.take_updates()
    await phone.press("Мои данные")
    cabinet.clock.advance(seconds=90)
    found = await read_metrics(cabinet)
    assert found["cabinet_updates_total message handled"] == 1
    assert found["cabinet_updates_total callback_query handled"] == 2
    assert found["cabinet_updates_total callback_query repeated"] == 1
    assert found["cabinet_handler_seconds_count profile.open_profile"] == 1
    assert found["cabinet_outbox_waiting archive"] == 1
    assert found["cabinet_outbox_age_seconds archive"] == 90
    await cabinet.deliver()
    found = await read_metrics(cabinet)
    assert found["cabinet_notices_total archive sent"] == 1
    assert found["cabinet_outbox_waiting archive"] == 0
    assert found["cabinet_outbox_age_seconds archive"] == 0


async def test_what_an_alert_watches_stands_at_zero_from_the_start(
    cabinet: InProcessCabinet,
) -> None:
    found = await read_metrics(cabinet)
    for kind in ("message", "callback_query", "chat_member"):
        for outcome in UPDATE_OUTCOMES:
            assert found[f"cabinet_updates_total {kind} {outcome}"] == 0
    for notice in ("password_letter", "card", "emergency_card", "status_notice"):
        for outcome in NOTICE_OUTCOMES:
            assert found[f"cabinet_notices_total {notice} {outcome}"] == 0
    assert found["cabinet_failed_calls_total mail"] == 0
    assert found["cabinet_failed_calls_total askue"] == 0
    assert found["cabinet_errors_total bot.handlers.errors"] == 0


async def test_outcomes_are_all_named(cabinet: InProcessCabinet) -> None:
    # An outcome that is not exposed at 0 would hide its first failure.
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    counted = set(re.findall(r'data\["outcome"\](?:, result)? = "(\w+)"', source))
    assert counted <= set(UPDATE_OUTCOMES)
    assert set(re.findall(r'_on_outcome\(\S+, "(\w+)"\)', source)) == set(NOTICE_OUTCOMES)


async def test_metrics_are_given_while_the_database_is_away(tmp_path: Path) -> None:
    cabinet = InProcessCabinet(tmp_path)
    async with create_migrated_postgres() as url, run_tcp_proxy(5432) as line:
        cabinet.settings["database_url"] = url.replace(":5432/", f":{line.port}/")
        async with cabinet.run():
            phone = await cabinet.add_consumer()
            await phone.press("Профиль")
            await phone.press("Мои данные")
            found = await read_metrics(cabinet)
            assert (found["cabinet_database_up"], found["cabinet_outbox_waiting archive"]) == (1, 1)
            line.away = True
            await cabinet.app.database._engine.dispose()
            found = await read_metrics(cabinet)
            # The last known number: nobody knows that it is 0.
            assert (found["cabinet_database_up"], found["cabinet_outbox_waiting archive"]) == (0, 1)
            line.away = False
            assert (await read_metrics(cabinet))["cabinet_database_up"] == 1


async def test_failures_are_counted_by_their_kind(
    cabinet: InProcessCabinet, caplog: pytest.LogCaptureFixture
) -> None:
    phone = cabinet.add_phone()
    cabinet.telegram.faults.append(Fault(method="sendMessage", error=ApiError(400, "Bad Request")))
    await phone.say("/start")
    assert "неполадка" in phone.screen
    found = await read_metrics(cabinet)
    assert found["cabinet_updates_total message failed"] == 1
    assert found["cabinet_errors_total bot.handlers.errors"] == 1
    caplog.clear()
    metrics = Metrics()
    with pytest.raises(AskueFailed), metrics.time_call("askue"):
        raise AskueFailed("slow")
    rendered = metrics.render({}, {})
    assert b'cabinet_call_seconds_count{outcome="slow",to="askue"} 1.0' in rendered
    assert b'cabinet_failed_calls_total{to="askue"} 1.0' in rendered


async def test_notices_that_stand_are_spoken_of_once(
    cabinet: InProcessCabinet, caplog: pytest.LogCaptureFixture
) -> None:
    phone = await cabinet.add_consumer()
    await cabinet.deliver()
    await phone.press("Профиль")
    await phone.press("Мои данные")
    monitor = BacklogMonitor(cabinet.app.database, cabinet.clock)
    await monitor.check()
    assert not list_errors(caplog)
    cabinet.clock.advance(minutes=11)
    for _ in range(3):
        await monitor.check()
    assert len(list_errors(caplog)) == 1
    assert "1 notices (archive) wait" in list_errors(caplog)[0]
    await cabinet.deliver()
    await monitor.check()
    assert len(list_errors(caplog)) == 1
    caplog.clear()


def list_errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR]


_FAILING = """
import logging, sys
from bot import logs
logs.configure("INFO", "console", dict)
logs.report_to(sys.argv[1])
secret = "рыжий кот"
try:
    raise ValueError(f"not a number: {secret}")
except ValueError:
    logging.getLogger("bot.x").exception("update %d failed", 7)
"""


async def test_sentry_hears_kind_and_place_but_no_words() -> None:
    heard: list[bytes] = []

    async def receive(request: web.Request) -> web.Response:
        heard.append(await request.read())
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/api/1/envelope/", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    port = find_free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", _FAILING, f"http://key@127.0.0.1:{port}/1"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            timeout=30,
        )
    finally:
        await runner.cleanup()
    event = decompress(b"".join(heard))
    assert "ValueError" in event, done.stderr
    assert "update %d failed" in event
    assert "рыжий кот" not in event
    assert "\\u0440\\u044b" not in event


def decompress(body: bytes) -> str:
    import gzip

    return (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode()
