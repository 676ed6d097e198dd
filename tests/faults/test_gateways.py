"""nginx, HAProxy or a proxy between the bot and Telegram is in the way or away: nothing is lost."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.bot_api.state import Fault
from tests.support import flows
from tests.support.gateways import (
    HAPROXY,
    NGINX,
    TINYPROXY,
    run_haproxy,
    run_nginx,
    run_tinyproxy,
)
from tests.support.phone import PATIENCE_SECONDS
from tests.support.programs import require_program
from tests.support.tcp_proxy import run_tcp_proxy
from tests.support.world import World, find_free_port, run_world


async def wait_for_log(world: World, words: str, times: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while world.log().count(words) < times:  # noqa: ASYNC110 (a log tells nobody)
            await asyncio.sleep(0.05)


@require_program(NGINX.exists(), "nginx-light")
async def test_pages_of_nginx_instead_of_telegram(tmp_path: Path) -> None:
    async with run_world(tmp_path) as world:
        telegram = urlsplit(world.settings["TELEGRAM_API_URL"]).port
        assert telegram is not None
        async with run_tcp_proxy(telegram) as line, run_nginx(line.port) as nginx:
            world.settings["TELEGRAM_API_URL"] = f"http://127.0.0.1:{nginx.port}"
            await world.start()
            phone = world.add_phone("Анна")
            await phone.say("/start")
            # 502 while there is nobody behind it, then a page with 200.
            line.away = True
            line.cut()
            phone.telegram.send(phone.user_id, phone.user_id, text="/help")
            await wait_for_log(world, "TelegramServerError", 1)
            line.away = False
            await phone.wait_until_handled()
            await phone.expects("/cancel")
            seen = len(phone.messages)
            failures = world.log().count("TelegramServerError")
            nginx.show_page(True)
            line.cut()
            phone.telegram.send(phone.user_id, phone.user_id, text="/menu")
            await wait_for_log(world, "TelegramServerError", failures + 1)
            nginx.show_page(False)
            await phone.wait_until_handled()
            assert len(phone.messages) > seen
            await flows.stop_and_check(world)


@require_program(HAPROXY.exists(), "haproxy")
async def test_a_webhook_behind_haproxy_whose_bot_dies(tmp_path: Path) -> None:
    port = find_free_port()
    async with (
        run_haproxy(port) as haproxy,
        run_world(
            tmp_path,
            WEBHOOK_URL=f"http://127.0.0.1:{haproxy.port}",
            WEBHOOK_SECRET="tell-nobody_1",
            WEB_PORT=str(port),
        ) as world,
    ):
        await world.start()
        phone = world.add_phone("Анна")
        await phone.say("/start")
        await phone.expects("Войдите или зарегистрируйтесь")
        await world.kill()
        seen = len(phone.messages)
        # HAProxy answers 503 with a page; Telegram gives the update again.
        phone.telegram.send(phone.user_id, phone.user_id, text="/help")
        await world.start()
        await phone.wait_until_handled()
        await phone.expects("/cancel")
        assert len(phone.messages) > seen
        await flows.stop_and_check(world)


@require_program(TINYPROXY.exists(), "tinyproxy-bin")
async def test_a_proxy_that_is_away_at_the_start_and_with_an_update_in_hand(tmp_path: Path) -> None:
    port = find_free_port()
    proxy = f"http://127.0.0.1:{port}"
    async with run_world(tmp_path, TELEGRAM_PROXY_URL=proxy) as world:
        (tmp_path / "bot.log").touch()
        starting = asyncio.create_task(world.start())
        await wait_for_log(world, "it is waited for", 1)
        async with run_tinyproxy(port):
            await starting
            phone = world.add_phone("Анна")
            await phone.say("/start")
            # The answer is held back until the proxy is gone, and its connection with it.
            gone = asyncio.Event()
            phone.telegram.faults.append(Fault(method="sendMessage", cut=True, gate=gone))
            seen = len(phone.messages)
            phone.telegram.send(phone.user_id, phone.user_id, text="/help")
            calls = phone.telegram.calls
            assert await phone.telegram.wait_until(lambda: calls.count("sendMessage") == 2, 30)
        gone.set()
        await wait_for_log(world, "waits: TelegramNetworkError", 1)
        async with run_tinyproxy(port):
            await phone.wait_until_handled()
            await phone.expects("/cancel")
            assert len(phone.messages) == seen + 1
            await flows.stop_and_check(world)
