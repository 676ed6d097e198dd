"""What people are told about updates that the inbox could not handle in the ordinary way."""

import logging

from aiogram import Bot
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError
from aiogram.fsm.storage.base import BaseStorage, StorageKey
from aiogram.types import Message, ReplyParameters, Update

from bot.db.errors import OUTAGES
from bot.fsm.model import Draft
from bot.handlers.consumer.forms import Forms
from bot.services.accounts import Accounts
from bot.telegram.inbox import Reason
from bot.texts import Translations

_NOT_TOLD: tuple[type[Exception], ...] = (TelegramAPIError, *OUTAGES)

log = logging.getLogger(__name__)


class ChatReplies:
    """``InboxReplies`` in the language of the chat."""

    def __init__(
        self,
        bot: Bot,
        storage: BaseStorage,
        accounts: Accounts,
        forms: Forms,
        translations: Translations,
    ) -> None:
        self._bot = bot
        self._storage = storage
        self._accounts = accounts
        self._forms = forms
        self._translations = translations

    async def may_ask_secret(self, update: Update) -> bool:
        message = _find_message(update)
        if message is None or message.chat.type != ChatType.PRIVATE:
            return False
        chat_id = message.chat.id
        key = StorageKey(bot_id=self._bot.id, chat_id=chat_id, user_id=chat_id)
        draft = (await self._storage.get_data(key)).get("draft")
        return draft is not None and self._forms.has_secret(Draft.from_json(draft))

    async def tell(self, update: Update, reason: Reason) -> None:
        message = _find_message(update)
        if message is None:
            return
        chat = message.chat
        locale = ""
        try:
            if chat.type == ChatType.PRIVATE:
                sender = message.from_user
                chosen = (await self._accounts.get_chat(chat.id, None)).locale
                locale = chosen or (sender and sender.language_code) or ""
            words = self._translations.get_texts(locale)(f"update-{reason}")
            if chat.type == ChatType.PRIVATE:
                await self._bot.send_message(chat.id, words)
            else:
                await self._bot.send_message(
                    chat.id,
                    words,
                    reply_parameters=ReplyParameters(
                        message_id=message.message_id, allow_sending_without_reply=True
                    ),
                )
        except _NOT_TOLD as error:
            log.warning("%r could not be told: %s", reason, type(error).__name__)

    async def erase(self, update: Update) -> None:
        message = _find_message(update)
        if message is None:
            return
        try:
            await self._bot.delete_message(message.chat.id, message.message_id)
        except (TelegramBadRequest, TelegramForbiddenError) as error:
            log.warning("a message with a secret could not be deleted: %s", error.message)


def _find_message(update: Update) -> Message | None:
    query = update.callback_query
    if query is not None:
        return query.message if isinstance(query.message, Message) else None
    return update.message or update.edited_message
