"""Forms that the account has begun, here or in a chat, as links to go on with them."""

from aiohttp import web

from bot.domain import Account
from bot.formatting.forms import format_title
from bot.fsm.model import Draft
from bot.services.reading_entry import get_meter_id
from bot.services.site_forms import SiteForms
from bot.web.site.context import get_context


async def list_unfinished(
    request: web.Request, account: Account, site_forms: SiteForms, *names: str
) -> list[tuple[str, str]]:
    """Title and page of the forms with these names, the last one first."""
    context = get_context(request)
    return [
        (format_title(draft.form, context.catalogue, context.texts), _find_page(draft))
        for draft in await site_forms.list_unfinished(account)
        if draft.form.name in names
    ]


def _find_page(draft: Draft) -> str:
    if draft.form.name == "request":
        return f"/requests/new/{draft.form.parts[0]}"
    if draft.form.name == "upload":
        return "/readings/upload"
    meter_id, kind = get_meter_id(draft.form), draft.answers.get("kind")
    if meter_id is not None:
        return f"/readings/new?meter={meter_id}"
    return f"/readings/new?kind={kind}" if kind else "/readings/new"
