"""Documents as PDF: typeset from data, or joined from photos, in worker processes with limits."""

import logging
from collections.abc import Awaitable, Callable, Iterable

from bot.db.database import Database
from bot.domain import Request
from bot.integrations.errors import (
    FileDamaged,
    FileInfected,
    FileMissing,
    LimitExceeded,
    WorkerCallFailed,
    WorkerDied,
)
from bot.integrations.photo_joining import join_photos
from bot.integrations.typesetting import (
    Document,
    Templates,
    TemplatesError,
    find_template_error,
    render_pdf,
)
from bot.integrations.worker_process import WorkerLimits, WorkerProcess
from bot.services import recipients
from bot.services.clock import Clock
from bot.services.errors import DocumentUnavailable, RequestUnknown
from bot.services.fair_queue import FairQueue
from bot.services.scans import Scans

log = logging.getLogger(__name__)

#: An application of two pages takes 0.03 s and 60 MB. A thread reserves 64 MB of address space.
TYPESETTING_LIMITS = WorkerLimits(cpu_seconds=5, seconds=10, memory=1024**3)
#: A second attempt, because another cause than the document may have killed the worker.
_ATTEMPTS = 2


class Documents:
    def __init__(
        self,
        worker: WorkerProcess,
        inspection_worker: WorkerProcess,
        templates: Templates,
        scans: Scans,
        database: Database,
        clock: Clock,
    ) -> None:
        """``worker`` has TYPESETTING_LIMITS; ``inspection_worker`` opens what people sent."""
        self._worker = worker
        self._inspection_worker = inspection_worker
        self._templates = templates
        self._scans = scans
        self._database = database
        self._clock = clock
        self._queue = FairQueue()

    async def order_for_staff(self, request_id: int, document: str) -> None:
        """Sends ``receipt`` or ``joined_photos`` to the staff; raises RequestUnknown."""
        async with self._database.begin() as tx:
            if await tx.requests.get(request_id) is None:
                raise RequestUnknown
            await recipients.send_card_document(tx, request_id, document, self._clock.now())

    async def render(self, document: Document, account_id: int) -> bytes:
        """The document as PDF/A; raises DocumentUnavailable.

        It is of the account ``account_id``, which has one in the making at a time: those of others
        wait for one of it, however many it asks for.
        """
        async with self._queue.lock(account_id):
            return await _run(
                lambda: self._worker.run(
                    render_pdf, self._templates, document.template, document.content
                )
            )

    async def join_photos(self, request: Request) -> bytes:
        """The photos of a request as one PDF; raises DocumentUnavailable.

        Also raises ScannerUnavailable: try again later.
        """
        photos = []
        for photo in request.photos:
            try:
                photos.append(await self._scans.read(photo))
            except (FileMissing, FileDamaged, FileInfected):
                # The others are still useful.
                log.warning("a photo is left out of a PDF")
        if not photos:
            raise DocumentUnavailable
        return await _run(lambda: self._inspection_worker.run(join_photos, photos))


async def check_templates(
    worker: WorkerProcess, templates: Templates, samples: Iterable[Document]
) -> None:
    """Raises TemplatesError when one of the samples cannot be made."""
    for sample in samples:
        error = await worker.run(find_template_error, templates, sample.template, sample.content)
        if error:
            raise TemplatesError(f"{sample.template}: {error}")


async def _run(call: Callable[[], Awaitable[bytes]]) -> bytes:
    for _ in range(_ATTEMPTS):
        try:
            return await call()
        except WorkerDied:
            log.exception("the worker process that makes documents died")
        except (LimitExceeded, WorkerCallFailed):
            log.exception("a document cannot be made")
            break
    raise DocumentUnavailable
