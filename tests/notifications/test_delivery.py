"""Delivery of notices with a real database and real files; Telegram and mail are fakes."""

import asyncio
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import SendMessage, TelegramMethod
from sqlalchemy import select, update

from bot.db import models
from bot.db.database import Database
from bot.domain import Address, Answer, Request
from bot.fsm.storage import DatabaseConversationStorage, DatabaseIsolation, StoredConversations
from bot.integrations.errors import MailRefused, MailRetry
from bot.integrations.file_store import FileStore
from bot.integrations.smtp import Email
from bot.integrations.worker_process import WorkerProcess
from bot.notices import Notice, Queue
from bot.notifications import Delivery, outbox_worker
from bot.notifications.outbox_worker import OnOutcome, ignore_outcome
from bot.notifications.senders import SenderContext
from bot.request_types import Catalogue, load
from bot.services import recipients
from bot.services.accounts import Accounts
from bot.services.calendar import WorkingCalendar
from bot.services.deadlines import ReviewDeadlines
from bot.services.errors import LoginRefused
from bot.services.escalations import EscalationPolicy, Escalations
from bot.services.file_cleanup import FileCleanup
from bot.services.letter_cap import UnprovedLetterCap
from bot.services.personal_data import PersonalDataService
from bot.services.rate_limits import RateLimit
from bot.services.readings import ReadingRules, Readings
from bot.services.request_reports import RequestReports
from bot.services.requests import Requests
from bot.services.scans import Scans
from bot.services.staff_chats import StaffChats
from bot.telegram.messenger import Messenger
from bot.telegram.rate_limit import SendRateLimiter
from bot.texts import Translations
from tests.support.account_services import AccountServices, build_account_services
from tests.support.clock import FakeClock
from tests.support.company import COMPANY
from tests.support.counting_hasher import CountingHasher
from tests.support.fake_mailer import FakeMailer
from tests.support.fake_telegram import FakeTelegram
from tests.support.files import make_jpeg, make_pdf
from tests.support.instant_documents import InstantDocuments
from tests.support.samples import FAR_FUTURE, RETENTION, register_account

PDF = make_pdf()
DRAFT = "0123456789abcdef"
STAFF = -500
MOSCOW = ZoneInfo("Europe/Moscow")


@dataclass
class DeliveryFixture:
    """Everything that delivery needs."""

    database: Database
    telegram: FakeTelegram
    mailer: FakeMailer
    clock: FakeClock
    account_services: AccountServices
    scans: Scans
    documents: InstantDocuments
    requests: Requests
    catalogue: Catalogue
    files: Path
    letters_an_hour: int = 1000

    @property
    def accounts(self) -> Accounts:
        return self.account_services.accounts

    def build_delivery(self, on_outcome: OnOutcome = ignore_outcome) -> Delivery:
        """A process that has just started."""

        async def sleep(seconds: float) -> None:
            await asyncio.sleep(0)
            # Rounded down, the last part of a microsecond would be slept for without end.
            self.clock.advance(seconds=seconds, microseconds=1)

        bot = self.telegram.build_bot()
        rate_limiter = SendRateLimiter(lambda: self.clock.moment.timestamp(), sleep)
        return Delivery(
            SenderContext(
                database=self.database,
                messenger=Messenger(bot, rate_limiter),
                translations=Translations.load(),
                catalogue=self.catalogue,
                company=COMPANY,
                clock=self.clock,
            ),
            bot=bot,
            mailer=self.mailer,
            passwords=self.account_services.passwords,
            password_resets=self.account_services.password_resets,
            codes=self.account_services.codes,
            scans=self.scans,
            file_cleanup=FileCleanup(
                self.database, FileStore.open(f"file://{self.files}"), self.clock
            ),
            documents=self.documents,
            personal_data=PersonalDataService(
                self.database,
                self.scans,
                StoredConversations(
                    DatabaseConversationStorage(self.database, self.clock.now),
                    DatabaseIsolation(self.database),
                    bot_id=1,
                ),
                self.clock,
                RETENTION,
            ),
            staff_chats=StaffChats(self.database, STAFF),
            escalations=Escalations(
                self.database,
                ReviewDeadlines(load(), WorkingCalendar(), MOSCOW, 9),
                self.clock,
                EscalationPolicy(
                    chat_ids=frozenset(),
                    emails=(),
                    overdue_after=timedelta(days=3),
                    untaken_after=timedelta(minutes=15),
                ),
            ),
            readings=Readings(self.database, self.clock, MOSCOW, ReadingRules()),
            request_reports=RequestReports(
                self.database,
                ReviewDeadlines(load(), WorkingCalendar(), MOSCOW, 9),
                self.clock,
                MOSCOW,
                9,
            ),
            worker=WorkerProcess(),
            unproved_cap=UnprovedLetterCap(
                self.database, self.clock, RateLimit(self.letters_an_hour, 3600)
            ),
            on_outcome=on_outcome,
        )

    async def register(self) -> str:
        """Registers an account; returns the password of its letter."""
        await register_account(self.accounts)
        await drain(self.build_delivery())
        letter, _ = self.mailer.letters.pop()
        return find_password(letter)

    async def submit_request(self, scans: int = 0, draft_id: str = DRAFT) -> Request:
        async with self.database.read() as tx:
            account = await tx.accounts.get_by_email("ivanova@example.ru")
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

    async def count_waiting(self) -> dict[str, int]:
        async with self.database.read() as tx:
            return {
                kind: count for kind, count in (await tx.outbox.count_waiting()).items() if count
            }


