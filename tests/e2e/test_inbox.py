"""One chat never stops the others: a slow update, a flood behind it, poison, ``kill -9``."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from aiohttp import ClientSession

from sandbox.bot_api.state import ApiError, Fault
from tests.support import flows
from tests.support.cluster import Cluster, ClusterPhone, run_cluster
from tests.support.environment import run_main
from tests.support.phone import PATIENCE_SECONDS
from tests.support.world import STAFF_CHAT_ID, find_free_port

#: More than the hundred that Telegram gives behind the oldest one.
TEXTS = [f"слово {number:03d}" for number in range(110)]
STEPS = 10
#: By polling, behind a webhook, and two bots behind one.
WAYS = pytest.mark.parametrize("bots", [0, 1, 2], ids=["polling", "webhook", "two bots"])


@asynccontextmanager
async def held_chat(built: Cluster, phone: ClusterPhone) -> AsyncIterator[Fault]:
    """Telegram does not answer what is sent to this chat."""
    fault = Fault(
        method="sendMessage",
        where=lambda call: int(call["chat_id"]) == phone.user_id,
        gate=asyncio.Event(),
        cut=True,
        times=10**6,
    )
    built.world.telegram.faults.append(fault)
    try:
        yield fault
    finally:
        built.world.telegram.faults.remove(fault)
        assert fault.gate is not None
        fault.gate.set()


async def writes_to_staff(built: Cluster, phone: ClusterPhone) -> None:
    """All that the person writes from now on goes to the staff."""
    number = await built.file_request(phone)
    await flows.open_request(phone, number)
    await phone.press("Дополнить")


async def floods(built: Cluster, phone: ClusterPhone) -> None:
    for words in TEXTS:
        built.world.telegram.send(phone.user_id, phone.user_id, text=words)


def said_in_group(built: Cluster) -> list[str]:
    group = built.world.telegram.chats[STAFF_CHAT_ID].messages.values()
    return [words for one in group for words in TEXTS if words in one.get("text", "")]


async def answer_times(phone: ClusterPhone) -> list[float]:
    """Seconds, sorted, of so many steps of another person."""
    times = []
    for _ in range(STEPS):
        before, begun = len(phone.messages), perf_counter()
        phone.telegram.send(phone.user_id, phone.user_id, text="/menu")
        answered = await phone.telegram.wait_until(
            lambda: len(phone.messages) > before,  # noqa: B023
            PATIENCE_SECONDS,
        )
        assert answered
        times.append(perf_counter() - begun)
    return sorted(times)


@WAYS
async def test_a_flood_behind_a_slow_update_stops_nobody_and_survives_a_kill(
    tmp_path: Path, bots: int
) -> None:
    async with run_cluster(tmp_path, bots=bots, LIMIT_STAFF_MESSAGES="1000/1h") as built:
        attacker, other = await asyncio.gather(built.add_consumer(0), built.add_consumer(1))
        await writes_to_staff(built, attacker)
        async with held_chat(built, attacker):
            await floods(built, attacker)
            times = await answer_times(other)
            # Of all, one may have met whatever else this machine does.
            assert times[-2] < 1, times
            # All of them are acknowledged, in two or more pieces.
            assert await built.world.telegram.wait_until(
                lambda: not built.world.telegram.updates, PATIENCE_SECONDS
            )
            assert await built.count_rows("inbox WHERE state <> 'parked'") >= len(TEXTS) - 1
            for which in range(max(1, bots)):
                await built.kill(which)
                await built.start(which)
            times = await answer_times(other)
            assert times[-2] < 1, times
        await attacker.wait_until_handled()
        await built.wait_for_delivery()
        assert said_in_group(built) == TEXTS
        assert await built.count_rows("request_messages") == len(TEXTS)
        assert await built.count_rows("inbox") == 0
        await built.stop()
        built.check_log()


@WAYS
async def test_poison_is_parked_after_three_crashes_and_may_be_replayed(
    tmp_path: Path, bots: int
) -> None:
    async with run_cluster(tmp_path, bots=bots) as built:
        if not bots:
            # From its next start on.
            built.settings_of_bots[0]["WEB_PORT"] = str(find_free_port())
        telegram = built.world.telegram
        victim, other = await asyncio.gather(built.add_consumer(0), built.add_consumer(1))
        crashes = 0

        async def revive() -> None:
            for which, bot in enumerate(built.bots):
                assert bot is not None
                await bot.wait()
                await built.start(which)

        poison = Fault(
            method="sendMessage",
            where=lambda call: int(call["chat_id"]) == victim.user_id and "/cancel" in call["text"],
            cut=True,
            times=10**6,
        )
        crashed = asyncio.Event()

        def crash() -> None:
            for bot in built.bots:
                assert bot is not None
                bot.send_signal(9)
            crashed.set()

        poison.action = crash
        telegram.faults.append(poison)
        telegram.send(victim.user_id, victim.user_id, text="/help")
        telegram.send(victim.user_id, victim.user_id, text="/menu")
        while not await built.count_rows("inbox WHERE state = 'parked'"):
            waiting = asyncio.ensure_future(crashed.wait())
            await asyncio.wait([waiting], timeout=0.2)
            waiting.cancel()
            if crashed.is_set():
                crashed.clear()
                crashes += 1
                assert crashes <= 3, "it is still worked on"
                await revive()
        assert crashes == 3
        # The chat goes on, and everybody else.
        await victim.wait_until_handled()
        await victim.expects("неполадка")
        assert any("Выберите раздел" in one.get("text", "") for one in victim.messages)
        await other.say("/menu")
        telegram.faults.remove(poison)
        async with ClientSession() as session:
            port = built.settings_of_bots[0]["WEB_PORT"]
            async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
                assert 'cabinet_inbox_updates{state="parked"} 1.0' in await answer.text()
        (update_id,) = await built.select_column("SELECT update_id FROM inbox")
        assert built.world.log().count(f"update {update_id} (message) is parked: Crash") == 1
        assert await run_main(tmp_path, "replay", "1", **built.settings_of_bots[0]) == (
            1,
            "",
            "there is no parked update 1\n",
        )
        code, output, _ = await run_main(tmp_path, "replay", **built.settings_of_bots[0])
        assert code == 0
        assert output.startswith(f"{update_id}\tmessage\t")
        assert output.endswith("1 parked update\n")
        said = len(victim.messages)
        code, output, _ = await run_main(tmp_path, "replay", update_id, **built.settings_of_bots[0])
        assert (code, output) == (0, f"update {update_id} waits to be handled again\n")
        assert await telegram.wait_until(lambda: len(victim.messages) > said, PATIENCE_SECONDS)
        assert "/cancel" in victim.screen
        await victim.wait_until_handled()
        assert await built.count_rows("inbox") == 0


@WAYS
async def test_a_password_in_hand_at_a_crash_is_nowhere_and_asked_for_again(
    tmp_path: Path, bots: int
) -> None:
    password = "синий-чайник-17"
    async with run_cluster(tmp_path, bots=bots) as built:
        telegram = built.world.telegram
        phone = await built.add_consumer(0)
        await phone.say("/menu")
        await phone.press("Выйти")
        await phone.press("Войти")
        await phone.say("p0@example.ru")
        slow = Fault(method="deleteMessage", gate=asyncio.Event(), cut=True, times=10**6)
        telegram.faults.append(slow)
        sent = telegram.send(phone.user_id, phone.user_id, text=password)
        assert await telegram.wait_until(lambda: not telegram.updates, PATIENCE_SECONDS)
        assert await built.count_rows("inbox WHERE withheld") == 1
        assert await holds(built, tmp_path, password) == []
        for which in range(max(1, bots)):
            await built.kill(which)
        telegram.faults.clear()
        assert slow.gate is not None
        slow.gate.set()
        for which in range(max(1, bots)):
            await built.start(which)
        await phone.expects("Напишите ещё раз")
        assert sent["message_id"] not in telegram.chats[phone.user_id].messages
        await phone.wait_until_handled()
        assert await built.count_rows("inbox") == 0
        assert password not in built.world.log()
        await phone.say(password)
        await phone.expects("пароль не подошли")


async def holds(built: Cluster, folder: Path, words: str) -> list[Any]:
    """Where the words are: files of the database, or rows of the inbox."""
    needles = (words.encode(), words.encode("unicode_escape"))
    files = [
        path for path in folder.glob("cabinet.db*") if any(n in path.read_bytes() for n in needles)
    ]
    rows = await built.select_column("SELECT raw FROM inbox")
    return [*files, *(row for row in rows if any(n.decode() in row for n in needles[:1]))]


async def test_a_refusal_of_telegram_is_no_poison(tmp_path: Path) -> None:
    """Who blocks the bot between a message and its answer leaves no parked update."""
    async with run_cluster(tmp_path) as built:
        phone = await built.add_consumer(0)
        blocked = ApiError(403, "Forbidden: bot was blocked by the user")
        built.world.telegram.faults.append(
            Fault(
                method="sendMessage",
                where=lambda call: int(call["chat_id"]) == phone.user_id,
                error=blocked,
                times=3,
            )
        )
        await phone.say("/menu")
        assert await built.count_rows("inbox") == 0
        await built.stop()
        built.check_log()
        assert "ERROR" not in built.world.log()
