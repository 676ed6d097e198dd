"""Letters: read what they tell at the moment of sending, and hand them to the mail server."""

from collections.abc import Sequence
from dataclasses import replace
from secrets import token_hex

from bot.db.database import Database
from bot.db.outbox import OutboxRow
from bot.domain import Account, Request, Talk
from bot.integrations.smtp import Attachment, Mailer
from bot.request_types import Catalogue
from bot.services.accounts import Accounts
from bot.texts import Library
from bot.views import emails
from bot.views.view import Company


class Letters:
    def __init__(
        self,
        *,
        database: Database,
        mailer: Mailer,
        accounts: Accounts,
        library: Library,
        catalogue: Catalogue,
        company: Company,
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._accounts = accounts
        self._library = library
        self._catalogue = catalogue
        self._company = company

    async def password(self, row: OutboxRow) -> None:
        """Makes a password and sends it: it rests in no queue, and each try makes another."""
        account = await self._account(row)
        if row.attempts and not account.password_is_temporary:
            # An earlier try arrived although it seemed to fail, and its password was changed.
            return
        password = await self._accounts.issue_password(account.id)
        texts = self._library.texts(account.locale)
        write = emails.reset_letter if row.kind == "reset_letter" else emails.password_letter
        letter = write(account, password, self._company, texts)
        # Never the id of an earlier try: a mailbox may drop what looks the same, and that
        # letter's password is no longer valid.
        await self._mailer.send(letter, f"password-{row.id}-{token_hex(8)}")

    async def taken(self, row: OutboxRow) -> None:
        account = await self._account(row)
        texts = self._library.texts(account.locale)
        await self._mailer.send(
            emails.taken_letter(account, self._company, texts), f"taken-{row.id}"
        )

    async def registered(self, row: OutboxRow) -> None:
        request = await self._request(row)
        texts = self._library.texts(request.account.locale)
        letter = emails.registered_letter(request, self._catalogue, self._company, texts)
        await self._mailer.send(letter, f"registered-{request.id}")

    async def changed(self, row: OutboxRow) -> None:
        request = await self._request(row)
        entry = next(one for one in request.history if one.id == row.payload["history_id"])
        texts = self._library.texts(request.account.locale)
        letter = emails.changed_letter(request, entry, self._catalogue, self._company, texts)
        await self._mailer.send(letter, f"status-{entry.id}")

    async def message(
        self, row: OutboxRow, request: Request, talk: Talk, attachments: Sequence[Attachment]
    ) -> None:
        """What the staff wrote to somebody whom Telegram does not reach."""
        texts = self._library.texts(request.account.locale)
        letter = emails.message_letter(request, talk, self._company, texts)
        await self._mailer.send(
            replace(letter, attachments=tuple(attachments)), f"message-{row.id}"
        )

    async def logged_out(self, row: OutboxRow) -> None:
        account = await self._account(row)
        texts = self._library.texts(account.locale)
        await self._mailer.send(
            emails.logged_out_letter(account, self._company, texts), f"logged-out-{row.id}"
        )

    async def _request(self, row: OutboxRow) -> Request:
        async with self._database.read() as tx:
            request = await tx.requests.get(int(row.payload["request_id"]))
        if request is None:
            raise LookupError("a letter about a request that is not there")
        return request

    async def _account(self, row: OutboxRow) -> Account:
        async with self._database.read() as tx:
            return await tx.accounts.get(int(row.payload["account_id"]))
