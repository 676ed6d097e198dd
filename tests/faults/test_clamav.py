"""ClamAV is away and comes back: files wait for its verdict, everything else goes on."""

from bot.domain import Category
from bot.request_types import load
from tests.support.fake_clamd import FakeClamd
from tests.support.files import make_pdf
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import STAFF_CHAT_ID, InProcessCabinet
from tests.support.no_break_spaces import read_spaces

FORM = load().get_form("unmetered_report", Category.INDIVIDUAL)


def list_documents(cabinet: InProcessCabinet) -> list[str]:
    group = cabinet.telegram.chats[STAFF_CHAT_ID].messages.values()
    return [one["document"]["file_name"] for one in group if "document" in one]


async def test_files_wait_for_their_verdict_and_nothing_else_does(
    cabinet: InProcessCabinet,
) -> None:
    clamd = FakeClamd(cabinet.folder)
    async with cabinet.run(clamd_url=clamd.url):
        phone = await start_form(cabinet, FORM)
        async for question in answer_questions(phone, FORM, cabinet.today):
            if question.key == "scans":
                await phone.send_document(make_pdf("a"), "Акт.pdf")
                await phone.press("Готово")
                break
        await phone.press("Отправить")
        await phone.expects("зарегистрирована")
        await cabinet.deliver()
        group = cabinet.telegram.chats[STAFF_CHAT_ID].messages.values()
        assert any("Заявка № 2026-000001" in read_spaces(one.get("text", "")) for one in group)
        assert any("2026-000001" in letter.subject for letter in cabinet.mailer.sent)
        assert list_documents(cabinet) == []
        async with cabinet.app.database.read() as tx:
            assert await tx.outbox.count_waiting() == {"scan": 1}
        await clamd.start()
        cabinet.clock.advance(minutes=11)
        await cabinet.deliver()
        assert list_documents(cabinet) == ["Акт.pdf"]
        await clamd.stop()
