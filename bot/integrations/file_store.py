"""File store: bytes by key, in a folder of this machine or in an S3 bucket."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
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
_FOLDER_PART_BYTES = 1024**2
#: So many files are put at once: each has a part or two in memory, or as a whole if it is small.
_FILES_AT_ONCE = 4
_CODE = re.compile(r"<Code>(\w+)</Code>")
#: The library writes a file under such a name first, and lists none of them.
_UNFINISHED = re.compile(r".+#\d+")


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
        self._part_bytes = _FOLDER_PART_BYTES if isinstance(place, Path) else _PART_BYTES
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

    async def put(self, key: str, content: bytes | Path) -> None:
        """Returns when the bytes would survive a power cut; overwrites.

        A file is read piece by piece, so that it never stands in memory as a whole.
        """
        with self._pause(), _translate_outages():
            async with self._files if isinstance(content, Path) else nullcontext():
                await self._opened_store.put_async(
                    key,
                    content,
                    # In one piece: parts of an upload that broke off would stay in the bucket,
                    # unlisted, until its own rule for them deletes them. Only a large file is
                    # worth that.
                    use_multipart=_is_large(content, self._part_bytes),
                    chunk_size=self._part_bytes,
                    max_concurrency=1,
                )
            if isinstance(self._place, Path):
                await asyncio.to_thread(_sync_to_disk, self._place, key)

    async def get(self, key: str) -> bytes:
        """Raises FileMissing."""
        with self._pause(), _translate_outages():
            return bytes(await (await self._find(key)).bytes_async())

    async def read_pieces(self, key: str) -> AsyncIterator[bytes]:
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


def _is_large(content: bytes | Path, part_bytes: int) -> bool:
    return isinstance(content, Path) and content.stat().st_size > part_bytes


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
