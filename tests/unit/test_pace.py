import asyncio

import pytest
from aiogram import Bot
from aiogram.methods import AnswerCallbackQuery, SendMessage, TelegramMethod

from bot.delivery.pace import AnswersCounted, NotNow, Pace, group_limit

STAFF = -1001
PATIENCE = 10.0


class Time:
    """Seconds that pass only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        wake_at = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, wake_at)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def pace(time: Time) -> Pace:
    return Pace(time, time.sleep)


async def test_a_private_chat_takes_a_few_at_once_and_then_one_a_second(
    pace: Pace, time: Time
) -> None:
    sent = []
    for _ in range(9):
        await pace.turn(7, PATIENCE)
        sent.append(time.now - 1000)
    assert sent == [0, 0, 0, 3, 3, 3, 6, 6, 6]


async def test_a_group_takes_twenty_in_any_minute(pace: Pace, time: Time) -> None:
    for _ in range(20):
        await pace.turn(STAFF, PATIENCE)
    time.now += 30
    with pytest.raises(NotNow) as caught:
        await pace.turn(STAFF, PATIENCE)
    assert caught.value.seconds == 30
    # Who was refused took nobody's place.
    time.now += 25
    await pace.turn(STAFF, PATIENCE)
    assert time.now == 1060


async def test_a_busy_group_does_not_delay_other_chats(pace: Pace, time: Time) -> None:
    for _ in range(20):
        await pace.turn(STAFF, PATIENCE)
    await pace.turn(7, PATIENCE)
    assert time.now == 1000


async def test_all_chats_together_keep_below_the_limit(pace: Pace, time: Time) -> None:
    sent = []

    async def send(chat_id: int) -> None:
        await pace.turn(chat_id, PATIENCE)
        sent.append(time.now)

    await asyncio.gather(*(send(chat_id) for chat_id in range(1, 101)))
    for start in sent:
        assert len([at for at in sent if start <= at < start + 1]) <= 25
    assert time.now <= 1004


async def test_notices_make_room_for_answers(pace: Pace, time: Time) -> None:
    for chat_id in range(1, 26):
        pace.answered(chat_id)
    await pace.turn(77, PATIENCE)
    assert time.now == 1001


async def test_a_held_chat_hears_nothing_until_telegram_allows(pace: Pace, time: Time) -> None:
    pace.hold(STAFF, 33)
    pace.hold(STAFF, 5)
    with pytest.raises(NotNow) as caught:
        await pace.turn(STAFF, PATIENCE)
    assert caught.value.seconds == 33
    time.now += 28
    await pace.turn(STAFF, PATIENCE)
    assert time.now == 1033


async def test_a_notice_that_waits_is_put_off_when_its_chat_is_held(pace: Pace, time: Time) -> None:
    for _ in range(3):
        await pace.turn(7, PATIENCE)
    waiting = asyncio.create_task(pace.turn(7, PATIENCE))
    await asyncio.sleep(0)
    pace.hold(7, 60)
    with pytest.raises(NotNow) as caught:
        await waiting
    assert caught.value.seconds == pytest.approx(57)


async def test_chats_at_rest_are_forgotten(pace: Pace, time: Time) -> None:
    for chat_id in range(1, 5000):
        pace.answered(-chat_id)
        time.now += 0.1
    assert len(pace._chats) <= 1001


async def test_answers_of_handlers_are_counted_and_never_wait(pace: Pace, time: Time) -> None:
    bot = Bot("1:a")
    passed: list[str] = []

    async def make_request(bot: Bot, method: TelegramMethod[object]) -> object:
        passed.append(method.__api_method__)
        return method

    counted = AnswersCounted(pace)
    for _ in range(20):
        await counted(make_request, bot, SendMessage(chat_id=STAFF, text="ответ"))  # type: ignore[arg-type]
        await counted(make_request, bot, AnswerCallbackQuery(callback_query_id="1"))  # type: ignore[arg-type]
    assert passed == ["sendMessage", "answerCallbackQuery"] * 20
    assert time.now == 1000
    await pace.turn(STAFF, patience=90)
    assert time.now == 1060
    # A person's own chat is free for notices, however much is pressed there.
    for _ in range(4):
        await counted(make_request, bot, SendMessage(chat_id=7, text="ответ"))  # type: ignore[arg-type]
    await pace.turn(7, PATIENCE)
    assert time.now == 1060


@pytest.mark.parametrize(("a_minute", "messages"), [(20, 17), (5, 5), (1, 1), (600, 17)])
def test_a_group_gets_so_many_a_minute_and_never_more_than_twenty_in_a_row(
    a_minute: int, messages: int
) -> None:
    limit = group_limit(a_minute)
    assert limit.messages == messages
    assert 0.8 * a_minute < limit.messages * 60 / limit.seconds < a_minute
