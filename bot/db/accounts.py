"""Accounts, consents, chats logged in to accounts, login attempts and password resets."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.errors import EmailTaken
from bot.db.models import (
    AccountRow,
    ChatRow,
    ConsentRow,
    KnownChatRow,
    LoginAttemptsRow,
    MeterRow,
    PasswordResetRow,
    RequestRow,
)
from bot.db.upsert import build_insert
from bot.domain import (
    Account,
    Address,
    AnswerChannel,
    Category,
    Channel,
    Chat,
    Consent,
    Contact,
    Session,
)

ACCOUNT_COLUMNS = (
    AccountRow.id,
    AccountRow.category,
    AccountRow.name,
    AccountRow.email,
    AccountRow.phone,
    AccountRow.locale,
    AccountRow.password_is_temporary,
    AccountRow.created_at,
    AccountRow.email_proved_at,
    AccountRow.erased_at,
    AccountRow.answer_channel,
)


def to_account(row: Sequence[Any]) -> Account:
    """``row`` begins with ACCOUNT_COLUMNS."""
    (
        identity,
        category,
        name,
        email,
        phone,
        locale,
        temporary,
        created_at,
        proved_at,
        erased_at,
        channel,
    ) = row[: len(ACCOUNT_COLUMNS)]
    return Account(
        id=identity,
        category=Category(category),
        name=name,
        email=email,
        phone=phone,
        locale=locale,
        password_is_temporary=temporary,
        created_at=created_at,
        email_proved=proved_at is not None,
        erased=erased_at is not None,
        answer_channel=AnswerChannel(channel) if channel else None,
    )


@dataclass(frozen=True, slots=True)
class ChatRecord:
    """The row of a chat; ``account`` is the one it is or was logged in to."""

    id: int
    account: Account | None
    locale: str | None
    logged_in_at: datetime | None
    logged_in_until: datetime | None
    reachable: bool

    def to_chat(self, now: datetime) -> Chat:
        """The chat at a moment; a guest's when the login is over. See ``is_logged_in``."""
        active = self.logged_in_until is not None and self.logged_in_until > now
        account = self.account if active else None
        return Chat(id=self.id, account=account, locale=self.locale, reachable=self.reachable)


def is_logged_in(now: datetime) -> ColumnElement[bool]:
    """``ChatRecord.to_chat`` as a condition on ChatRow; the caller compares ``account_id``."""
    return ChatRow.logged_in_until > now


CHAT_COLUMNS = (
    *ACCOUNT_COLUMNS,
    ChatRow.locale,
    ChatRow.logged_in_at,
    ChatRow.logged_in_until,
    ChatRow.reachable,
)


