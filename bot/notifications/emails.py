"""Letters: read what they tell at the moment of sending, and hand them to the mail server."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from secrets import token_hex

from bot.db.database import Database, Tx
from bot.db.outbox import LeasedNotice
from bot.domain import Account, Request, RequestMessage
from bot.integrations.errors import MailRefused
from bot.integrations.smtp import Attachment, Mailer
from bot.notifications.outbox_worker import Record
from bot.request_types import Catalogue
from bot.services.accounts import Accounts
from bot.texts import Translations
from bot.views import emails
from bot.views.view import Company

log = logging.getLogger(__name__)


class EmailNotices:
    def __init__(
        self,
        *,
        database: Database,
        mailer: Mailer,
        accounts: Accounts,
        translations: Translations,
        catalogue: Catalogue,
        company: Company,
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._accounts = accounts
        self._translations = translations
        self._catalogue = catalogue
        self._company = company

    async def send_password(self, notice: LeasedNotice) -> Record | None:
        """Makes a password and sends it: it rests in no queue, and each try makes another.

        When the address of a registration takes no letter, its account is deleted and the chat
        that registered is told; raises MailRefused for an account that is in use.
        """
        account = await self._get_account(notice)
        if notice.attempts and not account.password_is_temporary:
            # An earlier try arrived although it seemed to fail, and its password was changed.
            return None
        password = await self._accounts.issue_password(account.id)
        texts = self._translations.get_texts(account.locale)
        write = (
            emails.build_password_reset_email
            if notice.kind == "reset_letter"
            else emails.build_password_email
        )
        letter = write(account, password, self._company, texts)
        # Never the id of an earlier try: a mailbox may drop what looks the same, and that
        # letter's password is no longer valid.
        try:
            await self._mailer.send(letter, f"password-{notice.id}-{token_hex(8)}")
        except MailRefused:
            record = await self._cancel_registration(notice, account)
            if record is None:
                raise
            return record
        return None

    async def _cancel_registration(self, notice: LeasedNotice, account: Account) -> Record | None:
        """What undoes a registration nobody can ever log in with; None when it is not undone."""
        if notice.kind != "password_letter":
            return None
        async with self._database.read() as tx:
            consents = await tx.consents.list_for_account(account.id)
            if not consents or await tx.accounts.is_used(account.id):
                return None
        chat_id = consents[0].chat_id
        log.warning("notice %d: the address of a registration takes no letter", notice.id)

        async def record(tx: Tx) -> None:
            if await tx.accounts.delete_unused(account.id):
                await tx.outbox.put(
                    stream=f"chat:{chat_id}",
                    kind="registration_refused",
                    payload={"chat_id": chat_id, "locale": account.locale},
                    dedupe_key=f"registration-refused:{notice.id}",
                    not_before=notice.created_at,
                )

        return record

    async def send_email_taken(self, notice: LeasedNotice) -> None:
        account = await self._get_account(notice)
        texts = self._translations.get_texts(account.locale)
        await self._mailer.send(
            emails.build_email_taken_email(account, self._company, texts), f"taken-{notice.id}"
        )

    async def send_request_registered(self, notice: LeasedNotice) -> None:
        request = await self._get_request(notice)
        texts = self._translations.get_texts(request.account.locale)
        letter = emails.build_request_registered_email(
            request, self._catalogue, self._company, texts
        )
        await self._mailer.send(letter, f"registered-{request.id}")

    async def send_status_changed(self, notice: LeasedNotice) -> None:
        request = await self._get_request(notice)
        entry = next(one for one in request.history if one.id == notice.payload["history_id"])
        texts = self._translations.get_texts(request.account.locale)
        letter = emails.build_status_changed_email(
            request, entry, self._catalogue, self._company, texts
        )
        await self._mailer.send(letter, f"status-{entry.id}")

    async def send_staff_message(
        self,
        notice: LeasedNotice,
        request: Request,
        message: RequestMessage,
        attachments: Sequence[Attachment],
    ) -> None:
        """What the staff wrote to somebody whom Telegram does not reach."""
        texts = self._translations.get_texts(request.account.locale)
        letter = emails.build_staff_message_email(request, message, self._company, texts)
        await self._mailer.send(
            replace(letter, attachments=tuple(attachments)), f"message-{notice.id}"
        )

    async def send_logged_out(self, notice: LeasedNotice) -> None:
        account = await self._get_account(notice)
        texts = self._translations.get_texts(account.locale)
        await self._mailer.send(
            emails.build_logged_out_email(account, self._company, texts), f"logged-out-{notice.id}"
        )

    async def _get_request(self, notice: LeasedNotice) -> Request:
        async with self._database.read() as tx:
            request = await tx.requests.get(int(notice.payload["request_id"]))
        if request is None:
            raise LookupError("a letter about a request that is not there")
        return request

    async def _get_account(self, notice: LeasedNotice) -> Account:
        async with self._database.read() as tx:
            return await tx.accounts.get(int(notice.payload["account_id"]))
