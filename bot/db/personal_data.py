"""Personal data of one account: read for an export, erased on demand and after its retention."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CursorResult,
    Delete,
    Table,
    Update,
    and_,
    cast,
    delete,
    func,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import (
    AccountRow,
    Base,
    BotMessageRow,
    ChatRow,
    ConsentRow,
    ContactChangeRow,
    ConversationRow,
    FileRow,
    HistoryRow,
    KnownChatRow,
    LoginAttemptsRow,
    MeterRow,
    OneTimeCodeRow,
    OneTimeTokenRow,
    OutboxRow,
    PasswordResetRow,
    RequestRow,
    WebSessionRow,
)
from bot.db.upsert import build_insert
from bot.domain import OPEN, ActorKind, Channel, Status

#: Tables whose rows remain without texts when an account is erased, until its requests expire. The
#: audit is append-only and holds ids; bot messages tell what must still be deleted from the group.
_PSEUDONYMOUS = frozenset({"accounts", "consents", "requests", "history", "audit", "bot_messages"})

#: What a person's export holds, by table. Everything else stays inside: names and Telegram ids of
#: the staff, the id of their group, hashes and internal keys.
EXPORTED_COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "accounts": (
            "category",
            "name",
            "email",
            "phone",
            "locale",
            "created_at",
            "answer_channel",
        ),
        "contact_changes": ("what", "former", "present", "asked_at", "changed_at"),
        "consents": (
            "version",
            "text",
            "sha256",
            "accepted_at",
            "withdrawn_at",
            "chat_id",
            "channel",
        ),
        "chats": ("chat_id", "locale", "last_seen_at"),
        "requests": (
            "id",
            "number",
            "type_code",
            "status",
            "text",
            "registered_at",
            "review_due",
            "due_at",
            "answer_by",
            "emergency",
            "closed_at",
            "rating",
            "channel",
        ),
        "answers": ("request_id", "position", "label", "value"),
        "history": ("request_id", "at", "actor", "status", "comment"),
        "files": (
            "request_id",
            "request_message_id",
            "reading_id",
            "name",
            "media_type",
            "size",
            "sha256",
            "stored_at",
            "from_staff",
        ),
        "request_messages": ("id", "request_id", "at", "author", "kind", "text", "file_name"),
        "meters": ("id", "number", "kind", "place", "digits", "object", "ratio", "hidden"),
        "readings": (
            "id",
            "meter_id",
            "day",
            "submitted_at",
            "kind",
            "values",
            "used",
            "source",
            "marks",
            "current",
            "ratio",
        ),
        "reading_preferences": ("layout", "reminders"),
        "known_chats": ("chat_id", "channel", "name", "first_login_at", "last_login_at"),
        "web_sessions": ("name", "logged_in_at", "last_seen_at"),
        "audit": ("at", "actor", "channel", "action", "request_id"),
    }
)
#: Tables about a person that hold nothing of theirs beyond what the tables above show. Codes and
#: tokens are secrets of minutes; a reset names the chat that asked, which may be a stranger's.
NOT_EXPORTED = frozenset(
    {
        "bot_messages",
        "one_time_codes",
        "one_time_tokens",
        "password_resets",
        "request_words",
        "staff_mentions",
        "unindexed_requests",
    }
)
_OPEN = sorted(status.value for status in OPEN)
_NOBODY = "—"


class PersonalDataRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def export_rows(self, account_id: int) -> dict[str, list[dict[str, Any]]]:
        """The rows about the account with EXPORTED_COLUMNS, by table."""
        found = {}
        owner_ids = await self._find_ids(account_id)
        for name, columns in EXPORTED_COLUMNS.items():
            table = Base.metadata.tables[name]
            condition = _build_account_condition(table, owner_ids)
            if condition is None:
                raise LookupError(f"the table {name} holds nothing about accounts")
            rows = await self._connection.execute(
                select(*(table.c[column] for column in columns))
                .where(condition)
                .order_by(*table.primary_key.columns)
            )
            found[name] = [dict(row) for row in rows.mappings()]
        return found

    async def list_requests(self, account_id: int) -> list[int]:
        statement = select(RequestRow.id).where(RequestRow.account_id == account_id)
        return list((await self._connection.execute(statement)).scalars())

    async def list_request_numbers(self, account_id: int) -> list[str]:
        statement = select(RequestRow.number).where(RequestRow.account_id == account_id)
        return list((await self._connection.execute(statement)).scalars())

    async def list_chats(self, account_id: int) -> list[int]:
        """The chats that are logged in to the account, reachable or not."""
        statement = select(ChatRow.chat_id).where(ChatRow.account_id == account_id)
        return list((await self._connection.execute(statement)).scalars())

    async def list_left_chats(self, account_id: int) -> list[int]:
        """The chats that it was registered or entered from and that are logged in nowhere now.

        None for an account that nobody entered: these chats may be a stranger's.
        """
        registered = (
            select(ConsentRow.chat_id)
            .join(AccountRow, AccountRow.id == ConsentRow.account_id)
            .where(
                ConsentRow.account_id == account_id,
                AccountRow.email_proved_at.is_not(None),
                ConsentRow.chat_id != 0,
                ConsentRow.channel == Channel.TELEGRAM.value,
            )
        )
        entered = select(KnownChatRow.chat_id).where(
            KnownChatRow.account_id == account_id, KnownChatRow.channel == Channel.TELEGRAM.value
        )
        found = set((await self._connection.execute(union_all(registered, entered))).scalars())
        logged_in = select(ChatRow.chat_id).where(
            ChatRow.chat_id.in_(found), ChatRow.account_id.is_not(None)
        )
        return sorted(found - set((await self._connection.execute(logged_in)).scalars()))

    async def _list_browsers(self, account_id: int) -> list[int]:
        """The ids of the browsers from which it was entered."""
        statement = select(KnownChatRow.chat_id).where(
            KnownChatRow.account_id == account_id, KnownChatRow.channel == Channel.WEB.value
        )
        return list((await self._connection.execute(statement)).scalars())

    async def erase(
        self, account_id: int, email_key: str, now: datetime
    ) -> tuple[list[int], list[str]]:
        """Deletes everything about the account except its requests, which lose texts and names.

        Open requests become withdrawn; consents remain, marked as withdrawn, while a request does.
        ``email_key``: the hash of the email under which attempts are counted. Returns the ids of
        the requests and the keys of the files, whose bytes the caller removes.
        """
        owner_ids = await self._find_ids(account_id)
        requests = owner_ids["request_id"]
        left = await self.list_left_chats(account_id)
        chats = [*await self.list_chats(account_id), *left]
        browsers = await self._list_browsers(account_id)
        keys = await self._list_file_keys(
            or_(FileRow.request_id.in_(requests), FileRow.account_id == account_id)
        )
        await self._stop_notices(account_id, requests, chats)
        await self._execute(
            update(BotMessageRow)
            .where(BotMessageRow.request_id.in_(requests))
            .values(_build_unlinked_values())
        )
        # In Telegram ids of people are positive and ids of groups negative.
        await self._execute(
            delete(BotMessageRow).where(
                BotMessageRow.request_id.in_(requests), BotMessageRow.chat_id > 0
            )
        )
        for table in reversed(Base.metadata.sorted_tables):
            condition = _build_account_condition(table, owner_ids)
            if condition is not None and table.name not in _PSEUDONYMOUS:
                await self._execute(delete(table).where(condition))
        await self._execute(
            delete(ChatRow).where(ChatRow.chat_id.in_(left), ChatRow.account_id.is_(None))
        )
        await self._forget_attempts(
            f"email:{email_key}",
            [
                *(f"chat:{one}" for one in (*chats, *browsers)),
                *(f"launch:{one}" for one in chats),
                f"taken:{account_id}",
                f"reset:{account_id}",
            ],
        )
        # Also those that the person's chats asked for with an email that nobody has.
        await self._execute(
            delete(OneTimeCodeRow).where(
                or_(
                    OneTimeCodeRow.email_key == email_key,
                    OneTimeCodeRow.chat_id.in_([*chats, *browsers]),
                )
            )
        )
        await self._execute(
            delete(PasswordResetRow).where(PasswordResetRow.chat_id.in_([*chats, *browsers]))
        )
        if not requests:
            await self._execute(delete(ConsentRow).where(ConsentRow.account_id == account_id))
            await self._execute(delete(AccountRow).where(AccountRow.id == account_id))
            return requests, keys
        await self._withdraw(requests, now)
        await self._execute(
            update(ConsentRow)
            .where(ConsentRow.account_id == account_id)
            .values(withdrawn_at=now, chat_id=0)
        )
        await self._execute(
            update(AccountRow)
            .where(AccountRow.id == account_id)
            .values(
                name=_NOBODY,
                # Unique and not an address: nobody can log in with it or register it.
                email=f"erased-{account_id}",
                phone="",
                password_hash=None,
                registration_draft_id=None,
                answer_channel=None,
                password_expires_at=None,
                erased_at=now,
            )
        )
        return requests, keys

    # --- retention -----------------------------------------------------------------------------

    async def expire_requests(self, closed_before: datetime) -> list[str]:
        """Deletes requests closed before then and returns the keys of their files."""
        ids = await self._list_closed(closed_before)
        keys = await self._list_file_keys(FileRow.request_id.in_(ids))
        await self._execute(
            update(BotMessageRow)
            .where(BotMessageRow.request_id.in_(ids))
            .values(_build_unlinked_values())
        )
        for table in reversed(Base.metadata.sorted_tables):
            if "request_id" in table.columns and table.name != "audit":
                await self._execute(delete(table).where(table.c.request_id.in_(ids)))
        await self._execute(delete(RequestRow).where(RequestRow.id.in_(ids)))
        # Not an anti-join: for that a planner may read all requests.
        kept = select(RequestRow.id).where(RequestRow.account_id == AccountRow.id).limit(1)
        left = select(AccountRow.id).where(
            AccountRow.erased_at.is_not(None), kept.scalar_subquery().is_(None)
        )
        gone = list((await self._connection.execute(left)).scalars())
        await self._execute(delete(ConsentRow).where(ConsentRow.account_id.in_(gone)))
        await self._execute(delete(AccountRow).where(AccountRow.id.in_(gone)))
        return keys

    async def expire_scans(self, closed_before: datetime) -> list[str]:
        """Deletes the files of requests closed before then, and photos of readings before then.

        Returns the keys of their bytes.
        """
        of_closed = FileRow.request_id.in_(await self._list_closed(closed_before))
        files = select(FileRow.id).where(of_closed)
        await self._execute(
            update(BotMessageRow).where(BotMessageRow.file_id.in_(files)).values(file_id=None)
        )
        of_reading = and_(FileRow.reading_id.is_not(None), FileRow.stored_at < closed_before)
        return await self._drop_files(or_(of_closed, of_reading))

    async def expire_drafts(self, stored_before: datetime) -> list[str]:
        """Deletes files of drafts that were stored before then; the keys of their bytes."""
        return await self._drop_files(
            and_(
                FileRow.request_id.is_(None),
                FileRow.reading_id.is_(None),
                FileRow.stored_at < stored_before,
            )
        )

    async def expire_conversations(self, silent_since: datetime) -> None:
        """Deletes what was last used before then.

        Conversations, guests' chats, login attempts, web sessions, tokens, codes, resets, changes
        of contacts.
        """
        await self._execute(delete(ConversationRow).where(ConversationRow.saved_at < silent_since))
        await self._execute(
            delete(ChatRow).where(ChatRow.account_id.is_(None), ChatRow.last_seen_at < silent_since)
        )
        await self._execute(
            delete(LoginAttemptsRow).where(LoginAttemptsRow.recorded_at < silent_since)
        )
        await self._execute(
            delete(WebSessionRow).where(WebSessionRow.logged_in_until < silent_since)
        )
        await self._execute(
            delete(OneTimeTokenRow).where(OneTimeTokenRow.expires_at < silent_since)
        )
        await self._execute(delete(OneTimeCodeRow).where(OneTimeCodeRow.expires_at < silent_since))
        await self._execute(
            delete(ContactChangeRow).where(ContactChangeRow.asked_at < silent_since)
        )
        await self._execute(
            delete(PasswordResetRow).where(PasswordResetRow.asked_at < silent_since)
        )

    async def expire_notices(self, ended_before: datetime) -> None:
        """Deletes notices that were delivered or given up before then."""
        await self._execute(
            delete(OutboxRow).where(
                or_(OutboxRow.done_at < ended_before, OutboxRow.dead_at < ended_before)
            )
        )

    # --- parts ---------------------------------------------------------------------------------

    async def _list_closed(self, before: datetime) -> list[int]:
        last = (
            select(func.max(HistoryRow.at))
            .where(HistoryRow.request_id == RequestRow.id)
            .scalar_subquery()
        )
        statement = select(RequestRow.id).where(
            RequestRow.status.not_in(_OPEN),
            # The history ends no earlier than the request: this index finds the few to look up.
            RequestRow.closed_at < before,
            last < before,
        )
        return list((await self._connection.execute(statement)).scalars())

    async def _find_ids(self, account_id: int) -> dict[str, list[int]]:
        """Ids of the account's rows, by the name of the column that refers to them.

        Read first: PostgreSQL uses an index of each column only when the ids are literal values.
        """
        meters = select(MeterRow.id).where(MeterRow.account_id == account_id)
        return {
            "account_id": [account_id],
            "request_id": await self.list_requests(account_id),
            "meter_id": list((await self._connection.execute(meters)).scalars()),
        }

    async def _list_file_keys(self, which: ColumnElement[bool]) -> list[str]:
        return list((await self._connection.execute(select(FileRow.key).where(which))).scalars())

    async def _drop_files(self, which: ColumnElement[bool]) -> list[str]:
        dropped = await self._connection.execute(
            delete(FileRow).where(which).returning(FileRow.key)
        )
        return list(dropped.scalars())

    async def _stop_notices(
        self, account_id: int, requests: Sequence[int], chats: Sequence[int]
    ) -> None:
        """Deletes the notices that wait, and the records of those that were delivered.

        Records hold ids of chats. Reading all of them takes less than a second for a month's.
        """

        def read_id(name: str) -> ColumnElement[int]:
            # An id of Telegram needs 64 bits; ``as_integer`` reads 32 on PostgreSQL.
            return cast(OutboxRow.payload[name].as_string(), BigInteger)

        await self._execute(
            delete(OutboxRow).where(
                or_(
                    read_id("account_id") == account_id,
                    read_id("request_id").in_(requests),
                    read_id("chat_id").in_(chats),
                )
            )
        )

    async def _forget_attempts(self, email_key: str, keys: Sequence[str]) -> None:
        key = LoginAttemptsRow.key
        await self._execute(delete(LoginAttemptsRow).where(key.in_([email_key, *keys])))
        # Keys that begin with the email's; a range uses the index on both databases.
        await self._execute(
            delete(LoginAttemptsRow).where(key > f"{email_key}:", key < f"{email_key};")
        )

    async def _withdraw(self, requests: Sequence[int], now: datetime) -> None:
        still_open = (
            await self._connection.execute(
                update(RequestRow)
                .where(RequestRow.id.in_(requests), RequestRow.status.in_(_OPEN))
                .values(
                    status=Status.WITHDRAWN.value,
                    closed_at=now,
                    remind_at=None,
                    answer_check_at=None,
                )
                .returning(RequestRow.id)
            )
        ).scalars()
        withdrawn = [
            {
                "request_id": request_id,
                "at": now,
                "actor": ActorKind.CONSUMER.value,
                "actor_name": "",
                "status": Status.WITHDRAWN.value,
                "comment": "",
            }
            for request_id in still_open
        ]
        if withdrawn:
            await self._connection.execute(build_insert(self._connection, HistoryRow), withdrawn)
        await self._execute(
            update(HistoryRow)
            .where(HistoryRow.request_id.in_(requests))
            # What could be undone names the consumer's chats.
            .values(comment="", undo=null())
        )
        await self._execute(
            update(HistoryRow)
            .where(
                HistoryRow.request_id.in_(requests), HistoryRow.actor == ActorKind.CONSUMER.value
            )
            .values(actor_name="")
        )
        await self._execute(
            update(RequestRow).where(RequestRow.id.in_(requests)).values(_build_blank_values())
        )

    async def _execute(self, statement: Update | Delete) -> CursorResult[Any]:
        return await self._connection.execute(statement)


def _build_account_condition(
    table: Table, owner_ids: Mapping[str, Sequence[int]]
) -> ColumnElement[bool] | None:
    """The condition for rows about the account; None when the table has no such rows."""
    conditions = [
        table.c[column].in_(ids) for column, ids in owner_ids.items() if column in table.columns
    ]
    if table.name == AccountRow.__tablename__:
        conditions.append(table.c.id.in_(owner_ids["account_id"]))
    return or_(*conditions) if conditions else None


def _build_unlinked_values() -> dict[str, None]:
    """NULL for the references of a bot message to anything but its request."""
    return {
        column.name: None
        for column in BotMessageRow.__table__.columns
        if column.foreign_keys and column.nullable
    }


def _build_blank_values() -> dict[str, Any]:
    return {
        name: value
        for name, value in (("text", _NOBODY), ("raw_answers", None))
        if name in RequestRow.__table__.columns
    }
