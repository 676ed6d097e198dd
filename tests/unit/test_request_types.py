"""The request types: the packaged file, and how wrong files are refused."""

import copy
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain import Category, TypeRole
from bot.fsm import field_types
from bot.fsm.field_types import KINDS, TYPED_KINDS, AnswerContext
from bot.fsm.model import Condition, Form, FormId, list_visible
from bot.keyboards import NewRequest
from bot.request_types import (
    CODE_LENGTH,
    PACKAGED,
    CatalogueError,
    ClarificationRule,
    ReviewTerm,
    load,
)
from bot.texts import Translations

CATALOGUE = load()
DOCUMENT = Path(__file__).parents[2] / "docs" / "request-types.md"
TEXT = PACKAGED.read_text(encoding="utf-8")
INDIVIDUAL, LEGAL = Category.INDIVIDUAL, Category.LEGAL
CODES = (
    "tech_connection",
    "meter_reading_visit",
    "meter_commissioning",
    "meter_installation",
    "unmetered_report",
    "grid_asset_theft",
)
FORMS = [CATALOGUE.get_form(code, category) for code in CODES for category in Category]
ALL_FORMS = pytest.mark.parametrize("form", FORMS, ids=lambda form: str(form.id))
CONTEXT = AnswerContext(
    today=date(2026, 11, 24),
    profile={},
    working_day_after=lambda day, days: day + timedelta(days=days),
    answers={},
)


def _list_keys(form: Form) -> set[str]:
    return {field.key for field in form.fields}


# --- the packaged file -----------------------------------------------------------------------


def test_the_six_types_of_the_specification() -> None:
    assert tuple(one.code for one in CATALOGUE.types) == CODES
    for one in CATALOGUE.types:
        assert CATALOGUE.get(one.code) is CATALOGUE.find(one.code) is one
    assert CATALOGUE.find_by_role(TypeRole.READING_VISIT) is CATALOGUE.get("meter_reading_visit")


def test_the_packaged_file_says_everything_in_all_languages_of_the_texts() -> None:
    locales = set(Translations.load().locales)

    def check(part: object) -> None:
        match part:
            case dict() if "ru" in part:
                assert set(part) == locales, part
            case dict():
                for item in part.values():
                    check(item)
            case list():
                for item in part:
                    check(item)

    data = yaml.safe_load(TEXT)
    assert set(data["languages"]) == locales
    check(data)


def test_the_document_names_the_source_of_every_field() -> None:
    sections = DOCUMENT.read_text(encoding="utf-8").split("\n## ")
    for one in yaml.safe_load(TEXT)["types"]:
        section = next(text for text in sections if f"(`{one['code']}`)" in text.splitlines()[0])
        table = section.partition("| field |")[2].partition("| paper |")[0]
        rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| (\w+)", table, re.MULTILINE)
        assert rows == [
            (field["key"], field["label"]["ru"], field["type"]) for field in one["fields"]
        ]
        papers = re.findall(
            r"^\| `\w+` \| ([^|]+) \|", section.partition("| paper |")[2], re.MULTILINE
        )
        assert papers == [paper["label"]["ru"] for paper in one["attachments"]]
        for days in [one["review_days"], *(it["days"] for it in one.get("review_variants", ()))]:
            assert re.search(rf"\| {days} (?:working|calendar) \|", section), (one["code"], days)


def test_unknown_types_and_forms() -> None:
    assert CATALOGUE.find("gone") is None
    assert CATALOGUE.find_form(FormId("request", "gone", "legal")) is None
    assert CATALOGUE.find_form(FormId("gone")) is None
    with pytest.raises(KeyError):
        CATALOGUE.get_form("gone", LEGAL)


def test_a_type_that_has_left_the_file_is_called_by_its_code() -> None:
    gone = CATALOGUE.get("gone")
    for locale in ("ru", "en", "kk"):
        assert gone.title[locale] == gone.button[locale] == "gone"


