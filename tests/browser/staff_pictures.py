"""``python -m tests.browser.staff_pictures``: renews the pictures of docs/staff.md.

The bot runs in this process, so that its clock, its groups and its requests are always the same.
The pictures of the digest and the chart come from the sandbox's tour: ``screenshots``.
"""

import asyncio
import secrets
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from PIL import Image
from playwright.async_api import Locator, Page, ViewportSize, expect

from bot.db.database import Database
from bot.domain import Answer, Request
from bot.web.listening import listen
from sandbox.bot_api.state import Message
from sandbox.page_server import build_page
from sandbox.playground import STAFF, STAFF_CHAT_ID, Playground
from tests.support.browser import ROOT, launch_chromium, open_page
from tests.support.files import make_pdf
from tests.support.in_process import InProcessCabinet, InProcessPhone

PICTURES = ROOT / "docs" / "pictures"
DANGER = -1_001_000_000_501
OLGA, SERGEY = STAFF
_PHONE: ViewportSize = {"width": 390, "height": 1000}
_TABLET: ViewportSize = {"width": 680, "height": 1000}
_SCALE = 1.5
_COLOURS = 256
#: How much of a card is seen above its buttons.
_FOOT = 150
#: The whole log is seen, and nothing to write in.
_UNFOLD = """() => {
  const group = document.getElementById('group');
  group.style.height = 'auto';
  group.style.borderRadius = '0';
  group.querySelector('form').hidden = true;
  group.querySelector('.log').style.overflow = 'visible';
  document.getElementById('staff').hidden = true;
  group.querySelector('.doing').hidden = true;
}"""
_CALL_GROUP = "(name) => { document.getElementById('group-title').textContent = name; }"


class GroupPlayground(Playground):
    """Shows one chat of the bot in place of the staff group: some of its messages."""

    def __init__(self, cabinet: InProcessCabinet, data: Path) -> None:
        super().__init__(data)
        self.telegram = cabinet.telegram
        self._shown: tuple[int, set[int] | None] = (STAFF_CHAT_ID, None)

    def show(self, chat_id: int, messages: Sequence[Message] | None = None) -> None:
        ids = None if messages is None else {one["message_id"] for one in messages}
        self._shown = chat_id, ids
        self.telegram.notify()

    def build_parts(self) -> dict[str, Any]:
        parts = super().build_parts()
        chat_id, ids = self._shown
        chat = dict(parts[f"chat:{chat_id}"])
        if ids is not None:
            chat["messages"] = [one for one in chat["messages"] if one["message_id"] in ids]
            chat["pinned"] = []
        return {**parts, f"chat:{STAFF_CHAT_ID}": chat}


class PicturedGroup:
    """The staff group of a company, and the page that shows it."""

    def __init__(
        self, cabinet: InProcessCabinet, playground: GroupPlayground, page: Page, folder: Path
    ) -> None:
        self.cabinet = cabinet
        self.olga = cabinet.add_staff_phone(OLGA, STAFF[OLGA])
        self.sergey = cabinet.add_staff_phone(SERGEY, STAFF[SERGEY])
        self.page = page
        self._playground = playground
        self._folder = folder

    async def file(
        self, phone: InProcessPhone, code: str, text: str, address: str, *scans: str, **raw: str
    ) -> Request:
        draft_id = uuid4().hex
        for at, name in enumerate(scans):
            data = make_pdf() + name.encode()
            await self.cabinet.app.services.scans.accept(draft_id, f"{at}", name, data)
        request = await self.cabinet.app.services.requests.register(
            draft_id=draft_id,
            account=await self.cabinet.get_account(phone),
            type_code=code,
            raw_answers=raw,
            answers=[Answer(key="address", label="Адрес объекта", value=address)],
            text=text,
        )
        await self.cabinet.deliver()
        return request

    async def update_board(self) -> None:
        await self.cabinet.app.services.request_reports.put_boards()
        await self.cabinet.deliver()

    async def wait(self, **time_: float) -> None:
        self.cabinet.clock.advance(**time_)
        self.cabinet.telegram.seconds_ahead += int(timedelta(**time_).total_seconds())
        await self.cabinet.deliver()

    async def take_log(
        self, name: str, messages: Sequence[Message], chat_id: int = STAFF_CHAT_ID
    ) -> None:
        """A picture of these messages alone."""
        self._playground.show(chat_id, messages)
        log = self.page.locator("#group .log")
        await expect(log.locator("article")).to_have_count(len(messages))
        await self._save(log, name)

    async def take_buttons(self, name: str, card: Message, label: str) -> None:
        """A picture of the foot of a card, which has a button with this label."""
        self._playground.show(STAFF_CHAT_ID, [card])
        log = self.page.locator("#group .log")
        await expect(log.locator(".row button", has_text=label)).to_be_visible()
        whole, row = await log.bounding_box(), await log.locator(".row").first.bounding_box()
        assert whole
        assert row
        await self._save(log, name, row["y"] - whole["y"] - _FOOT)

    async def take_group(
        self, name: str, title: str, shown: int, chat_id: int = STAFF_CHAT_ID
    ) -> None:
        """A picture of a chat with its name, its pinned message and its topics."""
        self._playground.show(chat_id)
        await self.page.evaluate(_CALL_GROUP, title)
        await expect(self.page.locator("#group .log article")).to_have_count(shown)
        await self._save(self.page.locator("#group"), name)

    async def _save(self, part: Locator, name: str, top: float = 0) -> None:
        """``top``: so many points are left out."""
        await self.page.mouse.move(0, 0)
        await self.page.evaluate("document.activeElement.blur()")
        shot = await part.screenshot(animations="disabled")
        image = Image.open(BytesIO(shot)).convert("RGB")
        image = image.crop((0, int(top * _SCALE), *image.size))
        image = image.quantize(_COLOURS, dither=Image.Dither.NONE)
        image.save(self._folder / f"staff-{name}.png", optimize=True)


