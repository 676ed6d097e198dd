"""Documents without a worker process, for tests of what happens to them."""

from bot.domain import Request
from bot.integrations.typesetting import Document
from bot.services.documents import Documents
from bot.services.errors import DocumentUnavailable


class InstantDocuments(Documents):
    """A document holds its name, joined photos their number; ``broken``: none can be made."""

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken

    async def render(self, document: Document, account_id: int) -> bytes:
        if self.broken:
            raise DocumentUnavailable
        return f"%PDF {document.file_name}".encode()

    async def join_photos(self, request: Request) -> bytes:
        if self.broken:
            raise DocumentUnavailable
        return f"%PDF {len(request.photos)} photos".encode()