@ALL_FORMS
def test_the_text_is_asked_last_but_the_scans(form: Form) -> None:
    *_, text, scans = form.fields
    assert (text.key, text.kind, text.optional) == ("text", "text", False)
    assert text.limits["multiline"]
    assert (scans.key, scans.kind, scans.optional) == ("scans", "files", True)
    assert CATALOGUE.find_form(form.id) is form


@ALL_FORMS
def test_every_question_can_be_asked_and_answered(form: Form) -> None:
    seen: set[str] = set()
    for field in form.fields:
        assert field.kind in KINDS
        assert (field.kind == "choice") == bool(field.choices)
        assert field.label or field.kind == "files"
        assert field.when is None or field.when.field in seen
        assert field.key not in seen
        seen.add(field.key)


@ALL_FORMS
@pytest.mark.parametrize("locale", ["ru", "en"])
def test_the_examples_of_the_file_are_taken_themselves(form: Form, locale: str) -> None:
    for field in form.fields:
        if field.kind in TYPED_KINDS:
            assert field.example is not None, field.key
            assert field_types.read(field.example[locale], field, CONTEXT)


@ALL_FORMS
def test_some_day_can_be_named_for_every_date(form: Form) -> None:
    for field in form.fields:
        if (shown := field_types.make_example(field, CONTEXT)) is not None:
            assert field_types.read(shown, field, CONTEXT)


@pytest.mark.parametrize(
    ("code", "only_legal", "only_individual"),
    [
        (
            "tech_connection",
            {
                "applicant_kind",
                "object_name",
                "reliability_category",
                "load_nature",
                "inn",
                "ogrn",
                "inn_entrepreneur",
                "ogrnip",
                "instalments",
            },
            {"benefit", "snils"},
        ),
        ("meter_reading_visit", {"supply_point", "contact_person"}, set()),
        ("meter_commissioning", {"contact_person"}, {"initial_reading"}),
        ("meter_installation", {"object_name", "points_count"}, set()),
        ("unmetered_report", set(), set()),
        ("grid_asset_theft", set(), set()),
    ],
)
def test_questions_of_one_category_are_asked_of_it_alone(
    code: str, only_legal: set[str], only_individual: set[str]
) -> None:
    individual, legal = (_list_keys(CATALOGUE.get_form(code, one)) for one in (INDIVIDUAL, LEGAL))
    assert legal - individual == only_legal
    assert individual - legal == only_individual


def test_choices_and_papers_of_one_category_too() -> None:
    individual, legal = (CATALOGUE.get_form("tech_connection", one) for one in (INDIVIDUAL, LEGAL))
    assert [one.value for one in individual.get_field("voltage").choices] == ["0.22", "0.4"]
    assert len(legal.get_field("voltage").choices) == 5


_PASSPORT, _PLAN = "Копия паспорта", "План расположения энергопринимающих устройств"


@pytest.mark.parametrize(
    ("category", "answers", "required"),
    [
        (INDIVIDUAL, {"max_power_kw": "15"}, {_PASSPORT}),
        (INDIVIDUAL, {"max_power_kw": "150.1"}, {_PASSPORT, _PLAN}),
        (LEGAL, {"applicant_kind": "entrepreneur", "max_power_kw": "150"}, {_PASSPORT}),
        (LEGAL, {"applicant_kind": "organisation", "max_power_kw": "150"}, set()),
        (LEGAL, {"applicant_kind": "organisation", "max_power_kw": "151"}, {_PLAN}),
    ],
)
def test_papers_are_mandatory_by_the_answers(
    category: Category, answers: Mapping[str, str], required: set[str]
) -> None:
    papers = CATALOGUE.list_required_papers("tech_connection", category, answers)
    always = "Документ о праве на участок или объект"
    assert {one["ru"] for one in papers} == {always, *required}
    named = {
        paper.label["ru"]
        for paper in CATALOGUE.get_form("tech_connection", category).get_field("scans").papers
        if paper.is_named(answers)
    }
    # П. 11 of P861 forbids to demand others, such as charter documents.
    assert not any("чредительные" in one for one in named)
    assert (_PASSPORT in named) is (_PASSPORT in required)