async def main(folder: Path) -> None:
    async with launch_chromium() as browser:
        for take in (_take_plain, _take_forum, _take_routed):
            async with open_page(
                browser,
                viewport=_PHONE,
                timezone_id="Europe/Moscow",
                device_scale_factor=_SCALE,
            ) as page:
                await take(page, folder)


async def _take_plain(page: Page, folder: Path) -> None:
    async with _open_group(page, folder) as group:
        anna = await group.cabinet.add_consumer("Иванова Анна Петровна")
        petr = await group.cabinet.add_consumer("Петров Пётр Ильич")
        for member in (group.sergey, group.olga):
            await member.say("/shift on")
        meter = await group.file(
            anna, "meter_installation", "Прошу поставить счётчик в садовом доме.",
            "Тула, СНТ «Мичуринец», 14", "Паспорт счётчика.pdf", "План участка.pdf",
        )  # fmt: skip
        unread = await group.file(
            petr, "meter_reading_visit", "Табло не светится, показания снять не могу.",
            "Тула, ул. Мира, д. 12, кв. 4",
        )  # fmt: skip
        await group.update_board()
        await group.wait(minutes=6)
        await _take_first_card(group, meter)
        await _take_hand_over(group, unread)
        await _take_clarification(group, anna, meter)
        await _take_result(group, unread)
        await _take_answers(group, petr, meter)


async def _take_first_card(group: PicturedGroup, meter: Request) -> None:
    olga, sent = group.olga, group.olga.messages
    card = await olga.expects_card(meter.number)
    scans = [one for one in sent if "document" in one]
    await group.take_log("card", [card, *scans])
    board = await olga.expects("Очередь")
    await group.take_log("queue", [board])


async def _take_hand_over(group: PicturedGroup, unread: Request) -> None:
    olga, sergey = group.olga, group.sergey
    await olga.press(await olga.expects_card(unread.number), "Взять в работу")
    card = await olga.expects_card(unread.number)
    await sergey.press(card, "Вернуть в очередь")
    await group.take_buttons("question", card, "Да, продолжить")
    await olga.press(await olga.expects_card(unread.number), "Назад")
    await olga.press(card, "Передать…")
    await group.take_buttons("hand-over", card, "🟢 Сергей")
    await olga.press(await olga.expects_card(unread.number), "🟢 Сергей")
    told = await sergey.expects("Вам передана", in_private=True)
    await group.take_log("handed-over", [told], SERGEY)


async def _take_clarification(group: PicturedGroup, anna: InProcessPhone, meter: Request) -> None:
    olga = group.olga
    await olga.press(await olga.expects_card(meter.number), "Взять в работу")
    card = await olga.expects_card(meter.number)
    await olga.press(card, "Запросить уточнение")
    await group.take_buttons("clarification", card, "Своими словами")
    await olga.press(await olga.expects_card(meter.number), "Фото счётчика")
    await group.wait(seconds=11)
    last = olga.messages[-1]["message_id"]
    await group.wait(minutes=37)
    await anna.forge(f"q:supplement:{meter.id}:0")
    await anna.say("Счётчик ещё не куплен, поэтому фото нет.")
    await anna.press("Готово")
    await group.wait(seconds=11)
    answer = await olga.expects("ещё не куплен", after=last)
    await group.take_log("answered", [await olga.expects_card(meter.number), answer])
    note = await olga.say("// Созвонилась, купит до пятницы", reply_to=answer)
    words = await olga.say("Ждём до пятницы, потом назначим выезд.", reply_to=answer)
    await group.take_log("note", [answer, note, words])


