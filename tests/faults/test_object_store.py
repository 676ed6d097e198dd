"""The object store is away, hangs, or the bot dies at it: no file is lost, asked for or left."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from bot.domain import Category
from bot.request_types import load
from tests.support import flows
from tests.support.clock import get_today
from tests.support.files import make_pdf
from tests.support.object_store import ObjectStore, run_object_store
from tests.support.phone import PATIENCE_SECONDS
from tests.support.tcp_proxy import run_tcp_proxy
from tests.support.world import run_world

TYPE = next(one for one in load().types if one.code == "unmetered_report")
FORM = load().get_form(TYPE.code, Category.INDIVIDUAL)


async def wait_for_keys(bucket: ObjectStore, count: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(await bucket.list_keys()) != count:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def wait_for(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 (a log tells nobody)
            await asyncio.sleep(0.05)


async def test_files_outlive_outages_and_kills_and_cancelled_ones_go(tmp_path: Path) -> None:
    async with (
        run_object_store() as bucket,
        run_tcp_proxy(bucket.port) as line,
        run_world(tmp_path, **ObjectStore(line.port).settings) as world,
    ):
        await world.start()
        phone = world.add_phone("Анна")
        await flows.register_and_log_in(
            phone, world.mail_client, Category.INDIVIDUAL, "anna@example.ru", "Иванова Анна"
        )
        await flows.open_form(phone, TYPE.button["ru"])
        await flows.fill_form(phone, FORM, get_today())

        def send(name: str) -> None:
            world.telegram.send_file(
                phone.user_id, phone.user_id, make_pdf(name), name, "application/pdf"
            )

        # The store is away, and the bot is killed meanwhile.
        line.away = True
        send("Акт.pdf")
        await wait_for(lambda: "waits: StoreUnavailable" in world.log())
        await world.kill()
        await world.start()
        waited = world.log().count("waits: StoreUnavailable")
        await wait_for(lambda: world.log().count("waits: StoreUnavailable") > waited)
        assert await bucket.list_keys() == set()
        line.away = False
        await phone.wait_until_handled()
        await phone.expects("Акт.pdf")

        # It has the bytes, and its answer does not arrive before the bot is killed.
        line.hangs = True
        send("План.pdf")
        await wait_for_keys(bucket, 2)
        await world.kill()
        line.cut()
        await world.start()
        await phone.wait_until_handled()
        await phone.expects("План.pdf")
        assert len(await bucket.list_keys()) == 2
        assert not any("ещё раз" in one.get("text", "") for one in phone.messages)

        # It hangs while the form is cancelled, which is answered at once.
        line.hangs = True
        await phone.say("/cancel")
        await phone.press("Удалить черновик")
        await phone.expects("Выберите раздел")
        assert len(await bucket.list_keys()) == 2
        line.cut()
        await wait_for_keys(bucket, 0)
        assert "is parked" not in world.log()
        await flows.stop_and_check(world)
