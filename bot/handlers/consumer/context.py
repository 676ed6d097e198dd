"""One update of a person in a private chat, with everything needed to answer it."""

from dataclasses import dataclass, replace
from typing import Any

from aiogram.filters import BaseFilter
from aiogram.types import TelegramObject

from bot.domain import Chat
from bot.handlers.consumer.conversation import Conversation
from bot.handlers.consumer.screen import Screen
from bot.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatContext:
    chat: Chat
    conversation: Conversation
    screen: Screen
    texts: Texts

    def with_language(self, texts: Texts, chat: Chat) -> "ChatContext":
        return replace(self, texts=texts, chat=chat)


class LoggedIn(BaseFilter):
    """Passes consumers that are logged in, and gives the handler their ``account``."""

    async def __call__(self, event: TelegramObject, context: ChatContext) -> bool | dict[str, Any]:
        account = context.chat.account
        return False if account is None else {"account": account}
