"""What the staff group is told beside its cards: notices, a digest, resets, files."""

import asyncio
import logging
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from aiogram.methods import SendDocument, SendMessage
from aiogram.types import FSInputFile, Message

from bot.db.database import Database
from bot.db.outbox import LeasedNotice
from bot.integrations.spreadsheets import write_xlsx
from bot.integrations.worker_process import WorkerProcess
from bot.notifications.periodic import run_periodically
from bot.notifications.staff_cards import StaffCards, build_reply_parameters
from bot.request_types import Catalogue
from bot.services import billing_export
from bot.services.readings import Readings
from bot.services.request_reports import RequestReports
from bot.telegram.messenger import Compose
from bot.texts import Translations
from bot.views import cards, request_reports
from bot.views.view import Company, View

log = logging.getLogger(__name__)

_WATCH_SECONDS = 60.0


async def run_reminders(desk_ledger: RequestReports) -> None:
    """Looks every minute what is due, until cancelled."""
    await run_periodically(
        desk_ledger.promise_reminders, _WATCH_SECONDS, partial(log.error, "the watch failed: %s")
    )


class StaffNotices:
    def __init__(
        self,
        *,
        database: Database,
        group: StaffCards,
        desk_ledger: RequestReports,
        readings: Readings,
        worker: WorkerProcess,
        translations: Translations,
        catalogue: Catalogue,
        company: Company,
    ) -> None:
        self._database = database
        self._group = group
        self._ledger = desk_ledger
        self._readings = readings
        self._worker = worker
        self._texts = translations.get_texts(translations.locales[0])
        self._catalogue = catalogue
        self._company = company

    async def send_reset_card(self, notice: LeasedNotice) -> None:
        async with self._database.read() as tx:
            reset = await tx.password_resets.get(int(notice.payload["reset_id"]))
            account = await tx.accounts.get(reset.account_id) if reset else None
        if reset is None or account is None:
            raise LookupError("a reset that is not there")
        await self._send(cards.render_reset_card(account, reset.id, self._texts))

    async def send_reminder(self, notice: LeasedNotice) -> None:
        """Of those that still wait; nothing when all were answered meanwhile."""
        ids = [int(one) for one in str(notice.payload["ids"]).split(",")]
        lines = await self._ledger.take_due_reminders(ids)
        if lines:
            today = self._ledger.get_today()
            await self._send(
                *request_reports.render_reminder(lines, today, self._catalogue, self._texts)
            )

    async def send_digest(self, notice: LeasedNotice) -> None:
        figures = await self._ledger.compute_stats()
        today = self._ledger.get_today()
        await self._send(
            request_reports.render_digest(figures, today, self._catalogue, self._texts)
        )

    async def send_export(self, notice: LeasedNotice) -> None:
        """Reads in batches and writes in a process of its own: nobody waits for it."""
        first = date.fromisoformat(str(notice.payload["first"]))
        last = date.fromisoformat(str(notice.payload["last"]))
        what = str(notice.payload["what"])
        with TemporaryDirectory(prefix="cabinet-export-") as folder:
            path = Path(folder) / f"{what}-{first}-{last}.xlsx"
            if what == "readings":
                await billing_export.write(
                    self._readings.iterate_between(first, last),
                    "xlsx",
                    path,
                    self._worker,
                    self._company.timezone,
                )
            else:
                lines = self._ledger.list_registered(first, last)
                table = request_reports.build_table(
                    self._catalogue, self._texts, self._company.timezone
                )
                made = await write_xlsx(
                    self._worker,
                    Path(folder),
                    self._texts("desk-export-sheet"),
                    table.columns,
                    (table.build_row(line) async for line in lines),
                )
                await asyncio.to_thread(made.rename, path)
            caption = self._texts(
                f"desk-export-{what}", first=f"{first:%d.%m.%Y}", last=f"{last:%d.%m.%Y}"
            )

            async def compose(chat_id: int) -> SendDocument:
                return SendDocument(
                    chat_id=chat_id,
                    document=FSInputFile(path),
                    caption=caption,
                    reply_parameters=build_reply_parameters(int(notice.payload["message_id"])),
                )

            await self._group.send(compose)

    async def _send(self, *views: View) -> None:
        for view in views:
            await self._group.send(_compose_message(view))


def _compose_message(view: View) -> Compose[Message]:
    async def compose(chat_id: int) -> SendMessage:
        return SendMessage(chat_id=chat_id, text=view.text, reply_markup=view.keyboard)

    return compose
