"""The delivery room over a real database and real files; Telegram and mail are fakes with state."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import SendMessage, TelegramMethod

from bot.catalogue import Catalogue, load
from bot.db.database import Database, in_transaction
from bot.delivery import Delivery, worker
from bot.delivery.pace import Pace
from bot.domain import Answer, Request
from bot.services.accounts import Accounts, SessionPolicy
from bot.services.calendar import WorkingCalendar
from bot.services.errors import LoginRefused, MailRefused, MailRetry
from bot.services.files import FileStore, Scans
from bot.services.ledger import Ledger
from bot.services.mail import Letter
from bot.services.personal import PersonalData
from bot.services.readings import ReadingRules, Readings
from bot.services.requests import Requests
from bot.services.terms import Terms
from bot.services.workshop import Workshop
from bot.texts import Library
from bot.views.view import Company
from tests.delivery.telegram import Telegram
from tests.sample_files import pdf
from tests.services.conftest import TERMS, Watch, WatchedHasher, register

PDF = pdf()
DRAFT = "0123456789abcdef"
STAFF = -500
MOSCOW = ZoneInfo("Europe/Moscow")


@dataclass
class Mailbox:
    """A mail server: keeps letters, complains when told to."""

    letters: list[tuple[Letter, str]] = field(default_factory=list)
    troubles: list[Exception] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def send(self, letter: Letter, message_id: str) -> None:
        assert not in_transaction(), "nothing is sent inside a transaction"
        await self.gate.wait()
        if self.troubles:
            raise self.troubles.pop(0)
        self.letters.append((letter, message_id))


@dataclass
class Office:
    """Everything around the delivery room, and a way to work in it."""

    database: Database
    telegram: Telegram
    mailbox: Mailbox
    watch: Watch
    accounts: Accounts
    scans: Scans
    requests: Requests
    catalogue: Catalogue
    files: Path

    def delivery(self) -> Delivery:
        """A process that has just started."""

        async def sleep(seconds: float) -> None:
            await asyncio.sleep(0)
            # Rounded down, the last part of a microsecond would be slept for without end.
            self.watch.move(seconds=seconds, microseconds=1)

        return Delivery(
            database=self.database,
            bot=self.telegram.bot(),
            mailer=self.mailbox,
            accounts=self.accounts,
            scans=self.scans,
            personal=PersonalData(self.database, self.scans, self.watch, TERMS),
            library=Library.load(),
            catalogue=self.catalogue,
            company=Company(
                name="Сети",
                support_phone="8 800 000-00-00",
                support_email="support@example.com",
                privacy_policy_url="https://example.com/privacy",
                timezone=MOSCOW,
                consent_version="1.0",
            ),
            clock=self.watch,
            staff_chat_id=STAFF,
            readings=Readings(self.database, self.watch, MOSCOW, ReadingRules()),
            ledger=Ledger(
                self.database,
                Terms(WorkingCalendar(), MOSCOW, 9),
                self.watch,
                MOSCOW,
                9,
            ),
            workshop=Workshop(),
            pace=Pace(lambda: self.watch.moment.timestamp(), sleep),
        )

    async def registered(self) -> str:
        """Somebody registers and reads the password in the letter."""
        await register(self.accounts)
        await drain(self.delivery())
        letter, _ = self.mailbox.letters.pop()
        return password_in(letter)

    async def submitted(self, scans: int = 0, draft_id: str = DRAFT) -> Request:
        async with self.database.read() as tx:
            account = await tx.accounts.by_email("ivanova@example.ru")
        assert account is not None
        for number in range(scans):
            await self.scans.accept(draft_id, f"{number}", f"{number}.pdf", PDF + bytes([number]))
        return await self.requests.register(
            draft_id=draft_id,
            account=account,
            type_code=self.catalogue.types[1].code,
            raw_answers={},
            answers=[Answer(key="address", label="Адрес", value="Тула, ул. <Мира>, 1")],
            text="Прошу снять показания",
        )

    async def waiting(self) -> dict[str, int]:
        async with self.database.read() as tx:
            return {kind: count for kind, count in (await tx.outbox.depth()).items() if count}


async def drain(delivery: Delivery) -> None:
    while await delivery.drain_once():
        pass


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 (what is waited for knows no events)
            await asyncio.sleep(0.01)


def password_in(letter: Letter) -> str:
    """The word of the letter that looks like a password and stands on a line of its own."""
    words = [line.strip().split()[-1] for line in letter.text.splitlines() if line.strip()]
    (password,) = {word for word in words if len(word) >= 12 and word.isalnum() and word.isascii()}
    return password


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(None)


@pytest.fixture
def hasher() -> Iterator[WatchedHasher]:
    hasher = WatchedHasher()
    yield hasher
    hasher.close()


@pytest.fixture
def office(
    database: Database,
    hasher: WatchedHasher,
    catalogue: Catalogue,
    tmp_path: Path,
    examination: Workshop,
) -> Office:
    watch = Watch()
    return Office(
        database=database,
        telegram=Telegram(),
        mailbox=Mailbox(),
        watch=watch,
        accounts=Accounts(database, hasher, watch, SessionPolicy()),
        scans=Scans(database, FileStore.open(f"file://{tmp_path}/files"), watch, examination),
        requests=Requests(database, catalogue, WorkingCalendar(), watch, MOSCOW),
        catalogue=catalogue,
        files=tmp_path / "files",
    )


# --- what is sent ------------------------------------------------------------------------------


async def test_a_request_reaches_the_group_and_the_mailbox(office: Office) -> None:
    await office.registered()
    request = await office.submitted(scans=2)
    await drain(office.delivery())
    card, first, second = office.telegram.chats[STAFF]
    assert request.number in card.text
    assert "Тула, ул. &lt;Мира&gt;, 1" in card.text
    assert (first.name, first.data) == ("0.pdf", PDF + b"\0")
    assert (second.name, second.data) == ("1.pdf", PDF + b"\1")
    assert first.reply_to == second.reply_to == card.message_id
    ((letter, message_id),) = office.mailbox.letters
    assert letter.to == "ivanova@example.ru"
    assert request.number in letter.subject
    assert message_id == f"registered-{request.id}"
    assert await office.waiting() == {}
    async with office.database.read() as tx:
        assert await tx.posts.card(request.id) == (STAFF, card.message_id)


async def test_a_long_card_comes_whole(office: Office) -> None:
    await office.registered()
    async with office.database.read() as tx:
        account = await tx.accounts.by_email("ivanova@example.ru")
    assert account is not None
    words = [f"слово{n}" for n in range(700)]
    request = await office.requests.register(
        draft_id=DRAFT,
        account=account,
        type_code=office.catalogue.types[1].code,
        raw_answers={},
        answers=[],
        text=" ".join(words),
    )
    office.telegram.troubles = [
        None,
        lambda method: TelegramRetryAfter(method, "Too Many Requests", retry_after=140),
    ]
    delivery = office.delivery()
    await drain(delivery)
    assert len(office.telegram.chats[STAFF]) == 1
    office.watch.move(seconds=141)
    # The pause in the middle does not begin the card anew.
    await drain(delivery)
    posts = office.telegram.chats[STAFF]
    assert len(posts) > 1
    assert all(post.reply_to == posts[0].message_id for post in posts[1:])
    assert all(word in "".join(post.text for post in posts) for word in words)
    async with office.database.read() as tx:
        assert await tx.posts.card(request.id) == (STAFF, posts[0].message_id)


async def test_the_password_is_made_at_delivery_and_rests_nowhere(
    office: Office, tmp_path: Path
) -> None:
    password = await office.registered()
    account = await office.accounts.log_in(7, "ivanova@example.ru", password)
    assert account.password_is_temporary
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or password.encode() not in path.read_bytes()


async def test_a_password_letter_that_failed_is_sent_with_another_password(office: Office) -> None:
    await register(office.accounts)
    office.mailbox.troubles = [MailRetry("451")]
    delivery = office.delivery()
    await drain(delivery)
    assert office.mailbox.letters == []
    office.watch.move(seconds=5)
    await drain(delivery)
    ((letter, _),) = office.mailbox.letters
    await office.accounts.log_in(7, "ivanova@example.ru", password_in(letter))


async def test_a_letter_that_only_seemed_to_fail_leaves_the_new_password_alone(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await register(office.accounts)
    async with office.database.read() as tx:
        account = await tx.accounts.by_email("ivanova@example.ru")
    assert account is not None
    office.mailbox.troubles = [MailRetry("the connection was lost after the letter")]
    delivery = office.delivery()
    await drain(delivery)
    own = await office.accounts.hash_password("my own words")
    await office.accounts.change_password(account.id, 7, own)
    office.watch.move(minutes=11)
    await drain(delivery)
    assert office.mailbox.letters == []
    assert await office.waiting() == {}
    await office.accounts.log_in(7, "ivanova@example.ru", "my own words")


async def test_the_owner_of_a_taken_email_gets_a_letter_without_a_password(office: Office) -> None:
    password = await office.registered()
    await register(office.accounts, draft_id="2")
    await drain(office.delivery())
    ((letter, _),) = office.mailbox.letters
    assert letter.to == "ivanova@example.ru"
    await office.accounts.log_in(7, "ivanova@example.ru", password)


async def logged_in_twice(office: Office) -> None:
    """Chats 7 and 8 log in; 7 changes the password."""
    password = await office.registered()
    for chat_id in (7, 8):
        account = await office.accounts.log_in(chat_id, "ivanova@example.ru", password)
    own = await office.accounts.hash_password("my own words")
    await office.accounts.change_password(account.id, 7, own)


async def test_a_chat_that_was_logged_out_is_told(office: Office) -> None:
    await logged_in_twice(office)
    await drain(office.delivery())
    assert list(office.telegram.chats) == [8]
    assert office.mailbox.letters == []


@pytest.mark.parametrize("trouble", ["blocked", "unknown"])
async def test_who_blocked_the_bot_is_told_by_mail(office: Office, trouble: str) -> None:
    await logged_in_twice(office)
    getattr(office.telegram, trouble).add(8)
    await drain(office.delivery())
    ((letter, _),) = office.mailbox.letters
    assert letter.to == "ivanova@example.ru"
    assert await office.waiting() == {}


# --- what goes wrong ---------------------------------------------------------------------------


async def test_telegram_is_left_alone_as_long_as_it_asks(office: Office) -> None:
    await office.registered()
    await office.submitted()
    office.telegram.troubles = [
        lambda method: TelegramRetryAfter(method, "Too Many Requests", retry_after=140)
    ]
    delivery = office.delivery()
    await drain(delivery)
    await office.submitted(draft_id="f" * 16)
    office.watch.move(seconds=25)
    await drain(delivery)
    assert office.telegram.calls == 1
    assert len(office.mailbox.letters) == 2
    office.watch.move(seconds=116)
    await drain(delivery)
    assert len(office.telegram.chats[STAFF]) == 2


async def test_a_group_that_became_a_supergroup_is_found(office: Office) -> None:
    await office.registered()
    await office.submitted(scans=1)
    delivery = office.delivery()
    await delivery.drain_once()
    assert len(office.telegram.chats[STAFF]) == 1
    office.telegram.moved[STAFF] = -1009
    office.telegram.chats[-1009].clear()
    await drain(delivery)
    # The card stayed in the old group, so there is nothing to reply to.
    (scan,) = office.telegram.chats[-1009]
    assert (scan.data, scan.reply_to) == (PDF + b"\0", None)
    calls = office.telegram.calls
    await office.submitted(draft_id="f" * 16)
    await drain(office.delivery())
    assert office.telegram.calls == calls + 1
    assert len(office.telegram.chats[-1009]) == 2


async def test_a_group_that_threw_the_bot_out_gets_everything_when_it_is_back(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await office.registered()
    await office.submitted(scans=1)
    await office.submitted(draft_id="f" * 16)
    office.telegram.blocked.add(STAFF)
    delivery = office.delivery()
    for _ in range(8):
        await drain(delivery)
        office.watch.move(minutes=11)
    assert len(office.mailbox.letters) == 2
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1
    assert await office.waiting() == {"card": 2, "scan": 1}
    office.telegram.blocked.clear()
    for _ in range(3):
        await drain(delivery)
        office.watch.move(minutes=11)
    assert len(office.telegram.chats[STAFF]) == 3
    assert await office.waiting() == {}


async def test_outages_are_waited_out_with_growing_pauses(office: Office) -> None:
    await office.registered()
    request = await office.submitted()
    office.telegram.troubles = [
        lambda method: TelegramServerError(method, "Bad Gateway"),
        lambda method: TelegramNetworkError(method, "Request timeout error"),
        lambda method: ConnectionRefusedError(),
        lambda method: TelegramServerError(method, "Internal Server Error"),
    ]
    delivery = office.delivery()
    tries = []
    for second in range(60):
        before = office.telegram.calls
        await drain(delivery)
        tries += [second] * (office.telegram.calls - before)
        office.watch.move(seconds=1)
    pauses = [later - earlier for earlier, later in pairwise(tries)]
    assert len(pauses) == 4
    assert pauses == sorted(pauses)
    assert 2 <= pauses[0] < pauses[-1] <= 17
    async with office.database.read() as tx:
        assert await tx.posts.card(request.id) == (STAFF, 1)


def test_pauses_do_not_grow_beyond_ten_minutes() -> None:
    trouble = MailRetry("451 try again later")
    assert 1.6 <= worker._pause(0, trouble) <= 2
    assert all(480 <= worker._pause(attempts, trouble) <= 600 for attempts in (9, 100, 10**6))


def test_telegram_that_was_away_for_long_has_its_notices_soon_after() -> None:
    method = SendMessage(chat_id=1, text="a")
    for away in (TelegramServerError(method, ""), TelegramNetworkError(method, "")):
        assert 1.6 <= worker._pause(0, away) <= 2
        assert 24 <= worker._pause(100, away) <= 30


async def test_a_refused_card_is_given_up_and_its_scans_still_come(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await office.registered()
    await office.submitted(scans=1)
    office.telegram.troubles = [
        lambda method: TelegramBadRequest(method, "Bad Request: can't parse entities: Иванова")
    ]
    await drain(office.delivery())
    # What follows a card that was refused tries it once more.
    card, scan = office.telegram.chats[STAFF]
    assert (scan.data, scan.reply_to) == (PDF + b"\0", card.message_id)
    assert "(card) is given up: Refused" in caplog.text
    assert "Иванова" not in caplog.text
    assert "card" not in await office.waiting()


async def test_a_letter_that_is_refused_is_given_up(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await register(office.accounts)
    office.mailbox.troubles = [MailRefused("550 no such user")]
    await drain(office.delivery())
    office.watch.move(hours=1)
    await drain(office.delivery())
    assert office.mailbox.letters == []
    assert "(password_letter) is given up: MailRefused" in caplog.text
    with pytest.raises(LoginRefused):
        await office.accounts.log_in(7, "ivanova@example.ru", "")


async def test_a_scan_that_is_gone_does_not_hold_up_the_next(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await office.registered()
    request = await office.submitted(scans=3)
    (office.files / request.scans[0].key).unlink()
    (office.files / request.scans[1].key).write_bytes(b"other")
    await drain(office.delivery())
    assert [post.data for post in office.telegram.chats[STAFF]] == [None, PDF + b"\2"]
    assert caplog.text.count("(scan) is given up") == 2


async def test_an_unforeseen_failure_is_logged_without_words_and_tried_again(
    office: Office, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.registered()
    await office.submitted()
    office.telegram.troubles = [lambda method: KeyError("Иванова Анна")]
    delivery = office.delivery()
    await drain(delivery)
    assert "(card) failed: KeyError at" in caplog.text
    assert "Анна" not in caplog.text.replace('KeyError("Иванова Анна")', "")
    office.watch.move(seconds=3)
    await drain(delivery)
    assert len(office.telegram.chats[STAFF]) == 1


async def test_a_kind_of_a_newer_edition_waits_for_it(office: Office) -> None:
    async with office.database.begin() as tx:
        await tx.outbox.put(
            stream="x",
            kind="fax",
            payload={},
            dedupe_key="x",
            not_before=office.watch.now(),
        )
    await drain(office.delivery())
    assert await office.waiting() == {"fax": 1}


# --- limits ------------------------------------------------------------------------------------


async def test_cards_queue_at_the_limit_of_the_group_and_letters_do_not(office: Office) -> None:
    await office.registered()
    for number in range(25):
        await office.submitted(draft_id=f"{number:016x}")
    began = office.watch.now()
    await drain(office.delivery())
    assert len(office.mailbox.letters) == 25
    # Twenty in the first minute; what queues is announced, and comes in order.
    assert (office.watch.now() - began).total_seconds() >= 60
    notice, *posts = office.telegram.chats[STAFF]
    assert "25" in notice.text
    numbers = [post.text.partition("№ ")[2][:11] for post in posts]
    assert numbers == sorted(set(numbers))
    assert len(set(numbers)) == 25


async def test_a_hundred_requests_in_a_minute_come_in_order_at_telegrams_pace(
    office: Office,
) -> None:
    await office.registered()
    numbers = []
    for at in range(100):
        numbers.append((await office.submitted(draft_id=f"{at:016x}")).number)
        office.watch.move(seconds=0.6)
    taken: list[float] = []
    refused = 0

    def limit(method: TelegramMethod[Any]) -> Exception | None:
        """Telegram's own: twenty messages in a group in any minute."""
        nonlocal refused
        if method.__api_method__ != "sendMessage" or getattr(method, "chat_id", 0) != STAFF:
            return None
        now = office.watch.moment.timestamp()
        if len([one for one in taken if one > now - 60]) >= 20:
            refused += 1
            return TelegramRetryAfter(method, "Too Many Requests", retry_after=10)
        taken.append(now)
        return None

    office.telegram.limit = limit
    await drain(office.delivery())
    posts = [post.text for post in office.telegram.chats[STAFF]]
    cards = [text.partition("№ ")[2][:11] for text in posts if "Заявка №" in text]
    assert cards == numbers
    assert len(posts) == 101  # the backlog was announced, once
    assert refused <= 3


