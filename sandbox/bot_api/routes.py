"""The Bot API over HTTP, as bots meet it."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import (
    BodyPartReader,
    ClientError,
    ClientSession,
    ClientTimeout,
    TCPConnector,
    web,
)

from sandbox.bot_api.methods import Methods, Upload
from sandbox.bot_api.state import ApiError, Fault, Telegram, Update

log = logging.getLogger(__name__)

_REQUEST_BYTES = 60 * 1024**2
_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_WEBHOOK_SECONDS = 30
_WEBHOOK_PAUSE = 0.3


def build_bot_api(telegram: Telegram) -> web.Application:
    methods = Methods(telegram)

    async def call(request: web.Request) -> web.Response:
        name = request.match_info["method"]
        if request.match_info["token"] != telegram.token:
            return _answer(ApiError(401, "Unauthorized"))
        raw = await _parameters(request)
        telegram.calls.append(name)
        fault = telegram.fault(name, raw)
        if fault is not None and (fault.cut or fault.error):
            return _fail(request, fault)
        try:
            result = await methods.call(name, raw)
        except ApiError as error:
            log.info("%s: %s", name, error.description)
            return _answer(error)
        if fault is not None:
            fault.deed()
            if fault.lost:
                _cut(request)
        return web.json_response({"ok": True, "result": result})

    async def download(request: web.Request) -> web.Response:
        path = request.match_info["path"]
        fault = telegram.fault("download", {"path": path})
        if fault is not None and (fault.cut or fault.error):
            return _fail(request, fault)
        for stored in telegram.files.values():
            if request.match_info["token"] == telegram.token and stored.path == path:
                if fault is not None:
                    fault.deed()
                    if fault.lost:
                        _cut(request)
                return web.Response(body=stored.data)
        raise web.HTTPNotFound

    app = web.Application(client_max_size=_REQUEST_BYTES)
    app.router.add_route("*", "/bot{token}/{method}", call)
    app.router.add_get("/file/bot{token}/{path:.+}", download)
    app.cleanup_ctx.append(_webhook_of(telegram))
    return app


def _fail(request: web.Request, fault: Fault) -> web.Response:
    fault.deed()
    if fault.error is not None:
        return _answer(fault.error)
    _cut(request)
    return web.Response(status=502)


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _answer(error: ApiError) -> web.Response:
    body: dict[str, Any] = {
        "ok": False,
        "error_code": error.code,
        "description": error.description,
    }
    if error.parameters:
        body["parameters"] = error.parameters
    return web.json_response(body, status=error.code)


async def _parameters(request: web.Request) -> dict[str, Any]:
    """Uploads are named by ``attach://<part>`` in their parameter."""
    if request.content_type == "application/json":
        return dict(await request.json())
    if request.content_type != "multipart/form-data":
        return {**request.query, **await request.post()}
    values: dict[str, Any] = {}
    uploads: dict[str, Upload] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        if part.filename is None:
            values[part.name] = await part.text()
        else:
            uploads[part.name] = Upload(part.filename, bytes(await part.read()))
    for name, value in values.items():
        if isinstance(value, str) and value.startswith("attach://"):
            values[name] = uploads.pop(value.removeprefix("attach://"))
        elif name == "media" and isinstance(value, str):
            values[name] = resolve_media(json.loads(value), uploads)
    return values | uploads


def resolve_media(media: Any, uploads: dict[str, Upload]) -> Any:
    """Puts the uploads in the place of their names in ``media``, and takes them out."""
    if isinstance(media, dict) and str(media.get("media", "")).startswith("attach://"):
        return media | {"media": uploads.pop(media["media"].removeprefix("attach://"))}
    return media


def _webhook_of(telegram: Telegram) -> Any:
    @asynccontextmanager
    async def context(_: web.Application) -> AsyncIterator[None]:
        sending = asyncio.create_task(_push_for_ever(telegram))
        yield
        sending.cancel()
        await asyncio.wait([sending])

    return context


async def _push_for_ever(telegram: Telegram) -> None:
    """Gives updates to the webhook: those of a chat one after the other, chats side by side."""
    busy: set[int] = set()
    async with (
        ClientSession(
            timeout=ClientTimeout(total=_WEBHOOK_SECONDS), connector=TCPConnector(limit=0)
        ) as session,
        asyncio.TaskGroup() as pushes,
    ):
        while True:
            await telegram.until(lambda: telegram.webhook and _next(telegram, busy), 60)
            update = _next(telegram, busy)
            hook = telegram.webhook
            if hook and update and len(busy) < hook["connections"]:
                busy.add(_chat(update))
                pushes.create_task(_push(telegram, session, update, busy))
            elif update:
                await telegram.change(telegram.revision, _WEBHOOK_PAUSE)


async def _push(telegram: Telegram, session: ClientSession, update: Update, busy: set[int]) -> None:
    taken = False
    while not taken:
        hook = telegram.webhook or {"url": "", "secret": ""}
        headers = {_SECRET_HEADER: hook["secret"]}
        try:
            async with session.post(hook["url"], json=update, headers=headers) as answer:
                taken = answer.status == 200
                if taken and answer.content_type == "application/json":
                    await _do(telegram, dict(await answer.json()))
        except (ClientError, TimeoutError):
            pass
        if not taken:
            await asyncio.sleep(_WEBHOOK_PAUSE)
    if update in telegram.updates:
        telegram.updates.remove(update)
    busy.discard(_chat(update))
    telegram.touch()


async def _do(telegram: Telegram, told: dict[str, Any]) -> None:
    """One method may come with the webhook's answer; the bot never learns how it ended."""
    name = str(told.pop("method"))
    telegram.calls.append(name)
    try:
        await Methods(telegram).call(name, told)
    except ApiError as error:
        log.info("%s in a webhook's answer: %s", name, error.description)


def _next(telegram: Telegram, busy: set[int]) -> Update | None:
    return next((one for one in telegram.updates if _chat(one) not in busy), None)


def _chat(update: Update) -> int:
    content = next(value for name, value in update.items() if name != "update_id")
    place = content.get("message", content).get("chat", {})
    return int(place.get("id", 0))
