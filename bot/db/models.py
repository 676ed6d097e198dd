"""SQLAlchemy models of all tables. Times are aware and in UTC; ids of Telegram need 64 bits."""

from collections.abc import Sequence
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
    false,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.domain import OPEN, RUNNING, AnswerKey, Channel, Status


class UtcTime(TypeDecorator[datetime]):
    """An aware ``datetime`` as UTC on both databases: SQLite stores no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Reads each value at once, as some figures are made of thousands; asyncpg has them so."""
        return _read_utc if dialect.name == "sqlite" else None


def _read_utc(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(f"{stored}+00:00")


class EnergyByZone(TypeDecorator[tuple[Decimal, ...]]):
    """kWh of each tariff zone as a JSON array of whole watt-hours: ``[12345600, 800]``.

    Exact: JSON has integers, and no float is made of them on either database. An array and not a
    table of its own, because readings are always read and written whole and never searched by
    value; docs/decisions says what was measured.
    """

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(
        self, value: Sequence[Decimal] | None, dialect: Dialect
    ) -> list[int] | None:
        """Raises ValueError for more than three decimals."""
        return None if value is None else [_to_watt_hours(one) for one in value]

    def process_result_value(
        self, value: list[int] | None, dialect: Dialect
    ) -> tuple[Decimal, ...] | None:
        return None if value is None else tuple(Decimal(one).scaleb(-3) for one in value)


def _to_watt_hours(kwh: Decimal) -> int:
    scaled = kwh.scaleb(3)
    if scaled != scaled.to_integral_value():
        raise ValueError("more than three decimals")
    return int(scaled)


#: SQLite generates ids only for a column whose type is exactly INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")

#: Text that is compared byte by byte, so that keys with one beginning are a range of the index.
ByteOrder = Text().with_variant(Text(collation="C"), "postgresql")


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
        tuple[Decimal, ...]: EnergyByZone,
        str: Text,
        dict[str, Any]: JSON,
    }


def _build_partial_index(table: str, column: str) -> Index:
    """An index of the rows in which the column is not NULL."""
    where = text(f"{column} IS NOT NULL")
    return Index(f"ix_{table}_{column}", column, sqlite_where=where, postgresql_where=where)


def _build_channel_column() -> Mapped[str]:
    """The channel of the address whose id stands beside it; see ``bot.domain.Address``."""
    return mapped_column(String(16), server_default=Channel.TELEGRAM.value)


_UNPROVED = "email_proved_at IS NULL"


class AccountRow(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    category: Mapped[str] = mapped_column(String(16))
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str] = mapped_column(ByteOrder, index=True)
    locale: Mapped[str] = mapped_column(String(8))
    password_hash: Mapped[str | None]
    password_is_temporary: Mapped[bool]
    #: When a mailed password that nobody has used stops working.
    password_expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    #: When the person first logged in with a password that came by email.
    email_proved_at: Mapped[datetime | None]
    #: The draft of the registration, by which its letter is asked for again.
    registration_draft_id: Mapped[str | None] = mapped_column(String(32), index=True)
    #: When the person deleted the account; the row remains while requests refer to it.
    erased_at: Mapped[datetime | None]
    #: How the person prefers to get answers, see AnswerChannel.
    answer_channel: Mapped[str | None] = mapped_column(String(16))

    __table_args__ = (
        _build_partial_index("accounts", "erased_at"),
        Index(
            "ix_accounts_unproved",
            "created_at",
            sqlite_where=text(_UNPROVED),
            postgresql_where=text(_UNPROVED),
        ),
    )


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
    channel: Mapped[str] = _build_channel_column()


class ChatRow(Base):
    __tablename__ = "chats"

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    locale: Mapped[str | None] = mapped_column(String(8))
    last_seen_at: Mapped[datetime | None]
    logged_in_at: Mapped[datetime | None]
    #: Moved on by each message, at most to the end of the login's lifetime.
    logged_in_until: Mapped[datetime | None]
    reachable: Mapped[bool]


