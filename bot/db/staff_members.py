"""Members of the staff who were seen in a staff group: names, and who is on duty."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import StaffMemberRow
from bot.db.upsert import build_insert
from bot.domain import StaffUser

#: More buttons than this would not fit below a message.
_LISTED = 60

_COLUMNS = (StaffMemberRow.user_id, StaffMemberRow.name, StaffMemberRow.on_duty)


class StaffMemberRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, user_id: int, name: str, now: datetime) -> None:
        """Adds a member, or renews the name of one; whoever had left is back."""
        statement = build_insert(self._connection, StaffMemberRow).values(
            user_id=user_id, name=name, seen_at=now
        )
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[StaffMemberRow.user_id],
                set_={"name": name, "seen_at": now, "left_at": None},
            )
        )

    async def find(self, user_id: int) -> StaffUser | None:
        """None also for a member who has left."""
        statement = select(*_COLUMNS).where(
            StaffMemberRow.user_id == user_id, StaffMemberRow.left_at.is_(None)
        )
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else _to_staff_user(*row)

    async def find_many(self, user_ids: Collection[int]) -> list[StaffUser]:
        """All of them; the name is empty of who acted before members were recorded."""
        statement = select(StaffMemberRow.user_id, StaffMemberRow.name).where(
            StaffMemberRow.user_id.in_(user_ids)
        )
        names = {one.user_id: one.name for one in await self._connection.execute(statement)}
        return [StaffUser(id=one, name=names.get(one, "")) for one in user_ids]

    async def find_name(self, user_id: int) -> str:
        """The last known name, also of who has left; empty when there is none."""
        statement = select(StaffMemberRow.name).where(StaffMemberRow.user_id == user_id)
        return await self._connection.scalar(statement) or ""

    async def list_present(self) -> list[StaffUser]:
        """Those who have not left: who is on duty first, then by name."""
        statement = (
            select(*_COLUMNS)
            .where(StaffMemberRow.left_at.is_(None))
            .order_by(StaffMemberRow.on_duty.desc(), StaffMemberRow.name, StaffMemberRow.user_id)
            .limit(_LISTED)
        )
        return [_to_staff_user(*row) for row in await self._connection.execute(statement)]

    async def set_duty(self, user_id: int, *, on_duty: bool) -> None:
        await self._set(user_id, on_duty=on_duty)

    async def mark_left(self, user_id: int, now: datetime) -> None:
        await self._set(user_id, left_at=now, on_duty=False)

    async def _set(self, user_id: int, **values: object) -> None:
        await self._connection.execute(
            update(StaffMemberRow).where(StaffMemberRow.user_id == user_id).values(values)
        )


def _to_staff_user(user_id: int, name: str, on_duty: bool) -> StaffUser:
    return StaffUser(id=user_id, name=name, on_duty=on_duty)
