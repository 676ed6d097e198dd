"""Scans: accepts files of consumers, inspects them and stores their bytes and rows."""

import asyncio
import hashlib
import logging
import mimetypes
import re
import secrets
import unicodedata
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from itertools import count
from typing import Any

from bot.db.database import Database, Tx
from bot.domain import MessageKind, RequestMessage, StoredFile, Verdict
from bot.fsm.model import Rejected
from bot.integrations.clamav import Antivirus
from bot.integrations.errors import (
    FileDamaged,
    FileInfected,
    LimitExceeded,
    ScannerUnavailable,
    StoreUnavailable,
    WorkerDied,
)
from bot.integrations.file_inspection import (
    ScanType,
    detect_scan_type,
    find_rejection,
    find_rejection_of_file,
)
from bot.integrations.file_store import FileStore, StagedFile
from bot.integrations.worker_process import WorkerLimits, WorkerProcess
from bot.services import recipients
from bot.services.account_limits import UNLIMITED, AccountLimits
from bot.services.clock import Clock
from bot.services.fair_queue import FairQueue
from bot.services.file_cleanup import put_file_removals

log = logging.getLogger(__name__)

#: Telegram gives bots no larger files.
MAX_FILE_BYTES = 20 * 1024**2
FILES_PER_DRAFT = 10
NAME_LENGTH = 120
_HEAD_BYTES = 64 * 1024

#: A person who attaches a file waits for the virus scanner at most so long.
FORM_SCAN_SECONDS = 5.0
#: After a wait in vain, files of forms are scanned later only, for so long.
_FORMS_WAIT_AGAIN_AFTER = timedelta(seconds=30)

#: Inspecting a photo takes up to 0.6 s and 370 MB, an A0 drawing as PDF 0.2 s and 130 MB.
INSPECTION_LIMITS = WorkerLimits(cpu_seconds=5, seconds=20, memory=1024**3)
#: A second attempt, because another cause than the file may have killed the worker.
_INSPECTION_ATTEMPTS = 2


