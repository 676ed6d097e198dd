"""An object store with the protocol of S3, in this process: moto."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientSession
from moto.server import ThreadedMotoServer

from bot.integrations.file_store import FileStore
from bot.services.file_cleanup import OWNER_KEY


@dataclass(frozen=True)
class ObjectStore:
    port: int

    @property
    def settings(self) -> dict[str, str]:
        """Settings of a bot that stores its files there."""
        return {
            "FILES_URL": "s3://scans/cabinet",
            "AWS_ENDPOINT": f"http://127.0.0.1:{self.port}",
            "AWS_ALLOW_HTTP": "1",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "ru-central1",
        }

    async def list_keys(self) -> set[str]:
        """The keys of files, without the mark of the owner."""
        store = FileStore.open(
            "s3://scans/cabinet",
            {
                "access_key_id": "key",
                "secret_access_key": "secret",
                "region": "ru-central1",
                "endpoint": f"http://127.0.0.1:{self.port}",
            },
            allow_http=True,
        )
        return {key async for portion in store.list_keys() for key in portion} - {OWNER_KEY}


@asynccontextmanager
async def run_object_store() -> AsyncIterator[ObjectStore]:
    """Has the empty bucket ``scans``."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        base = f"http://127.0.0.1:{port}"
        async with ClientSession() as session:
            # Its state belongs to the process.
            (await session.post(f"{base}/moto-api/reset")).raise_for_status()
            (await session.put(f"{base}/scans")).raise_for_status()
        yield ObjectStore(port)
    finally:
        server.stop()
