"""File store: bytes by key, in a folder of this machine or in an S3 bucket."""

import asyncio
import hashlib
import os
import re
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import (
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
    suppress,
)
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote
from uuid import uuid4

from bot.integrations.errors import FileMissing, StoreUnavailable

if TYPE_CHECKING:
    from obstore import GetResult
    from obstore.store import LocalStore, RetryConfig, S3Config, S3Store

#: Where ``ping`` writes; what a killed one left there is nobody's.
PING_PREFIX = "ping/"
_LISTED_AT_ONCE = 1000
#: What is read at a time of a file that is passed on piece by piece.
_PIECE_BYTES = 512 * 1024
#: Of a file that is read piece by piece: S3 takes no smaller parts, but the last one.
_PART_BYTES = 5 * 1024**2
#: So many files are put at once: each has a part or two in memory, or as a whole if it is small.
_FILES_AT_ONCE = 4
#: A staged file is synced whenever so much of it is new: all of it at the end would hold up those
#: who wait for the same disk, such as the database.
_SYNCED_BYTES = 1024**2
_CODE = re.compile(r"<Code>(\w+)</Code>")
#: The library writes a file under such a name first, and lists none of them.
_UNFINISHED = re.compile(r".+#\d+")


class StagedFile:
    """A file on its way into the store, written piece by piece.

    ``size`` is in bytes; ``sha256`` is the digest of what was written.
    """

    def __init__(self, path: Path) -> None:
        """``path``: of a file that is not there yet."""
        self.path = path
        self.size = 0
        self._digest = hashlib.sha256()
        self._file = path.open("xb", buffering=0)
        self._unsynced = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    async def write(self, piece: bytes) -> None:
        """Raises StoreUnavailable, as when the disk is full."""
        with _translate_outages():
            await asyncio.to_thread(self._write, piece)

    def close(self) -> None:
        """What was written stays, until the block of ``FileStore.stage`` ends."""
        self._file.close()

    def _write(self, piece: bytes) -> None:
        self._digest.update(piece)
        rest = memoryview(piece)
        while rest:
            # Without a buffer a write may take a part only, as on a disk that gets full.
            rest = rest[self._file.write(rest) or 0 :]
        self.size += len(piece)
        self._unsynced += len(piece)
        if self._unsynced >= _SYNCED_BYTES:
            os.fsync(self._file.fileno())
            self._unsynced = 0


