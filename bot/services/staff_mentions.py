"""Mentions: messages of the staff chat that show consumers' data outside of request cards."""

from collections.abc import Collection
from datetime import datetime

from bot.db.database import Database, Tx
from bot.db.staff_mentions import StaffMention
from bot.services import recipients
from bot.services.clock import Clock


class StaffMentions:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def record(
        self, account_ids: Collection[int], chat_id: int, message_id: int, *, by_bot: bool = True
    ) -> None:
        """Records that a message shows these accounts; their erasure blanks or deletes it."""
        if account_ids:
            mention = StaffMention(chat_id=chat_id, message_id=message_id, by_bot=by_bot)
            async with self._database.begin() as tx:
                await record_mention(tx, account_ids, mention, self._clock.now())

    async def record_command(self, email: str, chat_id: int, message_id: int) -> None:
        """Records a command of the staff that holds the email of an account."""
        async with self._database.read() as tx:
            account = await tx.accounts.get_by_email(email)
        if account is not None:
            await self.record([account.id], chat_id, message_id, by_bot=False)


async def record_mention(
    tx: Tx, account_ids: Collection[int], mention: StaffMention, now: datetime
) -> None:
    """As ``StaffMentions.record``; clears a message of an account that was erased meanwhile."""
    existing = await tx.accounts.lock_existing(account_ids)
    await tx.staff_mentions.add(existing, mention)
    if set(account_ids) - set(existing):
        await recipients.announce_erasure(tx, [], [mention], now)
