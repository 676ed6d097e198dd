"""Accounts: registration, login and logout, passwords, and the chats that are logged in."""

import hashlib
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.db.accounts import ChatRecord, LoginAttempts
from bot.db.database import Database, Tx
from bot.db.errors import EmailTaken
from bot.domain import Account, Category, Chat, Consent
from bot.fsm.model import Rejected
from bot.integrations.password_hasher import PasswordHasher
from bot.services import recipients
from bot.services.clock import Clock
from bot.services.erasure import erase_account
from bot.services.errors import LoginDelayed, LoginRefused, PasswordRefused

#: An account expires unless somebody logs in within this time of the registration.
EMAIL_PROOF_TIME = timedelta(hours=72)

#: Strangers who register with somebody's email shall not flood its owner with letters.
_PAUSE_BETWEEN_WARNINGS = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPolicy:
    """How long a chat stays logged in, and how guessing of passwords is slowed down.

    After ``free_tries`` wrong passwords the next try waits ``first_delay``, each further one twice
    as long, up to ``longest_delay``. Failures are forgotten after ``forget_after`` of quiet.
    """

    inactivity: timedelta = timedelta(days=30)
    free_tries: int = 3
    first_delay: timedelta = timedelta(seconds=30)
    longest_delay: timedelta = timedelta(minutes=15)
    forget_after: timedelta = timedelta(days=1)

    def compute_delay(self, failures: int) -> timedelta:
        """The wait after so many failures in a row."""
        if failures < self.free_tries:
            return timedelta()
        # The exponent is bounded, or a patient guesser would overflow the product.
        doublings = min(failures - self.free_tries, 16)
        return min(self.first_delay * (1 << doublings), self.longest_delay)


