import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.db.database import Database
from bot.domain import Account, Answer, Request, Status
from bot.fsm.model import Rejected
from bot.integrations.errors import FileDamaged, FileMissing
from bot.request_types import Catalogue, load
from bot.services.accounts import Accounts
from bot.services.calendar import WorkingCalendar
from bot.services.errors import ForeignDraft
from bot.services.requests import Requests
from bot.services.scans import FILES_PER_DRAFT, MAX_FILE_BYTES, Scans
from tests.support.clock import FakeClock
from tests.support.drained_cleanup import DrainedCleanup
from tests.support.files import make_pdf
from tests.support.samples import register_account

PDF = make_pdf()
DRAFT = "0123456789abcdef"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(None)


@pytest.fixture
def requests(database: Database, catalogue: Catalogue, clock: FakeClock) -> Requests:
    moscow = ZoneInfo("Europe/Moscow")
    return Requests(database, catalogue, WorkingCalendar(), clock, moscow)


@pytest.fixture
async def account(accounts: Accounts, database: Database) -> Account:
    await register_account(accounts)
    async with database.read() as tx:
        account = await tx.accounts.get_by_email("ivanova@example.ru")
    assert account is not None
    return account


@dataclass
class RequestSubmitter:
    requests: Requests
    account: Account
    type_code: str

    async def __call__(self, draft_id: str = DRAFT) -> Request:
        return await self.requests.register(
            draft_id=draft_id,
            account=self.account,
            type_code=self.type_code,
            raw_answers={},
            answers=[Answer(key="address", label="Адрес", value="Тула, ул. Мира, 1")],
            text="Прошу снять показания",
        )


@pytest.fixture
def submit(requests: Requests, account: Account, catalogue: Catalogue) -> RequestSubmitter:
    return RequestSubmitter(requests, account, catalogue.types[1].code)


async def test_a_request_is_registered_whole(
    submit: RequestSubmitter, scans: Scans, database: Database, catalogue: Catalogue
) -> None:
    await scans.accept(DRAFT, "one", "акт.pdf", PDF)
    await scans.accept(DRAFT, "two", "план.pdf", PDF + b"2")
    request = await submit()
    assert request.number == "2026-000001"
    assert request.status is Status.REGISTERED
    assert request.account == submit.account
    assert request.registered_at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert [answer.value for answer in request.answers] == ["Тула, ул. Мира, 1"]
    assert [scan.name for scan in request.scans] == ["акт.pdf", "план.pdf"]
    assert [entry.status for entry in request.history] == [Status.REGISTERED]
    term = catalogue.find_term(request.type_code, submit.account.category, {})
    assert request.review_due == WorkingCalendar().compute_due(date(2026, 11, 24), term)
    async with database.read() as tx:
        depth = await tx.outbox.count_waiting()
    # Both scans are one album.
    assert (depth["card"], depth["scan"], depth["registered_letter"]) == (1, 1, 1)


async def test_the_same_draft_gives_the_same_request(
    submit: RequestSubmitter, database: Database
) -> None:
    first = await submit()
    assert await submit() == first
    async with database.read() as tx:
        assert (await tx.outbox.count_waiting())["card"] == 1


async def test_racing_presses_give_one_request(
    submit: RequestSubmitter, database: Database
) -> None:
    results = await asyncio.gather(*(submit() for _ in range(8)))
    assert {request.id for request in results} == {results[0].id}
    async with database.read() as tx:
        assert (await tx.outbox.count_waiting())["card"] == 1
    # The losers left no hole in the numbers.
    assert (await submit("fedcba9876543210")).number == "2026-000002"


async def test_numbers_are_unique_and_without_holes(submit: RequestSubmitter) -> None:
    made = await asyncio.gather(*(submit(f"{n:016x}") for n in range(20)))
    assert sorted(request.number for request in made) == [f"2026-{n:06}" for n in range(1, 21)]


async def test_the_year_is_the_companys(submit: RequestSubmitter, clock: FakeClock) -> None:
    clock.moment = datetime(2026, 12, 31, 21, 30, tzinfo=UTC)
    request = await submit()
    assert request.number == "2027-000001"
    assert request.review_due > date(2027, 1, 11)


async def test_only_ones_own_requests_are_seen(
    submit: RequestSubmitter, requests: Requests, account: Account
) -> None:
    request = await submit()
    stranger = account.id + 1
    assert await requests.get(account.id, request.id) == request
    assert await requests.get(stranger, request.id) is None
    assert await requests.find_registered(DRAFT, account.id) == request
    assert await requests.find_registered(DRAFT, stranger) is None
    assert await requests.find_registered("f" * 16, account.id) is None
    assert (await requests.list_page(stranger, 0)).items == ()
    with pytest.raises(ForeignDraft):
        await replace(submit, account=replace(account, id=stranger))()


