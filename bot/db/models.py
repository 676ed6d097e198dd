"""The tables. Times are aware and in UTC; ids of Telegram need 64 bits."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcTime(TypeDecorator[datetime]):
    """SQLite keeps no zones: times go in and come out as UTC on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Thousandths(TypeDecorator[Decimal]):
    """Exact on both databases: SQLite has no decimals, so kWh are kept as whole watt-hours."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = value.scaleb(3)
        if scaled != scaled.to_integral_value():
            raise ValueError("more than three decimals")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-3)


#: SQLite numbers rows by itself only for a column that is exactly INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012
        datetime: UtcTime,
        Decimal: Thousandths,
        str: Text,
        dict[str, Any]: JSON,
    }


def _build_partial_index(table: str, column: str) -> Index:
    """An index of the rows in which the column holds something."""
    where = text(f"{column} IS NOT NULL")
    return Index(f"ix_{table}_{column}", column, sqlite_where=where, postgresql_where=where)


class AccountRow(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    category: Mapped[str] = mapped_column(String(16))
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str] = mapped_column(index=True)
    locale: Mapped[str] = mapped_column(String(8))
    password_hash: Mapped[str | None]
    password_is_temporary: Mapped[bool]
    created_at: Mapped[datetime]
    #: The person left; the row only keeps their requests together.
    erased_at: Mapped[datetime | None]

    __table_args__ = (_build_partial_index("accounts", "erased_at"),)


class ConsentRow(Base):
    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    version: Mapped[str]
    text: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    accepted_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    chat_id: Mapped[int] = mapped_column(BigInteger)


class ChatRow(Base):
    __tablename__ = "chats"

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    locale: Mapped[str | None] = mapped_column(String(8))
    last_seen_at: Mapped[datetime | None]
    reachable: Mapped[bool]


class LoginAttemptsRow(Base):
    """Wrong passwords in a row, by hashed email or by chat."""

    __tablename__ = "attempts"

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    blocked_until: Mapped[datetime | None]
    recorded_at: Mapped[datetime] = mapped_column(index=True)


_RUNNING = "status IN ('registered', 'in_work')"
_OPEN = "status IN ('registered', 'in_work', 'clarification')"


class RequestRow(Base):
    __tablename__ = "requests"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    draft_id: Mapped[str] = mapped_column(String(32), unique=True)
    type_code: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    text: Mapped[str]
    registered_at: Mapped[datetime]
    review_due: Mapped[date]
    emergency: Mapped[bool]
    term_is_working: Mapped[bool] = mapped_column(server_default=true())
    clock_stopped_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    #: Who took it first; Telegram's id.
    assignee_id: Mapped[int | None] = mapped_column(BigInteger)
    #: When the staff are next to be reminded of it.
    remind_at: Mapped[datetime | None]
    rating: Mapped[int | None]
    raw_answers: Mapped[dict[str, Any] | None]

    __table_args__ = (
        Index(None, "account_id", "id"),
        Index(None, "registered_at", "id"),
        # Partial: a few are open, a million are closed.
        *(
            Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))
            for name, columns, where in (
                ("ix_requests_running", ("review_due", "id"), _RUNNING),
                ("ix_requests_open_assignee", ("assignee_id", "review_due", "id"), _OPEN),
                ("ix_requests_open_type", ("type_code", "registered_at"), _OPEN),
                ("ix_requests_reminders", ("remind_at", "id"), "remind_at IS NOT NULL"),
            )
        ),
    )


class AnswerRow(Base):
    __tablename__ = "answers"

    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str]
    label: Mapped[str]
    value: Mapped[str]

    __table_args__ = (
        Index(
            "ix_answers_meter",
            "value",
            "request_id",
            sqlite_where=text("key = 'meter_number'"),
            postgresql_where=text("key = 'meter_number'"),
        ),
    )


class HistoryRow(Base):
    __tablename__ = "history"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(16))
    actor_name: Mapped[str]
    status: Mapped[str] = mapped_column(String(16))
    comment: Mapped[str]


class FileRow(Base):
    """A scan of a draft, and of its request once that is registered."""

    __tablename__ = "files"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    draft_id: Mapped[str] = mapped_column(String(32))
    unique_id: Mapped[str]
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"), index=True)
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[str]
    stored_at: Mapped[datetime]
    #: What the virus scanner said; see Verdict.
    verdict: Mapped[str] = mapped_column(String(16), server_default="unasked")

    __table_args__ = (UniqueConstraint("draft_id", "unique_id"),)


class SequenceRow(Base):
    """The last number given to a request in a year."""

    __tablename__ = "sequences"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class OutboxRow(Base):
    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    stream: Mapped[str]
    kind: Mapped[str] = mapped_column(String(32))
    payload: Mapped[dict[str, Any]]
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    priority: Mapped[int]
    not_before: Mapped[datetime]
    attempts: Mapped[int]
    leased_until: Mapped[datetime | None]
    leased_by: Mapped[str | None]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]

    __table_args__ = (
        # Partial: what was delivered long ago must not slow down what waits.
        Index(
            "ix_outbox_waiting_stream",
            "stream",
            "id",
            sqlite_where=text("done_at IS NULL AND dead_at IS NULL"),
            postgresql_where=text("done_at IS NULL AND dead_at IS NULL"),
        ),
        Index(
            "ix_outbox_waiting_turn",
            "priority",
            "id",
            sqlite_where=text("done_at IS NULL AND dead_at IS NULL"),
            postgresql_where=text("done_at IS NULL AND dead_at IS NULL"),
        ),
        _build_partial_index("outbox", "done_at"),
        _build_partial_index("outbox", "dead_at"),
    )


class RequestMessageRow(Base):
    """A message between consumer and staff, and the chat and message it was written as."""

    __tablename__ = "talk"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    author: Mapped[str] = mapped_column(String(16))
    author_id: Mapped[int] = mapped_column(BigInteger)
    author_name: Mapped[str]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str]
    media: Mapped[str | None]
    file_name: Mapped[str | None]
    album: Mapped[str | None]
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (UniqueConstraint("chat_id", "message_id"),)


class PasswordResetRow(Base):
    """A new password that somebody asked for; ``done_at``: when the staff agreed."""

    __tablename__ = "password_resets"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class AuditRow(Base):
    """Who did what, when; triggers of the migration refuse any change of a row.

    Ids without foreign keys: what happened stays true when its object is gone.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[int] = mapped_column(BigInteger)
    actor_name: Mapped[str]
    action: Mapped[str] = mapped_column(String(32))
    account_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    request_id: Mapped[int | None] = mapped_column(BigInteger, index=True)


