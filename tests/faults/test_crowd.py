"""Many open conversations and a steady stream of updates: memory and answers stay as they are."""

import asyncio
import statistics
import time
from pathlib import Path

from sandbox.bot_api.state import Telegram
from tests.support.cluster import PATIENCE_SECONDS, Balancer, Cluster, rng, run_cluster
from tests.support.memory import read_memory_mb
from tests.support.soak import get_size, print_report

PEOPLE = get_size("CONVERSATIONS", 40)
RATE = get_size("RATE", 30)
SECONDS = get_size("SECONDS", 4)

_TICK = 0.1
_WORDS = ["/menu", "/help", "Иванова Анна", "a@example.ru", "что-то своё", "/start", "12"]


async def test_memory_is_flat_and_answers_are_steady(tmp_path: Path) -> None:
    async with run_cluster(tmp_path, bots=1) as cluster:
        telegram, balancer, bot = cluster.world.telegram, cluster.balancer, cluster.bots[0]
        assert balancer is not None
        assert bot is not None
        for user in range(PEOPLE):
            telegram.add_person(10_000 + user, "Ж")
            telegram.send(10_000 + user, 10_000 + user, text="/start")
        await wait_until_taken(telegram, PEOPLE)
        for user in range(PEOPLE):
            await press_button(telegram, 10_000 + user, "Регистрация")
        await wait_until_taken(telegram, PEOPLE)
        # Half of the time is for warming up: caches fill, and pools open.
        await send_stream(telegram, SECONDS / 2)
        before, first = read_memory_mb(bot.pid), take_percentiles(balancer)
        await send_stream(telegram, SECONDS / 2)
        after, last = read_memory_mb(bot.pid), take_percentiles(balancer)
        print_report(
            f"{PEOPLE} conversations, {RATE}/s for {SECONDS} s: {balancer.turn} updates; "
            f"median {first[0]:.0f} then {last[0]:.0f} ms, "
            f"99 % {first[1]:.0f} then {last[1]:.0f} ms; "
            f"memory {before:.0f} then {after:.0f} MB"
        )
        assert after < before + 16
        assert last[1] < max(1000.0, 3 * first[1])
        await cluster.stop()
        check_no_errors(cluster)


async def send_stream(telegram: Telegram, seconds: float) -> None:
    """Random words of random people, at the agreed rate."""
    begun, given = time.monotonic(), 0
    while (passed := time.monotonic() - begun) < seconds:
        while given < passed * RATE:
            user = 10_000 + rng.randrange(PEOPLE)
            telegram.send(user, user, text=rng.choice(_WORDS))
            given += 1
        await asyncio.sleep(_TICK)
    await wait_until_taken(telegram, given)


async def wait_until_taken(telegram: Telegram, many: int) -> None:
    done = await telegram.wait_until(lambda: not telegram.updates, PATIENCE_SECONDS + many / 20)
    assert done, f"{len(telegram.updates)} updates are not taken"


async def press_button(telegram: Telegram, user: int, words: str) -> None:
    """Waits for the button: an update that takes long is acknowledged before its answer."""

    def find_button() -> tuple[int, str] | None:
        return next(
            (
                (message["message_id"], button["callback_data"])
                for message in telegram.chats[user].messages.values()
                for row in message.get("reply_markup", {}).get("inline_keyboard", [])
                for button in row
                if button["text"].endswith(words)
            ),
            None,
        )

    await telegram.wait_until(find_button, PATIENCE_SECONDS)
    found = find_button()
    assert found, f"no button {words!r} for {user}"
    telegram.press(user, user, *found)


def take_percentiles(balancer: Balancer) -> tuple[float, float]:
    """Median and 99th percentile of the answers since the last mark, in milliseconds."""
    times = sorted(one * 1000 for one in balancer.times)
    balancer.times.clear()
    return statistics.median(times), times[int(len(times) * 0.99)]


def check_no_errors(cluster: Cluster) -> None:
    cluster.check_log()
    assert "ERROR" not in cluster.world.log()
