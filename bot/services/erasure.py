"""Erasure of an account: its rows, and the notices that clear chats, the staff chat and files."""

from collections.abc import Sequence
from datetime import datetime

from bot.db.database import Tx
from bot.domain import Account
from bot.notices import FileRemoval
from bot.services import recipients


async def erase_account(
    tx: Tx,
    account: Account,
    attempts: Sequence[str],
    now: datetime,
    *,
    erased_in: int | None = None,
) -> None:
    """Erases an account; what lies outside of the database is cleared by notices.

    ``attempts`` are the keys of its login attempts. ``erased_in`` is the chat in which the owner
    did it: conversations of the account's chats are deleted, and the other chats are notified.
    None for an account that nobody ever entered.
    """
    chats = await tx.personal_data.list_chats(account.id)
    left = await tx.personal_data.list_left_chats(account.id)
    mentions = await tx.staff_mentions.list_for_account(account.id)
    request_ids, keys = await tx.personal_data.erase(account.id, attempts, now)
    await put_file_removals(tx, keys, now)
    await recipients.announce_erasure(tx, request_ids, mentions, now)
    if erased_in is not None:
        await recipients.clear_chats(
            tx, account, notified={*chats} - {erased_in}, silent={erased_in, *left}, now=now
        )


async def put_file_removals(tx: Tx, keys: Sequence[str], now: datetime) -> None:
    for key in keys:
        await tx.outbox.put(FileRemoval(key=key), now)
