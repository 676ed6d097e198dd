"""History and act of readings as PDF: read back as a reader of screens reads them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain import Account, Category, Meter, MeterKind, ObjectKind, Reading, ReadingSource
from bot.formatting.reading_documents import build_act, build_history
from bot.integrations.typesetting import Document, load_templates, render_pdf
from bot.services.readings import TransferredReading
from bot.texts import Translations
from tests.support.company import COMPANY
from tests.support.pdf_text import read_pages, read_text, squeeze

TEMPLATES = load_templates()
RU, EN = (Translations.load().get_texts(locale) for locale in ("ru", "en"))
MONTH = date(2026, 11, 1)


def make_account(category: Category, name: str) -> Account:
    return Account(
        id=1,
        category=category,
        name=name,
        email="office@example.ru",
        phone="+79123456789",
        locale="ru",
        password_is_temporary=False,
        created_at=datetime(2026, 1, 12, tzinfo=UTC),
    )


def make_meter(number: str = "0812-094521", place: str = "") -> Meter:
    return Meter(
        id=1,
        account_id=1,
        number=number,
        kind=MeterKind.DOUBLE,
        place=place,
        digits=None,
        object=ObjectKind.OTHER,
        ratio=60,
    )


def make_reading(day: date, *values: str, used: tuple[str, ...] | None = None) -> Reading:
    return Reading(
        id=1,
        meter_id=1,
        day=day,
        submitted_at=datetime(2026, 11, 24, tzinfo=UTC),
        kind=list(MeterKind)[len(values) - 1],
        values=tuple(map(Decimal, values)),
        used=tuple(map(Decimal, used)) if used else None,
        source=ReadingSource.FILE,
        marks=frozenset(),
        ratio=60,
    )


def render(document: Document) -> bytes:
    return render_pdf(TEMPLATES, document.template, document.content)


@pytest.mark.parametrize("category", list(Category))
def test_an_act_has_both_readings_ratio_use_and_places_to_sign(category: Category) -> None:
    before = make_reading(date(2026, 10, 31), "100", "50")
    reading = make_reading(date(2026, 12, 1), "130.5", "60", used=("1830", "600"))
    transferred = TransferredReading(meter=make_meter(), reading=reading, before=before)
    account = make_account(category, "ООО «Ромашка» #emph[x] $1$ " + "я" * 300)
    document = build_act([transferred], MONTH, account, date(2026, 12, 2), COMPANY, RU)
    text = squeeze(read_text(render(document)))
    for words in (
        *("Актпередачипоказанийзаноябрь2026", "ООО«Ромашка»#emph[x]$1$", "я" * 300),
        *("№0812-094521", "T1,день", "T2,ночь", "10031.10.2026", "130,501.12.2026"),
        *("601830", "Общийрасход2430кВт·ч", "Потребитель", "Сетеваяорганизация", "02.12.2026"),
    ):
        assert words in text
    assert text.count("подпись") == 2
    assert document.file_name == "Акт передачи показаний за ноябрь 2026.pdf"


def test_an_act_of_many_meters_repeats_its_titles_on_each_page() -> None:
    account = make_account(Category.LEGAL, "ООО «Ромашка»")
    transferred = [
        TransferredReading(
            meter=make_meter(f"A-{number:04}", "Подвал 🏠"),
            reading=make_reading(date(2026, 12, 1), "5"),
            before=None,
        )
        for number in range(1_000)
    ]
    document = build_act(transferred, MONTH, account, date(2026, 12, 2), COMPANY, RU)
    pages = read_pages(render(document))
    assert "A-0999" in pages[-1] or "A-0999" in pages[-2]
    assert all("Прежнее" in page for page in pages[1:-1])
    assert "подпись" in pages[-1]


def test_a_history_is_in_the_language_of_the_person() -> None:
    readings = [
        make_reading(date(2026, 1, 1) + timedelta(days=day), str(day), used=("1.5",))
        for day in range(3)
    ]
    account = make_account(Category.INDIVIDUAL, "Иванова Анна Петровна")
    document = build_history(
        make_meter(), account, readings, date.min, date(2026, 12, 1), COMPANY, EN
    )
    text = read_text(render(document))
    assert "Readings of meter 0812-094521" in text
    assert "02.01.2026" in text
    assert "signature" not in text
