"""HTTP server of the sandbox page: its files, a stream of events, and the actions of people."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp import BodyPartReader, web

from sandbox.playground import Playground

_PAGE = Path(__file__).parent / "page"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_UPLOAD_BYTES = 60 * 1024**2
_HEARTBEAT_SECONDS = 15.0
#: Changes within this time are sent as one event.
_GATHER_SECONDS = 0.03
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
#: The policy for letters and files, whose content is not ours: no scripts, no connections.
_FOREIGN = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
#: The page may hear of clicks in a letter; still nothing in it runs.
_LETTER = f"{_FOREIGN} allow-same-origin"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build_page(playground: Playground, key: str, stopping: asyncio.Event) -> web.Application:
    """Serves everything below ``/<key>/``; only the printed address contains the key."""
    telegram = playground.telegram

    @web.middleware
    async def check_host(request: web.Request, handler: Handler) -> web.StreamResponse:
        # Refuses another site whose host name points at this machine (DNS rebinding).
        if request.host.rpartition(":")[0] not in {"127.0.0.1", "localhost"}:
            raise web.HTTPForbidden(text="only for this machine")
        try:
            answer = await handler(request)
        except (LookupError, TypeError, ValueError) as error:
            raise web.HTTPBadRequest(text=f"{type(error).__name__}: {error}") from error
        return answer

    async def set_headers(_: web.Request, answer: web.StreamResponse) -> None:
        for name, value in _HEADERS.items():
            answer.headers.setdefault(name, value)

    async def get_page(request: web.Request) -> web.Response:
        path = _PAGE / (request.match_info["name"] or "index.html")
        if path.parent != _PAGE or path.suffix not in _TYPES or not path.is_file():
            raise web.HTTPNotFound
        return web.Response(
            body=path.read_bytes(), content_type=_TYPES[path.suffix], charset="utf-8"
        )

    async def get_state(_: web.Request) -> web.Response:
        return web.json_response(playground.build_parts())

    async def stream_events(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream", **_HEADERS})
        await answer.prepare(request)
        sent: dict[str, str] = {}
        while not stopping.is_set():
            seen = telegram.revision
            parts = {name: json.dumps(part) for name, part in playground.build_parts().items()}
            changed = {name: json.loads(v) for name, v in parts.items() if sent.get(name) != v}
            changed |= dict.fromkeys(sent.keys() - parts.keys())
            sent = parts
            line = f"data: {json.dumps(changed)}\n\n" if changed else ": still here\n\n"
            try:
                await answer.write(line.encode())
            except ConnectionError:
                # The page was closed.
                break
            await telegram.wait_for_change(seen, _HEARTBEAT_SECONDS)
            await asyncio.sleep(_GATHER_SECONDS)
        return answer

    async def run_action(request: web.Request) -> web.Response:
        parameters: dict[str, Any] = await request.json()
        action = _ACTIONS.get(request.match_info["action"])
        if action is None:
            raise web.HTTPNotFound
        result = action(playground, parameters)
        if isawaitable(result):
            await result
        return web.json_response({"ok": True})

    async def upload_files(request: web.Request) -> web.Response:
        """Sends each part ``file`` as a message; several parts make an album."""
        chat_id, user_id = int(request.query["chat"]), int(request.query["user"])
        photo = request.query.get("photo") == "1"
        files: list[tuple[str, str, bytes]] = []
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.filename:
                media_type = part.headers.get("Content-Type", "application/octet-stream")
                files.append((part.filename, media_type, bytes(await part.read())))
        album = uuid4().hex if len(files) > 1 else None
        reply = request.query.get("reply")
        more = {"reply_to": int(reply)} if reply else {}
        for name, media_type, data in files:
            telegram.send_file(
                chat_id, user_id, data, name, media_type, photo=photo, album=album, **more
            )
        return web.json_response({"ok": True})

    async def get_file(request: web.Request) -> web.Response:
        stored = telegram.files.get(request.match_info["id"])
        if stored is None:
            raise web.HTTPNotFound
        image = stored.data.startswith((b"\xff\xd8\xff", b"\x89PNG"))
        kind = "image/jpeg" if image else "application/octet-stream"
        return web.Response(
            body=stored.data, content_type=kind, headers={"Content-Security-Policy": _FOREIGN}
        )

    async def open_mini_app(request: web.Request) -> web.Response:
        address = playground.open_mini_app(int(request.query["user"]))
        return web.Response(status=303, headers={"Location": address})

    async def get_mail(request: web.Request) -> web.Response:
        try:
            letter = playground.mailbox.mails[int(request.match_info["number"])]
        except IndexError:
            raise web.HTTPNotFound from None
        return web.Response(
            text=letter.html,
            content_type="text/html",
            headers={"Content-Security-Policy": _LETTER},
        )

    async def get_attachment(request: web.Request) -> web.Response:
        place = request.match_info
        try:
            letter = playground.mailbox.mails[int(place["number"])]
            data = letter.read_attachment(list(letter.attachments)[int(place["at"])])
        except IndexError:
            raise web.HTTPNotFound from None
        return web.Response(
            body=data,
            content_type="application/octet-stream",
            headers={"Content-Security-Policy": _FOREIGN},
        )

    async def wake_streams(_: web.Application) -> None:
        stopping.set()
        telegram.notify()

    app = web.Application(middlewares=[check_host], client_max_size=_UPLOAD_BYTES)
    app.on_response_prepare.append(set_headers)
    app.on_shutdown.append(wake_streams)
    app.router.add_get(f"/{key}/state", get_state)
    app.router.add_get(f"/{key}/events", stream_events)
    app.router.add_post(f"/{key}/do/{{action}}", run_action)
    app.router.add_post(f"/{key}/upload", upload_files)
    app.router.add_get(f"/{key}/file/{{id}}", get_file)
    app.router.add_get(f"/{key}/app", open_mini_app)
    app.router.add_get(f"/{key}/mail/{{number:[0-9]+}}", get_mail)
    app.router.add_get(f"/{key}/mail/{{number:[0-9]+}}/{{at:[0-9]+}}", get_attachment)
    app.router.add_get(f"/{key}/{{name:[a-z.]*}}", get_page)
    return app


def _send_text(playground: Playground, parameters: dict[str, Any]) -> None:
    playground.telegram.send(
        int(parameters["chat"]),
        int(parameters["user"]),
        text=str(parameters["text"]),
        reply_to=parameters.get("reply"),
    )


def _press_button(playground: Playground, parameters: dict[str, Any]) -> None:
    playground.telegram.press(
        int(parameters["chat"]),
        int(parameters["user"]),
        int(parameters["message"]),
        str(parameters["data"]),
    )


def _edit_message(playground: Playground, parameters: dict[str, Any]) -> None:
    playground.telegram.edit(
        int(parameters["chat"]),
        int(parameters["user"]),
        int(parameters["message"]),
        str(parameters["text"]),
    )


def _send_location(playground: Playground, parameters: dict[str, Any]) -> None:
    place = {"latitude": float(parameters["latitude"]), "longitude": float(parameters["longitude"])}
    user_id = int(parameters["user"])
    playground.telegram.send(user_id, user_id, location=place)


_ACTIONS: dict[str, Callable[[Playground, dict[str, Any]], object]] = {
    "say": _send_text,
    "press": _press_button,
    "edit": _edit_message,
    "location": _send_location,
    "contact": lambda playground, parameters: playground.share_contact(int(parameters["user"])),
    "person": lambda playground, parameters: playground.add_person(str(parameters["name"])),
    "language": lambda playground, parameters: playground.set_language(
        int(parameters["user"]), str(parameters["language"])
    ),
    "block": lambda playground, parameters: playground.telegram.set_blocked(
        int(parameters["user"]), blocked=bool(parameters["blocked"])
    ),
    "forum": lambda playground, parameters: playground.set_forum(forum=bool(parameters["forum"])),
    "telegram": lambda playground, parameters: playground.break_telegram(str(parameters["fault"])),
    "mail": lambda playground, parameters: playground.break_mail(broken=bool(parameters["broken"])),
    "askue": lambda playground, parameters: playground.set_askue(
        seconds=float(parameters["seconds"]), fault=str(parameters["fault"])
    ),
    "time": lambda playground, parameters: playground.advance_clock(int(parameters["hours"])),
    "samples": lambda playground, _: playground.add_samples(),
    "history": lambda playground, parameters: playground.add_readings(
        str(parameters["email"]), str(parameters["meter"]), str(parameters["last"])
    ),
    "bot": lambda playground, parameters: playground.bot.terminate(kill=bool(parameters["kill"])),
}
