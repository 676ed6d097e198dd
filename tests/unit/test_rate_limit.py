import asyncio
from contextlib import AsyncExitStack
from itertools import pairwise

import pytest
from aiogram import Bot
from aiogram.methods import AnswerCallbackQuery, SendMessage, TelegramMethod

from bot.telegram.rate_limit import (
    AnswerPriorityMiddleware,
    RateLimited,
    SendRateLimiter,
    build_group_limit,
)

STAFF = -1001
PATIENCE = 10.0


class FakeTime:
    """Seconds that pass only while somebody sleeps, until the first of them wakes."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._sleepers: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        wake_at = self.now + seconds
        self._sleepers.append(wake_at)
        await asyncio.sleep(0)
        while min(self._sleepers) < wake_at:  # noqa: ASYNC110 (they wake by looking, too)
            await asyncio.sleep(0)
        self._sleepers.remove(wake_at)
        self.now = max(self.now, wake_at)


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def limiter(time: FakeTime) -> SendRateLimiter:
    return SendRateLimiter(time, time.sleep)


async def send_notice(limiter: SendRateLimiter, chat_id: int, patience: float = PATIENCE) -> None:
    async with limiter.acquire(chat_id, patience):
        pass


async def send_answer(limiter: SendRateLimiter, chat_id: int) -> None:
    async with limiter.count_answer(chat_id):
        pass


async def test_a_private_chat_takes_a_few_at_once_and_then_one_a_second(
    limiter: SendRateLimiter, time: FakeTime
) -> None:
    sent = []
    for _ in range(9):
        await send_notice(limiter, 7)
        sent.append(round(time.now - 1000))
    assert sent == [0, 0, 0, 3, 3, 3, 6, 6, 6]


async def test_a_group_takes_twenty_in_any_minute(limiter: SendRateLimiter, time: FakeTime) -> None:
    for _ in range(20):
        await send_notice(limiter, STAFF)
    time.now = 1030
    with pytest.raises(RateLimited) as caught:
        await send_notice(limiter, STAFF)
    assert caught.value.seconds == 30
    # Who was refused took nobody's place.
    time.now += 25
    await send_notice(limiter, STAFF)
    assert time.now == 1060


async def test_a_busy_group_does_not_delay_other_chats(
    limiter: SendRateLimiter, time: FakeTime
) -> None:
    for _ in range(20):
        await send_notice(limiter, STAFF)
    await send_notice(limiter, 7)
    assert time.now < 1001


def count_most_in_a_second(sent: list[float]) -> int:
    return max(len([at for at in sent if start <= at < start + 1]) for start in sent)


async def test_all_chats_together_go_evenly_and_keep_below_the_limit(
    limiter: SendRateLimiter, time: FakeTime
) -> None:
    sent = []

    async def send(chat_id: int) -> None:
        await send_notice(limiter, chat_id)
        sent.append(time.now)

    await asyncio.gather(*(send(chat_id) for chat_id in range(1, 101)))
    assert count_most_in_a_second(sent) <= 30
    gaps = [later - at for at, later in pairwise(sent)]
    assert gaps == pytest.approx([1 / 29] * 99)


async def test_a_long_sleep_is_made_up_for_and_the_limit_kept(time: FakeTime) -> None:
    async def sleep(seconds: float) -> None:
        await time.sleep(seconds + 0.01)

    limiter, sent = SendRateLimiter(time, sleep), []
    for chat_id in range(1, 301):
        await send_notice(limiter, chat_id)
        sent.append(time.now)
    assert count_most_in_a_second(sent) <= 30
    assert 299 / (sent[-1] - sent[0]) > 28.5


async def test_no_more_go_than_telegram_takes_however_long_they_are_on_their_way(
    limiter: SendRateLimiter, time: FakeTime
) -> None:
    """Those of the first half arrive late, those of the other at once."""
    counted = []
    async with AsyncExitStack() as slow:
        for chat_id in range(1, 16):
            await slow.enter_async_context(limiter.acquire(chat_id, PATIENCE))
        time.now += 0.3
        counted += [time.now] * 15
    for chat_id in range(16, 61):
        await send_notice(limiter, chat_id)
        counted.append(time.now)
    assert count_most_in_a_second(counted) == 30


async def test_an_answer_takes_the_next_place_ahead_of_all_notices(
    limiter: SendRateLimiter, time: FakeTime
) -> None:
    notices = []

    async def send(chat_id: int) -> None:
        await send_notice(limiter, chat_id)
        notices.append(time.now)

    draining = [asyncio.create_task(send(chat_id)) for chat_id in range(1, 101)]
    await asyncio.wait(draining[:50])
    answers = []
    for _ in range(3):
        asked = time.now
        await send_answer(limiter, 77)
        assert time.now - asked < 0.05
        answers.append(time.now)
        await asyncio.sleep(0)
    await asyncio.gather(*draining)
    assert len([at for at in notices if answers[0] <= at <= answers[-1]]) <= 1
    assert count_most_in_a_second(sorted(notices + answers)) <= 30


async def test_a_sleep_that_ends_early_lets_no_answer_go_too_soon(time: FakeTime) -> None:
    async def sleep(seconds: float) -> None:
        await time.sleep(max(seconds - 0.002, 0.0001))

    limiter, sent = SendRateLimiter(time, sleep), []
    for chat_id in range(1, 91):
        # The first go evenly, so that a place is always near.
        await (send_answer if chat_id > 30 and chat_id % 3 == 0 else send_notice)(limiter, chat_id)
        sent.append(time.now)
    assert count_most_in_a_second(sent) <= 30


async def test_notices_make_room_for_answers(limiter: SendRateLimiter, time: FakeTime) -> None:
    time.now += 2
    for chat_id in range(1, 31):
        await send_answer(limiter, chat_id)
    assert time.now == 1002
    await send_notice(limiter, 77)
    assert time.now == 1003


async def test_answers_wait_neither_for_answers_nor_for_long(
    limiter: SendRateLimiter, time: FakeTime
) -> None:
    time.now += 2
    for chat_id in range(1, 101):
        await send_answer(limiter, chat_id)
    assert time.now == 1002
    await send_notice(limiter, 77)
    begun = time.now
    for chat_id in range(1, 101):
        asked = time.now
        await send_answer(limiter, chat_id)
        assert time.now - asked <= 0.1
    assert time.now - begun < 1


async def test_a_held_chat_hears_nothing_until_telegram_allows(
    limiter: SendRateLimiter, time: FakeTime
) -> None:
    limiter.hold(STAFF, 33)
    limiter.hold(STAFF, 5)
    with pytest.raises(RateLimited) as caught:
        await send_notice(limiter, STAFF)
    assert caught.value.seconds == 33
    time.now += 28
    await send_notice(limiter, STAFF)
    assert time.now == 1033


async def test_a_notice_that_waits_is_put_off_when_its_chat_is_held(
    limiter: SendRateLimiter, time: FakeTime
) -> None:
    for _ in range(3):
        await send_notice(limiter, 7)
    waiting = asyncio.create_task(send_notice(limiter, 7))
    await asyncio.sleep(0)
    limiter.hold(7, 60)
    with pytest.raises(RateLimited) as caught:
        await waiting
    assert caught.value.seconds == pytest.approx(57, abs=0.1)


async def test_chats_at_rest_are_forgotten(limiter: SendRateLimiter, time: FakeTime) -> None:
    for chat_id in range(1, 5000):
        await send_answer(limiter, -chat_id)
        time.now += 0.1
    assert len(limiter._chats) <= 1001


async def test_answers_of_handlers_are_counted_and_never_wait(
    limiter: SendRateLimiter, time: FakeTime
) -> None:
    bot = Bot("1:a")
    passed: list[str] = []

    async def make_request(bot: Bot, method: TelegramMethod[object]) -> object:
        passed.append(method.__api_method__)
        return method

    first = AnswerPriorityMiddleware(limiter)
    for _ in range(20):
        await first(make_request, bot, SendMessage(chat_id=STAFF, text="ответ"))  # type: ignore[arg-type]
        await first(make_request, bot, AnswerCallbackQuery(callback_query_id="1"))  # type: ignore[arg-type]
    assert passed == ["sendMessage", "answerCallbackQuery"] * 20
    assert time.now == 1000
    await send_notice(limiter, STAFF, patience=90)
    assert time.now == 1060
    # A person's own chat is free for notices, however much is pressed there.
    for _ in range(4):
        await first(make_request, bot, SendMessage(chat_id=7, text="ответ"))  # type: ignore[arg-type]
    await send_notice(limiter, 7)
    assert time.now == 1060


@pytest.mark.parametrize(("a_minute", "messages"), [(20, 17), (5, 5), (1, 1), (600, 17)])
def test_a_group_gets_so_many_a_minute_and_never_more_than_twenty_in_a_row(
    a_minute: int, messages: int
) -> None:
    limit = build_group_limit(a_minute)
    assert limit.messages == messages
    assert 0.8 * a_minute < limit.messages * 60 / limit.seconds < a_minute


async def test_each_message_of_an_album_counts(limiter: SendRateLimiter, time: FakeTime) -> None:
    for _ in range(2):
        async with limiter.acquire(STAFF, PATIENCE, 10):
            pass
    with pytest.raises(RateLimited) as caught:
        await send_notice(limiter, STAFF)
    assert caught.value.seconds == pytest.approx(60, abs=1)
    # One that is larger than all that the group takes waits until the group is empty.
    async with limiter.acquire(STAFF, 90, 25):
        pass
    assert time.now >= 1060
