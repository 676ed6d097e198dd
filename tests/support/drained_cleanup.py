"""File cleanup whose removals a test carries out at once."""

from bot.db.outbox import LeasedNotice
from bot.notices import FileRemoval, Queue
from bot.notifications.outbox_worker import OutboxWorker
from bot.services.file_cleanup import FileCleanup


class DrainedCleanup(FileCleanup):
    async def drain(self) -> None:
        """Delivers the notices of removals that are due, once each."""

        async def send(leased: LeasedNotice[FileRemoval]) -> None:
            await self.remove(leased.notice.key)

        worker = OutboxWorker(self._database, self._clock, {Queue.FILES: 10}, {FileRemoval: send})
        while await worker.drain_once():
            pass
