"""HTTP server of the Bot API: methods, file downloads, and the webhook's client."""

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

    async def call_method(request: web.Request) -> web.Response:
        name = request.match_info["method"]
        if request.match_info["token"] != telegram.token:
            return _build_error(ApiError(401, "Unauthorized"))
        raw = await _read_parameters(request)
        telegram.calls.append(name)
        fault = telegram.take_fault(name, raw)
        if fault is not None and fault.gate is not None:
            await fault.gate.wait()
        if fault is not None and (fault.cut or fault.error or fault.page):
            return _fail(request, fault)
        try:
            result = await methods.call(name, raw)
        except ApiError as error:
            log.info("%s: %s", name, error.description)
            return _build_error(error)
        if fault is not None:
            fault.action()
            if fault.lost:
                _abort(request)
            result = fault.alter(result)
        return web.json_response({"ok": True, "result": result})

    async def download_file(request: web.Request) -> web.Response:
        path = request.match_info["path"]
        fault = telegram.take_fault("download", {"path": path})
        if fault is not None and (fault.cut or fault.error or fault.page):
            return _fail(request, fault)
        for stored in telegram.files.values():
            if request.match_info["token"] == telegram.token and stored.path == path:
                if fault is not None:
                    fault.action()
                    if fault.lost:
                        _abort(request)
                return web.Response(body=stored.data)
        raise web.HTTPNotFound

    app = web.Application(client_max_size=_REQUEST_BYTES)
    app.router.add_route("*", "/bot{token}/{method}", call_method)
    app.router.add_get("/file/bot{token}/{path:.+}", download_file)
    app.cleanup_ctx.append(_build_webhook_pusher(telegram))
    return app


def _fail(request: web.Request, fault: Fault) -> web.Response:
    fault.action()
    if fault.error is not None:
        return _build_error(fault.error)
    if fault.page is not None:
        status, text = fault.page
        return web.Response(status=status, text=text, content_type="text/html")
    _abort(request)
    return web.Response(status=502)


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _build_error(error: ApiError) -> web.Response:
    body: dict[str, Any] = {
        "ok": False,
        "error_code": error.code,
        "description": error.description,
    }
    if error.parameters:
        body["parameters"] = error.parameters
    return web.json_response(body, status=error.code)


async def _read_parameters(request: web.Request) -> dict[str, Any]:
    """Replaces ``attach://<part>`` by the uploaded file."""
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
    if isinstance(media, list):
        return [resolve_media(one, uploads) for one in media]
    if isinstance(media, dict) and str(media.get("media", "")).startswith("attach://"):
        return media | {"media": uploads.pop(media["media"].removeprefix("attach://"))}
    return media


def _build_webhook_pusher(telegram: Telegram) -> Any:
    @asynccontextmanager
    async def run_pusher(_: web.Application) -> AsyncIterator[None]:
        sending = asyncio.create_task(_push_forever(telegram))
        yield
        sending.cancel()
        await asyncio.wait([sending])

    return run_pusher


async def _push_forever(telegram: Telegram) -> None:
    """Sends updates to the webhook: those of a chat one after the other, chats in parallel."""
    busy: set[int] = set()
    async with (
        ClientSession(
            timeout=ClientTimeout(total=_WEBHOOK_SECONDS), connector=TCPConnector(limit=0)
        ) as session,
        asyncio.TaskGroup() as pushes,
    ):
        while True:
            await telegram.wait_until(lambda: telegram.webhook and _find_next(telegram, busy), 60)
            update = _find_next(telegram, busy)
            webhook = telegram.webhook
            if webhook and update and len(busy) < webhook["connections"]:
                busy.add(_get_chat_id(update))
                pushes.create_task(_push_update(telegram, session, update, busy))
            elif update:
                await telegram.wait_for_change(telegram.revision, _WEBHOOK_PAUSE)


async def _push_update(
    telegram: Telegram, session: ClientSession, update: Update, busy: set[int]
) -> None:
    taken = False
    while not taken:
        webhook = telegram.webhook or {"url": "", "secret": ""}
        headers = {_SECRET_HEADER: webhook["secret"]}
        try:
            async with session.post(webhook["url"], json=update, headers=headers) as answer:
                taken = answer.status == 200
                if taken and answer.content_type == "application/json":
                    await _call_from_reply(telegram, dict(await answer.json()))
        except (ClientError, TimeoutError):
            pass
        if not taken:
            await asyncio.sleep(_WEBHOOK_PAUSE)
    if update in telegram.updates:
        telegram.updates.remove(update)
    busy.discard(_get_chat_id(update))
    telegram.notify()


async def _call_from_reply(telegram: Telegram, reply: dict[str, Any]) -> None:
    """Calls the method in the webhook's answer; the bot does not get its result."""
    name = str(reply.pop("method"))
    telegram.calls.append(name)
    try:
        await Methods(telegram).call(name, reply)
    except ApiError as error:
        log.info("%s in a webhook's answer: %s", name, error.description)


def _find_next(telegram: Telegram, busy: set[int]) -> Update | None:
    return next((one for one in telegram.updates if _get_chat_id(one) not in busy), None)


def _get_chat_id(update: Update) -> int:
    content = next(value for name, value in update.items() if name != "update_id")
    place = content.get("message", content).get("chat", {})
    return int(place.get("id", 0))
