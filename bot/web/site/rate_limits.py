"""Limits of an account on the site, as errors with a page."""

from bot.domain import Account
from bot.services.rate_limits import LimitedAction, RateLimitExceeded
from bot.services.site_forms import SiteForms
from bot.web.site.errors import PageError


async def spend(site_forms: SiteForms, account: Account, action: LimitedAction) -> None:
    """For what has no page of its own, such as a download; raises PageError."""
    try:
        await site_forms.spend(account.id, action)
    except RateLimitExceeded:
        raise PageError(429) from None
