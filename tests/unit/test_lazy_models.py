"""aiogram's models are compiled when they are needed, and then rightly."""

import subprocess
import sys
from collections.abc import Iterator

from aiogram import methods, types
from pydantic import BaseModel

_COUNT = """
import bot.app
from aiogram import methods, types
everything = [*vars(methods).values(), *vars(types).values()]
models = [one for one in everything if hasattr(one, "model_rebuild")]
print(len(models), sum(one.__pydantic_complete__ for one in models))
"""


def _list_models() -> Iterator[type[BaseModel]]:
    for room in (types, methods):
        for name in room.__all__:
            model = getattr(room, name)
            if isinstance(model, type) and issubclass(model, BaseModel):
                yield model


def test_the_start_compiles_few_of_them() -> None:
    told = subprocess.run(
        [sys.executable, "-c", _COUNT], check=True, capture_output=True, text=True
    )
    known, compiled = map(int, told.stdout.split())
    assert known > 500
    assert compiled < 50, "is aiogram imported before bot.aiogram_models, or in another way?"


def test_each_of_them_can_be_compiled() -> None:
    broken = [
        one.__name__ for one in _list_models() if one.model_rebuild(raise_errors=False) is False
    ]
    assert broken == []


def test_a_type_that_nobody_has_used_yet_is_validated_to_its_depth() -> None:
    told = {"id": "1", "from": {"id": 7, "is_bot": False, "first_name": "Анна"}, "query": ""}
    found = types.InlineQuery.model_validate({**told, "offset": ""})
    assert found.from_user.first_name == "Анна"
    markup = types.InlineKeyboardMarkup(
        inline_keyboard=[[types.InlineKeyboardButton(text="a", callback_data="b")]]
    )
    sent = methods.SendPoll(chat_id=1, question="?", options=["a"], reply_markup=markup)
    assert sent.model_dump(exclude_none=True)["reply_markup"] == {
        "inline_keyboard": [[{"text": "a", "callback_data": "b"}]]
    }
