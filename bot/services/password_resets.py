"""Password resets: anybody requests one by email, the staff approve it."""

from datetime import timedelta

from bot.db.database import Database
from bot.domain import Account, Actor
from bot.services import recipients
from bot.services.clock import Clock

#: After a request for an account, further ones within this time send no card.
_PAUSE = timedelta(minutes=15)


class PasswordResets:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def request(self, email: str, staff: Actor | None = None) -> bool:
        """Asks the staff with a card; False when no account has this email.

        A consumer must never learn which it was.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            account = await tx.accounts.get_by_email(email)
            if account is None or account.erased:
                return False
            pause = f"reset:{account.id}"
            until = (await tx.login_attempts.get(pause, now)).blocked_until
            if staff is None and until and until > now:
                return True
            await tx.login_attempts.record(pause, 1, now + _PAUSE, now)
            reset_id = await tx.password_resets.add(account.id, now)
            await recipients.announce_reset_request(tx, account.id, reset_id, now)
        return True

    async def approve(self, reset_id: int, staff: Actor) -> Account | None:
        """Ends the old password and every login; an email with a new password follows.

        None when that was done before, or there is no such reset.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            reset = await tx.password_resets.get(reset_id)
            if reset is None or not await tx.password_resets.finish(reset_id, now):
                return None
            account = await tx.accounts.get(reset.account_id)
            await tx.accounts.set_password(account.id, None, temporary=True)
            logged_out = await tx.chats.unlink_others(account.id, keep_chat_id=None)
            await tx.audit.add(staff, "reset", now, account_id=account.id)
            await recipients.announce_reset(tx, account.id, reset_id, logged_out, now)
        return account
