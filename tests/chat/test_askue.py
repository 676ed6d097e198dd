"""ASKUE from 80020 files, as consumers see it."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.domain import Category
from bot.integrations.askue_access import AccessFileError
from sandbox.askue_80020 import HalfHour, build_message
from tests.support.counting_hasher import CountingHasher
from tests.support.in_process import InProcessCabinet, InProcessPhone
from tests.support.phone import PATIENCE_SECONDS

CODE = "Zavod-2026"


async def prepare(folder: Path) -> dict[str, str]:
    """A file with two points, of which one consumer may see the first; the settings for it."""
    (folder / "80020").mkdir()
    values: dict[str, Sequence[HalfHour]] = {"01": [2] * 47, "02": [0] * 48, "03": ["1,5"] * 48}
    message = build_message(
        date(2026, 11, 23),
        {"12 Ввод <1>": values, "13 Чужой ввод": values},
        formed="20261124053000",
    )
    (folder / "80020" / "20261123.xml").write_bytes(message)
    hashed = await CountingHasher().hash(CODE)
    consumer = {
        "identifier": "zavod-7",
        "password_hash": hashed,
        "points": ["7701234567/12", "7701234567/99"],
    }
    (folder / "access.yaml").write_text(yaml.safe_dump({"consumers": [consumer]}))
    return {
        "askue_url": f"file://{folder}/80020",
        "askue_kind": "80020",
        "askue_access_file": str(folder / "access.yaml"),
    }


async def query(phone: InProcessPhone, *words: str, password: str = CODE) -> str:
    """Asks for the table by buttons with these words; waits for the outcome."""
    readings, askue, get, again, menu = words
    await phone.say("/menu")
    await phone.press(readings)
    await phone.press(askue)
    await phone.say("zavod-7")
    await phone.say(password)
    await phone.press(get)
    came = await phone.telegram.wait_until(
        lambda: again in phone.buttons and menu in phone.buttons, PATIENCE_SECONDS
    )
    assert came, phone.screen
    return phone.screen


async def test_80020_files_become_the_table(cabinet: InProcessCabinet, tmp_path: Path) -> None:
    async with cabinet.run(**await prepare(tmp_path)):
        plant = await cabinet.add_consumer("ООО «Завод»", Category.LEGAL)
        words = ("Показания", "АСКУЭ", "Получить данные", "Получить снова", "Меню")
        screen = await query(plant, *words)
        assert "ТП-12" in screen
        assert "Ввод &lt;1&gt;" in screen or "Ввод <1>" in screen
        assert "Энергия за сутки 23.11.2026" in screen
        assert "94" in screen
        assert "72,0" in screen
        assert "1 получас без достоверных данных" in screen
        assert "24.11.2026 05:30" in screen
        # The point without data is there, by its code; a stranger's is not.
        assert "99" in screen
        assert "—" in screen
        assert "Чужой" not in screen
        assert "не подошли" in await query(plant, *words, password="wrong")

        await plant.say("/language")
        await plant.press("English")
        words = ("Readings", "ASKUE", "Get the data", "Get the data again", "Menu")
        screen = await query(plant, *words)
        assert "Energy for 23.11.2026" in screen
        assert "1 half-hour without reliable data" in screen
        assert "72.0" in screen


async def test_a_wrong_access_file_stops_the_start(
    cabinet: InProcessCabinet, tmp_path: Path
) -> None:
    settings = await prepare(tmp_path)
    (tmp_path / "access.yaml").write_text("consumers: 5")
    with pytest.raises(AccessFileError, match="consumers"):
        async with cabinet.run(**settings):
            pass
