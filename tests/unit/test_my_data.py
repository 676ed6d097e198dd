"""«Мои данные.html»: everything of the export in words, and no markup of a person's own."""

from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest

from bot.formatting.personal_data import render_summary
from bot.request_types import load
from bot.texts import Translations
from tests.support.company import COMPANY

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ROWS: dict[str, list[dict[str, Any]]] = {
    "accounts": [
        {
            "category": "individual",
            "name": "<script>alert(1)</script>",
            "email": "anna@example.ru",
            "phone": "+79123456789",
            "locale": "ru",
            "created_at": AT,
            "answer_channel": "paper",
        }
    ],
    "chats": [{"chat_id": 70, "locale": "ru", "last_seen_at": AT}],
    "contact_changes": [
        {"what": what, "former": former, "present": "", "asked_at": AT, "changed_at": changed_at}
        for what, former, changed_at in (
            ("name", "Прежняя <b>", AT),
            ("phone", "+74951234567;ext=5", AT),
            ("email", "never@example.ru", None),
        )
    ],
    "consents": [
        {
            "version": "1",
            "text": "Согласна",
            "sha256": "0",
            "accepted_at": AT,
            "withdrawn_at": None,
            "chat_id": 70,
        }
    ],
    "requests": [
        {
            "id": 1,
            "number": "2026-000001",
            "type_code": "meter_reading_visit",
            "status": "in_work",
            "text": "Прошу <b>снять</b>",
            "registered_at": AT,
            "review_due": date(2026, 12, 1),
            "due_at": None,
            "answer_by": None,
            "emergency": False,
            "closed_at": None,
            "rating": None,
        }
    ],
    "answers": [{"request_id": 1, "position": 0, "label": "Адрес", "value": "Мира, 1"}],
    "history": [
        {"request_id": 1, "at": AT, "actor": "staff", "status": "in_work", "comment": "Взяли"},
        {"request_id": 1, "at": AT, "actor": "system", "status": "annulled", "comment": ""},
    ],
    "drafts": [
        {
            "form": "request:meter_reading_visit:individual",
            "changed_at": AT,
            "answers": {"text": "Черновик <i>", "gone": "1"},
        },
        {"form": "request:gone:individual", "changed_at": AT, "answers": {"text": "1"}},
        {"form": "reading", "changed_at": AT, "answers": {"kind": "double", "meter": "777"}},
    ],
    "files": [
        {
            "request_id": 1,
            "reading_id": None,
            "name": "акт.pdf",
            "media_type": "application/pdf",
            "size": 9,
            "sha256": "0",
            "stored_at": AT,
            "from_staff": False,
        },
        {
            "request_id": 1,
            "reading_id": None,
            "name": "договор.pdf",
            "media_type": "application/pdf",
            "size": 9,
            "sha256": "0",
            "stored_at": AT,
            "from_staff": True,
        },
        {
            "request_id": None,
            "reading_id": 8,
            "name": "Фото табло.jpg",
            "media_type": "image/jpeg",
            "size": 9,
            "sha256": "0",
            "stored_at": AT,
            "from_staff": False,
        },
    ],
    "request_messages": [
        {
            "request_id": 1,
            "at": AT,
            "author": "consumer",
            "kind": "text",
            "text": "Жду звонка",
            "file_name": None,
        }
    ],
    "meters": [{"id": 5, "number": "12345678", "kind": "single", "place": "дача", "digits": 5}],
    "readings": [
        {
            "id": 8,
            "meter_id": 5,
            "day": date(2026, 11, 20),
            "submitted_at": AT,
            "kind": "single",
            "values": (Decimal("15034.6"),),
            "used": None,
            "source": "manual",
            "marks": "",
            "current": True,
        }
    ],
    "audit": [{"at": AT, "actor": "staff", "action": "show", "request_id": 1}],
}


class Reader(HTMLParser):
    """The words and the tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize(
    ("locale", "name", "words"),
    [
        (
            "ru",
            "Мои данные.html",
            (
                "Физическое лицо",
                "В работе",
                "15034,6",
                "открытие карточки",
                "На бумаге",
                "автоматически Аннулирована",
                "Документы от компании",
                "договор.pdf",
                "Прежнее имя или название Прежняя <b>",
                "Прежний телефон +7 495 123-45-67 доб. 5",
            ),
        ),
        (
            "en",
            "My data.html",
            ("In progress", "15034.6", "card opened", "automatically", "123-45-67 ext. 5"),
        ),
    ],
)
def test_the_page_is_readable(locale: str, name: str, words: tuple[str, ...]) -> None:
    texts = Translations.load().get_texts(locale)
    file_name, html = render_summary(ROWS, catalogue=load(), company=COMPANY, texts=texts)
    reader = Reader()
    reader.feed(html)
    shown = " ".join(" ".join(reader.words).split())
    assert file_name == name
    assert f'<html lang="{locale}">' in html
    own = ("<script>alert(1)</script>", "Прошу <b>снять</b>", "Мира, 1", "Взяли", "акт.pdf")
    for word in (
        *words,
        *own,
        "Жду звонка",
        "Фото табло.jpg",
        "12345678",
        "Согласна",
        "2026-000001",
        "70",
    ):
        assert word in shown, word
    assert "never@example.ru" not in shown
    assert not {"script", "b"} & reader.tags
