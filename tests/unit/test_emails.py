"""Emails say the same as plain text and as HTML, greet by name, and lead to the request."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest

from bot.domain import (
    Account,
    Actor,
    ActorKind,
    Category,
    Channel,
    HistoryEntry,
    MessageContent,
    MessageKind,
    Request,
    RequestMessage,
    Status,
)
from bot.integrations.smtp import Email
from bot.request_types import load
from bot.services.one_time_codes import CodePurpose
from bot.texts import Texts, Translations
from bot.views import emails
from bot.views.email_layout import choose_contrast
from bot.views.emails import Letterhead, find_given_names
from tests.support.company import COMPANY

CATALOGUE = load()
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script> & «Ко»\nвторая строка"
ANNA = Account(
    id=7,
    category=Category.INDIVIDUAL,
    name="Иванова Анна Петровна",
    email="anna@example.ru",
    phone="+79123456789",
    locale="ru",
    password_is_temporary=False,
    created_at=NOW,
)
HEAD = Letterhead(company=replace(COMPANY, name="Сети <Севера> & Юга"), bot="cabinet_bot")
REQUEST = Request(
    id=45,
    number="2026-000123",
    account=ANNA,
    type_code="tech_connection",
    status=Status.CLARIFICATION,
    text=HOSTILE,
    registered_at=NOW,
    review_due=date(2026, 12, 8),
    answers=(),
    scans=(),
    history=(),
    emergency=False,
    answer_by=date(2026, 12, 22),
)
Build = Callable[[Account, Texts], Email]


def build_entry(
    status: Status, actor: ActorKind = ActorKind.STAFF, comment: str = ""
) -> HistoryEntry:
    return HistoryEntry(status=status, actor=actor, actor_name="Мария", comment=comment, at=NOW)


def build_status(entry: HistoryEntry, **changes: object) -> Build:
    return lambda account, texts: emails.build_status_changed_email(
        replace(REQUEST, account=account, **changes),  # type: ignore[arg-type]
        entry,
        CATALOGUE,
        HEAD,
        texts,
    )


def build_message(text: str, files: int) -> Build:
    message = RequestMessage(
        id=1,
        request_id=REQUEST.id,
        author=Actor(kind=ActorKind.STAFF, id=501, name="Мария"),
        at=NOW,
        content=MessageContent(kind=MessageKind.TEXT, text=text, chat_id=-1, message_id=1),
    )
    return lambda account, texts: emails.build_staff_message_email(
        replace(REQUEST, account=account), message, CATALOGUE, HEAD, texts, files=files
    )


def build_code(purpose: CodePurpose) -> Build:
    return lambda account, texts: emails.build_code_email(
        account, purpose, "402917", NOW, HEAD, texts
    )


ABOUT_ACCOUNT: dict[str, Build] = {
    "password": lambda one, texts: emails.build_password_email(one, "r7Nq4vKd2sXw8m", HEAD, texts),
    "reset": lambda one, texts: emails.build_password_reset_email(one, "r7Nq4vKd2s", HEAD, texts),
    "taken": lambda one, texts: emails.build_email_taken_email(one, HEAD, texts),
    "new chat": lambda one, texts: emails.build_new_chat_email(one, 5, NOW, HEAD, texts),
    "password changed": lambda one, texts: emails.build_password_changed_email(
        one, NOW, HEAD, texts
    ),
    "failed logins": lambda one, texts: emails.build_failed_logins_email(one, NOW, HEAD, texts),
    "email changed": lambda one, texts: emails.build_email_changed_email(one, HEAD, texts),
    **{f"code {purpose}": build_code(purpose) for purpose in CodePurpose},
}
ABOUT_REQUEST: dict[str, Build] = {
    "registered": lambda one, texts: emails.build_request_registered_email(
        replace(REQUEST, account=one), CATALOGUE, HEAD, texts, with_receipt=True
    ),
    "reminder": lambda one, texts: emails.build_clarification_reminder_email(
        replace(REQUEST, account=one, history=(build_entry(Status.CLARIFICATION, comment="Что?"),)),
        date(2026, 12, 22),
        CATALOGUE,
        HEAD,
        texts,
    ),
    "message": build_message(HOSTILE, 0),
    "files alone": build_message("", 2),
    "answered": build_status(build_entry(Status.IN_WORK, ActorKind.CONSUMER)),
    "clarification for ever": build_status(
        build_entry(Status.CLARIFICATION, comment=HOSTILE), answer_by=None
    ),
    **{f"status {status}": build_status(build_entry(status)) for status in Status},
}


class Reader(HTMLParser):
    """The words of HTML that are seen, with the address of a link behind its words."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = self._hidden or tag in {"title", "style"}
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = self._hidden and tag not in {"title", "style"}
        if tag == "a":
            self.words.append(self.links[-1])

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += data.split()


def read_html(email: Email) -> Reader:
    reader = Reader()
    reader.feed(email.html)
    return reader


def list_words(text: str) -> list[str]:
    return [word.rstrip(":") for word in text.split()]


@pytest.fixture(params=Translations.load().locales)
def texts(request: pytest.FixtureRequest) -> Texts:
    return Translations.load().get_texts(request.param)


