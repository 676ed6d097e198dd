"""Floods: what one account may send, whatever number of chats it uses; emergencies come first."""

import pytest

from bot.domain import Address, Category
from bot.request_types import load
from tests.support import flows
from tests.support.files import make_pdf
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import (
    EACH_STORAGE,
    PASSWORD,
    STAFF_CHAT_ID,
    InProcessCabinet,
    InProcessPhone,
)

TYPE = load().types[1]
FORM = load().get_form(TYPE.code, Category.INDIVIDUAL)

pytestmark = EACH_STORAGE


async def second_chat(cabinet: InProcessCabinet, phone: InProcessPhone) -> InProcessPhone:
    account = (await cabinet.accounts.get_chat(phone.user_id)).account
    assert account is not None
    tablet = cabinet.add_phone("Планшет")
    await cabinet.accounts.log_in(Address.from_chat(tablet.user_id), account.email, PASSWORD)
    return tablet


async def fill(cabinet: InProcessCabinet, phone: InProcessPhone) -> None:
    await flows.open_form(phone, TYPE.button["ru"])
    await flows.fill_form(phone, FORM, cabinet.today)
    await phone.press("Пропустить")
    await phone.press("Отправить")


async def test_requests_of_an_account_are_limited_in_all_its_chats(
    cabinet: InProcessCabinet,
) -> None:
    async with cabinet.run(limit_requests="2/1h"):
        phone = await cabinet.add_consumer()
        tablet = await second_chat(cabinet, phone)
        await fill(cabinet, phone)
        await fill(cabinet, tablet)
        await fill(cabinet, tablet)
        assert await cabinet.count_requests() == 2
        assert "Слишком много заявок" in cabinet.telegram.alerts[-1].text
        # Somebody else is not concerned, and the draft is kept.
        await fill(cabinet, await cabinet.add_consumer("Петров Пётр Петрович"))
        assert await cabinet.count_requests() == 3
        cabinet.clock.advance(hours=1, minutes=1)
        await tablet.press("Отправить")
        assert await cabinet.count_requests() == 4


async def test_messages_to_the_staff_are_limited(cabinet: InProcessCabinet) -> None:
    async with cabinet.run(limit_staff_messages="2/1h"):
        phone = await cabinet.add_consumer()
        await fill(cabinet, phone)
        await flows.open_request(phone, "2026-000001")
        await phone.press("Дополнить")
        for number in range(3):
            await phone.say(f"слово {number}")
        await cabinet.deliver()
        olga = cabinet.add_staff_phone(name="Ольга")
        await olga.expects("слово 1")
        assert not any("слово 2" in str(one) for one in olga.messages)
        await phone.expects("Слишком много сообщений специалистам")


async def test_stored_bytes_are_limited_after_filing_too(cabinet: InProcessCabinet) -> None:
    async with cabinet.run(limit_stored_megabytes="1/1d"):
        phone = await cabinet.add_consumer()
        await fill(cabinet, phone)
        await flows.open_request(phone, "2026-000001")
        await phone.press("Дополнить")
        await phone.send_document(make_pdf("1", b"x" * 600_000), "один.pdf")
        await phone.send_document(make_pdf("2", b"x" * 600_000), "два.pdf")
        await phone.expects("Слишком большой объём файлов")
        async with cabinet.app.database.read() as tx:
            found = await tx.connection.exec_driver_sql("SELECT name FROM files")
            assert [name for (name,) in found] == ["один.pdf"]


@pytest.mark.parametrize("waiting", [113])
async def test_an_emergency_stands_first_whatever_waits(
    cabinet: InProcessCabinet, waiting: int
) -> None:
    async with cabinet.run(limit_requests="999/1h", staff_messages_per_minute=20):
        phone = await start_form(cabinet, FORM)
        async for _ in answer_questions(phone, FORM, cabinet.today):
            pass
        await phone.press("Отправить")
        async with cabinet.app.database.read() as tx:
            request = await tx.requests.get(1)
        assert request is not None
        for number in range(waiting - 1):
            await cabinet.app.services.requests.register(
                draft_id=f"flood{number}",
                account=request.account,
                type_code=request.type_code,
                raw_answers=request.raw_answers or {},
                answers=request.answers,
                text=request.text,
            )
        other = await cabinet.add_consumer("Петров Пётр Петрович")
        account = (await cabinet.accounts.get_chat(other.user_id)).account
        assert account is not None
        urgent = next((kind, raw) for kind in load().types for raw in _emergencies(kind.code))
        emergency = await cabinet.app.services.requests.register(
            draft_id="urgent",
            account=account,
            type_code=urgent[0].code,
            raw_answers=urgent[1],
            answers=(),
            text="Провод на земле",
        )
        assert emergency.emergency
        await cabinet.app.delivery.drain_once()
        group = cabinet.telegram.chats[STAFF_CHAT_ID].messages.values()
        cards = [str(one.get("text", "")) for one in group]
        first = next(at for at, text in enumerate(cards) if emergency.number in text)
        assert sum("Заявка №" in text for text in cards[:first]) <= 1, cards


def _emergencies(code: str) -> list[dict[str, str]]:
    catalogue = load()
    form = catalogue.get_form(code, Category.INDIVIDUAL)
    return [
        {field.key: choice.value}
        for field in form.fields
        for choice in field.choices
        if catalogue.is_emergency(code, Category.INDIVIDUAL, {field.key: choice.value})
    ]
