"""What consumer and staff wrote to each other about requests."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import TalkRow
from bot.db.upsert import insert
from bot.domain import Actor, ActorKind, Talk, TalkKind, Written

_WRITTEN = ("text", "media", "file_name", "album", "chat_id", "message_id")
_COLUMNS = (
    TalkRow.id,
    TalkRow.request_id,
    TalkRow.author,
    TalkRow.author_id,
    TalkRow.author_name,
    TalkRow.at,
    TalkRow.kind,
    *(getattr(TalkRow, name) for name in _WRITTEN),
)


class TalkRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self, request_id: int, author: Actor, written: Written, now: datetime
    ) -> int | None:
        """The id of the message; None when it was kept before."""
        statement = (
            insert(self._connection, TalkRow)
            .values(
                request_id=request_id,
                author=author.kind.value,
                author_id=author.id,
                author_name=author.name,
                at=now,
                **{**asdict(written), "kind": written.kind.value},
            )
            .on_conflict_do_nothing(index_elements=[TalkRow.chat_id, TalkRow.message_id])
            .returning(TalkRow.id)
        )
        identity: int | None = await self._connection.scalar(statement)
        return identity

    async def get(self, talk_id: int) -> Talk:
        """Raises NoResultFound when there is none."""
        statement = select(*_COLUMNS).where(TalkRow.id == talk_id)
        return _talk((await self._connection.execute(statement)).one())

    async def written(self, chat_id: int, message_id: int) -> Talk | None:
        """What was kept of this message of a chat."""
        statement = select(*_COLUMNS).where(
            TalkRow.chat_id == chat_id, TalkRow.message_id == message_id
        )
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else _talk(row)

    async def album_of(self, talk: Talk) -> list[Talk]:
        """The message and those that came in one album with it so far."""
        if talk.written.album is None:
            return [talk]
        statement = (
            select(*_COLUMNS)
            .where(TalkRow.request_id == talk.request_id, TalkRow.album == talk.written.album)
            .order_by(TalkRow.message_id)
        )
        return [_talk(row) for row in await self._connection.execute(statement)]

    async def correct(self, talk_id: int, text: str) -> None:
        await self._connection.execute(
            update(TalkRow).where(TalkRow.id == talk_id).values(text=text)
        )


def _talk(row: Sequence[Any]) -> Talk:
    identity, request_id, author, author_id, author_name, at, kind, *written = row
    return Talk(
        id=identity,
        request_id=request_id,
        author=Actor(kind=ActorKind(author), id=author_id, name=author_name),
        at=at,
        written=Written(kind=TalkKind(kind), **dict(zip(_WRITTEN, written, strict=True))),
    )
