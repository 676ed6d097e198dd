"""Which messages of the bot are about which request, in the staff group and in people's chats."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import BotMessageRow
from bot.db.upsert import build_insert


@dataclass(frozen=True, slots=True)
class BotMessage:
    """``kind``: ``card``, ``part``, ``scan``, ``talk``, or ``?<status>``, which asks for words."""

    request_id: int
    kind: str
    chat_id: int
    message_id: int
    thread_id: int | None
    talk_id: int | None


_COLUMNS = (
    BotMessageRow.request_id,
    BotMessageRow.kind,
    BotMessageRow.chat_id,
    BotMessageRow.message_id,
    BotMessageRow.thread_id,
    BotMessageRow.talk_id,
)


class BotMessageRepository:
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
            build_insert(self._connection, BotMessageRow)
            .values(
                request_id=request_id,
                kind=kind,
                file_id=file_id,
                chat_id=chat_id,
                message_id=message_id,
                thread_id=thread_id,
                talk_id=talk_id,
            )
            .on_conflict_do_nothing(
                index_elements=[BotMessageRow.chat_id, BotMessageRow.message_id]
            )
        )

    async def find_card_place(self, request_id: int) -> tuple[int, int] | None:
        """Chat and message of the request's card."""
        head = await self.find_card(request_id)
        return None if head is None else (head.chat_id, head.message_id)

    async def find_card(self, request_id: int) -> BotMessage | None:
        statement = (
            select(*_COLUMNS)
            .where(BotMessageRow.request_id == request_id, BotMessageRow.kind == "card")
            .order_by(BotMessageRow.id.desc())
            .limit(1)
        )
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else BotMessage(*row)

    async def list_card_parts(self, head: BotMessage) -> list[int]:
        """The messages that continue a card, in order."""
        statement = (
            select(BotMessageRow.message_id)
            .where(
                BotMessageRow.request_id == head.request_id,
                BotMessageRow.kind == "part",
                BotMessageRow.chat_id == head.chat_id,
                BotMessageRow.message_id > head.message_id,
            )
            .order_by(BotMessageRow.message_id)
        )
        return list((await self._connection.execute(statement)).scalars())

    async def list_below_card(self, head: BotMessage) -> list[BotMessage]:
        """What follows a card in its group: scans and relayed talk, oldest first."""
        statement = (
            select(*_COLUMNS)
            .where(
                BotMessageRow.request_id == head.request_id,
                BotMessageRow.chat_id == head.chat_id,
                BotMessageRow.kind.not_in(("card", "part")),
            )
            .order_by(BotMessageRow.message_id)
        )
        return [BotMessage(*row) for row in await self._connection.execute(statement)]

    async def find(self, chat_id: int, message_id: int) -> BotMessage | None:
        statement = select(*_COLUMNS).where(
            BotMessageRow.chat_id == chat_id, BotMessageRow.message_id == message_id
        )
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else BotMessage(*row)

    async def list_copies(self, talk_ids: Sequence[int]) -> list[BotMessage]:
        """Where messages of a talk were relayed to, oldest first."""
        statement = (
            select(*_COLUMNS)
            .where(BotMessageRow.talk_id.in_(talk_ids))
            .order_by(BotMessageRow.message_id)
        )
        return [BotMessage(*row) for row in await self._connection.execute(statement)]

    async def remove(self, chat_id: int, message_id: int) -> None:
        await self._connection.execute(
            delete(BotMessageRow).where(
                BotMessageRow.chat_id == chat_id, BotMessageRow.message_id == message_id
            )
        )
