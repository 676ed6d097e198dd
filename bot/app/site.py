"""The cabinet on the company's site, put together: its pages over the services."""

import hmac

from aiohttp import web

from bot.app import factories
from bot.app.resources import Resources
from bot.app.services import Services
from bot.formatting.personal_data import ArchiveRenderer
from bot.integrations.smtp import Mailer
from bot.services.reading_entry import ReadingEntry
from bot.settings import Settings
from bot.web.site import build_site
from bot.web.site.network_limits import NetworkLimits
from bot.web.site.pages.access import answer_foreign_login, build_access_routes
from bot.web.site.pages.askue import build_askue_routes
from bot.web.site.pages.linking import FindBotName, build_linking_routes
from bot.web.site.pages.mini_app import build_mini_app_routes
from bot.web.site.pages.passwords import build_password_routes
from bot.web.site.pages.profile import ProfilePages
from bot.web.site.pages.reading_entry import build_reading_entry_routes
from bot.web.site.pages.reading_uploads import build_reading_uploads_routes
from bot.web.site.pages.readings import build_readings_routes
from bot.web.site.pages.registration import build_registration_routes
from bot.web.site.pages.request_forms import build_request_form_routes
from bot.web.site.pages.requests import build_requests_routes
from bot.web.site.static_files import Logo


def build_cabinet_site(
    resources: Resources, services: Services, mailer: Mailer, find_bot_name: FindBotName
) -> web.Application | None:
    """None without SITE_URL."""
    settings = resources.settings
    if settings.site_url is None:
        return None
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""

    drafts = services.form_drafts
    profile = ProfilePages(
        accounts=services.accounts,
        contact_changes=services.contact_changes,
        passwords=services.passwords,
        personal_data=services.personal_data,
        archive_renderer=ArchiveRenderer(
            catalogue=resources.catalogue,
            company=resources.company,
            translations=resources.translations,
            documents=services.documents,
        ),
        site_forms=services.site_forms,
        drafts=drafts,
        mailer=mailer,
    )
    entry = ReadingEntry(services.readings)
    return build_site(
        url=settings.site_url,
        company=resources.company,
        translations=resources.translations,
        catalogue=resources.catalogue,
        find_account=services.web_sessions.find_account,
        csrf_key=hmac.digest(token.encode(), b"forms of the site", "sha256"),
        network_limits=NetworkLimits(settings.site_trusted_proxies, drafts.clock),
        stage=services.scans.stage,
        routes=[
            *build_access_routes(
                services.accounts, drafts, services.site_forms, resources.translations.locales
            ),
            *build_linking_routes(services.linking, find_bot_name),
            *build_mini_app_routes(services.mini_app),
            *build_registration_routes(services.accounts, drafts, mailer),
            *build_password_routes(services.password_resets, drafts),
            *profile.build_routes(),
            *build_requests_routes(
                services.requests,
                services.request_messages,
                services.request_workflow,
                services.scans,
                services.documents,
                services.site_forms,
            ),
            *build_request_form_routes(
                services.site_forms,
                drafts,
                services.requests,
                services.documents,
                resources.translations.get_texts(resources.translations.locales[0]),
            ),
            *build_reading_entry_routes(services.readings, entry, drafts, services.site_forms),
            *build_reading_uploads_routes(
                services.readings,
                services.reading_uploads,
                services.site_forms,
                resources.worker,
                resources.translations,
            ),
            *build_readings_routes(
                services.readings,
                entry,
                services.documents,
                drafts,
                services.site_forms,
                resources.worker,
                resources.translations,
            ),
            *build_askue_routes(
                services.askue_queries,
                drafts,
                services.site_forms,
                factories.build_askue_layout(settings, resources.company),
                resources.worker,
            ),
        ],
        foreign_posts={"/": answer_foreign_login},
        frame_origins=settings.site_frame_origins,
        logo=_read_logo(settings),
    )


def _read_logo(settings: Settings) -> Logo | None:
    path = settings.company_logo_file
    return None if path is None else Logo(data=path.read_bytes(), suffix=path.suffix)
