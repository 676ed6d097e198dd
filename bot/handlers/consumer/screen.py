"""The only senders of screens to a private chat, and the only readers of Telegram's complaints."""

import logging

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import (
    BufferedInputFile,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot.handlers.consumer.conversation import Conversation
from bot.telegram.views import edit_view, send_view
from bot.texts import Texts
from bot.views.view import View

log = logging.getLogger(__name__)


class Screen:
    """The live screen of one chat: edited in place after a press, sent anew after a message."""

    def __init__(
        self,
        bot: Bot,
        chat_id: int,
        conversation: Conversation,
        texts: Texts,
        pressed: int | None,
    ) -> None:
        self._bot = bot
        self._chat_id = chat_id
        self._conversation = conversation
        self._texts = texts
        self._pressed = pressed

    async def show(self, *views: View, lasting: bool = False, asking: bool = False) -> None:
        """Shows views as one screen (its buttons are the last one's) and remembers it.

        A ``lasting`` screen carries a promise, such as a number: later screens never replace it.
        ``asking``: the screen belongs to the form in hand, which waits behind any other screen.
        """
        conversation = self._conversation
        conversation.paused = conversation.draft is not None and not asking
        last = views[-1].keyboard
        if conversation.reply_keyboard and not isinstance(last, ReplyKeyboardMarkup):
            # Telegram takes a reply keyboard away only by a message that has no inline one.
            await self._bot.send_message(
                self._chat_id,
                self._texts("reply-keyboard-gone"),
                reply_markup=ReplyKeyboardRemove(),
            )
            conversation.reply_keyboard = False
        in_place = len(views) == 1 and self._pressed == conversation.screen
        if (
            in_place
            and self._pressed
            and await edit_view(self._bot, self._chat_id, self._pressed, views[0])
        ):
            await self._settle(lasting)
            return
        await self._strip_old_buttons()
        for view in views:
            sent = await send_view(self._bot, self._chat_id, view)
            conversation.screen = sent.message_id
        conversation.reply_keyboard = isinstance(last, ReplyKeyboardMarkup)
        await self._settle(lasting)

    async def _settle(self, lasting: bool) -> None:
        if lasting:
            self._conversation.screen = None
        await self._conversation.save()

    async def _strip_old_buttons(self) -> None:
        """Strips the buttons of the screen that is being left, if it still stands."""
        screen, self._conversation.screen = self._conversation.screen, None
        if screen is None:
            return
        try:
            await self._bot.edit_message_reply_markup(chat_id=self._chat_id, message_id=screen)
        except TelegramBadRequest as error:
            log.debug("the old screen keeps its buttons: %s", error.message)

    async def say(self, text: str) -> None:
        """A passing word that leaves the screen as it is."""
        await self._bot.send_message(self._chat_id, text)

    async def show_activity(self, action: str = "typing") -> None:
        """Shows for some seconds that the bot is at work, such as ``upload_photo``."""
        await self._bot.send_chat_action(self._chat_id, action)

    async def send_file(self, name: str, data: bytes) -> None:
        """A file; pictures are shown. The next screen comes below it."""
        self._pressed = None
        file = BufferedInputFile(data, name)
        if name.endswith(".png"):
            await self._bot.send_photo(self._chat_id, file)
        else:
            await self._bot.send_document(self._chat_id, file)

    def keep_in_place(self) -> None:
        """The next screen replaces the present one in place: the next file of the same album."""
        self._pressed = self._conversation.screen

    async def erase(self, message: Message) -> bool:
        """Deletes a person's message that holds a secret; False when Telegram refuses."""
        try:
            return await self._bot.delete_message(self._chat_id, message.message_id)
        except TelegramForbiddenError:
            # Blocked since: the person sees no chat in which the message could be read.
            return True
        except TelegramBadRequest as error:
            log.warning("a message with a secret could not be deleted: %s", error.message)
            return "message to delete not found" in error.message