@pytest.mark.parametrize("kind", [*ABOUT_ACCOUNT, *ABOUT_REQUEST])
def test_plain_text_and_html_say_the_same_and_name_the_next_step(kind: str, texts: Texts) -> None:
    email = {**ABOUT_ACCOUNT, **ABOUT_REQUEST}[kind](ANNA, texts)
    read = read_html(email)
    assert list_words(" ".join(read.words)) == list_words(email.text)
    assert texts("letter-next") in email.text
    assert HEAD.company.name in email.text
    assert "\n–\n" not in email.text
    place = "?start=r45" if kind in ABOUT_REQUEST else ""
    assert read.links == [f"https://t.me/cabinet_bot{place}"]
    # Nothing is fetched when the email is opened, and it has colours for dark mode.
    assert not re.search(r"<img|src=|url\(|<script", email.html)
    assert '<meta name="color-scheme" content="light dark">' in email.html
    assert "prefers-color-scheme:dark" in email.html


def test_without_the_name_of_the_bot_it_goes_without_a_link(texts: Texts) -> None:
    email = emails.build_email_taken_email(ANNA, replace(HEAD, bot=None), texts)
    assert read_html(email).links == []
    assert "t.me" not in email.text


def test_who_uses_the_site_has_its_link_as_well(texts: Texts) -> None:
    site = replace(HEAD, company=replace(HEAD.company, site_url="https://lk.example"), bot=None)
    taken = emails.build_email_taken_email(ANNA, site, texts)
    assert read_html(taken).links == ["https://lk.example/"]
    filed = emails.build_request_registered_email(
        REQUEST, CATALOGUE, site, texts, with_receipt=False
    )
    assert read_html(filed).links == [f"https://lk.example/requests/{REQUEST.number}"]


def test_who_filed_on_the_site_may_have_no_chat(texts: Texts) -> None:
    def build(channel: Channel) -> str:
        return emails.build_request_registered_email(
            replace(REQUEST, channel=channel), CATALOGUE, HEAD, texts, with_receipt=False
        ).text

    assert build(Channel.WEB) != build(Channel.TELEGRAM)
    assert re.search("если вы вошли в Telegram|if you have logged in there", build(Channel.WEB))


def test_the_next_step_has_its_term() -> None:
    texts = Translations.load().get_texts("ru")
    for kind, term in (
        ("registered", "08.12.2026"),
        ("answered", "08.12.2026"),
        ("status in_work", "08.12.2026"),
        ("status clarification", "22.12.2026"),
        ("status done", "04.12.2026"),
        ("status rejected", "04.12.2026"),
        ("reminder", "22.12.2026"),
        ("message", "08.12.2026"),
        ("password", "72\u00a0часа"),
    ):
        assert term in {**ABOUT_ACCOUNT, **ABOUT_REQUEST}[kind](ANNA, texts).text, kind


@pytest.mark.parametrize(
    ("name", "category", "greeting"),
    [
        ("Иванова Анна Петровна", Category.INDIVIDUAL, "Здравствуйте, Анна\u00a0Петровна!"),
        ("Анна Петровна Иванова", Category.INDIVIDUAL, "Здравствуйте, Анна\u00a0Петровна!"),
        ("Иванова Анна", Category.INDIVIDUAL, "Здравствуйте!"),
        ("Иванов И. И.", Category.INDIVIDUAL, "Здравствуйте!"),
        ("ООО «Иванович и сын»", Category.LEGAL, "Здравствуйте!"),
    ],
)
def test_the_greeting(name: str, category: Category, greeting: str) -> None:
    account = replace(ANNA, name=name, category=category)
    texts = Translations.load().get_texts("ru")
    assert f"\n{greeting}\n" in ABOUT_REQUEST["registered"](account, texts).text
    for unproved in (
        ABOUT_ACCOUNT["taken"](account, texts),
        ABOUT_ACCOUNT["password"](replace(account, email_proved=False), texts),
    ):
        assert "\nЗдравствуйте!\n" in unproved.text
        assert name not in unproved.text + unproved.html


@pytest.mark.parametrize(
    ("full_name", "names"),
    [
        ("Кузьмин Илья Ильич", "Илья Ильич"),
        ("Абрамович Роман Аркадьевич", "Роман Аркадьевич"),
        ("Мамедова Лейла Али кызы", "Лейла Али кызы"),
        ("Anna Petrovna Ivanova", "Anna Petrovna"),
        ("Петрович Анна", None),
        ("Ким Сон Ир", None),
    ],
)
def test_names_and_patronymics(full_name: str, names: str | None) -> None:
    found = find_given_names(full_name)
    assert (found and found.replace("\u00a0", " ")) == names


def test_words_of_people_are_only_words(texts: Texts) -> None:
    for kind in ("registered", "message", "clarification for ever"):
        email = ABOUT_REQUEST[kind](ANNA, texts)
        assert HOSTILE in email.text
        assert "<script>alert" not in email.html
        assert "&lt;script&gt;" in email.html
    assert "Сети &lt;Севера&gt; &amp; Юга" in email.html


@pytest.mark.parametrize(
    "color", ["#1f5fa8", "#ffffff", "#000000", "#ffd500", "#777777", "#e3001b"]
)
def test_words_on_the_colour_of_the_company_can_be_read(color: str) -> None:
    # WCAG 2.2, 1.4.3: the ratio of black or white to anything is at least 4.5 for one of them.
    expected = {"#ffffff": "#000000", "#ffd500": "#000000", "#777777": "#000000"}
    assert choose_contrast(color) == expected.get(color, "#ffffff")