async def drain(delivery: Delivery) -> None:
    while await delivery.drain_once():
        pass


async def wait_until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 (what is waited for knows no events)
            await asyncio.sleep(0.01)


def find_password(letter: Email) -> str:
    """The word of the letter that looks like a password and has a line of its own."""
    words = [line.strip().split()[-1] for line in letter.text.splitlines() if line.strip()]
    (password,) = {word for word in words if len(word) >= 12 and word.isalnum() and word.isascii()}
    return password


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(None)


@pytest.fixture
def hasher() -> Iterator[CountingHasher]:
    hasher = CountingHasher()
    yield hasher
    hasher.close()


@pytest.fixture
def fixture(
    database: Database,
    hasher: CountingHasher,
    catalogue: Catalogue,
    tmp_path: Path,
    inspection_worker: WorkerProcess,
) -> DeliveryFixture:
    clock = FakeClock()
    return DeliveryFixture(
        database=database,
        telegram=FakeTelegram(),
        mailer=FakeMailer(),
        clock=clock,
        account_services=build_account_services(database, hasher, clock),
        scans=Scans(database, FileStore.open(f"file://{tmp_path}/files"), clock, inspection_worker),
        documents=InstantDocuments(),
        requests=Requests(database, catalogue, WorkingCalendar(), clock, MOSCOW),
        catalogue=catalogue,
        files=tmp_path / "files",
    )


# --- what is sent ------------------------------------------------------------------------------


async def test_a_request_reaches_the_group_and_the_mailbox(fixture: DeliveryFixture) -> None:
    await fixture.register()
    request = await fixture.submit_request(scans=2)
    await drain(fixture.build_delivery())
    card, first, second = fixture.telegram.chats[STAFF]
    assert request.number in card.text
    assert "Тула, ул. &lt;Мира&gt;, 1" in card.text
    assert (first.name, first.data) == ("0.pdf", PDF + b"\0")
    assert (second.name, second.data) == ("1.pdf", PDF + b"\1")
    assert first.reply_to == second.reply_to == card.message_id
    ((letter, message_id),) = fixture.mailer.letters
    assert letter.to == "ivanova@example.ru"
    assert request.number in letter.subject
    # The moment keeps apart the letters of a restored database and those of the first one.
    assert re.fullmatch(r"registered_letter-\d+-20261124090000000000", message_id)
    (receipt,) = letter.attachments
    assert receipt.name == f"Квитанция {request.number}.pdf"
    assert receipt.data == f"%PDF {receipt.name}".encode()
    assert await fixture.count_waiting() == {}
    async with fixture.database.read() as tx:
        assert await tx.bot_messages.find_card_place(request.id) == (STAFF, card.message_id)


async def test_a_letter_does_not_wait_for_a_receipt_that_cannot_be_made(
    fixture: DeliveryFixture,
) -> None:
    await fixture.register()
    fixture.documents.broken = True
    request = await fixture.submit_request()
    await drain(fixture.build_delivery())
    ((letter, _),) = fixture.mailer.letters
    assert request.number in letter.subject
    assert letter.attachments == ()


