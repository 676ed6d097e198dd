"""ClamAV is away or hangs and comes back: files wait for its verdict, everything else goes on."""

import pytest

from bot.domain import Category
from bot.request_types import load
from bot.services import scans
from tests.support.clamd import PROGRAM, VIRUS, prepare_clamd
from tests.support.fake_clamd import FakeClamd
from tests.support.files import make_pdf
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import STAFF_CHAT_ID, InProcessCabinet
from tests.support.no_break_spaces import read_spaces
from tests.support.programs import require_program

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


async def test_a_scanner_that_hangs_keeps_a_person_once_and_is_logged_once(
    cabinet: InProcessCabinet, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans, "FORM_SCAN_SECONDS", 0.2)
    clamd = FakeClamd(cabinet.folder)
    clamd.hangs = True
    await clamd.start()
    async with cabinet.run(clamd_url=clamd.url):
        phone = await start_form(cabinet, FORM)
        async for question in answer_questions(phone, FORM, cabinet.today):
            if question.key == "scans":
                for name in ("Акт.pdf", "План.pdf", "Схема.pdf"):
                    await phone.send_document(make_pdf(name), name)
                assert clamd.asked == 1
                cabinet.clock.advance(minutes=1)
                await phone.send_document(make_pdf("more"), "Ещё.pdf")
                assert clamd.asked == 2
                await phone.press("Готово")
                break
        await phone.press("Отправить")
        await phone.expects("зарегистрирована")
        assert caplog.text.count("the virus scanner gives no verdict") == 1
        clamd.hangs = False
        await cabinet.deliver()
        assert len(list_documents(cabinet)) == 4
        await clamd.stop()


@require_program(PROGRAM.exists(), "clamav-daemon")
async def test_clamd_itself_refuses_hangs_and_is_away(
    cabinet: InProcessCabinet, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scans.FORM_SCAN_SECONDS == 5.0
    outage = "the virus scanner gives no verdict"
    async with prepare_clamd() as clamd, cabinet.run(clamd_url=clamd.url):
        await clamd.start()
        phone = await start_form(cabinet, FORM)
        async for question in answer_questions(phone, FORM, cabinet.today):
            if question.key != "scans":
                continue
            await phone.send_document(make_pdf(VIRUS.decode()), "Вирус.pdf")
            assert "Вирус.pdf" in phone.screen
            assert "вирус" in phone.screen.casefold().replace("вирус.pdf", "")
            await phone.send_document(make_pdf("clean"), "Акт.pdf")
            clamd.hang()
            monkeypatch.setattr(scans, "FORM_SCAN_SECONDS", 0.2)
            await phone.send_document(make_pdf("hung"), "План.pdf")
            await clamd.stop()
            for name in ("Схема.pdf", "Ещё.pdf"):
                cabinet.clock.advance(minutes=1)
                await phone.send_document(make_pdf(name), name)
            # Found only when the scanner is back.
            await phone.send_document(make_pdf(f"late {VIRUS.decode()}"), "Поздний.pdf")
            await phone.press("Готово")
            break
        await phone.press("Отправить")
        await phone.expects("зарегистрирована")
        await cabinet.deliver()
        assert list_documents(cabinet) == ["Акт.pdf"]
        assert caplog.text.count(outage) == 1
        await clamd.start()
        cabinet.clock.advance(minutes=11)
        await cabinet.deliver()
        assert sorted(list_documents(cabinet)) == ["Акт.pdf", "Ещё.pdf", "План.pdf", "Схема.pdf"]
        assert any("Поздний.pdf" in one.get("text", "") for one in phone.messages)
        assert caplog.text.count(outage) == 1