async def _take_result(group: PicturedGroup, unread: Request) -> None:
    sergey = group.sergey
    await group.wait(minutes=95)
    card = await sergey.expects_card(unread.number)
    await sergey.press(card, "Выполнена")
    await group.take_buttons("result", card, "Показания сняты")
    await sergey.press(await sergey.expects_card(unread.number), "Показания сняты")
    await group.take_log("undo", [await sergey.expects_button(card, "↩ Отменить")])
    await group.wait(seconds=11)
    await group.take_log("closed", [await sergey.expects_button(card, "Вернуть в работу")])


async def _take_answers(group: PicturedGroup, petr: InProcessPhone, meter: Request) -> None:
    olga = group.olga
    found = await olga.find("иванова мичуринец")
    await group.take_log("find", [found], OLGA)
    await petr.forge("q:rate:2:5")
    await group.file(petr, "meter_reading_visit", "Прошу снять показания.", "Тула, ул. Мира, д. 12")
    last = olga.messages[-1]["message_id"]
    await olga.say("/new")
    await group.take_log("new", [await olga.expects("Ждут, чтобы их взяли", after=last)])
    await olga.say("/stats 7")
    await group.take_log("stats", [await olga.expects("Статистика", after=last)])
    await group.wait(days=40)
    reports = group.cabinet.app.services.request_reports
    await reports.put_reminders()
    await group.cabinet.app.services.escalations.put_escalations()
    await group.cabinet.deliver()
    await group.take_log("reminder", [await olga.expects("Просрочено: ", after=last)])
    told = await olga.expects(meter.number, after=found["message_id"], in_private=True)
    await group.take_log("escalation", [told], OLGA)


async def _take_forum(page: Page, folder: Path) -> None:
    async with _open_group(page, folder, forum=True) as group:
        anna = await group.cabinet.add_consumer("Иванова Анна Петровна")
        petr = await group.cabinet.add_consumer("Петров Пётр Ильич")
        meter = await group.file(
            anna, "meter_installation", "Прошу поставить счётчик.", "Тула, СНТ «Мичуринец», 14"
        )
        unread = await group.file(
            petr, "meter_reading_visit", "Прошу снять показания.", "Тула, ул. Мира, д. 12"
        )
        await group.file(petr, "grid_asset_theft", "Открыт шкаф.", "Тула, ул. Мира", danger="yes")
        await group.olga.finish(await group.olga.expects_card(unread.number))
        await group.wait(seconds=11)
        await group.cabinet.deliver()
        await group.olga.press(await group.olga.expects_card(meter.number), "Взять в работу")
        await group.page.set_viewport_size(_TABLET)
        await group.page.locator("#topics button", has_text=meter.number).click()
        await group.take_group("forum", "Служба поддержки", 1)


async def _take_routed(page: Page, folder: Path) -> None:
    async with _open_group(page, folder, routed=True) as group:
        vera = group.cabinet.add_staff_phone(103, "Вера", DANGER)
        await vera.say("/shift on")
        petr = await group.cabinet.add_consumer("Петров Пётр Ильич")
        await group.file(
            petr, "grid_asset_theft", "У подстанции открыт шкаф и срезан кабель.",
            "Тула, ул. Мира, у дома 12", danger="yes",
        )  # fmt: skip
        shown = len(group.cabinet.telegram.chats[DANGER].messages)
        await group.take_group("routed", "Аварийная служба", shown, DANGER)


@asynccontextmanager
async def _open_group(
    page: Page, folder: Path, *, forum: bool = False, routed: bool = False
) -> AsyncIterator[PicturedGroup]:
    with TemporaryDirectory() as data:
        await _migrate(Path(data))
        cabinet = InProcessCabinet(Path(data))
        telegram = cabinet.telegram
        telegram.chats[STAFF_CHAT_ID].is_forum = forum
        telegram.seconds_ahead = int(cabinet.clock.now().timestamp() - time.time())
        settings: dict[str, Any] = {"undo_seconds": 10, "staff_admin_ids": str(OLGA)}
        if routed:
            telegram.add_group(DANGER, "Аварийная служба")
            routes = Path(data) / "routes.yaml"
            routes.write_text(f"emergencies: {{chat_id: {DANGER}}}\n", encoding="utf-8")
            settings["staff_routes_file"] = routes
        async with cabinet.run(**settings):
            playground = GroupPlayground(cabinet, Path(data))
            group = PicturedGroup(cabinet, playground, page, folder)
            stopping, key = asyncio.Event(), secrets.token_urlsafe(16)
            runner = await listen(
                build_page(playground, key, stopping), "127.0.0.1", 0, shutdown_timeout=1
            )
            try:
                await page.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/{key}/")
                await expect(page.locator("#staff option")).to_have_count(len(STAFF))
                await page.evaluate(_UNFOLD)
                yield group
                await page.goto("about:blank")
            finally:
                await runner.cleanup()
        assert telegram.violations == []


async def _migrate(folder: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{folder}/cabinet.db")
    await database.migrate()
    await database.dispose()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES))
