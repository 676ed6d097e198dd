"""Scans: what we accept as one, and where its bytes are kept."""

import asyncio
import hashlib
import logging
import os
import re
import unicodedata
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote
from uuid import uuid4

from bot.db.database import Database
from bot.domain import StoredFile, Verdict
from bot.fsm.form import Rejected
from bot.services.antivirus import Antivirus
from bot.services.clock import Clock
from bot.services.errors import FileDamaged, FileInfected, FileMissing, ScannerAway
from bot.services.inspection import ScanType, judge, scan_type
from bot.services.workshop import LimitExceeded, Limits, WorkerDied, Workshop

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from obstore.store import LocalStore, RetryConfig, S3Store

#: Telegram gives bots no larger files.
MAX_FILE_BYTES = 20 * 1024**2
FILES_PER_DRAFT = 10
NAME_LENGTH = 120

#: A photo takes up to 0.6 s and 370 MB, a drawing of A0 as a PDF 0.2 s and 130 MB.
EXAMINATION_LIMITS = Limits(processor_seconds=5, seconds=20, memory=1024**3)
#: One more than the first: whatever ended the process may have had nothing to do with the file.
_EXAMINATIONS = 2


def safe_name(name: str, kind: ScanType) -> str:
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


class FileStore:
    """Bytes by key, in a folder of this machine or in an S3 bucket.

    S3 takes its credentials, region and endpoint from the usual ``AWS_…`` variables.
    """

    def __init__(self, place: "Path | S3Store") -> None:
        """``place`` is a folder of this machine that is there, or a bucket."""
        self._place = place

    @classmethod
    def open(cls, url: str) -> Self:
        """``file://relative/folder``, ``file:///absolute/folder`` or ``s3://bucket/prefix``."""
        if url.startswith("s3://"):
            from obstore.store import S3Store  # noqa: PLC0415 (see below)

            # By default it would go on for three minutes, with a person waiting.
            patience: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}
            return cls(S3Store.from_url(url, retry_config=patience))
        if not url.startswith("file://"):
            raise ValueError(f"neither file:// nor s3://: {url}")
        root = Path(unquote(url.removeprefix("file://"))).absolute()
        root.mkdir(parents=True, exist_ok=True)
        return cls(root)

    @cached_property
    def _store(self) -> "LocalStore | S3Store":
        if not isinstance(self._place, Path):
            return self._place
        from obstore.store import LocalStore  # noqa: PLC0415 (6 MB, not needed before a first file)

        return LocalStore(self._place)

    async def put(self, key: str, data: bytes) -> None:
        """Returns when the bytes would survive a power cut; overwrites."""
        await self._store.put_async(key, data)
        if isinstance(self._place, Path):
            await asyncio.to_thread(_settle, self._place, key)

    async def get(self, key: str) -> bytes:
        """Raises FileMissing."""
        try:
            found = await self._store.get_async(key)
            return bytes(await found.bytes_async())
        except FileNotFoundError as error:
            raise FileMissing(key) from error

    async def delete(self, key: str) -> None:
        """Deleting what is not there is fine."""
        with suppress(FileNotFoundError):
            await self._store.delete_async(key)

    async def ping(self) -> None:
        """Writes, reads and deletes a small file; raises what the store raises."""
        key = f"ping/{uuid4().hex}"
        await self.put(key, b"ping")
        try:
            await self.get(key)
        finally:
            await self.delete(key)