class FileStore:
    """Bytes by key, in a folder of this machine or in an S3 bucket.

    Every method raises StoreUnavailable while the store does not answer, refuses or is full.
    """

    def __init__(
        self,
        place: "Path | S3Store",
        pause: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """``place`` is a folder of this machine that is there, or a bucket.

        ``pause`` lasts while the store is waited for.
        """
        self._place = place
        self._pause = pause
        self._files = asyncio.Semaphore(_FILES_AT_ONCE)

    @classmethod
    def open(
        cls,
        url: str,
        bucket_options: "S3Config | None" = None,
        *,
        allow_http: bool = False,
        pause: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> Self:
        """``file://relative/folder``, ``file:///absolute/folder`` or ``s3://bucket/prefix``.

        ``bucket_options``: credentials and the like; further ones are the usual ``AWS_…`` variables
        of the environment.
        """
        if url.startswith("s3://"):
            from obstore.store import S3Store  # noqa: PLC0415 (see below)

            # By default it would go on for three minutes; the inbox begins again as well.
            patience: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}
            opened = S3Store.from_url(
                url,
                config=bucket_options,
                client_options={
                    "allow_http": allow_http,
                    "connect_timeout": timedelta(seconds=5),
                    "timeout": timedelta(seconds=60),
                },
                retry_config=patience,
            )
            return cls(opened, pause)
        if not url.startswith("file://"):
            raise ValueError(f"neither file:// nor s3://: {url}")
        root = Path(unquote(url.removeprefix("file://"))).absolute()
        root.mkdir(parents=True, exist_ok=True)
        return cls(root, pause)

    @cached_property
    def _opened_store(self) -> "LocalStore | S3Store":
        if not isinstance(self._place, Path):
            return self._place
        from obstore.store import LocalStore  # noqa: PLC0415 (6 MB, not needed before a first file)

        return LocalStore(self._place)

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[StagedFile]:
        """A new file for ``put``, which is gone after the block; a folder has it on its own disk.

        Raises StoreUnavailable.
        """
        folder = self._place if isinstance(self._place, Path) else Path(tempfile.gettempdir())
        with _translate_outages():
            # As the library names what is unfinished.
            staged = await asyncio.to_thread(StagedFile, folder / f"staged-{uuid4().hex}#1")
        try:
            yield staged
        finally:
            staged.close()
            await asyncio.to_thread(staged.path.unlink, missing_ok=True)

    async def put(self, key: str, content: bytes | StagedFile) -> None:
        """Returns when the bytes would survive a power cut; overwrites.

        A staged file never stands in memory as a whole: a folder takes it over as it is.
        """
        with self._pause(), _translate_outages():
            if isinstance(content, bytes):
                # In one piece: see below.
                await self._opened_store.put_async(key, content, use_multipart=False)
            elif isinstance(self._place, Path):
                await asyncio.to_thread(_move, content.path, self._place / key)
            else:
                async with self._files:
                    await self._opened_store.put_async(
                        key,
                        content.path,
                        # Parts of an upload that broke off stay in the bucket, unlisted, until its
                        # own rule for them deletes them. Only a large file is worth that.
                        use_multipart=content.size > _PART_BYTES,
                        chunk_size=_PART_BYTES,
                        max_concurrency=1,
                    )
            if isinstance(self._place, Path):
                await asyncio.to_thread(_sync_to_disk, self._place, key)

    async def get(self, key: str) -> bytes:
        """Raises FileMissing."""
        with self._pause(), _translate_outages():
            return bytes(await (await self._find(key)).bytes_async())

    async def read_pieces(self, key: str) -> AsyncGenerator[bytes, None]:
        """The bytes piece by piece, so that they never stand in memory as a whole.

        Raises FileMissing.
        """
        with _translate_outages():
            async for piece in (await self._find(key)).stream(min_chunk_size=_PIECE_BYTES):
                yield bytes(piece)

    async def _find(self, key: str) -> "GetResult":
        try:
            return await self._opened_store.get_async(key)
        except FileNotFoundError as error:
            # A bucket that is missing, and the page of a gateway, say 404 as well.
            if isinstance(self._place, Path) or "NoSuchKey" in str(error):
                raise FileMissing(key) from error
            raise

    async def delete(self, key: str) -> None:
        """Deleting what is not there is fine."""
        with self._pause(), _translate_outages(), suppress(FileNotFoundError):
            await self._opened_store.delete_async(key)

    async def list_keys(self) -> AsyncIterator[Mapping[str, datetime]]:
        """All keys, each with the time of its writing by the store's clock, in portions."""
        with _translate_outages():
            portions = self._opened_store.list(chunk_size=_LISTED_AT_ONCE)
            async for portion in portions:
                yield {one["path"]: one["last_modified"] for one in portion}

    async def remove_unfinished(self, before: datetime) -> None:
        """Removes what processes that died before then left half written; a bucket has none."""
        if isinstance(self._place, Path):
            await asyncio.to_thread(_remove_unfinished, self._place, before)

    async def ping(self) -> None:
        """Writes, reads and deletes a small file."""
        key = f"{PING_PREFIX}{uuid4().hex}"
        await self.put(key, b"ping")
        try:
            await self.get(key)
        finally:
            await self.delete(key)


def _move(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    path.replace(to)


@contextmanager
def _translate_outages() -> Iterator[None]:
    """Raises StoreUnavailable for whatever the library or the disk raises."""
    from obstore.exceptions import BaseError  # noqa: PLC0415 (as above)

    try:
        yield
    except (BaseError, OSError) as error:
        # The first line and the store's code: what follows may repeat the request.
        code = _CODE.search(str(error))
        reason = f"{code[1]}: {error}" if code else str(error)
        raise StoreUnavailable(reason.partition("\n")[0][:300]) from error


def _remove_unfinished(root: Path, before: datetime) -> None:
    for path in root.rglob("*#*"):
        # Another process may be sweeping as well.
        with suppress(FileNotFoundError):
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if _UNFINISHED.fullmatch(path.name) and path.is_file() and written < before:
                path.unlink()


def _sync_to_disk(root: Path, key: str) -> None:
    """Makes a written file, and the folders that lead to it, survive a power cut."""
    path = root / key
    # The store may have made any of the folders, so each one up to the root is written out.
    for place in (path, *(folder for folder in path.parents if folder.is_relative_to(root))):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
