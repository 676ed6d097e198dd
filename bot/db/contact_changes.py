"""Changes of names, phones and emails by the owners of accounts."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import ContactChangeRow
from bot.db.upsert import build_insert
from bot.domain import Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChange:
    """See ContactChangeRow."""

    id: int
    account_id: int
    what: Contact
    former: str
    present: str


class ContactChangeRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self,
        account_id: int,
        what: Contact,
        former: str,
        present: str,
        now: datetime,
        *,
        changed: bool,
    ) -> int:
        statement = (
            build_insert(self._connection, ContactChangeRow)
            .values(
                account_id=account_id,
                what=what.value,
                former=former,
                present=present,
                asked_at=now,
                changed_at=now if changed else None,
            )
            .returning(ContactChangeRow.id)
        )
        return int((await self._connection.execute(statement)).scalar_one())

    async def finish(self, change_id: int, now: datetime) -> None:
        await self._connection.execute(
            update(ContactChangeRow).where(ContactChangeRow.id == change_id).values(changed_at=now)
        )

    async def find(self, change_id: int) -> ContactChange | None:
        return await self._fetch(ContactChangeRow.id == change_id)

    async def find_last(self, account_id: int, what: Contact) -> ContactChange | None:
        """The last one that was asked for, whether it was made or not."""
        return await self._fetch(
            ContactChangeRow.account_id == account_id, ContactChangeRow.what == what.value
        )

    async def list_values(self, account_id: int) -> list[str]:
        """All former values, and those that were asked for."""
        values = [
            select(column).where(ContactChangeRow.account_id == account_id)
            for column in (ContactChangeRow.former, ContactChangeRow.present)
        ]
        return list((await self._connection.execute(union(*values))).scalars())

    async def count_since(self, account_id: int, since: datetime) -> tuple[int, datetime | None]:
        """How many were asked for since then, and when the first of them was."""
        statement = select(func.count(), func.min(ContactChangeRow.asked_at)).where(
            ContactChangeRow.account_id == account_id, ContactChangeRow.asked_at > since
        )
        count, oldest = (await self._connection.execute(statement)).one()
        return count, oldest

    async def _fetch(self, *conditions: ColumnElement[bool]) -> ContactChange | None:
        statement = (
            select(*_COLUMNS).where(*conditions).order_by(ContactChangeRow.id.desc()).limit(1)
        )
        row = (await self._connection.execute(statement)).mappings().one_or_none()
        return None if row is None else ContactChange(**{**row, "what": Contact(row["what"])})


_COLUMNS = tuple(getattr(ContactChangeRow, name) for name in ContactChange.__dataclass_fields__)
