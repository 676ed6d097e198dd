"""Letters: read what they tell at the moment of sending, and hand them to the mail server."""

from collections.abc import Sequence
from dataclasses import replace
from secrets import token_hex

from bot.db.database import Database
from bot.db.outbox import LeasedNotice
from bot.domain import Account, Request, RequestMessage
from bot.integrations.smtp import Attachment, Mailer
from bot.request_types import Catalogue
from bot.services.accounts import Accounts
from bot.texts import Translations
from bot.views import emails
from bot.views.view import Company


class EmailNotices:
    def __init__(
        self,
        *,
        database: Database,
        mailer: Mailer,
        accounts: Accounts,
        library: Translations,
        catalogue: Catalogue,
        company: Company,
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._accounts = accounts
        self._library = library
        self._catalogue = catalogue
        self._company = company

    async def send_password(self, row: LeasedNotice) -> None:
        """Makes a password and sends it: it rests in no queue, and each try makes another."""
        account = await self._get_account(row)
        if row.attempts and not account.password_is_temporary:
            # An earlier try arrived although it seemed to fail, and its password was changed.
            return
        password = await self._accounts.issue_password(account.id)
        texts = self._library.get_texts(account.locale)
        write = emails.build_password_reset_email if row.kind == "reset_letter" else emails.build_password_email
        letter = write(account, password, self._company, texts)
        # Never the id of an earlier try: a mailbox may drop what looks the same, and that
        # letter's password is no longer valid.
        await self._mailer.send(letter, f"password-{row.id}-{token_hex(8)}")

    async def send_email_taken(self, row: LeasedNotice) -> None:
        account = await self._get_account(row)
        texts = self._library.get_texts(account.locale)
        await self._mailer.send(
            emails.build_email_taken_email(account, self._company, texts), f"taken-{row.id}"
        )

    async def send_request_registered(self, row: LeasedNotice) -> None:
        request = await self._get_request(row)
        texts = self._library.get_texts(request.account.locale)
        letter = emails.build_request_registered_email(request, self._catalogue, self._company, texts)
        await self._mailer.send(letter, f"registered-{request.id}")

    async def send_status_changed(self, row: LeasedNotice) -> None:
        request = await self._get_request(row)
        entry = next(one for one in request.history if one.id == row.payload["history_id"])
        texts = self._library.get_texts(request.account.locale)
        letter = emails.build_status_changed_email(request, entry, self._catalogue, self._company, texts)
        await self._mailer.send(letter, f"status-{entry.id}")

    async def send_staff_message(
        self, row: LeasedNotice, request: Request, talk: RequestMessage, attachments: Sequence[Attachment]
    ) -> None:
        """What the staff wrote to somebody whom Telegram does not reach."""
        texts = self._library.get_texts(request.account.locale)
        letter = emails.build_staff_message_email(request, talk, self._company, texts)
        await self._mailer.send(
            replace(letter, attachments=tuple(attachments)), f"message-{row.id}"
        )

    async def send_logged_out(self, row: LeasedNotice) -> None:
        account = await self._get_account(row)
        texts = self._library.get_texts(account.locale)
        await self._mailer.send(
            emails.build_logged_out_email(account, self._company, texts), f"logged-out-{row.id}"
        )

    async def _get_request(self, row: LeasedNotice) -> Request:
        async with self._database.read() as tx:
            request = await tx.requests.get(int(row.payload["request_id"]))
        if request is None:
            raise LookupError("a letter about a request that is not there")
        return request

    async def _get_account(self, row: LeasedNotice) -> Account:
        async with self._database.read() as tx:
            return await tx.accounts.get(int(row.payload["account_id"]))
