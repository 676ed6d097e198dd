"""File store: bytes by key, in a folder of this machine or in an S3 bucket."""

import asyncio
import os
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote
from uuid import uuid4

from bot.integrations.errors import FileMissing

if TYPE_CHECKING:
    from obstore.store import LocalStore, RetryConfig, S3Config, S3Store


class FileStore:
    """Bytes by key, in a folder of this machine or in an S3 bucket."""

    def __init__(self, place: "Path | S3Store") -> None:
        """``place`` is a folder of this machine that is there, or a bucket."""
        self._place = place

    @classmethod
    def open(
        cls, url: str, bucket_options: "S3Config | None" = None, *, allow_http: bool = False
    ) -> Self:
        """``file://relative/folder``, ``file:///absolute/folder`` or ``s3://bucket/prefix``.

        ``bucket_options``: credentials and the like; further ones are the usual ``AWS_…`` variables
        of the environment.
        """
        if url.startswith("s3://"):
            from obstore.store import S3Store  # noqa: PLC0415 (see below)

            # By default it would go on for three minutes, with a person waiting.
            patience: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}
            opened = S3Store.from_url(
                url,
                config=bucket_options,
                client_options={"allow_http": allow_http},
                retry_config=patience,
            )
            return cls(opened)
        if not url.startswith("file://"):
            raise ValueError(f"neither file:// nor s3://: {url}")
        root = Path(unquote(url.removeprefix("file://"))).absolute()
        root.mkdir(parents=True, exist_ok=True)
        return cls(root)

    @cached_property
    def _opened_store(self) -> "LocalStore | S3Store":
        if not isinstance(self._place, Path):
            return self._place
        from obstore.store import LocalStore  # noqa: PLC0415 (6 MB, not needed before a first file)

        return LocalStore(self._place)

    async def put(self, key: str, data: bytes) -> None:
        """Returns when the bytes would survive a power cut; overwrites."""
        await self._opened_store.put_async(key, data)
        if isinstance(self._place, Path):
            await asyncio.to_thread(_sync_to_disk, self._place, key)

    async def get(self, key: str) -> bytes:
        """Raises FileMissing."""
        try:
            found = await self._opened_store.get_async(key)
            return bytes(await found.bytes_async())
        except FileNotFoundError as error:
            raise FileMissing(key) from error

    async def delete(self, key: str) -> None:
        """Deleting what is not there is fine."""
        with suppress(FileNotFoundError):
            await self._opened_store.delete_async(key)

    async def ping(self) -> None:
        """Writes, reads and deletes a small file; raises what the store raises."""
        key = f"ping/{uuid4().hex}"
        await self.put(key, b"ping")
        try:
            await self.get(key)
        finally:
            await self.delete(key)


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
