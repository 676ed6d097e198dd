"""Changes of a consumer's name, phone and email; the staff see the new ones on the cards.

A new email is proved by a one-time code that is sent there, and the former address is told. Nobody
learns whether an address belongs to another account: then no code comes, and its owner is warned.
"""

from datetime import datetime

from bot.db.database import Database, Tx
from bot.db.errors import EmailTaken
from bot.domain import Account, Address, Contact, to_anonymous_actor
from bot.fsm.model import Rejected
from bot.services import recipients
from bot.services.account_limits import AccountLimits
from bot.services.accounts import Accounts
from bot.services.clock import Clock
from bot.services.erasure import erase_account
from bot.services.errors import CodeExpired
from bot.services.one_time_codes import CodePurpose, OneTimeCodes

_PURPOSE = CodePurpose.EMAIL_CHANGE


class ContactChanges:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        accounts: Accounts,
        codes: OneTimeCodes,
        limits: AccountLimits,
    ) -> None:
        self._database = database
        self._clock = clock
        self._accounts = accounts
        self._codes = codes
        self._limits = limits

    async def change(self, account_id: int, address: Address, what: Contact, value: str) -> Account:
        """Changes the name or the phone; the same one again changes nothing.

        Raises RateLimitExceeded.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            account = await tx.accounts.get(account_id)
            former = getattr(account, what.value)
            if former != value:
                await self._limits.check_contact_changes(tx, account_id, now)
                change_id = await tx.contact_changes.add(
                    account_id, what, former, value, now, changed=True
                )
                await self._set(tx, account_id, address, what, value, change_id, now)
            return await tx.accounts.get(account_id)

    async def send_code(self, account_id: int, address: Address, email: str) -> None:
        """Sends a code to a new email, unless another account has it.

        Raises Rejected ``email-same``, RateLimitExceeded.
        """
        now = self._clock.now()
        async with self._database.begin() as tx:
            account = await tx.accounts.get(account_id)
            if account.email == email:
                raise Rejected("email-same")
            await self._limits.check_contact_changes(tx, account_id, now)
            change_id = await tx.contact_changes.add(
                account_id, Contact.EMAIL, account.email, email, now, changed=False
            )
            owner = await tx.accounts.get_by_email(email)
            taken = owner is not None and owner.email_proved
            await self._codes.request(
                tx, _PURPOSE, email, None if taken else account_id, address, unproved=True
            )
            if owner is not None and taken:
                await self._accounts.warn_owner(tx, f"contact-change-{change_id}", owner.id, now)

    async def change_email(self, account_id: int, address: Address, email: str, code: str) -> None:
        """Sets the new email by the code that came there, and tells the former address.

        An account that took the email and never proved it is erased. Raises CodeRefused,
        CodeExpired. A repeated call does nothing.
        """
        now = self._clock.now()
        async with self._database.read() as tx:
            if (await tx.accounts.get(account_id)).email == email:
                return
        await self._codes.accept(_PURPOSE, email, address, code)
        async with self._database.begin() as tx:
            if await self._codes.use(tx, _PURPOSE, email, address) != account_id:
                raise CodeExpired
            change = await tx.contact_changes.find_last(account_id, Contact.EMAIL)
            if change is None or change.present != email:
                raise CodeExpired
            unproved = await tx.accounts.lock_unproved(email)
            if unproved is not None:
                await erase_account(tx, unproved[0], now)
            try:
                await self._set(tx, account_id, address, Contact.EMAIL, email, change.id, now)
            except EmailTaken:
                # Somebody proved it a moment ago.
                raise CodeExpired from None
            await tx.contact_changes.finish(change.id, now)
            await tx.one_time_codes.delete_for_account(account_id)
            await recipients.announce_email_change(tx, account_id, change.id, now)

    async def _set(
        self,
        tx: Tx,
        account_id: int,
        address: Address,
        what: Contact,
        value: str,
        change_id: int,
        now: datetime,
    ) -> None:
        await tx.accounts.set_contact(account_id, what, value)
        await tx.audit.add(to_anonymous_actor(address), "contact", now, account_id=account_id)
        for request_id in await tx.requests.list_open_ids(account_id):
            await recipients.announce_card_change(tx, request_id, f"contact-{change_id}", now)
