"""A staff member's phone in the staff group."""

from typing import Any

from sandbox.bot_api.state import Message, Telegram
from tests.support.backlog import wait_for_inbox
from tests.support.no_break_spaces import MessageReader, read_spaces
from tests.support.phone import PATIENCE_SECONDS, holds


class StaffPhone:
    """One member of the staff group; each action returns once the bot has handled it."""

    patience = PATIENCE_SECONDS

    def __init__(self, telegram: Telegram, chat_id: int, user_id: int, name: str) -> None:
        self.telegram = telegram
        self.chat_id = chat_id
        self.user_id = user_id
        self._reader = MessageReader()
        telegram.add_person(user_id, name)
        telegram.chats[chat_id].members.add(user_id)
        # The member wrote to the bot once.
        telegram.chats[user_id].started = True

    # --- what the member sees --------------------------------------------------------------

    @property
    def messages(self) -> list[Message]:
        """What the bot wrote in the group and did not delete, oldest first."""
        return self._list_messages(self.chat_id)

    @property
    def private_messages(self) -> list[Message]:
        """What the bot wrote to this member alone, oldest first."""
        return self._list_messages(self.user_id)

    def _list_messages(self, chat_id: int) -> list[Message]:
        sent = self.telegram.chats[chat_id].messages.values()
        return [self._reader.read(one) for one in sent if one["from"]["is_bot"]]

    async def expects(self, *words: str, after: int = 0, in_private: bool = False) -> Message:
        """Waits for the newest message of the bot with all these words."""

        def find_message() -> Message | None:
            return next(
                (
                    one
                    for one in reversed(self.private_messages if in_private else self.messages)
                    if one["message_id"] > after and holds(_get_text(one), words)
                ),
                None,
            )

        await self.telegram.wait_until(find_message, self.patience)
        message = find_message()
        assert message, f"{words} not in {[_get_text(one) for one in self.messages]}"
        return message

    async def find(self, asked: str, *words: str) -> Message:
        """Sends ``/find`` in the group; the answer comes in private."""
        known = [one["message_id"] for one in self.private_messages]
        await self.say(f"/find {asked}")
        return await self.expects("Найдено", *words, after=max(known, default=0), in_private=True)

    async def expects_card(self, number: str, *words: str) -> Message:
        """Waits for the card of a request, with these words too."""
        return await self.expects(f"Заявка № {number}", *words)

    # --- what the member does --------------------------------------------------------------

    async def press(self, message: Message, words: str) -> str:
        """Presses a button; returns the text of the alert that answers it."""
        return await self.forge(message, get_callback_data(message, words))

    async def finish(self, card: Message, result: str = "Ответ в письме") -> None:
        """Sets «Выполнена» with a ready result."""
        await self.choose(card, "Выполнена", result)

    async def choose(self, card: Message, button: str, answer: str) -> str:
        """Presses a button of a card and answers the question that comes in its place."""
        await self.press(card, button)
        return await self.press(await self.expects_button(card, answer), answer)

    async def ask_for_words(self, card: Message, button: str) -> Message:
        """The message that asks for one's own words, to be replied to."""
        last = max(one["message_id"] for one in self.messages)
        await self.choose(card, button, "Своими словами")
        return await self.expects("напишите ответом", after=last)

    async def expects_button(self, message: Message, label: str) -> Message:
        """Waits until a message has this button; returns the message as it is then."""
        await self.telegram.wait_until(lambda: self.find_button(message, label), self.patience)
        present = self.find_button(message, label)
        assert present, f"no button {label!r}"
        return present

    def find_button(self, message: Message, label: str) -> Message | None:
        """The message as it is now, if it has this button."""
        shown = self.telegram.chats[message["chat"]["id"]].messages
        present = self._reader.read(shown[message["message_id"]])
        return present if read_spaces(label) in list_labels(present) else None

    async def forge(self, message: Message, data: str) -> str:
        self.telegram.press(message["chat"]["id"], self.user_id, message["message_id"], data)
        before = len(self.telegram.alerts)
        await self.wait_until_handled()
        return "".join(read_spaces(one.text) for one in self.telegram.alerts[before:])

    async def say(self, text: str, reply_to: Message | None = None) -> Message:
        answered = reply_to["message_id"] if reply_to else None
        sent = self.telegram.send(self.chat_id, self.user_id, text=text, reply_to=answered)
        await self.wait_until_handled()
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
        await self.wait_until_handled()
        return sent

    async def wait_until_handled(self) -> None:
        done = await self.telegram.wait_until(lambda: not self.telegram.updates, PATIENCE_SECONDS)
        assert done, "the bot does not take its updates"
        done = await wait_for_inbox(self.telegram, self.user_id, PATIENCE_SECONDS)
        assert done, "updates stay in the inbox"


def get_callback_data(message: Message, words: str) -> str:
    """The callback data of the button with this label."""
    return next(
        str(button["callback_data"])
        for row in message["reply_markup"]["inline_keyboard"]
        for button in row
        if button["text"] == read_spaces(words)
    )


def list_labels(message: Message) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


def _get_text(message: Message) -> str:
    return str(message.get("text", message.get("caption", "")))
