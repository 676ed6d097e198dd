"""Who did what, when, to which account or request. Rows are only ever added."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import AuditRow
from bot.db.upsert import build_insert
from bot.domain import Actor


class AuditRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self,
        actor: Actor,
        action: str,
        now: datetime,
        *,
        account_id: int | None = None,
        request_id: int | None = None,
    ) -> None:
        """``action`` is a short English word of ours, such as ``in_work`` or ``reset``."""
        await self._connection.execute(
            build_insert(self._connection, AuditRow).values(
                at=now,
                actor=actor.kind.value,
                actor_id=actor.id,
                actor_name=actor.name,
                action=action,
                account_id=account_id,
                request_id=request_id,
            )
        )

    async def add_views(
        self, actor: Actor, action: str, now: datetime, request_ids: Collection[int]
    ) -> None:
        """One row for each request whose data the actor was shown; there must be one."""
        rows = [
            {
                "at": now,
                "actor": actor.kind.value,
                "actor_id": actor.id,
                "actor_name": actor.name,
                "action": action,
                "request_id": request_id,
            }
            for request_id in request_ids
        ]
        await self._connection.execute(build_insert(self._connection, AuditRow), rows)

    async def of_request(self, request_id: int) -> list[tuple[str, int]]:
        """Actions and who took them, oldest first."""
        statement = (
            select(AuditRow.action, AuditRow.actor_id)
            .where(AuditRow.request_id == request_id)
            .order_by(AuditRow.id)
        )
        return [(row.action, row.actor_id) for row in await self._connection.execute(statement)]

    async def list_for_account(self, account_id: int) -> list[tuple[str, int]]:
        statement = (
            select(AuditRow.action, AuditRow.actor_id)
            .where(AuditRow.account_id == account_id)
            .order_by(AuditRow.id)
        )
        return [(row.action, row.actor_id) for row in await self._connection.execute(statement)]
