"""ASKUE without a gateway: 80020 files that the metering system leaves in a folder or at a URL.

A file has the energy of one day by half-hours. Of each measuring point the newest day is shown, and
of several files about that day the one that was formed last.
"""

import asyncio
import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from aiohttp import ClientSession

from bot.fsm.field_types import clean_text
from bot.integrations.askue import MeterState, fetch_body, shorten_name
from bot.integrations.askue_access import AskueAccess, PointKey
from bot.integrations.errors import AskueFailed, LimitExceeded, WorkerCallFailed, WorkerDied
from bot.integrations.worker_process import WorkerLimits, WorkerProcess
from bot.integrations.xml80020 import CHANNELS, Day, parse_message

log = logging.getLogger(__name__)

#: A day of a thousand points with four channels is 15 MB.
_FILE_BYTES = 32 * 1024**2
#: Of a folder only the newest files are read.
_FOLDER_FILES = 1000
_FOLDER_BYTES = 64 * 1024**2
#: A crowd of consumers fetches a document no more often than this.
_FRESH_SECONDS = 60.0

#: 32 MB are read in four seconds.
PARSING_LIMITS = WorkerLimits(cpu_seconds=15, seconds=30, memory=1024**3)


@dataclass(frozen=True, slots=True)
class Edition:
    """A version of a document: another ``mark`` means other content."""

    name: str
    mark: object


class DocumentSource(Protocol):
    async def list_editions(self) -> list[Edition]:
        """The documents that are there, the newest first; raises AskueFailed."""
        ...

    async def read(self, edition: Edition) -> bytes | None:
        """The content; None when it is gone. Raises AskueFailed."""
        ...