def test_an_anonymous_report_asks_for_no_signed_scan() -> None:
    for category in Category:
        papers = CATALOGUE.get_form("unmetered_report", category).get_field("scans").papers
        for answer, signed in (("yes", False), ("no", True)):
            named = [one.label["ru"] for one in papers if one.is_named({"confidential": answer})]
            assert ("Скан подписанного заявления" in named) is signed
            assert "Фото" in named


@pytest.mark.parametrize("kind", ["new", "increase", "scheme"])
def test_the_shortest_way_has_ten_questions_at_most(kind: str) -> None:
    form = CATALOGUE.get_form("tech_connection", INDIVIDUAL)
    asked = list_visible(form.fields, {"connection_kind": kind, "max_power_kw": "15"})
    assert len(asked) <= 10
    assert [one.key for one in asked[-2:]] == ["text", "scans"]


@pytest.mark.parametrize(
    ("category", "answers", "asked", "not_asked"),
    [
        (INDIVIDUAL, {"max_power_kw": "15"}, {"benefit", "snils"}, {"supplier", "points_count"}),
        (INDIVIDUAL, {"max_power_kw": "16"}, {"supplier", "points_count"}, {"benefit"}),
        (INDIVIDUAL, {"connection_kind": "temporary"}, {"temporary_until"}, set()),
        (INDIVIDUAL, {"connection_kind": "new"}, set(), {"temporary_until"}),
        (LEGAL, {"max_power_kw": "15"}, set(), {"instalments"}),
        (LEGAL, {"max_power_kw": "150"}, {"instalments"}, set()),
        (LEGAL, {"max_power_kw": "151"}, set(), {"instalments"}),
        (
            LEGAL,
            {"applicant_kind": "organisation"},
            {"inn", "ogrn"},
            {"inn_entrepreneur", "ogrnip"},
        ),
        (
            LEGAL,
            {"applicant_kind": "entrepreneur"},
            {"inn_entrepreneur", "ogrnip"},
            {"inn", "ogrn"},
        ),
    ],
)
def test_a_branch_asks_what_it_needs(
    category: Category, answers: Mapping[str, str], asked: set[str], not_asked: set[str]
) -> None:
    form = CATALOGUE.get_form("tech_connection", category)
    visible = {one.key for one in list_visible(form.fields, answers)}
    assert asked <= visible
    assert not not_asked & visible
    assert {"applicant_address", "supply_contract"} <= visible


def test_clarifications_and_emergencies_by_type() -> None:
    assert CATALOGUE.get_clarification_rule("tech_connection") == ClarificationRule(
        restarts=True, annul_after=20, remind_before=5
    )
    for code in (*CODES[1:], "gone"):
        assert CATALOGUE.get_clarification_rule(code) == ClarificationRule()
    assert CATALOGUE.get_emergency_hours("grid_asset_theft") == 2
    assert CATALOGUE.get_emergency_hours("unmetered_report") is None


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("У нас нет света с утра", True),
        ("СВЕТА НЕТ!!!", True),
        ("Оборванный провод лежит на дороге", True),
        ("провода искрят", True),
        ("Бьёт током от опоры", True),
        ("no power since morning", True),
        ("Нет квитанции за свет", False),
        ("Когда придёт мастер?", False),
        ("", False),
    ],
)
def test_words_of_an_emergency_are_found_by_their_beginnings(words: str, found: bool) -> None:
    type_found = CATALOGUE.find_emergency_type(["Здравствуйте", words])
    assert (type_found.code if type_found else None) == ("grid_asset_theft" if found else None)


