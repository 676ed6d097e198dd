"""Erasure of an account: its rows, and the notices that clear chats, the staff chat and files."""

from datetime import datetime

from bot.db.database import Tx
from bot.domain import Account, Address
from bot.services import recipients
from bot.services.file_cleanup import put_file_removals
from bot.services.login_throttle import hash_email


async def erase_account(
    tx: Tx, account: Account, now: datetime, *, erased_at: Address | None = None
) -> None:
    """Erases an account; what lies outside of the database is cleared by notices.

    ``erased_at`` is where the owner did it: conversations of the account's chats are
    deleted, and the other chats that are logged in are notified. None for an account that nobody
    ever entered.
    """
    chats = {*await tx.personal_data.list_chats(account.id)}
    left = await tx.personal_data.list_left_chats(account.id)
    here = {erased_at.chat_id} if erased_at and erased_at.chat_id else set()
    logged_in = {*await recipients.list_chats(tx, account.id, now)} - here
    mentions = await tx.staff_mentions.list_for_account(account.id)
    formers = await tx.contact_changes.list_values(account.id)
    request_ids, keys = await tx.personal_data.erase(account.id, hash_email(account.email), now)
    if erased_at is not None:
        numbers = await tx.personal_data.list_request_numbers(account.id)
        words = [account.email, account.phone, *formers, *numbers]
        await tx.inbox.erase([*chats, *left], words)
    await put_file_removals(tx, keys, now)
    await recipients.announce_erasure(tx, request_ids, mentions, now)
    if erased_at is not None:
        silent = {*chats, *left, *here} - logged_in
        await recipients.clear_chats(tx, account, notified=logged_in, silent=silent, now=now)
        await recipients.clear_site(tx, account.id, now)
