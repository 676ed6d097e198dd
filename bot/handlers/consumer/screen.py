"""Sends screens to a private chat and handles Telegram's errors about them."""

import logging

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError
from aiogram.types import (
    BufferedInputFile,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot.domain import StoredFile
from bot.handlers.consumer.conversation import Conversation
from bot.telegram.methods import RemoveButtons
from bot.telegram.stored_uploads import ReadPieces, StoredUpload
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
        pressed_message_id: int | None,
    ) -> None:
        """``pressed_message_id``: the message whose button was pressed, None after a message."""
        self._bot = bot
        self._chat_id = chat_id
        self._conversation = conversation
        self._texts = texts
        #: The message that the next screen may replace.
        self._replaceable_id = pressed_message_id

    async def show(self, *views: View, lasting: bool = False, asking: bool = False) -> None:
        """Shows views as one screen (its buttons are the last one's) and saves the conversation.

        A ``lasting`` screen holds something to keep, such as a number: later screens never replace
        it. ``asking``: the screen belongs to the open form; any other screen pauses the form.
        """
        conversation = self._conversation
        conversation.paused = conversation.draft is not None and not asking
        last = views[-1].keyboard
        if conversation.reply_keyboard and not isinstance(last, ReplyKeyboardMarkup):
            await self._remove_reply_keyboard()
        if len(views) > 1 or not await self._edit_present(views[0]):
            await self._strip_old_buttons()
            for view in views:
                conversation.screen_message_id = await send_view(self._bot, self._chat_id, view)
            conversation.reply_keyboard = isinstance(last, ReplyKeyboardMarkup)
        if lasting:
            conversation.screen_message_id = None
        await conversation.save()

    async def replace(self, message_id: int | None, view: View) -> None:
        """Shows a view in place of an earlier screen, apart from the conversation.

        The view is sent anew when the message cannot be edited. Errors of Telegram are logged.
        """
        try:
            if message_id is None or not await edit_view(
                self._bot, self._chat_id, message_id, view
            ):
                await send_view(self._bot, self._chat_id, view)
        except TelegramAPIError as error:
            log.warning("a late answer is not shown: %s", type(error).__name__)

    async def send_text(self, text: str) -> None:
        """Sends a message that leaves the screen as it is."""
        await self._bot.send_message(self._chat_id, text)

    async def show_activity(self, action: str = "typing") -> None:
        """Shows for some seconds that the bot is at work, such as ``upload_photo``."""
        await self._bot.send_chat_action(self._chat_id, action)

    async def send_file(self, name: str, data: bytes, caption: str = "") -> None:
        """Sends a file, a PNG as a picture; ``caption`` is HTML. The next screen comes below it."""
        self._replaceable_id = None
        file = BufferedInputFile(data, name)
        if name.endswith(".png"):
            await self._bot.send_photo(self._chat_id, file, caption=caption or None)
        else:
            await self._bot.send_document(self._chat_id, file, caption=caption or None)

    async def send_stored_file(self, file: StoredFile, read_pieces: ReadPieces) -> None:
        """Sends a file of a request as it came, a photo as a photo. The next screen comes below."""
        self._replaceable_id = None
        upload = StoredUpload(file, read_pieces)
        if file.is_photo:
            await self._bot.send_photo(self._chat_id, upload)
        else:
            await self._bot.send_document(self._chat_id, upload)

    def keep_in_place(self) -> None:
        """Lets the next screen replace the present one, as after the next file of an album."""
        self._replaceable_id = self._conversation.screen_message_id

    async def delete_secret(self, message: Message) -> bool:
        """Deletes a person's message that holds a secret; False when Telegram refuses."""
        try:
            return await self._bot.delete_message(self._chat_id, message.message_id)
        except TelegramForbiddenError:
            # Blocked since: the person sees no chat in which the message could be read.
            return True
        except TelegramBadRequest as error:
            log.warning("a message with a secret could not be deleted: %s", error.message)
            return "message to delete not found" in error.message

    async def _edit_present(self, view: View) -> bool:
        """False when the present screen may not or cannot be edited."""
        present = self._conversation.screen_message_id
        if not present or self._replaceable_id != present:
            return False
        return await edit_view(self._bot, self._chat_id, present, view)

    async def _remove_reply_keyboard(self) -> None:
        # Telegram removes a reply keyboard only by a message that has no inline keyboard.
        await self._bot.send_message(
            self._chat_id, self._texts("reply-keyboard-gone"), reply_markup=ReplyKeyboardRemove()
        )
        self._conversation.reply_keyboard = False

    async def _strip_old_buttons(self) -> None:
        """Removes the buttons of the screen that is left, if it still exists."""
        conversation = self._conversation
        message_id, conversation.screen_message_id = conversation.screen_message_id, None
        if message_id is None:
            return
        try:
            await self._bot(RemoveButtons(chat_id=self._chat_id, message_id=message_id))
        except TelegramBadRequest as error:
            log.debug("the old screen keeps its buttons: %s", error.message)
