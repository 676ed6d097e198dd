"""Who saw whose data, and what a person did with their own."""

from bot.domain import Category
from bot.request_types import load
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import PASSWORD, STAFF_CHAT_ID, InProcessCabinet, InProcessPhone
from tests.support.samples import list_audit

FORM = load().get_form("unmetered_report", Category.INDIVIDUAL)


async def file_request(cabinet: InProcessCabinet) -> InProcessPhone:
    phone = await start_form(cabinet, FORM)
    async for _ in answer_questions(phone, FORM, cabinet.today):
        pass
    await phone.press("Отправить")
    return phone


async def audit_of(cabinet: InProcessCabinet, request_id: int) -> list[tuple[str, int]]:
    async with cabinet.app.database.read() as tx:
        return await list_audit(tx, request_id=request_id)


async def test_who_of_the_staff_saw_a_request_is_written_down(cabinet: InProcessCabinet) -> None:
    await file_request(cabinet)
    await file_request(cabinet)
    await cabinet.deliver()
    olga = cabinet.add_staff_phone(name="Ольга")
    found = await olga.find("1", "2026-000001")
    card = await olga.expects_card("2026-000001")
    link = f"https://t.me/c/{str(STAFF_CHAT_ID).removeprefix('-100')}/{card['message_id']}"
    assert found["reply_markup"]["inline_keyboard"][0][0]["url"] == link
    listed = await olga.say("/new")
    listed = await olga.expects("страница 1", after=listed["message_id"])
    await olga.press(listed, "№ 2026-000001")
    await olga.say("/find nobody@example.ru")
    await olga.say("/overdue")
    await olga.say("/export")
    assert await audit_of(cabinet, 1) == [("find", 501), ("new", 501), ("show", 501)]
    assert await audit_of(cabinet, 2) == [("new", 501)]
    async with cabinet.app.database.read() as tx:
        rows = await tx.connection.exec_driver_sql(
            "SELECT actor, actor_id, action FROM audit WHERE request_id IS NULL"
        )
        assert [tuple(row) for row in rows] == [("staff", 501, "export_requests")]


async def test_export_and_erasure_of_ones_own_data_are_written_down(
    cabinet: InProcessCabinet,
) -> None:
    phone = await file_request(cabinet)
    await phone.press("Меню")
    await phone.press("Профиль")
    await phone.press("Мои данные")
    await phone.press("Меню")
    await phone.press("Профиль")
    await phone.press("Удалить аккаунт")
    await phone.press("Продолжить удаление")
    await phone.say(PASSWORD)
    async with cabinet.app.database.read() as tx:
        done = await list_audit(tx, account_id=1)
        # A consumer is named by the account only.
        assert done[-2:] == [("export", 0), ("erase", 0)], phone.screen
        names = await tx.connection.exec_driver_sql("SELECT actor_name FROM audit")
        assert "Иванова" not in str(list(names.scalars()))