class FolderSource:
    """The ``*.xml`` files of a folder, without its subfolders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def list_editions(self) -> list[Edition]:
        return await asyncio.to_thread(self._list)

    async def read(self, edition: Edition) -> bytes | None:
        return await asyncio.to_thread(self._read, edition.name)

    def _list(self) -> list[Edition]:
        try:
            files = [
                (status.st_mtime_ns, status.st_size, path.name)
                for path in self._folder.iterdir()
                if path.suffix.lower() == ".xml" and path.is_file()
                for status in [path.stat()]
                if status.st_size <= _FILE_BYTES
            ]
        except OSError as error:
            log.error("ASKUE_URL: %s", type(error).__name__)  # noqa: TRY400 (no defect of ours)
            raise AskueFailed("down") from None
        newest, total = [], 0
        for changed, size, name in sorted(files, reverse=True)[:_FOLDER_FILES]:
            total += size
            if total > _FOLDER_BYTES:
                break
            newest.append(Edition(name, (changed, size)))
        return newest

    def _read(self, name: str) -> bytes | None:
        try:
            with (self._folder / name).open("rb") as source:
                return source.read(_FILE_BYTES)
        except OSError:
            return None


class UrlSource:
    """One document behind a URL, which always answers with the newest."""

    def __init__(self, session: ClientSession, url: str, token: str | None) -> None:
        """``token``: sent as ``Authorization: Bearer``."""
        self._session = session
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._body = b""
        self._fetched_at = -_FRESH_SECONDS

    async def list_editions(self) -> list[Edition]:
        now = asyncio.get_running_loop().time()
        if now - self._fetched_at >= _FRESH_SECONDS:
            await self._fetch()
            self._fetched_at = now
        return [Edition("document", hashlib.sha256(self._body).digest())]

    async def read(self, edition: Edition) -> bytes | None:
        return self._body

    async def _fetch(self) -> None:
        try:
            self._body = await fetch_body(
                self._session, "GET", self._url, limit=_FILE_BYTES, headers=self._headers
            )
        except AskueFailed as failure:
            # Not the consumer's password is wrong, but the company's token.
            if failure.code == "refused":
                log.error("ASKUE_URL: ASKUE_TOKEN is refused")  # noqa: TRY400
                raise AskueFailed("down") from None
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class PointDay:
    """The energy of a measuring point on a day; None: nothing is known.

    ``gaps``: how many half-hours of its channels are not in the sums.
    """

    key: PointKey
    area_name: str
    name: str
    day: date
    formed_at: datetime | None
    energies: tuple[Decimal | None, ...]
    gaps: int


class Exchange80020:
    """Reads the documents anew when they have changed, and shows each consumer the own points."""

    def __init__(
        self,
        source: DocumentSource,
        access: AskueAccess,
        worker: WorkerProcess,
        timezone: ZoneInfo,
        timeout: float,
    ) -> None:
        """``timeout`` in seconds, for a whole call."""
        self._source = source
        self._access = access
        self._worker = worker
        self._timezone = timezone
        self._timeout = timeout
        self._lock = asyncio.Lock()
        #: What each known document says; None: it is no message of the class 80020.
        self._read: dict[Edition, tuple[PointDay, ...] | None] = {}
        self._newest: dict[PointKey, PointDay] = {}

    async def fetch_states(self, identifier: str, password: str) -> tuple[MeterState, ...]:
        try:
            async with asyncio.timeout(self._timeout):
                # First: a stranger makes nobody read files.
                keys = await self._access.list_points(identifier, password)
                await self._read_changed()
        except TimeoutError:
            raise AskueFailed("slow") from None
        return tuple(_build_state(key, self._newest.get(key)) for key in keys)

    async def count_points(self) -> int:
        """How many measuring points the documents have; raises AskueFailed."""
        await self._read_changed()
        return len(self._newest)

    async def _read_changed(self) -> None:
        # One at a time: those who wait find the documents read.
        async with self._lock:
            editions = await self._source.list_editions()
            changed = self._read.keys() != set(editions)
            self._read = {one: self._read[one] for one in editions if one in self._read}
            for edition in editions:
                if edition not in self._read and (body := await self._source.read(edition)):
                    self._read[edition] = await self._parse(edition.name, body)
            if changed:
                # The newest edition comes last, and so decides between equals.
                read = (self._read.get(edition) or () for edition in reversed(editions))
                self._newest = _find_newest(point for points in read for point in points)
            if not any(self._read.values()):
                raise AskueFailed("strange" if self._read else "down")

    async def _parse(self, name: str, body: bytes) -> tuple[PointDay, ...] | None:
        try:
            day = await self._worker.run(parse_message, body)
            return tuple(_iterate_points(day, self._timezone))
        except (WorkerCallFailed, WorkerDied, LimitExceeded, ValueError) as error:
            # A file may be half written; once it is whole, it is another edition.
            log.warning("%s is no message of the class 80020: %s", name, type(error).__name__)
            return None


def _iterate_points(message: Day, timezone: ZoneInfo) -> Iterable[PointDay]:
    """Raises ValueError for a day that is not in the calendar."""
    day_text, moment, clock, points = message
    day = date.fromisoformat(day_text)
    formed_at = _parse_moment(moment, clock, timezone)
    for area_inn, area_name, code, name, channels in points:
        sums = [channels.get(number, ("", 0)) for number in CHANNELS]
        yield PointDay(
            key=PointKey(code=code, area_inn=area_inn),
            area_name=shorten_name(clean_text(area_name)),
            name=shorten_name(clean_text(name)),
            day=day,
            formed_at=formed_at,
            energies=tuple(Decimal(energy) if energy else None for energy, _ in sums),
            gaps=max(left_out for _, left_out in sums),
        )


def _parse_moment(text: str, clock: str, timezone: ZoneInfo) -> datetime | None:
    try:
        moment = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=timezone)
    except ValueError:
        return None
    # In winter time it is the later of two equal hours.
    return moment.replace(fold=int(clock == "0"))


def _find_newest(points: Iterable[PointDay]) -> dict[PointKey, PointDay]:
    """The newest day of each point; of equals the last."""
    found: dict[PointKey, PointDay] = {}
    for point in points:
        known = found.get(point.key)
        if known is None or _get_age(known) <= _get_age(point):
            found[point.key] = point
    return found


def _get_age(point: PointDay) -> tuple[date, float]:
    return point.day, point.formed_at.timestamp() if point.formed_at else 0.0


def _build_state(key: PointKey, found: PointDay | None) -> MeterState:
    """The energy of a day as the state of a meter; a point without data is shown by its code."""
    active_import, active_export, reactive_import, reactive_export = (
        found.energies if found else (None,) * len(CHANNELS)
    )
    return MeterState(
        object_name=found.area_name if found else "",
        meter_name=(found.name if found else "") or key.code,
        active_import=active_import,
        active_export=active_export,
        reactive_import=reactive_import,
        reactive_export=reactive_export,
        received_at=found.formed_at if found else None,
        day=found.day if found else None,
        gaps=found.gaps if found else 0,
    )
