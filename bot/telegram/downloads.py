"""Downloads of files from Telegram, with retries and a limit of size."""

import asyncio
import logging
from io import BytesIO

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiohttp import ClientError

from bot.fsm.model import Rejected
from bot.services.scans import check_size
from bot.telegram.deadline import pause_work
from bot.telegram.message_content import MessageFile

log = logging.getLogger(__name__)

#: Of one attempt, and between attempts.
_SECONDS = 60
_PAUSES = (0.5, 1.5, 4.0)


async def download_file(bot: Bot, attachment: MessageFile) -> bytes:
    """All bytes of a file; a download that breaks off is repeated.

    Raises Rejected ``file-too-big`` (nothing is downloaded) and ``file-not-fetched``, and the
    errors of Telegram's methods.
    """
    if attachment.file.file_size:
        check_size(attachment.name, attachment.file.file_size)
    for pause in (*_PAUSES, None):
        content = BytesIO()
        try:
            with pause_work():
                await bot.download(attachment.file, content, timeout=_SECONDS)
        except TelegramBadRequest as error:
            # Larger than announced, or no longer stored by Telegram.
            log.warning("a file cannot be downloaded: %s", error.message)
            raise Rejected("file-not-fetched") from None
        except (ClientError, TimeoutError) as error:
            reason = type(error).__name__
            if pause is None:
                raise Rejected("file-not-fetched") from None
            log.warning("a download broke off: %s, again in %s s", reason, pause)
            await asyncio.sleep(pause)
        else:
            return content.getvalue()
    raise AssertionError("unreachable")
