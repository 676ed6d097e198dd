"""State of the sandbox: people, the staff group, the mailbox, and the bot's process."""

import asyncio
import json
import logging
import os
import secrets
import sys
import time
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sandbox import samples
from sandbox.askue import GatewayBehaviour
from sandbox.bot_api.state import ApiError, Chat, Fault, Telegram
from sandbox.bot_api.web_apps import build_launch
from sandbox.cabinet import HOURS_AHEAD, ShiftedClock
from sandbox.mailbox import Mailbox

log = logging.getLogger(__name__)

STAFF_CHAT_ID = -1_001_000_000_500
STAFF = {101: "Ольга", 102: "Сергей"}

_ROOT = Path(__file__).parents[1]
_RESTART_PAUSE = 1.0
_STOP_SECONDS = 12.0
_SAVE_PAUSE = 1.0
_DAY_HOURS = 24
#: A year at most: no form and no deadline reaches further.
_MOST_HOURS = 366 * _DAY_HOURS
#: User ids of the first two sample accounts, below all that ``add_person`` gives.
_SAMPLE_PEOPLE = (901, 902)
#: Enough for the page; older messages stay in the state.
_SHOWN_MESSAGES = 150
_SHOWN_ALERTS = 5
_ENDLESS = 10**9
#: Longer than the bot waits for ASKUE.
_SLOWEST_ASKUE = 60.0
_HOUR_SECONDS = 3600


class BotProcess:
    """Runs ``main.py run`` with its own settings, and starts it again whenever it exits."""

    def __init__(self, log: Path) -> None:
        self.settings: dict[str, str] = {}
        #: The offset of the bot's clock.
        self.hours_ahead = 0
        self.starts = 0
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    async def run(self) -> None:
        while not self._stopping:
            with self._log.open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "sandbox.cabinet",
                    # In this folder no .env of the operator is read.
                    cwd=self._log.parent,
                    env={
                        **os.environ,
                        "PYTHONPATH": str(_ROOT),
                        HOURS_AHEAD: str(self.hours_ahead),
                        **self.settings,
                    },
                    stdout=log,
                    stderr=log,
                    # Ctrl+C reaches the sandbox only: it stops the bot before its servers.
                    start_new_session=True,
                )
            self.starts += 1
            await self._process.wait()
            if not self._stopping:
                await asyncio.sleep(_RESTART_PAUSE)

    def terminate(self, *, kill: bool) -> None:
        """Ends the current process of the bot; ``run`` starts the next one."""
        if self._process is not None and self._process.returncode is None:
            if kill:
                self._process.kill()
            else:
                self._process.terminate()

    async def stop(self) -> None:
        self._stopping = True
        self.terminate(kill=False)
        if self._process is None:
            return
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
        except TimeoutError:
            self.terminate(kill=True)
            await self._process.wait()


