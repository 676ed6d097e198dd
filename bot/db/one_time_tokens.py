"""Tokens that log another chat or browser in to an account once."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import OneTimeTokenRow
from bot.db.upsert import build_insert


class OneTimeTokenRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self, token_hash: str, purpose: str, account_id: int, expires_at: datetime
    ) -> None:
        await self._connection.execute(
            build_insert(self._connection, OneTimeTokenRow).values(
                token_hash=token_hash, purpose=purpose, account_id=account_id, expires_at=expires_at
            )
        )

    async def add_used(
        self, token_hash: str, purpose: str, now: datetime, expires_at: datetime
    ) -> bool:
        """Writes down that a token of another maker was used; False when it was before."""
        added = await self._connection.scalar(
            build_insert(self._connection, OneTimeTokenRow)
            .values(token_hash=token_hash, purpose=purpose, expires_at=expires_at, used_at=now)
            .on_conflict_do_nothing()
            .returning(OneTimeTokenRow.token_hash)
        )
        return added is not None

    async def find_account_id(self, token_hash: str, purpose: str, now: datetime) -> int | None:
        """Whose token it is; None for one that is unknown, used or expired."""
        return await self._connection.scalar(
            select(OneTimeTokenRow.account_id).where(
                OneTimeTokenRow.token_hash == token_hash,
                OneTimeTokenRow.purpose == purpose,
                OneTimeTokenRow.used_at.is_(None),
                OneTimeTokenRow.expires_at > now,
            )
        )

    async def use(self, token_hash: str, purpose: str, now: datetime) -> int | None:
        """As ``find_account_id``, and nobody else gets an answer from now on."""
        used: int | None = await self._connection.scalar(
            update(OneTimeTokenRow)
            .where(
                OneTimeTokenRow.token_hash == token_hash,
                OneTimeTokenRow.purpose == purpose,
                OneTimeTokenRow.used_at.is_(None),
                OneTimeTokenRow.expires_at > now,
            )
            .values(used_at=now)
            .returning(OneTimeTokenRow.account_id)
        )
        return used