@pytest.mark.parametrize("broken", [False, True])
async def test_the_staff_get_documents_below_the_card(
    fixture: DeliveryFixture, broken: bool
) -> None:
    await fixture.register()
    for number in range(2):
        photo = make_jpeg(f"{number}")
        await fixture.scans.accept(DRAFT, f"photo {number}", f"{number}.jpg", photo)
    request = await fixture.submit_request(scans=1)
    await drain(fixture.build_delivery())
    card = fixture.telegram.chats[STAFF][0]
    before = len(fixture.telegram.chats[STAFF])
    fixture.documents.broken = broken
    for document in ("receipt", "joined_photos", "joined_photos"):
        async with fixture.database.begin() as tx:
            now = fixture.clock.now()
            await recipients.send_card_document(tx, request.id, document, now)
    await drain(fixture.build_delivery())
    # Asked for twice in a minute, a document comes once.
    receipt, photos = fixture.telegram.chats[STAFF][before:]
    assert receipt.reply_to == photos.reply_to == card.message_id
    if broken:
        assert "Не получилось составить PDF" in receipt.text
        assert "Не получилось составить PDF" in photos.text
    else:
        assert receipt.name == f"Квитанция {request.number}.pdf"
        assert photos.name == f"Фото по заявке {request.number}.pdf"
        assert photos.data == b"%PDF 2 photos"
    async with fixture.database.read() as tx:
        head = await tx.bot_messages.find_card(request.id)
        assert head is not None
        below = [one.message_id for one in await tx.bot_messages.list_below_card(head)]
    # An erasure deletes them with the scans.
    assert {receipt.message_id, photos.message_id} <= set(below)


async def test_a_long_card_comes_whole(fixture: DeliveryFixture) -> None:
    await fixture.register()
    async with fixture.database.read() as tx:
        account = await tx.accounts.get_by_email("ivanova@example.ru")
    assert account is not None
    words = [f"слово{n}" for n in range(700)]
    request = await fixture.requests.register(
        draft_id=DRAFT,
        account=account,
        type_code=fixture.catalogue.types[1].code,
        raw_answers={},
        answers=[],
        text=" ".join(words),
    )
    fixture.telegram.troubles = [
        None,
        lambda method: TelegramRetryAfter(method, "Too Many Requests", retry_after=140),
    ]
    delivery = fixture.build_delivery()
    await drain(delivery)
    assert len(fixture.telegram.chats[STAFF]) == 1
    fixture.clock.advance(seconds=141)
    # The pause in the middle does not begin the card anew.
    await drain(delivery)
    posts = fixture.telegram.chats[STAFF]
    assert len(posts) > 1
    assert all(mail_client.reply_to == posts[0].message_id for mail_client in posts[1:])
    assert all(word in "".join(mail_client.text for mail_client in posts) for word in words)
    async with fixture.database.read() as tx:
        assert await tx.bot_messages.find_card_place(request.id) == (STAFF, posts[0].message_id)


async def test_the_password_is_made_at_delivery_and_rests_nowhere(
    fixture: DeliveryFixture, tmp_path: Path
) -> None:
    password = await fixture.register()
    account = await fixture.accounts.log_in(Address.from_chat(7), "ivanova@example.ru", password)
    assert account.password_is_temporary
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or password.encode() not in path.read_bytes()


async def test_a_password_letter_that_failed_is_sent_with_another_password(
    fixture: DeliveryFixture,
) -> None:
    await register_account(fixture.accounts)
    fixture.mailer.troubles = [MailRetry("451")]
    delivery = fixture.build_delivery()
    await drain(delivery)
    assert fixture.mailer.letters == []
    fixture.clock.advance(seconds=5)
    await drain(delivery)
    ((letter, _),) = fixture.mailer.letters
    await fixture.accounts.log_in(Address.from_chat(7), "ivanova@example.ru", find_password(letter))


