"""A gateway of ASKUE by section 5 of the contract, which answers when its gate is open."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import encode_basic_auth, web

from tests.support.web_apps import run_app

IDENTIFIER, ASKUE_PASSWORD = "zavod-7", "r7Nq4vKd2sXw8m"


class FakeGateway:
    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()

    async def answer(self, request: web.Request) -> web.Response:
        await self.gate.wait()
        if request.headers["Authorization"] != encode_basic_auth(IDENTIFIER, ASKUE_PASSWORD):
            return web.Response(status=401)
        reading = {
            "object_name": "ТП-12 <b>, ввод 1",
            "meter_name": "Меркурий 230 № 12345678",
            "active_import": "15234.70",
            "active_export": "0.00",
            "reactive_import": "3120.05",
            "reactive_export": None,
            "received_at": "2026-11-24T06:00:00+03:00",
        }
        return web.json_response({"readings": [reading]})

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        """Gives its base URL."""
        app = web.Application()
        app.router.add_get("/readings", self.answer)
        async with run_app(app) as url:
            yield url
