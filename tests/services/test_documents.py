"""Documents: what a worker process may use, and photos that are joined."""

import asyncio
import io
from collections.abc import AsyncIterator

import pikepdf
import pytest

from bot.db.database import Database
from bot.integrations.file_store import FileStore
from bot.integrations.typesetting import Document, load_templates
from bot.integrations.worker_process import WorkerLimits, WorkerProcess
from bot.services.documents import Documents
from bot.services.errors import DocumentUnavailable, RequestUnknown
from bot.services.scans import Scans
from tests.support.clock import FakeClock
from tests.support.files import make_jpeg
from tests.support.samples import add_account, add_request

SLOW = b"#let add(n) = if n < 1 { 0 } else { add(n - 1) + add(n - 2) }\n#add(40)"
LARGE = b'#let s = "x" * 1000\n#for i in range(1000) { s = s + s }\n#s.len()'
QUICK = b'#set document(title: "t")\n= t'


def make_document(template: str) -> Document:
    return Document(template=template, file_name="t.pdf", content={})


@pytest.fixture
async def documents(
    database: Database, clock: FakeClock, scans: Scans, inspection_worker: WorkerProcess
) -> AsyncIterator[Documents]:
    templates = {
        **load_templates(),
        "slow.typ": SLOW,
        "large.typ": LARGE,
        "quick.typ": QUICK,
        "wrong.typ": b"#oops()",
    }
    worker = WorkerProcess(WorkerLimits(cpu_seconds=1, seconds=60, memory=1024**3))
    yield Documents(worker, inspection_worker, templates, scans, database, clock)
    await worker.close()


@pytest.mark.parametrize("template", ["slow", "large", "wrong"])
async def test_a_document_that_takes_too_much_fails_and_the_next_is_made(
    documents: Documents, template: str
) -> None:
    with pytest.raises(DocumentUnavailable):
        await documents.render(make_document(template), 1)
    assert (await documents.render(make_document("quick"), 1)).startswith(b"%PDF-")


async def test_a_photo_that_is_gone_leaves_the_others(
    documents: Documents, database: Database, scans: Scans, store: FileStore
) -> None:
    for number in range(2):
        await scans.accept("draft", f"{number}", f"{number}.jpg", make_jpeg(f"{number}"))
    async with database.begin() as tx:
        request_id = await add_request(tx, (await add_account(tx)).id)
        await tx.files.attach("draft", request_id)
        request = await tx.requests.get(request_id)
    assert request is not None
    await store.delete(request.photos[0].key)
    with pikepdf.open(io.BytesIO(await documents.join_photos(request))) as pdf:
        assert len(pdf.pages) == 1
    await store.delete(request.photos[1].key)
    with pytest.raises(DocumentUnavailable):
        await documents.join_photos(request)


async def test_a_document_of_an_unknown_request_is_not_ordered(documents: Documents) -> None:
    with pytest.raises(RequestUnknown):
        await documents.order_for_staff(7, "receipt")


async def test_another_account_waits_for_one_document_of_many(documents: Documents) -> None:
    made: list[int] = []

    async def render(account_id: int) -> None:
        await documents.render(make_document("quick"), account_id)
        made.append(account_id)

    await asyncio.gather(*(render(account_id) for account_id in (1, 1, 1, 1, 2)))
    assert made.index(2) < 2
