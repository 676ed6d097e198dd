"""How answers are read: every kind with what people really send, and with rubbish."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.fsm import field_types
from bot.fsm.field_types import KINDS, AnswerContext
from bot.fsm.model import Choice, Field, Rejected, Words
from bot.identifiers import is_inn, is_ogrn, is_snils

TODAY = date(2026, 11, 24)  # a Tuesday
CHOICES = (
    Choice(value="a", label=Words({"ru": "Да", "en": "Yes"})),
    Choice(value="b"),
)


def _find_weekday_after(day: date, days: int) -> date:
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def _build_context(**answers: str) -> AnswerContext:
    return AnswerContext(
        today=TODAY, profile={}, working_day_after=_find_weekday_after, answers=answers
    )


def _build_field(kind: str, **limits: Any) -> Field:
    return Field(key="k", kind=kind, choices=CHOICES if kind == "choice" else (), limits=limits)


def _read(kind: str, raw: str, **limits: Any) -> str:
    return field_types.read(raw, _build_field(kind, **limits), _build_context())


def _read_refusal(
    kind: str, raw: str, **limits: Any
) -> tuple[str, Mapping[str, str | int | Decimal]]:
    with pytest.raises(Rejected) as caught:
        _read(kind, raw, **limits)
    return caught.value.code, caught.value.details


@pytest.mark.parametrize(
    ("kind", "raw", "answer"),
    [
        ("text", "  ул.  Мира,\n5 ", "ул. Мира, 5"),
        ("text", "\u200bдом\u200f 5\u202e\x00", "дом 5"),
        ("text", "и\u0306од", "йод"),  # one letter out of two code points
        ("text", "дом 🏠 5", "дом 🏠 5"),
        ("text", "7", "7"),
        ("name", "иванова  Мария", "иванова Мария"),
        ("name", "Римский-Корсаков Николай Андреевич", "Римский-Корсаков Николай Андреевич"),
        ("name", "O’Neill Shaun", "O’Neill Shaun"),
        ("name", "Иванов П. С.", "Иванов П. С."),
        ("name", "Иванов И.И.", "Иванов И. И."),
        ("name", "И.И.Иванов", "И. И. Иванов"),
        ("name", "Римский – Корсаков Николай", "Римский-Корсаков Николай"),
        ("name", "Римский—Корсаков Николай", "Римский-Корсаков Николай"),
        ("name", "Римский -Корсаков Николай", "Римский-Корсаков Николай"),
        ("name", "Иванова (Петрова) Мария", "Иванова (Петрова) Мария"),
        ("name", "Иванова Мария( Петрова )", "Иванова Мария (Петрова)"),
        ("name", "Иванова Мария (Петрова-Ли Кац)", "Иванова Мария (Петрова-Ли Кац)"),
        ("name", "Д`Артаньян Шарль", "Д’Артаньян Шарль"),
        ("name", "О'Нил Шон", "О’Нил Шон"),
        ("name", "Ива\u0301нов Алексе\u0301й", "Иванов Алексей"),
        ("name", "Ѐлкин И\u0306он", "Елкин Йон"),
        ("name", "José García", "José García"),
        ("name", "अनिता शर्मा", "अनिता शर्मा"),
        ("name", "Алиев Али Вели оглы", "Алиев Али Вели оглы"),
        ("organisation", "ООО «Ромашка»", "ООО «Ромашка»"),
        ("organisation", "ИП Иванов И.И.", "ИП Иванов И.И."),
        ("organisation", "СНТ № 5", "СНТ № 5"),
        ("organisation", "Ромашка", "Ромашка"),
        *(
            ("phone", raw, "+79123456789")
            for raw in (
                "8 (912) 345-67-89",
                "+7 912 345 67 89",
                "89123456789",
                "79123456789",
                "912 345-67-89",
                "9123456789",
                "+7(912)345.67.89",
                "\u202a+7 912 345‑67‑89\u202c",  # as copied from an address book
                "8\u00a0912\u00a0345\u00a067\u00a089",
            )
        ),
        ("phone", "8 (495) 123-45-67", "+74951234567"),
        ("phone", "+375 29 123-45-67", "+375291234567"),
        *(
            ("phone", f"8 (495) 123-45-67{raw}", "+74951234567;ext=123")
            for raw in (
                " доб. 123",
                ", доб.123",
                " (доб. 123)",
                " ДОБ 123",
                " добавочный 123",
                " вн. 123",
                " внутр. № 123",
                " ext. 123",
                ";ext=123",
                "#123",
            )
        ),
        ("email", " Ivanova@Example.RU\u200b", "ivanova@example.ru"),
        ("email", "a.b+c@sub.example.com", "a.b+c@sub.example.com"),
        ("email", "ИВАН@почта.рф", "иван@почта.рф"),
        *(
            ("date", raw, "2026-11-24")
            for raw in (
                "24.11.2026",
                "24.11.26",
                "2026-11-24",
                "24/11/2026",
                "24-11-2026",
                "24 11 2026",
                "24,11,2026",
                " 24.11.2026\u200e",
            )
        ),
        ("date", "1.2.26", "2026-02-01"),
        ("date", "29.02.2024", "2024-02-29"),
        *(
            ("date", raw, "2026-12-10")
            for raw in (
                "10.12",
                "10/12",
                "10. 12. 2026 г.",
                "10 декабря",
                "10 дек. 2026 года",
                "10 December",
                "Dec 10th, 2026",
            )
        ),
        ("date", "3 мая", "2027-05-03"),
        ("date", "29.02", "2028-02-29"),
        ("date", "Вчера", "2026-11-23"),
        ("date", "сегодня", "2026-11-24"),
        ("date", "завтра ", "2026-11-25"),
        ("date", "позавчера", "2026-11-22"),
        ("date", "послезавтра", "2026-11-26"),
        ("date", "yesterday", "2026-11-23"),
        ("date", "Today", "2026-11-24"),
        ("date", "tomorrow", "2026-11-25"),
        ("integer", "12", "12"),
        ("integer", " 1 000 ", "1000"),
        ("integer", "1\u00a0000", "1000"),
        ("integer", "1\u202f000", "1000"),
        ("integer", "007", "7"),
        ("integer", "+5", "5"),
        ("integer", "-5", "-5"),
        ("integer", "15,000", "15"),  # zeros behind the comma are no fraction
        ("decimal", "12,5", "12.5"),
        ("decimal", "12.5", "12.5"),
        ("decimal", "12,", "12"),
        ("decimal", "100", "100"),
        ("decimal", "0,001", "0.001"),
        ("choice", "a", "a"),
        ("files", "3", "3"),
        ("secret", " pass word ", " pass word "),
        ("code", " 402 917\n", "402917"),
        ("code", "402-917", "402917"),
        ("location", "55.751244, 37.618423", "55.751244, 37.618423"),
        ("location", "55.7;37", "55.700000, 37.000000"),
        ("location", "-90 -180", "-90.000000, -180.000000"),
    ],
)
def test_good_answers_get_one_spelling(kind: str, raw: str, answer: str) -> None:
    assert _read(kind, raw) == answer


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"choice", "files", "table", "location"}))
@pytest.mark.parametrize("raw", ["", "   ", "\n\t\n", "\u00a0"])
def test_blanks_are_no_answer(kind: str, raw: str) -> None:
    assert _read_refusal(kind, raw)[0] == "blank"


@pytest.mark.parametrize(
    "kind", sorted(set(KINDS) - {"choice", "files", "table", "location", "secret"})
)
@pytest.mark.parametrize("raw", ["\u200b\u200d", "\u202e\u200f", "\x00\x07\x1b", "\ufeff"])
def test_characters_that_nobody_sees_are_no_answer(kind: str, raw: str) -> None:
    assert _read_refusal(kind, raw)[0] == "blank"


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        ("text", "👍👍", "no-words"),
        ("text", "?!", "no-words"),
        ("name", "🙂 🙂", "no-words"),
        ("name", "Иванова", "name"),
        ("name", "Иванов -", "name"),
        ("phone", "👍", "phone"),
        ("phone", "нет", "phone"),
        ("phone", "12345", "phone"),
        ("phone", "8 912 345 67 8", "phone"),
        ("phone", "8 912 345 67 890", "phone"),
        ("phone", "12345 доб. 12", "phone"),
        ("phone", "доб. 12", "phone"),
        ("phone", "8 912 345 67 89 доб. 12345678", "phone"),
        ("phone", "8 912 345 67 89 доб. 1 доб. 2", "phone"),
        ("phone", "8 912 345 67 89, 8 912 345 67 80", "phone"),
        ("email", "👍", "email"),
        ("email", "ivanova", "email"),
        ("email", "a@b", "email"),
        ("email", "a b@example.ru", "email"),
        ("email", "a@@example.ru", "email"),
        ("email", "Мария <a@example.ru>", "email"),
        ("email", "a@example.ru, b@example.ru", "email"),
        ("date", "👍", "date"),
        ("date", "в пятницу", "date"),
        ("date", "31.02", "date"),
        ("date", "10.13", "date"),
        ("date", "10 брюмера", "date"),
        ("date", "мая 10", "date"),
        ("date", "31.02.2026", "date"),
        ("date", "29.02.2026", "date"),
        ("date", "24.13.2026", "date"),
        ("date", "00.01.2026", "date"),
        ("date", "0000-01-01", "date"),
        ("date", "24.11.2026 10:00", "date"),
        ("date", "٢٤.١١.٢٠٢٦", "date"),
        ("organisation", "ООО", "organisation"),
        ("organisation", "«ООО»", "organisation"),
        ("organisation", "Общество с ограниченной ответственностью", "organisation"),
        ("organisation", "ИП", "organisation"),
        ("organisation", "LLC", "organisation"),
        ("integer", "15 шт", "number"),  # no unit was asked for
        ("integer", "👍", "number"),
        ("integer", "пять", "number"),
        ("integer", "1e5", "number"),
        ("integer", "1.2.3", "number"),
        ("integer", "NaN", "number"),
        ("integer", "0x10", "number"),
        ("integer", "٣", "number"),
        ("integer", "1" * 16, "number"),
        ("decimal", "Infinity", "number"),
        ("decimal", ",5", "number"),
        ("decimal", "-", "number"),
        ("choice", "c", "choose"),
        ("choice", "", "choose"),
        ("choice", "Да", "choose"),
        ("files", "0", "files-none"),
        ("files", "", "files-none"),
        ("files", "-1", "files-none"),
        ("files", "скан", "files-none"),
        ("code", "12345", "code-format"),
        ("code", "1234567", "code-format"),
        ("code", "12345a", "code-format"),
        ("code", "١٢٣٤٥٦", "code-format"),
        ("location", "", "location"),
        ("location", "👍", "location"),
        ("location", "91, 0", "location"),
        ("location", "0, 181", "location"),
        ("location", "55.75", "location"),
        ("location", "nan, nan", "location"),
    ],
)
def test_wrong_answers(kind: str, raw: str, code: str) -> None:
    assert _read_refusal(kind, raw)[0] == code


@pytest.mark.parametrize(
    ("kind", "raw", "limits", "code", "details"),
    [
        ("text", "абв", {"max_length": 2}, "too-long", {"limit": 2, "length": 3}),
        ("text", "а" * 301, {}, "too-long", {"limit": 300, "length": 301}),
        ("text", " а  б ", {"min_length": 4}, "too-short", {"limit": 4, "length": 3}),
        ("text", "12", {"pattern": "^[0-9]{3}$"}, "pattern", {}),
        ("text", "123\n4", {"pattern": "^[0-9]{3}$"}, "pattern", {}),
        ("name", "а " * 60 + "аб", {}, "too-long", {"limit": 120, "length": 122}),
        (
            "email",
            "a" * 250 + "@example.ru",
            {},
            "email-too-long",
            {"limit": 254, "length": 261},
        ),
        ("date", "23.11.2026", {"min": "today"}, "date-too-early", {"earliest": "24.11.2026"}),
        ("date", "25.11.2026", {"max": "today"}, "date-too-late", {"latest": "24.11.2026"}),
        ("date", "13.11.2026", {"max_days_back": 10}, "date-too-early", {"earliest": "14.11.2026"}),
        ("date", "05.12.2026", {"max_days_ahead": 10}, "date-too-late", {"latest": "04.12.2026"}),
        (
            "date",
            "30.11.2026",
            {"min_working_days_ahead": 5},
            "date-too-early",
            {"earliest": "01.12.2026"},
        ),
        ("integer", "1,5", {}, "number-decimals", {"limit": 0}),
        ("decimal", "1,2345", {"max_decimals": 3}, "number-decimals", {"limit": 3}),
        ("integer", "0", {"min": 1.0}, "number-too-small", {"limit": "1.0"}),
        ("decimal", "0,09", {"min": 0.1}, "number-too-small", {"limit": "0.1"}),
        ("integer", "100", {"max": 99}, "number-too-large", {"limit": "99"}),
        ("secret", "12345", {"min_length": 6}, "password-too-short", {"limit": 6}),
        ("secret", "1" * 129, {}, "too-long", {"limit": 128, "length": 129}),
    ],
)
def test_limits_are_told(
    kind: str, raw: str, limits: dict[str, Any], code: str, details: dict[str, str | int]
) -> None:
    assert _read_refusal(kind, raw, **limits) == (code, details)


@pytest.mark.parametrize(
    ("kind", "raw", "limits"),
    [
        ("text", "аб", {"min_length": 2, "max_length": 2}),
        ("text", "а" * 300, {}),
        ("text", "123", {"pattern": "^[0-9]{3}$"}),
        ("integer", "1", {"min": 1.0, "max": 1.0}),
        ("decimal", "0.1", {"min": 0.1}),
        ("decimal", "1.234", {"max_decimals": 3}),
        ("secret", "123456", {"min_length": 6}),
        ("secret", "1" * 128, {}),
        ("date", "2026-11-24", {"min": "today", "max": "today"}),
        ("date", "2026-11-14", {"max_days_back": 10}),
        ("date", "2026-12-04", {"max_days_ahead": 10}),
        ("date", "2026-12-01", {"min_working_days_ahead": 5}),
    ],
)
def test_limits_themselves_are_allowed(kind: str, raw: str, limits: dict[str, Any]) -> None:
    assert _read(kind, raw, **limits) == raw


@pytest.mark.parametrize(
    ("raw", "sign"),
    [
        ("Иванов П@вел", "@"),
        ("Иванов 2-й", "2"),
        ("Иванов, Пётр", ","),
        ("Иванов Пётр 🙂", "🙂"),
        ("«Иванов» Пётр", "«"),
        ("Иванов (Пётр", "("),
        ("Иванов Пётр)", ")"),
        ("Иванов Пётр ()", "("),
        ("’Иванов Пётр", "’"),
        ("Иванов_Пётр", "_"),
    ],
)
def test_a_sign_that_no_name_has_is_named(raw: str, sign: str) -> None:
    assert _read_refusal("name", raw) == ("name-sign", {"sign": sign})


@given(
    surname=st.from_regex(r"[А-ЯЁ][а-яё]{1,9}(-[А-ЯЁ][а-яё]{1,9})?", fullmatch=True),
    given_name=st.from_regex(r"[А-ЯЁ][а-яё]{1,9}(’[а-яё]{1,5})?", fullmatch=True),
    dash=st.sampled_from(["-", "–", " - ", " – ", "\u2011", "− "]),
    apostrophe=st.sampled_from("'`´‘’ʼ"),
    stressed=st.booleans(),
)
def test_a_name_gets_one_spelling(
    surname: str, given_name: str, dash: str, apostrophe: str, stressed: bool
) -> None:
    raw = f"{surname.replace('-', dash)}  {given_name.replace('’', apostrophe)}"
    if stressed:
        raw = raw.replace("а", "а\u0301").replace("е", "е\u0301")
    assert _read("name", raw) == f"{surname} {given_name}"


@pytest.mark.parametrize(
    ("unit", "raw", "wanted"),
    [
        ("kW", "15 кВт", "15"),
        ("kW", "12,5кВт.", "12.5"),
        ("kW", "15 kW", "15"),
        ("kW", "1 000 киловатт", "1000"),
        ("kW", "15", "15"),
        ("pcs", "2 шт.", "2"),
        ("pcs", "2 точки", "2"),
    ],
)
def test_a_unit_may_follow_a_number(unit: str, raw: str, wanted: str) -> None:
    assert _read("decimal", raw, unit=unit) == wanted


@pytest.mark.parametrize(
    ("unit", "raw"),
    [("kW", "15 МВт"), ("kW", "15000 Вт"), ("kW", "15 кВт·ч"), ("pcs", "2 кВт")],
)
def test_a_number_in_another_unit_is_refused(unit: str, raw: str) -> None:
    assert _read_refusal("decimal", raw, unit=unit) == ("number-unit", {"unit": unit})


@pytest.mark.parametrize("raw", ["пять", "кВт", "15 кВт 20", "1e5"])
def test_words_and_two_numbers_are_no_number_with_a_unit(raw: str) -> None:
    assert _read_refusal("decimal", raw, unit="kW")[0] == "number"


@pytest.mark.parametrize(
    "unit", [" кВт·ч", "кВт*ч", " кВт/ч", " кВт-ч.", " квт ч", " кВт.час", " кВт", " kWh", " kW·h"]
)
def test_a_reading_may_have_its_unit(unit: str) -> None:
    assert _read("reading", f"12345,6{unit}") == "12345.6"
    assert _read("reading", f"12 345{unit}") == "12345"


@pytest.mark.parametrize("raw", ["12345 МВт·ч", "12345 квар", "12345 кВт·ч 2", "12345 м3"])
def test_a_reading_in_another_unit_is_refused(raw: str) -> None:
    assert _read_refusal("reading", raw)[0] in {"reading-number", "reading-two-numbers"}


@settings(deadline=None)
@given(back=st.integers(0, 180), ahead=st.integers(0, 180), data=st.data())
def test_a_day_without_a_year_is_the_one_within_the_bounds(
    back: int, ahead: int, data: st.DataObject
) -> None:
    day = TODAY + timedelta(days=data.draw(st.integers(-back, ahead)))
    raw = f"{day:%d.%m}"
    assert _read("date", raw, max_days_back=back, max_days_ahead=ahead) == day.isoformat()


def test_a_day_without_a_year_is_the_nearest_when_none_fits() -> None:
    limits = {"max": "today", "max_days_back": 30}
    refused = _read_refusal("date", "28.11", **limits)
    assert refused == ("date-too-late", {"latest": "24.11.2026"})
    assert _read("date", "28.11", max="today") == "2025-11-28"
    assert _read("date", "20.11", min="today") == "2027-11-20"


@pytest.mark.parametrize(
    ("limits", "shifts"),
    [
        ({"max": "today"}, (-1, 0)),
        ({"max": "today", "max_days_back": 0}, (0,)),
        ({"min": "today", "max_days_ahead": 90}, (0, 1)),
        ({"max_days_back": 3, "max_days_ahead": 3}, (-1, 0, 1)),
        # The third working day after Tuesday is Friday; then Monday and Tuesday.
        ({"min_working_days_ahead": 3, "max_days_ahead": 90}, (3, 6, 7)),
        ({"min_working_days_ahead": 3, "max_days_ahead": 6}, (3, 6)),
        # Years ahead are usual: no day is likely.
        ({"min": "today", "max_days_ahead": 7305}, ()),
        ({}, ()),
    ],
)
def test_days_to_choose_from(limits: dict[str, Any], shifts: tuple[int, ...]) -> None:
    days = field_types.list_ready_days(_build_field("date", **limits), _build_context())
    assert [(day - TODAY).days for day in days] == list(shifts)
    for day in days:
        assert _read("date", str(day), **limits) == str(day)


def test_only_dates_have_days_to_choose_from() -> None:
    assert field_types.list_ready_days(_build_field("text"), _build_context()) == ()


def test_another_answer_moves_the_earliest_working_day() -> None:
    field = _build_field(
        "date",
        min_working_days_ahead=3,
        min_working_days_ahead_if={"field": "reason", "in": ["repair"], "days": 7},
        max_days_ahead=90,
    )
    assert field_types.read("27.11.2026", field, _build_context(reason="control")) == "2026-11-27"
    assert field_types.read("27.11.2026", field, _build_context()) == "2026-11-27"
    with pytest.raises(Rejected) as caught:
        field_types.read("27.11.2026", field, _build_context(reason="repair"))
    assert caught.value.details == {"earliest": "03.12.2026"}
    assert field_types.read("03.12.2026", field, _build_context(reason="repair")) == "2026-12-03"


@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"min": "today"},
        {"max": "today", "max_days_back": 30},
        {"min_working_days_ahead": 5, "max_days_ahead": 90},
    ],
)
def test_examples_of_dates_and_places_would_be_taken(limits: dict[str, Any]) -> None:
    for field in (_build_field("date", **limits), _build_field("location")):
        shown = field_types.make_example(field, _build_context())
        assert shown is not None
        assert field_types.read(shown, field, _build_context())
    assert field_types.make_example(_build_field("text"), _build_context()) is None


def test_only_texts_of_several_lines_keep_them() -> None:
    raw = "\r\n Первая  строка \r\n\n\n\nвторая\n"
    assert _read("text", raw, multiline=True) == "Первая строка\n\nвторая"
    assert _read("text", raw) == "Первая строка вторая"


def test_an_organisation_may_have_a_long_name() -> None:
    assert _read("organisation", "я" * 500, max_length=500)
    assert _read_refusal("organisation", "я" * 501, max_length=500)[0] == "too-long"


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("character", ["я", "1", " 1", "🏠", "\u200b", "\u0301", "-"])
def test_the_longest_message_of_telegram(kind: str, character: str) -> None:
    raw = (character * 4096)[:4096]
    if kind == "files" and character == "1":
        return  # a count is never typed: bot.fsm.engine
    _read_refusal(kind, raw)


def test_a_long_description_is_taken_whole() -> None:
    assert _read("text", "я" * 3000, max_length=3000, multiline=True) == "я" * 3000


@pytest.mark.parametrize(
    ("kind", "raw", "locale", "shown"),
    [
        ("text", "дом", "ru", "дом"),
        ("name", "Иванов Пётр", "ru", "Иванов Пётр"),
        ("phone", "+79123456789", "ru", "+7 912 345-67-89"),
        ("phone", "старый", "ru", "старый"),
        ("phone", "+74951234567;ext=12", "ru", "+7 495 123-45-67 доб. 12"),
        ("phone", "+74951234567;ext=12", "en", "+7 495 123-45-67 ext. 12"),
        ("email", "a@b.ru", "en", "a@b.ru"),
        ("date", "2026-11-24", "en", "24.11.2026"),
        ("date", "давно", "ru", "давно"),  # of an older edition of the form
        ("integer", "12", "ru", "12"),
        ("decimal", "12.5", "ru", "12,5"),
        ("decimal", "12.5", "en", "12.5"),
        ("choice", "a", "ru", "Да"),
        ("choice", "a", "en", "Yes"),
        ("choice", "b", "ru", "b"),
        ("choice", "gone", "ru", "gone"),
        ("files", "3", "ru", "3"),
        ("secret", "пароль", "ru", "••••••"),
        ("location", "55.700000, 37.000000", "ru", "55.700000, 37.000000"),
        ("reading", "12345.6", "ru", "12345,6"),
        ("meter", "0812-094521", "ru", "0812-094521"),
    ],
)
def test_answers_as_people_see_them(kind: str, raw: str, locale: str, shown: str) -> None:
    assert field_types.show(raw, _build_field(kind), locale) == shown


# Plain text rarely comes near an answer: most of it is made of what answers are made of.
_NEARLY = st.text(alphabet="0123456789+-.,:;@ eяЯZ\u00a0\u200b\u0301\n/()", max_size=24)
_ANYTHING = st.text(max_size=60) | _NEARLY


@pytest.mark.parametrize("kind", sorted(KINDS))
@settings(max_examples=200, deadline=None)
@given(raw=_ANYTHING)
@example(raw="\ud800")
@example(raw="9" * 200)
def test_a_wrong_answer_is_only_ever_rejected(kind: str, raw: str) -> None:
    field = _build_field(kind)
    try:
        answer = field_types.read(raw, field, _build_context())
    except Rejected:
        return
    assert field_types.show(answer, field, "ru")


_DAYS = st.dates(min_value=date(1000, 1, 1))
_WRITTEN = {
    "text": st.from_regex(r"[а-яА-ЯёЁa-z0-9 .,\n-]{1,40}", fullmatch=True),
    "name": st.from_regex(r"[А-ЯЁ][а-яё`–]{1,9} {1,3}\(?[А-ЯЁ][а-яё.)]{0,9}", fullmatch=True),
    "organisation": st.from_regex(r"(ООО|АО|ИП) ?[«а-яё 0-9»]{0,20}", fullmatch=True),
    "phone": st.from_regex(
        r"(8|\+7|) ?\(?9[0-9]{2}\)? ?[0-9]{3}[- ]?[0-9]{2}-?[0-9]{2}(,? ?доб\.? ?[0-9]{1,6})?",
        fullmatch=True,
    ),
    "email": st.emails(),
    "date": _DAYS.map(lambda day: f"{day:%d.%m.%Y}") | _DAYS.map(str),
    "integer": st.integers(1, 10**14).map(str) | st.integers(1, 10**9).map("{:,}".format),
    "decimal": st.decimals(1, 10**6, places=3).map(lambda one: str(one).replace(".", ",")),
    "choice": st.sampled_from(["a", "b"]),
    "files": st.integers(1, 20).map(str),
    "reading": st.decimals(0, 10**8 - 1, places=3).map(lambda one: str(one).replace(".", ",")),
    "meter": st.from_regex(r"(№ ?)?[0-9]{3,6}[ -]?[0-9а-яА-Я]{1,9}", fullmatch=True),
    "inn": st.sampled_from(["7707083893", "500100732259", "77 0708-3893", "7707083894"]),
    "ogrn": st.sampled_from(["1027700132195", "304500116000157", "304500116000158"]),
    "snils": st.sampled_from(["112-233-445 95", "11223344595", "112-233-445 96"]),
    "code": st.from_regex(r"[0-9]{3}[ -]?[0-9]{3}", fullmatch=True),
    "location": st.tuples(st.floats(-90, 90), st.floats(-180, 180)).map(
        lambda place: f"{place[0]:.5f}, {place[1]:.5f}"
    ),
}


@pytest.mark.parametrize("kind", sorted(_WRITTEN))
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_canonical_answer_is_read_as_itself(kind: str, data: st.DataObject) -> None:
    field = _build_field(kind)
    try:
        answer = field_types.read(data.draw(_WRITTEN[kind]), field, _build_context())
    except Rejected:
        return
    assert field_types.read(answer, field, _build_context()) == answer
    # What people see of a choice is its label, and words never choose; a code is never shown.
    if kind not in {"choice", "code"}:
        assert (
            field_types.read(field_types.show(answer, field, "ru"), field, _build_context())
            == answer
        )


@pytest.mark.parametrize(
    ("kind", "limits", "raw", "wanted"),
    [
        ("inn", {}, "7707083893", "7707083893"),
        ("inn", {}, "500100732259", "500100732259"),
        ("inn", {"digits": 10}, " 77 0708-3893 ", "7707083893"),
        ("ogrn", {}, "1027700132195", "1027700132195"),
        ("ogrn", {"digits": 15}, "3 04 50 0116 00015 7", "304500116000157"),
        ("snils", {}, "112-233-445 95", "11223344595"),
        ("snils", {}, "087 654 303 00", "08765430300"),
        # Up to 001-001-998 there are no control digits.
        ("snils", {}, "001-001-998 77", "00100199877"),
    ],
)
def test_registration_numbers(kind: str, limits: dict[str, int], raw: str, wanted: str) -> None:
    assert field_types.read(raw, _build_field(kind, **limits), _build_context()) == wanted


@pytest.mark.parametrize(
    ("kind", "limits", "raw", "code"),
    [
        ("inn", {}, "7707083894", "inn-checksum"),
        ("inn", {}, "500100732258", "inn-checksum"),
        ("inn", {}, "500100732249", "inn-checksum"),
        ("inn", {}, "77070838931", "inn-length"),
        ("inn", {"digits": 12}, "7707083893", "inn-length"),
        ("inn", {}, "77o7083893", "inn-length"),
        ("inn", {}, "٧٧٠٧٠٨٣٨٩٣", "inn-length"),
        ("inn", {}, " - ", "blank"),
        ("ogrn", {}, "1027700132196", "ogrn-checksum"),
        ("ogrn", {}, "304500116000156", "ogrn-checksum"),
        ("ogrn", {"digits": 13}, "304500116000157", "ogrn-length"),
        ("snils", {}, "112-233-445 96", "snils-checksum"),
        ("snils", {}, "112-233-445 9", "snils-length"),
    ],
)
def test_wrong_registration_numbers(kind: str, limits: dict[str, int], raw: str, code: str) -> None:
    with pytest.raises(Rejected) as rejected:
        field_types.read(raw, _build_field(kind, **limits), _build_context())
    assert rejected.value.code == code


@pytest.mark.parametrize("digits", ["", "7", "77070838931"])
def test_other_lengths_have_no_control_digits(digits: str) -> None:
    assert not is_inn(digits)
    assert not is_ogrn(digits)
    assert len(digits) == 11 or not is_snils(digits)


def test_every_kind_has_been_tried() -> None:
    assert set(_WRITTEN) == set(KINDS) - {"secret", "table"}
