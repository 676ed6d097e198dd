"""Checks of an email address that nobody has proved yet."""

from bot.fsm.email_slips import suggest_email
from bot.fsm.model import NeedsConfirmation, Rejected
from bot.integrations.smtp import Mailer


async def check_new_email(mailer: Mailer, email: str, *, is_confirmed: bool) -> None:
    """Whether letters can go there; raises Rejected, and NeedsConfirmation for a probable slip.

    ``is_confirmed``: the person said that it is no slip.
    """
    name = email.rpartition("@")[0]
    if not name.isascii() and not await mailer.can_send_unicode():
        raise Rejected("email-not-ascii")
    meant = suggest_email(email)
    if meant is not None and not is_confirmed:
        raise NeedsConfirmation("email-slip", ("kept",), correction=meant, meant=meant)