class KnownChatRow(Base):
    """A chat or browser from which an account was entered; the row remains after logout."""

    __tablename__ = "known_chats"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id"), primary_key=True, autoincrement=False
    )
    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    channel: Mapped[str] = _build_channel_column()
    #: The name in Telegram at the last login, or which browser it is.
    name: Mapped[str]
    first_login_at: Mapped[datetime]
    last_login_at: Mapped[datetime]


class WebSessionRow(Base):
    """A browser that is logged in to an account. Only the hash of its token is stored."""

    __tablename__ = "web_sessions"

    browser_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    #: Which browser it is, such as «Firefox, Windows».
    name: Mapped[str]
    logged_in_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    #: Moved on by each page, at most to the end of the session's lifetime.
    logged_in_until: Mapped[datetime] = mapped_column(index=True)


class OneTimeTokenRow(Base):
    """A token that logs another chat or browser in to an account once; stored as its hash.

    A used one remains until it expires, so that nobody can use it a second time. A launch of the
    Mini App, which Telegram makes, is here once it was used, without an account.
    """

    __tablename__ = "one_time_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    #: See ``bot.services.linking.TokenPurpose``; ``mini_app``.
    purpose: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class OneTimeCodeRow(Base):
    """A code sent by email. ``account_id`` is None when no account has the email.

    ``code_hash`` is None until the email is rendered; ``email_key`` is a hash of the email.
    """

    __tablename__ = "one_time_codes"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    purpose: Mapped[str] = mapped_column(String(16))
    email_key: Mapped[str] = mapped_column(String(64))
    chat_id: Mapped[int] = mapped_column(BigInteger)
    channel: Mapped[str] = _build_channel_column()
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    code_hash: Mapped[str | None] = mapped_column(String(64))
    tries: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    accepted_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("email_key", "purpose", "chat_id"),)


class LoginAttemptsRow(Base):
    """Consecutive wrong passwords, by hashed email, or by chat or browser."""

    __tablename__ = "login_attempts"

    key: Mapped[str] = mapped_column(ByteOrder, primary_key=True)
    failures: Mapped[int]
    blocked_until: Mapped[datetime | None]
    recorded_at: Mapped[datetime] = mapped_column(index=True)


class ContactChangeRow(Base):
    """A name, phone or email that the owner of an account changed.

    ``changed_at`` is None until a new email is proved by its code.
    """

    __tablename__ = "contact_changes"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    #: See ``bot.domain.Contact``.
    what: Mapped[str] = mapped_column(String(8))
    former: Mapped[str]
    present: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(index=True)
    changed_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "account_id", "asked_at"),)


def _build_status_condition(statuses: Sequence[Status]) -> str:
    return f"status IN ({', '.join(repr(status.value) for status in statuses)})"


_RUNNING = _build_status_condition(RUNNING)
_OPEN = _build_status_condition(OPEN)
#: Waits for who takes it: nobody has, or who had gave it back.
_NEW = f"{_RUNNING} AND assignee_id IS NULL"
_EMERGENCY = f"{_RUNNING} AND due_at IS NOT NULL"
_NAMES_METER = f"key = '{AnswerKey.METER_NUMBER}'"


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
    #: Telegram id of the staff member who took the request first.
    assignee_id: Mapped[int | None] = mapped_column(BigInteger)
    #: When the staff get the next reminder.
    remind_at: Mapped[datetime | None]
    rating: Mapped[int | None]
    raw_answers: Mapped[dict[str, Any] | None]
    channel: Mapped[str] = _build_channel_column()
    #: When the answer to an emergency is due.
    due_at: Mapped[datetime | None]
    #: The last day for the answer to a clarification, and when it is checked next.
    answer_by: Mapped[date | None]
    answer_check_at: Mapped[datetime | None]
    #: The staff group that it was registered for, by the settings; None: the main one.
    staff_chat_id: Mapped[int | None] = mapped_column(BigInteger)
    #: The last delay of which the heads of the staff were told, see Delay.
    escalated: Mapped[str | None] = mapped_column(String(16))

    __table_args__ = (
        Index(None, "account_id", "id"),
        Index(None, "registered_at", "id"),
        # Partial: few requests are open, a million are closed.
        *(
            Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))
            for name, columns, where in (
                ("ix_requests_running", ("review_due", "id"), _RUNNING),
                ("ix_requests_running_emergencies", ("review_due", "id"), _EMERGENCY),
                ("ix_requests_open_assignee", ("assignee_id", "review_due", "id"), _OPEN),
                ("ix_requests_open_type", ("type_code", "registered_at"), _OPEN),
                ("ix_requests_new", ("emergency", "review_due", "id"), _NEW),
                ("ix_requests_open_due", ("review_due", "id"), _OPEN),
                ("ix_requests_open_type_due", ("type_code", "review_due", "id"), _OPEN),
                ("ix_requests_open_status_due", ("status", "review_due", "id"), _OPEN),
                (
                    "ix_requests_open_counts",
                    (
                        "staff_chat_id",
                        "status",
                        "assignee_id",
                        "emergency",
                        "review_due",
                        "due_at",
                    ),
                    _OPEN,
                ),
                ("ix_requests_reminders", ("remind_at", "id"), "remind_at IS NOT NULL"),
                (
                    "ix_requests_answer_checks",
                    ("answer_check_at", "id"),
                    "answer_check_at IS NOT NULL",
                ),
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
            sqlite_where=text(_NAMES_METER),
            postgresql_where=text(_NAMES_METER),
        ),
    )