def to_chat_record(chat_id: int, row: Sequence[Any]) -> ChatRecord:
    """``row`` is CHAT_COLUMNS, all None when the chat is unknown."""
    *columns, locale, logged_in_at, logged_in_until, reachable = row
    # An outer join: the account's columns are None for a guest's chat, whatever their types say.
    account = to_account(columns) if any(columns) else None
    return ChatRecord(
        chat_id, account, locale, logged_in_at, logged_in_until, reachable is not False
    )


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a login is checked against.

    ``password_expires_at``: see AccountRow. ``is_known``: the account was entered from this
    address before.
    """

    account: Account
    password_hash: str | None
    password_expires_at: datetime | None
    is_known: bool


class AccountRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self,
        *,
        category: Category,
        name: str,
        email: str,
        phone: str,
        locale: str,
        now: datetime,
        draft_id: str | None = None,
    ) -> Account:
        """Adds an account without a password. Raises EmailTaken; ``tx`` stays usable then."""
        statement = (
            build_insert(self._connection, AccountRow)
            .values(
                category=category.value,
                name=name,
                email=email,
                phone=phone,
                locale=locale,
                password_is_temporary=True,
                created_at=now,
                registration_draft_id=draft_id,
            )
            .on_conflict_do_nothing(index_elements=[AccountRow.email])
            .returning(*ACCOUNT_COLUMNS)
        )
        row = (await self._connection.execute(statement)).one_or_none()
        if row is None:
            raise EmailTaken
        return to_account(row)

    async def get(self, account_id: int) -> Account:
        """Raises NoResultFound when there is none."""
        statement = select(*ACCOUNT_COLUMNS).where(AccountRow.id == account_id)
        return to_account((await self._connection.execute(statement)).one())

    async def is_used(self, account_id: int) -> bool:
        """Whether somebody has logged in to it, or anything belongs to it."""
        return bool(
            await self._connection.scalar(
                select(
                    or_(
                        *(
                            exists().where(column == account_id)
                            for column in (
                                ChatRow.account_id,
                                KnownChatRow.account_id,
                                RequestRow.account_id,
                                MeterRow.account_id,
                            )
                        ),
                        exists().where(
                            AccountRow.id == account_id, AccountRow.password_is_temporary.is_(False)
                        ),
                    )
                )
            )
        )

    async def get_by_email(self, email: str) -> Account | None:
        statement = select(*ACCOUNT_COLUMNS).where(AccountRow.email == email)
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else to_account(row)

    async def lock_unproved(self, email: str) -> tuple[Account, str | None] | None:
        """The account whose email is not proved, and its draft; locked until the transaction ends.

        None when there is no such account.
        """
        return await self._lock_unproved(AccountRow.email == email)

    async def lock_existing(self, account_ids: Collection[int]) -> list[int]:
        """Those of the accounts that are not erased; they stay so until the transaction ends."""
        statement = (
            select(AccountRow.id)
            .where(AccountRow.id.in_(account_ids), AccountRow.erased_at.is_(None))
            .order_by(AccountRow.id)
            .with_for_update(read=True)
        )
        return list((await self._connection.execute(statement)).scalars())

    async def lock_registered(self, draft_id: str, address: Address) -> Account | None:
        """As ``lock_unproved``, by the draft of the registration and where it came from."""
        came_here = exists().where(
            ConsentRow.account_id == AccountRow.id, ConsentRow.chat_id == address.id
        )
        found = await self._lock_unproved(AccountRow.registration_draft_id == draft_id, came_here)
        return None if found is None else found[0]

    async def list_unproved(self, created_before: datetime, limit: int) -> list[Account]:
        """Accounts without a request whose email is not proved, oldest first; they are locked."""
        statement = (
            select(*ACCOUNT_COLUMNS)
            .where(
                AccountRow.email_proved_at.is_(None),
                AccountRow.erased_at.is_(None),
                AccountRow.created_at < created_before,
                ~exists().where(RequestRow.account_id == AccountRow.id),
                # The staff sent another password meanwhile.
                ~exists().where(
                    PasswordResetRow.account_id == AccountRow.id,
                    PasswordResetRow.asked_at >= created_before,
                ),
            )
            .order_by(AccountRow.created_at)
            .limit(limit)
            .with_for_update(of=AccountRow, skip_locked=True)
        )
        return [to_account(row) for row in await self._connection.execute(statement)]

    async def renew_unproved(self, account_id: int, now: datetime) -> None:
        """Counts the time to prove the email from now on."""
        await self._connection.execute(
            update(AccountRow).where(AccountRow.id == account_id).values(created_at=now)
        )

    async def _lock_unproved(
        self, *conditions: ColumnElement[bool]
    ) -> tuple[Account, str | None] | None:
        statement = (
            select(*ACCOUNT_COLUMNS, AccountRow.registration_draft_id)
            .where(AccountRow.email_proved_at.is_(None), *conditions)
            .with_for_update(of=AccountRow)
        )
        row = (await self._connection.execute(statement)).first()
        return None if row is None else (to_account(row), row.registration_draft_id)

    async def get_credentials(self, email: str, address: Address) -> Credentials | None:
        """The credentials of an account, for a login from this address."""
        known = exists().where(
            KnownChatRow.account_id == AccountRow.id, KnownChatRow.chat_id == address.id
        )
        statement = select(
            *ACCOUNT_COLUMNS, AccountRow.password_hash, AccountRow.password_expires_at, known
        ).where(AccountRow.email == email)
        row = (await self._connection.execute(statement)).one_or_none()
        if row is None:
            return None
        *_, hashed, expires_at, is_known = row
        return Credentials(to_account(row), hashed, expires_at, bool(is_known))

    async def get_password_hash(self, account_id: int) -> str | None:
        statement = select(AccountRow.password_hash).where(AccountRow.id == account_id)
        return await self._connection.scalar(statement)

    async def set_password(
        self,
        account_id: int,
        hashed: str | None,
        *,
        temporary: bool,
        expires_at: datetime | None = None,
    ) -> None:
        """Sets the hash; with ``hashed`` None no password opens the account."""
        await self._connection.execute(
            update(AccountRow)
            .where(AccountRow.id == account_id)
            .values(
                password_hash=hashed,
                password_is_temporary=temporary,
                password_expires_at=expires_at,
            )
        )

    async def mark_password_used(self, account_id: int) -> None:
        """From now on a mailed password does not expire."""
        await self._connection.execute(
            update(AccountRow).where(AccountRow.id == account_id).values(password_expires_at=None)
        )

    async def mark_email_proved(self, account_id: int, now: datetime) -> None:
        """The first login proves the account's email, as the first password came there."""
        await self._connection.execute(
            update(AccountRow)
            .where(AccountRow.id == account_id, AccountRow.email_proved_at.is_(None))
            .values(email_proved_at=now)
        )

    async def set_locale(self, account_id: int, locale: str) -> None:
        await self._connection.execute(
            update(AccountRow).where(AccountRow.id == account_id).values(locale=locale)
        )

    async def set_contact(self, account_id: int, what: Contact, value: str) -> None:
        """Raises EmailTaken; the transaction stays usable then."""
        statement = update(AccountRow).where(AccountRow.id == account_id)
        try:
            async with self._connection.begin_nested():
                await self._connection.execute(statement.values({what.value: value}))
        except IntegrityError:
            raise EmailTaken from None

    async def set_answer_channel(self, account_id: int, channel: AnswerChannel) -> None:
        await self._connection.execute(
            update(AccountRow)
            .where(AccountRow.id == account_id)
            .values(answer_channel=channel.value)
        )


class ConsentRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, account_id: int, consent: Consent) -> None:
        await self._connection.execute(
            build_insert(self._connection, ConsentRow).values(
                account_id=account_id,
                version=consent.version,
                text=consent.text,
                sha256=consent.sha256,
                accepted_at=consent.accepted_at,
                chat_id=consent.address.id,
                channel=consent.address.channel.value,
            )
        )

    async def find_address(self, account_id: int) -> Address | None:
        """Where the first consent of an account was given."""
        statement = (
            select(ConsentRow.channel, ConsentRow.chat_id)
            .where(ConsentRow.account_id == account_id)
            .order_by(ConsentRow.id)
            .limit(1)
        )
        row = (await self._connection.execute(statement)).first()
        return None if row is None else Address(Channel(row.channel), row.chat_id)


_CHAT = (
    select(*CHAT_COLUMNS)
    .select_from(ChatRow)
    .outerjoin(AccountRow, AccountRow.id == ChatRow.account_id)
    .where(ChatRow.chat_id == bindparam("chat"))
)


class ChatRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, chat_id: int) -> ChatRecord:
        """The record of a chat, also of one that is unknown."""
        row = (await self._connection.execute(_CHAT, {"chat": chat_id})).one_or_none()
        if row is None:
            return ChatRecord(chat_id, None, None, None, None, reachable=True)
        return to_chat_record(chat_id, row)

    async def link(self, chat_id: int, account_id: int, now: datetime, until: datetime) -> None:
        """Logs the chat in and marks it as reachable; the login ends at ``until``."""
        await self._put(
            chat_id,
            account_id=account_id,
            last_seen_at=now,
            logged_in_at=now,
            logged_in_until=until,
            reachable=True,
        )

    async def unlink(self, chat_id: int) -> None:
        await self._connection.execute(
            update(ChatRow).where(ChatRow.chat_id == chat_id).values(account_id=None)
        )

    async def unlink_one(self, account_id: int, chat_id: int, now: datetime) -> bool:
        """Logs out a chat of the account; False when it was not logged in."""
        done = await self._connection.execute(
            update(ChatRow)
            .where(ChatRow.chat_id == chat_id, ChatRow.account_id == account_id, is_logged_in(now))
            .values(account_id=None)
        )
        return done.rowcount > 0

    async def unlink_others(
        self, account_id: int, now: datetime, *, keep_chat_id: int | None
    ) -> list[int]:
        """Logs out every other chat of the account, or all; the ids of those logged in by now."""
        statement = (
            update(ChatRow)
            .where(ChatRow.account_id == account_id, ChatRow.chat_id != (keep_chat_id or 0))
            .values(account_id=None)
            .returning(ChatRow.chat_id, ChatRow.logged_in_until)
        )
        rows = await self._connection.execute(statement)
        return [chat_id for chat_id, until in rows if until is not None and until > now]

    async def touch(self, chat_id: int, now: datetime, until: datetime) -> None:
        """The chat wrote ``now``: its login ends at ``until``, and it is reachable."""
        await self._connection.execute(
            update(ChatRow)
            .where(ChatRow.chat_id == chat_id)
            .values(last_seen_at=now, logged_in_until=until, reachable=True)
        )

    async def set_locale(self, chat_id: int, locale: str) -> None:
        await self._put(chat_id, locale=locale)

    async def list_for_account(self, account_id: int, now: datetime) -> list[int]:
        """The chats that are logged in to an account and can be reached."""
        statement = select(ChatRow.chat_id).where(
            ChatRow.account_id == account_id, is_logged_in(now), ChatRow.reachable.is_(True)
        )
        return list((await self._connection.execute(statement)).scalars())

    async def list_sessions(self, account_id: int, now: datetime) -> list[Session]:
        """The chats that are logged in to an account, the latest login first."""
        statement = (
            select(ChatRow.chat_id, KnownChatRow.name, ChatRow.logged_in_at, ChatRow.last_seen_at)
            .outerjoin(
                KnownChatRow,
                (KnownChatRow.account_id == account_id) & (KnownChatRow.chat_id == ChatRow.chat_id),
            )
            .where(ChatRow.account_id == account_id, is_logged_in(now))
            .order_by(ChatRow.logged_in_at.desc(), ChatRow.chat_id)
        )
        return [
            Session(
                address=Address.from_chat(chat_id),
                name=name or "",
                logged_in_at=at or now,
                last_seen_at=seen or now,
            )
            for chat_id, name, at, seen in await self._connection.execute(statement)
        ]

    async def set_reachable(self, chat_id: int, *, reachable: bool) -> None:
        await self._connection.execute(
            update(ChatRow).where(ChatRow.chat_id == chat_id).values(reachable=reachable)
        )

    async def _put(self, chat_id: int, **values: object) -> None:
        await self._connection.execute(
            build_insert(self._connection, ChatRow)
            .values({"chat_id": chat_id, "reachable": True, **values})
            .on_conflict_do_update(index_elements=[ChatRow.chat_id], set_=values)
        )


