"""New passwords for those who forgot theirs: asked for by anybody, agreed to by the staff."""

from datetime import timedelta

from bot.db.database import Database
from bot.domain import Account, Actor
from bot.services.clock import Clock

#: Whoever asks again and again shall not flood the group with cards.
_PAUSE = timedelta(minutes=15)


class PasswordResets:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def request(self, email: str, staff: Actor | None = None) -> bool:
        """Promises a card to the staff; False when no account has this email.

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
            await tx.outbox.put(
                stream=f"reset:{reset_id}",
                kind="reset_card",
                payload={"reset_id": reset_id},
                dedupe_key=f"reset_card:{reset_id}",
                not_before=now,
            )
        return True

    async def approve(self, reset_id: int, staff: Actor) -> Account | None:
        """Ends the old password and every login, and promises a letter with a new password.

        None when that was done before, or there is no such reset.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            reset = await tx.password_resets.get(reset_id)
            if reset is None or not await tx.password_resets.finish(reset_id, now):
                return None
            account = await tx.accounts.get(reset.account_id)
            await tx.accounts.set_password(account.id, None, temporary=True)
            for chat_id in await tx.chats.unlink_others(account.id, keep_chat_id=None):
                await tx.outbox.put(
                    stream=f"chat:{chat_id}",
                    kind="logged_out_notice",
                    payload={"chat_id": chat_id, "account_id": account.id},
                    dedupe_key=f"logged-out:{chat_id}:{now.isoformat()}",
                    not_before=now,
                )
            await tx.audit.add(staff, "reset", now, account_id=account.id)
            await tx.outbox.put(
                stream=f"account:{account.id}",
                kind="reset_letter",
                payload={"account_id": account.id},
                dedupe_key=f"reset_letter:{reset_id}",
                not_before=now,
            )
        return account