class BotMessageRow(Base):
    """A message of the bot about a request: in the staff group, or in a consumer's chat."""

    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id"), index=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    #: The forum topic it is in.
    thread_id: Mapped[int | None] = mapped_column(BigInteger)
    talk_id: Mapped[int | None] = mapped_column(ForeignKey("talk.id"), index=True)

    __table_args__ = (UniqueConstraint("chat_id", "message_id"),)


class MeterRow(Base):
    __tablename__ = "meters"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    number: Mapped[str] = mapped_column(String(20), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    place: Mapped[str]
    digits: Mapped[int | None]

    __table_args__ = (UniqueConstraint("account_id", "number"),)


class ReadingRow(Base):
    """``t1`` … are what the meter showed, ``used1`` … the difference to the reading before."""

    __tablename__ = "readings"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    meter_id: Mapped[int] = mapped_column(ForeignKey("meters.id"))
    draft_id: Mapped[str] = mapped_column(String(32), unique=True)
    day: Mapped[date]
    submitted_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))
    t1: Mapped[Decimal]
    t2: Mapped[Decimal | None]
    t3: Mapped[Decimal | None]
    used1: Mapped[Decimal | None]
    used2: Mapped[Decimal | None]
    used3: Mapped[Decimal | None]
    source: Mapped[str] = mapped_column(String(16))
    marks: Mapped[str]
    current: Mapped[bool]

    __table_args__ = (
        Index(None, "meter_id", "day", "id"),
        Index(None, "day", "id"),
        # One reading a meter and day is in force; those it corrected stay beside it.
        Index(
            "uq_readings_current",
            "meter_id",
            "day",
            unique=True,
            sqlite_where=text("current"),
            postgresql_where=text("current"),
        ),
    )


class ReadingPreferencesRow(Base):
    """How an account wants its readings shown, and whether it wants to be reminded."""

    __tablename__ = "reading_choices"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id"), primary_key=True, autoincrement=False
    )
    layout: Mapped[str] = mapped_column(String(16))
    reminders: Mapped[bool]


class ConversationRow(Base):
    __tablename__ = "conversations"

    key: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class HandledUpdateRow(Base):
    """An update of Telegram whose effects are stored; it may be sent again."""

    __tablename__ = "handled_updates"

    update_id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    handled_at: Mapped[datetime]


class InboxRow(Base):
    """An update that is acknowledged but not handled yet, or parked; see bot/db/inbox.py."""

    __tablename__ = "inbox"

    update_id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    chat_key: Mapped[str]
    kind: Mapped[str] = mapped_column(String(64))
    raw: Mapped[str]
    withheld: Mapped[bool]
    state: Mapped[str] = mapped_column(String(16))
    tries: Mapped[int]
    error: Mapped[str | None]
    owner: Mapped[int | None] = mapped_column(BigInteger)
    received_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    __table_args__ = (Index(None, "chat_key", "update_id"),)


class ValueRow(Base):
    """What the bot found out and must remember, such as where the staff group moved."""

    __tablename__ = "remembered_values"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
