"""What the staff group is told beside its cards: notices, a digest, resets, files."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from aiogram.methods import SendDocument, SendMessage
from aiogram.types import FSInputFile, Message

from bot.db.database import Database
from bot.db.outbox import OutboxRow
from bot.integrations.spreadsheets import Cell, write_xlsx
from bot.integrations.worker_process import Workshop
from bot.notifications.periodic import go_round
from bot.notifications.staff_cards import StaffGroup, reply_to
from bot.request_types import Catalogue
from bot.services import billing_export
from bot.services.readings import Readings
from bot.services.request_reports import Ledger
from bot.telegram.messenger import Compose
from bot.texts import Library
from bot.views import cards, request_reports
from bot.views.view import Company, View

log = logging.getLogger(__name__)

_WATCH_SECONDS = 60.0


async def watch(desk_ledger: Ledger) -> None:
    """Looks every minute what is due, until cancelled."""
    await go_round(desk_ledger.watch, _WATCH_SECONDS, partial(log.error, "the watch failed: %s"))


class Office:
    def __init__(
        self,
        *,
        database: Database,
        group: StaffGroup,
        desk_ledger: Ledger,
        readings: Readings,
        workshop: Workshop,
        library: Library,
        catalogue: Catalogue,
        company: Company,
    ) -> None:
        self._database = database
        self._group = group
        self._ledger = desk_ledger
        self._readings = readings
        self._workshop = workshop
        self._texts = library.texts(library.locales[0])
        self._catalogue = catalogue
        self._company = company

    async def reset(self, row: OutboxRow) -> None:
        async with self._database.read() as tx:
            reset = await tx.resets.get(int(row.payload["reset_id"]))
            account = await tx.accounts.get(reset.account_id) if reset else None
        if reset is None or account is None:
            raise LookupError("a reset that is not there")
        await self._send(cards.reset_card(account, reset.id, self._texts))

    async def reminder(self, row: OutboxRow) -> None:
        """Of those that still wait; nothing when all were answered meanwhile."""
        ids = [int(one) for one in str(row.payload["ids"]).split(",")]
        lines = await self._ledger.reminded(ids)
        if lines:
            today = self._ledger.today()
            await self._send(*request_reports.reminder(lines, today, self._catalogue, self._texts))

    async def digest(self, row: OutboxRow) -> None:
        figures = await self._ledger.stats()
        today = self._ledger.today()
        await self._send(request_reports.digest(figures, today, self._catalogue, self._texts))

    async def export(self, row: OutboxRow) -> None:
        """Reads in batches and writes in a process of its own: nobody waits for it."""
        first = date.fromisoformat(str(row.payload["first"]))
        last = date.fromisoformat(str(row.payload["last"]))
        what = str(row.payload["what"])
        with TemporaryDirectory(prefix="cabinet-export-") as folder:
            path = Path(folder) / f"{what}-{first}-{last}.xlsx"
            if what == "readings":
                await billing_export.write(
                    self._readings.between(first, last),
                    "xlsx",
                    path,
                    self._workshop,
                    self._company.timezone,
                )
            else:
                made = await write_xlsx(
                    self._workshop,
                    Path(folder),
                    self._texts("desk-export-sheet"),
                    request_reports.columns(self._texts),
                    self._rows(first, last),
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
                    reply_parameters=reply_to(int(row.payload["message_id"])),
                )

            await self._group.send(compose)

    async def _rows(self, first: date, last: date) -> AsyncIterator[Sequence[Cell]]:
        async for line in self._ledger.registered(first, last):
            yield request_reports.cells(line, self._catalogue, self._texts, self._company.timezone)

    async def _send(self, *views: View) -> None:
        for view in views:
            await self._group.send(_message(view))


def _message(view: View) -> Compose[Message]:
    async def compose(chat_id: int) -> SendMessage:
        return SendMessage(chat_id=chat_id, text=view.text, reply_markup=view.keyboard)

    return compose
