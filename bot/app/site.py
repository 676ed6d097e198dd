"""The cabinet on the company's site, put together: its pages over the services."""

import hmac

from aiohttp import web

from bot.app.resources import Resources
from bot.app.services import Services
from bot.settings import Settings
from bot.web.site import build_site
from bot.web.site.pages.access import build_access_routes
from bot.web.site.static_files import Logo


def build_cabinet_site(resources: Resources, services: Services) -> web.Application | None:
    """None without SITE_URL."""
    settings = resources.settings
    if settings.site_url is None:
        return None
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""

    return build_site(
        url=settings.site_url,
        company=resources.company,
        translations=resources.translations,
        catalogue=resources.catalogue,
        find_account=services.web_sessions.find_account,
        csrf_key=hmac.digest(token.encode(), b"forms of the site", "sha256"),
        routes=[*build_access_routes(services.accounts)],
        frame_origins=settings.site_frame_origins,
        logo=_read_logo(settings),
    )


def _read_logo(settings: Settings) -> Logo | None:
    path = settings.company_logo_file
    return None if path is None else Logo(data=path.read_bytes(), suffix=path.suffix)
