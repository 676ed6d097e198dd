"""Everything that people send by mistake or in malice, at every question of every form."""

from typing import Any

import pytest

from bot.domain import Category
from bot.fsm.builtin_forms import get_builtin_forms
from bot.fsm.model import Field, Form
from bot.request_types import load
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import InProcessCabinet, InProcessPhone

#: It goes where other tests have been, hundreds of times.
pytestmark = pytest.mark.no_cover

CATALOGUE = load()
FORMS = {
    **{
        name: get_builtin_forms()[name] for name in ("registration", "login", "password", "reading")
    },
    **{
        str(form.id): form
        for one in CATALOGUE.types
        for category in Category
        for form in [CATALOGUE.get_form(one.code, category)]
    },
}

#: What both categories are asked alike is tried as a legal entity.
_TRIED_ELSEWHERE = {
    CATALOGUE.get_form(one.code, Category.INDIVIDUAL).id: CATALOGUE.get_form(
        one.code, Category.LEGAL
    ).fields
    for one in CATALOGUE.types
}

_FILE = {"file_id": "x", "file_unique_id": "x"}
#: What may come, and whether a question for free words takes it.
MESSAGES: dict[str, tuple[dict[str, Any], bool]] = {
    "blanks": ({"text": "  \n\t \u00a0"}, False),
    "zero width": ({"text": "\u200b\u200d\u2060\ufeff"}, False),
    "4096 characters": ({"text": "ж" * 4096}, False),
    "4096 emoji units": ({"text": "🙂" * 2048}, False),
    "emoji": ({"text": "🙂🙃"}, False),
    "right to left": ({"text": "\u202eمرحبا بالعالم العربي\u202c"}, True),
    "html": ({"text": "<b>жир</b> & <script> &lt;"}, True),
    "sql": ({"text": "'; DROP TABLE files; -- Роб"}, True),
    "forwarded": (
        {
            "text": "Пересланные кем-то слова!",
            "forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Пётр"},
        },
        True,
    ),
    "unknown command": ({"text": "/delete_everything"}, False),
    "sticker": (
        {
            "sticker": {
                **_FILE,
                "type": "regular",
                "width": 512,
                "height": 512,
                "is_animated": False,
                "is_video": False,
            }
        },
        False,
    ),
    "voice": ({"voice": {**_FILE, "duration": 3}}, False),
    "video": ({"video": {**_FILE, "width": 9, "height": 9, "duration": 3}}, False),
    "round video": ({"video_note": {**_FILE, "length": 9, "duration": 3}}, False),
    "location": ({"location": {"latitude": 55.75, "longitude": 37.62}}, False),
    "dice": ({"dice": {"emoji": "🎲", "value": 3}}, False),
    "contact of another": (
        {"contact": {"phone_number": "79990000000", "first_name": "Пётр", "user_id": 5}},
        False,
    ),
    "contact without a person": (
        {"contact": {"phone_number": "79990000000", "first_name": "Такси"}},
        False,
    ),
}
PRESSES = [
    "f:0000000000000000:0:choose:0",
    "f:0000000000000000:0:submit:0",
    "f:0000000000000000:0:cancel:0",
    "f:x:y:z",
    "go:nowhere",
    "nonsense",
    "\u202e",
]
ELSEWHERE = ["go:requests", "r:-1", "r:1", "new:99", "rp:-5", "rp:99", "l:xx"]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
async def test_at_every_question(cabinet: InProcessCabinet, form: Form) -> None:
    phone = await start_form(cabinet, form)
    first_screen = phone.messages[-1]
    first_data = next(
        button["callback_data"]
        for row in first_screen["reply_markup"]["inline_keyboard"]
        for button in row
        # A button of the form; links such as «Забыли пароль?» work anywhere.
        if button["callback_data"].startswith("f:")
    )
    async for field in answer_questions(phone, form, cabinet.today):
        if field in _TRIED_ELSEWHERE.get(form.id, ()):
            continue
        here = OpenQuestion(cabinet, phone, field)
        for label, (content, words) in MESSAGES.items():
            await here.send(label, content, taken=_is_taken(field, label, words))
        await here.edit()
        if phone.step and not phone.step.startswith("Шаг 1 "):
            await here.press(first_data, first_screen["message_id"])
        for data in _list_presses(phone, form):
            await here.press(data)
    if form.reviewed:
        await _check_review(cabinet, phone)


