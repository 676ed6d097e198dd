"""The cabinet on the company's site: server-rendered pages over the services. Contract, section 7.

It stands where handlers stand: a page reads the input, calls one service and renders one template.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from aiohttp import web

from bot.formatting.company import Company
from bot.request_types import Catalogue
from bot.texts import Translations
from bot.web.site.bodies import attach_rest
from bot.web.site.context import FindAccount, SiteAddress, attach_site_address
from bot.web.site.csrf import Csrf
from bot.web.site.middlewares import (
    Handler,
    build_context_middleware,
    build_csrf_middleware,
    build_error_middleware,
    build_header_setter,
)
from bot.web.site.network_limits import NetworkLimits, build_network_middleware
from bot.web.site.rendering import Renderer, attach_renderer
from bot.web.site.static_files import Logo, StaticFiles, build_static_route
from bot.web.site.uploads import Stage, attach_stage

#: The largest body that is read as a whole; uploads are streamed part by part.
BODY_BYTES = 1024**2


def build_site(
    *,
    url: str,
    company: Company,
    translations: Translations,
    catalogue: Catalogue,
    find_account: FindAccount,
    csrf_key: bytes,
    network_limits: NetworkLimits,
    stage: Stage,
    routes: Iterable[web.RouteDef],
    foreign_posts: Mapping[str, Handler] = MappingProxyType({}),
    frame_origins: tuple[str, ...] = (),
    logo: Logo | None = None,
) -> web.Application:
    """``url`` is the public origin; ``find_account`` says who is logged in; ``stage``: see
    ``attach_stage``.

    ``foreign_posts``: by path, what answers a POST that does not come from a page of ours; without
    one it is refused. ``frame_origins`` are the sites that may show ``/embed`` in a frame.
    """
    address = SiteAddress(url)
    files = StaticFiles.load(company.color, logo)
    app = web.Application(
        client_max_size=BODY_BYTES,
        middlewares=[
            build_error_middleware(),
            build_context_middleware(address, company, translations, catalogue, find_account),
            build_csrf_middleware(Csrf(csrf_key), address, foreign_posts),
            build_network_middleware(network_limits),
        ],
    )
    attach_rest(app)
    attach_site_address(app, address)
    attach_stage(app, stage)
    attach_renderer(app, Renderer(files, Csrf(csrf_key), address, translations))
    app.on_response_prepare.append(build_header_setter(address, frame_origins))
    app.router.add_routes([build_static_route(files), *routes])
    return app
