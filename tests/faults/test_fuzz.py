"""Random updates of every kind in every state: no error, and the bot still serves."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from aiogram.types import Update
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.domain import Category
from bot.request_types import load
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import STAFF_CHAT_ID, InProcessCabinet, InProcessPhone
from tests.support.soak import get_size, print_report
from tests.support.sqlite_file import copy_database
from tests.support.update_fuzzer import UpdateFuzzer

#: How many updates; each example of Hypothesis is a handful of them.
UPDATES = get_size("UPDATES", 300)
HANDFUL = 10
STAFF = 501


async def add_people(cabinet: InProcessCabinet) -> list[InProcessPhone]:
    """People in every state: guests, forms at each of their questions, reviews, menus."""
    catalogue = load()
    form = catalogue.get_form("meter_reading_visit", Category.INDIVIDUAL)
    people = [cabinet.add_phone()]
    await people[0].say("/start")
    for step in range(0, 9, 2):
        phone = await start_form(cabinet, form)
        people.append(phone)
        seen = 0
        async for _ in answer_questions(phone, form, cabinet.today):
            seen += 1
            if seen > step:
                break
    for buttons in (["Регистрация"], ["Войти"]):
        guest = cabinet.add_phone()
        await guest.say("/start")
        for words in buttons:
            await guest.press(words)
        people.append(guest)
    for buttons in (["Показания", "Ручной ввод"], ["Профиль", "Сменить пароль"], ["Показания"]):
        phone = await cabinet.add_consumer()
        for words in buttons:
            await phone.press(words)
        people.append(phone)
    return people


def list_callback_data(cabinet: InProcessCabinet) -> list[str]:
    """The data of every button on anybody's screen."""
    return sorted(
        {
            button["callback_data"]
            for chat in cabinet.telegram.chats.values()
            for message in chat.messages.values()
            for row in message.get("reply_markup", {}).get("inline_keyboard", [])
            for button in row
            if "callback_data" in button
        }
    )


def test_random_updates_do_no_harm(
    tmp_path: Path, migrated: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy_database(migrated, tmp_path)
    cabinet = InProcessCabinet(tmp_path)
    caplog.set_level(logging.ERROR)
    fed = refused = 0
    with asyncio.Runner() as runner:
        running = cabinet.run(limit_messages="999999/1s")
        runner.run(running.__aenter__())
        people = runner.run(add_people(cabinet))
        cabinet.telegram.add_person(STAFF, "Ольга")
        cabinet.telegram.chats[STAFF_CHAT_ID].members.add(STAFF)
        crowd = UpdateFuzzer([one.user_id for one in people], STAFF, STAFF_CHAT_ID)
        presses = st.one_of(st.sampled_from(list_callback_data(cabinet)), st.text(max_size=64))

        async def take(content: dict[str, Any]) -> bool:
            cabinet.telegram.queue_update(content)
            update = cabinet.telegram.updates.pop()
            try:
                ready = Update.model_validate(update, context={"bot": cabinet.app.bot})
            except ValidationError:
                return False
            await cabinet.app.handle(ready)
            return True

        @settings(
            max_examples=max(1, UPDATES // HANDFUL),
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.lists(crowd.build_updates(presses), min_size=HANDFUL, max_size=HANDFUL))
        def feed(contents: list[dict[str, Any]]) -> None:
            nonlocal fed, refused
            for content in contents:
                taken = runner.run(take(content))
                fed, refused = fed + taken, refused + (not taken)
                assert not caplog.records, (content, caplog.text[-3000:])

        feed()
        for phone in people:
            runner.run(phone.say("/menu"))
            assert "Личный кабинет" in phone.screen or "кабинет" in phone.screen.lower()
        runner.run(running.__aexit__(None, None, None))
    print_report(f"{fed} random updates, {refused} that Telegram could not have sent: no error")
    assert fed > UPDATES * 0.7, (fed, refused)
    assert cabinet.telegram.violations == []
