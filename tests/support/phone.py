"""A consumer's phone and mail client: the actions of a person, and what the person sees."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from sandbox.bot_api.state import Message, Telegram
from sandbox.mailbox import Mail, Mailbox
from tests.support.backlog import wait_for_inbox
from tests.support.no_break_spaces import MessageReader, read_spaces

#: Longer than any pause of the bot after an error; a passing test waits far less.
PATIENCE_SECONDS = 90.0


class Phone:
    """One person in their private chat; each action returns once the bot has handled it."""

    patience = PATIENCE_SECONDS

    def __init__(self, telegram: Telegram, user_id: int, name: str, number: str) -> None:
        self.telegram = telegram
        self.user_id = user_id
        self._reader = MessageReader()
        self.number = number
        telegram.add_person(user_id, name, number)

    # --- what the person sees --------------------------------------------------------------

    @property
    def messages(self) -> list[Message]:
        """What the bot wrote and did not delete, oldest first."""
        sent = self.telegram.chats[self.user_id].messages.values()
        return [self._reader.read(one) for one in sent if one["from"]["is_bot"]]

    @property
    def own_messages(self) -> list[Message]:
        sent = self.telegram.chats[self.user_id].messages.values()
        return [one for one in sent if not one["from"]["is_bot"]]

    @property
    def screen(self) -> str:
        """The text of the newest message."""
        return str(self.messages[-1].get("text", "")) if self.messages else ""

    @property
    def buttons(self) -> list[str]:
        """The labels of all buttons of the newest message."""
        return (
            [button["text"] for button in _list_buttons(self.messages[-1])] if self.messages else []
        )

    async def expects(self, *words: str) -> str:
        """Waits for a message with all these words; returns its text."""

        def find_text() -> str | None:
            texts = [str(one.get("text", "")) for one in reversed(self.messages)]
            return next((text for text in texts if holds(text, words)), None)

        seen = await self.telegram.wait_until(find_text, self.patience)
        assert seen, f"{words} not in {self.screen!r}"
        return find_text() or ""

    # --- what the person does --------------------------------------------------------------

    async def say(self, text: str) -> None:
        await self.send(text=text)

    async def send(self, **content: Any) -> None:
        """Sends any message; ``content``: fields of the Bot API's Message."""
        self.telegram.send(self.user_id, self.user_id, **content)
        await self.wait_until_handled()

    async def share_contact(self) -> None:
        """Presses the contact button, which must be shown."""
        asking = [one for one in _list_buttons(self.messages[-1]) if one.get("request_contact")]
        assert asking, self.buttons
        contact = {"phone_number": self.number.lstrip("+"), "first_name": "Я"}
        await self.send(contact={**contact, "user_id": self.user_id})

    async def send_document(
        self, data: bytes, name: str, media_type: str = "application/pdf"
    ) -> None:
        self.telegram.send_file(self.user_id, self.user_id, data, name, media_type)
        await self.wait_until_handled()

    async def send_album(self, *photos: bytes) -> None:
        """Sends photos as one album."""
        for photo in photos:
            self.telegram.send_file(
                self.user_id, self.user_id, photo, "photo.jpg", "image/jpeg", photo=True, album="a1"
            )
        await self.wait_until_handled()

    async def press(self, words: str) -> None:
        """Presses the newest button with this label; one without data sends its text."""
        message, button = self.find_button(words)
        if "callback_data" in button:
            await self.forge(button["callback_data"], message["message_id"])
        else:
            assert "copy_text" not in button, words
            assert not button.get("request_contact"), words
            await self.say(button["text"])

    async def forge(self, data: str, message_id: int | None = None) -> None:
        """Presses a button with any data, which no message needs to have."""
        message_id = message_id or self.messages[-1]["message_id"]
        self.telegram.press(self.user_id, self.user_id, message_id, data)
        await self.wait_until_handled()

    def has_button(self, words: str) -> bool:
        """Whether any message has it: a notice may have come below the screen."""
        return next(self._find_buttons(words), None) is not None

    def find_button(self, words: str) -> tuple[Message, dict[str, Any]]:
        """The newest message with a button whose label ends with ``words``, and the button."""
        found = next(self._find_buttons(words), None)
        assert found, f"no button {words!r} at {self.screen!r}, but {self.buttons}"
        return found

    def _find_buttons(self, words: str) -> Iterator[tuple[Message, dict[str, Any]]]:
        """The newest message first."""
        for message in reversed(self.messages):
            for button in _list_buttons(message):
                if button["text"].endswith(read_spaces(words)):
                    yield message, button

    async def wait_until_handled(self) -> None:
        """Waits until no update is queued, at Telegram or in the bot's inbox."""
        done = await self.telegram.wait_until(lambda: not self.telegram.updates, PATIENCE_SECONDS)
        assert done, "the bot does not take its updates"
        done = await wait_for_inbox(self.telegram, self.user_id, PATIENCE_SECONDS)
        assert done, "updates stay in the inbox"


class MailClient:
    """Reads the letters of all consumers."""

    def __init__(self, mailbox: Mailbox, telegram: Telegram) -> None:
        self.mailbox = mailbox
        self._telegram = telegram

    def list_letters(self, email: str, subject: str = "") -> list[Mail]:
        return [
            one
            for one in map(_read_letter, self.mailbox.mails)
            if one.recipients == (email,) and subject in one.subject
        ]

    async def expects(self, *, to: str, subject: str) -> Mail:
        """Waits for a letter; returns the newest one."""
        came = await self._telegram.wait_until(
            lambda: self.list_letters(to, subject), PATIENCE_SECONDS
        )
        assert came, f"no letter about {subject!r} to {to}"
        return self.list_letters(to, subject)[-1]


def holds(text: str, words: Iterable[str]) -> bool:
    """Whether all these words stand in a text that is read with plain spaces."""
    return all(read_spaces(word) in text for word in words)


def _read_letter(letter: Mail) -> Mail:
    return replace(letter, subject=read_spaces(letter.subject), text=read_spaces(letter.text))


def _list_buttons(message: Message) -> list[dict[str, Any]]:
    markup = message.get("reply_markup", {})
    rows = markup.get("inline_keyboard") or markup.get("keyboard") or []
    return [button for row in rows for button in row]