def _is_taken(field: Field, label: str, words: bool) -> bool:
    if field.key == "new":
        return words
    if field.kind == "location":
        return label == "location"
    if field.kind == "name":
        return label == "right to left"
    return words and field.kind in {"text", "organisation"} and "pattern" not in field.limits


def _list_presses(phone: InProcessPhone, form: Form) -> list[str]:
    """Forged presses, some of them with the draft's own id."""
    own = next(
        (
            button["callback_data"]
            for row in phone.messages[-1].get("reply_markup", {}).get("inline_keyboard", [])
            for button in row
            if button.get("callback_data", "").startswith("f:")
        ),
        None,
    )
    if own is None:
        return PRESSES + ELSEWHERE
    draft, at = own.split(":")[1:3]
    return [
        *PRESSES,
        *ELSEWHERE,
        f"f:{draft}:{at}:choose:77",
        f"f:{draft}:{at}:choose:-1",
        f"f:{draft}:{at}:edit:77",
        f"f:{draft}:{at}:nonsense:0",
        f"f:{draft}:99:submit:0",
        f"f:{draft}:{at}:submit:0",
        f"f:{draft}:98:done:0",
        f"f:{draft}:{at}:remove:424242",
    ]


class OpenQuestion:
    """One open question, which must stay open whatever comes."""

    def __init__(self, cabinet: InProcessCabinet, phone: InProcessPhone, field: Field) -> None:
        self.cabinet = cabinet
        self.phone = phone
        self.field = field
        self.step = phone.step
        assert self.step, phone.screen

    async def send(self, label: str, content: dict[str, Any], *, taken: bool) -> None:
        self.cabinet.clock.advance(hours=1)
        before = len(self.phone.messages)
        await self.phone.send(**content)
        about = (self.field.key, label, self.phone.screen)
        assert len(self.phone.messages) > before, about
        if taken:
            assert self.phone.step != self.step, about
            await self.phone.press("Назад")
        else:
            assert "⚠️" in self.phone.screen, about
        self.check_still_open(about)

    async def edit(self) -> None:
        own = self.phone.own_messages
        self.phone.telegram.edit(
            self.phone.user_id, self.phone.user_id, own[-1]["message_id"], "Исправлено потом"
        )
        await self.phone.wait_until_handled()
        assert "Исправление прежнего сообщения не учтено" in self.phone.screen
        self.check_still_open((self.field.key, "edit", self.phone.screen))

    async def press(self, data: str, message_id: int | None = None) -> None:
        alerts = len(self.phone.alerts)
        await self.phone.forge(data, message_id)
        about = (self.field.key, data, self.phone.screen)
        if data in ELSEWHERE and not self.phone.step:
            # A plain screen of the consumer's own: the form waits behind the menu's button.
            await self.phone.say("Это не ответ на вопрос")
            await self.phone.press("Продолжить заполнение")
        else:
            assert len(self.phone.alerts) > alerts or "⚠️" in self.phone.screen, about
        self.check_still_open(about)

    def check_still_open(self, about: object) -> None:
        assert self.phone.step == self.step, about
        assert len(self.list_with_buttons()) <= 1, "old buttons stand about"

    def list_with_buttons(self) -> list[int]:
        return [
            one["message_id"]
            for one in self.phone.messages
            if one.get("reply_markup", {}).get("inline_keyboard")
        ]


async def _check_review(cabinet: InProcessCabinet, phone: InProcessPhone) -> None:
    card = phone.screen
    assert "Проверьте" in card or "Сохранить" in card
    buttons = phone.buttons
    for label, (content, _) in MESSAGES.items():
        await phone.send(**content)
        assert "⚠️" in phone.screen, (label, phone.screen)
        assert phone.buttons == buttons, label
        assert phone.screen.endswith(card[-40:]), label
    for data in PRESSES:
        await phone.forge(data)
        assert phone.buttons == buttons, data
    assert await cabinet.count_requests() == 0
