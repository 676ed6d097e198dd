"""Which messages of the bot are about which request, in the staff group and in people's chats."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import PostRow
from bot.db.upsert import insert


@dataclass(frozen=True, slots=True)
class Post:
    """``kind``: ``card``, ``part``, ``scan``, ``talk``, or ``?<status>``, which asks for words."""

    request_id: int
    kind: str
    chat_id: int
    message_id: int
    thread_id: int | None
    talk_id: int | None


_COLUMNS = (
    PostRow.request_id,
    PostRow.kind,
    PostRow.chat_id,
    PostRow.message_id,
    PostRow.thread_id,
    PostRow.talk_id,
)


class PostRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self,
        request_id: int,
        kind: str,
        file_id: int | None,
        chat_id: int,
        message_id: int,
        *,
        thread_id: int | None = None,
        talk_id: int | None = None,
    ) -> None:
        """One that is known already stays as it is."""
        await self._connection.execute(
            insert(self._connection, PostRow)
            .values(
                request_id=request_id,
                kind=kind,
                file_id=file_id,
                chat_id=chat_id,
                message_id=message_id,
                thread_id=thread_id,
                talk_id=talk_id,
            )
            .on_conflict_do_nothing(index_elements=[PostRow.chat_id, PostRow.message_id])
        )

    async def card(self, request_id: int) -> tuple[int, int] | None:
        """Chat and message of the request's card."""
        head = await self.card_post(request_id)
        return None if head is None else (head.chat_id, head.message_id)

    async def card_post(self, request_id: int) -> Post | None:
        statement = (
            select(*_COLUMNS)
            .where(PostRow.request_id == request_id, PostRow.kind == "card")
            .order_by(PostRow.id.desc())
            .limit(1)
        )
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else Post(*row)

    async def parts(self, head: Post) -> list[int]:
        """The messages that continue a card, in order."""
        statement = (
            select(PostRow.message_id)
            .where(
                PostRow.request_id == head.request_id,
                PostRow.kind == "part",
                PostRow.chat_id == head.chat_id,
                PostRow.message_id > head.message_id,
            )
            .order_by(PostRow.message_id)
        )
        return list((await self._connection.execute(statement)).scalars())

    async def below(self, head: Post) -> list[Post]:
        """What follows a card in its group: scans and relayed talk, oldest first."""
        statement = (
            select(*_COLUMNS)
            .where(
                PostRow.request_id == head.request_id,
                PostRow.chat_id == head.chat_id,
                PostRow.kind.not_in(("card", "part")),
            )
            .order_by(PostRow.message_id)
        )
        return [Post(*row) for row in await self._connection.execute(statement)]

    async def at(self, chat_id: int, message_id: int) -> Post | None:
        statement = select(*_COLUMNS).where(
            PostRow.chat_id == chat_id, PostRow.message_id == message_id
        )
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else Post(*row)

    async def of_talk(self, talk_ids: Sequence[int]) -> list[Post]:
        """Where messages of a talk were relayed to, oldest first."""
        statement = (
            select(*_COLUMNS).where(PostRow.talk_id.in_(talk_ids)).order_by(PostRow.message_id)
        )
        return [Post(*row) for row in await self._connection.execute(statement)]

    async def remove(self, chat_id: int, message_id: int) -> None:
        await self._connection.execute(
            delete(PostRow).where(PostRow.chat_id == chat_id, PostRow.message_id == message_id)
        )