@dataclass(frozen=True, slots=True)
class LoginAttempts:
    """Consecutive wrong passwords; no password is checked before ``blocked_until``."""

    failures: int
    blocked_until: datetime | None


class LoginAttemptRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, key: str, now: datetime) -> LoginAttempts:
        """The attempts of a key, locked until the transaction ends."""
        return (await self.get_all([key], now))[key]

    async def get_all(self, keys: Sequence[str], now: datetime) -> dict[str, LoginAttempts]:
        """The same of several keys at once."""
        wanted = sorted(keys)
        locked = (
            select(LoginAttemptsRow.key, LoginAttemptsRow.failures, LoginAttemptsRow.blocked_until)
            .where(LoginAttemptsRow.key.in_(wanted))
            .order_by(LoginAttemptsRow.key)
            .with_for_update()
        )
        known = {key: LoginAttempts(0, None) for key in wanted}
        if self._connection.dialect.name == "sqlite":
            # SQLite has one writer. PostgreSQL can lock only rows that exist.
            return known | await self._find(locked)
        put = (
            build_insert(self._connection, LoginAttemptsRow)
            .values([{"key": key, "failures": 0, "recorded_at": now} for key in wanted])
            .on_conflict_do_nothing(index_elements=[LoginAttemptsRow.key])
        )
        found: dict[str, LoginAttempts] = {}
        while found.keys() != known.keys():
            # Between the two statements another transaction may delete a row (``clear``).
            await self._connection.execute(put)
            found = await self._find(locked)
        return found

    async def count_in_window(
        self, key: str, most: int, seconds: int, now: datetime
    ) -> datetime | None:
        """Counts one use; when the window has ``most`` already, counts nothing and returns its end.

        A window of so many ``seconds`` begins with the first use.
        """
        counted = await self.get(key, now)
        used, ends_at = counted.failures, counted.blocked_until
        if ends_at is None or ends_at <= now:
            used, ends_at = 0, now + timedelta(seconds=seconds)
        if used >= most:
            return ends_at
        await self.record(key, used + 1, ends_at, now)
        return None

    async def record(
        self, key: str, failures: int, blocked_until: datetime | None, now: datetime
    ) -> None:
        await self.record_all({key: LoginAttempts(failures, blocked_until)}, now)

    async def record_all(self, attempts: Mapping[str, LoginAttempts], now: datetime) -> None:
        put = build_insert(self._connection, LoginAttemptsRow).values(
            [
                {
                    "key": key,
                    "failures": one.failures,
                    "blocked_until": one.blocked_until,
                    "recorded_at": now,
                }
                for key, one in attempts.items()
            ]
        )
        changed = ("failures", "blocked_until", "recorded_at")
        await self._connection.execute(
            put.on_conflict_do_update(
                index_elements=[LoginAttemptsRow.key],
                set_={name: put.excluded[name] for name in changed},
            )
        )

    async def clear(self, key: str) -> None:
        await self._connection.execute(delete(LoginAttemptsRow).where(LoginAttemptsRow.key == key))

    async def _find(self, statement: Select[str, int, datetime | None]) -> dict[str, LoginAttempts]:
        rows = await self._connection.execute(statement)
        return {key: LoginAttempts(failures, until) for key, failures, until in rows}


