"""Forms that come when their session has ended: what was typed waits for the login."""

from aiohttp import web

from bot.domain import Account
from bot.services.site_forms import SiteForms
from bot.web.site.context import get_context
from bot.web.site.errors import LoginNeeded


async def find_former_account(request: web.Request, site_forms: SiteForms) -> Account:
    """Whom the form was shown to that came from a guest. Raises LoginNeeded: to a guest."""
    asked_as = get_context(request).asked_as
    account = None if asked_as is None else await site_forms.find_account(asked_as)
    if account is None:
        raise LoginNeeded
    return account
