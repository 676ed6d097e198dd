"""80020 files in a folder and behind a URL: who sees which points, and which file counts."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from aiohttp import web

from bot.integrations.askue import MeterState, open_session
from bot.integrations.askue_80020 import PARSING_LIMITS, Exchange80020, FolderSource, UrlSource
from bot.integrations.askue_access import AccessFileError, AskueAccess, load_access
from bot.integrations.errors import AskueFailed
from bot.integrations.worker_process import WorkerProcess
from sandbox.askue_80020 import HalfHour, build_exchange, build_message
from tests.support.counting_hasher import CountingHasher
from tests.support.web_apps import run_app

MOSCOW = ZoneInfo("Europe/Moscow")
DAY = date(2026, 11, 23)
PASSWORD = "demo123"
POINT = "7701234567/1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "80020"
    made.mkdir()
    return made


@pytest.fixture
async def worker() -> AsyncIterator[WorkerProcess]:
    made = WorkerProcess(PARSING_LIMITS)
    yield made
    await made.close()


@pytest.fixture
async def grant(tmp_path: Path) -> Callable[..., Path]:
    hashed = await CountingHasher().hash(PASSWORD)

    def write(**points: list[str]) -> Path:
        """The access file of consumers with these points."""
        path = tmp_path / "access.yaml"
        content = [
            {"identifier": name, "password_hash": hashed, "points": codes}
            for name, codes in points.items()
        ]
        path.write_text(yaml.safe_dump({"consumers": content}, allow_unicode=True))
        return path

    return write


def write_file(folder: Path, name: str, value: int, *, day: date = DAY, **options: str) -> None:
    """A file with one point, whose active energy is 48 times ``value``."""
    area = (options.pop("inn", "7701234567"), "ТП-12")
    code = options.pop("code", "1")
    message = build_message(day, {f"{code} Ввод": {"01": [value] * 48}}, area=area, **options)  # type: ignore[arg-type]
    (folder / name).write_bytes(message)


def open_exchange(folder: Path, access: Path, worker: WorkerProcess) -> Exchange80020:
    return Exchange80020(
        FolderSource(folder), AskueAccess(access, CountingHasher()), worker, MOSCOW, 20
    )


async def fetch_one(exchange: Exchange80020, identifier: str = "plant") -> MeterState:
    (state,) = await exchange.fetch_states(identifier, PASSWORD)
    return state


async def fetch_failure(exchange: Exchange80020, *credentials: str) -> str:
    with pytest.raises(AskueFailed) as failed:
        await exchange.fetch_states(*(credentials or ("plant", PASSWORD)))
    return failed.value.code


async def test_a_consumer_sees_the_own_points_only(
    folder: Path, grant: Callable[..., Path], worker: WorkerProcess
) -> None:
    channels: dict[str, Sequence[HalfHour]] = {"01": [2] * 48, "02": [0] * 48, "03": ["0,5"] * 47}
    points = {"1 Ввод 1": channels, "2 Ввод 2": channels, "3 Чужой": channels}
    message = build_message(DAY, points, formed="20261124053000")
    (folder / "a.xml").write_bytes(message)
    exchange = open_exchange(
        folder, grant(plant=["7701234567/1", "7701234567/9"], shop=["7701234567/3"]), worker
    )
    first, missing = await exchange.fetch_states("plant", PASSWORD)
    assert (first.object_name, first.meter_name) == ("ТП-12", "Ввод 1")
    assert first.energies == (Decimal(96), Decimal(0), Decimal("23.5"), None)
    assert first.received_at == datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
    assert (first.day, first.gaps) == (DAY, 1)
    assert (missing.object_name, missing.meter_name) == ("", "9")
    assert missing.energies == (None,) * 4
    assert missing.day is None
    assert (await fetch_one(exchange, "shop")).meter_name == "Чужой"
    assert await exchange.count_points() == 3


@pytest.mark.parametrize(
    "credentials", [("plant", "wrong"), ("nobody", PASSWORD), ("plant", ""), ("Plant", PASSWORD)]
)
async def test_strangers_are_refused_before_a_file_is_read(
    tmp_path: Path,
    grant: Callable[..., Path],
    worker: WorkerProcess,
    credentials: tuple[str, str],
) -> None:
    exchange = open_exchange(tmp_path / "missing", grant(plant=[POINT]), worker)
    assert await fetch_failure(exchange, *credentials) == "refused"
    assert await fetch_failure(exchange) == "down"


async def test_access_ends_at_once(
    folder: Path, grant: Callable[..., Path], worker: WorkerProcess
) -> None:
    write_file(folder, "a.xml", 1)
    exchange = open_exchange(folder, grant(plant=[POINT], shop=[POINT]), worker)
    assert (await fetch_one(exchange, "shop")).active_import == 48
    access = grant(plant=[POINT])
    assert await fetch_failure(exchange, "shop", PASSWORD) == "refused"
    assert (await fetch_one(exchange)).active_import == 48
    # A wrong file lets nobody in until it is mended.
    access.write_text("consumers: [")
    assert await fetch_failure(exchange) == "down"
    access.unlink()
    assert await fetch_failure(exchange) == "down"
    grant(plant=[POINT], other=[POINT])
    assert (await fetch_one(exchange)).active_import == 48


async def test_the_newest_day_and_its_last_file_win(
    folder: Path, grant: Callable[..., Path], worker: WorkerProcess
) -> None:
    exchange = open_exchange(folder, grant(plant=[POINT]), worker)
    write_file(folder, "b.xml", 1, formed="20261124010000")
    assert (await fetch_one(exchange)).active_import == 48
    write_file(folder, "a.xml", 2, formed="20261124090000")  # a correction
    assert (await fetch_one(exchange)).active_import == 96
    write_file(folder, "c.xml", 3, formed="20261124050000")  # an older one that came late
    assert (await fetch_one(exchange)).active_import == 96
    write_file(folder, "d.XML", 4, day=date(2026, 11, 22), formed="20261125090000")
    assert (await fetch_one(exchange)).active_import == 96
    write_file(folder, "e.xml", 5, day=date(2026, 11, 24))
    assert (await fetch_one(exchange)).active_import == 240
    (folder / "e.xml").unlink()
    assert (await fetch_one(exchange)).active_import == 96


async def test_of_equal_files_the_one_that_came_last_wins(
    folder: Path, grant: Callable[..., Path], worker: WorkerProcess
) -> None:
    for number, name in enumerate(("b.xml", "c.xml", "a.xml"), 1):
        write_file(folder, name, number)
        os.utime(folder / name, (number, number))
    exchange = open_exchange(folder, grant(plant=[POINT]), worker)
    assert (await fetch_one(exchange)).active_import == 3 * 48


async def test_a_code_of_two_areas_is_two_points(
    folder: Path, grant: Callable[..., Path], worker: WorkerProcess
) -> None:
    write_file(folder, "a.xml", 1, inn="7701234567")
    write_file(folder, "b.xml", 2, inn="7707083893")
    write_file(folder, "c.xml", 3, inn="")
    access = grant(plant=[POINT], shop=["7707083893/1"], none=["5001007322/1"], bare=["/1"])
    exchange = open_exchange(folder, access, worker)
    assert (await fetch_one(exchange)).active_import == 48
    assert (await fetch_one(exchange, "shop")).active_import == 96
    assert (await fetch_one(exchange, "none")).active_import is None
    assert (await fetch_one(exchange, "bare")).active_import == 144
    # When the files of one area end, the other's take not its place.
    (folder / "a.xml").unlink()
    assert (await fetch_one(exchange)).active_import is None


async def test_rubbish_beside_a_good_file_hides_nothing(
    folder: Path, grant: Callable[..., Path], worker: WorkerProcess
) -> None:
    exchange = open_exchange(folder, grant(plant=[POINT]), worker)
    assert await fetch_failure(exchange) == "down"
    (folder / "half.xml").write_bytes(build_message(DAY, {"1 Ввод": {"01": [1] * 48}})[:500])
    (folder / "day.xml").write_bytes(
        build_message(DAY, {"1 Ввод": {"01": [1]}}).replace(b"<day>20261123", b"<day>20261199")
    )
    (folder / "empty.xml").write_bytes(b"")
    (folder / "notes.txt").write_bytes(build_message(DAY, {"1 Ввод": {"01": [1] * 48}}))
    (folder / "deep.xml").mkdir()
    assert await fetch_failure(exchange) == "strange"
    write_file(folder, "good.xml", 2, day=date(2026, 11, 22))
    assert (await fetch_one(exchange)).active_import == 96
    # The half-written file becomes whole.
    write_file(folder, "half.xml", 3)
    assert (await fetch_one(exchange)).active_import == 144


async def test_what_did_not_change_is_not_read_again(
    folder: Path, grant: Callable[..., Path], worker: WorkerProcess
) -> None:
    exchange = open_exchange(folder, grant(plant=[POINT]), worker)
    write_file(folder, "a.xml", 1)
    await fetch_one(exchange)
    await worker.close()
    assert (await fetch_one(exchange)).active_import == 48


async def test_winter_time_is_the_later_of_two_equal_hours(
    folder: Path, grant: Callable[..., Path], worker: WorkerProcess
) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    access = AskueAccess(grant(plant=[POINT]), CountingHasher())
    for clock, hour in (("1", 0), ("0", 1)):
        write_file(folder, "a.xml", 1, formed="20261025023000", clock=clock)
        os.utime(folder / "a.xml", (hour, hour))
        exchange = Exchange80020(FolderSource(folder), access, worker, berlin, 20)
        received = (await fetch_one(exchange)).received_at
        assert received is not None
        assert received.astimezone(UTC) == datetime(2026, 10, 25, hour, 30, tzinfo=UTC)


async def test_a_url_gives_the_newest_document(
    grant: Callable[..., Path], worker: WorkerProcess
) -> None:
    message = build_message(DAY, {"1 Ввод": {"01": [2] * 48}})
    access = AskueAccess(grant(plant=[POINT]), CountingHasher())
    async with run_app(build_exchange(message, "secret")) as url, open_session(20) as session:
        sources = {
            token: UrlSource(session, f"{url}/80020.xml", token) for token in ("secret", "x", None)
        }
        opened = {
            token: Exchange80020(source, access, worker, MOSCOW, 20)
            for token, source in sources.items()
        }
        assert (await fetch_one(opened["secret"])).active_import == 96
        assert (await fetch_one(opened["secret"])).active_import == 96
        # The company's token is wrong, not what the consumer typed.
        assert await fetch_failure(opened["x"]) == "down"
        assert await fetch_failure(opened[None]) == "down"
    async with open_session(20) as session:
        gone = Exchange80020(UrlSource(session, url, None), access, worker, MOSCOW, 20)
        assert await fetch_failure(gone) == "down"


async def test_a_slow_server_is_not_waited_for(
    grant: Callable[..., Path], worker: WorkerProcess
) -> None:
    async def hang(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    app = web.Application()
    app.router.add_get("/", hang)
    async with run_app(app) as url, open_session(20) as session:
        source = UrlSource(session, url, None)
        access = AskueAccess(grant(plant=[POINT]), CountingHasher())
        exchange = Exchange80020(source, access, worker, MOSCOW, 0.3)
        assert await fetch_failure(exchange) == "slow"


HASH = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$8g8C5dAq2OgA3W3vO3Fk3w"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Input should be"),
        ("consumers: [", "is no YAML"),
        ("consumers: 5", "consumers"),
        ("consumers: []\nmore: 1", "more"),
        (
            f"consumers: [{{identifier: a b, password_hash: {HASH!r}, points: ['7/1']}}]",
            "identifier",
        ),
        (
            f"consumers: [{{identifier: 'a:b', password_hash: {HASH!r}, points: ['7/1']}}]",
            "identif",
        ),
        (
            "consumers: [{identifier: a, password_hash: plain-secret, points: ['7/1']}]",
            "askue-pas",
        ),
        (f"consumers: [{{identifier: a, password_hash: {HASH!r}, points: []}}]", "points"),
        (f"consumers: [{{identifier: a, password_hash: {HASH!r}, points: ['12']}}]", "points"),
        # Without quotes YAML makes a number of a code and drops its zeros.
        (f"consumers: [{{identifier: a, password_hash: {HASH!r}, points: [12]}}]", "valid string"),
        (f"consumers: [{{identifier: a, password_hash: {HASH!r}, points: ['7/1/2']}}]", "points"),
        (
            "consumers:\n" + f"- {{identifier: a, password_hash: {HASH!r}, points: ['7/1']}}\n" * 2,
            "there twice",
        ),
        ("#" * (4 * 1024**2 + 1), "larger"),
    ],
)
def test_a_wrong_access_file_is_refused_without_its_secrets(
    tmp_path: Path, text: str, reason: str
) -> None:
    path = tmp_path / "access.yaml"
    path.write_text(text)
    with pytest.raises(AccessFileError) as refused:
        load_access(path)
    assert reason in str(refused.value)
    assert "argon2id" not in str(refused.value)
    assert "plain-secret" not in str(refused.value)


def test_a_missing_access_file(tmp_path: Path) -> None:
    with pytest.raises(AccessFileError, match="cannot be read"):
        AskueAccess(tmp_path / "missing.yaml", CountingHasher())
