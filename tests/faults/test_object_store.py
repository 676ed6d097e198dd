"""The object store is away, hangs, or the bot dies at it: no file is lost, asked for or left."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.domain import Category
from bot.request_types import load
from tests.support import flows
from tests.support.clock import get_today
from tests.support.files import make_pdf
from tests.support.object_store import ObjectStore, run_object_store
from tests.support.phone import PATIENCE_SECONDS, Phone
from tests.support.postgres import create_migrated_postgres
from tests.support.soak import get_size, print_report
from tests.support.tcp_proxy import TcpProxy, run_tcp_proxy
from tests.support.world import World, run_world

TYPE = next(one for one in load().types if one.code == "unmetered_report")
FORM = load().get_form(TYPE.code, Category.INDIVIDUAL)

ROUNDS = get_size("ROUNDS", 1)
WAITS = "waits: StoreUnavailable"


async def wait_for_keys(bucket: ObjectStore, count: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(await bucket.list_keys()) != count:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def wait_for(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 (a log tells nobody)
            await asyncio.sleep(0.05)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest) -> AsyncIterator[dict[str, str]]:
    """Settings of the bot's database."""
    if request.param == "sqlite":
        yield {}
        return
    async with create_migrated_postgres() as url:
        yield {"DATABASE_URL": url}


async def test_files_outlive_outages_and_kills_and_cancelled_ones_go(
    tmp_path: Path, database: dict[str, str]
) -> None:
    async with (
        run_object_store() as bucket,
        run_tcp_proxy(bucket.port) as line,
        run_world(tmp_path, **ObjectStore(line.port).settings, **database) as world,
    ):
        await world.start()
        phone = world.add_phone("Анна")
        await flows.register_and_log_in(
            phone, world.mail_client, Category.INDIVIDUAL, "anna@example.ru", "Иванова Анна"
        )
        for _ in range(ROUNDS):
            await flows.open_form(phone, TYPE.button["ru"])
            await flows.fill_form(phone, FORM, get_today())
            await send_while_it_is_away(world, phone, line)
            await kill_between_bytes_and_row(world, phone, bucket, line)
            assert len(await bucket.list_keys()) == 2
            await cancel_while_it_hangs(phone, line)
            assert len(await bucket.list_keys()) == 2
            line.cut()
            await wait_for_keys(bucket, 0)
        assert not any("ещё раз" in one.get("text", "") for one in phone.messages)
        assert "is parked" not in world.log()
        await flows.stop_and_check(world)
        print_report(
            f"object store, {'PostgreSQL' if database else 'SQLite'}: {ROUNDS} outages, "
            f"{2 * ROUNDS} kills, {ROUNDS} forms cancelled while it hung: no file lost, asked for "
            "again or left"
        )


def send(world: World, phone: Phone, name: str) -> None:
    world.telegram.send_file(phone.user_id, phone.user_id, make_pdf(name), name, "application/pdf")


async def send_while_it_is_away(world: World, phone: Phone, line: TcpProxy) -> None:
    """The bot is killed meanwhile."""
    line.away = True
    waited = world.log().count(WAITS)
    send(world, phone, "Акт.pdf")
    await wait_for(lambda: world.log().count(WAITS) > waited)
    await world.kill()
    again = world.log().count(WAITS)
    await world.start()
    await wait_for(lambda: world.log().count(WAITS) > again)
    line.away = False
    await phone.wait_until_handled()
    await phone.expects("Акт.pdf")


async def kill_between_bytes_and_row(
    world: World, phone: Phone, bucket: ObjectStore, line: TcpProxy
) -> None:
    """It has the bytes, and its answer does not arrive before the bot is killed."""
    line.hangs = True
    send(world, phone, "План.pdf")
    await wait_for_keys(bucket, 2)
    await world.kill()
    line.cut()
    await world.start()
    await phone.wait_until_handled()
    await phone.expects("План.pdf")


async def cancel_while_it_hangs(phone: Phone, line: TcpProxy) -> None:
    line.hangs = True
    await phone.say("/cancel")
    await phone.press("Удалить черновик")
    await phone.expects("Выберите раздел")