@dataclass(frozen=True, slots=True)
class PasswordReset:
    """A request for a new password; ``done_at`` is None until the staff approve it.

    ``account_id``: None when no account has the email. ``address``: who asked, None for the staff.
    """

    id: int
    account_id: int | None
    address: Address | None
    asked_at: datetime
    done_at: datetime | None


class PasswordResetRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, account_id: int | None, address: Address | None, now: datetime) -> int:
        asked_by = (
            {} if address is None else {"chat_id": address.id, "channel": address.channel.value}
        )
        statement = (
            build_insert(self._connection, PasswordResetRow)
            .values(account_id=account_id, asked_at=now, **asked_by)
            .returning(PasswordResetRow.id)
        )
        return int((await self._connection.execute(statement)).scalar_one())

    async def get(self, reset_id: int) -> PasswordReset | None:
        statement = select(
            PasswordResetRow.id,
            PasswordResetRow.account_id,
            PasswordResetRow.channel,
            PasswordResetRow.chat_id,
            PasswordResetRow.asked_at,
            PasswordResetRow.done_at,
        ).where(PasswordResetRow.id == reset_id)
        row = (await self._connection.execute(statement)).one_or_none()
        if row is None:
            return None
        identity, account_id, channel, address_id, asked_at, done_at = row
        address = None if address_id is None else Address(Channel(channel), address_id)
        return PasswordReset(identity, account_id, address, asked_at, done_at)

    async def finish(self, reset_id: int, now: datetime) -> bool:
        """Marks it as done; False when it was done before."""
        done = await self._connection.execute(
            update(PasswordResetRow)
            .where(PasswordResetRow.id == reset_id, PasswordResetRow.done_at.is_(None))
            .values(done_at=now)
        )
        return done.rowcount > 0
