"""Emails to consumers: rendered from the present state when they are sent."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from secrets import token_hex

from bot.db.database import Tx
from bot.db.logins import OneTimeCode
from bot.db.outbox import LeasedNotice
from bot.domain import Account, Contact, Request, RequestMessage, Status
from bot.formatting.documents import build_receipt
from bot.integrations.errors import MailRefused, MailTooBig
from bot.integrations.smtp import Attachment, Email, Mailer
from bot.notices import (
    ClarificationReminderEmail,
    EmailChangedEmail,
    EmailTakenWarning,
    FailedLoginsEmail,
    MessageToConsumer,
    NewBrowserEmail,
    NewChatEmail,
    Notice,
    OneTimeCodeEmail,
    PasswordChangedEmail,
    PasswordEmail,
    PasswordResetEmail,
    RegistrationRefused,
    RequestRegisteredEmail,
    StaffFileEmail,
    StatusChangedEmail,
)
from bot.notifications.senders import Record, SenderContext, register_sender
from bot.services.documents import Documents
from bot.services.erasure import erase_account
from bot.services.errors import DocumentUnavailable
from bot.services.letter_cap import UnprovedLetterCap
from bot.services.login_throttle import hash_email
from bot.services.one_time_codes import CodePurpose, OneTimeCodes
from bot.services.passwords import Passwords
from bot.services.recipients import announce, announce_bounce
from bot.services.scans import Scans
from bot.telegram.rate_limit import RateLimited
from bot.texts import Texts
from bot.views import emails
from bot.views.emails import Letterhead

log = logging.getLogger(__name__)


class EmailNotices:
    def __init__(
        self,
        context: SenderContext,
        *,
        mailer: Mailer,
        passwords: Passwords,
        codes: OneTimeCodes,
        scans: Scans,
        documents: Documents,
        unproved_cap: UnprovedLetterCap,
    ) -> None:
        self._unproved_cap = unproved_cap
        self._context = context
        self._scans = scans
        self._documents = documents
        self._mailer = mailer
        self._passwords = passwords
        self._codes = codes

    @register_sender(PasswordEmail)
    async def send_password(self, leased: LeasedNotice[PasswordEmail]) -> Record | None:
        """When the address takes no email, the account is deleted and the chat is told.

        Raises MailRefused for an account that is in use.
        """
        account = await self._get_account(leased.notice.account_id)
        if account.email_proved:
            # Another letter was faster: a new password would lock out who used that one.
            return None
        try:
            await self._send_password(leased, emails.build_password_email)
        except MailRefused:
            record = await self._cancel_registration(leased)
            if record is None:
                raise
            return record
        return None

    @register_sender(PasswordResetEmail)
    async def send_reset_password(self, leased: LeasedNotice[PasswordResetEmail]) -> None:
        await self._send_password(leased, emails.build_password_reset_email)

    @register_sender(EmailTakenWarning)
    async def send_email_taken(self, leased: LeasedNotice[EmailTakenWarning]) -> None:
        account = await self._get_account(leased.notice.account_id)
        await self._send(
            leased, account, lambda *head: emails.build_email_taken_email(account, *head)
        )

    @register_sender(OneTimeCodeEmail)
    async def send_code(self, leased: LeasedNotice[OneTimeCodeEmail]) -> None:
        """Makes the digits here, so that no queue stores them; each try makes other ones.

        An unknown email gets digits too, which nobody reads.
        """
        issued = await self._codes.issue(leased.notice.code_id)
        if issued is None or issued[0].account_id is None:
            return
        code, digits = issued
        account = await self._get_account(issued[0].account_id)
        if code.purpose == CodePurpose.EMAIL_CHANGE:
            new_email = await self._find_new_email(code)
            if new_email is None:
                return
            # It may be a stranger's.
            account = replace(account, email=new_email, email_proved=False)
        if not account.email_proved and not leased.attempts:
            await self._count_unproved()
        await self._send(
            leased,
            account,
            lambda *head: emails.build_code_email(
                account, code.purpose, digits, code.expires_at, *head
            ),
            differs=True,
        )

    @register_sender(EmailChangedEmail)
    async def send_email_changed(self, leased: LeasedNotice[EmailChangedEmail]) -> None:
        """To the former address, which is forgotten after a while: then nothing is sent."""
        account = await self._get_account(leased.notice.account_id)
        async with self._context.database.read() as tx:
            change = await tx.contact_changes.find(leased.notice.change_id)
        if change is not None:
            former = replace(account, email=change.former)
            await self._send(
                leased, former, lambda *head: emails.build_email_changed_email(former, *head)
            )

    @register_sender(NewChatEmail)
    async def send_new_chat(self, leased: LeasedNotice[NewChatEmail]) -> None:
        notice = leased.notice
        account = await self._get_account(notice.account_id)
        await self._send(
            leased,
            account,
            lambda *head: emails.build_new_chat_email(account, notice.chat_id, notice.at, *head),
        )

    @register_sender(NewBrowserEmail)
    async def send_new_browser(self, leased: LeasedNotice[NewBrowserEmail]) -> None:
        notice = leased.notice
        account = await self._get_account(notice.account_id)
        await self._send(
            leased,
            account,
            lambda *head: emails.build_new_browser_email(account, notice.browser, notice.at, *head),
        )

    @register_sender(PasswordChangedEmail)
    async def send_password_changed(self, leased: LeasedNotice[PasswordChangedEmail]) -> None:
        account = await self._get_account(leased.notice.account_id)
        at = leased.notice.at
        await self._send(
            leased, account, lambda *head: emails.build_password_changed_email(account, at, *head)
        )

    @register_sender(FailedLoginsEmail)
    async def send_failed_logins(self, leased: LeasedNotice[FailedLoginsEmail]) -> None:
        """Sends nothing when nobody has the email."""
        if leased.notice.account_id is None:
            return
        account = await self._get_account(leased.notice.account_id)
        at = leased.notice.at
        await self._send(
            leased, account, lambda *head: emails.build_failed_logins_email(account, at, *head)
        )

    @register_sender(RequestRegisteredEmail)
    async def send_request_registered(self, leased: LeasedNotice[RequestRegisteredEmail]) -> None:
        """With the receipt; a letter does not wait for a PDF that cannot be made."""
        request = await self._get_request(leased.notice.request_id)
        context, texts = self._context, self._get_texts(request.account)
        receipt = build_receipt(request, context.catalogue, context.company, texts)
        attachments = []
        with suppress(DocumentUnavailable):
            data = await self._documents.render(receipt, request.account.id)
            attachments.append(Attachment(name=receipt.file_name, data=data))
        await self._send(
            leased,
            request,
            lambda head, texts: emails.build_request_registered_email(
                request,
                context.catalogue,
                head,
                texts,
                with_receipt=bool(attachments) and not head.omits_files,
            ),
            attachments,
        )

    @register_sender(StatusChangedEmail)
    async def send_status_changed(self, leased: LeasedNotice[StatusChangedEmail]) -> None:
        request = await self._get_request(leased.notice.request_id)
        entry = next(one for one in request.history if one.id == leased.notice.history_id)
        await self._send(
            leased,
            request,
            lambda *head: emails.build_status_changed_email(
                request, entry, self._context.catalogue, *head
            ),
        )

    @register_sender(ClarificationReminderEmail)
    async def send_clarification_reminder(
        self, leased: LeasedNotice[ClarificationReminderEmail]
    ) -> None:
        """Sends nothing once the request has another status."""
        request = await self._get_request(leased.notice.request_id)
        if request.status is not Status.CLARIFICATION:
            return
        await self._send(
            leased,
            request,
            lambda *head: emails.build_clarification_reminder_email(
                request, leased.notice.answer_by, self._context.catalogue, *head
            ),
        )

    @register_sender(StaffFileEmail)
    async def send_staff_file(self, leased: LeasedNotice[StaffFileEmail]) -> None:
        """The file of a message of the staff, with the text of the message."""
        notice = leased.notice
        request = await self._get_request(notice.request_id)
        async with self._context.database.read() as tx:
            message = await tx.request_messages.get(notice.request_message_id)
            file = await tx.files.get(notice.file_id)
        attachment = Attachment(name=file.name, data=await self._scans.read(file))
        await self.send_staff_message(leased, request, message, [attachment])

    async def send_staff_message(
        self,
        leased: LeasedNotice[StaffFileEmail | MessageToConsumer],
        request: Request,
        message: RequestMessage,
        attachments: Sequence[Attachment],
    ) -> None:
        """A message of the staff, with its file if it has one."""
        await self._send(
            leased,
            request,
            lambda *head: emails.build_staff_message_email(
                request, message, self._context.catalogue, *head, files=len(attachments)
            ),
            attachments,
        )

    async def _cancel_registration(self, leased: LeasedNotice[PasswordEmail]) -> Record | None:
        """Deletes an account that nobody can ever log in to; None when it is in use."""
        account = await self._get_account(leased.notice.account_id)
        async with self._context.database.read() as tx:
            address = await tx.consents.find_address(account.id)
            if address is None or await tx.accounts.is_used(account.id):
                return None
        log.warning("notice %d: the address of a registration takes no email", leased.id)

        async def record(tx: Tx) -> None:
            if not await tx.accounts.is_used(account.id):
                now = self._context.clock.now()
                await erase_account(tx, account, now)
                if address.chat_id is not None:
                    refused = RegistrationRefused(
                        chat_id=address.chat_id, locale=account.locale, email_notice=leased.id
                    )
                    await announce(tx, refused, now)

        return record

    async def _send_password(
        self,
        leased: LeasedNotice[PasswordEmail | PasswordResetEmail],
        build: Callable[[Account, str, Letterhead, Texts], Email],
    ) -> None:
        """Makes the password here, so that no queue stores it; each try makes another one."""
        account = await self._get_account(leased.notice.account_id)
        if leased.attempts and not account.password_is_temporary:
            # An earlier try arrived although it seemed to fail, and its password was changed.
            return
        if not account.email_proved and not leased.attempts:
            # A retried letter has been counted.
            await self._count_unproved()
        password = await self._passwords.issue(account.id)
        await self._send(
            leased, account, lambda *head: build(account, password, *head), differs=True
        )

    async def _send(
        self,
        leased: LeasedNotice[Notice],
        about: Account | Request,
        build: Callable[[Letterhead, Texts], Email],
        attachments: Sequence[Attachment] = (),
        *,
        differs: bool = False,
    ) -> None:
        """Sends an email, without its files when they are too big; tells about a refused one.

        The message id is the same on each try, and another one in each database. It is another one
        on each try of an email that ``differs``: a mail system may drop a repeated id, and the
        password or code of the earlier try is not valid any more.
        """
        account = about.account if isinstance(about, Request) else about
        texts = self._get_texts(account)
        head = Letterhead(
            company=self._context.company, bot=await self._context.messenger.find_bot_name()
        )
        message_id = f"{leased.notice.kind}-{leased.id}-{leased.stored_at:%Y%m%d%H%M%S%f}"
        if differs:
            message_id += f"-{token_hex(8)}"
        try:
            try:
                email = replace(build(head, texts), attachments=tuple(attachments))
                await self._mailer.send(email, message_id)
            except MailTooBig:
                if not attachments:
                    raise
                await self._mailer.send(build(replace(head, omits_files=True), texts), message_id)
        except MailRefused:
            # The author of a relayed message is told by the relay.
            is_relayed = isinstance(leased.notice, MessageToConsumer)
            request_id = about.id if isinstance(about, Request) and not is_relayed else None
            async with self._context.database.begin() as tx:
                key, now = hash_email(account.email), self._context.clock.now()
                await announce_bounce(tx, account.id, key, request_id, now)
            raise

    async def _find_new_email(self, code: OneTimeCode) -> str | None:
        """The address that a code proves; None when another one was asked for meanwhile."""
        async with self._context.database.read() as tx:
            change = await tx.contact_changes.find_last(code.account_id or 0, Contact.EMAIL)
        fits = change is not None and hash_email(change.present) == code.email_key
        return change.present if change is not None and fits else None

    async def _count_unproved(self) -> None:
        wait = await self._unproved_cap.take()
        if wait:
            raise RateLimited(wait)

    def _get_texts(self, account: Account) -> Texts:
        return self._context.translations.get_texts(account.locale)

    async def _get_request(self, request_id: int) -> Request:
        async with self._context.database.read() as tx:
            request = await tx.requests.get(request_id)
        if request is None:
            raise LookupError("an email about a request that does not exist")
        return request

    async def _get_account(self, account_id: int) -> Account:
        async with self._context.database.read() as tx:
            return await tx.accounts.get(account_id)
