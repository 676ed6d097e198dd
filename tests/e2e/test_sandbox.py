"""``main.py sandbox`` as a manager starts it, driven through the page's own HTTP."""

import asyncio
import json
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, FormData

from tests.support.files import make_pdf
from tests.support.fork_server import ROOT
from tests.support.phone import PATIENCE_SECONDS

ANNA = 1001
GROUP = -1_001_000_000_500


class SandboxPage:
    """What a browser on the page sees and does."""

    def __init__(self, process: asyncio.subprocess.Process, address: str, web: ClientSession):
        self.process = process
        self.address = address
        self.web = web

    async def wait_until(self, found: Callable[[dict[str, Any]], Any]) -> Any:
        """Follows the stream of events until the picture holds what is looked for."""
        state: dict[str, Any] = {}
        async with asyncio.timeout(PATIENCE_SECONDS):
            async with self.web.get(f"{self.address}events") as events:
                async for line in events.content:
                    if line.startswith(b"data: "):
                        state |= json.loads(line[6:])
                        if got := found(state):
                            return got
        raise AssertionError("the stream ended")

    async def run_action(self, action: str, **line: Any) -> None:
        async with self.web.post(f"{self.address}do/{action}", json=line) as answer:
            assert answer.status == 200, await answer.text()

    async def say(self, text: str, expected: str) -> None:
        await self.run_action("say", chat=ANNA, user=ANNA, text=text)
        await self.expects(expected)

    async def expects(self, words: str) -> None:
        await self.wait_until(lambda state: words in get_screen(state))

    async def press(self, words: str, chat: int = ANNA, user: int = ANNA) -> None:
        def find_button(state: dict[str, Any]) -> tuple[int, str] | None:
            for message in reversed(state[f"chat:{chat}"]["messages"]):
                for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                    for one in row:
                        if words in one["text"]:
                            return message["message_id"], one["callback_data"]
            return None

        message, data = await self.wait_until(find_button)
        await self.run_action("press", chat=chat, user=user, message=message, data=data)

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), PATIENCE_SECONDS)


def get_screen(state: dict[str, Any]) -> str:
    said = [one for one in state[f"chat:{ANNA}"]["messages"] if one["from"]["is_bot"]]
    return str(said[-1].get("text", "")) if said else ""


@asynccontextmanager
async def run_sandbox(folder: Path) -> AsyncIterator[SandboxPage]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "main.py"),
        *("sandbox", "--no-browser", "--port", "0", "--data", str(folder)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), PATIENCE_SECONDS)).decode()
        async with ClientSession() as web:
            yield SandboxPage(process, line.split()[-1], web)
    finally:
        if process.returncode is None:
            process.terminate()
        # Reads what is left too, so that the pipes are closed with the process.
        await process.communicate()


async def test_the_page_carries_a_request_from_registration_to_the_staff(tmp_path: Path) -> None:
    async with run_sandbox(tmp_path) as page:
        await page.say("/start", "")
        await page.press("Регистрация")
        await page.press("Согласен")
        await page.press("Физическое лицо")
        await page.expects("Шаг 3")
        await page.say("Иванова Анна Петровна", "Шаг 4")
        await page.say("anna@example.ru", "Шаг 5")
        await page.run_action("contact", user=ANNA)
        await page.press("Зарегистрировать")
        letter = await page.wait_until(
            lambda state: next((m for m in state["mails"] if "ароль" in m["subject"]), None)
        )
        password = re.search(r"^\s*([A-Za-z0-9]{12,})\s*$", letter["text"], re.MULTILINE)
        assert password
        await page.say("/menu", "")
        await page.press("Войти")
        await page.expects("Шаг 1")
        await page.say("anna@example.ru", "Шаг 2")
        await page.say(password[1], "Вы вошли")
        await page.press("Позже")
        await page.press("Заявки")
        await page.press("Создание заявки")
        await page.press("Хищение")
        await answer_questions(page)
        await page.press("Отправить")
        card = await page.wait_until(
            lambda state: next(
                (
                    one
                    for one in state[f"chat:{GROUP}"]["messages"]
                    if "anna@example.ru" in one.get("text", "")
                ),
                None,
            )
        )
        number = re.search(r"\d{4}-\d{6}", card["text"])
        assert number
        await page.wait_until(
            lambda state: any(number[0] in letter["subject"] for letter in state["mails"])
        )
        await page.wait_until(
            lambda state: any(
                one.get("document", {}).get("file_name") == "Акт.pdf"
                for one in state[f"chat:{GROUP}"]["messages"]
            )
        )
        await page.run_action("time", hours=24)
        assert await page.stop() == 0
    async with run_sandbox(tmp_path) as page:
        await page.wait_until(lambda state: len(state[f"chat:{GROUP}"]["messages"]) >= 2)
        # Time did not go back with the restart.
        await page.wait_until(lambda state: state["bot"]["hours_ahead"] == 24)
        assert await page.stop() == 0


async def answer_questions(page: SandboxPage) -> None:
    """Answers each question by its own example."""
    seen = 0
    for _ in range(20):

        def find_question(state: dict[str, Any], seen: int = seen) -> dict[str, Any] | None:
            # The application as PDF may come after its question.
            last = [one for one in state[f"chat:{ANNA}"]["messages"] if "text" in one][-1]
            moved = last["message_id"] > seen or last.get("edit_date")
            return last if last["from"]["is_bot"] and moved and is_idle(state) else None

        question = await page.wait_until(find_question)
        seen = question["message_id"]
        rows = question.get("reply_markup", {}).get("inline_keyboard", [])
        keys = [one["text"] for row in rows for one in row]
        example = re.search(r"Например:\s*(.+)", question["text"])
        others = "Назад|Отмена|Пропустить|Отправить сейчас"
        choices = [key for key in keys if not re.search(others, key)]
        if "Отправить" in keys:
            return
        if "скан" in question["text"].lower() and not example:
            form = FormData(quote_fields=False)
            form.add_field("file", make_pdf(), filename="Акт.pdf")
            where = f"{page.address}upload?chat={ANNA}&user={ANNA}"
            async with page.web.post(where, data=form) as answer:
                assert answer.status == 200
            await page.press("Готово")
        elif any("Пропустить" in key for key in keys):
            await page.press("Пропустить")
        elif example:
            await page.run_action("say", chat=ANNA, user=ANNA, text=example[1].strip())
        else:
            await page.press(choices[0])
        await page.wait_until(is_idle)


def is_idle(state: dict[str, Any]) -> bool:
    return bool(state["bot"]["waiting"] == 0)


async def test_only_the_printed_address_of_this_machine_is_answered(tmp_path: Path) -> None:
    async with run_sandbox(tmp_path) as page:
        async with page.web.get(page.address) as answer:
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        async with page.web.get(page.address, headers={"Host": "evil.example:80"}) as answer:
            assert answer.status == 403
        elsewhere = page.address.rsplit("/", 2)[0]
        async with page.web.get(f"{elsewhere}/another/state") as answer:
            assert answer.status == 404
        port = elsewhere.rpartition(":")[2]
        second = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "main.py"),
            *("sandbox", "--no-browser", "--port", port, "--data", str(tmp_path / "second")),
            stderr=asyncio.subprocess.PIPE,
        )
        _, complaint = await second.communicate()
        assert second.returncode == 2
        assert port in complaint.decode()
        assert await page.stop() == 0
