"""What the placeholders of canned answers stand for."""

from bot.domain import Request
from bot.formatting.company import Company
from bot.request_types import Catalogue
from bot.texts import Texts


def build_placeholders(
    request: Request, catalogue: Catalogue, company: Company, texts: Texts
) -> dict[str, str]:
    """Plain words, which are escaped where they are shown, as all words of a consumer are."""
    return {
        "number": request.number,
        "type": catalogue.get(request.type_code).button[texts.locale],
        "name": request.account.name,
        "due": company.format_due(request.review_due, request.due_at),
        "company": company.name,
        "phone": company.support_phone,
    }
