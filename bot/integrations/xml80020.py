"""Messages of the class 80020, the wholesale market's exchange format of metered energy.

Runs in a worker process: standard library only, plain values out. The parser is expat itself; a
document type is refused, and with it every entity, so nothing unfolds and nothing is fetched.
Shape: ``message[class] > datetime > timestamp, day, daylightsavingtime``, then ``area > inn, name,
measuringpoint[code, name] > measuringchannel[code] > period[start, end] > value[status, summer]``.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from xml.parsers import expat

MESSAGE_CLASS = "80020"
#: Active energy in and out, reactive energy in and out, as the format numbers its channels.
CHANNELS = (1, 2, 3, 4)
#: Of ``daylightsavingtime``: on this day the clock is changed, and it has 23 or 25 hours.
_CLOCK_CHANGES = "2"

_DEPTH = 16
_POINTS = 20_000
_PERIODS = 200
_TEXT_LENGTH = 400
_DAY_MINUTES = 24 * 60
_POINT = "message/area/measuringpoint"
_CHANNEL = f"{_POINT}/measuringchannel"
_PERIOD = f"{_CHANNEL}/period"
_DATES = frozenset(f"message/datetime/{tag}" for tag in ("timestamp", "day", "daylightsavingtime"))
_LEAVES = _DATES | {"message/area/inn", "message/area/name", f"{_PERIOD}/value"}

Day = tuple[str, str, str, list[tuple[str, str, str, str, dict[int, tuple[str, int]]]]]
"""Day, moment of forming, ``daylightsavingtime``; then points: INN and name of the area, code and
name of the point, and for each channel the energy and the number of periods that are not in it."""


def parse_message(data: bytes) -> Day:
    """Sums the energy of the day by measuring point and channel; raises ValueError.

    Values that are missing, that are no number, or that their system does not vouch for
    (``status`` other than 0) are left out of a sum and counted.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ValueError(f"no XML: {expat.errors.messages.get(error.code, '?')}") from None
    except LookupError:
        raise ValueError("an unknown encoding") from None
    dates = reader.dates
    if not re.fullmatch(r"[0-9]{8}", dates.get("day", "")):
        raise ValueError("no day")
    clock = dates.get("daylightsavingtime", "")
    points = [
        (
            *(area["inn"], area["name"], code, name),
            {number: _sum_up(periods, clock) for number, periods in channels.items()},
        )
        for area, code, name, channels in reader.points
    ]
    return dates["day"], dates.get("timestamp", ""), clock, points


class _Reader:
    """Collects the measuring points of a message, element by element."""

    def __init__(self) -> None:
        self.dates: dict[str, str] = {}
        self.points: list[tuple[dict[str, str], str, str, dict[int, list[dict[str, str]]]]] = []
        self._path: list[str] = []
        self._area: dict[str, str] = {}
        self._periods: list[dict[str, str]] = []
        self._text: str | None = None
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._take_text

    def _refuse_doctype(self, *_: Any) -> None:
        raise ValueError("a document type")

    def _begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        if not self._path and (tag, attributes.get("class")) != ("message", MESSAGE_CLASS):
            raise ValueError("no message of the class 80020")
        if len(self._path) == _DEPTH:
            raise ValueError("too deep")
        self._path.append(tag)
        place = "/".join(self._path)
        if place == "message/area":
            self._area = {"inn": "", "name": ""}
        elif place == _POINT:
            code = attributes.get("code", "").strip()[:_TEXT_LENGTH]
            name = attributes.get("name", "")[:_TEXT_LENGTH]
            self.points.append((self._area, code, name, {}))
            if len(self.points) > _POINTS:
                raise ValueError("too many points")
        elif place == _CHANNEL:
            self._periods = []
            code = attributes.get("code", "")
            if code.isascii() and code.isdigit() and int(code[:3]) in CHANNELS:
                self.points[-1][3][int(code[:3])] = self._periods
        elif place == _PERIOD:
            self._periods.append(dict(attributes))
            if len(self._periods) > _PERIODS:
                raise ValueError("too many periods")
        elif place == f"{_PERIOD}/value":
            self._periods[-1].update(attributes)
        self._text = "" if place in _LEAVES else None

    def _end(self, tag: str) -> None:
        if self._text is not None:
            text = self._text.strip()
            match self._path[-2]:
                case "datetime":
                    self.dates[tag] = text
                case "area":
                    self._area[tag] = text
                case _:
                    self._periods[-1]["value"] = text
        self._path.pop()
        self._text = None

    def _take_text(self, text: str) -> None:
        if self._text is not None and len(self._text) < _TEXT_LENGTH:
            self._text += text


def _sum_up(periods: list[dict[str, str]], clock: str) -> tuple[str, int]:
    """The energy of a channel, "" when nothing is known, and how many periods are left out."""
    known: dict[tuple[str, ...], Decimal | None] = {}
    length = 30
    for at, one in enumerate(periods):
        start, end = _parse_minute(one.get("start")), _parse_minute(one.get("end"))
        if start is None or end is None:
            continue
        length = (end or _DAY_MINUTES) - start
        if length <= 0:
            continue
        # On a day when the clock goes back an hour comes twice; else the later value is right.
        key = (str(start), *((str(at),) if clock == _CLOCK_CHANGES else ()))
        known[key] = _parse_value(one)
    values = [value for value in known.values() if value is not None]
    wanted = len(known) if clock == _CLOCK_CHANGES else _DAY_MINUTES // max(length, 1)
    return (str(sum(values)) if values else "", max(wanted - len(values), 0))


def _parse_minute(text: str | None) -> int | None:
    found = re.fullmatch(r"([0-9]{2}):?([0-9]{2})", text or "")
    if found is None or int(found[1]) > 24 or int(found[2]) > 59:
        return None
    return int(found[1]) * 60 + int(found[2])


def _parse_value(period: Mapping[str, str]) -> Decimal | None:
    text = period.get("value", "").replace(",", ".")
    if period.get("status", "0") != "0" or not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", text):
        return None
    return Decimal(text)
