"""Files that people send, fetched from Telegram."""

import asyncio
import logging
from io import BytesIO

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import Document, PhotoSize
from aiohttp import ClientError

from bot.fsm.model import Rejected
from bot.telegram.deadline import pause_work

log = logging.getLogger(__name__)

_SECONDS = 60
_PAUSES = (0.5, 1.5, 4.0)


async def download_file(bot: Bot, file: Document | PhotoSize) -> bytes:
    """All bytes of a file; one that breaks off for a moment is fetched again.

    Raises Rejected ``file-not-fetched``, and what calls of Telegram raise.
    """
    for pause in (*_PAUSES, None):
        content = BytesIO()
        try:
            with pause_work():
                await bot.download(file, content, timeout=_SECONDS)
        except TelegramBadRequest as error:
            # Larger than it said, or forgotten by Telegram.
            log.warning("a file is not given: %s", error.message)
            raise Rejected("file-not-fetched") from None
        except (ClientError, TimeoutError) as error:
            reason = type(error).__name__
            if pause is None:
                raise Rejected("file-not-fetched") from None
            log.warning("a file broke off: %s, again in %s s", reason, pause)
            await asyncio.sleep(pause)
        else:
            return content.getvalue()
    raise AssertionError("unreachable")
