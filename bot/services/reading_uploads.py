"""Uploads of readings: an XLSX file of many meters, validated row by row as typed answers are."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from bot.db.database import Database
from bot.domain import (
    Account,
    MeterKind,
    ReadingMark,
    ReadingSource,
    get_default_object,
    list_zones,
)
from bot.fsm import field_types
from bot.fsm.builtin_forms import get_builtin_forms
from bot.fsm.field_types import AnswerContext
from bot.fsm.model import Field, Rejected
from bot.integrations.errors import LimitExceeded, WorkerCallFailed, WorkerDied
from bot.integrations.spreadsheet_reading import TableCell, TableRow, read_table
from bot.integrations.worker_process import WorkerProcess
from bot.services.account_limits import UNLIMITED, AccountLimits
from bot.services.clock import Clock
from bot.services.fair_queue import FairQueue
from bot.services.readings import Readings, compute_used_by_zone

log = logging.getLogger(__name__)

#: More come in several files: the draft holds the rows, and each is a transaction of its own.
MAX_ROWS = 300
MAX_FILE_BYTES = 5 * 1024**2
#: A file adds no meters beyond so many of an account.
MAX_METERS = 1_000

METER, RATIO = "meter", "ratio"
#: Excel keeps no more digits of a number.
_EXACT_DIGITS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedRow:
    """A row with the right values; ``line`` is its number in the file."""

    line: int
    meter: str
    kind: MeterKind
    values: tuple[Decimal, ...]
    ratio: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """What is wrong with a row; ``column`` is the key of one, empty: the whole row is meant."""

    line: int
    meter: str
    column: str
    rejected: Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingUpload:
    """A file as it was read, apart from what is known about its meters."""

    file: str
    rows: tuple[UploadedRow, ...]
    errors: tuple[RowError, ...]

    def to_json(self) -> str:
        """The answer that a draft keeps."""
        rows = [
            [one.line, one.meter, one.kind, [str(value) for value in one.values], one.ratio]
            for one in self.rows
        ]
        errors = [
            [one.line, one.meter, one.column, one.rejected.code, one.rejected.details]
            for one in self.errors
        ]
        content = {"file": self.file, "rows": rows, "errors": errors}
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        content = json.loads(text)
        return cls(
            file=content["file"],
            rows=tuple(
                UploadedRow(
                    line=line,
                    meter=meter,
                    kind=MeterKind(kind),
                    values=tuple(map(Decimal, values)),
                    ratio=ratio,
                )
                for line, meter, kind, values, ratio in content["rows"]
            ),
            errors=tuple(
                RowError(line=line, meter=meter, column=column, rejected=Rejected(code, **details))
                for line, meter, column, code, details in content["errors"]
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadCheck:
    """An upload beside the account's meters: what would be stored now, and what would not.

    ``new`` are numbers of meters that the account does not have yet; ``replaced`` and ``late``
    count right rows.
    """

    right: int
    new: tuple[str, ...]
    replaced: int
    late: int
    errors: tuple[RowError, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadReceipt:
    """``stored`` counts readings; ``errors`` are empty when the receipt is shown again."""

    stored: int
    errors: tuple[RowError, ...] = ()


class ReadingUploads:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        readings: Readings,
        inspection_worker: WorkerProcess,
        limits: AccountLimits = UNLIMITED,
    ) -> None:
        self._database = database
        self._clock = clock
        self._limits = limits
        self._readings = readings
        self._inspection_worker = inspection_worker
        self._queue = FairQueue()

    async def read(
        self, name: str, data: bytes, labels: Mapping[str, str], account_id: int
    ) -> ReadingUpload:
        """Reads a file, one of an account at a time.

        ``labels`` are keys of columns: METER, RATIO and zones, by their labels. Raises Rejected
        when the whole file is wrong.
        """
        try:
            async with self._queue.lock(account_id):
                code, rows = await self._inspection_worker.run(
                    read_table, data, dict(labels), METER, MAX_ROWS
                )
        except LimitExceeded:
            code, rows = "table-too-large", []
        except (WorkerDied, WorkerCallFailed):
            log.exception("a table cannot be read")
            code, rows = "table-damaged", []
        if code:
            raise Rejected(code, limit=MAX_ROWS)
        return self._parse(name, rows)

    async def check(self, account: Account, upload: ReadingUpload) -> UploadCheck:
        """Validates each row against the earlier readings of its meter; stores nothing."""
        known = await self._readings.find_all_earlier(account.id)
        right, new, errors = 0, list[str](), list(upload.errors)
        replaced = late = 0
        for row in upload.rows:
            earlier = known.get(row.meter)
            try:
                if earlier is None:
                    _check_room(len(known) + len(new))
                compute_used_by_zone(
                    earlier.with_ratio(row.ratio) if earlier else None,
                    row.kind,
                    row.values,
                    _confirm_nothing(row),
                    self._readings.rules.jump,
                )
            except Rejected as rejected:
                errors.append(_build_error(row, rejected))
                continue
            right += 1
            if earlier is None:
                new.append(row.meter)
            replaced += earlier is not None and earlier.same_day is not None
            late += self._readings.is_late(
                earlier.meter.object if earlier else get_default_object(account.category),
                earlier.last if earlier else None,
            )
        return UploadCheck(
            right=right, new=tuple(new), replaced=replaced, late=late, errors=_sort(errors)
        )

    async def submit(self, account: Account, draft_id: str, upload: ReadingUpload) -> UploadReceipt:
        """Stores the readings of all right rows; safe to repeat with the same draft.

        Each row is a transaction of its own, so that a long file keeps nobody waiting. Raises
        RateLimitExceeded before the first of them.
        """
        drafts = _list_drafts(draft_id)
        async with self._database.read() as tx:
            left = len(upload.rows) - await tx.readings.count_by_drafts(account.id, drafts)
            await self._limits.check_uploaded_readings(tx, account.id, left, self._clock.now())
        known = set(await self._readings.find_all_earlier(account.id))
        stored, errors = 0, list(upload.errors)
        for draft, row in zip(drafts, upload.rows, strict=False):
            try:
                if row.meter not in known:
                    _check_room(len(known))
                await self._readings.submit(
                    draft_id=draft,
                    account=account,
                    number=row.meter,
                    kind=row.kind,
                    values=row.values,
                    confirmed=_confirm_nothing(row),
                    ratio=row.ratio,
                    source=ReadingSource.FILE,
                )
            except Rejected as rejected:
                errors.append(_build_error(row, rejected))
            else:
                known.add(row.meter)
                stored += 1
        return UploadReceipt(stored=stored, errors=_sort(errors))

    async def find_submitted(self, account_id: int, draft_id: str) -> UploadReceipt | None:
        """The receipt of a draft of this account; None when it was not submitted."""
        async with self._database.read() as tx:
            stored = await tx.readings.count_by_drafts(account_id, _list_drafts(draft_id))
        return UploadReceipt(stored=stored) if stored else None

    def _parse(self, name: str, rows: Sequence[TableRow]) -> ReadingUpload:
        context = AnswerContext(
            today=self._readings.get_today(),
            profile={},
            working_day_after=lambda day, _: day,
            answers={},
        )
        parsed, errors = [], []
        for line, cells in rows:
            if not any(zone in cells for zone in list_zones()):
                # A meter of the template without a reading, or a title.
                continue
            answers: dict[str, str] = {}
            column = METER
            try:
                for column in (METER, *list_zones(), RATIO):
                    if column == METER or column in cells:
                        answers[column] = _read_cell(cells.get(column), column, context)
                column = ""
                parsed.append(_build_row(line, answers))
            except Rejected as rejected:
                error = RowError(
                    line=line, meter=answers.get(METER, ""), column=column, rejected=rejected
                )
                errors.append(error)
        lines: dict[str, list[int]] = {}
        for row in parsed:
            lines.setdefault(row.meter, []).append(row.line)
        errors += [
            _build_error(row, Rejected("table-twice", lines=", ".join(map(str, lines[row.meter]))))
            for row in parsed
            if len(lines[row.meter]) > 1
        ]
        return ReadingUpload(
            file=name,
            rows=tuple(row for row in parsed if len(lines[row.meter]) == 1),
            errors=tuple(errors),
        )


def check_size(size: int) -> None:
    """Raises Rejected; ``size`` in bytes."""
    if size > MAX_FILE_BYTES:
        raise Rejected("table-too-large")


def _read_cell(cell: TableCell | None, column: str, context: AnswerContext) -> str:
    """The canonical answer; raises Rejected."""
    if cell is None:
        raise Rejected("table-blank")
    kind, text = cell
    if kind not in {"text", "number"}:
        raise Rejected(kind)
    if kind == "number" and column == METER and len(text) > _EXACT_DIGITS:
        raise Rejected("table-digits")
    return field_types.read(text, _get_field(column), context)


def _get_field(column: str) -> Field:
    """The question whose answers a column holds."""
    if column == METER:
        return get_builtin_forms()["reading"].get_field("meter")
    if column == RATIO:
        return get_builtin_forms()["ratio"].get_field("ratio")
    return Field(key=column, kind="reading")


def _build_row(line: int, answers: Mapping[str, str]) -> UploadedRow:
    """Raises Rejected when no kind of meters has just these zones."""
    zones = {zone for zone in list_zones() if zone in answers}
    kind = next((one for one in MeterKind if set(one.zones) == zones), None)
    if kind is None:
        raise Rejected("table-zones")
    return UploadedRow(
        line=line,
        meter=answers[METER],
        kind=kind,
        values=tuple(Decimal(answers[zone]) for zone in kind.zones),
        ratio=int(answers[RATIO]) if RATIO in answers else None,
    )


def _check_room(meters: int) -> None:
    if meters >= MAX_METERS:
        raise Rejected("table-meters", limit=MAX_METERS)


def _confirm_nothing(row: UploadedRow) -> tuple[frozenset[ReadingMark], ...]:
    """A doubtful value is entered by hand, where it can be confirmed."""
    return (frozenset(),) * len(row.values)


def _build_error(row: UploadedRow, rejected: Rejected) -> RowError:
    return RowError(line=row.line, meter=row.meter, column="", rejected=rejected)


def _sort(errors: Sequence[RowError]) -> tuple[RowError, ...]:
    return tuple(sorted(errors, key=lambda one: one.line))


def _list_drafts(draft_id: str) -> list[str]:
    """The ids under which the rows of an upload are stored, in their order."""
    return [f"{draft_id}:{at}" for at in range(MAX_ROWS)]
