"""What consumer and staff wrote to each other about requests."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import RequestMessageRow
from bot.db.upsert import build_insert
from bot.domain import Actor, ActorKind, MessageContent, MessageKind, RequestMessage

_WRITTEN = ("text", "media", "file_name", "album", "chat_id", "message_id")
_COLUMNS = (
    RequestMessageRow.id,
    RequestMessageRow.request_id,
    RequestMessageRow.author,
    RequestMessageRow.author_id,
    RequestMessageRow.author_name,
    RequestMessageRow.at,
    RequestMessageRow.kind,
    *(getattr(RequestMessageRow, name) for name in _WRITTEN),
)


class RequestMessageRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self, request_id: int, author: Actor, written: MessageContent, now: datetime
    ) -> int | None:
        """The id of the message; None when it was kept before."""
        statement = (
            build_insert(self._connection, RequestMessageRow)
            .values(
                request_id=request_id,
                author=author.kind.value,
                author_id=author.id,
                author_name=author.name,
                at=now,
                **{**asdict(written), "kind": written.kind.value},
            )
            .on_conflict_do_nothing(
                index_elements=[RequestMessageRow.chat_id, RequestMessageRow.message_id]
            )
            .returning(RequestMessageRow.id)
        )
        identity: int | None = await self._connection.scalar(statement)
        return identity

    async def get(self, talk_id: int) -> RequestMessage:
        """Raises NoResultFound when there is none."""
        statement = select(*_COLUMNS).where(RequestMessageRow.id == talk_id)
        return _to_request_message((await self._connection.execute(statement)).one())

    async def find_by_source(self, chat_id: int, message_id: int) -> RequestMessage | None:
        """What was kept of this message of a chat."""
        statement = select(*_COLUMNS).where(
            RequestMessageRow.chat_id == chat_id, RequestMessageRow.message_id == message_id
        )
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else _to_request_message(row)

    async def list_album(self, message: RequestMessage) -> list[RequestMessage]:
        """The message and those that came in one album with it so far."""
        if message.content.album is None:
            return [message]
        statement = (
            select(*_COLUMNS)
            .where(
                RequestMessageRow.request_id == message.request_id,
                RequestMessageRow.album == message.content.album,
            )
            .order_by(RequestMessageRow.message_id)
        )
        return [_to_request_message(row) for row in await self._connection.execute(statement)]

    async def correct(self, talk_id: int, text: str) -> None:
        await self._connection.execute(
            update(RequestMessageRow).where(RequestMessageRow.id == talk_id).values(text=text)
        )


def _to_request_message(row: Sequence[Any]) -> RequestMessage:
    identity, request_id, author, author_id, author_name, at, kind, *written = row
    return RequestMessage(
        id=identity,
        request_id=request_id,
        author=Actor(kind=ActorKind(author), id=author_id, name=author_name),
        at=at,
        content=MessageContent(kind=MessageKind(kind), **dict(zip(_WRITTEN, written, strict=True))),
    )
