"""Parameters of addresses: rubbish in them gives the page that comes without them."""

import re

from aiohttp import web


def read_page(request: web.Request) -> int:
    """The page of a list, which the parameter ``page`` counts from 1; from 0 here."""
    words = request.query.get("page", "")
    return max(int(words) - 1, 0) if re.fullmatch("[0-9]{1,6}", words) else 0


def read_token(request: web.Request, name: str) -> str:
    """An id that we gave, such as a draft's; empty when it is none."""
    words = request.query.get(name, "")
    return words if re.fullmatch("[0-9a-f]{1,64}", words) else ""
