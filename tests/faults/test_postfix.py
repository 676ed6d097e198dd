"""Letters through a real Postfix: what it takes, what it refuses for good, and what waits."""

from dataclasses import replace

import pytest

from bot.integrations.errors import MailRefused, MailRetry, MailTooBig
from bot.integrations.smtp import Attachment, Email, SmtpMailer
from tests.support import postfix
from tests.support.programs import require_program

LETTER = Email(to="anna@grid.example", subject="Заявка", text="Срок", html="<p>Срок</p>")

pytestmark = require_program(postfix.is_startable(), "postfix, which root may start,")


async def test_postfix_takes_refuses_and_puts_off() -> None:
    file = Attachment(name="Акт.pdf", data=bytes(postfix.SIZE_LIMIT))
    async with postfix.run_postfix() as port:
        mailer = SmtpMailer(
            host="127.0.0.1",
            port=port,
            username=None,
            password=None,
            security="none",
            sender="Сети <no-reply@grid.example>",
            timeout=10.0,
        )
        with pytest.raises(MailTooBig, match=r"552 5\.3\.4"):
            await mailer.send(replace(LETTER, attachments=(file,)), "big-1")
        await mailer.send(LETTER, "big-1")
        with pytest.raises(MailRefused, match=r"550 5\.1\.1"):
            await mailer.send(replace(LETTER, to=postfix.UNKNOWN), "unknown-1")
        # The relay's own rules: mended there, not in the letter.
        with pytest.raises(MailRetry, match=r"554 5\.7\.1"):
            await mailer.send(replace(LETTER, to=postfix.BANNED), "banned-1")
        await mailer.send(replace(LETTER, to="info@почта.рф"), "idn-1")
        assert await mailer.can_send_unicode()
        await mailer.send(replace(LETTER, to="анна@почта.рф"), "unicode-1")
