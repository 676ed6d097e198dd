"""Messages of the staff chat that show consumers' data: what an erasure blanks besides cards."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import false, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import RequestMessageRow, RequestRow, StaffMentionRow
from bot.db.upsert import build_insert
from bot.domain import ActorKind


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMention:
    """A message; ``by_bot`` is False for a command of the staff."""

    chat_id: int
    message_id: int
    by_bot: bool


class StaffMentionRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, account_ids: Collection[int], mention: StaffMention) -> None:
        """Records that a message shows these accounts; one that is recorded already stays so."""
        if not account_ids:
            return
        await self._connection.execute(
            build_insert(self._connection, StaffMentionRow).on_conflict_do_nothing(),
            [
                {
                    "account_id": account_id,
                    "chat_id": mention.chat_id,
                    "message_id": mention.message_id,
                    "by_bot": mention.by_bot,
                }
                for account_id in sorted(set(account_ids))
            ],
        )

    async def list_for_account(self, account_id: int) -> list[StaffMention]:
        """The messages that show an account, and those that the staff wrote to its owner."""
        recorded = select(
            StaffMentionRow.chat_id, StaffMentionRow.message_id, StaffMentionRow.by_bot
        ).where(StaffMentionRow.account_id == account_id)
        written = (
            select(RequestMessageRow.chat_id, RequestMessageRow.message_id, false())
            .join(RequestRow, RequestRow.id == RequestMessageRow.request_id)
            .where(
                RequestRow.account_id == account_id,
                RequestMessageRow.author == ActorKind.STAFF.value,
            )
        )
        statement = union_all(recorded, written)
        return [
            StaffMention(chat_id=chat_id, message_id=message_id, by_bot=by_bot)
            for chat_id, message_id, by_bot in await self._connection.execute(statement)
        ]
