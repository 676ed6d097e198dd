"""ClamAV is away and comes back: files wait for its verdict, everything else goes on."""

import asyncio

from bot.domain import Category
from bot.request_types import load
from tests.chat.conftest import cabinet
from tests.support.files import make_pdf
from tests.support.form_filler import opened, questions
from tests.support.in_process import STAFF_CHAT_ID, InProcessCabinet

__all__ = ["cabinet"]  # a fixture

FORM = load().get_form("unmetered_report", Category.INDIVIDUAL)


def documents(cabinet: InProcessCabinet) -> list[str]:
    group = cabinet.telegram.chats[STAFF_CHAT_ID].messages.values()
    return [one["document"]["file_name"] for one in group if "document" in one]


async def judge(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A daemon that finds everything clean."""
    await reader.readuntil(b"\0")
    while size := int.from_bytes(await reader.readexactly(4), "big"):
        await reader.readexactly(size)
    writer.write(b"stream: OK\0")
    await writer.drain()
    writer.close()


async def test_files_wait_for_their_verdict_and_nothing_else_does(
    cabinet: InProcessCabinet,
) -> None:
    place = cabinet.folder / "clamd"
    async with cabinet.running(clamd_url=f"unix://{place}"):
        phone = await opened(cabinet, FORM)
        async for question in questions(phone, FORM, cabinet.today):
            if question.key == "scans":
                await phone.send_document(make_pdf("a"), "Акт.pdf")
                await phone.press("Готово")
                break
        await phone.press("Отправить")
        await phone.expects("зарегистрирована")
        await cabinet.deliver()
        group = cabinet.telegram.chats[STAFF_CHAT_ID].messages.values()
        assert any("Заявка № 2026-000001" in one.get("text", "") for one in group)
        assert any("2026-000001" in letter.subject for letter in cabinet.letters.sent)
        assert documents(cabinet) == []
        async with cabinet.app.database.read() as tx:
            assert await tx.outbox.count_waiting() == {"scan": 1}
        server = await asyncio.start_unix_server(judge, place)
        cabinet.clock.advance(minutes=11)
        await cabinet.deliver()
        assert documents(cabinet) == ["Акт.pdf"]
        server.close()
        await server.wait_closed()
