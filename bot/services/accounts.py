"""Accounts: registration, login and logout, and the chats and browsers that are logged in."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.db.accounts import ChatRecord, Credentials
from bot.db.database import Database, Tx
from bot.db.errors import EmailTaken
from bot.db.web_sessions import WebSession
from bot.domain import Account, Address, AnswerChannel, Category, Channel, Chat, Consent, Session
from bot.integrations.password_hasher import PasswordHasher
from bot.services import recipients
from bot.services.clock import Clock
from bot.services.erasure import erase_account
from bot.services.errors import LoginCodeNeeded, LoginRefused, PasswordExpired, PasswordRefused
from bot.services.login_throttle import LoginThrottle
from bot.services.one_time_codes import CodePurpose, OneTimeCodes
from bot.services.sessions import MINI_APP, SessionPolicy, find_logged_in, hash_token

#: An account expires unless somebody logs in within this time of the registration.
EMAIL_PROOF_TIME = timedelta(hours=72)

#: Strangers who register with somebody's email shall not flood its owner with letters.
_PAUSE_BETWEEN_WARNINGS = timedelta(hours=1)

#: Telegram's longest names are shown shortened.
_NAME_LENGTH = 64


class Accounts:
    def __init__(
        self,
        database: Database,
        hasher: PasswordHasher,
        clock: Clock,
        *,
        policies: Mapping[Channel, SessionPolicy],
        throttle: LoginThrottle,
        codes: OneTimeCodes,
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._clock = clock
        self._policies = policies
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
        address: Address,
    ) -> None:
        """Makes an account; an email with its password follows.

        ``consent_text`` is stored word by word as it was shown at ``address``.
        Ends the same way when the email is taken, so that nobody learns whose emails we know; then
        an email warns the owner. An account that nobody ever entered takes no email: it is
        replaced. A draft submitted twice sends one email. Nobody is logged in.
        """
        now = self._clock.now()
        consent = Consent(
            version=consent_version,
            text=consent_text,
            sha256=hashlib.sha256(consent_text.encode()).hexdigest(),
            accepted_at=now,
            address=address,
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

    async def send_password_again(self, draft_id: str, address: Address) -> None:
        """Sends another first password to the email of a registration from this address.

        At most one a minute. Nothing is sent, and nothing tells, when the email was taken or is
        proved by now.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            account = await tx.accounts.lock_registered(draft_id, address)
            if account is not None:
                await tx.accounts.renew_unproved(account.id, now)
                minute = now.replace(second=0, microsecond=0)
                await recipients.announce_registration(tx, account.id, draft_id, minute, again=True)

    async def withdraw_registration(self, draft_id: str, address: Address) -> None:
        """Erases the account of a registration from this address, unless its email is proved."""
        async with self._database.begin() as tx:
            account = await tx.accounts.lock_registered(draft_id, address)
            if account is not None:
                await erase_account(tx, account, self._clock.now())

    async def log_in(
        self,
        address: Address,
        email: str,
        password: str,
        *,
        name: str = "",
        token: str | None = None,
        locale: str | None = None,
    ) -> Account:
        """Logs in at an address; ``name`` and ``token`` are those of ``link``.

        ``locale`` becomes the account's language, None leaves it. Raises LoginRefused (email or
        password wrong), LoginDelayed (nothing was checked), PasswordExpired, and LoginCodeNeeded:
        then ``confirm_login`` logs in.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            found = await tx.accounts.get_credentials(email, address)
            made = await self._throttle.begin(tx, email, address, now)
        hashed = found.password_hash if found else None
        fits = await self._hasher.verify(hashed, password)
        if found is None or not fits:
            if found is None or not found.is_known:
                async with self._database.begin() as tx:
                    await self._throttle.record_failure(
                        tx, made, found.account.id if found else None, now
                    )
            raise LoginRefused
        if found.password_expires_at is not None and found.password_expires_at <= now:
            raise PasswordExpired
        fresh_hash = await self._renew_hash(hashed, password)
        async with self._database.begin() as tx:
            await self._accept_password(tx, found, fresh_hash, address)
            await self._throttle.record_success(tx, made, now)
            if made.braked and not found.is_known:
                await self._codes.request(tx, CodePurpose.LOGIN, email, found.account.id, address)
            else:
                await self.link(tx, address, found.account, name, token)
                if locale is not None:
                    await tx.accounts.set_locale(found.account.id, locale)
        if made.braked and not found.is_known:
            raise LoginCodeNeeded
        self._touched.add(address.id)
        return replace(found.account, email_proved=True, locale=locale or found.account.locale)

    async def confirm_login(
        self,
        address: Address,
        email: str,
        code: str,
        *,
        name: str = "",
        token: str | None = None,
    ) -> Account:
        """Logs in by the code that LoginCodeNeeded announced.

        Raises CodeRefused, CodeExpired.
        """
        await self._codes.accept(CodePurpose.LOGIN, email, address, code)
        async with self._database.begin() as tx:
            account_id = await self._codes.use(tx, CodePurpose.LOGIN, email, address)
            account = await tx.accounts.get(account_id)
            await self.link(tx, address, account, name, token)
        self._touched.add(address.id)
        return replace(account, email_proved=True)

    async def link(
        self, tx: Tx, address: Address, account: Account, name: str, token: str | None = None
    ) -> None:
        """Logs in a person who was recognised; the owner is told of an address that is new.

        ``name`` is the person's in Telegram, or says which browser it is. A browser gets a session
        of the ``token``, in place of an earlier one.
        """
        now = self._clock.now()
        name = name[:_NAME_LENGTH]
        until = self._policies[address.channel].compute_end(now, now)
        known = await tx.known_chats.list_for_account(account.id)
        if address.channel is Channel.WEB:
            if token is None:
                raise ValueError("a web session needs a token")
            session = WebSession(address.id, account, name, now, now, until)
            await tx.web_sessions.put(session, hash_token(token))
        else:
            await tx.chats.link(address.id, account.id, now, until)
        await tx.accounts.mark_email_proved(account.id, now)
        await tx.known_chats.put(account.id, address, name, now)
        if account.password_is_temporary:
            await tx.accounts.mark_password_used(account.id)
        if known and address not in known:
            await recipients.announce_login(tx, account.id, address, name, now)

    async def check_password(self, account_id: int, address: Address, password: str) -> None:
        """Checks the password of a person who is logged in.

        Raises PasswordRefused, LoginDelayed.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            account = await tx.accounts.get(account_id)
            made = await self._throttle.begin_check(tx, account.email, address, now)
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

    async def log_out(self, address: Address) -> None:
        """Logs out at an address; with a chat end the sessions of the account's Mini App."""
        async with self._database.begin() as tx:
            if address.channel is Channel.WEB:
                await tx.web_sessions.end(address.id)
                return
            account = await find_logged_in(tx, address, self._clock.now())
            await tx.chats.unlink(address.id)
            if account is not None:
                await tx.web_sessions.end_named(account.id, MINI_APP)

    async def list_sessions(self, account_id: int) -> list[Session]:
        """The chats and browsers that are logged in to the account, the latest login first."""
        now = self._clock.now()
        async with self._database.read() as tx:
            chats = await tx.chats.list_sessions(account_id, now)
            browsers = await tx.web_sessions.list_sessions(account_id, now)
        return sorted((*chats, *browsers), key=lambda one: one.logged_in_at, reverse=True)

    async def end_session(self, account_id: int, address: Address) -> bool:
        """Logs the account out elsewhere; False when it was not logged in there.

        A chat is told, and the sessions of the account's Mini App end with it. The address is not
        known to the account any more: a further login from there is announced.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            await tx.known_chats.forget(account_id, [address])
            if address.channel is Channel.WEB:
                return await tx.web_sessions.end(address.id, of_account=account_id)
            ended = await tx.chats.unlink_one(account_id, address.id, now)
            if ended:
                await tx.web_sessions.end_named(account_id, MINI_APP)
                await recipients.announce_session_end(tx, account_id, address.id, now)
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
            until = self._policies[Channel.TELEGRAM].compute_end(record.logged_in_at or now, now)
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

    async def set_account_locale(self, account_id: int, locale: str) -> None:
        """Sets the language of the pages and emails of an account."""
        async with self._database.begin() as tx:
            await tx.accounts.set_locale(account_id, locale)

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
        self, tx: Tx, checked: Credentials, fresh_hash: str | None, address: Address
    ) -> None:
        """Raises LoginRefused when the password changed since it was checked."""
        account = checked.account
        current = await tx.accounts.get_credentials(account.email, address)
        if current is None or current.password_hash != checked.password_hash:
            raise LoginRefused
        if fresh_hash is not None:
            await tx.accounts.set_password(
                account.id,
                fresh_hash,
                temporary=account.password_is_temporary,
                expires_at=checked.password_expires_at,
            )
