"""The site: a form beside the same one in Django and FastAPI, pages of a large company, uploads."""

from bench import site_form, site_pages, site_uploads
from bench.goals import Goal


async def measure(sqlite: str, postgres: str) -> list[Goal]:
    """``sqlite`` and ``postgres``: URLs of the company."""
    return [
        *await site_form.measure(),
        *await site_pages.measure(sqlite, postgres),
        *await site_uploads.measure(),
    ]