class Playground:
    """Keeps the state in memory and saves it in ``data``; the routes of the page only call it."""

    def __init__(self, data: Path) -> None:
        self._state = data / "telegram.json"
        self.database_url = f"sqlite+aiosqlite:///{data}/cabinet.db"
        self.askue = GatewayBehaviour()
        self.telegram = Telegram(f"{secrets.randbelow(10**8) + 10**8}:{secrets.token_hex(16)}")
        self.mailbox = Mailbox(self.telegram.notify)
        self.bot = BotProcess(data / "bot.log")
        #: Where the bot's process serves the cabinet as pages; empty until it does.
        self.site_url = ""
        self._telegram_fault = "ok"
        #: ``none``, ``filling``, ``filled`` or ``failed``.
        self._samples = "none"

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.bot.run())
            group.create_task(self._save_changes())

    # --- saved state -----------------------------------------------------------------------

    def load(self) -> None:
        """Loads the state of an earlier run, or creates the staff and the first consumer."""
        self._state.parent.mkdir(parents=True, exist_ok=True)
        if self._state.exists():
            kept = json.loads(self._state.read_bytes())
            self.telegram.load(kept["telegram"])
            self.mailbox.load(kept["mails"])
            self._set_clock(kept.get("hours_ahead", 0))
            if _SAMPLE_PEOPLE[0] in self.telegram.people:
                self._samples = "filled"
            return
        self.telegram.add_group(STAFF_CHAT_ID, "Служба поддержки")
        for user_id, name in STAFF.items():
            self.telegram.add_person(user_id, name)
            self.telegram.chats.pop(user_id)
            self.telegram.chats[STAFF_CHAT_ID].members.add(user_id)
        self.add_person("Анна")

    def save(self) -> None:
        kept = {
            "telegram": self.telegram.dump(),
            "mails": self.mailbox.dump(),
            "hours_ahead": self.bot.hours_ahead,
        }
        fresh = self._state.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
        fresh.replace(self._state)

    async def _save_changes(self) -> None:
        while True:
            await self.telegram.wait_for_change(self.telegram.revision)
            await asyncio.sleep(_SAVE_PAUSE)
            self.save()

    # --- what the page shows -------------------------------------------------------------------

    def build_parts(self) -> dict[str, Any]:
        """The state of the page in parts; the page gets a part again when it changes."""
        telegram = self.telegram
        parts: dict[str, Any] = {
            f"chat:{chat.id}": {
                **chat.to_json(),
                "blocked": chat.blocked,
                "started": chat.started,
                "action": chat.action,
                "commands": telegram.get_commands(chat, self._get_language(chat)),
                "menu": telegram.get_menu_button(chat.id) if chat.type == "private" else None,
                "topics": {key: vars(topic) for key, topic in chat.topics.items()},
                "pinned": chat.pinned,
                "messages": list(chat.messages.values())[-_SHOWN_MESSAGES:],
            }
            for chat in telegram.chats.values()
        }
        parts["people"] = [one for one in telegram.people.values() if one["id"] in telegram.chats]
        parts["site"] = self.site_url
        parts["staff"] = [telegram.people[user_id] for user_id in STAFF]
        parts["alerts"] = [
            {"number": number, **asdict(alert)}
            for number, alert in enumerate(telegram.alerts)
            if alert.text
        ][-_SHOWN_ALERTS:]
        parts["mails"] = [
            {
                "to": ", ".join(mail.recipients),
                "subject": mail.subject,
                "text": mail.text,
                "at": mail.received_at.isoformat(),
                "attachments": list(mail.attachments),
            }
            for mail in self.mailbox.mails
        ]
        parts["bot"] = {
            "starts": self.bot.starts,
            "given": telegram.queued,
            "waiting": len(telegram.updates),
            "hours_ahead": self.bot.hours_ahead,
            # The page shows the times that the bot writes.
            "time_zone": os.environ.get("TIMEZONE", "Europe/Moscow"),
        }
        parts["faults"] = {
            "telegram": self._telegram_fault,
            "mail": self.mailbox.refusal is not None,
            "askue": asdict(self.askue),
        }
        parts["samples"] = {"state": self._samples, "password": samples.PASSWORD}
        return parts

    def _is_broken(self) -> bool:
        return any(fault.times > 0 for fault in self.telegram.faults)

    def _get_language(self, chat: Chat) -> str:
        return str(self.telegram.people.get(chat.id, {}).get("language_code", ""))

    def show_site(self, url: str) -> None:
        self.site_url = url
        self.telegram.notify()

    # --- what the page does ----------------------------------------------------------------------

    def add_person(self, name: str) -> int:
        user_id = max([1000, *self.telegram.people]) + 1
        self.telegram.add_person(user_id, name, f"+7912345{user_id:04d}")
        return user_id

    def set_language(self, user_id: int, language: str) -> None:
        self.telegram.people[user_id]["language_code"] = language
        self.telegram.notify()

    def open_mini_app(self, user_id: int) -> str:
        """The address that the person's menu button opens. Raises LookupError without one."""
        button = self.telegram.get_menu_button(user_id)
        at = time.time() + self.telegram.seconds_ahead
        person = self.telegram.people[user_id]
        return build_launch(button["web_app"]["url"], self.telegram.token, person, at)

    def share_contact(self, user_id: int) -> None:
        person = self.telegram.people[user_id]
        contact = {
            "phone_number": person["phone"].lstrip("+"),
            "first_name": person["first_name"],
            "user_id": user_id,
        }
        self.telegram.send(user_id, user_id, contact=contact)

    def set_forum(self, *, forum: bool) -> None:
        """Restarts the bot too, as it caches whether the group is a forum."""
        self.telegram.chats[STAFF_CHAT_ID].is_forum = forum
        self.telegram.notify()
        self.bot.terminate(kill=False)

    def break_telegram(self, kind: str) -> None:
        """``429`` and ``500`` fail the next five calls, ``down`` fails all calls, until ``ok``."""
        errors = {
            "429": (ApiError(429, "Too Many Requests: retry after 1", retry_after=1), 5),
            "500": (ApiError(500, "Internal Server Error"), 5),
            "down": (ApiError(502, "Bad Gateway"), _ENDLESS),
        }
        self.telegram.faults.clear()
        if kind != "ok":
            error, times = errors[kind]
            self.telegram.faults.append(Fault(method="", error=error, times=times))
        self._telegram_fault = kind
        self.telegram.notify()

    def break_mail(self, *, broken: bool) -> None:
        self.mailbox.refusal = "451 4.3.0 The sandbox refuses letters now" if broken else None
        self.telegram.notify()

    def set_askue(self, *, seconds: float, fault: str) -> None:
        """``fault``: empty, or an identifier of ``sandbox.askue`` that misbehaves."""
        self.askue.seconds = min(max(seconds, 0.0), _SLOWEST_ASKUE)
        self.askue.fault = fault
        self.telegram.notify()

    def advance_clock(self, hours: int) -> None:
        """Sets the bot's clock ahead and restarts the bot; the clock never goes back."""
        self._set_clock(min(self.bot.hours_ahead + max(hours, 0), _MOST_HOURS))
        self.bot.terminate(kill=False)

    def _set_clock(self, hours: int) -> None:
        self.bot.hours_ahead = hours
        self.telegram.seconds_ahead = hours * _HOUR_SECONDS
        self.telegram.notify()

    # --- sample data -----------------------------------------------------------------------

    async def add_samples(self) -> None:
        """Adds accounts, requests and readings; the first two consumers get phones."""
        if self._samples == "filling":
            return
        self._set_samples("filling")
        try:
            await samples.fill_database(self.database_url, self._get_now(), _SAMPLE_PEOPLE)
        except Exception:
            # The page shows the failure and offers to try again.
            log.exception("the sample data were not added")
            self._set_samples("failed")
            raise
        for user_id, name in zip(_SAMPLE_PEOPLE, samples.list_names(2), strict=True):
            if user_id not in self.telegram.people:
                self.telegram.add_person(user_id, name, f"+79130000{user_id - 900:03d}")
                self.telegram.send(user_id, user_id, text="/start")
        self._set_samples("filled")

    async def add_readings(self, email: str, meter: str, last: str) -> None:
        """Adds three years of readings for a meter of an account; ``last`` is the newest."""
        await samples.add_readings(self.database_url, email, meter, Decimal(last), self._get_now())

    def _set_samples(self, state: str) -> None:
        self._samples = state
        self.telegram.notify()

    def _get_now(self) -> datetime:
        return ShiftedClock(self.bot.hours_ahead).now()
