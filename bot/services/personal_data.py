"""Personal data: exported, erased on demand, and deleted when its retention term is over."""

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, Protocol

from bot.db.conversations import HANDLED_UPDATES
from bot.db.database import Database
from bot.domain import Address, Request, StoredFile, to_anonymous_actor
from bot.fsm.builtin_forms import get_builtin_forms
from bot.fsm.model import Draft
from bot.integrations.errors import FileDamaged, FileInfected, FileMissing
from bot.services import recipients
from bot.services.accounts import EMAIL_PROOF_TIME
from bot.services.clock import Clock
from bot.services.erasure import erase_account
from bot.services.file_cleanup import put_file_removals
from bot.services.scans import Scans

#: Telegram takes 50 MB from a bot; a request's scans are at most 20 MB each.
_ARCHIVE_BYTES = 40 * 1024**2

_FORGOTTEN_AT_ONCE = 5000
_EXPIRED_AT_ONCE = 100

RenderSummary = Callable[[Mapping[str, Sequence[Mapping[str, Any]]]], tuple[str, str]]
"""Renders the exported rows as a file for people: its name and its text."""

RenderDocuments = Callable[[Request], Awaitable[Sequence[tuple[str, bytes]]]]
"""Makes the PDFs of a request anew: names and bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """For how long what is kept.

    ``requests`` and ``scans`` count from the day a request was closed, ``scans`` of meters from
    their arrival, ``conversations`` from the
    last word, ``notices`` from their delivery, which is also the term of parked updates.
    """

    requests: timedelta
    scans: timedelta
    conversations: timedelta
    notices: timedelta


class ConversationStore(Protocol):
    async def list_drafts(self, chat_id: int, account_id: int) -> list[Draft]:
        """The unfinished forms of a chat."""
        ...

    async def forget(self, chat_id: int) -> list[Draft]:
        """Empties the conversation of a chat and returns its drafts."""
        ...

    async def list_site_drafts(self, account_id: int) -> list[Draft]:
        """The unfinished forms of an account on the site."""
        ...

    async def forget_site(self, account_id: int) -> list[Draft]:
        """Deletes what the site keeps for an account and returns its drafts."""
        ...


class PersonalDataService:
    def __init__(
        self,
        database: Database,
        scans: Scans,
        conversations: ConversationStore,
        clock: Clock,
        terms: Retention,
    ) -> None:
        self._database = database
        self._scans = scans
        self._conversations = conversations
        self._clock = clock
        self._terms = terms

    async def ask_export(self, account_id: int, chat_id: int) -> None:
        """Sends an archive of all data to a chat; asked for again within the hour, only once."""
        now = self._clock.now()
        async with self._database.begin() as tx:
            await tx.audit.add(
                to_anonymous_actor(Address.from_chat(chat_id)), "export", now, account_id=account_id
            )
            await recipients.send_archive(tx, account_id, chat_id, now)

    async def record_export(self, account_id: int, address: Address) -> None:
        """Writes down that a browser takes an archive away."""
        async with self._database.begin() as tx:
            actor = to_anonymous_actor(address)
            await tx.audit.add(actor, "export", self._clock.now(), account_id=account_id)

    async def build_archives(
        self, account_id: int, render_summary: RenderSummary, render_documents: RenderDocuments
    ) -> AsyncIterator[bytes]:
        """ZIP files that Telegram takes: the data in the first one, documents and scans in all.

        The data are there twice: as ``data.json`` and as the file that ``render_summary`` makes.
        """
        async with self._database.read() as tx:
            rows = await tx.personal_data.export_rows(account_id)
            requests = [
                request
                for request_id in await tx.personal_data.list_requests(account_id)
                if (request := await tx.requests.get(request_id)) is not None
            ]
            photos = await tx.files.list_for_account(account_id)
            chats = await tx.personal_data.list_chats(account_id)
        drafts = [
            draft
            for chat in chats
            for draft in await self._conversations.list_drafts(chat, account_id)
        ]
        drafts += await self._conversations.list_site_drafts(account_id)
        rows["drafts"] = [_describe_draft(draft) for draft in drafts]
        words = json.dumps(rows, ensure_ascii=False, indent=1, default=str).encode()
        name, summary = await asyncio.to_thread(render_summary, rows)
        content = [(name, summary.encode()), ("data.json", words)]
        scans = [
            (request.number, scan)
            for request in requests
            for scan in (*request.scans, *request.documents)
        ]
        scans += [(f"{number} {day}", photo) for number, day, photo in photos]
        for draft in drafts:
            scans += [("draft", scan) for scan in await self._scans.list_for_draft(draft.id)]
        size = 0
        async for name, data in self._read_files(requests, render_documents, scans):
            if size + len(data) > _ARCHIVE_BYTES:
                yield await asyncio.to_thread(_zip, content)
                content, size = [], 0
            content.append((name, data))
            size += len(data)
        yield await asyncio.to_thread(_zip, content)

    async def _read_files(
        self,
        requests: Sequence[Request],
        render_documents: RenderDocuments,
        scans: Sequence[tuple[str, StoredFile]],
    ) -> AsyncIterator[tuple[str, bytes]]:
        """The documents that the bot makes of each request, then ``scans`` in their folders."""
        for request in requests:
            for name, data in await render_documents(request):
                yield f"documents/{request.number}/{name}", data
        for folder, scan in scans:
            try:
                data = await self._scans.read(scan)
            except (FileMissing, FileDamaged, FileInfected):
                # The rest is still theirs; data.json names the scan.
                continue
            yield f"scans/{folder}/{scan.id}-{scan.name}", data

    async def erase(self, account_id: int, address: Address) -> None:
        """Erases an account; its owner did so at ``address``.

        Notices stored in the same transaction delete the conversations of all its chats, notify
        the other ones, clear the staff chat and remove the bytes of the scans.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            account = await tx.accounts.get(account_id)
            await erase_account(tx, account, now, erased_at=address)
            await tx.audit.add(to_anonymous_actor(address), "erase", now, account_id=account_id)

    async def forget_conversation(self, chat_id: int) -> None:
        """Deletes the conversation of a chat, with the scans of its drafts."""
        for draft in await self._conversations.forget(chat_id):
            await self._scans.drop(draft.id)

    async def forget_site(self, account_id: int) -> None:
        """Deletes what the site keeps for an account, with the scans of its drafts."""
        for draft in await self._conversations.forget_site(account_id):
            await self._scans.drop(draft.id)

    async def forget_expired(self) -> None:
        """Erases whatever has outlived its term; safe to run at any time and twice."""
        now = self._clock.now()
        silent_since = now - self._terms.conversations
        async with self._database.begin() as tx:
            keys = [
                *await tx.personal_data.expire_requests(now - self._terms.requests),
                *await tx.personal_data.expire_scans(now - self._terms.scans),
                *await tx.personal_data.expire_drafts(silent_since),
            ]
            await tx.personal_data.expire_conversations(silent_since)
            await tx.personal_data.expire_notices(now - self._terms.notices)
            await tx.inbox.forget_parked(now - self._terms.notices)
            await put_file_removals(tx, keys, now)
        await self._expire_unproved(now - EMAIL_PROOF_TIME)
        await self._forget_updates(now - HANDLED_UPDATES)

    async def _expire_unproved(self, created_before: datetime) -> None:
        expired = _EXPIRED_AT_ONCE
        while expired == _EXPIRED_AT_ONCE:
            async with self._database.begin() as tx:
                accounts = await tx.accounts.list_unproved(created_before, _EXPIRED_AT_ONCE)
                for account in accounts:
                    await erase_account(tx, account, self._clock.now())
            expired = len(accounts)

    async def _forget_updates(self, handled_before: datetime) -> None:
        """Piece by piece: there may be millions, and writers wait for each transaction."""
        forgotten = _FORGOTTEN_AT_ONCE
        while forgotten == _FORGOTTEN_AT_ONCE:
            async with self._database.begin() as tx:
                forgotten = await tx.conversations.forget_updates(
                    handled_before, _FORGOTTEN_AT_ONCE
                )


def _describe_draft(draft: Draft) -> dict[str, Any]:
    """An unfinished form without what is a secret, such as the hash of a new password."""
    builtin = get_builtin_forms().get(draft.form.name)
    secret = {field.key for field in builtin.fields if field.secret} if builtin else set()
    return {
        "form": str(draft.form),
        "changed_at": datetime.fromtimestamp(draft.touched_at, UTC),
        "answers": {key: raw for key, raw in draft.answers.items() if key not in secret},
    }


def _zip(content: Sequence[tuple[str, bytes]]) -> bytes:
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in content:
            archive.writestr(name, data)
    return whole.getvalue()
