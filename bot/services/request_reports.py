"""Reports on all requests for the staff: search, overdue lists, statistics and reminders."""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from statistics import median
from time import perf_counter
from zoneinfo import ZoneInfo

import phonenumbers

from bot.db.database import Database, Tx
from bot.db.request_reports import ClosedRequest, OpenFilter, QueueCounts, ReportLine
from bot.domain import RUNNING, Actor, MeterReading, StaffUser, StoredFile
from bot.notices import StaffExport
from bot.services import quiet_hours, recipients
from bot.services.clock import Clock
from bot.services.deadlines import ReviewDeadlines
from bot.services.errors import ListUnknown
from bot.services.request_words import RequestWords, find_requests

PAGE = 8
#: Meters of a consumer whose last readings are shown.
_METERS = 5
#: Figures are made of what was closed in so many days, and of so many requests at most.
STATS_DAYS = 30
_STATS_MOST = 5000
#: Ages of open requests, in days: up to the first, up to the second, older.
AGES = (3, 10)
_REMINDED_AT_ONCE = 40
#: Rows that are read and written down at one stretch: some milliseconds, in which nobody else is
#: answered.
_BATCH = 25
_DIGEST = "staff_digest"
#: Before the id of a staff group: the counts that its board shows.
_BOARD = "staff_queue:"


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A page of what was found; ``number`` counts from 0, ``more``: there is a next one.

    ``readings``: the last one of each meter, when all that was found is one consumer's.
    ``account_ids``: whose data the page shows. ``has_photos``: those readings have photos of the
    dial. ``cards``: where the cards of the found requests are, chat and message.
    """

    lines: tuple[ReportLine, ...]
    number: int
    more: bool
    readings: tuple[MeterReading, ...] = ()
    account_ids: frozenset[int] = frozenset()
    has_photos: bool = False
    cards: Mapping[int, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """``open`` is by type: how many of each age. ``hours`` is the median time to an answer."""

    open: dict[str, tuple[int, ...]]
    overdue: int
    closed: int
    hours: float | None
    late_share: float | None
    days: int = STATS_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStats:
    """Figures of a period: of what was registered in it how many are ``taken``.

    Of those ``closed`` in it ``hours`` is the median time to an answer, ``late`` how many answers
    came after their day, ``rating`` the mean of the consumers' stars.
    """

    taken: int
    closed: int
    hours: float | None
    late: int
    rating: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberStats:
    """Figures of one member, and how many requests they have ``open`` now."""

    member: StaffUser
    open: int
    figures: GroupStats


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodStats:
    """Figures of a period, all made of the same list of what was closed in it."""

    everything: Stats
    types: Mapping[str, GroupStats]
    members: Sequence[MemberStats]


class RequestReports:
    def __init__(
        self,
        database: Database,
        terms: ReviewDeadlines,
        clock: Clock,
        timezone: ZoneInfo,
        digest_hour: int,
    ) -> None:
        self._database = database
        self._terms = terms
        self._clock = clock
        self._timezone = timezone
        self._digest_hour = digest_hour
        self._words = RequestWords(database)

    # --- lists -------------------------------------------------------------------------------

    async def run_list(
        self,
        command: str,
        words: str,
        author_id: int,
        reader: Actor,
        page: int,
        *,
        which: OpenFilter | None = None,
    ) -> ReportPage:
        """A page of ``find``, ``my``, ``overdue``, ``new`` or ``open``; the audit names its reader.

        ``which``: of the open ones, None: words that name nothing.

        ``author_id`` is the Telegram user who sent the command: ``my`` lists the requests assigned
        to that user, whoever turns the pages. Raises ListUnknown.
        """
        match command:
            case "find" if words.strip():
                found = await self.find(words, page)
            case "my":
                found = await self.list_assigned(author_id, page)
            case "overdue":
                found = await self.list_overdue(page)
            case "new":
                found = await self.list_new(page)
            case "open" if which is not None:
                found = await self.list_open(which, page)
            case _:
                raise ListUnknown(command)
        await self.record_views(reader, command, [line.id for line in found.lines])
        return found

    async def open_card(self, request_id: int, reader: Actor) -> tuple[int, int] | None:
        """Chat and message of a request's card; the audit names its ``reader``."""
        card = await self.find_card(request_id)
        if card is not None:
            await self.record_views(reader, "show", [request_id])
        return card

    async def find(self, words: str, page: int) -> ReportPage:
        """By number, email, phone or meter, whichever ``words`` look like.

        Else by words of names, addresses and texts.
        """
        words = words.strip().lstrip("№").strip()
        # What was registered just now is found too.
        await self._words.index_changed()
        async with self._database.read() as tx:
            lines, accounts = await self._search(tx, words, page * PAGE)
            readings = (
                await tx.readings.list_last_of_meters(*accounts, limit=_METERS)
                if len(accounts) == 1 and page == 0
                else ()
            )
            photos = await tx.files.list_for_readings([one.reading.id for one in readings])
            cards = await tx.bot_messages.list_card_places([one.id for one in lines])
        found = _take_page(lines, page)
        return replace(
            found,
            readings=readings,
            account_ids=found.account_ids | accounts,
            has_photos=bool(photos),
            cards=cards,
        )

    async def list_photos(self, account_id: int, reader: Actor) -> list[StoredFile]:
        """The photos of the last readings of a consumer; the audit names their ``reader``."""
        async with self._database.begin() as tx:
            readings = await tx.readings.list_last_of_meters(account_id, limit=_METERS)
            photos = await tx.files.list_for_readings([one.reading.id for one in readings])
            if photos:
                await tx.audit.add(reader, "photos", self._clock.now(), account_id=account_id)
        return photos

    async def _search(self, tx: Tx, words: str, skip: int) -> tuple[list[ReportLine], set[int]]:
        """Requests from ``skip`` on, and whose they or the things found are."""
        take = PAGE + 1
        if (number := self._parse_number(words)) and (
            found := await tx.request_reports.find_by_number(number)
        ):
            return found[skip : skip + take], {one.account_id for one in found}
        accounts: list[int] = []
        if "@" in words:
            accounts = await tx.request_reports.find_accounts(email=words.lower())
        elif phone := _parse_phone(words):
            accounts = await tx.request_reports.find_accounts(phone=phone)
        if accounts:
            found = await tx.request_reports.list_for_accounts(accounts, skip=skip, take=take)
            return found, set(accounts)
        meter = re.sub(r"[\s№]", "", words).upper()
        accounts = await tx.request_reports.find_meter_owners(meter)
        if found := await tx.request_reports.find_by_meter(meter, skip=skip, take=take):
            return found, {*accounts, *(one.account_id for one in found)}
        if accounts:
            found = await tx.request_reports.list_for_accounts(accounts, skip=skip, take=take)
            return found, set(accounts)
        ids = await find_requests(tx, words, skip=skip, take=take)
        return await tx.request_reports.list_newest(ids), set()

    async def list_assigned(self, staff_id: int, page: int) -> ReportPage:
        async with self._database.read() as tx:
            lines = await tx.request_reports.list_assigned(
                staff_id, skip=page * PAGE, take=PAGE + 1
            )
        return _take_page(lines, page)

    async def list_new(self, page: int) -> ReportPage:
        async with self._database.read() as tx:
            lines = await tx.request_reports.list_new(skip=page * PAGE, take=PAGE + 1)
        return _take_page(lines, page)

    async def list_open(self, which: OpenFilter, page: int) -> ReportPage:
        async with self._database.read() as tx:
            lines = await tx.request_reports.list_open(which, skip=page * PAGE, take=PAGE + 1)
        return _take_page(lines, page)

    async def count_queue(self, staff_chat_id: int | None) -> QueueCounts:
        """The live counts of one staff group, None: the main one."""
        return (await self._count_queues()).get(staff_chat_id, QueueCounts())

    async def put_boards(self) -> None:
        """Stores a notice for each staff group whose counts changed since the last one.

        Called every some seconds: that is how often a board is edited at most.
        """
        now = self._clock.now()
        counted = await self._count_queues()
        async with self._database.begin() as tx:
            groups = {None, *counted, *(await self._list_board_groups(tx))}
            for group in groups:
                counts = str(counted.get(group, QueueCounts(staff_chat_id=group)))
                key = f"{_BOARD}{group or ''}"
                shown = await tx.values.get(key)
                if shown != counts and (shown is not None or group in counted):
                    await tx.values.set(key, counts)
                    await recipients.announce_queue(tx, group, now)

    async def _list_board_groups(self, tx: Tx) -> list[int | None]:
        keys = await tx.values.list_keys(_BOARD)
        return [int(one.removeprefix(_BOARD)) if one != _BOARD else None for one in keys]

    async def _count_queues(self) -> dict[int | None, QueueCounts]:
        async with self._database.read() as tx:
            counts = await tx.request_reports.count_queue(self.get_today(), self._clock.now())
        return {one.staff_chat_id: one for one in counts}

    async def list_overdue(self, page: int) -> ReportPage:
        today = self.get_today()
        async with self._database.read() as tx:
            lines = await tx.request_reports.list_overdue(
                today, self._clock.now(), skip=page * PAGE, take=PAGE + 1
            )
        return _take_page(lines, page)

    async def list_members(self) -> list[StaffUser]:
        async with self._database.read() as tx:
            return await tx.staff_members.list_present()

    async def find_card(self, request_id: int) -> tuple[int, int] | None:
        """Chat and message of a request's card."""
        async with self._database.read() as tx:
            return await tx.bot_messages.find_card_place(request_id)

    async def compute_stats(self, days: int = STATS_DAYS) -> Stats:
        """``days``: the period of what was closed."""
        since = self._clock.now() - timedelta(days=days)
        async with self._database.read() as tx:
            closed = await tx.request_reports.list_closed_since(since, _STATS_MOST)
            return await self._compute_stats(tx, closed, days)

    async def compute_period_stats(self, days: int) -> PeriodStats:
        """Figures of the last ``days``: of all, by type, and by member, who closed most first."""
        since = self._clock.now() - timedelta(days=days)
        async with self._database.read() as tx:
            closed = await tx.request_reports.list_closed_since(since, _STATS_MOST)
            everything = await self._compute_stats(tx, closed, days)
            taken_by = await tx.request_reports.count_taken(since)
            open_now = await tx.request_reports.count_open_by_assignee()
            closed_by = {one.assignee_id for one in closed if one.assignee_id is not None}
            ids = {*open_now, *(user_id for user_id, _ in taken_by), *closed_by}
            found = await tx.staff_members.find_many(ids)
        by_type, by_member = defaultdict(list), defaultdict(list)
        for one in closed:
            by_type[one.type_code].append(one)
            by_member[one.assignee_id].append(one)
        taken_types, taken = Counter[str](), Counter[int]()
        for (user_id, code), count in taken_by.items():
            taken_types[code] += count
            taken[user_id] += count
        members = [
            MemberStats(
                member=member,
                open=open_now.get(member.id, 0),
                figures=self._compute_group(taken[member.id], by_member[member.id]),
            )
            for member in found
        ]
        return PeriodStats(
            everything=everything,
            types={
                code: self._compute_group(taken_types[code], by_type[code])
                for code in sorted({*by_type, *taken_types})
            },
            members=sorted(
                members, key=lambda one: (-one.figures.closed, -one.open, one.member.name)
            ),
        )

    def _compute_group(self, taken: int, done: Sequence[ClosedRequest]) -> GroupStats:
        return GroupStats(
            taken=taken,
            closed=len(done),
            hours=_compute_hours(done),
            late=self._count_late(done),
            rating=_compute_rating(done),
        )

    async def _compute_stats(self, tx: Tx, closed: Sequence[ClosedRequest], days: int) -> Stats:
        now = self._clock.now()
        moments = [now - timedelta(days=age) for age in AGES]
        by_type = await tx.request_reports.count_open_by_type(moments)
        overdue = await tx.request_reports.count_overdue(self.get_today(), now)
        return Stats(
            open={
                code: (first, second - first, total - second)
                for code, (first, second, total) in by_type.items()
            },
            overdue=overdue,
            closed=len(closed),
            hours=_compute_hours(closed),
            days=days,
            late_share=self._count_late(closed) / len(closed) if closed else None,
        )

    def _count_late(self, closed: Sequence[ClosedRequest]) -> int:
        """How many were answered after their day."""
        return sum(one.closed_at >= _find_end(one.review_due, self._timezone) for one in closed)

    async def list_registered(self, first: date, last: date) -> AsyncIterator[ReportLine]:
        """Requests registered on these days, both included; read in batches."""
        since, until = self._get_midnight(first), self._get_midnight(last + timedelta(days=1))
        after = None
        while True:
            begun = perf_counter()
            async with self._database.read() as tx:
                batch = await tx.request_reports.list_registered(since, until, after, _BATCH)
            if not batch:
                return
            for line in batch:
                yield line
            after = (batch[-1].registered_at, batch[-1].id)
            # People go first: it rests as long as it worked, or waited for others who do.
            await asyncio.sleep(perf_counter() - begun)

    async def record_views(self, staff: Actor, action: str, request_ids: Collection[int]) -> None:
        """Writes down whose data were shown to whom: ``find``, ``my``, ``overdue``, ``show``."""
        if not request_ids:
            return
        async with self._database.begin() as tx:
            await tx.audit.add_views(staff, action, self._clock.now(), request_ids)

    async def order_export(
        self,
        what: str,
        first: date,
        last: date,
        chat_id: int,
        message_id: int,
        staff: Actor,
    ) -> None:
        """Sends a file to the staff chat: ``requests`` or ``readings`` of these days."""
        now = self._clock.now()
        async with self._database.begin() as tx:
            await tx.audit.add(staff, f"export_{what}", now)
            export = StaffExport(
                what=what, first=first, last=last, chat_id=chat_id, message_id=message_id
            )
            await recipients.send_export(tx, export, now)

    # --- reminders ---------------------------------------------------------------------------

    async def put_reminders(self) -> None:
        """Stores the notices that are due now: reminders of deadlines, and once a day a digest.

        A restart neither repeats nor skips one: the database remembers them.
        """
        now = self._clock.now()
        local = now.astimezone(self._timezone)
        is_quiet = quiet_hours.FOR_STAFF.is_quiet(now, self._timezone)
        # An emergency is not put off until the morning.
        while await self._remind(now, emergencies_only=is_quiet):
            pass
        if is_quiet:
            return
        if local.hour < self._digest_hour:
            return
        today = local.date()
        async with self._database.read() as tx:
            if await tx.values.get(_DIGEST) == today.isoformat():
                return
        async with self._database.begin() as tx:
            await tx.values.set(_DIGEST, today.isoformat())
            await recipients.send_digest(tx, today, now)

    async def take_due_reminders(self, ids: Sequence[int]) -> list[ReportLine]:
        """Those of the requests that still wait for an answer."""
        async with self._database.read() as tx:
            lines = await tx.request_reports.get_many(ids)
        return [line for line in lines if line.status in RUNNING]

    def get_today(self) -> date:
        return self._terms.get_today(self._clock.now())

    async def _remind(self, now: datetime, *, emergencies_only: bool) -> bool:
        """One batch; whether there may be more."""
        due: defaultdict[int | None, list[int]] = defaultdict(list)
        async with self._database.begin() as tx:
            ids = await tx.request_reports.lock_due_reminders(
                now, _REMINDED_AT_ONCE, emergencies_only=emergencies_only
            )
            for line in await tx.request_reports.get_many(ids):
                running = line.status in RUNNING
                following = (
                    self._terms.compute_reminder(line.review_due, now, line.due_at)
                    if running
                    else None
                )
                await tx.requests.change(line.id, remind_at=following)
                if running and self._terms.is_soon(line.review_due, now, line.due_at):
                    due[line.staff_chat_id].append(line.id)
            for staff_chat_id, request_ids in due.items():
                await recipients.remind_of_deadlines(tx, request_ids, staff_chat_id, now)
        return len(ids) == _REMINDED_AT_ONCE

    def _parse_number(self, words: str) -> str | None:
        if match := re.fullmatch(r"(?:(\d{4})-)?(\d{1,6})", words):
            return f"{match[1] or self.get_today().year}-{int(match[2]):06d}"
        return None

    def _get_midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._timezone)


@lru_cache(maxsize=1_000)
def _find_end(day: date, timezone: ZoneInfo) -> datetime:
    """Kept, as the days of thousands of requests are few."""
    return datetime.combine(day + timedelta(days=1), time(), timezone).astimezone(UTC)


def _compute_hours(closed: Sequence[ClosedRequest]) -> float | None:
    """The median time to an answer."""
    if not closed:
        return None
    return median([one.hours for one in closed])


def _compute_rating(closed: Sequence[ClosedRequest]) -> float | None:
    ratings = [one.rating for one in closed if one.rating is not None]
    return sum(ratings) / len(ratings) if ratings else None


def _parse_phone(words: str) -> str | None:
    try:
        number = phonenumbers.parse(words, "RU")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _take_page(lines: list[ReportLine], number: int) -> ReportPage:
    shown = tuple(lines[:PAGE])
    account_ids = frozenset(line.account_id for line in shown)
    return ReportPage(shown, number, len(lines) > PAGE, account_ids=account_ids)