class RequestWordsRow(Base):
    """The words of a request's name, text and answers; see bot/services/request_words.py.

    The migration makes an index of them: FTS5 on SQLite, of an expression on PostgreSQL.
    """

    __tablename__ = "request_words"

    request_id: Mapped[int] = mapped_column(
        ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))


class UnindexedRequestRow(Base):
    """A request whose words are new or changed; triggers of the migration write it."""

    __tablename__ = "unindexed_requests"

    request_id: Mapped[int] = mapped_column(
        ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
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
    #: What the entry can be taken back to, see ``UndoStep``; None: nothing.
    undo: Mapped[dict[str, Any] | None]


class FileRow(Base):
    """A scan of a draft, and of the request that was registered from it.

    Or a photo of a meter, and the reading that it belongs to.
    """

    __tablename__ = "files"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    draft_id: Mapped[str] = mapped_column(String(32))
    unique_id: Mapped[str]
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"), index=True)
    reading_id: Mapped[int | None] = mapped_column(ForeignKey("readings.id"))
    #: The message that it came with; no foreign key, see the migration.
    request_message_id: Mapped[int | None] = mapped_column(RowId)
    #: Who sent it; the stored bytes of an account are limited.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[str]
    stored_at: Mapped[datetime]
    #: What the consumer wrote below the file.
    caption: Mapped[str] = mapped_column(server_default="")
    #: The virus scanner's result; see Verdict.
    verdict: Mapped[str] = mapped_column(String(16), server_default="unasked")
    #: The staff sent it to the consumer.
    from_staff: Mapped[bool] = mapped_column(server_default=false())
    #: It came as a photo, not as a file: its name is a number, and it is sent on as a photo.
    is_photo: Mapped[bool] = mapped_column(server_default=false())

    __table_args__ = (
        UniqueConstraint("draft_id", "unique_id"),
        Index(None, "account_id", "stored_at"),
        # Before bytes are deleted, the rows are asked for their key.
        Index("ix_files_key", "key"),
        _build_partial_index("files", "reading_id"),
        _build_partial_index("files", "request_message_id"),
    )


class UploadRow(Base):
    """Bytes that are on their way to the file store, or reached it and have no row in ``files``.

    Written before them, deleted in the transaction that adds the file.
    """

    __tablename__ = "uploads"

    key: Mapped[str] = mapped_column(primary_key=True)
    draft_id: Mapped[str] = mapped_column(String(32))
    unique_id: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    begun_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (UniqueConstraint("draft_id", "unique_id", "sha256"),)


class SequenceRow(Base):
    """The last request number of a year."""

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
    #: The staff group that it goes to, where that is not the main one.
    staff_chat_id: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        # Partial: delivered notices must not slow down those that wait.
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
        # An erasure deletes rows that are being delivered: no later row may get the id of one.
        {"sqlite_autoincrement": True},
    )


