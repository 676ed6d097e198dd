"""Documents about readings as data for the typesetter: a meter's history, an act of transfer.

An act is in the language of the company, which is the first one, a history in the person's.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from bot.domain import Account, Category, Meter, MeterKind, ObjectKind, Reading, ReadingSource
from bot.formatting.company import Company
from bot.formatting.documents import build_frame
from bot.formatting.readings import (
    format_marks,
    format_meter,
    format_month,
    format_number,
    format_period,
    format_zone,
)
from bot.fsm.field_types import format_phone
from bot.integrations.typesetting import Document
from bot.services.readings import TransferredReading
from bot.texts import Texts

#: Columns that hold words.
_WORDS = frozenset({"date", "meter", "zone", "marks"})


def build_history(
    meter: Meter,
    account: Account,
    readings: Iterable[Reading],
    first: date,
    last: date,
    company: Company,
    texts: Texts,
) -> Document:
    """The readings of a meter in a period, oldest first."""
    lines = [
        [
            "" if at else f"{one.day:%d.%m.%Y}",
            format_zone(one.kind, zone, texts),
            format_number(value, texts),
            _format_used(one, zone, texts),
            "" if at else ", ".join(format_marks(one, texts)),
        ]
        for one in readings
        for at, (zone, value) in enumerate(one.values_by_zone.items())
    ]
    facts = {
        "consumer": account.name,
        "meter": format_meter(meter, texts),
        "ratio": str(meter.ratio),
        "period": format_period(first, last, texts),
    }
    columns = ("date", "zone", "value", "used", "marks")
    title = texts("document-history", meter=meter.number)
    return _build_document(title, facts, columns, lines, (), company, texts)


def build_act(
    transferred: Sequence[TransferredReading],
    month: date,
    account: Account,
    day: date,
    company: Company,
    texts: Texts,
) -> Document:
    """The readings that count for a month, to be signed by both sides on ``day``."""
    lines = [
        [
            "" if at else format_meter(one.meter, texts),
            format_zone(one.reading.kind, zone, texts),
            _format_before(one, zone, texts),
            f"{format_number(value, texts)}\n{one.reading.day:%d.%m.%Y}",
            str(one.reading.ratio),
            _format_used(one.reading, zone, texts),
        ]
        for one in transferred
        for at, (zone, value) in enumerate(one.reading.values_by_zone.items())
    ]
    total = sum((used for one in transferred for used in one.reading.used or ()), Decimal(0))
    facts = {
        "consumer": account.name,
        "contacts": f"{format_phone(account.phone, texts.locale)}, {account.email}",
        "month": format_month(month, texts),
        "total": f"{format_number(total, texts)} {texts('kwh')}",
    }
    # An organisation is represented by somebody whose name the account does not hold.
    name = account.name if account.category is Category.INDIVIDUAL else ""
    parties = (
        {"label": texts("document-readings-consumer"), "name": name, "date": f"{day:%d.%m.%Y}"},
        {"label": texts("document-readings-company"), "name": "", "date": ""},
    )
    columns = ("meter", "zone", "before", "value", "factor", "used")
    title = texts("document-act", month=format_month(month, texts))
    return _build_document(title, facts, columns, lines, parties, company, texts)


def build_sample(company: Company, texts: Texts) -> Document:
    """An act with an example, to check the template by."""
    account = Account(
        id=0,
        category=Category.INDIVIDUAL,
        name=texts("form-registration-full_name-example"),
        email=texts("form-registration-email-example"),
        phone="+79123456789",
        locale=texts.locale,
        password_is_temporary=False,
        created_at=datetime(2026, 1, 12, 9, tzinfo=UTC),
    )
    reading = Reading(
        id=0,
        meter_id=0,
        day=date(2026, 1, 12),
        submitted_at=datetime(2026, 1, 12, 9, tzinfo=UTC),
        kind=MeterKind.DOUBLE,
        values=(Decimal(120), Decimal(80)),
        used=None,
        source=ReadingSource.BOT,
        marks=frozenset(),
    )
    meter = Meter(
        id=0,
        account_id=0,
        number=texts("form-reading-meter-example"),
        kind=MeterKind.DOUBLE,
        place="",
        digits=None,
        object=ObjectKind.OTHER,
    )
    transferred = TransferredReading(meter=meter, reading=reading, before=None)
    return build_act([transferred], reading.day, account, reading.day, company, texts)


def _format_used(reading: Reading, zone: str, texts: Texts) -> str:
    used = reading.used_by_zone.get(zone)
    return "" if used is None else format_number(used, texts)


def _format_before(transferred: TransferredReading, zone: str, texts: Texts) -> str:
    before = transferred.before
    if before is None or zone not in before.values_by_zone:
        return ""
    return f"{format_number(before.values_by_zone[zone], texts)}\n{before.day:%d.%m.%Y}"


def _build_document(
    title: str,
    facts: dict[str, str],
    columns: Iterable[str],
    lines: list[list[str]],
    parties: Iterable[dict[str, str]],
    company: Company,
    texts: Texts,
) -> Document:
    return Document(
        template="readings",
        file_name=f"{title}.pdf",
        content={
            **build_frame(title, company, texts),
            "footer": title,
            "facts": [
                {"label": texts(f"document-readings-{key}"), "value": value}
                for key, value in facts.items()
            ],
            "table_title": texts("button-readings"),
            "columns": [
                {"label": texts(f"document-readings-{key}"), "number": key not in _WORDS}
                for key in columns
            ],
            "lines": lines,
            "parties": list(parties),
        },
    )
