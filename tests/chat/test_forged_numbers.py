"""Numbers and characters that no database takes: forged in buttons, typed in commands and texts."""

from typing import Any

import pytest

from bot import keyboards
from bot.keyboards import ButtonData
from tests.support.form_filler import file_request
from tests.support.in_process import EACH_STORAGE, InProcessCabinet

pytestmark = [EACH_STORAGE, pytest.mark.no_cover]

NUMBERS = (2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**40, -1, 0)
KINDS = [
    kind
    for kind in vars(keyboards).values()
    if isinstance(kind, type) and issubclass(kind, ButtonData) and kind is not ButtonData
]


def forged(kind: type[ButtonData], number: int) -> list[str]:
    """Buttons of this kind with such a number in each field for one."""
    fields: dict[str, Any] = {
        name: number if field.annotation is int else False if field.annotation is bool else ""
        for name, field in kind.model_fields.items()
    }
    acts = ACTS.get(kind.__prefix__, ({},))
    return [data for act in acts if len(data := build(kind, {**fields, **act})) <= 64]


def build(kind: type[ButtonData], fields: dict[str, Any]) -> str:
    return ":".join(
        [
            kind.__prefix__,
            *(str(int(v)) if isinstance(v, bool) else str(v) for v in fields.values()),
        ]
    )


ACTS: dict[str, tuple[dict[str, Any], ...]] = {
    "d": tuple(
        {"act": act, "seen": "registered", "to": to}
        for act in ("set", "words", "own", "cancel", "show", "reset")
        for to in ("in_work", "rejected")
    ),
    "q": tuple(
        {"act": act} for act in ("withdraw", "dispute", "rate", "supplement", "again", "answer")
    ),
    "mf": ({"kind": "xlsx"}, {"kind": "png"}),
    "mq": ({"form": "period"}, {"form": "place"}),
}


async def test_no_forged_button_reaches_the_database(cabinet: InProcessCabinet) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    card = await maria.expects_card("2026-000001")
    assert len(KINDS) > 12
    for kind in KINDS:
        for number in NUMBERS:
            for data in forged(kind, number):
                before = len(phone.messages)
                await phone.forge(data)
                assert "неполадка" not in "".join([phone.screen, *phone.alerts]), data
                assert "неполадка" not in await maria.forge(card, data), data
                assert len(phone.messages) >= before
    assert await cabinet.count_requests() == 1


async def test_commands_and_texts_hold_no_number_or_character_too_large(
    cabinet: InProcessCabinet,
) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    for words in ("9" * 40, f"2026-{'9' * 30}", "a\0b@example.ru", "+7\0912", "№\0", "\ud800"):
        await maria.say(f"/find {words}")
        assert "неполадка" not in str(maria.messages[-1]), words
        await maria.say(f"/reset {words}")
        assert "неполадка" not in str(maria.messages[-1]), words
    card = await maria.expects_card("2026-000001")
    await maria.say("Слова\0 и ещё\ud800", reply_to=card)
    await phone.expects("Слова и ещё?")
    await phone.say("/menu")
    await phone.press("Показания")
    await phone.say("1\0" * 100)
    assert "неполадка" not in phone.screen