async def test_a_letter_that_only_seemed_to_fail_leaves_the_new_password_alone(
    fixture: DeliveryFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await register_account(fixture.accounts)
    async with fixture.database.read() as tx:
        account = await tx.accounts.get_by_email("ivanova@example.ru")
    assert account is not None
    fixture.mailer.troubles = [MailRetry("the connection was lost after the letter")]
    delivery = fixture.build_delivery()
    await drain(delivery)
    passwords = fixture.account_services.passwords
    await passwords.change(
        account.id, Address.from_chat(7), await passwords.prepare(account.id, "my own words")
    )
    fixture.clock.advance(minutes=11)
    await drain(delivery)
    assert [letter.subject for letter in fixture.mailer.sent] == [
        "Пароль от личного кабинета изменён. Сети"
    ]
    assert await fixture.count_waiting() == {}
    await fixture.accounts.log_in(Address.from_chat(7), "ivanova@example.ru", "my own words")


async def test_the_owner_of_a_taken_email_gets_a_letter_without_a_password(
    fixture: DeliveryFixture,
) -> None:
    password = await fixture.register()
    await fixture.accounts.log_in(Address.from_chat(7), "ivanova@example.ru", password)
    await register_account(fixture.accounts, draft_id="2")
    await drain(fixture.build_delivery())
    ((letter, _),) = fixture.mailer.letters
    assert letter.to == "ivanova@example.ru"
    await fixture.accounts.log_in(Address.from_chat(7), "ivanova@example.ru", password)


async def log_in_twice(fixture: DeliveryFixture) -> None:
    """Chats 7 and 8 log in; 7 changes the password."""
    password = await fixture.register()
    for chat_id in (7, 8):
        account = await fixture.accounts.log_in(
            Address.from_chat(chat_id), "ivanova@example.ru", password
        )
    passwords = fixture.account_services.passwords
    await passwords.change(
        account.id, Address.from_chat(7), await passwords.prepare(account.id, "my own words")
    )


async def test_a_chat_that_was_logged_out_is_told(fixture: DeliveryFixture) -> None:
    await log_in_twice(fixture)
    await drain(fixture.build_delivery())
    assert list(fixture.telegram.chats) == [8]
    assert [letter.subject for letter in fixture.mailer.sent] == [
        "Вход в личный кабинет из нового чата. Сети",
        "Пароль от личного кабинета изменён. Сети",
    ]


@pytest.mark.parametrize("trouble", ["blocked", "unknown"])
async def test_who_blocked_the_bot_is_told_by_mail(fixture: DeliveryFixture, trouble: str) -> None:
    await log_in_twice(fixture)
    getattr(fixture.telegram, trouble).add(8)
    await drain(fixture.build_delivery())
    letter = fixture.mailer.sent[-1]
    assert letter.to == "ivanova@example.ru"
    assert "В других чатах выполнен выход" in letter.text
    assert await fixture.count_waiting() == {}


# --- what goes wrong ---------------------------------------------------------------------------


async def test_telegram_is_left_alone_as_long_as_it_asks(fixture: DeliveryFixture) -> None:
    await fixture.register()
    await fixture.submit_request()
    fixture.telegram.troubles = [
        lambda method: TelegramRetryAfter(method, "Too Many Requests", retry_after=140)
    ]
    delivery = fixture.build_delivery()
    await drain(delivery)
    await fixture.submit_request(draft_id="f" * 16)
    fixture.clock.advance(seconds=25)
    await drain(delivery)
    assert fixture.telegram.calls == 1
    assert len(fixture.mailer.letters) == 2
    fixture.clock.advance(seconds=116)
    await drain(delivery)
    assert len(fixture.telegram.chats[STAFF]) == 2


async def test_a_group_that_became_a_supergroup_is_found(fixture: DeliveryFixture) -> None:
    await fixture.register()
    await fixture.submit_request(scans=1)
    delivery = fixture.build_delivery()
    await delivery.drain_once()
    assert len(fixture.telegram.chats[STAFF]) == 1
    fixture.telegram.moved[STAFF] = -1009
    fixture.telegram.chats[-1009].clear()
    await drain(delivery)
    # The card stayed in the old group, so there is nothing to reply to.
    (scan,) = fixture.telegram.chats[-1009]
    assert (scan.data, scan.reply_to) == (PDF + b"\0", None)
    calls = fixture.telegram.calls
    await fixture.submit_request(draft_id="f" * 16)
    await drain(fixture.build_delivery())
    assert fixture.telegram.calls == calls + 1
    assert len(fixture.telegram.chats[-1009]) == 2


async def test_a_group_that_threw_the_bot_out_gets_everything_when_it_is_back(
    fixture: DeliveryFixture, caplog: pytest.LogCaptureFixture
) -> None:
    await fixture.register()
    await fixture.submit_request(scans=1)
    await fixture.submit_request(draft_id="f" * 16)
    fixture.telegram.blocked.add(STAFF)
    delivery = fixture.build_delivery()
    for _ in range(8):
        await drain(delivery)
        fixture.clock.advance(minutes=11)
    assert len(fixture.mailer.letters) == 2
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1
    assert await fixture.count_waiting() == {"card": 2, "scan": 1}
    fixture.telegram.blocked.clear()
    for _ in range(3):
        await drain(delivery)
        fixture.clock.advance(minutes=11)
    assert len(fixture.telegram.chats[STAFF]) == 3
    assert await fixture.count_waiting() == {}


async def test_outages_are_waited_out_with_growing_pauses(fixture: DeliveryFixture) -> None:
    await fixture.register()
    request = await fixture.submit_request()
    fixture.telegram.troubles = [
        lambda method: TelegramServerError(method, "Bad Gateway"),
        lambda method: TelegramNetworkError(method, "Request timeout error"),
        lambda method: ConnectionRefusedError(),
        lambda method: TelegramServerError(method, "Internal Server Error"),
    ]
    delivery = fixture.build_delivery()
    tries = []
    for second in range(60):
        before = fixture.telegram.calls
        await drain(delivery)
        tries += [second] * (fixture.telegram.calls - before)
        fixture.clock.advance(seconds=1)
    pauses = [later - earlier for earlier, later in pairwise(tries)]
    assert len(pauses) == 4
    assert pauses == sorted(pauses)
    assert 2 <= pauses[0] < pauses[-1] <= 17
    async with fixture.database.read() as tx:
        assert await tx.bot_messages.find_card_place(request.id) == (STAFF, 1)


def test_pauses_do_not_grow_beyond_ten_minutes() -> None:
    trouble = MailRetry("451 try again later")
    assert 1.6 <= outbox_worker._compute_pause(0, trouble) <= 2
    assert all(
        480 <= outbox_worker._compute_pause(attempts, trouble) <= 600
        for attempts in (9, 100, 10**6)
    )


def test_telegram_that_was_away_for_long_has_its_notices_soon_after() -> None:
    method = SendMessage(chat_id=1, text="a")
    for away in (TelegramServerError(method, ""), TelegramNetworkError(method, "")):
        assert 1.6 <= outbox_worker._compute_pause(0, away) <= 2
        assert 24 <= outbox_worker._compute_pause(100, away) <= 30


async def test_a_refused_card_is_given_up_and_its_scans_still_come(
    fixture: DeliveryFixture, caplog: pytest.LogCaptureFixture
) -> None:
    await fixture.register()
    await fixture.submit_request(scans=1)
    fixture.telegram.troubles = [
        lambda method: TelegramBadRequest(method, "Bad Request: can't parse entities: Иванова")
    ]
    await drain(fixture.build_delivery())
    # What follows a card that was refused tries it once more.
    card, scan = fixture.telegram.chats[STAFF]
    assert (scan.data, scan.reply_to) == (PDF + b"\0", card.message_id)
    assert "(card) is given up: MessageRefused" in caplog.text
    assert "Иванова" not in caplog.text
    assert "card" not in await fixture.count_waiting()


async def test_a_letter_that_is_refused_is_given_up(
    fixture: DeliveryFixture, caplog: pytest.LogCaptureFixture
) -> None:
    await register_account(fixture.accounts)
    async with fixture.database.begin() as tx:
        account = await tx.accounts.get_by_email("ivanova@example.ru")
        assert account is not None
        # In use: an account that nobody has used is deleted, see tests/chat/test_loose_messages.py.
        await tx.chats.link(8, account.id, fixture.clock.now(), FAR_FUTURE)
        await tx.accounts.mark_email_proved(account.id, fixture.clock.now())
        await recipients.announce_reset(tx, account.id, 1, [], fixture.clock.now())
    fixture.mailer.troubles = [MailRefused("550 no such user")]
    await drain(fixture.build_delivery())
    fixture.clock.advance(hours=1)
    await drain(fixture.build_delivery())
    assert fixture.mailer.letters == []
    assert "(reset_letter) is given up: MailRefused" in caplog.text
    with pytest.raises(LoginRefused):
        await fixture.accounts.log_in(Address.from_chat(7), "ivanova@example.ru", "")


async def test_the_log_tells_what_a_relay_has_against_us(
    fixture: DeliveryFixture, caplog: pytest.LogCaptureFixture
) -> None:
    await fixture.register()
    await fixture.submit_request()
    reason = "SMTPRecipientRefused: 554 5.7.1 Relay access denied for Иванова"
    fixture.mailer.troubles = [MailRetry(reason, "554 5.7.1")]
    await drain(fixture.build_delivery())
    assert "waits: MailRetry 554 5.7.1\n" in caplog.text
    assert "Иванова" not in caplog.text


async def test_a_scan_that_is_gone_does_not_hold_up_the_next(
    fixture: DeliveryFixture, caplog: pytest.LogCaptureFixture
) -> None:
    await fixture.register()
    request = await fixture.submit_request(scans=3)
    (fixture.files / request.scans[0].key).unlink()
    (fixture.files / request.scans[1].key).write_bytes(b"other")
    await drain(fixture.build_delivery())
    assert [mail_client.data for mail_client in fixture.telegram.chats[STAFF]] == [
        None,
        PDF + b"\2",
    ]
    for gone in request.scans[:2]:
        assert caplog.text.count(f"scan {gone.id} is given up") == 1
    # The notice is kept as one that failed; tried again, it would send the two only.
    assert caplog.text.count("(scan) is given up") == 1


async def test_an_album_goes_on_one_by_one_and_nothing_comes_twice(
    fixture: DeliveryFixture, caplog: pytest.LogCaptureFixture
) -> None:
    await fixture.register()
    request = await fixture.submit_request(scans=4)
    fixture.telegram.troubles = [
        None,
        lambda method: TelegramBadRequest(method, "Bad Request: group send failed"),
        None,
        lambda method: TelegramBadRequest(method, "Bad Request: wrong file"),
        lambda method: TelegramServerError(method, "Bad Gateway"),
    ]
    await drain(fixture.build_delivery())
    assert len(fixture.telegram.chats[STAFF]) == 2
    # Another process goes on, as after kill -9; of the second one nobody knows that it is refused.
    fixture.clock.advance(seconds=3)
    await drain(fixture.build_delivery())
    names = [one.name for one in fixture.telegram.chats[STAFF]]
    assert names == [None, "0.pdf", "1.pdf", "2.pdf", "3.pdf"]
    assert "is given up" not in caplog.text
    async with fixture.database.read() as tx:
        scan_ids = [scan.id for scan in request.scans]
        assert await tx.bot_messages.list_sent_files(request.id, scan_ids) == set(scan_ids)
    assert await fixture.count_waiting() == {}


async def test_an_unforeseen_failure_is_logged_without_words_and_tried_again(
    fixture: DeliveryFixture, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fixture.register()
    await fixture.submit_request()
    fixture.telegram.troubles = [lambda method: KeyError("Иванова Анна")]
    delivery = fixture.build_delivery()
    await drain(delivery)
    assert "(card) failed: KeyError at" in caplog.text
    assert "Анна" not in caplog.text.replace('KeyError("Иванова Анна")', "")
    fixture.clock.advance(seconds=3)
    await drain(delivery)
    assert len(fixture.telegram.chats[STAFF]) == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Fax(Notice):
    """A kind of notice that only a newer version knows."""

    kind: ClassVar = "fax"
    queue: ClassVar = Queue.EMAILS

    @property
    def stream(self) -> str:
        return "request:1"

    @property
    def dedupe_key(self) -> str:
        return "fax"


async def test_a_kind_of_a_newer_version_waits_untried_and_holds_its_stream(
    fixture: DeliveryFixture, caplog: pytest.LogCaptureFixture
) -> None:
    await fixture.register()
    async with fixture.database.begin() as tx:
        await tx.outbox.put(Fax(), fixture.clock.now())
    await fixture.submit_request()
    for _ in range(3):
        await drain(fixture.build_delivery())
        fixture.clock.advance(minutes=11)
    assert await fixture.count_waiting() == {"fax": 1, "card": 1}
    assert len(fixture.mailer.letters) == 1
    async with fixture.database.read() as tx:
        tried = select(models.OutboxRow.attempts).where(models.OutboxRow.kind == "fax")
        assert await tx.connection.scalar(tried) == 0
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


@pytest.mark.parametrize("payload", [{"id": 1}, {"request_id": "Иванова"}, []])
async def test_a_payload_that_does_not_fit_is_given_up_once_and_its_stream_goes_on(
    fixture: DeliveryFixture, caplog: pytest.LogCaptureFixture, payload: object
) -> None:
    await fixture.register()
    await fixture.submit_request(scans=1)
    async with fixture.database.begin() as tx:
        row = models.OutboxRow
        await tx.connection.execute(update(row).where(row.kind == "card").values(payload=payload))
    outcomes: list[tuple[str, str]] = []
    for _ in range(3):
        await drain(fixture.build_delivery(on_outcome=lambda *outcome: outcomes.append(outcome)))
        fixture.clock.advance(minutes=11)
    (error,) = [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR]
    assert "(card) is given up, its payload does not fit: " in error
    assert "Иванова" not in caplog.text
    assert outcomes.count(("card", "given_up")) == 1
    assert await fixture.count_waiting() == {}
    # The scan brings the card with it.
    assert [one.data for one in fixture.telegram.chats[STAFF]] == [None, PDF + b"\0"]


# --- limits ------------------------------------------------------------------------------------


async def test_cards_queue_at_the_limit_of_the_group_and_letters_do_not(
    fixture: DeliveryFixture,
) -> None:
    await fixture.register()
    for number in range(25):
        await fixture.submit_request(draft_id=f"{number:016x}")
    began = fixture.clock.now()
    await drain(fixture.build_delivery())
    assert len(fixture.mailer.letters) == 25
    # Twenty in the first minute; what queues is announced, and comes in order.
    assert (fixture.clock.now() - began).total_seconds() >= 60
    notice, *posts = fixture.telegram.chats[STAFF]
    assert "25" in notice.text
    numbers = [mail_client.text.partition("№")[2][1:12] for mail_client in posts]
    assert numbers == sorted(set(numbers))
    assert len(set(numbers)) == 25


async def test_a_hundred_requests_in_a_minute_come_in_order_at_telegrams_pace(
    fixture: DeliveryFixture,
) -> None:
    await fixture.register()
    numbers = []
    for at in range(100):
        numbers.append((await fixture.submit_request(draft_id=f"{at:016x}")).number)
        fixture.clock.advance(seconds=0.6)
    taken: list[float] = []
    refused = 0

    def check_limit(method: TelegramMethod[Any]) -> Exception | None:
        """Telegram's own: twenty messages in a group in any minute."""
        nonlocal refused
        if method.__api_method__ != "sendMessage" or getattr(method, "chat_id", 0) != STAFF:
            return None
        now = fixture.clock.moment.timestamp()
        if len([one for one in taken if one > now - 60]) >= 20:
            refused += 1
            return TelegramRetryAfter(method, "Too Many Requests", retry_after=10)
        taken.append(now)
        return None

    fixture.telegram.limit = check_limit
    await drain(fixture.build_delivery())
    posts = [mail_client.text for mail_client in fixture.telegram.chats[STAFF]]
    cards = [text.partition("№")[2][1:12] for text in posts if "Заявка №" in text]
    assert cards == numbers
    assert len(posts) == 101  # the backlog was announced, once
    assert refused <= 3


async def test_a_mail_server_that_hangs_does_not_hold_up_the_group(
    fixture: DeliveryFixture,
) -> None:
    await fixture.register()
    for number in range(15):
        await fixture.submit_request(draft_id=f"{number:016x}")
    fixture.mailer.gate.clear()
    delivery = fixture.build_delivery()
    running = asyncio.create_task(delivery.run())

    def has_all_cards() -> bool:
        fixture.clock.advance(seconds=0.5)
        delivery.wake()
        return len(fixture.telegram.chats[STAFF]) == 15

    await wait_until(has_all_cards)
    fixture.mailer.gate.set()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_clock_that_jumps_ahead_sends_nothing_twice(fixture: DeliveryFixture) -> None:
    await fixture.register()
    await fixture.submit_request()
    fixture.mailer.gate.clear()
    delivery = fixture.build_delivery()
    running = asyncio.create_task(delivery.run())
    await wait_until(lambda: len(fixture.telegram.chats[STAFF]) == 1)
    fixture.clock.advance(hours=1)
    await fixture.submit_request(draft_id="fedcba9876543210")
    delivery.wake()
    await wait_until(lambda: len(fixture.telegram.chats[STAFF]) == 2)
    fixture.mailer.gate.set()
    await wait_until(lambda: len(fixture.mailer.letters) >= 2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(fixture.mailer.letters) == 2


# --- crashes -----------------------------------------------------------------------------------


async def test_a_crash_between_sending_and_recording_repeats_one_message(
    fixture: DeliveryFixture,
) -> None:
    await fixture.register()
    request = await fixture.submit_request(scans=1)
    fixture.telegram.lose_answers = True
    await fixture.build_delivery().drain_once()
    fixture.telegram.lose_answers = False
    fixture.clock.advance(minutes=6)
    await drain(fixture.build_delivery())
    first, again, scan = fixture.telegram.chats[STAFF]
    assert first.text == again.text
    assert scan.reply_to == again.message_id
    async with fixture.database.read() as tx:
        assert await tx.bot_messages.find_card_place(request.id) == (STAFF, again.message_id)


async def test_a_card_that_is_recorded_is_not_sent_again(fixture: DeliveryFixture) -> None:
    await fixture.register()
    request = await fixture.submit_request()
    async with fixture.database.begin() as tx:
        await tx.bot_messages.add(request.id, "card", None, STAFF, 99)
    await drain(fixture.build_delivery())
    assert fixture.telegram.chats[STAFF] == []
    assert await fixture.count_waiting() == {}


async def test_a_stop_lets_what_is_being_sent_arrive(fixture: DeliveryFixture) -> None:
    await fixture.register()
    await fixture.submit_request()
    fixture.telegram.gate.clear()
    calls = fixture.telegram.calls
    running = asyncio.create_task(fixture.build_delivery().run())
    await wait_until(lambda: fixture.telegram.calls > calls)
    running.cancel()
    await asyncio.sleep(0.05)
    assert not running.done()
    fixture.telegram.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert "card" not in await fixture.count_waiting()


async def test_what_a_process_died_with_is_delivered_by_the_next(
    fixture: DeliveryFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_worker, "_STOP_SECONDS", 0.05)
    await fixture.register()
    await fixture.submit_request()
    fixture.telegram.gate.clear()
    calls = fixture.telegram.calls
    running = asyncio.create_task(fixture.build_delivery().run())
    await wait_until(lambda: fixture.telegram.calls > calls)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await fixture.count_waiting())["card"] == 1
    fixture.telegram.gate.set()
    fixture.clock.advance(minutes=6)
    await drain(fixture.build_delivery())
    assert len(fixture.telegram.chats[STAFF]) == 1
    assert await fixture.count_waiting() == {}


async def test_what_is_in_hand_for_long_stays_in_hand(
    fixture: DeliveryFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_worker, "_RENEWAL_SECONDS", 0.01)
    await fixture.register()
    await fixture.submit_request()
    fixture.telegram.gate.clear()
    calls = fixture.telegram.calls
    running = asyncio.create_task(fixture.build_delivery().run())
    await wait_until(lambda: fixture.telegram.calls > calls)
    for _ in range(5):
        fixture.clock.advance(seconds=10)
        await asyncio.sleep(0.1)
        assert await fixture.build_delivery().drain_once() == 0
    fixture.telegram.gate.set()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(fixture.telegram.chats[STAFF]) == 1


async def test_it_wakes_at_once_and_survives_a_database_that_goes_away(
    fixture: DeliveryFixture, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outbox_worker, "_LONGEST_OUTAGE_PAUSE", 0.01)
    await fixture.register()
    delivery = fixture.build_delivery()
    with monkeypatch.context() as patch:
        patch.setattr(fixture.database, "begin", None)
        running = asyncio.create_task(delivery.run())
        await wait_until(lambda: "the outbox cannot be read: TypeError" in caplog.text)
    await fixture.submit_request()
    delivery.wake()
    await wait_until(lambda: bool(fixture.telegram.chats[STAFF] and fixture.mailer.letters))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(fixture.telegram.chats[STAFF]) == 1