class Accounts:
    def __init__(
        self, database: Database, hasher: PasswordHasher, clock: Clock, policy: SessionPolicy
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._clock = clock
        self._policy = policy
        self._touched: set[int] = set()
        self._touched_in: datetime | None = None

    async def register(
        self,
        *,
        draft_id: str,
        category: Category,
        name: str,
        email: str,
        phone: str,
        locale: str,
        consent_version: str,
        consent_text: str,
        chat_id: int,
    ) -> None:
        """Makes an account; an email with its password follows.

        ``consent_text`` is stored word by word as it was shown in the chat ``chat_id``.
        Ends the same way when the email is taken, so that nobody learns whose emails we know; then
        an email warns the owner. An account that nobody ever entered takes no email: it is
        replaced. A draft submitted twice sends one email. No chat is logged in.
        """
        now = self._clock.now()
        consent = Consent(
            version=consent_version,
            text=consent_text,
            sha256=hashlib.sha256(consent_text.encode()).hexdigest(),
            accepted_at=now,
            chat_id=chat_id,
        )
        registered = False
        while not registered:
            try:
                async with self._database.begin() as tx:
                    unproved = await tx.accounts.lock_unproved(email)
                    if unproved is not None:
                        account, earlier_draft_id = unproved
                        if earlier_draft_id == draft_id:
                            return
                        await erase_account(tx, account, build_attempt_key(email), now)
                    account = await tx.accounts.add(
                        category=category,
                        name=name,
                        email=email,
                        phone=phone,
                        locale=locale,
                        now=now,
                        draft_id=draft_id,
                    )
                    await tx.consents.add(account.id, consent)
                    await recipients.announce_registration(tx, account.id, draft_id, now)
                registered = True
            except EmailTaken:
                # In a transaction of its own: PostgreSQL ends the one that broke a constraint.
                async with self._database.begin() as tx:
                    owner = await tx.accounts.get_by_email(email)
                    if owner is not None and owner.email_proved:
                        await self._tell_owner(tx, draft_id, owner.id, now)
                        return
                # Another registration was faster and proved nothing: this one is the newer.

    async def send_password_again(self, draft_id: str, chat_id: int) -> None:
        """Sends another first password to the email of a registration from this chat.

        At most one a minute. Nothing is sent, and nothing tells, when the email was taken or is
        proved by now.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            account = await tx.accounts.lock_registered(draft_id, chat_id)
            if account is not None:
                await tx.accounts.renew_unproved(account.id, now)
                minute = now.replace(second=0, microsecond=0)
                await recipients.announce_registration(tx, account.id, draft_id, minute, again=True)

    async def withdraw_registration(self, draft_id: str, chat_id: int) -> None:
        """Erases the account of a registration from this chat, unless its email is proved."""
        async with self._database.begin() as tx:
            account = await tx.accounts.lock_registered(draft_id, chat_id)
            if account is not None:
                await erase_account(
                    tx, account, build_attempt_key(account.email), self._clock.now()
                )

    async def log_in(
        self, chat_id: int, email: str, password: str, locale: str | None = None
    ) -> Account:
        """Logs the chat in; ``locale`` becomes the account's language, None leaves it.

        Raises LoginRefused (email or password wrong) and LoginDelayed (nothing was checked).
        """
        keys = (_build_email_key(email), _build_chat_key(chat_id))
        async with self._database.begin() as tx:
            chat_failures = await self._count_try(tx, *keys)
            account, hashed = await tx.accounts.get_credentials(email) or (None, None)
        fresh_hash = await self._verify(hashed, password)
        if account is None:
            raise LoginRefused
        async with self._database.begin() as tx:
            account = await self._accept_try(tx, account, hashed, fresh_hash)
            await self._forget_try(tx, *keys, chat_failures)
            await tx.chats.link(chat_id, account.id, self._clock.now())
            if locale is not None:
                await tx.accounts.set_locale(account.id, locale)
                account = replace(account, locale=locale)
        self._touched.add(chat_id)
        return replace(account, email_proved=True)

    async def check_password(self, account_id: int, chat_id: int, password: str) -> None:
        """Checks the password of a person who is logged in.

        Raises PasswordRefused, LoginDelayed.
        """
        try:
            await self._check_password(account_id, chat_id, password)
        except LoginRefused:
            raise PasswordRefused from None

    async def _check_password(self, account_id: int, chat_id: int, password: str) -> None:
        async with self._database.begin() as tx:
            account = await tx.accounts.get(account_id)
            keys = (_build_email_key(account.email), _build_chat_key(chat_id))
            chat_failures = await self._count_try(tx, *keys)
            hashed = await tx.accounts.get_password_hash(account_id)
        fresh_hash = await self._verify(hashed, password)
        async with self._database.begin() as tx:
            await self._accept_try(tx, account, hashed, fresh_hash)
            await self._forget_try(tx, *keys, chat_failures)

    async def log_out(self, chat_id: int) -> None:
        async with self._database.begin() as tx:
            await tx.chats.unlink(chat_id)

    async def get_chat(self, chat_id: int, record: ChatRecord | None = None) -> Chat:
        """The chat and who is logged in to it; being asked for keeps the login alive.

        ``record``: what was read of it a moment ago, to spare reading it again.
        """
        now = self._clock.now()
        active_since = now - self._policy.inactivity
        if record is not None:
            chat = record.to_chat(active_since)
        else:
            async with self._database.read() as tx:
                chat = await tx.chats.get(chat_id, active_since)
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._touched_in:
            self._touched_in, self._touched = hour, set()
        # Once an hour is exact enough for a term of days, and spares a write per message. Whoever
        # blocked the bot and writes again has notices again at once.
        known = chat_id in self._touched and chat.reachable
        if not known and chat.account is not None:
            async with self._database.begin() as tx:
                await tx.chats.touch(chat_id, now)
            self._touched.add(chat_id)
        return chat

    async def set_locale(self, chat_id: int, locale: str) -> None:
        """The language of the chat, and of the letters to whoever is logged in to it."""
        async with self._database.begin() as tx:
            await tx.chats.set_locale(chat_id, locale)
            chat = await tx.chats.get(chat_id, self._clock.now() - self._policy.inactivity)
            if chat.account is not None:
                await tx.accounts.set_locale(chat.account.id, locale)

    async def hash_password(self, password: str) -> str:
        return await self._hasher.hash(password)

    async def verify_hash(self, hashed: str, password: str) -> bool:
        """Whether the password is the one that was hashed."""
        return await self._hasher.verify(hashed, password)

    async def check_repeated(self, hashed: str, password: str) -> None:
        """Raises Rejected ``passwords-differ`` when a new password was repeated wrongly."""
        if not await self.verify_hash(hashed, password):
            raise Rejected("passwords-differ")

    async def change_password(self, account_id: int, chat_id: int, new_hash: str) -> None:
        """Sets a password its owner chose; every other chat is logged out and told so."""
        now = self._clock.now()
        async with self._database.begin() as tx:
            await tx.accounts.set_password(account_id, new_hash, temporary=False)
            others = await tx.chats.unlink_others(account_id, keep_chat_id=chat_id)
            await recipients.announce_logout(tx, account_id, others, now)

    async def issue_password(self, account_id: int) -> str:
        """Makes a temporary password in place of any other; it is readable only here and now."""
        password = self._hasher.generate()
        hashed = await self._hasher.hash(password)
        async with self._database.begin() as tx:
            account = await tx.accounts.get(account_id)
            await tx.accounts.set_password(account_id, hashed, temporary=True)
            # Whoever got a new password should not wait for mistakes made with the old one.
            await tx.login_attempts.clear(_build_email_key(account.email))
        return password

    async def _tell_owner(self, tx: Tx, draft_id: str, owner_id: int, now: datetime) -> None:
        pause = f"taken:{owner_id}"
        until = (await tx.login_attempts.get(pause, now)).blocked_until
        if until and until > now:
            return
        await tx.login_attempts.record(pause, 1, now + _PAUSE_BETWEEN_WARNINGS, now)
        await recipients.announce_email_taken(tx, owner_id, draft_id, now)

    async def _count_try(self, tx: Tx, email_key: str, chat_key: str) -> int:
        """Counts a try as failed before it is checked, or parallel guesses would all be free.

        Returns the failures of the chat before this try; raises LoginDelayed.
        """
        now = self._clock.now()
        known = await tx.login_attempts.get_all((email_key, chat_key), now)
        blocked = [at for one in known.values() if (at := one.blocked_until) and at > now]
        if blocked:
            raise LoginDelayed(max(blocked), now)
        failures = {
            key: 0
            if one.blocked_until and one.blocked_until < now - self._policy.forget_after
            else one.failures
            for key, one in known.items()
        }
        await tx.login_attempts.record_all(
            {
                key: LoginAttempts(count + 1, now + self._policy.compute_delay(count + 1))
                for key, count in failures.items()
            },
            now,
        )
        return failures[chat_key]

    async def _verify(self, hashed: str | None, password: str) -> str | None:
        """A hash by today's parameters when the stored one is outdated; raises LoginRefused.

        Slow on purpose, so never called inside a transaction.
        """
        if not await self._hasher.verify(hashed, password) or hashed is None:
            raise LoginRefused
        return await self._hasher.hash(password) if self._hasher.is_outdated(hashed) else None

    async def _accept_try(
        self, tx: Tx, account: Account, hashed: str | None, fresh_hash: str | None
    ) -> Account:
        """The account by now; raises LoginRefused when its password changed meanwhile."""
        known = await tx.accounts.get_credentials(account.email)
        if known is None or known[1] != hashed:
            raise LoginRefused
        if fresh_hash is not None:
            await tx.accounts.set_password(
                account.id, fresh_hash, temporary=account.password_is_temporary
            )
        return known[0]

    async def _forget_try(self, tx: Tx, email_key: str, chat_key: str, chat_failures: int) -> None:
        now = self._clock.now()
        await tx.login_attempts.clear(email_key)
        # Only this try is forgiven to the chat: its own account, logged in to now and then, must
        # not buy anybody fresh guesses at the accounts of others.
        await tx.login_attempts.record(chat_key, chat_failures, now, now)


def build_attempt_key(email: str) -> tuple[str, ...]:
    """Under which keys wrong passwords for this email are counted, whatever the chat."""
    return (_build_email_key(email),)


def _build_email_key(email: str) -> str:
    """Known and unknown emails count alike; hashed, as a stranger's email is not ours to keep."""
    canonical = unicodedata.normalize("NFC", email.strip()).casefold()
    return f"email:{hashlib.sha256(canonical.encode()).hexdigest()}"


def _build_chat_key(chat_id: int) -> str:
    return f"chat:{chat_id}"
