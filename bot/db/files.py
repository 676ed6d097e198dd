"""Rows of scans of drafts and requests; the file store holds their bytes."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import FileRow, MeterRow, ReadingRow
from bot.db.upsert import build_insert
from bot.domain import StoredFile, Verdict

FILE_COLUMNS = (
    FileRow.id,
    FileRow.name,
    FileRow.media_type,
    FileRow.size,
    FileRow.sha256,
    FileRow.key,
    FileRow.verdict,
    FileRow.caption,
    FileRow.from_staff,
    FileRow.is_photo,
    FileRow.request_message_id,
)


def to_stored_file(row: Sequence[Any]) -> StoredFile:
    identity, name, media_type, size, sha256, key, verdict, *more = row
    caption, from_staff, is_photo, request_message_id = more
    return StoredFile(
        id=identity,
        name=name,
        media_type=media_type,
        size=size,
        sha256=sha256,
        key=key,
        verdict=Verdict(verdict),
        caption=caption,
        from_staff=from_staff,
        is_photo=is_photo,
        request_message_id=request_message_id,
    )


class FileRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock_draft(self, draft_id: str) -> None:
        """Locks the draft until the transaction ends: another one that calls this waits."""
        if self._connection.dialect.name == "postgresql":  # SQLite has one writer at a time
            lock = select(func.pg_advisory_xact_lock(func.hashtextextended(draft_id, 0)))
            await self._connection.execute(lock)

    async def add(
        self,
        *,
        draft_id: str,
        unique_id: str,
        name: str,
        media_type: str,
        size: int,
        sha256: str,
        key: str,
        now: datetime,
        verdict: Verdict = Verdict.UNASKED,
        account_id: int | None = None,
        caption: str = "",
        from_staff: bool = False,
        is_photo: bool = False,
    ) -> StoredFile:
        """Adds a file and returns it; returns the stored one when it is there already."""
        await self._connection.execute(
            build_insert(self._connection, FileRow)
            .values(
                draft_id=draft_id,
                unique_id=unique_id,
                name=name,
                media_type=media_type,
                size=size,
                sha256=sha256,
                key=key,
                stored_at=now,
                verdict=verdict.value,
                account_id=account_id,
                caption=caption,
                from_staff=from_staff,
                is_photo=is_photo,
            )
            .on_conflict_do_nothing(index_elements=[FileRow.draft_id, FileRow.unique_id])
        )
        statement = select(*FILE_COLUMNS).where(
            FileRow.draft_id == draft_id, FileRow.unique_id == unique_id
        )
        return to_stored_file((await self._connection.execute(statement)).one())

    async def sum_since(self, account_id: int, since: datetime) -> tuple[int, datetime | None]:
        """How many bytes the account stored after ``since``, and when the first of them."""
        statement = select(
            func.coalesce(func.sum(FileRow.size), 0), func.min(FileRow.stored_at)
        ).where(FileRow.account_id == account_id, FileRow.stored_at > since)
        total, first = (await self._connection.execute(statement)).one()
        return int(total), first

    async def set_verdict(self, file_id: int, verdict: Verdict) -> None:
        await self._connection.execute(
            update(FileRow).where(FileRow.id == file_id).values(verdict=verdict.value)
        )

    async def get(self, file_id: int) -> StoredFile:
        """Raises NoResultFound when there is none."""
        statement = select(*FILE_COLUMNS).where(FileRow.id == file_id)
        return to_stored_file((await self._connection.execute(statement)).one())

    async def find(self, draft_id: str, unique_id: str) -> int | None:
        """The id of a file of a draft or of its request."""
        statement = select(FileRow.id).where(
            FileRow.draft_id == draft_id, FileRow.unique_id == unique_id
        )
        return await self._connection.scalar(statement)

    async def list_named(self, keys: Collection[str]) -> set[str]:
        """Those of ``keys`` whose bytes a file needs; what a virus scanner refused needs none."""
        statement = select(FileRow.key).where(
            FileRow.key.in_(keys), FileRow.verdict != Verdict.INFECTED.value
        )
        return set((await self._connection.execute(statement)).scalars())

    async def list_for_draft(self, draft_id: str) -> list[StoredFile]:
        """The scans of a draft that is not registered yet, in the order of arrival."""
        statement = (
            select(*FILE_COLUMNS).where(*_build_draft_condition(draft_id)).order_by(FileRow.id)
        )
        return [to_stored_file(row) for row in await self._connection.execute(statement)]

    async def list_photo_names(self, draft_id: str, request_id: int | None) -> set[str]:
        """The names of the photos of a draft or request so far."""
        owner: ColumnElement[bool] = FileRow.draft_id == draft_id
        if request_id is not None:
            owner = or_(owner, FileRow.request_id == request_id)
        statement = select(FileRow.name).where(owner, FileRow.is_photo)
        return set((await self._connection.execute(statement)).scalars())

    async def remove(self, draft_id: str, file_id: int) -> bool:
        """Deletes a scan of a draft; False when the draft has no such scan."""
        removed = await self._connection.execute(
            delete(FileRow).where(FileRow.id == file_id, *_build_draft_condition(draft_id))
        )
        return removed.rowcount > 0

    async def drop_draft(self, draft_id: str) -> list[str]:
        """Deletes the scans of a draft without a request and returns the keys of their bytes."""
        dropped = await self._connection.execute(
            delete(FileRow).where(*_build_draft_condition(draft_id)).returning(FileRow.key)
        )
        return list(dropped.scalars())

    async def attach(self, draft_id: str, request_id: int) -> None:
        """Assigns the scans of a draft to the request registered from it."""
        await self._connection.execute(
            update(FileRow).where(*_build_draft_condition(draft_id)).values(request_id=request_id)
        )

    async def attach_to_message(
        self, draft_id: str, request_message_id: int, *, unique_id: str | None = None
    ) -> None:
        """Assigns the files of a draft, or one of them, to the message that they came with."""
        conditions = [FileRow.draft_id == draft_id, FileRow.request_message_id.is_(None)]
        if unique_id is not None:
            conditions.append(FileRow.unique_id == unique_id)
        await self._connection.execute(
            update(FileRow).where(*conditions).values(request_message_id=request_message_id)
        )

    async def attach_to_reading(self, draft_id: str, reading_id: int) -> None:
        """Assigns the photos of a draft to the reading submitted from it."""
        await self._connection.execute(
            update(FileRow).where(*_build_draft_condition(draft_id)).values(reading_id=reading_id)
        )

    async def list_for_readings(self, reading_ids: Collection[int]) -> list[StoredFile]:
        """The photos of these readings."""
        statement = (
            select(*FILE_COLUMNS).where(FileRow.reading_id.in_(reading_ids)).order_by(FileRow.id)
        )
        return [to_stored_file(row) for row in await self._connection.execute(statement)]

    async def list_for_account(self, account_id: int) -> list[tuple[str, date, StoredFile]]:
        """The photos of an account's readings, each with number of the meter and day."""
        statement = (
            select(MeterRow.number, ReadingRow.day, *FILE_COLUMNS)
            .select_from(FileRow)
            .join(ReadingRow, ReadingRow.id == FileRow.reading_id)
            .join(MeterRow, MeterRow.id == ReadingRow.meter_id)
            .where(MeterRow.account_id == account_id)
            .order_by(FileRow.id)
        )
        rows = await self._connection.execute(statement)
        return [(number, day, to_stored_file(row)) for number, day, *row in rows]


def _build_draft_condition(draft_id: str) -> tuple[ColumnElement[bool], ...]:
    """For the files of a draft that neither a request nor a reading has taken."""
    return (
        FileRow.draft_id == draft_id,
        FileRow.request_id.is_(None),
        FileRow.reading_id.is_(None),
    )
