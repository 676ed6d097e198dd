"""Days as people write them: ``28.11.2026``, ``28.11``, ``28 ноября``, ``завтра``."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

#: Words are taken in each language, whatever the chat speaks; values are days from today.
_RELATIVE = {
    "позавчера": -2,
    "вчера": -1,
    "сегодня": 0,
    "завтра": 1,
    "послезавтра": 2,
    "yesterday": -1,
    "today": 0,
    "tomorrow": 1,
}
#: The first letters of the months, which no two share.
_MONTHS = (
    *("янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"),
    *("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
)
_GAP = r"\s*[./,\s-]\s*"
#: The 29th of February is up to eight years away.
_YEARS = 8

_YEAR_FIRST = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})")
_DAY_FIRST = re.compile(
    rf"(?P<day>[0-9]{{1,2}}){_GAP}(?P<month>[0-9]{{1,2}})(?:{_GAP}(?P<year>[0-9]{{2}}|[0-9]{{4}}))?"
)
_IN_WORDS = re.compile(
    r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)? ?(?P<month>[^\W\d_]{3,8})\.?(?:,? (?P<year>[0-9]{4}))?"
)
_MONTH_FIRST = re.compile(
    r"(?P<month>[a-z]{3,9})\.? (?P<day>[0-9]{1,2})(?:st|nd|rd|th)?(?:,? (?P<year>[0-9]{4}))?"
)


def list_days(text: str, today: date) -> list[date]:
    """The days that ``text`` may mean, the nearest to today first; a day without a year is several.

    Empty: it is no day.
    """
    words = re.sub(r"\s*(?:г|г\.|года)$", "", text.lower())
    if words in _RELATIVE:
        return [today + timedelta(days=_RELATIVE[words])]
    for shape in (_YEAR_FIRST, _DAY_FIRST, _IN_WORDS, _MONTH_FIRST):
        if found := shape.fullmatch(words):
            month = _parse_month(found["month"])
            days = _iterate_days(int(found["day"]), month, found["year"], today)
            return sorted(days, key=lambda day: abs(day - today))
    return []


def _parse_month(text: str) -> int:
    """0: there is no such month."""
    if text.isdigit():
        return int(text)
    start = "мая" if text == "май" else text[:3]
    return _MONTHS.index(start) % 12 + 1 if start in _MONTHS else 0


def _iterate_days(day: int, month: int, year: str | None, today: date) -> Iterator[date]:
    if year is None:
        years = range(today.year - _YEARS, today.year + _YEARS + 1)
    else:
        century = today.year // 100 * 100 if len(year) == 2 else 0
        years = range(century + int(year), century + int(year) + 1)
    for one in years:
        try:
            yield date(one, month, day)
        except ValueError:
            continue
