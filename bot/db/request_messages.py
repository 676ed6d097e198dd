"""Messages between consumers and staff about requests."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import RequestMessageRow, RequestRow
from bot.db.upsert import build_insert
from bot.domain import Actor, ActorKind, Channel, MessageContent, MessageKind, RequestMessage

_CONTENT_COLUMNS = ("text", "media", "file_name", "album", "chat_id", "message_id")
_COLUMNS = (
    RequestMessageRow.id,
    RequestMessageRow.request_id,
    RequestMessageRow.author,
    RequestMessageRow.author_id,
    RequestMessageRow.author_name,
    RequestMessageRow.channel,
    RequestMessageRow.at,
    RequestMessageRow.kind,
    *(getattr(RequestMessageRow, name) for name in _CONTENT_COLUMNS),
)


class RequestMessageRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self, request_id: int, author: Actor, content: MessageContent, now: datetime
    ) -> int | None:
        """Adds a message and returns its id; None when it is stored already."""
        statement = (
            build_insert(self._connection, RequestMessageRow)
            .values(
                request_id=request_id,
                author=author.kind.value,
                author_id=author.id,
                author_name=author.name,
                channel=author.channel.value,
                at=now,
                **{**asdict(content), "kind": content.kind.value},
            )
            .on_conflict_do_nothing(
                index_elements=[RequestMessageRow.chat_id, RequestMessageRow.message_id]
            )
            .returning(RequestMessageRow.id)
        )
        identity: int | None = await self._connection.scalar(statement)
        return identity

    async def get(self, request_message_id: int) -> RequestMessage:
        """Raises NoResultFound when there is none."""
        statement = select(*_COLUMNS).where(RequestMessageRow.id == request_message_id)
        return _to_request_message((await self._connection.execute(statement)).one())

    async def find_by_source(self, chat_id: int, message_id: int) -> RequestMessage | None:
        """The stored message that came as this Telegram message."""
        statement = select(*_COLUMNS).where(
            RequestMessageRow.chat_id == chat_id, RequestMessageRow.message_id == message_id
        )
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else _to_request_message(row)

    async def list_album(self, message: RequestMessage) -> list[RequestMessage]:
        """The message and the others of its album that have arrived so far."""
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

    async def list_in_album(self, request_id: int, album: str) -> list[int]:
        """The ids of the messages of an album about a request."""
        statement = select(RequestMessageRow.id).where(
            RequestMessageRow.request_id == request_id, RequestMessageRow.album == album
        )
        return list((await self._connection.execute(statement)).scalars())

    async def list_last(self, request_id: int, limit: int) -> list[RequestMessage]:
        """The last messages about a request, oldest first."""
        statement = (
            select(*_COLUMNS)
            .where(RequestMessageRow.request_id == request_id)
            .order_by(RequestMessageRow.id.desc())
            .limit(limit)
        )
        rows = (await self._connection.execute(statement)).all()
        return [_to_request_message(row) for row in reversed(rows)]

    async def count_since(self, account_id: int, since: datetime) -> tuple[int, datetime | None]:
        """How many messages the account wrote after ``since``, and when the first of them."""
        statement = (
            select(func.count(), func.min(RequestMessageRow.at))
            .join(RequestRow, RequestRow.id == RequestMessageRow.request_id)
            .where(
                RequestRow.account_id == account_id,
                RequestMessageRow.author == ActorKind.CONSUMER.value,
                RequestMessageRow.at > since,
            )
        )
        count, first = (await self._connection.execute(statement)).one()
        return count, first

    async def remove(self, request_message_id: int) -> None:
        """Removes a message that was taken back before it was relayed."""
        await self._connection.execute(
            delete(RequestMessageRow).where(RequestMessageRow.id == request_message_id)
        )

    async def correct(self, request_message_id: int, text: str) -> None:
        await self._connection.execute(
            update(RequestMessageRow)
            .where(RequestMessageRow.id == request_message_id)
            .values(text=text)
        )


def _to_request_message(row: Sequence[Any]) -> RequestMessage:
    identity, request_id, author, author_id, author_name, channel, at, kind, *content = row
    return RequestMessage(
        id=identity,
        request_id=request_id,
        author=Actor(
            kind=ActorKind(author), id=author_id, name=author_name, channel=Channel(channel)
        ),
        at=at,
        content=MessageContent(
            kind=MessageKind(kind), **dict(zip(_CONTENT_COLUMNS, content, strict=True))
        ),
    )
