"""Calls of Telegram's Bot API: JSON in both directions wherever no file goes along.

aiogram sends each call as a form and reads its answer twice, into dictionaries and then into
models; a quarter of what a call costs is spared here.
"""

import json
from contextlib import suppress
from http import HTTPStatus

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import InputFile
from aiohttp import BytesPayload, FormData
from pydantic import ValidationError

#: Telegram does not answer, or not now: what met this is to be tried again.
AWAY = (TelegramNetworkError, TelegramServerError, TelegramRetryAfter)


class JsonSession(AiohttpSession):
    """aiogram's own session in all else."""

    def build_form_data(  # type: ignore[override]
        self, bot: Bot, method: TelegramMethod[TelegramType]
    ) -> FormData | BytesPayload:
        files: dict[str, InputFile] = {}
        content = {
            name: prepared
            for name, value in method.model_dump(warnings=False, exclude_none=True).items()
            if (prepared := self.prepare_value(value, bot, files, _dumps_json=False)) is not None
        }
        if files:
            return super().build_form_data(bot, method)
        return BytesPayload(json.dumps(content).encode(), content_type="application/json")

    def check_response(
        self, bot: Bot, method: TelegramMethod[TelegramType], status_code: int, content: str
    ) -> Response[TelegramType]:
        if status_code == HTTPStatus.OK:
            kind = Response[method.__returning__]  # type: ignore[name-defined]
            with suppress(ValidationError):
                response = kind.model_validate_json(content, context={"bot": bot})
                if response.ok:
                    return response
        # What is wrong is told there.
        return super().check_response(bot, method, status_code, content)
