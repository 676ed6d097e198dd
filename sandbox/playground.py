"""What the page shows and changes: people, the staff group, the mailbox, the bot's process."""

import asyncio
import json
import logging
import os
import secrets
import sys
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sandbox import samples
from sandbox.askue import Mood
from sandbox.bot_api.state import ApiError, Chat, Fault, Telegram
from sandbox.cabinet import HOURS_AHEAD, ClockAhead
from sandbox.mailbox import Mailbox

log = logging.getLogger(__name__)

STAFF_CHAT_ID = -1_001_000_000_500
STAFF = {101: "Ольга", 102: "Сергей"}

_ROOT = Path(__file__).parents[1]
_RESTART_PAUSE = 1.0
_STOP_SECONDS = 12.0
_SAVE_PAUSE = 1.0
_DAY_HOURS = 24
#: A year at most: what is further away no form and no term speaks of.
_MOST_HOURS = 366 * _DAY_HOURS
#: The phones of the first two made-up accounts, below all that ``add_person`` gives.
_SAMPLE_PEOPLE = (901, 902)
#: Enough for the page; older messages stay in the state.
_SHOWN_MESSAGES = 150
_SHOWN_ALERTS = 5
_ENDLESS = 10**9
#: Longer than the bot waits for ASKUE.
_SLOWEST_ASKUE = 60.0
_HOUR_SECONDS = 3600


class BotProcess:
    """``main.py run`` with settings of its own, started again whenever it ends by itself."""

    def __init__(self, log: Path) -> None:
        self.settings: dict[str, str] = {}
        #: How far the bot's clock is set ahead.
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
                    # Not where an .env of the operator would be read.
                    cwd=self._log.parent,
                    env={
                        **os.environ,
                        "PYTHONPATH": str(_ROOT),
                        HOURS_AHEAD: str(self.hours_ahead),
                        **self.settings,
                    },
                    stdout=log,
                    stderr=log,
                    # Ctrl+C is for us: the bot is stopped when its servers still answer.
                    start_new_session=True,
                )
            self.starts += 1
            await self._process.wait()
            if not self._stopping:
                await asyncio.sleep(_RESTART_PAUSE)

    def end(self, *, kill: bool) -> None:
        """Ends this run of the bot; ``run`` starts the next one."""
        if self._process is not None and self._process.returncode is None:
            if kill:
                self._process.kill()
            else:
                self._process.terminate()

    async def stop(self) -> None:
        self._stopping = True
        self.end(kill=False)
        if self._process is None:
            return
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
        except TimeoutError:
            self.end(kill=True)
            await self._process.wait()


