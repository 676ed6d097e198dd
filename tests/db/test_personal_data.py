"""What is found about a person, what erasing leaves, and what a term ends; on both databases."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from bot.db.database import Database, Tx
from bot.db.models import (
    AccountRow,
    Base,
    ConversationRow,
    OneTimeCodeRow,
    OutboxRow,
    PasswordResetRow,
    RequestRow,
)
from bot.domain import Address, Consent
from bot.notices import FileRemoval, PasswordEmail, PasswordResetCard, RequestCard
from tests.support.samples import FAR_FUTURE, NOW, add_account, add_file, add_request

LATER = NOW + timedelta(days=1)
EVERYTHING = NOW + timedelta(days=5000)


async def add_person(tx: Tx, email: str = "ivanova@example.ru") -> tuple[int, int]:
    """An account with a request, a scan on its card, a consent, two chats and notices."""
    account = await add_account(tx, email)
    draft = f"draft-{account.id}"
    request_id = await add_request(tx, account.id, draft)
    scan = await add_file(tx, draft, key=f"key-{account.id}")
    await tx.files.attach(draft, request_id)
    await tx.bot_messages.add(request_id, "card", None, -500, 10 * account.id)
    await tx.bot_messages.add(request_id, "scan", scan.id, -500, 10 * account.id + 1)
    consent = Consent(
        version="1", text="Да", sha256="0" * 64, accepted_at=NOW, address=Address.from_chat(70)
    )
    await tx.consents.add(account.id, consent)
    for chat_id in (100 * account.id, 100 * account.id + 1):
        await tx.chats.link(chat_id, account.id, NOW, FAR_FUTURE)
    for notice in (
        RequestCard(request_id=request_id),
        PasswordEmail(account_id=account.id, draft_id=draft),
        PasswordResetCard(account_id=account.id, reset_id=account.id),
        FileRemoval(key=f"old-{account.id}"),
    ):
        await tx.outbox.put(notice, NOW)
    return account.id, request_id


async def dump_tables(tx: Tx) -> dict[str, list[dict[str, Any]]]:
    return {
        table.name: [dict(row) for row in (await tx.connection.execute(select(table))).mappings()]
        for table in Base.metadata.sorted_tables
    }


async def test_an_export_holds_everything_but_hashes(database: Database) -> None:
    async with database.begin() as tx:
        account_id, _ = await add_person(tx)
        await add_person(tx, "other@example.ru")
        await tx.accounts.set_password(account_id, "$argon2id$", temporary=False)
        rows = await tx.personal_data.export_rows(account_id)
    for table in ("accounts", "consents", "chats", "requests", "answers", "history", "files"):
        assert rows[table], table
    assert len(rows["answers"]) == 2
    assert "other@example.ru" not in str(rows)
    assert "$argon2id$" not in str(rows)


async def test_erasing_leaves_no_words_and_no_person(database: Database) -> None:
    async with database.begin() as tx:
        account_id, request_id = await add_person(tx)
        other_id, _ = await add_person(tx, "other@example.ru")
        others = await tx.personal_data.export_rows(other_id)
        requests, keys = await tx.personal_data.erase(account_id, "x", LATER)
        left = await dump_tables(tx)
        kept_of_other = await tx.personal_data.export_rows(other_id)
    assert (requests, keys) == ([request_id], [f"key-{account_id}"])
    assert kept_of_other == others
    mine = {name: [row for row in rows if is_about(row, account_id)] for name, rows in left.items()}
    assert {name for name, rows in mine.items() if rows} == {"accounts", "consents", "requests"}
    for word in ("ivanova", "Иванова", "+7912", "Прошу"):
        assert word not in str(mine), word
    assert mine["consents"][0]["withdrawn_at"] == LATER
    assert mine["requests"][0]["status"] == "withdrawn"
    assert mine["requests"][0]["number"].startswith("2026-")
    assert [row["status"] for row in left["history"] if row["request_id"] == request_id] == [
        "registered",
        "withdrawn",
    ]
    # Bytes are still to be deleted; the other three are the other person's.
    assert sorted(row["kind"] for row in left["outbox"]) == [
        "card",
        "file_removal",
        "file_removal",
        "password_letter",
        "reset_card",
    ]
    assert {
        mail_client["file_id"]
        for mail_client in left["bot_messages"]
        if mail_client["request_id"] == request_id
    } == {None}


def is_about(row: dict[str, Any], account_id: int) -> bool:
    return account_id in (row.get("account_id"), row.get("id") if "erased_at" in row else None)


async def test_without_requests_nothing_stays_and_the_email_is_free(database: Database) -> None:
    async with database.begin() as tx:
        account = await add_account(tx)
        await tx.personal_data.erase(account.id, "x", LATER)
        assert await tx.connection.scalar(select(AccountRow.id)) is None
        await add_account(tx)


async def test_terms_end_what_is_old_and_nothing_else(database: Database) -> None:
    async with database.begin() as tx:
        account_id, request_id = await add_person(tx)
        await add_file(tx, "left", key="left")
        # Open requests have no term.
        assert await tx.personal_data.expire_scans(EVERYTHING) == []
        assert await tx.personal_data.expire_requests(EVERYTHING) == []
        await tx.connection.execute(update(RequestRow).values(status="done", closed_at=NOW))
        assert await tx.personal_data.expire_scans(NOW - timedelta(days=1)) == []
        assert await tx.personal_data.expire_scans(LATER) == [f"key-{account_id}"]
        assert await tx.requests.get(request_id) is not None
        assert await tx.personal_data.expire_drafts(NOW - timedelta(days=1)) == []
        assert await tx.personal_data.expire_drafts(LATER) == ["left"]
        await tx.personal_data.erase(account_id, "x", LATER)
        assert await tx.personal_data.expire_requests(EVERYTHING) == []
        assert await tx.requests.get(request_id) is None
        # With the last request goes what held the requests together.
        assert await tx.connection.scalar(select(AccountRow.id)) is None


async def test_silent_conversations_and_old_notices_go(database: Database) -> None:
    async with database.begin() as tx:
        account = await add_account(tx)
        await tx.conversations.save("old", {}, NOW)
        await tx.conversations.save("new", {}, LATER)
        await tx.chats.set_locale(1, "en")
        await tx.chats.link(2, account.id, NOW, FAR_FUTURE)
        for chat_id, at in ((1, NOW), (2, LATER)):
            await tx.one_time_codes.put(
                purpose="login",
                email_key="x",
                address=Address.from_chat(chat_id),
                account_id=None,
                now=at,
                expires_at=at,
            )
            await tx.password_resets.add(None, Address.from_chat(chat_id), at)
        await tx.personal_data.expire_conversations(LATER)
        assert list((await tx.connection.execute(select(ConversationRow.key))).scalars()) == ["new"]
        assert await tx.personal_data.list_chats(account.id) == [2]
        for column in (OneTimeCodeRow.chat_id, PasswordResetRow.chat_id):
            assert list((await tx.connection.execute(select(column))).scalars()) == [2]
        done = select(OutboxRow.id).where(
            OutboxRow.dedupe_key == FileRemoval(key="done").dedupe_key
        )
        for key in ("done", "waits"):
            await tx.outbox.put(FileRemoval(key=key), NOW)
        first = await tx.connection.scalar(done)
        assert first is not None
        await tx.outbox.mark_done(first, NOW)
        await tx.personal_data.expire_notices(LATER)
        assert await tx.outbox.count_waiting() == {"file_removal": 1}
        assert await tx.connection.scalar(done) is None