def make_safe_name(name: str, kind: ScanType) -> str:
    """``name`` without folders and invisible characters, with an extension true to the content."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    name = "".join(
        " " if char.isspace() else char
        for char in name
        # C: control, format (bidi overrides, zero width), surrogate, private, unassigned.
        if char.isspace() or unicodedata.category(char)[0] != "C"
    )
    name = re.sub(r'[<>:"|?*]', "_", " ".join(name.split())).strip(". ")
    stem, dot, extension = name.rpartition(".")
    if extension.lower() in kind.extensions:
        extension = extension.lower()
    else:
        # «Акт от 12.05» has no extension; `photo.exe` has a wrong one.
        if not dot or not re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9]{1,5}", extension):
            stem = name
        extension = kind.extensions[0]
    stem = stem[: NAME_LENGTH - 1 - len(extension)].strip(". ")
    return f"{stem or 'scan'}.{extension}"


class Scans:
    """Scans of drafts and requests: bytes in the store, one row each in the database."""

    def __init__(
        self,
        database: Database,
        store: FileStore,
        clock: Clock,
        inspection_worker: WorkerProcess,
        antivirus: Antivirus | None = None,
        limits: AccountLimits = UNLIMITED,
    ) -> None:
        """``inspection_worker`` has INSPECTION_LIMITS; the caller closes it.

        ``antivirus`` None: files are not scanned for viruses.
        """
        self._limits = limits
        self._database = database
        self._store = store
        self._clock = clock
        self._inspection_worker = inspection_worker
        self._queue = FairQueue()
        self._antivirus = antivirus
        self._scanner_is_away = False
        self._forms_ask_after = clock.now()

    @property
    def has_antivirus(self) -> bool:
        """Whether there is a virus scanner."""
        return self._antivirus is not None

    async def accept(
        self,
        draft_id: str,
        unique_id: str | None,
        name: str,
        content: bytes | StagedFile,
        caption: str = "",
        *,
        account_id: int | None = None,
        request_id: int | None = None,
        is_photo: bool = False,
    ) -> list[StoredFile]:
        """Keeps a scan, its bytes or a staged file; returns all scans of the draft.

        A staged file never stands in memory as a whole, and is gone afterwards. ``caption`` is what
        the consumer wrote below it. ``unique_id`` is Telegram's ``file_unique_id``, None: the
        content tells the file from others; a repeated file changes nothing. A photo is numbered
        among those of the draft, and of the request ``request_id`` that it supplements. Raises
        Rejected ``file-empty``, ``file-too-big`` (limit in megabytes), ``file-type``,
        ``file-damaged``, ``file-locked``, ``file-hides-another``, ``file-runs-code``,
        ``file-unfolds``, ``file-too-complex``, ``file-infected``, ``files-too-many``, and
        RateLimitExceeded when the account ``account_id`` has stored too much lately. While the
        virus scanner is away a scan is kept, and waits for its verdict before anybody gets it.
        """
        size = _measure(content)
        check_size(name, size)
        await self._check_limit(account_id, size)
        kind = detect_scan_type(await asyncio.to_thread(_read_head, content))
        if kind is None:
            raise Rejected("file-type", name=name)
        async with self._queue.lock(draft_id if account_id is None else account_id):
            await self._inspect(name, content, office=False)
        verdict = await self._scan_new(name, content)
        row = await self._store_bytes(draft_id, unique_id, name, content, kind)
        try:
            async with self._database.begin() as tx:
                # The files of an album arrive side by side.
                await tx.files.lock_draft(draft_id)
                if is_photo:
                    row["name"] = await _name_photo(tx, row["name"], draft_id, request_id)
                await self._add_row(
                    tx,
                    row,
                    verdict=verdict,
                    caption=caption,
                    account_id=account_id,
                    is_photo=is_photo,
                )
                scans = await tx.files.list_for_draft(draft_id)
                if len(scans) > FILES_PER_DRAFT:
                    raise Rejected("files-too-many", limit=FILES_PER_DRAFT)
        except Rejected:
            async with self._database.begin() as tx:
                if await tx.uploads.end(row["key"]):
                    await put_file_removals(tx, [row["key"]], self._clock.now())
            raise
        return scans

    def stage(self) -> AbstractAsyncContextManager[StagedFile]:
        """A file to write what comes in pieces to, for ``accept``; see ``FileStore.stage``."""
        return self._store.stage()

    async def examine(self, name: str, data: bytes) -> None:
        """Looks at a file that goes on without being kept: a scan, or an office document.

        Raises Rejected as ``accept`` does, and ScannerUnavailable (try again later).
        """
        check_size(name, len(data))
        await self._inspect(name, data, office=True)
        if await self._scan_new(name, data) is Verdict.WAITING:
            raise ScannerUnavailable("no verdict on a file that is not kept")

    async def supplement(
        self,
        request_id: int,
        unique_id: str,
        name: str,
        data: bytes,
        caption: str = "",
        *,
        account_id: int,
        is_photo: bool = False,
    ) -> str:
        """Keeps one more scan of a request and returns its name; raises what ``accept`` does."""
        draft_id = build_supplement_id(request_id)
        scans = await self.accept(
            draft_id,
            unique_id,
            name,
            data,
            caption,
            account_id=account_id,
            request_id=request_id,
            is_photo=is_photo,
        )
        async with self._database.begin() as tx:
            await tx.files.attach(draft_id, request_id)
        return scans[-1].name if scans else name

    async def keep_staff_file(
        self, message: RequestMessage, unique_id: str, name: str, data: bytes
    ) -> None:
        """Keeps the file of a message of the staff; it was examined before.

        ``unique_id`` names it within the request: a repeated file changes nothing.
        """
        kind = detect_scan_type(data) or _guess_office_type(name)
        request_id, is_photo = message.request_id, message.content.kind is MessageKind.PHOTO
        draft_id = _build_staff_draft_id(request_id)
        row = await self._store_bytes(draft_id, unique_id, name, data, kind)
        verdict = Verdict.UNASKED if self._antivirus is None else Verdict.CLEAN
        async with self._database.begin() as tx:
            if is_photo:
                row["name"] = await _name_photo(tx, row["name"], draft_id, request_id)
            await self._add_row(tx, row, verdict=verdict, from_staff=True, is_photo=is_photo)
            await tx.files.attach(draft_id, request_id)
            await tx.files.attach_to_message(draft_id, message.id, unique_id=unique_id)

    async def announce_staff_file(
        self, request_id: int, request_message_id: int, unique_id: str
    ) -> None:
        """Emails a kept file to the consumer, once for each message."""
        async with self._database.begin() as tx:
            file_id = await tx.files.find(_build_staff_draft_id(request_id), unique_id)
            if file_id is not None:
                await recipients.announce_staff_file(
                    tx, request_message_id, request_id, file_id, self._clock.now()
                )

    async def list_for_draft(self, draft_id: str) -> list[StoredFile]:
        async with self._database.read() as tx:
            return await tx.files.list_for_draft(draft_id)

    async def remove(self, draft_id: str, file_id: int) -> bool:
        """False when the draft has no such scan (any more)."""
        async with self._database.begin() as tx:
            scan = next(
                (one for one in await tx.files.list_for_draft(draft_id) if one.id == file_id), None
            )
            if scan is None or not await tx.files.remove(draft_id, file_id):
                return False
            await put_file_removals(tx, [scan.key], self._clock.now())
        return True

    async def drop(self, draft_id: str) -> None:
        """Forgets all scans of a draft that was cancelled or has expired."""
        async with self._database.begin() as tx:
            await put_file_removals(tx, await tx.files.drop_draft(draft_id), self._clock.now())

    async def read(self, scan: StoredFile) -> bytes:
        """The bytes, once the virus scanner passed them if there is one.

        Raises FileMissing, FileDamaged, FileInfected, ScannerUnavailable (try again later).
        """
        if scan.verdict is Verdict.INFECTED:
            raise FileInfected(scan.key)
        data = await self._store.get(scan.key)
        digest = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
        if digest != scan.sha256:
            raise FileDamaged(scan.key)
        if scan.verdict is Verdict.WAITING:
            await self._judge(scan, data)
        return data

    async def verify(self, scan: StoredFile) -> None:
        """Raises what ``read`` does; only a file without its verdict stands in memory for it."""
        if scan.verdict in {Verdict.WAITING, Verdict.INFECTED}:
            await self.read(scan)
            return
        digest = hashlib.sha256()
        async for piece in self._store.read_pieces(scan.key):
            await asyncio.to_thread(digest.update, piece)
        if digest.hexdigest() != scan.sha256:
            raise FileDamaged(scan.key)

    def read_pieces(self, scan: StoredFile) -> AsyncGenerator[bytes, None]:
        """The bytes of a file that was verified, so that whoever is slow keeps a piece of them."""
        return self._store.read_pieces(scan.key)

    async def _check_limit(self, account_id: int | None, size: int) -> None:
        if account_id is not None:
            async with self._database.read() as tx:
                await self._limits.check_bytes(tx, account_id, size, self._clock.now())

    async def _inspect(self, name: str, content: bytes | StagedFile, *, office: bool) -> None:
        """Inspects a file in the worker process; raises Rejected.

        A file that exceeds the limits of the worker, or kills it in each attempt, is rejected too.
        """
        for _ in range(_INSPECTION_ATTEMPTS):
            try:
                if isinstance(content, bytes):
                    code = await self._inspection_worker.run(find_rejection, content, name, office)
                else:
                    code = await self._inspection_worker.run(
                        find_rejection_of_file, str(content.path), name
                    )
            except LimitExceeded as error:
                is_memory = error.limit == "memory"
                code = "file-unfolds" if is_memory else "file-too-complex"
            except WorkerDied:
                log.exception("the worker process that inspects files died")
                continue
            if code:
                raise Rejected(code, name=name)
            return
        raise Rejected("file-too-complex", name=name)

    async def _scan_new(self, name: str, content: bytes | StagedFile) -> Verdict:
        """Keeps a person waiting for one short time only, however many files there are."""
        if self._clock.now() < self._forms_ask_after:
            return Verdict.WAITING
        verdict = await self._get_verdict(content, FORM_SCAN_SECONDS)
        if verdict is Verdict.WAITING:
            self._forms_ask_after = self._clock.now() + _FORMS_WAIT_AGAIN_AFTER
        if verdict is Verdict.INFECTED:
            raise Rejected("file-infected", name=name)
        return verdict

    async def _judge(self, scan: StoredFile, data: bytes) -> None:
        verdict = await self._get_verdict(data)
        if verdict is Verdict.WAITING:
            raise ScannerUnavailable(scan.key)
        async with self._database.begin() as tx:
            await tx.files.set_verdict(scan.id, verdict)
            if verdict is Verdict.INFECTED:
                await put_file_removals(tx, [scan.key], self._clock.now())
        if verdict is Verdict.INFECTED:
            raise FileInfected(scan.key)

    async def _get_verdict(
        self, content: bytes | StagedFile, seconds: float | None = None
    ) -> Verdict:
        """``seconds``: the longest wait, None for the scanner's own. Logs each outage once."""
        if self._antivirus is None:
            return Verdict.UNASKED
        try:
            async with asyncio.timeout(seconds):
                is_clean = await self._antivirus.is_clean(
                    content if isinstance(content, bytes) else content.path
                )
        except (ScannerUnavailable, TimeoutError):
            if not self._scanner_is_away:
                log.error("the virus scanner gives no verdict, files wait for it")  # noqa: TRY400
            self._scanner_is_away = True
            return Verdict.WAITING
        if self._scanner_is_away:
            log.info("the virus scanner gives verdicts again")
        self._scanner_is_away = False
        return Verdict.CLEAN if is_clean else Verdict.INFECTED

    async def _store_bytes(
        self,
        draft_id: str,
        unique_id: str | None,
        name: str,
        content: bytes | StagedFile,
        kind: ScanType,
    ) -> dict[str, Any]:
        """Puts a file into the store; returns what its row says of it.

        Its key is written down before, so that what has no row at last is found and deleted.
        """
        sha256 = await asyncio.to_thread(_compute_digest, content)
        unique_id = unique_id or f"site:{sha256}"
        # No two files share their bytes, and no key is used again after its removal.
        key = f"{sha256[:2]}/{sha256}-{secrets.token_hex(8)}.{kind.extensions[0]}"
        async with self._database.begin() as tx:
            key = await tx.uploads.begin(key, draft_id, unique_id, sha256, self._clock.now())
        await self._store.put(key, content)
        return {
            "draft_id": draft_id,
            "unique_id": unique_id,
            "name": make_safe_name(name, kind),
            "media_type": kind.media_type,
            "size": _measure(content),
            "sha256": sha256,
            "key": key,
            "now": self._clock.now(),
        }

    async def _add_row(self, tx: Tx, row: dict[str, Any], **values: Any) -> None:
        """Adds the row of stored bytes, or gives them up when the draft has the file already."""
        key = row["key"]
        is_open = await tx.uploads.end(key)
        if not is_open and await tx.files.find(row["draft_id"], row["unique_id"]) is None:
            # The caller tries again, with another key.
            raise StoreUnavailable("the upload took so long that it was given up")
        stored = await tx.files.add(**row, **values)
        if stored.key != key:
            await put_file_removals(tx, [key], self._clock.now())