def test_two_variants_that_exclude_each_other_may_disagree(tmp_path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["types"][0]["review_variants"] = [
            {"when": {"field": "max_power_kw", "le": 15}, "days": 5, "calendar": "working"},
            {"when": {"field": "max_power_kw", "gt": 15}, "days": 9, "calendar": "working"},
            {
                "when": {"field": "applicant_kind", "in": ["entrepreneur"]},
                "days": 5,
                "calendar": "working",
                "applies_to": "legal",
                "decides": True,
            },
            # The question is asked of organisations alone, and the other variant of entrepreneurs.
            {
                "when": {"field": "temporary_until", "in": ["x"]},
                "days": 7,
                "calendar": "working",
                "applies_to": "legal",
                "decides": True,
            },
        ]
        temporary = _get_question(data, 0, "temporary_until")
        temporary.update(
            type="choice",
            validation={},
            options=[{"value": "x", "label": {"ru": "х", "en": "x"}}],
            show_if={"field": "applicant_kind", "in": ["organisation"]},
            applies_to="legal",
        )

    catalogue = load(_write_types(tmp_path, edit))
    for power, days in (("15", 5), ("15.1", 9)):
        assert catalogue.find_term("tech_connection", LEGAL, {"max_power_kw": power}).days == days


_KEYS = (
    "P186", "P442", "P861", "P354", "LIP", "ALT", "OKE", "BSH", "RES", "HAK", "ISS", "ZAR",
)  # fmt: skip


def test_no_internal_key_reaches_a_person() -> None:
    """The keys of sources are for the document: neither texts nor the file show one."""
    document = DOCUMENT.read_text(encoding="utf-8").partition("## Sources")[2]
    assert tuple(re.findall(r"^\| ([A-Z0-9]{3,4}) \|", document, re.MULTILINE)) == _KEYS
    inner = re.compile(rf"\b(?:{'|'.join(_KEYS)})\b|\bп\. ?[0-9]")
    texts = sorted((PACKAGED.parent / "texts").glob("*.ftl"))
    for text in (
        TEXT.partition("schema_version")[2],
        *(path.read_text(encoding="utf-8") for path in texts),
    ):
        assert not inner.search(text), inner.search(text)


def test_what_the_file_says_of_a_question_reaches_the_form() -> None:
    form = CATALOGUE.get_form("meter_installation", INDIVIDUAL)
    meter = form.get_field("meter_number")
    assert meter.when == Condition(field="action", values=frozenset({"replace"}))
    assert form.get_field("contact_phone").suggestion == "profile.phone"
    assert form.notice is not None
    assert CATALOGUE.get_form("tech_connection", INDIVIDUAL).notice is None
    danger = CATALOGUE.get_form("grid_asset_theft", LEGAL).get_field("danger")
    assert (danger.kind, [one.value for one in danger.choices]) == ("choice", ["yes", "no"])
    day = CATALOGUE.get_form("meter_reading_visit", LEGAL).get_field("desired_date")
    assert day.limits["min_working_days_ahead_if"] == {
        "field": "reason",
        "in": ("dismantling", "repair"),
        "days": 7,
    }


@pytest.mark.parametrize(
    ("code", "category", "answers", "days", "working"),
    [
        ("tech_connection", INDIVIDUAL, {}, 10, True),
        ("tech_connection", INDIVIDUAL, {"max_power_kw": "15"}, 10, True),
        ("tech_connection", INDIVIDUAL, {"max_power_kw": "15.001"}, 20, True),
        ("tech_connection", LEGAL, {"max_power_kw": "15.001"}, 10, True),
        ("tech_connection", LEGAL, {"max_power_kw": "150"}, 10, True),
        ("tech_connection", LEGAL, {"max_power_kw": "150.5"}, 20, True),
        ("tech_connection", LEGAL, {"reliability_category": "1"}, 20, True),
        ("tech_connection", LEGAL, {"reliability_category": "2"}, 10, True),
        ("tech_connection", INDIVIDUAL, {"connection_kind": "temporary"}, 10, False),
        # A temporary connection decides, whatever its power and category.
        (
            "tech_connection",
            INDIVIDUAL,
            {"connection_kind": "temporary", "max_power_kw": "16"},
            10,
            False,
        ),
        (
            "tech_connection",
            LEGAL,
            {
                "connection_kind": "temporary",
                "max_power_kw": "151",
                "reliability_category": "1",
            },
            10,
            False,
        ),
        ("tech_connection", INDIVIDUAL, {"max_power_kw": ""}, 10, True),
        ("meter_reading_visit", LEGAL, {"reason": "control"}, 10, True),
        ("meter_reading_visit", LEGAL, {"reason": "repair"}, 5, True),
        ("meter_commissioning", INDIVIDUAL, {}, 30, False),
        ("meter_installation", INDIVIDUAL, {"reason": "failed"}, 10, True),
        ("meter_installation", INDIVIDUAL, {"reason": "early_wish"}, 5, True),
        ("unmetered_report", INDIVIDUAL, {}, 15, False),
        ("grid_asset_theft", LEGAL, {}, 15, False),
    ],
)
def test_promised_terms(
    code: str, category: Category, answers: Mapping[str, str], days: int, working: bool
) -> None:
    assert CATALOGUE.find_term(code, category, answers) == ReviewTerm(days=days, working=working)


@pytest.mark.parametrize(
    ("code", "answers", "emergency"),
    [
        ("grid_asset_theft", {}, False),
        ("grid_asset_theft", {"in_progress": "now"}, True),
        ("grid_asset_theft", {"in_progress": "past", "danger": "no"}, False),
        ("grid_asset_theft", {"in_progress": "unknown", "danger": "yes"}, True),
        ("grid_asset_theft", {"police_reported": "yes"}, False),
        ("unmetered_report", {"confidential": "yes", "in_progress": "now"}, False),
    ],
)
def test_emergencies(code: str, answers: Mapping[str, str], emergency: bool) -> None:
    for category in Category:
        assert CATALOGUE.is_emergency(code, category, answers) is emergency


# --- files of a company ------------------------------------------------------------------------


def _write_types(tmp_path: Path, edit: Callable[[dict[str, Any]], object]) -> Path:
    data = copy.deepcopy(yaml.safe_load(TEXT))
    edit(data)
    path = tmp_path / "types.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def _get_question(data: dict[str, Any], at: int, key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in data["types"][at]["fields"] if one["key"] == key)
    return found


def test_a_company_may_change_words_terms_and_questions(tmp_path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["types"][0].update(
            title={"ru": "Новое"}, review_days=7, review_variants=[], attachments=[]
        )
        data["types"][0]["fields"] = [
            {**_get_question(data, 0, "object_name"), "key": "site", "required": False}
        ]
        data["types"].reverse()

    catalogue = load(_write_types(tmp_path, edit))
    title = catalogue.types[0].title
    # There is no English title: the first language of the file is shown.
    assert title["ru"] == title["en"] == "Новое"
    assert catalogue.find_term("tech_connection", LEGAL, {}) == ReviewTerm(days=7, working=True)
    form = catalogue.get_form("tech_connection", LEGAL)
    assert [(field.key, field.optional) for field in form.fields] == [
        ("site", True),
        ("text", False),
        ("scans", True),
    ]


def test_any_number_of_types_with_any_codes(tmp_path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        visit = data["types"][1]
        data["types"] = [
            *({**visit, "number": 9 - at, "code": f"own_{at}", "role": None} for at in range(7)),
            {**visit, "number": 1, "code": "first", "role": None},
        ]

    catalogue = load(_write_types(tmp_path, edit))
    # Their numbers put them in order.
    assert [one.code for one in catalogue.types] == [
        "first",
        *(f"own_{at}" for at in reversed(range(7))),
    ]
    assert "meter_number" in _list_keys(catalogue.get_form("own_6", LEGAL))
    assert catalogue.find_by_role(TypeRole.READING_VISIT) is None


def test_the_longest_code_fits_a_button() -> None:
    assert len(NewRequest(code="x" * CODE_LENGTH).pack().encode()) <= 64


@pytest.mark.parametrize(
    ("edit", "place", "reason"),
    [
        (lambda d: d.update(types=[]), "types", "at least 1"),
        (
            lambda d: d["types"].append({**d["types"][0], "number": 7}),
            "types",
            "the same code tech_connection",
        ),
        (lambda d: d["types"][1].update(number=1), "types", "the same number 1"),
        (lambda d: d["types"][1].update(number=0), "types.1.number", "greater than or equal to 1"),
        (
            lambda d: d["types"][0].update(role="reading_visit"),
            "types",
            "the same role reading_visit",
        ),
        (lambda d: d["types"][0].update(role="chief"), "types.0.role", "'reading_visit'"),
        (
            lambda d: d["types"][0].update(code="x" * 33),
            "types.0.code",
            "at most 32 characters",
        ),
        (lambda d: d["types"][0].update(code="a:b"), "types.0.code", "pattern"),
        (lambda d: d.pop("common"), "common", "Field required"),
        (lambda d: d.update(schema_version=2), "schema_version", "3"),
        (lambda d: d.update(colour="red"), "colour", "not permitted"),
        (lambda d: d["types"][0].pop("review_days"), "types.0.review_days", "required"),
        (lambda d: d["types"][0].update(review_days=0), "types.0.review_days", "greater"),
        (lambda d: d["types"][0].update(fields=[]), "types.0.fields", "at least 1"),
        (
            lambda d: d["types"][4]["notice"].pop("ru"),
            "types.4.notice",
            "the first language, 'ru', are missing",
        ),
        (
            lambda d: d["types"][4]["notice"].update(eng="Mind"),
            "types.4.notice",
            "`languages` does not declare eng",
        ),
        (lambda d: d.update(languages=[]), "languages", "at least 1"),
        (lambda d: d["common"].pop("yes"), "common.yes", "required"),
        (
            lambda d: d["types"][0]["button"].update(ru="я" * 41),
            "types.0.button.ru",
            "at most 40 characters",
        ),
        (
            lambda d: d["types"][0]["fields"][4].update(colour="red"),
            "types.0.fields.4.colour",
            "not permitted",
        ),
        (
            lambda d: d["types"][0]["fields"][4].update(type="number"),
            "types.0.fields.4.type",
            "'text'",
        ),
        (
            lambda d: d["types"][0]["fields"][4].update(key="Имя"),
            "types.0.fields.4.key",
            "pattern",
        ),
        (
            lambda d: d["types"][0]["fields"][6].update(key="object_name"),
            "types.0.fields.6",
            "'object_name' is taken",
        ),
        (
            lambda d: d["types"][0]["fields"][6].update(key="text"),
            "types.0.fields.6",
            "'text' is taken",
        ),
        *(
            (
                lambda d, key=key: d["types"][0]["fields"][3].update(key=key),
                "types.0.fields.3",
                f"the key '{key}' is reserved for a field of the type text",
            )
            for key in ("meter_number", "address")
        ),
        (
            lambda d: d["types"][0]["fields"][1].update(options=[]),
            "types.0.fields.1",
            "a choice needs some",
        ),
        (
            lambda d: d["types"][0]["fields"][4].update(
                options=[{"value": "a", "label": {"ru": "А", "en": "A"}}]
            ),
            "types.0.fields.4",
            "options belong to a choice",
        ),
        (
            lambda d: d["types"][0]["fields"][1]["options"][1].update(value="new"),
            "types.0.fields.1",
            "two options have the same value",
        ),
        (
            lambda d: d["types"][0]["fields"][1]["hint"].pop("ru"),
            "types.0.fields.1.hint",
            "'ru', are missing",
        ),
        (
            lambda d: d["types"][0]["fields"][4].pop("example"),
            "types.0.fields.4",
            "needs an example",
        ),
        (
            lambda d: d["common"]["free_text"].pop("example"),
            "common.free_text.example",
            "required",
        ),
        (
            lambda d: d["common"]["free_text"]["validation"].update(pattern="("),
            "common.free_text.validation.pattern",
            "no regular expression",
        ),
        (
            lambda d: d["types"][0]["fields"][7]["validation"].update(pattern="^[0-9"),
            "types.0.fields.7.validation.pattern",
            "no regular expression",
        ),
        (
            lambda d: d["types"][0]["fields"][4]["validation"].update(max_length=9999),
            "types.0.fields.4.validation.max_length",
            "less than or equal to 3000",
        ),
        (
            lambda d: d["types"][0]["fields"][4].update(show_if={"field": "gone", "in": ["a"]}),
            "types.0.fields.4",
            "no field 'gone'",
        ),
        # A later question cannot decide about an earlier one.
        (
            lambda d: d["types"][0]["fields"][4].update(show_if={"field": "voltage", "in": ["6"]}),
            "types.0.fields.4",
            "no field 'voltage' before this one",
        ),
        (
            lambda d: d["types"][3]["fields"][6]["show_if"].update({"in": ["replace", "sell"]}),
            "types.3.fields.6",
            "'action' never has the value sell",
        ),
        (
            lambda d: d["types"][3]["fields"][6]["show_if"].update({"in": []}),
            "types.3.fields.6.show_if.in",
            "at least 1",
        ),
        (
            lambda d: d["types"][1]["fields"][5]["validation"]["min_working_days_ahead_if"].update(
                field="gone"
            ),
            "types.1.fields.5",
            "no field 'gone'",
        ),
        (
            lambda d: d["types"][0]["review_variants"][1]["when"].update(field="gone"),
            "types.0.review_variants.1",
            "no field 'gone'",
        ),
        (
            lambda d: d["types"][0]["review_variants"][0]["when"].update({"in": ["never"]}),
            "types.0.review_variants.0",
            "never has the value never",
        ),
        (
            lambda d: d["types"][0]["review_variants"][1]["when"].update(field="object_name"),
            "types.0.review_variants.1",
            "`gt` and `le` need a number, and 'object_name' is of the type text",
        ),
        (
            lambda d: d["types"][0]["review_variants"][1]["when"].pop("gt"),
            "types.0.review_variants.1",
            "either `in`, or `gt` and `le`",
        ),
        (
            lambda d: d["types"][0]["review_variants"][1]["when"].update({"in": ["1"]}),
            "types.0.review_variants.1",
            "needs either `in`, or `gt` and `le`",
        ),
        # Two variants that can hold together and disagree.
        (
            lambda d: d["types"][0]["review_variants"][0].pop("decides"),
            "types.0.review_variants.1",
            "the variants 0 (`connection_kind` in temporary) and 1 (`max_power_kw` gt 150) can "
            "hold together and give different terms: mark the one that counts with `decides: true`",
        ),
        (
            lambda d: d["types"][0]["review_variants"][1].update(decides=True),
            "types.0.review_variants.1",
            "the variants 0 (`connection_kind` in temporary) and 1",
        ),
        (
            lambda d: d["types"][0]["review_variants"][3].update(days=15),
            "types.0.review_variants.3",
            "the variants 1 (`max_power_kw` gt 150) and 3 (`reliability_category` in 1)",
        ),
        (
            lambda d: d["types"][0]["fields"][7].update(applies_to="both"),
            "types.0.fields.8",
            "'cadastral_number' is taken",
        ),
        (
            lambda d: d["types"][0]["clarification"].update(annul_after=5),
            "types.0.clarification",
            "`remind_before` must be less than `annul_after`",
        ),
        (
            lambda d: d["types"][0]["clarification"].update(clock="stop"),
            "types.0.clarification.clock",
            "'resume' or 'restart'",
        ),
        (
            lambda d: d["types"][0]["attachments"][2]["required_if"].update(field="object_name"),
            "types.0.attachments.2",
            "`gt` and `le` need a number, and 'object_name' is of the type text",
        ),
        (
            lambda d: d["types"][4]["attachments"][0]["show_if"].update({"in": ["maybe"]}),
            "types.4.attachments.0",
            "'confidential' never has the value maybe",
        ),
        (
            lambda d: d["types"][0].pop("without_papers"),
            "types.0",
            "mandatory papers need `without_papers`",
        ),
        (
            lambda d: d["types"][5].pop("emergency_hours"),
            "types.5",
            "`emergency_hours` belongs to a type with an answer that is an emergency",
        ),
        (
            lambda d: d["types"][4].update(emergency_words=["нет света"]),
            "types.4",
            "`emergency_words` belong to a type with an answer that is an emergency",
        ),
        (
            lambda d: d["types"][5].update(emergency_words=["Нет света!"]),
            "types.5.emergency_words.0",
            "",
        ),
    ],
)
def test_wrong_files_are_refused_with_place_and_reason(
    tmp_path: Path, edit: Callable[[dict[str, Any]], object], place: str, reason: str
) -> None:
    path = _write_types(tmp_path, edit)
    with pytest.raises(CatalogueError) as caught:
        load(path)
    said = str(caught.value)
    found = re.match(re.escape(str(path)) + r", line ([0-9]+), ([^ ]+): ", said)
    assert found, said
    assert found[2] == place
    assert reason in said
    assert 1 <= int(found[1]) <= len(path.read_text(encoding="utf-8").splitlines())


def test_the_line_is_that_of_the_wrong_value(tmp_path: Path) -> None:
    wrong = TEXT.replace("    review_days: 30", "    review_days: soon", 1)
    line = wrong[: wrong.index("review_days: soon")].count("\n") + 1
    path = tmp_path / "types.yaml"
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(CatalogueError, match=rf", line {line}, types\.2\.review_days: "):
        load(path)


def test_the_line_of_a_missing_value_is_that_of_its_part(tmp_path: Path) -> None:
    wrong = TEXT.replace("    review_days: 30\n", "", 1)
    line = wrong[: wrong.index("  - number: 3")].count("\n") + 1
    path = tmp_path / "types.yaml"
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(CatalogueError, match=rf", line {line}, types\.2\.review_days: "):
        load(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"types: [,\n", "no YAML: .*line 1"),
        (b"a: 1\n\tb: 2\n", "no YAML: .*line 2"),
        (b"a: *gone\n", "no YAML: .*line 1"),
        (b"a: !!python/object:os.system {}\n", "no YAML: .*line 1"),
        (b"a: 1\n---\nb: 2\n", "no YAML: .*line 2"),
        (b"", "line 1, : "),
        (b"- 1\n", "line 1, : "),
        ("types: Заявка".encode("cp1251"), "cannot be read"),
    ],
)
def test_files_of_another_kind_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "types.yaml"
    path.write_bytes(content)
    with pytest.raises(CatalogueError, match=f"(?s)^{re.escape(str(path))}.*{reason}"):
        load(path)


def test_unreadable_paths_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.yaml", tmp_path):
        with pytest.raises(CatalogueError, match=f"^{re.escape(str(path))}: cannot be read"):
            load(path)


@pytest.mark.parametrize("locale", ["ru", "en"])
def test_the_text_of_each_type_has_an_example_of_its_own(locale: str) -> None:
    forms = [CATALOGUE.get_form(one.code, Category.INDIVIDUAL) for one in CATALOGUE.types]
    examples = {form.get_field("text").example[locale] for form in forms}  # type: ignore[index]
    assert len(examples) == len(forms)
