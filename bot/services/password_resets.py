"""Password resets: by a one-time code from an email, or approved by the staff."""

from datetime import datetime, timedelta

from bot.db.database import Database, Tx
from bot.domain import Account, Actor, Address
from bot.notices import ResetApproved
from bot.services import recipients
from bot.services.accounts import Accounts
from bot.services.clock import Clock
from bot.services.errors import ResetExpired, UndoExpired
from bot.services.login_throttle import hash_email
from bot.services.one_time_codes import CodePurpose, OneTimeCodes
from bot.services.passwords import Passwords
from bot.services.sessions import end_other_sessions, find_logged_in

#: Who asked the staff gets no further card for the same email within this time.
_PAUSE = timedelta(minutes=15)
#: After that the staff's button does nothing.
CARD_LIFETIME = timedelta(hours=24)

_PURPOSE = CodePurpose.PASSWORD_RESET


class PasswordResets:
    """A consumer never learns whether an email is known: both ways do and answer the same."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        accounts: Accounts,
        codes: OneTimeCodes,
        passwords: Passwords,
    ) -> None:
        self._database = database
        self._clock = clock
        self._accounts = accounts
        self._codes = codes
        self._passwords = passwords

    async def send_code(self, email: str, address: Address) -> None:
        """Sends a one-time code to the email if an account has it."""
        async with self._database.begin() as tx:
            account_id = await _find_account_id(tx, email)
            await self._codes.request(tx, _PURPOSE, email, account_id, address)

    async def check_code(self, email: str, address: Address, code: str) -> None:
        """Accepts the code of the email; raises CodeRefused, CodeExpired."""
        await self._codes.accept(_PURPOSE, email, address, code)

    async def prepare_password(self, email: str, address: Address, password: str) -> str:
        """The hash of a new password, for an address whose code was accepted.

        Raises CodeExpired and what ``Passwords.prepare`` does.
        """
        async with self._database.read() as tx:
            _, account_id = await self._codes.get_accepted(tx, _PURPOSE, email, address)
        return await self._passwords.prepare(account_id, password)

    async def finish(
        self, email: str, address: Address, new_hash: str, *, name: str, token: str | None = None
    ) -> None:
        """Sets the new password and logs in here; the account is logged out everywhere else.

        ``token`` is of the web session that begins. Raises CodeExpired. A repeated call does
        nothing once the address is logged in.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            present = await find_logged_in(tx, address, now)
            if present is not None and present.email == email:
                return
            account_id = await self._codes.use(tx, _PURPOSE, email, address)
            account = await tx.accounts.get(account_id)
            await tx.accounts.set_password(account_id, new_hash, temporary=False)
            await tx.one_time_codes.delete_for_account(account_id)
            logged_out = await end_other_sessions(tx, account_id, now, keep=address)
            await recipients.announce_password_change(tx, account_id, logged_out, now)
            await self._accounts.link(tx, address, account, name, token)

    async def ask_staff(self, email: str, address: Address) -> None:
        """Asks the staff with a card for a new password; unknown emails make no card."""
        now = self._clock.now()
        async with self._database.begin() as tx:
            account_id = await _find_account_id(tx, email)
            pause = f"email:{hash_email(email)}:reset:{address.id}"
            until = (await tx.login_attempts.get(pause, now)).blocked_until
            if until and until > now:
                return
            await tx.login_attempts.record(pause, 1, now + _PAUSE, now)
            await self._put_card(tx, account_id, address)

    async def order(self, email: str) -> bool:
        """Puts the card for a member of the staff; False when no account has this email."""
        async with self._database.begin() as tx:
            account_id = await _find_account_id(tx, email)
            if account_id is None:
                return False
            await self._put_card(tx, account_id, None)
        return True

    async def schedule(
        self, reset_id: int, staff: Actor, chat_id: int, message_id: int, delay: timedelta
    ) -> Account | None:
        """Approves the reset once ``delay`` is over, unless ``cancel_approval`` comes before.

        ``chat_id`` and ``message_id`` are those of its card. Returns and raises what ``approve``
        does.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            account_id = await _find_resettable(tx, reset_id, now)
            if account_id is None:
                return None
            notice = ResetApproved(
                reset_id=reset_id,
                account_id=account_id,
                staff_id=staff.id,
                chat_id=chat_id,
                message_id=message_id,
            )
            await recipients.schedule_reset(tx, notice, now, delay)
            return await tx.accounts.get(account_id)

    async def cancel_approval(self, reset_id: int, staff: Actor) -> None:
        """Takes the approval back; raises UndoExpired when it is too late."""
        async with self._database.begin() as tx:
            # As ResetApproved writes it.
            if not await tx.outbox.cancel([f"reset_approved:{reset_id}"]):
                raise UndoExpired
            await tx.audit.add(staff, "undone", self._clock.now())

    async def approve(self, reset_id: int, staff: Actor) -> Account | None:
        """Ends the old password and every login; an email with a new password follows.

        None when that was done before, or there is no such reset; raises ResetExpired.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            account_id = await _find_resettable(tx, reset_id, now)
            if account_id is None or not await tx.password_resets.finish(reset_id, now):
                return None
            account = await tx.accounts.get(account_id)
            await tx.accounts.set_password(account.id, None, temporary=True)
            await tx.one_time_codes.delete_for_account(account.id)
            logged_out = await end_other_sessions(tx, account.id, now, keep=None)
            await tx.audit.add(staff, "reset", now, account_id=account.id)
            await recipients.announce_reset(tx, account.id, reset_id, logged_out, now)
        return account

    async def _put_card(self, tx: Tx, account_id: int | None, address: Address | None) -> None:
        now = self._clock.now()
        reset_id = await tx.password_resets.add(account_id, address, now)
        await recipients.announce_reset_request(tx, account_id, reset_id, now)


async def _find_account_id(tx: Tx, email: str) -> int | None:
    """The account with this email; None also for one that was erased."""
    account = await tx.accounts.get_by_email(email)
    return None if account is None or account.erased else account.id


async def _find_resettable(tx: Tx, reset_id: int, now: datetime) -> int | None:
    """The account whose reset waits for approval; raises ResetExpired.

    None when there is no such reset or account, or it was done before.
    """
    reset = await tx.password_resets.get(reset_id)
    if reset is None or reset.account_id is None or reset.done_at is not None:
        return None
    if reset.asked_at <= now - CARD_LIFETIME:
        raise ResetExpired
    return reset.account_id
