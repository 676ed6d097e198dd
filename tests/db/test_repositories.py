"""Transactions and repositories, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import IntegrityError, NoResultFound, StatementError

from bot.db.accounts import LoginAttempts
from bot.db.database import Database, Tx, is_in_transaction
from bot.db.errors import DraftTaken, EmailTaken
from bot.domain import Account, ActorKind, Address, Chat, Consent, HistoryEntry, Status
from bot.notices import FileRemoval
from tests.support.samples import (
    ANSWERS,
    FAR_FUTURE,
    NOW,
    add_account,
    add_file,
    add_request,
    list_consents,
)

LONG_AGO = NOW - timedelta(days=30)
#: Beyond 32 bits, as ids of Telegram are.
CHAT, OTHER_CHAT, THIRD_CHAT, GROUP = (
    7_000_000_001,
    7_000_000_002,
    7_000_000_003,
    -1_002_000_000_000,
)


class TransactionInterrupted(Exception):
    """Something went wrong in the middle of a transaction."""


@pytest.fixture
async def account(database: Database) -> Account:
    async with database.begin() as tx:
        return await add_account(tx)


@pytest.fixture
async def tx(database: Database, account: Account) -> AsyncIterator[Tx]:
    """For what one transaction is enough to see."""
    async with database.begin() as tx:
        yield tx


async def put_notice(tx: Tx) -> None:
    await tx.outbox.put(FileRemoval(key="k"), NOW)


# --- transactions ------------------------------------------------------------------------------


async def test_an_exception_rolls_everything_back(database: Database) -> None:
    async def write() -> None:
        async with database.begin() as tx:
            await add_account(tx)
            raise TransactionInterrupted

    with pytest.raises(TransactionInterrupted):
        await write()
    async with database.read() as tx:
        assert await tx.accounts.get_by_email("ivanova@example.ru") is None


async def test_a_cancelled_transaction_rolls_back(database: Database) -> None:
    written = asyncio.Event()

    async def write() -> None:
        async with database.begin() as tx:
            await add_account(tx)
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.begin() as tx:
        assert await tx.accounts.get_by_email("ivanova@example.ru") is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_writers_go_in_the_order_of_asking(database: Database) -> None:
    # PostgreSQL lets many write at once.
    done = []

    async def write(number: int) -> None:
        async with database.begin() as tx:
            await tx.values.set("last", str(number))
        done.append(number)

    await asyncio.gather(*(write(number) for number in range(40)))
    assert done == list(range(40))


async def test_a_reader_neither_waits_for_a_writer_nor_sees_its_work(database: Database) -> None:
    async with asyncio.timeout(5), database.begin() as writing:
        await add_account(writing)
        async with database.read() as reading:
            assert await reading.accounts.get_by_email("ivanova@example.ru") is None


async def test_on_outbox_follows_only_a_commit_that_filled_the_outbox(database: Database) -> None:
    inside: list[bool] = []
    database.on_outbox = lambda: inside.append(is_in_transaction())

    async def fail() -> None:
        async with database.begin() as tx:
            await put_notice(tx)
            raise TransactionInterrupted

    async with database.begin() as tx:
        await add_account(tx)
    with pytest.raises(TransactionInterrupted):
        await fail()
    async with database.read() as tx:
        assert await tx.outbox.count_waiting() == {}
    assert inside == []

    async with database.begin() as tx:
        await put_notice(tx)
        assert inside == []
    assert inside == [False]  # called once, when the transaction was over


async def test_in_transaction_is_true_inside_and_only_for_that_task(database: Database) -> None:
    opened = asyncio.Event()

    async def check_other_task() -> bool:
        await opened.wait()
        return is_in_transaction()

    other = asyncio.create_task(check_other_task())
    assert not is_in_transaction()
    async with database.begin():
        assert is_in_transaction()
        opened.set()
        assert not await other
    async with database.read():
        assert is_in_transaction()
    with pytest.raises(TransactionInterrupted):
        async with database.begin():
            raise TransactionInterrupted
    assert not is_in_transaction()


async def test_foreign_keys_are_enforced(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.begin() as tx:
            await add_request(tx, account_id=999)
    with pytest.raises(IntegrityError):
        async with database.begin() as tx:
            await tx.chats.link(CHAT, 999, NOW, FAR_FUTURE)


async def test_times_come_back_aware_and_in_utc(database: Database) -> None:
    noon = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=3)))
    async with database.begin() as tx:
        account = await add_account(tx)
        await tx.login_attempts.record("k", 1, noon, NOW)
        assert account.created_at == NOW
        assert account.created_at.tzinfo is UTC
    async with database.begin() as tx:
        until = (await tx.login_attempts.get("k", NOW)).blocked_until
    assert until == noon
    assert until is not None
    assert until.tzinfo is UTC


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        async with database.begin() as tx:
            await tx.login_attempts.record("k", 1, NOW.replace(tzinfo=None), NOW)


async def test_ping(database: Database) -> None:
    await database.ping()


# --- accounts and consents ---------------------------------------------------------------------


async def test_an_account_is_found_by_email_and_id(database: Database, account: Account) -> None:
    assert account.password_is_temporary
    async with database.read() as tx:
        assert await tx.accounts.get(account.id) == account
        assert await tx.accounts.get_by_email(account.email) == account
        assert await tx.accounts.get_by_email("nobody@example.ru") is None
        assert await tx.accounts.get_password_hash(account.id) is None
        with pytest.raises(NoResultFound):
            await tx.accounts.get(999)


async def test_a_taken_email_leaves_the_transaction_usable(
    database: Database, account: Account
) -> None:
    async with database.begin() as tx:
        with pytest.raises(EmailTaken):
            await add_account(tx, account.email)
        other = await add_account(tx, "petrov@example.ru")
    async with database.read() as tx:
        assert await tx.accounts.get_by_email("petrov@example.ru") == other
        assert await tx.accounts.get(account.id) == account


async def test_one_email_registered_twice_at_once(database: Database) -> None:
    async def register() -> Account:
        async with database.begin() as tx:
            return await add_account(tx)

    outcomes = await asyncio.gather(*(register() for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(outcome, Account) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, EmailTaken) for outcome in outcomes) == 3


async def test_password_and_locale_change_for_one_account_only(tx: Tx, account: Account) -> None:
    other = await add_account(tx, "petrov@example.ru")
    await tx.accounts.set_password(account.id, "hash", temporary=False)
    await tx.accounts.set_locale(account.id, "en")

    changed = await tx.accounts.get(account.id)
    assert (changed.password_is_temporary, changed.locale) == (False, "en")
    assert await tx.accounts.get_password_hash(account.id) == "hash"
    assert await tx.accounts.get(other.id) == other
    assert await tx.accounts.get_password_hash(other.id) is None


async def test_consents_are_kept_word_by_word_in_order(tx: Tx, account: Account) -> None:
    consents = [
        Consent(
            version=version,
            text="Согласен «да»\n",
            sha256="a" * 64,
            accepted_at=NOW,
            address=Address.from_chat(CHAT),
        )
        for version in ("2", "1")
    ]
    for consent in consents:
        await tx.consents.add(account.id, consent)
    other = await add_account(tx, "petrov@example.ru")
    assert await list_consents(tx, account.id) == consents
    assert await list_consents(tx, other.id) == []


# --- chats -------------------------------------------------------------------------------------


async def test_an_unknown_chat_is_a_guest(tx: Tx) -> None:
    assert (await tx.chats.get(CHAT)).to_chat(NOW) == Chat(id=CHAT, account=None, locale=None)


async def test_a_chat_is_logged_in_until_unlinked(tx: Tx, account: Account) -> None:
    await tx.chats.link(CHAT, account.id, NOW, FAR_FUTURE)
    assert (await tx.chats.get(CHAT)).to_chat(NOW) == Chat(id=CHAT, account=account, locale=None)
    await tx.chats.unlink(CHAT)
    assert (await tx.chats.get(CHAT)).to_chat(NOW).account is None
    assert await tx.chats.list_for_account(account.id, NOW) == []


async def test_a_chat_logs_in_to_another_account(tx: Tx, account: Account) -> None:
    other = await add_account(tx, "petrov@example.ru")
    await tx.chats.link(CHAT, account.id, NOW, FAR_FUTURE)
    await tx.chats.link(CHAT, other.id, NOW, FAR_FUTURE)
    assert (await tx.chats.get(CHAT)).to_chat(NOW).account == other
    assert await tx.chats.list_for_account(account.id, NOW) == []


async def test_a_login_ends_for_reading_and_for_sending_at_once(tx: Tx, account: Account) -> None:
    end = NOW + timedelta(days=180)
    await tx.chats.link(CHAT, account.id, NOW, end)
    before = end - timedelta(seconds=1)
    assert (await tx.chats.get(CHAT)).to_chat(before).account == account
    assert await tx.chats.list_for_account(account.id, before) == [CHAT]
    assert [one.address.id for one in await tx.chats.list_sessions(account.id, before)] == [CHAT]
    assert (await tx.chats.get(CHAT)).to_chat(end).account is None
    assert await tx.chats.list_for_account(account.id, end) == []
    assert await tx.chats.list_sessions(account.id, end) == []
    await tx.chats.touch(CHAT, end, end + timedelta(days=1))
    assert (await tx.chats.get(CHAT)).to_chat(end).account == account
    # Nobody is told about a logout who was not logged in any more.
    assert await tx.chats.unlink_others(account.id, FAR_FUTURE, keep_chat_id=None) == []


async def test_the_other_chats_of_the_account_are_logged_out(tx: Tx, account: Account) -> None:
    stranger = await add_account(tx, "petrov@example.ru")
    fourth = CHAT + 10
    for chat_id in (CHAT, OTHER_CHAT, THIRD_CHAT):
        await tx.chats.link(chat_id, account.id, NOW, FAR_FUTURE)
    await tx.chats.link(fourth, stranger.id, NOW, FAR_FUTURE)

    out = await tx.chats.unlink_others(account.id, NOW, keep_chat_id=CHAT)
    assert sorted(out) == [OTHER_CHAT, THIRD_CHAT]
    assert await tx.chats.list_for_account(account.id, NOW) == [CHAT]
    assert await tx.chats.list_for_account(stranger.id, NOW) == [fourth]
    assert await tx.chats.unlink_others(account.id, NOW, keep_chat_id=CHAT) == []


async def test_the_locale_of_a_chat_survives_login_and_logout(tx: Tx, account: Account) -> None:
    await tx.chats.set_locale(CHAT, "en")
    assert (await tx.chats.get(CHAT)).to_chat(NOW) == Chat(id=CHAT, account=None, locale="en")
    await tx.chats.link(CHAT, account.id, NOW, FAR_FUTURE)
    assert (await tx.chats.get(CHAT)).to_chat(NOW) == Chat(id=CHAT, account=account, locale="en")
    await tx.chats.set_locale(CHAT, "ru")
    await tx.chats.unlink(CHAT)
    assert (await tx.chats.get(CHAT)).to_chat(NOW) == Chat(id=CHAT, account=None, locale="ru")


async def test_only_reachable_chats_count(tx: Tx, account: Account) -> None:
    await tx.chats.link(CHAT, account.id, NOW, FAR_FUTURE)
    await tx.chats.set_reachable(CHAT, reachable=False)
    assert await tx.chats.list_for_account(account.id, NOW) == []
    # Who blocked the bot is still logged in, and a word from the chat makes it reachable.
    assert (await tx.chats.get(CHAT)).to_chat(NOW).account == account
    await tx.chats.touch(CHAT, NOW, FAR_FUTURE)
    assert await tx.chats.list_for_account(account.id, NOW) == [CHAT]
    await tx.chats.set_reachable(CHAT, reachable=False)
    await tx.chats.link(CHAT, account.id, NOW, FAR_FUTURE)
    assert await tx.chats.list_for_account(account.id, NOW) == [CHAT]


# --- attempts ----------------------------------------------------------------------------------


async def test_attempts_are_recorded_and_cleared(tx: Tx) -> None:
    until = NOW + timedelta(minutes=1)
    assert await tx.login_attempts.get("k", NOW) == LoginAttempts(0, None)
    await tx.login_attempts.record("k", 1, None, NOW)
    await tx.login_attempts.record("k", 2, until, NOW)
    await tx.login_attempts.record("other", 7, None, NOW)
    assert await tx.login_attempts.get("k", NOW) == LoginAttempts(2, until)
    await tx.login_attempts.clear("k")
    assert await tx.login_attempts.get("k", NOW) == LoginAttempts(0, None)
    assert await tx.login_attempts.get("other", NOW) == LoginAttempts(7, None)


@pytest.mark.parametrize("known", [False, True])
async def test_no_failure_is_lost_when_many_fail_at_once(database: Database, known: bool) -> None:
    if known:
        async with database.begin() as tx:
            await tx.login_attempts.record("k", 0, None, NOW)

    async def fail() -> None:
        async with database.begin() as tx:
            failures = (await tx.login_attempts.get("k", NOW)).failures
            await tx.login_attempts.record("k", failures + 1, None, NOW)

    await asyncio.gather(*(fail() for _ in range(10)))
    async with database.begin() as tx:
        assert await tx.login_attempts.get("k", NOW) == LoginAttempts(10, None)


async def test_attempts_cleared_while_another_waits_for_them(database: Database) -> None:
    async with database.begin() as tx:
        await tx.login_attempts.record("k", 3, None, NOW)

    async def read() -> LoginAttempts:
        async with database.begin() as tx:
            return await tx.login_attempts.get("k", NOW)

    async with database.begin() as tx:
        await tx.login_attempts.get("k", NOW)
        waiting = asyncio.create_task(read())
        await asyncio.sleep(0.2)  # so that it waits for the row by now
        assert not waiting.done()
        await tx.login_attempts.clear("k")
    assert await waiting == LoginAttempts(0, None)


# --- conversations and values ------------------------------------------------------------------


async def test_a_conversation_is_replaced_as_a_whole(tx: Tx) -> None:
    data = {"имя": "Анна", "n": 1, "list": [1, None, {"a": True}]}
    assert await tx.conversations.load("k") == {}
    await tx.conversations.save("k", data, NOW)
    assert await tx.conversations.load("k") == data
    await tx.conversations.save("k", {"b": 2}, NOW)
    assert await tx.conversations.load("k") == {"b": 2}
    assert await tx.conversations.load("other") == {}


async def test_a_conversation_and_its_update_are_kept_together(tx: Tx) -> None:
    await tx.conversations.save_and_mark("k", {"a": 1}, 7, NOW)
    await tx.conversations.save_and_mark("k", {"a": 2}, 8, NOW)
    # Two bots that were given the same update.
    await tx.conversations.save_and_mark("k", {"a": 3}, 8, NOW)
    known = [await tx.conversations.recall("k", update, 1) for update in (7, 8, 9)]
    assert [one.handled for one in known] == [True, True, False]
    assert known[0].data == {"a": 3}


async def test_a_value_is_remembered_and_replaced(tx: Tx) -> None:
    assert await tx.values.get("group") is None
    await tx.values.set("group", "1")
    await tx.values.set("group", "2")
    await tx.values.set("other", "3")
    assert await tx.values.get("group") == "2"


# --- files -------------------------------------------------------------------------------------


async def test_a_scan_that_comes_twice_is_stored_once(tx: Tx) -> None:
    first = await add_file(tx, key="one")
    assert await add_file(tx, key="two") == first
    assert first.key == "one"
    assert await tx.files.list_for_draft("draft") == [first]
    # The same scan in another draft is another scan.
    assert (await add_file(tx, draft_id="other")).id != first.id


async def test_scans_of_a_draft_come_in_order(tx: Tx) -> None:
    scans = [await add_file(tx, unique_id=unique_id) for unique_id in "cab"]
    await add_file(tx, draft_id="other")
    assert await tx.files.list_for_draft("draft") == scans
    assert await tx.files.get(scans[1].id) == scans[1]
    with pytest.raises(NoResultFound):
        await tx.files.get(999)


async def test_a_scan_is_removed_only_from_its_own_draft(tx: Tx) -> None:
    scan = await add_file(tx)
    assert not await tx.files.remove("other", scan.id)
    assert await tx.files.remove("draft", scan.id)
    assert not await tx.files.remove("draft", scan.id)
    assert await tx.files.list_for_draft("draft") == []


async def test_a_dropped_draft_gives_the_keys_of_its_scans(tx: Tx) -> None:
    await add_file(tx, unique_id="a")
    await add_file(tx, unique_id="b")
    kept = await add_file(tx, draft_id="other")
    assert sorted(await tx.files.drop_draft("draft")) == ["draft/a", "draft/b"]
    assert await tx.files.drop_draft("draft") == []
    assert await tx.files.list_for_draft("other") == [kept]


async def test_scans_of_a_request_can_no_longer_be_removed(tx: Tx, account: Account) -> None:
    scans = [await add_file(tx, unique_id=unique_id) for unique_id in "ba"]
    stranger = await add_file(tx, draft_id="other")
    request_id = await add_request(tx, account.id)
    await tx.files.attach("draft", request_id)

    request = await tx.requests.get(request_id)
    assert request is not None
    assert request.scans == tuple(scans)
    assert await tx.files.list_for_draft("draft") == []
    assert not await tx.files.remove("draft", scans[0].id)
    assert await tx.files.drop_draft("draft") == []
    assert await tx.files.get(scans[0].id) == scans[0]
    assert await tx.files.list_for_draft("other") == [stranger]


# --- posts -------------------------------------------------------------------------------------


async def test_the_card_is_the_newest_one_of_its_request(tx: Tx, account: Account) -> None:
    request_id = await add_request(tx, account.id)
    other_id = await add_request(tx, account.id, "other")
    scan = await add_file(tx)
    assert await tx.bot_messages.find_card_place(request_id) is None
    await tx.bot_messages.add(request_id, "scan", scan.id, GROUP, 2)
    assert await tx.bot_messages.find_card_place(request_id) is None
    await tx.bot_messages.add(request_id, "card", None, GROUP, 1)
    assert await tx.bot_messages.find_card_place(request_id) == (GROUP, 1)
    await tx.bot_messages.add(request_id, "card", None, GROUP - 1, 1)
    await tx.bot_messages.add(other_id, "card", None, GROUP, 9)
    assert await tx.bot_messages.find_card_place(request_id) == (GROUP - 1, 1)


# --- requests ----------------------------------------------------------------------------------


async def test_numbers_start_anew_each_year(tx: Tx) -> None:
    years = (2026, 2026, 2027, 2026, 2027)
    assert [await tx.requests.take_next_number(year) for year in years] == [
        "2026-000001",
        "2026-000002",
        "2027-000001",
        "2026-000003",
        "2027-000002",
    ]


async def test_simultaneous_numbers_are_unique_and_without_gaps(database: Database) -> None:
    async def take() -> str:
        async with database.begin() as tx:
            return await tx.requests.take_next_number(2026)

    numbers = await asyncio.gather(*(take() for _ in range(20)))
    assert sorted(numbers) == [f"2026-{number:06d}" for number in range(1, 21)]


async def test_a_number_is_not_lost_with_its_transaction(
    database: Database, account: Account
) -> None:
    async with database.begin() as tx:
        await add_request(tx, account.id)
    with pytest.raises(DraftTaken):
        async with database.begin() as tx:
            await add_request(tx, account.id)
    async with database.begin() as tx:
        request_id = await add_request(tx, account.id, "other")
        request = await tx.requests.get(request_id)
    assert request is not None
    assert request.number == "2026-000002"


async def test_one_draft_registered_many_times_at_once(
    database: Database, account: Account
) -> None:
    async def register() -> int:
        async with database.begin() as tx:
            return await add_request(tx, account.id)

    outcomes = await asyncio.gather(*(register() for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(outcome, int) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, DraftTaken) for outcome in outcomes) == 4
    async with database.begin() as tx:
        assert await tx.requests.take_next_number(2026) == "2026-000002"


async def test_a_request_comes_back_as_it_was_registered(tx: Tx, account: Account) -> None:
    request_id = await add_request(tx, account.id)
    request = await tx.requests.get(request_id)
    assert request is not None
    assert request == await tx.requests.get_by_draft("draft")
    assert request.account == account
    assert (request.id, request.number, request.type_code) == (
        request_id,
        "2026-000001",
        "connection",
    )
    assert (request.status, request.text) == (Status.REGISTERED, "Прошу подключить")
    assert (request.registered_at, request.review_due) == (NOW, date(2026, 12, 24))
    assert request.answers == ANSWERS
    assert request.scans == ()
    assert not request.emergency
    assert request.history == (
        HistoryEntry(
            at=NOW,
            actor=ActorKind.CONSUMER,
            actor_name="",
            status=Status.REGISTERED,
            comment="",
        ),
    )


async def test_a_request_without_answers(tx: Tx, account: Account) -> None:
    request_id = await tx.requests.add(
        number="2026-000001",
        account_id=account.id,
        draft_id="draft",
        type_code="outage",
        text="",
        registered_at=NOW,
        review_due=date(2026, 11, 24),
        answers=(),
        emergency=True,
    )
    request = await tx.requests.get(request_id)
    assert request is not None
    assert request.answers == ()
    assert request.emergency


async def test_a_request_is_nobody_elses(tx: Tx, account: Account) -> None:
    other = await add_account(tx, "petrov@example.ru")
    request_id = await add_request(tx, account.id)
    assert await tx.requests.get_for_account(account.id, request_id) is not None
    assert await tx.requests.get_for_account(other.id, request_id) is None
    assert await tx.requests.get_for_account(account.id, 999) is None
    assert await tx.requests.get(999) is None
    assert await tx.requests.get_by_draft("other") is None


async def test_pages_show_five_requests_newest_first(tx: Tx, account: Account) -> None:
    other = await add_account(tx, "petrov@example.ru")
    ids = []
    for draft in range(12):
        ids.append(await add_request(tx, account.id, str(draft)))
        await add_request(tx, other.id, f"other-{draft}")
    ids.reverse()

    pages = [await tx.requests.list_page(account.id, number) for number in range(3)]
    assert [[line.id for line in page.items] for page in pages] == [ids[:5], ids[5:10], ids[10:]]
    assert [(page.number, page.pages) for page in pages] == [(0, 3), (1, 3), (2, 3)]
    newest = pages[0].items[0]
    assert (newest.number, newest.type_code) == ("2026-000023", "connection")
    assert (newest.status, newest.registered_at) == (Status.REGISTERED, NOW)

    assert await tx.requests.list_page(account.id, 3) == pages[2]
    assert await tx.requests.list_page(account.id, -1) == pages[0]


async def test_open_requests_come_before_closed_ones(tx: Tx, account: Account) -> None:
    other = await add_account(tx, "other@example.ru")
    ids = [await add_request(tx, account.id, str(draft)) for draft in range(4)]
    await add_request(tx, other.id, "other")
    await tx.requests.change(ids[3], status=Status.DONE.value)
    await tx.requests.change(ids[1], status=Status.WITHDRAWN.value)
    page = await tx.requests.list_page(account.id, 0)
    assert [line.id for line in page.items] == [ids[2], ids[0], ids[3], ids[1]]
    found = await tx.requests.list_open(account.id, 3)
    assert [line.id for line in found] == [ids[2], ids[0]]
    assert [line.id for line in await tx.requests.list_open(account.id, 1)] == [ids[2]]
    number = page.items[0].number
    assert await tx.requests.find_by_number(account.id, number) == ids[2]
    assert await tx.requests.find_by_number(other.id, number) is None


async def test_a_request_knows_that_its_account_was_erased(tx: Tx, account: Account) -> None:
    request_id = await add_request(tx, account.id)
    assert not await tx.requests.is_erased(request_id)
    await tx.personal_data.erase(account.id, "key", NOW)
    assert await tx.requests.is_erased(request_id)
    assert not await tx.requests.is_erased(999)


async def test_a_full_last_page_is_followed_by_none(tx: Tx, account: Account) -> None:
    for draft in range(5):
        await add_request(tx, account.id, str(draft))
    page = await tx.requests.list_page(account.id, 1)
    assert (len(page.items), page.number, page.pages) == (5, 0, 1)


async def test_nobody_has_no_requests(tx: Tx, account: Account) -> None:
    page = await tx.requests.list_page(account.id, 4)
    assert (page.items, page.number, page.pages) == ((), 0, 1)


async def test_a_transaction_at_once_is_kept_or_undone_as_a_whole(database: Database) -> None:
    async with database.begin(write_only=True) as tx:
        await tx.conversations.save_and_mark("k", {"screen": 1}, 7, NOW)

    async def keep(screen: int, *, to_the_end: bool) -> None:
        async with database.begin(write_only=True) as tx:
            await tx.conversations.save_and_mark("k", {"screen": screen}, screen + 6, NOW)
            if not to_the_end:
                raise LookupError
            # There is no such account.
            await tx.chats.link(CHAT, 999, NOW, FAR_FUTURE)

    with pytest.raises(IntegrityError):
        await keep(2, to_the_end=True)
    with pytest.raises(LookupError):
        await keep(3, to_the_end=False)
    # The same connection serves the next writer.
    async with database.begin() as tx:
        assert await tx.conversations.load("k") == {"screen": 1}
        assert await tx.conversations.is_handled(7)
        assert not await tx.conversations.is_handled(8)
        assert not await tx.conversations.is_handled(9)
