"""Web server for operators: health, readiness, metrics. Section 6 of the contract."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot import __version__

log = logging.getLogger(__name__)


_BODY_BYTES = 1024**2
_PROBE_SECONDS = 5.0
#: How long the body of a request may take to arrive.
_BODY_SECONDS = 10.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build_web(
    *,
    probes: Mapping[str, Callable[[], Awaitable[object]]],
    metrics: Callable[[], Awaitable[bytes]],
    post_routes: Mapping[
        str, Callable[[web.Request], Awaitable[web.StreamResponse]]
    ] = MappingProxyType({}),
) -> web.Application:
    """``probes`` raise when what they are named after does not answer.

    ``metrics`` are given as Prometheus reads them. ``post_routes``: handlers by path.
    """

    async def get_health(_: web.Request) -> web.Response:
        return web.Response(text=f"ok, cabinet {__version__}\n")

    async def get_readiness(_: web.Request) -> web.Response:
        verdicts = await asyncio.gather(
            *(_probe_answers(name, probe) for name, probe in probes.items())
        )
        lines = (
            f"{name}: {'ok' if verdict else 'does not answer'}\n"
            for name, verdict in zip(probes, verdicts, strict=True)
        )
        return web.Response(text="".join(lines), status=200 if all(verdicts) else 503)

    async def get_metrics(_: web.Request) -> web.Response:
        headers = {"Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=await metrics(), headers=headers)

    app = web.Application(client_max_size=_BODY_BYTES, middlewares=[_read_body])
    app.router.add_get("/healthz", get_health)
    app.router.add_get("/readyz", get_readiness)
    app.router.add_get("/metrics", get_metrics)
    for path, handler in post_routes.items():
        app.router.add_post(path, handler)
    return app


@web.middleware
async def _read_body(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Reads the whole body before anything is done for it; handlers read it again from memory."""
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            await request.read()
    except TimeoutError:
        late = web.HTTPRequestTimeout()
        late.force_close()
        raise late from None
    return await handler(request)


async def _probe_answers(name: str, probe: Callable[[], Awaitable[object]]) -> bool:
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            await probe()
    except Exception as error:  # noqa: BLE001 (whatever it raises, it is not ready)
        log.warning("%s does not answer: %s", name, type(error).__name__)
        return False
    return True
