"""Context of the staff chat: what its views are rendered with."""

from dataclasses import dataclass

from bot.canned_answers import CannedAnswers
from bot.formatting.company import Company
from bot.request_types import Catalogue
from bot.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffContext:
    """The staff chat has one language, so that one context serves all its updates."""

    texts: Texts
    company: Company
    catalogue: Catalogue
    canned_answers: CannedAnswers
