"""A company's own file of request types, in a chat with the whole bot."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.request_types import PACKAGED
from tests.support.in_process import InProcessCabinet
from tests.support.sqlite_file import copy_database


@pytest.fixture
def started(tmp_path: Path, migrated: Path) -> Callable[..., InProcessCabinet]:
    """A cabinet to run with the packaged types after ``edit``."""

    def make(edit: Callable[[list[dict[str, Any]]], object]) -> InProcessCabinet:
        data = yaml.safe_load(PACKAGED.read_text(encoding="utf-8"))
        edit(data["types"])
        path = tmp_path / "types.yaml"
        path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
        copy_database(migrated, tmp_path)
        cabinet = InProcessCabinet(tmp_path)
        cabinet.settings["request_types_file"] = path
        return cabinet

    return make


def _swap(types: list[dict[str, Any]]) -> None:
    types[1], types[2] = types[2], types[1]
    types[1]["number"], types[2]["number"] = 2, 3


async def test_the_visit_button_follows_the_role(
    started: Callable[..., InProcessCabinet],
) -> None:
    async with started(_swap).run() as cabinet:
        phone = await cabinet.add_consumer()
        await phone.press("Показания")
        await phone.press("Снятие показаний")
        assert "Заявка на снятие показаний прибора учета" in phone.screen


async def test_without_the_role_there_is_no_visit_button(
    started: Callable[..., InProcessCabinet],
) -> None:
    async with started(lambda types: types.pop(1)).run() as cabinet:
        phone = await cabinet.add_consumer()
        await phone.press("Показания")
        words = [button for row in phone.rows for button in row]
        assert "Ручной ввод" in words
        assert "Снятие показаний" not in words


async def test_a_seventh_type_is_filed_and_shown_after_it_has_left_the_file(
    started: Callable[..., InProcessCabinet],
) -> None:
    def add(types: list[dict[str, Any]]) -> None:
        types.append(
            {
                "number": 7,
                "code": "street_lighting",
                "title": {"ru": "Заявка на ремонт уличного освещения"},
                "button": {"ru": "Уличное освещение"},
                "review_days": 3,
                "calendar": "working",
                "fields": [
                    {
                        "key": "address",
                        "label": {"ru": "Адрес"},
                        "example": {"ru": "ул. Мира, 5"},
                        "type": "text",
                        "required": True,
                    }
                ],
            }
        )

    async with started(add).run() as cabinet:
        phone = await cabinet.add_consumer()
        for words in ("Заявки", "Создание заявки", "Уличное освещение"):
            await phone.press(words)
        assert "Заявка на ремонт уличного освещения" in phone.screen
        await phone.say("ул. Мира, 5")
        await phone.say("Не горит фонарь у дома")
        await phone.press("Пропустить")
        await phone.press("Отправить")
        await phone.expects("№ 2026-000001")
        await cabinet.deliver()
        cabinet.settings["request_types_file"] = None
    async with cabinet.run():
        await phone.say("/menu")
        await phone.press("Заявки")
        assert "street_lighting" in phone.screen
        await phone.press("2026-000001")
        assert "ул. Мира, 5" in phone.screen
