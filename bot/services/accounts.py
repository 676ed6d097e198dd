"""Accounts: registration, login and logout, and the chats that are logged in."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.db.accounts import ChatRecord, Credentials
from bot.db.database import Database, Tx
from bot.db.errors import EmailTaken
from bot.domain import Account, AnswerChannel, Category, Chat, Consent, Session
from bot.integrations.password_hasher import PasswordHasher
from bot.services import recipients
from bot.services.clock import Clock
from bot.services.erasure import erase_account
from bot.services.errors import LoginCodeNeeded, LoginRefused, PasswordExpired, PasswordRefused
from bot.services.login_throttle import LoginThrottle
from bot.services.one_time_codes import CodePurpose, OneTimeCodes

#: An account expires unless somebody logs in within this time of the registration.
EMAIL_PROOF_TIME = timedelta(hours=72)

#: Strangers who register with somebody's email shall not flood its owner with letters.
_PAUSE_BETWEEN_WARNINGS = timedelta(hours=1)

#: Telegram's longest names are shown shortened.
_NAME_LENGTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPolicy:
    """How long a chat stays logged in.

    ``inactivity`` counts from the last message, ``lifetime`` from the login. A changed policy holds
    for a chat from its next message on.
    """

    inactivity: timedelta = timedelta(days=180)
    lifetime: timedelta = timedelta(days=365)

    def compute_end(self, logged_in_at: datetime, now: datetime) -> datetime:
        """When the login ends unless the chat writes again after ``now``."""
        return min(now + self.inactivity, logged_in_at + self.lifetime)


class Accounts:
    def __init__(
        self,
        database: Database,
        hasher: PasswordHasher,
        clock: Clock,
        *,
        policy: SessionPolicy,
        throttle: LoginThrottle,
        codes: OneTimeCodes,
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._clock = clock
        self._policy = policy
        self._throttle = throttle
        self._codes = codes
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
                        await erase_account(tx, account, now)
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
                        await self.warn_owner(tx, draft_id, owner.id, now)
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
                await erase_account(tx, account, self._clock.now())

    async def log_in(
        self,
        chat_id: int,
        email: str,
        password: str,
        *,
        name: str = "",
        locale: str | None = None,
    ) -> Account:
        """Logs the chat in; ``name`` is the person's in Telegram.

        ``locale`` becomes the account's language, None leaves it. Raises LoginRefused (email or
        password wrong), LoginDelayed (nothing was checked), PasswordExpired, and LoginCodeNeeded:
        then ``confirm_login`` logs in.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            found = await tx.accounts.get_credentials(email, chat_id)
            made = await self._throttle.begin(tx, email, chat_id, now)
        hashed = found.password_hash if found else None
        fits = await self._hasher.verify(hashed, password)
        if found is None or not fits:
            if found is None or not found.chat_is_known:
                async with self._database.begin() as tx:
                    await self._throttle.record_failure(
                        tx, made, found.account.id if found else None, now
                    )
            raise LoginRefused
        if found.password_expires_at is not None and found.password_expires_at <= now:
            raise PasswordExpired
        fresh_hash = await self._renew_hash(hashed, password)
        async with self._database.begin() as tx:
            await self._accept_password(tx, found, fresh_hash, chat_id)
            await self._throttle.record_success(tx, made, now)
            if made.braked and not found.chat_is_known:
                await self._codes.request(tx, CodePurpose.LOGIN, email, found.account.id, chat_id)
            else:
                await self.link(tx, chat_id, found.account, name)
                if locale is not None:
                    await tx.accounts.set_locale(found.account.id, locale)
        if made.braked and not found.chat_is_known:
            raise LoginCodeNeeded
        self._touched.add(chat_id)
        return replace(found.account, email_proved=True, locale=locale or found.account.locale)

    async def confirm_login(
        self, chat_id: int, email: str, code: str, *, name: str = ""
    ) -> Account:
        """Logs the chat in by the code that LoginCodeNeeded announced.

        Raises CodeRefused, CodeExpired.
        """
        await self._codes.accept(CodePurpose.LOGIN, email, chat_id, code)
        async with self._database.begin() as tx:
            account_id = await self._codes.use(tx, CodePurpose.LOGIN, email, chat_id)
            account = await tx.accounts.get(account_id)
            await self.link(tx, chat_id, account, name)
        self._touched.add(chat_id)
        return replace(account, email_proved=True)

    async def link(self, tx: Tx, chat_id: int, account: Account, name: str) -> None:
        """Logs a chat in whose person was recognised; the owner is told of one that is new."""
        now = self._clock.now()
        known = await tx.known_chats.list_for_account(account.id)
        await tx.chats.link(chat_id, account.id, now, self._policy.compute_end(now, now))
        await tx.known_chats.put(account.id, chat_id, name[:_NAME_LENGTH], now)
        if account.password_is_temporary:
            await tx.accounts.mark_password_used(account.id)
        if known and chat_id not in known:
            await recipients.announce_login(tx, account.id, chat_id, now)

    async def check_password(self, account_id: int, chat_id: int, password: str) -> None:
        """Checks the password of a person who is logged in.

        Raises PasswordRefused, LoginDelayed.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            account = await tx.accounts.get(account_id)
            made = await self._throttle.begin_check(tx, account.email, chat_id, now)
            hashed = await tx.accounts.get_password_hash(account_id)
        if not await self._hasher.verify(hashed, password):
            raise PasswordRefused
        async with self._database.begin() as tx:
            if await tx.accounts.get_password_hash(account_id) != hashed:
                raise PasswordRefused
            await self._throttle.record_success(tx, made, now)

    async def set_answer_channel(self, account_id: int, channel: AnswerChannel) -> None:
        """Keeps how the consumer prefers to get answers."""
        async with self._database.begin() as tx:
            await tx.accounts.set_answer_channel(account_id, channel)

    async def log_out(self, chat_id: int) -> None:
        async with self._database.begin() as tx:
            await tx.chats.unlink(chat_id)

    async def list_sessions(self, account_id: int) -> list[Session]:
        """The chats that are logged in to the account, the latest login first."""
        async with self._database.read() as tx:
            return await tx.chats.list_sessions(account_id, self._clock.now())

    async def end_session(self, account_id: int, chat_id: int) -> bool:
        """Logs out another chat of the account and tells it; False when it was not logged in.

        The chat is not known to the account any more: a further login from there is announced.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            ended = await tx.chats.unlink_one(account_id, chat_id, now)
            await tx.known_chats.forget(account_id, [chat_id])
            if ended:
                await recipients.announce_session_end(tx, account_id, chat_id, now)
        return ended

    async def get_chat(self, chat_id: int, record: ChatRecord | None = None) -> Chat:
        """The chat and who is logged in to it; reading it prolongs the login.

        ``record``: the chat's record when it was read a moment ago.
        """
        now = self._clock.now()
        if record is None:
            async with self._database.read() as tx:
                record = await tx.chats.get(chat_id)
        chat = record.to_chat(now)
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._touched_in:
            self._touched_in, self._touched = hour, set()
        # Once an hour is exact enough for a term of days, and spares a write per message. A chat
        # that had blocked the bot and writes again receives notices again at once.
        recent = chat_id in self._touched and chat.reachable
        if not recent and chat.account is not None:
            until = self._policy.compute_end(record.logged_in_at or now, now)
            async with self._database.begin() as tx:
                await tx.chats.touch(chat_id, now, until)
            self._touched.add(chat_id)
        return chat

    async def set_locale(self, chat_id: int, locale: str) -> None:
        """Sets the language of the chat, and of emails to the consumer who is logged in there."""
        async with self._database.begin() as tx:
            await tx.chats.set_locale(chat_id, locale)
            chat = (await tx.chats.get(chat_id)).to_chat(self._clock.now())
            if chat.account is not None:
                await tx.accounts.set_locale(chat.account.id, locale)

    async def warn_owner(self, tx: Tx, draft_id: str, owner_id: int, now: datetime) -> None:
        """Tells the owner of an email that somebody else gave it; once an hour at most."""
        pause = f"taken:{owner_id}"
        until = (await tx.login_attempts.get(pause, now)).blocked_until
        if until and until > now:
            return
        await tx.login_attempts.record(pause, 1, now + _PAUSE_BETWEEN_WARNINGS, now)
        await recipients.announce_email_taken(tx, owner_id, draft_id, now)

    async def _renew_hash(self, hashed: str | None, password: str) -> str | None:
        """A hash by today's parameters when the stored one is outdated."""
        outdated = hashed is not None and self._hasher.is_outdated(hashed)
        return await self._hasher.hash(password) if outdated else None

    async def _accept_password(
        self, tx: Tx, checked: Credentials, fresh_hash: str | None, chat_id: int
    ) -> None:
        """Raises LoginRefused when the password changed since it was checked."""
        account = checked.account
        current = await tx.accounts.get_credentials(account.email, chat_id)
        if current is None or current.password_hash != checked.password_hash:
            raise LoginRefused
        if fresh_hash is not None:
            await tx.accounts.set_password(
                account.id,
                fresh_hash,
                temporary=account.password_is_temporary,
                expires_at=checked.password_expires_at,
            )
