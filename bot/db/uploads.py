"""Uploads to the file store that no row of a file names yet."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import UploadRow
from bot.db.upsert import build_insert


class UploadRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def begin(
        self, key: str, draft_id: str, unique_id: str, sha256: str, now: datetime
    ) -> str:
        """Writes down that bytes are about to be stored under ``key``; returns the key to use.

        It is the one of the attempt before, when that broke off: the bytes are the same.
        """
        insert = build_insert(self._connection, UploadRow).values(
            key=key, draft_id=draft_id, unique_id=unique_id, sha256=sha256, begun_at=now
        )
        statement = insert.on_conflict_do_update(
            index_elements=[UploadRow.draft_id, UploadRow.unique_id, UploadRow.sha256],
            set_={"begun_at": now},
        ).returning(UploadRow.key)
        used: str = (await self._connection.execute(statement)).scalar_one()
        return used

    async def end(self, key: str) -> bool:
        """The row of a file is about to name the key; False when the upload was given up before."""
        ended = await self._connection.execute(delete(UploadRow).where(UploadRow.key == key))
        return ended.rowcount > 0

    async def expire(self, begun_before: datetime) -> list[str]:
        """Gives up uploads begun before then and returns their keys."""
        expired = await self._connection.execute(
            delete(UploadRow).where(UploadRow.begun_at < begun_before).returning(UploadRow.key)
        )
        return list(expired.scalars())

    async def list_open(self, keys: Collection[str]) -> set[str]:
        """Those of ``keys`` whose uploads are not finished."""
        statement = select(UploadRow.key).where(UploadRow.key.in_(keys))
        return set((await self._connection.execute(statement)).scalars())
