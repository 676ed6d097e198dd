"""Known chats and browsers of accounts, and one-time codes sent by email."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import KnownChatRow, OneTimeCodeRow
from bot.db.upsert import build_insert
from bot.domain import Address, Channel


class KnownChatRepository:
    """The chats and browsers from which an account was entered; they remain after logout."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def list_for_account(self, account_id: int) -> list[Address]:
        statement = select(KnownChatRow.channel, KnownChatRow.chat_id).where(
            KnownChatRow.account_id == account_id
        )
        rows = await self._connection.execute(statement)
        return [Address(Channel(channel), address_id) for channel, address_id in rows]

    async def is_known(self, account_id: int | None, address: Address) -> bool:
        """Asks the database also when ``account_id`` is None, so that both cost the same."""
        known = exists().where(
            KnownChatRow.account_id == (account_id or 0), KnownChatRow.chat_id == address.id
        )
        return bool(await self._connection.scalar(select(known)))

    async def put(self, account_id: int, address: Address, name: str, now: datetime) -> None:
        statement = build_insert(self._connection, KnownChatRow).values(
            account_id=account_id,
            chat_id=address.id,
            channel=address.channel.value,
            name=name,
            first_login_at=now,
            last_login_at=now,
        )
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[KnownChatRow.account_id, KnownChatRow.chat_id],
                set_={"name": name, "last_login_at": now},
            )
        )

    async def forget(self, account_id: int, addresses: Sequence[Address]) -> None:
        await self._connection.execute(
            delete(KnownChatRow).where(
                KnownChatRow.account_id == account_id,
                KnownChatRow.chat_id.in_(one.id for one in addresses),
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeCode:
    """See OneTimeCodeRow."""

    id: int
    purpose: str
    email_key: str
    #: The id of the address that asked for it.
    chat_id: int
    account_id: int | None
    code_hash: str | None
    tries: int
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None


_CODE_COLUMNS = tuple(getattr(OneTimeCodeRow, name) for name in OneTimeCode.__dataclass_fields__)


class OneTimeCodeRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, code_id: int) -> OneTimeCode | None:
        return await self._fetch(OneTimeCodeRow.id == code_id)

    async def find(self, purpose: str, email_key: str, address: Address) -> OneTimeCode | None:
        """The latest code of this purpose asked for from there, locked until the end."""
        return await self._fetch(
            OneTimeCodeRow.purpose == purpose,
            OneTimeCodeRow.email_key == email_key,
            OneTimeCodeRow.chat_id == address.id,
        )

    async def put(
        self,
        *,
        purpose: str,
        email_key: str,
        address: Address,
        account_id: int | None,
        now: datetime,
        expires_at: datetime,
    ) -> int:
        """Stores a code without its hash in place of an earlier one and returns its id."""
        fresh = {
            "account_id": account_id,
            "code_hash": None,
            "tries": 0,
            "created_at": now,
            "expires_at": expires_at,
            "accepted_at": None,
        }
        statement = (
            build_insert(self._connection, OneTimeCodeRow)
            .values(
                purpose=purpose,
                email_key=email_key,
                chat_id=address.id,
                channel=address.channel.value,
                **fresh,
            )
            .on_conflict_do_update(
                index_elements=[
                    OneTimeCodeRow.purpose,
                    OneTimeCodeRow.email_key,
                    OneTimeCodeRow.chat_id,
                ],
                set_=fresh,
            )
            .returning(OneTimeCodeRow.id)
        )
        return int((await self._connection.execute(statement)).scalar_one())

    async def set_hash(self, code_id: int, code_hash: str) -> None:
        await self._update(code_id, code_hash=code_hash)

    async def count_try(self, code_id: int, tries: int) -> None:
        await self._update(code_id, tries=tries)

    async def accept(self, code_id: int, now: datetime, expires_at: datetime) -> None:
        await self._update(code_id, accepted_at=now, expires_at=expires_at)

    async def delete(self, code_id: int) -> None:
        await self._connection.execute(delete(OneTimeCodeRow).where(OneTimeCodeRow.id == code_id))

    async def delete_for_account(self, account_id: int) -> None:
        await self._connection.execute(
            delete(OneTimeCodeRow).where(OneTimeCodeRow.account_id == account_id)
        )

    async def _update(self, code_id: int, **values: object) -> None:
        await self._connection.execute(
            update(OneTimeCodeRow).where(OneTimeCodeRow.id == code_id).values(**values)
        )

    async def _fetch(self, *conditions: ColumnElement[bool]) -> OneTimeCode | None:
        statement = select(*_CODE_COLUMNS).where(*conditions).with_for_update()
        row = (await self._connection.execute(statement)).mappings().one_or_none()
        return None if row is None else OneTimeCode(**row)
