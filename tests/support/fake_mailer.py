"""A mailer that keeps letters in memory instead of sending them."""

import asyncio
from dataclasses import replace

from bot.db.database import is_in_transaction
from bot.integrations.errors import MailRefused, MailTooBig
from bot.integrations.smtp import Email
from tests.support.no_break_spaces import read_spaces


class FakeMailer:
    """Keeps every letter with its Message-ID.

    ``refuses``: every letter is refused for good. ``size_limit``: bytes of files that a letter may
    carry. ``troubles``: errors of the next letters, one
    each. ``gate``: letters wait while it is clear. ``unicode``: the server has SMTPUTF8.
    """

    def __init__(self) -> None:
        self.letters: list[tuple[Email, str]] = []
        self.refuses = False
        self.size_limit = 30_000_000
        self.unicode = True
        self.troubles: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def send(self, letter: Email, message_id: str) -> None:
        assert not is_in_transaction(), "nothing is sent inside a transaction"
        await self.gate.wait()
        if self.refuses:
            raise MailRefused("550")
        if sum(len(one.data) for one in letter.attachments) > self.size_limit:
            raise MailTooBig("552")
        if self.troubles:
            raise self.troubles.pop(0)
        self.letters.append((letter, message_id))

    async def can_send_unicode(self) -> bool:
        return self.unicode

    @property
    def sent(self) -> list[Email]:
        """The letters without their Message-IDs, oldest first."""
        return [
            replace(letter, subject=read_spaces(letter.subject), text=read_spaces(letter.text))
            for letter, _ in self.letters
        ]

    def list_letters(self, email: str) -> list[Email]:
        """The letters to this address, oldest first."""
        return [letter for letter in self.sent if letter.to == email]