async def test_a_mail_server_that_hangs_does_not_hold_up_the_group(office: Office) -> None:
    await office.registered()
    for number in range(15):
        await office.submitted(draft_id=f"{number:016x}")
    office.mailbox.gate.clear()
    delivery = office.delivery()
    running = asyncio.create_task(delivery.run())

    def all_cards() -> bool:
        office.watch.move(seconds=0.5)
        delivery.wake()
        return len(office.telegram.chats[STAFF]) == 15

    await until(all_cards)
    office.mailbox.gate.set()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_clock_that_jumps_ahead_sends_nothing_twice(office: Office) -> None:
    await office.registered()
    await office.submitted()
    office.mailbox.gate.clear()
    delivery = office.delivery()
    running = asyncio.create_task(delivery.run())
    await until(lambda: len(office.telegram.chats[STAFF]) == 1)
    office.watch.move(hours=1)
    await office.submitted(draft_id="fedcba9876543210")
    delivery.wake()
    await until(lambda: len(office.telegram.chats[STAFF]) == 2)
    office.mailbox.gate.set()
    await until(lambda: len(office.mailbox.letters) >= 2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(office.mailbox.letters) == 2


# --- crashes -----------------------------------------------------------------------------------


async def test_a_crash_between_sending_and_recording_repeats_one_message(office: Office) -> None:
    await office.registered()
    request = await office.submitted(scans=1)
    office.telegram.lose_answers = True
    await office.delivery().drain_once()
    office.telegram.lose_answers = False
    office.watch.move(minutes=6)
    await drain(office.delivery())
    first, again, scan = office.telegram.chats[STAFF]
    assert first.text == again.text
    assert scan.reply_to == again.message_id
    async with office.database.read() as tx:
        assert await tx.posts.card(request.id) == (STAFF, again.message_id)


async def test_a_card_that_is_recorded_is_not_sent_again(office: Office) -> None:
    await office.registered()
    request = await office.submitted()
    async with office.database.begin() as tx:
        await tx.posts.add(request.id, "card", None, STAFF, 99)
    await drain(office.delivery())
    assert office.telegram.chats[STAFF] == []
    assert await office.waiting() == {}


async def test_a_stop_lets_what_is_being_sent_arrive(office: Office) -> None:
    await office.registered()
    await office.submitted()
    office.telegram.gate.clear()
    calls = office.telegram.calls
    running = asyncio.create_task(office.delivery().run())
    await until(lambda: office.telegram.calls > calls)
    running.cancel()
    await asyncio.sleep(0.05)
    assert not running.done()
    office.telegram.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert "card" not in await office.waiting()


async def test_what_a_process_died_with_is_delivered_by_the_next(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_STOP_SECONDS", 0.05)
    await office.registered()
    await office.submitted()
    office.telegram.gate.clear()
    calls = office.telegram.calls
    running = asyncio.create_task(office.delivery().run())
    await until(lambda: office.telegram.calls > calls)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await office.waiting())["card"] == 1
    office.telegram.gate.set()
    office.watch.move(minutes=6)
    await drain(office.delivery())
    assert len(office.telegram.chats[STAFF]) == 1
    assert await office.waiting() == {}


async def test_what_is_in_hand_for_long_stays_in_hand(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_RENEWAL_SECONDS", 0.01)
    await office.registered()
    await office.submitted()
    office.telegram.gate.clear()
    calls = office.telegram.calls
    running = asyncio.create_task(office.delivery().run())
    await until(lambda: office.telegram.calls > calls)
    for _ in range(5):
        office.watch.move(seconds=10)
        await asyncio.sleep(0.1)
        assert await office.delivery().drain_once() == 0
    office.telegram.gate.set()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(office.telegram.chats[STAFF]) == 1


async def test_it_wakes_at_once_and_survives_a_database_that_goes_away(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker, "_LONGEST_OUTAGE_PAUSE", 0.01)
    await office.registered()
    delivery = office.delivery()
    with monkeypatch.context() as patch:
        patch.setattr(office.database, "begin", None)
        running = asyncio.create_task(delivery.run())
        await until(lambda: "the outbox cannot be read: TypeError" in caplog.text)
    await office.submitted()
    delivery.wake()
    await until(lambda: bool(office.telegram.chats[STAFF] and office.mailbox.letters))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(office.telegram.chats[STAFF]) == 1
