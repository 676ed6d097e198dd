"""ASKUE gateways with faults: the interface of the contract's section 5, and ЛЭРС УЧЁТ.

The identifier chooses the answer; every identifier has the same password.
"""

import asyncio
from base64 import b64decode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

IDENTIFIER = "demo"
PASSWORD = "demo123"

_HUGE_BYTES = 10 * 1024**2
_PIECE = b" " * 2**16

Rows = list[dict[str, Any]]


@dataclass(slots=True, kw_only=True)
class GatewayBehaviour:
    """How the gateway answers the identifier ``demo``; may be changed while it serves.

    ``seconds``: the delay of each answer. ``fault``: the identifier whose answer is sent instead.
    """

    seconds: float = 0.0
    fault: str = ""


def build_askue(
    slow_seconds: float = 60.0, behaviour: GatewayBehaviour | None = None
) -> web.Application:
    """``slow_seconds``: the delay of the answer to the identifier ``slow``."""
    behaviour = behaviour or GatewayBehaviour()

    async def answer_slowly(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(slow_seconds)
        return web.json_response({"readings": _make_two_rows()})

    faults: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
        "slow": answer_slowly,
        "reset": _reset_connection,
        "huge": _send_huge_body,
        "html": _send_html,
    }
    statuses = {"forbidden": 403, "busy": 429, "down": 500, "away": 502, "moved": 302}
    rows: dict[str, Callable[[], Rows]] = {
        IDENTIFIER: _make_two_rows,
        "many": _make_many_rows,
        "nulls": _make_null_rows,
        "absurd": _make_absurd_rows,
        "old": _make_old_rows,
        "none": list,
    }

    async def get_readings(request: web.Request) -> web.StreamResponse:
        identifier, password = _read_credentials(request)
        if password != PASSWORD:
            raise web.HTTPUnauthorized
        if identifier == IDENTIFIER:
            await asyncio.sleep(behaviour.seconds)
            identifier = behaviour.fault or identifier
        if identifier in faults:
            return await faults[identifier](request)
        if identifier in statuses:
            return web.Response(status=statuses[identifier], headers={"Location": "/elsewhere"})
        if identifier not in rows:
            raise web.HTTPUnauthorized
        return web.json_response({"readings": rows[identifier]()})

    app = web.Application()
    app.router.add_get("/readings", get_readings)
    return app


def build_lers(
    totals: dict[str, Any] | None = None,
    *,
    points: list[Any] | None = None,
    equipment: list[Any] | None = None,
) -> web.Application:
    """The methods of ЛЭРС УЧЁТ that Cabinet calls, under ``/api/v1``; by default with good data."""
    token = "token-of-" + IDENTIFIER

    async def log_in(request: web.Request) -> web.Response:
        body = await request.json()
        if (body.get("login"), body.get("password")) != (IDENTIFIER, PASSWORD):
            raise web.HTTPUnauthorized
        return web.json_response({"token": token, "tokenExpiration": "2099-01-01T00:00:00"})

    def require_token(answer: Any) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            if request.headers.get("Authorization") != f"Bearer {token}":
                raise web.HTTPUnauthorized
            return web.json_response(answer)

        return handle

    default_points = [
        {
            "id": 39,
            "title": "Ввод 1",
            "fullTitle": "ТП-12 - Ввод 1",
            "systemType": "Electricity",
            "nodeId": 5,
            "counterId": 7,
        },
        {
            "id": 40,
            "title": "Отопление",
            "fullTitle": "ТП-12 - Отопление",
            "systemType": "Heat",
            "nodeId": 5,
            "counterId": None,
        },
        {
            "id": 41,
            "title": "Ввод 2",
            "fullTitle": "ТП-12 - Ввод 2",
            "systemType": "Electricity",
            "nodeId": 5,
            "counterId": None,
        },
    ]
    default_totals = {
        "39": {
            "dateTime": "2026-11-24T06:00:00",
            "values": [
                {"dataParameter": "Ap", "value": 15234.7, "isBad": False},
                {"dataParameter": "An", "value": 0, "isBad": False},
                {"dataParameter": "Rp", "value": 3120.05, "isBad": True},
            ],
        },
        "41": None,
    }
    app = web.Application()
    app.router.add_post("/api/v1/Login", log_in)
    for path, answer in {
        "Core/MeasurePoints": {"measurePoints": points or default_points},
        "Core/Equipment": {"list": equipment or [{"id": 7, "serialNumber": "12345678"}]},
        "Data/MeasurePoints/Totals/Last": default_totals if totals is None else totals,
    }.items():
        app.router.add_get(f"/api/v1/{path}", require_token(answer))
    return app


def _read_credentials(request: web.Request) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        identifier, colon, password = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        raise web.HTTPUnauthorized from None
    if scheme != "Basic" or not colon:
        raise web.HTTPUnauthorized
    return identifier, password


async def _reset_connection(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _send_huge_body(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for _ in range(_HUGE_BYTES // len(_PIECE)):
        await response.write(_PIECE)
    await response.write_eof()
    return response


async def _send_html(_: web.Request) -> web.StreamResponse:
    return web.Response(text="<html><b>Технические работы</b></html>", content_type="text/html")


def _make_row(name: str, **changed: Any) -> dict[str, Any]:
    received = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    return {
        "object_name": "ТП-12, ввод 1",
        "meter_name": name,
        "active_import": "15234.70",
        "active_export": "0.00",
        "reactive_import": "3120.05",
        "reactive_export": "14.20",
        "received_at": received.isoformat(),
        **changed,
    }


def _make_two_rows() -> Rows:
    second = {"active_import": "88012.01", "active_export": None, "reactive_export": None}
    return [
        _make_row("Меркурий 230 № 12345678"),
        _make_row("СЭТ-4ТМ.03М № 0812094521", object_name="ТП-12, ввод 2", **second),
    ]


def _make_many_rows() -> Rows:
    return [_make_row(f"Меркурий 230 № {number:08}") for number in range(500)]


def _make_null_rows() -> Rows:
    return [dict.fromkeys(_make_row("")), {}]


def _make_absurd_rows() -> Rows:
    return [
        _make_row("<b>Меркурий</b> & <script>", active_import="NaN", active_export="1e400"),
        _make_row("x" * 5000, active_import=-5, reactive_import=["1"], received_at="вчера"),
        _make_row("Меркурий № 3", active_import=12.5, received_at="2026-11-24T06:00:00"),
    ]


def _make_old_rows() -> Rows:
    received = datetime.now(UTC) - timedelta(days=3)
    return [_make_row("Меркурий № 4", received_at=received.isoformat())]
