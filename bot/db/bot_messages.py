"""Messages the bot sent about requests, to the staff chat and to consumers' chats."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import BotMessageRow
from bot.db.upsert import build_insert
from bot.domain import Status


@dataclass(frozen=True, slots=True)
class BotMessage:
    """A message of the bot and the request it is about.

    ``kind``: ``card``, ``part`` (a card's further message), ``scan``, ``document``, ``talk`` (a
    relayed message), ``note`` (tells the staff what happened), ``notice`` (to a consumer) or
    ``?<status>`` (asks the staff for its comment).
    ``thread_id`` is its forum topic, ``request_message_id`` the request message that it relays.
    """

    request_id: int
    kind: str
    chat_id: int
    message_id: int
    thread_id: int | None
    request_message_id: int | None

    @property
    def asked_status(self) -> Status | None:
        """The status for which this message asks the staff for words."""
        _, question, status = self.kind.partition("?")
        return Status(status) if question else None


_COLUMNS = (
    BotMessageRow.request_id,
    BotMessageRow.kind,
    BotMessageRow.chat_id,
    BotMessageRow.message_id,
    BotMessageRow.thread_id,
    BotMessageRow.request_message_id,
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
        request_message_id: int | None = None,
    ) -> None:
        """Stores a message; one that is stored already stays as it is."""
        await self._connection.execute(
            build_insert(self._connection, BotMessageRow)
            .values(
                request_id=request_id,
                kind=kind,
                file_id=file_id,
                chat_id=chat_id,
                message_id=message_id,
                thread_id=thread_id,
                request_message_id=request_message_id,
            )
            .on_conflict_do_nothing(
                index_elements=[BotMessageRow.chat_id, BotMessageRow.message_id]
            )
        )

    async def find_card_place(self, request_id: int) -> tuple[int, int] | None:
        """Chat id and message id of the request's card."""
        card = await self.find_card(request_id)
        return None if card is None else (card.chat_id, card.message_id)

    async def list_card_places(self, request_ids: Collection[int]) -> dict[int, tuple[int, int]]:
        """Chat id and message id of the last card of each request that has one."""
        statement = (
            select(BotMessageRow.request_id, BotMessageRow.chat_id, BotMessageRow.message_id)
            .where(BotMessageRow.request_id.in_(request_ids), BotMessageRow.kind == "card")
            .order_by(BotMessageRow.id)
        )
        rows = await self._connection.execute(statement)
        return {request_id: (chat_id, message_id) for request_id, chat_id, message_id in rows}

    async def find_card(self, request_id: int) -> BotMessage | None:
        """The request's last card, its first message."""
        statement = (
            select(*_COLUMNS)
            .where(BotMessageRow.request_id == request_id, BotMessageRow.kind == "card")
            .order_by(BotMessageRow.id.desc())
            .limit(1)
        )
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else BotMessage(*row)

    async def list_card_parts(self, card: BotMessage) -> list[int]:
        """Ids of the messages that continue a card, in order."""
        statement = (
            select(BotMessageRow.message_id)
            .where(
                BotMessageRow.request_id == card.request_id,
                BotMessageRow.kind == "part",
                BotMessageRow.chat_id == card.chat_id,
                BotMessageRow.message_id > card.message_id,
            )
            .order_by(BotMessageRow.message_id)
        )
        return list((await self._connection.execute(statement)).scalars())

    async def list_below_card(self, card: BotMessage) -> list[BotMessage]:
        """The replies to a card in its chat, scans and relayed messages, oldest first."""
        statement = (
            select(*_COLUMNS)
            .where(
                BotMessageRow.request_id == card.request_id,
                BotMessageRow.chat_id == card.chat_id,
                BotMessageRow.kind.not_in(("card", "part")),
            )
            .order_by(BotMessageRow.message_id)
        )
        return [BotMessage(*row) for row in await self._connection.execute(statement)]

    async def list_sent_files(self, request_id: int, file_ids: Sequence[int]) -> set[int]:
        """Those of the files that the staff have below the request's card."""
        statement = select(BotMessageRow.file_id).where(
            BotMessageRow.request_id == request_id,
            BotMessageRow.kind == "scan",
            BotMessageRow.file_id.in_(file_ids),
        )
        return {one for one in (await self._connection.execute(statement)).scalars() if one}

    async def find(self, chat_id: int, message_id: int) -> BotMessage | None:
        """The message with these ids, None when it is about no request."""
        statement = select(*_COLUMNS).where(
            BotMessageRow.chat_id == chat_id, BotMessageRow.message_id == message_id
        )
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else BotMessage(*row)

    async def list_copies(self, request_message_ids: Sequence[int]) -> list[BotMessage]:
        """The copies of request messages, in all chats, oldest first."""
        statement = (
            select(*_COLUMNS)
            .where(BotMessageRow.request_message_id.in_(request_message_ids))
            .order_by(BotMessageRow.message_id)
        )
        return [BotMessage(*row) for row in await self._connection.execute(statement)]

    async def remove(self, chat_id: int, message_id: int) -> None:
        await self._connection.execute(
            delete(BotMessageRow).where(
                BotMessageRow.chat_id == chat_id, BotMessageRow.message_id == message_id
            )
        )
