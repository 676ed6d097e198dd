"""Append-only audit trail: who did what, when, to which account or request."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import AuditRow
from bot.db.upsert import build_insert
from bot.domain import Actor, ActorKind


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
        """Adds a record; ``action`` is a short code such as ``in_work`` or ``reset``.

        A consumer is named by the account only: the record outlives the person's data.
        """
        of_staff = actor.kind is not ActorKind.CONSUMER
        await self._connection.execute(
            build_insert(self._connection, AuditRow).values(
                at=now,
                actor=actor.kind.value,
                actor_id=actor.id if of_staff else 0,
                actor_name=actor.name if of_staff else "",
                channel=actor.channel.value,
                action=action,
                account_id=account_id,
                request_id=request_id,
            )
        )

    async def add_views(
        self, actor: Actor, action: str, now: datetime, request_ids: Collection[int]
    ) -> None:
        """Adds a record for each request whose data the actor saw; ``request_ids`` is not empty."""
        rows = [
            {
                "at": now,
                "actor": actor.kind.value,
                "actor_id": actor.id,
                "actor_name": actor.name,
                "channel": actor.channel.value,
                "action": action,
                "request_id": request_id,
            }
            for request_id in request_ids
        ]
        await self._connection.execute(build_insert(self._connection, AuditRow), rows)