def _settle(root: Path, key: str) -> None:
    """Makes a written file, and the folders that lead to it, survive a power cut."""
    path = root / key
    # The store may have made any of the folders, so each one up to the root is written out.
    for place in (path, *(folder for folder in path.parents if folder.is_relative_to(root))):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Scans:
    """Scans of drafts and requests: bytes in the store, one row each in the database."""

    def __init__(
        self,
        database: Database,
        store: FileStore,
        clock: Clock,
        examination: Workshop,
        antivirus: Antivirus | None = None,
    ) -> None:
        """``examination`` has EXAMINATION_LIMITS, its owner closes it.

        ``antivirus`` None: nobody looks for viruses.
        """
        self._database = database
        self._store = store
        self._clock = clock
        self._examination = examination
        self._antivirus = antivirus

    @property
    def guarded(self) -> bool:
        """Whether there is a virus scanner."""
        return self._antivirus is not None

    async def accept(
        self, draft_id: str, unique_id: str, name: str, data: bytes
    ) -> list[StoredFile]:
        """Keeps a scan and returns all scans of the draft.

        ``unique_id`` is Telegram's ``file_unique_id``: a repeated file changes nothing. Raises
        Rejected ``file-empty``, ``file-too-big`` (limit in megabytes), ``file-type``,
        ``file-damaged``, ``file-locked``, ``file-hides-another``, ``file-runs-code``,
        ``file-unfolds``, ``file-too-complex``, ``file-infected``, ``files-too-many``. While the
        virus scanner is away a scan is kept, and waits for its verdict before anybody gets it.
        """
        _fits(name, data)
        kind = scan_type(data)
        if kind is None:
            raise Rejected("file-type", name=name)
        await self._inspect(name, data, office=False)
        verdict = await self._clean(name, data)
        sha256 = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
        # The same bytes under two file ids are two scans, and each owns its bytes.
        mark = hashlib.sha256(unique_id.encode()).hexdigest()[:12]
        key = f"{sha256[:2]}/{sha256}-{draft_id}-{mark}.{kind.extensions[0]}"
        await self._store.put(key, data)
        try:
            return await self._record(
                draft_id,
                unique_id=unique_id,
                name=safe_name(name, kind),
                media_type=kind.media_type,
                size=len(data),
                sha256=sha256,
                key=key,
                verdict=verdict,
            )
        except Rejected:
            await self._store.delete(key)
            raise

    async def examine(self, name: str, data: bytes) -> None:
        """Looks at a file that goes on without being kept: a scan, or an office document.

        Raises Rejected as ``accept`` does, and ScannerAway (try again later).
        """
        _fits(name, data)
        await self._inspect(name, data, office=True)
        if await self._clean(name, data) is Verdict.WAITING:
            raise ScannerAway("no verdict on a file that is not kept")

    async def supplement(self, request_id: int, unique_id: str, name: str, data: bytes) -> None:
        """Keeps one more scan of a request; raises what ``accept`` does."""
        draft_id = f"request:{request_id}"
        await self.accept(draft_id, unique_id, name, data)
        async with self._database.begin() as tx:
            await tx.files.attach(draft_id, request_id)

    async def of_draft(self, draft_id: str) -> list[StoredFile]:
        async with self._database.read() as tx:
            return await tx.files.of_draft(draft_id)

    async def remove(self, draft_id: str, file_id: int) -> bool:
        """False when the draft has no such scan (any more)."""
        async with self._database.begin() as tx:
            scan = next(
                (one for one in await tx.files.of_draft(draft_id) if one.id == file_id), None
            )
            if scan is None or not await tx.files.remove(draft_id, file_id):
                return False
        await self._store.delete(scan.key)
        return True

    async def drop(self, draft_id: str) -> None:
        """Forgets all scans of a draft that was cancelled or has expired."""
        async with self._database.begin() as tx:
            keys = await tx.files.drop_draft(draft_id)
        for key in keys:
            await self._store.delete(key)

    async def read(self, scan: StoredFile) -> bytes:
        """The bytes, once the virus scanner passed them if there is one.

        Raises FileMissing, FileDamaged, FileInfected, ScannerAway (try again later).
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

    async def _inspect(self, name: str, data: bytes, *, office: bool) -> None:
        for _ in range(_EXAMINATIONS):
            try:
                code = await self._examination.run(judge, data, name, office)
            except LimitExceeded as error:
                is_large = error.limit == "memory"
                code = "file-unfolds" if is_large else "file-too-complex"
            except WorkerDied:
                log.exception("the process that examines files died")
                continue
            if code:
                raise Rejected(code, name=name)
            return
        raise Rejected("file-too-complex", name=name)

    async def _clean(self, name: str, data: bytes) -> Verdict:
        verdict = await self._verdict(data)
        if verdict is Verdict.INFECTED:
            raise Rejected("file-infected", name=name)
        return verdict

    async def _judge(self, scan: StoredFile, data: bytes) -> None:
        verdict = await self._verdict(data)
        if verdict is Verdict.WAITING:
            raise ScannerAway(scan.key)
        async with self._database.begin() as tx:
            await tx.files.judge(scan.id, verdict)
        if verdict is Verdict.INFECTED:
            await self._store.delete(scan.key)
            raise FileInfected(scan.key)

    async def _verdict(self, data: bytes) -> Verdict:
        if self._antivirus is None:
            return Verdict.UNASKED
        try:
            return Verdict.CLEAN if await self._antivirus.is_clean(data) else Verdict.INFECTED
        except ScannerAway:
            log.error("the virus scanner gives no verdict, files wait for it")  # noqa: TRY400
            return Verdict.WAITING

    async def remove_bytes(self, key: str) -> None:
        """Of a scan whose row is gone; they may be gone already."""
        await self._store.delete(key)

    async def _record(self, draft_id: str, **scan: Any) -> list[StoredFile]:
        async with self._database.begin() as tx:
            # The files of an album arrive side by side.
            await tx.files.alone(draft_id)
            await tx.files.add(draft_id=draft_id, now=self._clock.now(), **scan)
            scans = await tx.files.of_draft(draft_id)
            if len(scans) > FILES_PER_DRAFT:
                raise Rejected("files-too-many", limit=FILES_PER_DRAFT)
        return scans


def _fits(name: str, data: bytes) -> None:
    if not data:
        raise Rejected("file-empty", name=name)
    if len(data) > MAX_FILE_BYTES:
        raise Rejected("file-too-big", name=name, limit=MAX_FILE_BYTES // 1024**2)
