"""What is wrong with an answer, in the words of a page, which has no button «Назад»."""

from collections.abc import Mapping

from markupsafe import Markup

from bot.formatting.forms import format_complaint, format_detail, format_field_complaint
from bot.fsm.model import Field, Rejected
from bot.services.rate_limits import RateLimitExceeded
from bot.texts import Texts


def format_page_complaint(rejected: Rejected, field: Field | None, texts: Texts) -> Markup:
    """As in the chat, unless ``site-complaint-{code}`` says it for a page."""
    key = f"site-complaint-{rejected.code}"
    if texts.has(key):
        words = texts(
            key, **{name: format_detail(value, texts) for name, value in rejected.details.items()}
        )
    elif field is not None:
        words = format_field_complaint(rejected, field, texts)
    else:
        words = format_complaint(rejected.code, rejected, texts)
    return Markup(words)  # noqa: S704 (both escape what they put into our texts)


def format_complaints(
    errors: Mapping[str, Rejected], fields: Mapping[str, Field], texts: Texts
) -> dict[str, Markup]:
    """What is wrong by the keys of fields, in their order on the page."""
    known = [key for key in fields if key in errors]
    return {
        key: format_page_complaint(errors[key], fields.get(key), texts)
        for key in (*known, *(key for key in errors if key not in fields))
    }


def format_limit(exceeded: RateLimitExceeded, texts: Texts) -> str:
    key = f"site-limit-{exceeded.what}"
    return texts(key if texts.has(key) else f"limit-{exceeded.what}", minutes=exceeded.minutes)
