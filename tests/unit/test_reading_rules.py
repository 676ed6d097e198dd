"""What a new reading is compared with, and what comes of it; and how tables look."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import (
    Account,
    Category,
    Layout,
    Meter,
    MeterKind,
    ObjectKind,
    Page,
    Reading,
    ReadingMark,
    ReadingPreferences,
    ReadingSource,
)
from bot.formatting.askue import AskueLayout
from bot.formatting.askue import build_table as build_askue_table
from bot.formatting.readings import build_table
from bot.formatting.values import strip_markup
from bot.fsm.builtin_forms import get_builtin_forms
from bot.fsm.field_types import read
from bot.fsm.model import NeedsConfirmation, Rejected
from bot.integrations.askue import AskueTerms, MeterState
from bot.integrations.charts import draw_bars
from bot.request_types import load
from bot.services.reading_windows import DEFAULT_WINDOWS
from bot.services.readings import (
    AwaitedReadings,
    EarlierReadings,
    compute_used,
    compute_used_by_zone,
)
from bot.texts import Translations
from bot.views import askue, readings
from bot.views.view import CAPTION_LENGTH, View, count_units
from sandbox.bot_api.rich import check_rich
from tests.support.answer_context import ANSWER_CONTEXT
from tests.support.company import COMPANY

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
JUMP = Decimal(5)
LIBRARY = Translations.load()
WINDOW = DEFAULT_WINDOWS[ObjectKind.OTHER]
ANNA = Account(
    id=1,
    category=Category.LEGAL,
    name="ООО «Ромашка»",
    email="anna@example.ru",
    phone="+79123456789",
    locale="ru",
    password_is_temporary=False,
    created_at=NOW,
)

WHOLE = st.decimals(0, 10**8 - 1, places=3, allow_nan=False)


def build_meter(
    kind: MeterKind = MeterKind.SINGLE, digits: int | None = None, ratio: int = 1
) -> Meter:
    return Meter(
        id=1,
        account_id=1,
        number="7777",
        kind=kind,
        place="<дача>",
        digits=digits,
        object=ObjectKind.DWELLING,
        ratio=ratio,
    )


def build_reading(
    day: date,
    *values: Decimal,
    used: tuple[Decimal, ...] | None = None,
    marks: frozenset[ReadingMark] = frozenset(),
) -> Reading:
    return Reading(
        id=1,
        meter_id=1,
        day=day,
        submitted_at=NOW,
        kind=list(MeterKind)[len(values) - 1],
        values=values,
        used=used,
        source=ReadingSource.BOT,
        marks=marks,
    )


def build_earlier(*before: Reading, digits: int | None = None, ratio: int = 1) -> EarlierReadings:
    meter = build_meter(digits=digits, ratio=ratio)
    return EarlierReadings(day=TODAY, meter=meter, before=before, same_day=None)


@settings(deadline=None)
@given(
    previous=WHOLE,
    value=WHOLE,
    way=st.sampled_from(
        [None, *[ReadingMark.REPLACED, ReadingMark.ROLLOVER, ReadingMark.CONFIRMED]]
    ),
)
def test_use_is_never_negative_and_never_wrong(
    previous: Decimal, value: Decimal, way: ReadingMark | None
) -> None:
    known = build_earlier(build_reading(TODAY - timedelta(days=30), previous))
    confirmed = frozenset({way} if way else ())
    if value < previous and way not in {ReadingMark.REPLACED, ReadingMark.ROLLOVER}:
        with pytest.raises(NeedsConfirmation, match="reading-lower"):
            compute_used(known, MeterKind.SINGLE, 0, value, confirmed, JUMP)
        return
    try:
        difference = compute_used(known, MeterKind.SINGLE, 0, value, confirmed, JUMP)
    except NeedsConfirmation:
        # Only what cannot have passed through zero is refused.
        turn = Decimal(10) ** len(str(int(previous)))
        assert turn < 10_000 or previous < turn * 9 / 10 or value >= turn / 10
        return
    if way is ReadingMark.REPLACED:
        assert difference is None
    elif value >= previous:
        assert difference == value - previous
    else:
        turn = Decimal(10) ** len(str(int(previous)))
        assert way is ReadingMark.ROLLOVER
        assert difference == value + turn - previous
        assert 0 < difference < turn / 5


@settings(deadline=None)
@given(values=st.lists(WHOLE, min_size=2, max_size=2))
def test_a_replacement_covers_all_zones(values: list[Decimal]) -> None:
    known = build_earlier(build_reading(TODAY - timedelta(days=1), Decimal(10**7), Decimal(10**7)))
    confirmed = [frozenset({ReadingMark.REPLACED}), frozenset[ReadingMark]()]
    assert compute_used_by_zone(known, MeterKind.DOUBLE, values, confirmed, JUMP) is None


@settings(deadline=None)
@given(previous=WHOLE, value=WHOLE, ratio=st.integers(1, 999_999))
def test_use_is_multiplied_by_the_ratio_and_the_register_is_not(
    previous: Decimal, value: Decimal, ratio: int
) -> None:
    previous, value = sorted((previous, value))
    known = build_earlier(build_reading(TODAY - timedelta(days=30), previous), ratio=ratio)
    used = compute_used(known, MeterKind.SINGLE, 0, value, frozenset(), JUMP)
    assert used == (value - previous) * ratio


def test_a_jump_is_found_in_multiplied_energy() -> None:
    month = timedelta(days=30)
    # 6000 kWh a month through transformers of 60: 100 on the register.
    before = [
        build_reading(TODAY - month * age, Decimal(1000 - 100 * age), used=(Decimal(6000),))
        for age in (1, 2, 3)
    ]
    known = build_earlier(*before, ratio=60)
    assert compute_used(known, MeterKind.SINGLE, 0, Decimal(1400), frozenset(), JUMP) == 30_000
    with pytest.raises(NeedsConfirmation) as asked:
        compute_used(known, MeterKind.SINGLE, 0, Decimal(1401), frozenset(), JUMP)
    assert asked.value.details == {
        "used": Decimal(30_060),
        "days": 30,
        "usual": Decimal(6000),
        "previous": Decimal(900),
    }


def test_a_mistaken_reading_is_left_out_in_all_its_zones() -> None:
    true = build_reading(date(2026, 9, 24), Decimal("12345.6"), Decimal(500))
    mistaken = build_reading(date(2026, 10, 24), Decimal(123456), Decimal(510))
    known = build_earlier(mistaken, true)
    values = [Decimal(12400), Decimal(520)]

    def compute(*confirmed: ReadingMark) -> tuple[Decimal, ...] | None:
        marks = [frozenset(confirmed), frozenset[ReadingMark]()]
        return compute_used_by_zone(known, MeterKind.DOUBLE, values, marks, JUMP)

    with pytest.raises(NeedsConfirmation) as asked:
        compute()
    assert asked.value.reasons == (ReadingMark.REPLACED, ReadingMark.AMENDS)
    assert compute(ReadingMark.AMENDS) == (Decimal("54.4"), Decimal(20))
    assert known.list_contradicted(MeterKind.DOUBLE, dict(enumerate(values))) == [mistaken]


def test_digits_of_the_meter_are_minded() -> None:
    known = build_earlier(build_reading(TODAY - timedelta(days=1), Decimal(5)), digits=5)
    with pytest.raises(Rejected, match="reading-digits"):
        compute_used(known, MeterKind.SINGLE, 0, Decimal(100_000), frozenset(), JUMP)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("00123", "123"),
        ("0", "0"),
        ("000,000", "0"),
        ("12 345,6", "12345.6"),
        ("1 234 567.8", "1234567.8"),
        ("0 0 1 2 3", "123"),
        ("123,400", "123.4"),
        ("  7.125 ", "7.125"),
        ("99999999", "99999999"),
    ],
)
def test_readings_are_read(raw: str, value: str) -> None:
    field = get_builtin_forms()["reading"].get_field("single_t1")
    assert read(raw, field, ANSWER_CONTEXT) == value


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "blank"),
        ("сто", "reading-number"),
        ("NaN", "reading-number"),
        ("1e9", "reading-two-numbers"),
        ("∞", "reading-number"),
        ("١٢٣", "reading-number"),
        ("12,", "reading-number"),
        (",5", "reading-number"),
        ("-5", "reading-negative"),
        ("− 12,5", "reading-negative"),
        ("123 456789", "reading-two-numbers"),
        ("100\n200", "reading-two-numbers"),
        ("12,5 и 13", "reading-two-numbers"),
        ("12'345", "reading-two-numbers"),
        ("1.234.567", "reading-two-numbers"),
        ("123456789", "reading-digits"),
        ("1,2345", "number-decimals"),
    ],
)
def test_wrong_readings_are_told_apart(raw: str, code: str) -> None:
    field = get_builtin_forms()["reading"].get_field("single_t1")
    with pytest.raises(Rejected) as refused:
        read(raw, field, ANSWER_CONTEXT)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("№ 0812 094521", "0812094521"),
        ("№0812-094521", "0812-094521"),
        (" сэт-4тм.03 ", None),
        ("сэт-4тм", "СЭТ-4ТМ"),
        ("123", None),
        ("1" * 20, "1" * 20),
        ("1" * 21, None),
        ("----", None),
        ("счётчик", None),
        ("12–34", "12-34"),
        ("12_34", None),
    ],
)
def test_meter_numbers_are_read(raw: str, number: str | None) -> None:
    field = get_builtin_forms()["reading"].get_field("meter")
    if number is None:
        with pytest.raises(Rejected):
            read(raw, field, ANSWER_CONTEXT)
    else:
        assert read(raw, field, ANSWER_CONTEXT) == number


READINGS = st.lists(
    st.builds(
        build_reading,
        st.dates(date(2000, 1, 1), date(2100, 1, 1)),
        WHOLE,
        WHOLE,
        WHOLE,
        used=st.none() | st.tuples(WHOLE, WHOLE, WHOLE),
        marks=st.frozensets(st.sampled_from(list(ReadingMark))),
    ),
    min_size=1,
    max_size=6,
)


@pytest.mark.parametrize("locale", ["ru", "en"])
@settings(deadline=None)
@given(items=READINGS)
def test_no_line_of_a_table_is_wider_than_a_phone(locale: str, items: list[Reading]) -> None:
    table = readings.render_table(items, LIBRARY.get_texts(locale))
    lines = unescape(re.sub("<[^>]+>", "", table)).splitlines()
    assert max(map(len, lines)) <= 34


@pytest.mark.parametrize(
    ("locale", "line"),
    [("ru", "25.10.26 10\N{NBSP}347,8 +216,7"), ("en", "25.10.26 10,347.8 +216.7")],
)
def test_a_reading_is_one_line(locale: str, line: str) -> None:
    day = date(2026, 10, 25)
    first = build_reading(date(2026, 9, 25), Decimal("10131.1"))
    second = build_reading(day, Decimal("10347.8"), used=(Decimal("216.7"),))
    table = readings.render_table([second, first], LIBRARY.get_texts(locale))
    lines = strip_markup(table).splitlines()
    assert (lines[0], len(lines)) == (line, 2)


def test_the_chart_is_told_in_words() -> None:
    texts = LIBRARY.get_texts("ru")
    months = {
        date(2026, 10, 1): {"t1": Decimal("10347.8"), "t2": Decimal("0.2")},
        date(2026, 11, 1): {"t1": Decimal(0)},
    }
    assert readings.format_chart(months, texts).replace("\N{NBSP}", " ").splitlines() == [
        "Расход за всё это время: 10 348 кВт·ч",
        "ноябрь 2026: 0 кВт·ч",
        "октябрь 2026: 10 348 кВт·ч",
    ]
    many = {date(2000 + at, 1, 1): {"t1": Decimal(10**14)} for at in range(36)}
    assert len(readings.format_chart(many, texts)) <= CAPTION_LENGTH


@pytest.mark.parametrize("locale", ["ru", "en"])
def test_every_screen_of_readings_and_askue_renders(locale: str) -> None:
    texts = LIBRARY.get_texts(locale)
    marked = build_reading(
        TODAY, Decimal(1), Decimal(2), used=(Decimal(1), Decimal(1)), marks=frozenset(ReadingMark)
    )
    page = Page(items=(marked,), number=1, pages=3)
    look = AskueLayout(
        terms=AskueTerms(active_unit="A", reactive_unit="R", stale_after=timedelta(hours=1)),
        company=COMPANY,
    )
    state = MeterState(
        object_name="<" * 201,
        meter_name="&" * 201,
        active_import=Decimal("999999999999.999"),
        active_export=None,
        reactive_import=Decimal(0),
        reactive_export=None,
        received_at=NOW - timedelta(days=2),
        doubtful=True,
    )
    views: list[View] = [
        readings.render_section([], ReadingPreferences(reminders=False), load(), COMPANY, texts),
        readings.render_meters([], 0, texts),
        readings.render_meters([build_meter()] * 99, 3, texts, has_hidden=True),
        readings.render_hidden_meters([build_meter()], 0, texts),
        readings.render_entry([build_meter()] * 99, 99, texts),
        readings.render_meter(replace(build_meter(), hidden=True), ANNA, TODAY, WINDOW, texts),
        *(
            readings.render_history(build_meter(), page, date.min, TODAY, one, texts)
            for one in Layout
        ),
        readings.render_history(build_meter(), Page((), 0, 1), TODAY, TODAY, Layout.RICH, texts),
        readings.render_layouts(texts),
        readings.render_sample(texts),
        readings.render_reminder(
            AwaitedReadings(month=TODAY, window=WINDOW, meters=(build_meter(),) * 99), texts
        ),
        askue.render_not_connected(texts),
        askue.render_waiting(texts),
        askue.render_cancelled(texts),
        askue.render_forgotten(texts),
        *(
            askue.render_failed(code, texts)
            for code in ("refused", "busy", "down", "slow", "strange")
        ),
        askue.render_table([state] * 5, 7, NOW, look, Layout.TEXT, texts),
        askue.render_table([state] * 4, 0, NOW, look, Layout.LINES, texts),
        askue.render_table([state] * 4, 0, NOW, look, Layout.RICH, texts),
    ]
    for view in views:
        assert view.text
        assert count_units(unescape(re.sub("<[^>]+>", "", view.text))) <= 4096
        assert view.keyboard is not None
        if view.rich:
            check_rich({"blocks": [one.model_dump(exclude_none=True) for one in view.rich]})
    table = build_table(MeterKind.TRIPLE, texts)
    assert len({column.label for column in table.columns}) == 9
    assert len(build_askue_table(NOW, look, texts).build_row(state)) == 8


def test_a_chart_is_a_picture() -> None:
    picture = draw_bars(
        "Расход",
        "кВт·ч",
        ["январь 2026"] * 36,
        [("T1", [1.0] * 36), ("T2", [2.0] * 36)],
        ["3"] * 36,
    )
    assert picture.startswith(b"\x89PNG")


@pytest.mark.parametrize("count", [4, 9, 40])
def test_a_chart_draws_every_series(count: int) -> None:
    names = [f"T{number + 1}" for number in range(count)]
    labels = ["01.2026", "02.2026"]

    def draw(last: float) -> bytes:
        values = [[1.0, 1.0]] * (count - 1) + [[last, last]]
        series = list(zip(names, values, strict=True))
        return draw_bars("Расход", "кВт·ч", labels, series, ["1", "2"])

    assert draw(1.0) != draw(0.0)