class Playground:
    """State in memory, kept in ``data``; the routes of the page only call it."""

    def __init__(self, data: Path) -> None:
        self._state = data / "telegram.json"
        self.database_url = f"sqlite+aiosqlite:///{data}/cabinet.db"
        self.askue = Mood()
        self.telegram = Telegram(f"{secrets.randbelow(10**8) + 10**8}:{secrets.token_hex(16)}")
        self.mailbox = Mailbox(self.telegram.touch)
        self.bot = BotProcess(data / "bot.log")
        self._telegram_fault = "ok"
        #: ``none``, ``filling``, ``filled`` or ``failed``.
        self._samples = "none"

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.bot.run())
            group.create_task(self._save_changes())

    # --- what is kept ------------------------------------------------------------------------

    def load(self) -> None:
        """Brings back what an earlier run left, or makes the first people."""
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
            await self.telegram.change(self.telegram.revision)
            await asyncio.sleep(_SAVE_PAUSE)
            self.save()

    # --- what the page shows -------------------------------------------------------------------

    def parts(self) -> dict[str, Any]:
        """The whole picture in parts; a part is sent again when it changes."""
        telegram = self.telegram
        shown: dict[str, Any] = {
            f"chat:{chat.id}": {
                **chat.card(),
                "blocked": chat.blocked,
                "started": chat.started,
                "action": chat.action,
                "commands": telegram.commands_of(chat, self._language(chat)),
                "topics": {key: vars(topic) for key, topic in chat.topics.items()},
                "messages": list(chat.messages.values())[-_SHOWN_MESSAGES:],
            }
            for chat in telegram.chats.values()
        }
        shown["people"] = [one for one in telegram.people.values() if one["id"] in telegram.chats]
        shown["staff"] = [telegram.people[user_id] for user_id in STAFF]
        shown["alerts"] = [
            {"number": number, **asdict(alert)}
            for number, alert in enumerate(telegram.alerts)
            if alert.text
        ][-_SHOWN_ALERTS:]
        shown["mails"] = [
            {
                "to": ", ".join(mail.recipients),
                "subject": mail.subject,
                "text": mail.text,
                "at": mail.received_at.isoformat(),
            }
            for mail in self.mailbox.mails
        ]
        shown["bot"] = {
            "starts": self.bot.starts,
            "given": telegram.given,
            "waiting": len(telegram.updates),
            "hours_ahead": self.bot.hours_ahead,
        }
        shown["faults"] = {
            "telegram": self._telegram_fault,
            "mail": self.mailbox.refusal is not None,
            "askue": asdict(self.askue),
        }
        shown["samples"] = {"state": self._samples, "password": samples.PASSWORD}
        return shown

    def _is_broken(self) -> bool:
        return any(fault.times > 0 for fault in self.telegram.faults)

    def _language(self, chat: Chat) -> str:
        return str(self.telegram.people.get(chat.id, {}).get("language_code", ""))

    # --- what the page does ----------------------------------------------------------------------

    def add_person(self, name: str) -> int:
        user_id = max([1000, *self.telegram.people]) + 1
        self.telegram.add_person(user_id, name, f"+7912345{user_id:04d}")
        return user_id

    def set_language(self, user_id: int, language: str) -> None:
        self.telegram.people[user_id]["language_code"] = language
        self.telegram.touch()

    def share_contact(self, user_id: int) -> None:
        person = self.telegram.people[user_id]
        contact = {
            "phone_number": person["phone"].lstrip("+"),
            "first_name": person["first_name"],
            "user_id": user_id,
        }
        self.telegram.send(user_id, user_id, contact=contact)

    def set_forum(self, *, forum: bool) -> None:
        """Restarts the bot, which else would believe for a while that nothing has changed."""
        self.telegram.chats[STAFF_CHAT_ID].is_forum = forum
        self.telegram.touch()
        self.bot.end(kill=False)

    def break_telegram(self, kind: str) -> None:
        """``429`` and ``500`` meet the next five calls, ``down`` all of them, until ``ok``."""
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
        self.telegram.touch()

    def break_mail(self, *, broken: bool) -> None:
        self.mailbox.refusal = "451 4.3.0 The sandbox refuses letters now" if broken else None
        self.telegram.touch()

    def set_askue(self, *, seconds: float, fault: str) -> None:
        """``fault``: empty, or an identifier of ``sandbox.askue`` that misbehaves."""
        self.askue.seconds = min(max(seconds, 0.0), _SLOWEST_ASKUE)
        self.askue.fault = fault
        self.telegram.touch()

    def pass_time(self, hours: int) -> None:
        """Sets the bot's clock ahead, which restarts it; time never goes back."""
        self._set_clock(min(self.bot.hours_ahead + max(hours, 0), _MOST_HOURS))
        self.bot.end(kill=False)

    def _set_clock(self, hours: int) -> None:
        self.bot.hours_ahead = hours
        self.telegram.seconds_ahead = hours * _HOUR_SECONDS
        self.telegram.touch()

    # --- made-up data ----------------------------------------------------------------------------

    async def add_samples(self) -> None:
        """Accounts, requests and readings; the first two consumers are given phones."""
        if self._samples == "filling":
            return
        self._show_samples("filling")
        try:
            await samples.fill(self.database_url, self._now(), _SAMPLE_PEOPLE)
        except Exception:
            # Told on the page, where it may be tried again.
            log.exception("the sample data did not get in")
            self._show_samples("failed")
            raise
        for user_id, name in zip(_SAMPLE_PEOPLE, samples.names(2), strict=True):
            if user_id not in self.telegram.people:
                self.telegram.add_person(user_id, name, f"+79130000{user_id - 900:03d}")
                self.telegram.send(user_id, user_id, text="/start")
        self._show_samples("filled")

    async def give_history(self, email: str, meter: str, last: str) -> None:
        """Three years of readings for a meter of an account, ``last`` being the newest."""
        await samples.give_history(self.database_url, email, meter, Decimal(last), self._now())

    def _show_samples(self, state: str) -> None:
        self._samples = state
        self.telegram.touch()

    def _now(self) -> datetime:
        return ClockAhead(self.bot.hours_ahead).now()
