"""The button beside the message field: it opens the Mini App where there is a site."""

import pytest

from bot.handlers.command_menus import set_menu_button
from tests.support.in_process import InProcessCabinet

SITE = "https://lk.example.ru"


async def read_button(cabinet: InProcessCabinet) -> dict[str, object]:
    button = await cabinet.app.bot.get_chat_menu_button(chat_id=cabinet.add_phone().user_id)
    return button.model_dump(exclude_none=True)


async def test_the_button_follows_the_site(cabinet: InProcessCabinet) -> None:
    bot, translations = cabinet.app.bot, cabinet.app.translations
    await set_menu_button(bot, translations, SITE)
    assert await read_button(cabinet) == {
        "type": "web_app",
        "text": "Кабинет",
        "web_app": {"url": f"{SITE}/miniapp"},
    }
    await set_menu_button(bot, translations, None)
    assert await read_button(cabinet) == {"type": "commands"}


async def test_a_refused_button_stops_nothing(
    cabinet: InProcessCabinet, caplog: pytest.LogCaptureFixture
) -> None:
    await set_menu_button(cabinet.app.bot, cabinet.app.translations, "http://lk.example.ru")
    assert "Only HTTPS links are allowed" in caplog.text
    assert await read_button(cabinet) == {"type": "commands"}
