"""The file of staff routes: what it sends where, and what is wrong with it."""

from pathlib import Path

import pytest

from bot.services.staff_routes import StaffRoute, StaffRoutesError, load_staff_routes

MAIN, DANGER, GRID = -1001, -1002, -1003
CODES = ("tech_connection", "meter_reading_visit")


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "routes.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_types_and_emergencies_have_their_groups_and_topics(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        f"emergencies: {{chat_id: {DANGER}}}\n"
        f"types:\n  tech_connection: {{chat_id: {GRID}, topic_id: 5}}\n"
        "  meter_reading_visit: {topic_id: 7}\n",
    )
    routes = load_staff_routes(path, MAIN, CODES)
    assert routes.find("tech_connection", emergency=True) == StaffRoute(chat_id=DANGER)
    assert routes.find("tech_connection", emergency=False) == StaffRoute(chat_id=GRID, topic_id=5)
    assert routes.find("meter_reading_visit", emergency=False) == StaffRoute(topic_id=7)
    assert routes.find("another", emergency=False) == StaffRoute()
    assert routes.list_chat_ids() == [DANGER, GRID]


def test_the_main_group_may_be_named_too(tmp_path: Path) -> None:
    path = write(tmp_path, f"emergencies: {{chat_id: {MAIN}, topic_id: 3}}\n")
    routes = load_staff_routes(path, MAIN, CODES)
    assert routes.emergencies == StaffRoute(topic_id=3)
    assert routes.list_chat_ids() == []


def test_an_empty_file_routes_nothing(tmp_path: Path) -> None:
    assert load_staff_routes(write(tmp_path, ""), MAIN, CODES).list_chat_ids() == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("types: {grid: {chat_id: -5}}\n", "types.grid: no such request type; there are meter_"),
        ("emergencies: {chat_id: 5}\n", "emergencies.chat_id: Input should be less than 0"),
        ("emergencies: {topic: 5}\n", "emergencies.topic: Extra inputs are not permitted"),
        ("types: [1]\n", "types: Input should be a valid dictionary"),
        ("types: {\n", "no YAML"),
    ],
)
def test_a_wrong_file_is_refused_with_place_and_reason(
    tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(StaffRoutesError, match=r"routes\.yaml") as caught:
        load_staff_routes(write(tmp_path, text), MAIN, CODES)
    assert reason in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StaffRoutesError, match="cannot be read"):
        load_staff_routes(tmp_path / "routes.yaml", MAIN, CODES)
