"""A staff member's phone: what one does in the group, and what one sees there."""

from typing import Any

from sandbox.bot_api.state import Message, Telegram
from tests.support.backlog import until_handled
from tests.support.phone import PATIENCE_SECONDS


class StaffPhone:
    """One member of the staff group. Each deed returns when the bot has dealt with it."""

    patience = PATIENCE_SECONDS

    def __init__(self, telegram: Telegram, chat_id: int, user_id: int, name: str) -> None:
        self.telegram = telegram
        self.chat_id = chat_id
        self.user_id = user_id
        telegram.add_person(user_id, name)
        telegram.chats[chat_id].members.add(user_id)

    # --- what is seen ----------------------------------------------------------------------

    @property
    def messages(self) -> list[Message]:
        """What the bot wrote in the group and did not delete, oldest first."""
        sent = self.telegram.chats[self.chat_id].messages.values()
        return [one for one in sent if one["from"]["is_bot"]]

    async def expects(self, *words: str, after: int = 0) -> Message:
        """Waits for the newest message of the bot with all these words."""

        def found() -> Message | None:
            return next(
                (
                    one
                    for one in reversed(self.messages)
                    if one["message_id"] > after and all(word in _words(one) for word in words)
                ),
                None,
            )

        await self.telegram.until(found, self.patience)
        message = found()
        assert message, f"{words} not in {[_words(one) for one in self.messages]}"
        return message

    async def card(self, number: str, *words: str) -> Message:
        """Waits for the card of a request, with these words too."""
        return await self.expects(f"Заявка № {number}", *words)

    # --- what is done ----------------------------------------------------------------------

    async def press(self, message: Message, words: str) -> str:
        """Presses a button; what the window says that answers it."""
        return await self.forge(message, data_of(message, words))

    async def forge(self, message: Message, data: str) -> str:
        self.telegram.press(message["chat"]["id"], self.user_id, message["message_id"], data)
        before = len(self.telegram.alerts)
        await self.settled()
        return "".join(one.text for one in self.telegram.alerts[before:])

    async def say(self, text: str, reply_to: Message | None = None) -> Message:
        answered = reply_to["message_id"] if reply_to else None
        sent = self.telegram.send(self.chat_id, self.user_id, text=text, reply_to=answered)
        await self.settled()
        return sent

    async def send_file(self, data: bytes, name: str, reply_to: Message, **more: Any) -> Message:
        sent = self.telegram.send_file(
            self.chat_id,
            self.user_id,
            data,
            name,
            "application/pdf",
            reply_to=reply_to["message_id"],
            **more,
        )
        await self.settled()
        return sent

    async def settled(self) -> None:
        done = await self.telegram.until(lambda: not self.telegram.updates, PATIENCE_SECONDS)
        assert done, "the bot does not take its updates"
        done = await until_handled(self.telegram, self.user_id, PATIENCE_SECONDS)
        assert done, "updates stay in the inbox"


def data_of(message: Message, words: str) -> str:
    """What the button with these words carries."""
    return next(
        str(button["callback_data"])
        for row in message["reply_markup"]["inline_keyboard"]
        for button in row
        if button["text"] == words
    )


def _words(message: Message) -> str:
    return str(message.get("text", message.get("caption", "")))
