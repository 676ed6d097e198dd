"""80020 messages: sums of a day by point and channel, and rubbish."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.integrations.xml80020 import parse_message
from sandbox.askue_80020 import HalfHour, build_message

DAY = date(2026, 11, 23)
FULL: list[HalfHour] = [2] * 48


def _sum_up(*values: HalfHour, clock: str = "0", minutes: int = 30) -> tuple[str, int]:
    message = build_message(
        DAY, {"1 Ввод": {"01": values}}, clock=clock, minutes=minutes, encoding="utf-8"
    )
    *_, points = parse_message(message)
    return points[0][4][1]


def test_a_message_gives_the_energy_of_the_day() -> None:
    channels: dict[str, Sequence[HalfHour]] = {
        "01": FULL,
        "02": [0] * 48,
        "03": ["0,5"] * 48,
        "04": ["1.25"] * 48,
    }
    message = build_message(DAY, {"043150003212101 Ввод 1": channels}, formed="20261124053000")
    assert parse_message(message) == (
        "20261123",
        "20261124053000",
        "0",
        [
            (
                "7701234567",
                "ТП-12",
                "043150003212101",
                "Ввод 1",
                {1: ("96", 0), 2: ("0", 0), 3: ("24.0", 0), 4: ("60.00", 0)},
            )
        ],
    )


@pytest.mark.parametrize("encoding", ["windows-1251", "utf-8", "utf-16", "koi8-r"])
def test_encodings(encoding: str) -> None:
    message = build_message(DAY, {"1 Ввод «Север»": {"01": FULL}}, encoding="utf-8")
    text = message.decode().replace('encoding="utf-8"', f'encoding="{encoding}"')
    if encoding == "koi8-r":
        text = text.replace("«Север»", "Север")
    *_, points = parse_message(text.encode(encoding))
    assert points[0][3].startswith("Ввод")


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (FULL, ("96", 0)),
        (FULL[:40], ("80", 8)),
        ([], ("", 48)),
        ([*FULL[:47], ('status="1"', "2")], ("94", 1)),
        ([*FULL[:47], ""], ("94", 1)),
        ([*FULL[:47], "-5"], ("94", 1)),
        ([*FULL[:47], "NaN"], ("94", 1)),
        ([*FULL[:47], "1e9"], ("94", 1)),
        ([*FULL[:47], "9" * 500], ("94", 1)),
        ([*FULL[:47], "٣"], ("94", 1)),
        ([('status="2"', "2")] * 48, ("", 48)),
        ([0] * 48, ("0", 0)),
    ],
)
def test_values_that_are_not_known_are_left_out_and_counted(
    values: list[HalfHour], wanted: tuple[str, int]
) -> None:
    assert _sum_up(*values) == wanted


def test_hours_are_counted_like_half_hours() -> None:
    assert _sum_up(*[5] * 24, minutes=60) == ("120", 0)
    assert _sum_up(*[5] * 23, minutes=60) == ("115", 1)


def test_a_repeated_period_counts_once() -> None:
    assert _sum_up(*[2] * 50) == ("96", 0)


@pytest.mark.parametrize("count", [46, 50])
def test_the_day_of_the_clock_change_has_other_hours(count: int) -> None:
    assert _sum_up(*[2] * count, clock="2") == (str(2 * count), 0)
    assert _sum_up(*[2] * (count - 1), "", clock="2") == (str(2 * count - 2), 1)


def test_winter_and_summer_are_told_by_the_value_too() -> None:
    hours: list[HalfHour] = [(f'summer="{int(at < 6)}"', "2") for at in range(50)]
    assert _sum_up(*hours, clock="2") == ("100", 0)


def test_missing_and_unknown_channels() -> None:
    channels = dict.fromkeys(("03", "05", "x", "٣"), FULL)
    message = build_message(DAY, {"1 Ввод": channels}, encoding="utf-8")
    *_, points = parse_message(message)
    assert points[0][4] == {3: ("96", 0)}


def test_channels_of_other_elements_are_not_a_point_s() -> None:
    message = build_message(DAY, {"1 Ввод": {"01": FULL}}).decode("windows-1251")
    other = message.replace("measuringpoint", "deliverypoint")
    inner = other[other.index("<deliverypoint") : other.index("</area>")]
    *_, points = parse_message(message.replace("</area>", f"{inner}</area>").encode("windows-1251"))
    assert [point[2:] for point in points] == [("1", "Ввод", {1: ("96", 0)})]


def test_periods_without_times_are_left_out() -> None:
    message = build_message(DAY, {"1 Ввод": {"01": FULL}}).decode("windows-1251")
    broken = message.replace('start="0030"', 'start="soon"').replace('end="0200"', "")
    *_, points = parse_message(broken.encode("windows-1251"))
    assert points[0][4] == {1: ("92", 2)}


_LAUGHS = """<?xml version="1.0"?><!DOCTYPE message [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;">]><message class="80020"><datetime><day>&c;</day></datetime></message>"""
_FILE = """<?xml version="1.0"?><!DOCTYPE message [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<message class="80020"><datetime><day>&a;</day></datetime></message>"""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no xml at all",
        "<message class='80020'><datetime><day>20261123</day></datetime>",
        "<message class='80020'></message>",
        "<message class='80020'><datetime><day>вчера</day></datetime></message>",
        "<message class='80040'><datetime><day>20261123</day></datetime></message>",
        "<message><datetime><day>20261123</day></datetime></message>",
        "<html class='80020'></html>",
        "<message class='80020'>" + "<a>" * 100 + "</a>" * 100 + "</message>",
        "<message class='80020'><day>&unknown;</day></message>",
        _LAUGHS,
        _FILE,
        "<message class='80020'>\x00</message>",
        '<?xml version="1.0" encoding="rubbish-1"?><message class="80020"></message>',
    ],
)
def test_rubbish_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (the worker passes on only that it failed)
        parse_message(text.encode())


def test_a_document_type_alone_is_refused() -> None:
    message = build_message(DAY, {"1 Ввод": {"01": FULL}}, encoding="utf-8").decode()
    with pytest.raises(ValueError, match="a document type"):
        parse_message(message.replace("<message ", "<!DOCTYPE message><message ").encode())


@pytest.mark.parametrize("part", ["<measuringpoint/>" * 20_001, "<measuringpoint/>"])
def test_a_flood_of_points_is_refused(part: str) -> None:
    text = (
        "<message class='80020'><datetime><day>20261123</day></datetime>"
        f"<area>{part}</area></message>"
    ).encode()
    if len(part) > 100:
        with pytest.raises(ValueError, match="too many points"):
            parse_message(text)
    else:
        assert parse_message(text)[3] == [("", "", "", "", {})]


def test_a_flood_of_periods_is_refused() -> None:
    with pytest.raises(ValueError, match="too many periods"):
        _sum_up(*[1] * 201)


@settings(deadline=None)
@given(cut=st.integers(0, 1200), noise=st.binary(max_size=40))
def test_a_damaged_message_is_only_ever_refused(cut: int, noise: bytes) -> None:
    message = build_message(DAY, {"1 Ввод": {"01": [1, 2, 3]}})
    try:
        day, *_, points = parse_message(message[:cut] + noise + message[cut:])
    except ValueError:
        return
    assert day
    assert points