def _measure(content: bytes | StagedFile) -> int:
    return len(content) if isinstance(content, bytes) else content.size


def _compute_digest(content: bytes | StagedFile) -> str:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    return content.sha256


def _read_head(content: bytes | StagedFile) -> bytes:
    """Enough to detect the type by."""
    if isinstance(content, bytes):
        return content
    with content.path.open("rb") as file:
        return file.read(_HEAD_BYTES)


def check_size(name: str, size: int) -> None:
    """Raises Rejected ``file-empty``, ``file-too-big``; ``size`` in bytes."""
    if not size:
        raise Rejected("file-empty", name=name)
    if size > MAX_FILE_BYTES:
        raise Rejected("file-too-big", name=name, limit=MAX_FILE_BYTES // 1024**2)


async def _name_photo(tx: Tx, name: str, draft_id: str, request_id: int | None) -> str:
    """«Фото.jpg» as «Фото 2.jpg»: Telegram gives a photo no name."""
    taken = await tx.files.list_photo_names(draft_id, request_id)
    stem, _, extension = name.rpartition(".")
    numbered = (f"{stem} {number}.{extension}" for number in count(1))
    return next(one for one in numbered if one not in taken)


def build_supplement_id(request_id: int) -> str:
    """In place of a draft's id, for files that a chat adds to a request."""
    return f"request:{request_id}"


def _build_staff_draft_id(request_id: int) -> str:
    """Files of the staff have no draft; this value is what makes them unique in a request."""
    return f"staff:{request_id}"


def _guess_office_type(name: str) -> ScanType:
    """Of an office document that was examined: its extension was compared with its content."""
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return ScanType(media_type=media_type, extensions=(name.rpartition(".")[2].lower(),))
