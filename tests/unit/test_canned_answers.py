"""The file of canned answers: what is packaged, and how a wrong one is refused."""

import re
from pathlib import Path

import pytest

from bot.canned_answers import PACKAGED, CannedAnswersError, load
from bot.request_types import load as load_request_types

LOCALES = ("ru", "en")
CODES = [one.code for one in load_request_types().types]


def test_each_type_has_a_result_of_its_own_and_all_are_found_by_their_keys() -> None:
    answers = load(None, locales=LOCALES, type_codes=[])
    for code in CODES:
        results = answers.list_for("done", code)
        assert [one for one in results if one.types], code
        assert [answers.find("done", code, one.key) for one in results] == results
    assert answers.find("done", CODES[0], -1) is None
    assert answers.find("rejected", CODES[0], answers.list_for("done", CODES[0])[0].key) is None


def test_a_value_is_filled_in_once_and_stays_as_it_is() -> None:
    answers = load(None, locales=LOCALES, type_codes=[])
    greeting = next(
        one for one in answers.list_for("reply", CODES[0]) if "{name}" in one.text["ru"]
    )
    filled = greeting.fill("ru", {"name": "<b>{due}</b>", "number": "1", "due": "завтра"})
    assert filled.startswith("<b>{due}</b>, ")
    assert filled.endswith("завтра.")


def test_a_key_stays_while_its_words_do(tmp_path: Path) -> None:
    copy = tmp_path / "answers.yaml"
    source = PACKAGED.read_text()
    copy.write_text(source.replace("Не наша сеть", "Чужая сеть"))
    old, new = (load(path, locales=LOCALES, type_codes=CODES) for path in (None, copy))
    before, after = (
        {one.button: one.key for one in found.list_for("rejected", CODES[0])}
        for found in (old, new)
    )
    assert before.pop("Не наша сеть") != after.pop("Чужая сеть")
    assert before == after


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{phone}", "{telephone}", r"reply\.2\.text\.ru.*\{telephone\} is no placeholder"),
        ("{number}", "{number", r"done.*is no placeholder"),
        ("types: [tech_connection]", "types: [no_such]", r"done\.0\.types: no type no_such"),
        ("      en: The draft", "      de: The draft", r"done\.0\.text: no text in en"),
        ("rejected:\n", "refused:\n", r"rejected: Field required"),
        ("done:\n", "done: [\n", "no YAML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text(PACKAGED.read_text().replace(old, new, 1 if "types" in old else -1))
    with pytest.raises(CannedAnswersError, match=f"(?s)^{re.escape(str(path))}.*{reason}"):
        load(path, locales=LOCALES, type_codes=CODES)
    with pytest.raises(CannedAnswersError, match="cannot be read"):
        load(tmp_path / "none", locales=LOCALES, type_codes=CODES)
