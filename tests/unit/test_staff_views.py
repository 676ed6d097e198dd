"""What the staff group is shown: cards, lists, notices and figures, in both languages."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest

from bot.canned_answers import load as load_canned_answers
from bot.db.request_reports import ReportLine
from bot.domain import (
    OPEN,
    TRANSITIONS,
    Account,
    Actor,
    ActorKind,
    Address,
    Answer,
    Category,
    HistoryEntry,
    Meter,
    MeterKind,
    MeterReading,
    ObjectKind,
    Reading,
    ReadingMark,
    ReadingSource,
    Request,
    StaffUser,
    Status,
)
from bot.request_types import load
from bot.services.request_reports import (
    GroupStats,
    MemberStats,
    PeriodStats,
    ReportPage,
    Stats,
)
from bot.texts import Translations
from bot.views import cards, request_reports
from bot.views.view import View
from sandbox.bot_api.html import count_units, parse_html
from tests.support.company import COMPANY

CATALOGUE = load()
TYPE = CATALOGUE.types[0].code
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
ANNA = Account(
    id=1,
    category=Category.INDIVIDUAL,
    name="Анна <b>Иванова</b> & Ко",
    email="anna@example.ru",
    phone="+79123456789",
    locale="ru",
    password_is_temporary=False,
    created_at=NOW,
)
#: Telegram lets first and last name have 64 characters each.
LONG_NAME = f"{'О' * 64} {'Ы' * 64}"
MARIA = Actor(kind=ActorKind.STAFF, id=501, name=LONG_NAME)


def build_entry(
    status: Status, actor: ActorKind = ActorKind.STAFF, comment: str = ""
) -> HistoryEntry:
    return HistoryEntry(
        id=1, at=NOW, actor=actor, actor_name=LONG_NAME, status=status, comment=comment
    )


REQUEST = Request(
    id=7,
    number="2026-000123",
    account=ANNA,
    type_code=TYPE,
    status=Status.REGISTERED,
    text="Прошу <подключить> & скорее",
    registered_at=NOW,
    review_due=date(2026, 12, 8),
    answers=(Answer(key="address", label="Адрес", value="Тула <ул. Мира>"),),
    scans=(),
    history=(build_entry(Status.REGISTERED, ActorKind.CONSUMER),),
    emergency=False,
)


def build_line(number: int = 1, **changes: object) -> ReportLine:
    made = ReportLine(
        id=number,
        number=f"2026-{number:06d}",
        type_code=TYPE,
        status=Status.IN_WORK,
        account_id=1,
        name="ООО <Ромашка>",
        email="a@b.ru",
        phone="+79123456789",
        registered_at=NOW,
        review_due=date(2026, 12, 8),
        closed_at=None,
        rating=None,
        text="=1+1",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def join_texts(*views: View) -> str:
    """What is read; every view must be one that Telegram takes."""
    shown = []
    for view in views:
        text, _ = parse_html(view.text)
        assert 0 < count_units(text) <= 4096
        shown.append(text)
    return "\n".join(shown)


def list_labels(view: View) -> list[str]:
    return [one.text for row in view.inline.inline_keyboard for one in row] if view.inline else []


@pytest.fixture(params=Translations.load().locales)
def locale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_card_tells_everything_and_offers_what_is_allowed(locale: str) -> None:
    texts = Translations.load().get_texts(locale)
    for status in Status:
        moved = () if status is Status.REGISTERED else (build_entry(status),)
        history = (*REQUEST.history, *moved)
        closed = status in {Status.DONE, Status.REJECTED, Status.WITHDRAWN}
        one = replace(
            REQUEST,
            status=status,
            history=history,
            closed_at=NOW if closed else None,
            clock_stopped_at=NOW if status is Status.CLARIFICATION else None,
            rating=4 if closed else None,
        )
        (card,) = cards.render_card(one, TODAY, CATALOGUE, COMPANY, texts)
        told = join_texts(card)
        for expected in (
            "2026-000123",
            ANNA.name,
            ANNA.email,
            "+7 912 345-67-89",
            "Тула <ул. Мира>",
            REQUEST.text,
            texts(f"status-{status}"),
            "24.11.2026 12:00",
            "08.12.2026",
        ):
            assert expected in told, (status, expected)
        assert (LONG_NAME in told) is (status is not Status.REGISTERED)
        assert ("★★★★☆" in told) is closed
        assert (texts("card-clock-stopped") in told) is (status is Status.CLARIFICATION)
        allowed = TRANSITIONS.get((ActorKind.STAFF, status), frozenset())
        documents = {texts("desk-button-receipt")} if status in OPEN else set()
        passed = {texts("desk-assign-members")} if status in OPEN else set()
        if status is Status.IN_WORK:
            passed.add(texts("desk-assign-take"))
        expected_labels = {
            texts(f"desk-button-{to if status in OPEN else 'reopen'}") for to in allowed
        }
        if status in OPEN:
            expected_labels.add(texts("desk-button-replies"))
        assert set(list_labels(card)) == documents | passed | expected_labels
        assert "\n\n\n" not in told
        late = cards.format_conflict(one, COMPANY, texts)
        assert count_units(late) <= 200
        assert (LONG_NAME[:40] in late) is bool(moved)
        topic = cards.format_topic_name(
            replace(one, account=replace(ANNA, name="Ю" * 300)), CATALOGUE, texts
        )
        assert len(topic) == 128
        assert topic.startswith(texts(f"status-mark-{status}"))


def test_days_left_and_late_and_danger_are_seen(locale: str) -> None:
    texts = Translations.load().get_texts(locale)

    def render_card(today: date, **changes: object) -> str:
        one = replace(REQUEST, **changes)  # type: ignore[arg-type]
        return join_texts(*cards.render_card(one, today, CATALOGUE, COMPANY, texts))

    assert texts("card-left", days=14, today="24.11") in render_card(TODAY)
    assert texts("card-left", days=0, today="08.12") in render_card(date(2026, 12, 8))
    assert texts("card-overdue", days=2, today="10.12") in render_card(date(2026, 12, 10))
    assert "⚠️" in render_card(TODAY, emergency=True)
    assert "⚠️" not in render_card(TODAY)


@pytest.mark.parametrize("length", [301, 4096, 20_000])
def test_nothing_of_a_long_request_is_cut(locale: str, length: int) -> None:
    texts = Translations.load().get_texts(locale)
    long = ("слово <&> 🙂 " * length)[:length].strip()
    answers = tuple(Answer(key=f"k{n}", label=f"Вопрос {n}", value=f"{n}" * 500) for n in range(9))
    history = (*REQUEST.history, build_entry(Status.REJECTED, comment=long))
    one = replace(REQUEST, text=long, answers=answers, history=history, status=Status.REJECTED)
    views = cards.render_card(one, TODAY, CATALOGUE, COMPANY, texts)
    told = join_texts(*views)
    assert told.count("слово") == 2 * long.count("слово")
    assert told.count("🙂") == 2 * long.count("🙂")
    assert all(answer.value in told for answer in answers)
    assert all(view.keyboard is None for view in views[1:])
    assert "blockquote expandable" in "".join(view.text for view in views)


def test_questions_to_the_staff_offer_ready_words(locale: str) -> None:
    texts = Translations.load().get_texts(locale)
    answers = load_canned_answers(None, locales=["ru", "en"], type_codes=[])
    for to, purpose in cards.COMMENTED.items():
        asked = cards.render_comment_question(REQUEST, to, MARIA, answers, texts)
        offered = [one.button for one in answers.list_for(purpose, REQUEST.type_code)]
        assert list_labels(asked) == [
            texts(f"desk-heading-{to}", name=MARIA.name[:16]), *offered,
            texts("desk-own-words"), texts("button-back"),
        ]  # fmt: skip
        own = cards.render_own_comment_question(REQUEST, to, MARIA, texts)
        assert own.keyboard is not None
        assert LONG_NAME in join_texts(own)
    asked = cards.render_reset_card(ANNA, 1, Address.from_chat(777), texts, is_known=False)
    assert ANNA.email in join_texts(asked)
    assert "777" in join_texts(asked)
    assert join_texts(asked) != join_texts(
        cards.render_reset_card(ANNA, 1, Address.from_chat(777), texts, is_known=True)
    )
    assert "/reset" in join_texts(cards.render_reset_card(ANNA, 1, None, texts, is_known=False))
    assert LONG_NAME in join_texts(cards.render_reset_done(ANNA, MARIA, "24.11.2026 12:00", texts))
    assert "37" in join_texts(cards.render_backlog(37, texts))


def test_found_requests_turn_their_pages(locale: str) -> None:
    texts = Translations.load().get_texts(locale)
    late = build_line(2, review_due=date(2026, 11, 23))
    closed = build_line(3, review_due=date(2026, 11, 1), closed_at=NOW, status=Status.DONE)
    page = ReportPage((build_line(1), late, closed), 1, more=True)
    shown = request_reports.render_found(page, "ромашка <1>", TODAY, CATALOGUE, texts)
    assert "ромашка <1>" in join_texts(shown)
    told = join_texts(shown).split("\n\n")
    assert list_labels(shown) == [
        *(texts("numbered", number=f"2026-00000{number}") for number in (1, 2, 3)),
        "◀",
        "▶",
    ]
    assert "ООО <Ромашка>" in told[1]
    assert ["⚠️" in one for one in told[1:]] == [False, True, False]
    assert list_labels(
        request_reports.render_list(
            ReportPage((build_line(),), 0, more=False), "my", TODAY, CATALOGUE, texts
        )
    ) == [texts("numbered", number="2026-000001")]
    empty = ReportPage((), 0, more=False)
    for command, none in (
        ("find", request_reports.render_found(empty, "x", TODAY, CATALOGUE, texts)),
        ("my", request_reports.render_list(empty, "my", TODAY, CATALOGUE, texts)),
        ("overdue", request_reports.render_list(empty, "overdue", TODAY, CATALOGUE, texts)),
    ):
        assert join_texts(none) == texts(f"desk-{command}-none")
        assert none.keyboard is None
    # Eight of the longest.
    lines = tuple(build_line(number, name="&" * 250) for number in range(8))
    join_texts(
        request_reports.render_found(
            ReportPage(lines, 0, more=True), "x" * 200, TODAY, CATALOGUE, texts
        )
    )


def test_last_readings_stand_below_what_was_found(locale: str) -> None:
    texts = Translations.load().get_texts(locale)
    meter = Meter(
        id=1,
        account_id=1,
        number="0812-<1>",
        kind=MeterKind.DOUBLE,
        place="",
        digits=None,
        object=ObjectKind.DWELLING,
    )
    reading = Reading(
        id=1,
        meter_id=1,
        day=TODAY,
        submitted_at=NOW,
        kind=MeterKind.DOUBLE,
        values=(Decimal("120.5"), Decimal(60)),
        used=None,
        source=ReadingSource.BOT,
        marks=frozenset({ReadingMark.AMENDS}),
    )
    known = MeterReading(account=ANNA, meter=meter, reading=reading)
    one = ReportPage((), 0, more=False, readings=(known,))
    told = join_texts(request_reports.render_found(one, "x", TODAY, CATALOGUE, texts))
    comma = "," if locale == "ru" else "."
    number, mark = texts("numbered", number="0812-<1>"), texts("mark-amends")
    assert f"{number} · 24.11.2026 · T1 120{comma}5; T2 60 · {mark}" in told
    assert texts("desk-find-no-requests") in told


def test_a_reminder_names_what_is_late_and_what_is_due_soon(locale: str) -> None:
    texts = Translations.load().get_texts(locale)
    late = [build_line(n, review_due=date(2026, 11, 23), name="&" * 250) for n in range(30)]
    soon = [build_line(n, review_due=date(2026, 11, 26)) for n in range(30, 40)]
    views = request_reports.render_reminder([*late, *soon], [REQUEST], TODAY, CATALOGUE, texts)
    told = join_texts(*views)
    assert told.count(texts("numbered", number="2026-")) == 40
    for key, count in (("desk-overdue-notice", 30), ("desk-soon-notice", 10)):
        heading, _ = parse_html(texts(key, count=count))
        assert heading in told
    alone = join_texts(*request_reports.render_reminder(soon, [], TODAY, CATALOGUE, texts))
    heading, _ = parse_html(texts("desk-overdue-notice", count=0))
    assert heading.split("0")[0] not in alone


def test_figures_are_those_of_the_reports(locale: str) -> None:
    texts = Translations.load().get_texts(locale)
    codes = [one.code for one in CATALOGUE.types]
    figures = Stats(
        open=dict.fromkeys(codes, (1, 20, 300)),
        overdue=77,
        closed=5000,
        hours=96.4,
        late_share=0.125,
    )
    members = [
        MemberStats(
            member=StaffUser(id=501, name="Мария <1>"),
            open=3, figures=GroupStats(taken=14, closed=12, hours=20.2, late=2, rating=4.25),
        ),
        MemberStats(
            member=StaffUser(id=502, name=""),
            open=1, figures=GroupStats(taken=0, closed=0, hours=None, late=0, rating=None),
        ),
    ]  # fmt: skip
    types = {codes[0]: GroupStats(taken=41, closed=39, hours=None, late=0, rating=None)}
    period = PeriodStats(everything=figures, types=types, members=members)
    told = join_texts(request_reports.render_stats(period, CATALOGUE, texts))
    rating = "4,2" if texts.locale == "ru" else "4.2"
    for figure in ("Мария <1>", "14", "12", rating, "41", "39"):
        assert figure in told, figure
    assert "— " not in told
    for shown in (
        request_reports.render_digest(figures, TODAY, CATALOGUE, texts),
        request_reports.render_stats(period, CATALOGUE, texts),
    ):
        told = join_texts(shown)
        for figure in ("1926", "77", "5000", "96", "12%", "321"):
            assert figure in re.sub(r"(?<=\d)[\s,](?=\d{3})", "", told), figure
    assert "24.11.2026" in join_texts(
        request_reports.render_digest(figures, TODAY, CATALOGUE, texts)
    )
    _, _, names, series, totals = request_reports.build_chart(figures, CATALOGUE, texts)
    assert len(names) == len(codes)
    assert [values for _, values in series] == [[1.0] * 6, [20.0] * 6, [300.0] * 6]
    assert totals == ["321"] * 6
    nothing = Stats(open={}, overdue=0, closed=0, hours=None, late_share=None)
    period = PeriodStats(everything=nothing, types={}, members=[])
    assert "—" not in join_texts(request_reports.render_stats(period, CATALOGUE, texts))


def test_a_file_of_requests_has_a_cell_for_each_column(locale: str) -> None:
    texts = Translations.load().get_texts(locale)
    table = request_reports.build_table(CATALOGUE, texts, COMPANY.timezone)
    closed = build_line(closed_at=NOW + timedelta(hours=1))
    cells = table.build_row(closed)
    assert len(cells) == len(table.columns)
    assert cells[-1] == "=1+1"
    assert unescape(str(cells[3])) == "ООО <Ромашка>"
    assert cells[6] == NOW
    assert str(cells[6]).endswith("+03:00")
