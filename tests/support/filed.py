"""What an account has filed before a test of its pages: requests, statuses, readings."""

from decimal import Decimal

from bot.domain import (
    Account,
    Actor,
    ActorKind,
    Answer,
    MeterKind,
    MeterReading,
    Request,
    Status,
)
from tests.support.files import make_pdf
from tests.support.site import Site

METER = "0812094521"
_STAFF = Actor(kind=ActorKind.STAFF, id=501, name="Мария")


async def get_account(site: Site, email: str) -> Account:
    async with site.cabinet.app.database.read() as tx:
        account = await tx.accounts.get_by_email(email)
    assert account is not None
    return account


async def file_request(
    site: Site,
    account: Account,
    draft_id: str = "a1",
    *,
    address: str = "Ленина, 1",
    text: str = "Прошу допустить счётчик",
) -> Request:
    """A request with one answer and one scan."""
    services = site.cabinet.app.services
    await services.scans.accept(draft_id, "1", "Заявление.pdf", make_pdf(), account_id=account.id)
    return await services.requests.register(
        draft_id=draft_id,
        account=account,
        type_code="meter_commissioning",
        raw_answers={},
        answers=[Answer(key="address", label="Адрес", value=address)],
        text=text,
    )


async def set_status(site: Site, request: Request, to: Status, comment: str = "") -> None:
    """As the staff do it."""
    workflow = site.cabinet.app.services.request_workflow
    await workflow.set_status(request.id, _STAFF, to, comment=comment)


async def submit_reading(
    site: Site, account: Account, value: int, draft_id: str = "d1"
) -> MeterReading:
    return await site.cabinet.app.services.readings.submit(
        draft_id=draft_id,
        account=account,
        number=METER,
        kind=MeterKind.SINGLE,
        values=(Decimal(value),),
        confirmed=(frozenset(),),
    )