async def test_pages_begin_with_the_newest(
    submit: RequestSubmitter, requests: Requests, account: Account, clock: FakeClock
) -> None:
    for number in range(7):
        clock.advance(minutes=1)
        await submit(f"{number:016x}")
    first, second = await requests.list_page(account.id, 0), await requests.list_page(account.id, 1)
    assert (first.pages, second.number) == (2, 1)
    assert [line.number for line in (*first.items, *second.items)] == [
        f"2026-{n:06}" for n in range(7, 0, -1)
    ]


async def test_a_failure_half_way_leaves_nothing(
    submit: RequestSubmitter, requests: Requests, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("bot.db.requests.RequestRepository.get", None)
        with pytest.raises(TypeError):
            await submit()
    assert (await requests.list_page(account.id, 0)).items == ()
    assert (await submit()).number == "2026-000001"


async def test_a_repeated_scan_changes_nothing(scans: Scans) -> None:
    first = await scans.accept(DRAFT, "one", "акт.pdf", PDF)
    assert await scans.accept(DRAFT, "one", "акт.pdf", PDF) == first
    assert await scans.read(first[0]) == PDF


async def test_an_album_is_kept_whole(scans: Scans) -> None:
    files = (scans.accept(DRAFT, f"{n}", f"{n}.pdf", PDF) for n in range(FILES_PER_DRAFT))
    assert max(len(kept) for kept in await asyncio.gather(*files)) == FILES_PER_DRAFT
    assert len(await scans.list_for_draft(DRAFT)) == FILES_PER_DRAFT


async def test_one_file_too_many_is_refused_and_leaves_no_bytes(
    scans: Scans, file_cleanup: DrainedCleanup, tmp_path: Path
) -> None:
    files = (scans.accept(DRAFT, f"{n}", f"{n}.pdf", PDF) for n in range(FILES_PER_DRAFT + 3))
    results = await asyncio.gather(*files, return_exceptions=True)
    refused = [result for result in results if isinstance(result, Rejected)]
    assert [(one.code, one.details) for one in refused] == [("files-too-many", {"limit": 10})] * 3
    await file_cleanup.drain()
    assert len(list((tmp_path / "files").rglob("*.pdf"))) == FILES_PER_DRAFT
    # A file sent again is none too many.
    kept = await scans.list_for_draft(DRAFT)
    again = next(n for n, result in enumerate(results) if not isinstance(result, Rejected))
    assert await scans.accept(DRAFT, f"{again}", "x.pdf", PDF) == kept


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file-empty"),
        (b"MZ is no scan", "file-type"),
        (PDF + bytes(MAX_FILE_BYTES), "file-too-big"),
    ],
)
async def test_wrong_files_are_refused(scans: Scans, data: bytes, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        await scans.accept(DRAFT, "one", "акт.pdf", data)
    assert caught.value.code == code
    assert caught.value.details["name"] == "акт.pdf"
    assert await scans.list_for_draft(DRAFT) == []


async def test_the_same_bytes_sent_twice_are_removed_one_by_one(
    scans: Scans, file_cleanup: DrainedCleanup
) -> None:
    await scans.accept(DRAFT, "one", "акт.pdf", PDF)
    first, second = await scans.accept(DRAFT, "two", "акт.pdf", PDF)
    assert await scans.remove(DRAFT, first.id)
    assert not await scans.remove(DRAFT, first.id)
    assert not await scans.remove("f" * 16, second.id)
    assert await scans.list_for_draft(DRAFT) == [second]
    await file_cleanup.drain()
    assert await scans.read(second) == PDF
    with pytest.raises(FileMissing):
        await scans.read(first)


async def test_a_dropped_draft_leaves_no_bytes_but_a_request_keeps_its_own(
    scans: Scans, submit: RequestSubmitter, file_cleanup: DrainedCleanup, tmp_path: Path
) -> None:
    await scans.accept(DRAFT, "one", "акт.pdf", PDF)
    await scans.accept("f" * 16, "two", "акт.pdf", PDF)
    request = await submit()
    await scans.drop(DRAFT)
    await scans.drop("f" * 16)
    await file_cleanup.drain()
    assert await scans.read(request.scans[0]) == PDF
    assert len(list((tmp_path / "files").rglob("*.pdf"))) == 1


async def test_other_bytes_than_were_kept_are_not_given_out(scans: Scans, tmp_path: Path) -> None:
    (scan,) = await scans.accept(DRAFT, "one", "акт.pdf", PDF)
    (tmp_path / "files" / scan.key).write_bytes(b"%PDF-1.4 other")
    with pytest.raises(FileDamaged):
        await scans.read(scan)