class RequestMessageRow(Base):
    """A message between consumer and staff, and the Telegram message it came as.

    ``channel`` is its author's. From the site ``chat_id`` is the id of the browser, and
    ``message_id`` is made of the id of the page's form, which is sent once or many times.
    """

    __tablename__ = "request_messages"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    author: Mapped[str] = mapped_column(String(16))
    author_id: Mapped[int] = mapped_column(BigInteger)
    author_name: Mapped[str]
    channel: Mapped[str] = _build_channel_column()
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
    """A request for a new password; ``done_at``: when the staff approved it.

    ``account_id`` is None when no account has the email. ``chat_id`` is the chat or browser that
    asked, None for a command of the staff.
    """

    __tablename__ = "password_resets"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    channel: Mapped[str] = _build_channel_column()
    asked_at: Mapped[datetime] = mapped_column(index=True)
    done_at: Mapped[datetime | None]


class AuditRow(Base):
    """Who did what, when; triggers of the migration reject updates and deletes.

    Ids have no foreign keys: a record outlives the account or request that it names.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[int] = mapped_column(BigInteger)
    actor_name: Mapped[str]
    channel: Mapped[str] = _build_channel_column()
    action: Mapped[str] = mapped_column(String(32))
    account_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    request_id: Mapped[int | None] = mapped_column(BigInteger, index=True)


class BotMessageRow(Base):
    """A message that the bot sent about a request to the staff group or to a consumer."""

    __tablename__ = "bot_messages"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id"), index=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    #: The forum topic of the message.
    thread_id: Mapped[int | None] = mapped_column(BigInteger)
    #: The message that this one is a copy of.
    request_message_id: Mapped[int | None] = mapped_column(
        ForeignKey("request_messages.id"), index=True
    )

    __table_args__ = (UniqueConstraint("chat_id", "message_id"),)


class StaffMemberRow(Base):
    """A member of the staff who was seen in a staff group; ``left_at``: who left it."""

    __tablename__ = "staff_members"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str]
    seen_at: Mapped[datetime]
    on_duty: Mapped[bool] = mapped_column(server_default=false())
    left_at: Mapped[datetime | None]


class StaffMentionRow(Base):
    """A message of the staff chat, other than about one request, that shows a consumer's data.

    ``by_bot`` is False for a command of the staff, such as ``/find anna@example.ru``.
    """

    __tablename__ = "staff_mentions"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id"), primary_key=True, autoincrement=False
    )
    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    by_bot: Mapped[bool]


class MeterRow(Base):
    __tablename__ = "meters"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    number: Mapped[str] = mapped_column(String(20), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    place: Mapped[str]
    digits: Mapped[int | None]
    object: Mapped[str] = mapped_column(String(16), server_default="dwelling")
    ratio: Mapped[int] = mapped_column(server_default="1")
    hidden: Mapped[bool] = mapped_column(server_default=false())

    __table_args__ = (UniqueConstraint("account_id", "number"),)


class ReadingRow(Base):
    """``values``: what the meter showed; ``used``: the differences to the reading before.

    Both are in the order of ``MeterKind(kind).zones``; ``used`` is multiplied by ``ratio``.
    """

    __tablename__ = "readings"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    meter_id: Mapped[int] = mapped_column(ForeignKey("meters.id"))
    draft_id: Mapped[str] = mapped_column(String(32), unique=True)
    day: Mapped[date]
    submitted_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))
    values: Mapped[tuple[Decimal, ...]]
    used: Mapped[tuple[Decimal, ...] | None]
    source: Mapped[str] = mapped_column(String(16))
    marks: Mapped[str]
    current: Mapped[bool]
    ratio: Mapped[int] = mapped_column(server_default="1")

    __table_args__ = (
        Index(None, "meter_id", "day", "id"),
        Index(None, "day", "id"),
        # One reading of a meter and day is in force; corrected ones remain in the table.
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
    """The layout in which an account sees its readings, and whether it gets reminders."""

    __tablename__ = "reading_preferences"

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
    """A Telegram update whose effects are stored; Telegram may send it again."""

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
    """A value that the bot learned at run time, such as the new id of the staff group."""

    __tablename__ = "remembered_values"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
