"""Emails to consumers: rendered from the present state when they are sent."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from secrets import token_hex

from bot.db.outbox import LeasedNotice
from bot.domain import Account, Request, RequestMessage, Status
from bot.integrations.smtp import Attachment, Email, Mailer
from bot.notices import (
    ClarificationReminderEmail,
    EmailTaken,
    PasswordEmail,
    PasswordResetEmail,
    RequestRegisteredEmail,
    StaffFileEmail,
    StatusChangedEmail,
)
from bot.notifications.senders import SenderContext, sends
from bot.services.accounts import Accounts
from bot.services.scans import Scans
from bot.texts import Texts
from bot.views import emails
from bot.views.view import Company


class EmailNotices:
    def __init__(
        self, context: SenderContext, *, mailer: Mailer, accounts: Accounts, scans: Scans
    ) -> None:
        self._context = context
        self._scans = scans
        self._mailer = mailer
        self._accounts = accounts

    @sends(PasswordEmail)
    async def send_password(self, leased: LeasedNotice[PasswordEmail]) -> None:
        await self._send_password(leased, emails.build_password_email)

    @sends(PasswordResetEmail)
    async def send_reset_password(self, leased: LeasedNotice[PasswordResetEmail]) -> None:
        await self._send_password(leased, emails.build_password_reset_email)

    @sends(EmailTaken)
    async def send_email_taken(self, leased: LeasedNotice[EmailTaken]) -> None:
        account = await self._get_account(leased.notice.account_id)
        email = emails.build_email_taken_email(
            account, self._context.company, self._get_texts(account)
        )
        await self._mailer.send(email, f"taken-{leased.id}")

    @sends(RequestRegisteredEmail)
    async def send_request_registered(self, leased: LeasedNotice[RequestRegisteredEmail]) -> None:
        request = await self._get_request(leased.notice.request_id)
        email = emails.build_request_registered_email(
            request,
            self._context.catalogue,
            self._context.company,
            self._get_texts(request.account),
        )
        await self._mailer.send(email, f"registered-{request.id}")

    @sends(StatusChangedEmail)
    async def send_status_changed(self, leased: LeasedNotice[StatusChangedEmail]) -> None:
        request = await self._get_request(leased.notice.request_id)
        entry = next(one for one in request.history if one.id == leased.notice.history_id)
        email = emails.build_status_changed_email(
            request,
            entry,
            self._context.catalogue,
            self._context.company,
            self._get_texts(request.account),
        )
        await self._mailer.send(email, f"status-{entry.id}")

    @sends(ClarificationReminderEmail)
    async def send_clarification_reminder(
        self, leased: LeasedNotice[ClarificationReminderEmail]
    ) -> None:
        """Sends nothing once the request has another status."""
        request = await self._get_request(leased.notice.request_id)
        if request.status is not Status.CLARIFICATION:
            return
        email = emails.build_clarification_reminder_email(
            request,
            leased.notice.answer_by,
            self._context.catalogue,
            self._context.company,
            self._get_texts(request.account),
        )
        await self._mailer.send(email, f"clarification-{leased.id}")

    @sends(StaffFileEmail)
    async def send_staff_file(self, leased: LeasedNotice[StaffFileEmail]) -> None:
        """The file of a message of the staff, with the text of the message."""
        notice = leased.notice
        request = await self._get_request(notice.request_id)
        async with self._context.database.read() as tx:
            message = await tx.request_messages.get(notice.request_message_id)
            file = await tx.files.get(notice.file_id)
        attachment = Attachment(name=file.name, data=await self._scans.read(file))
        await self.send_staff_message(leased.id, request, message, [attachment])

    async def send_staff_message(
        self,
        notice_id: int,
        request: Request,
        message: RequestMessage,
        attachments: Sequence[Attachment],
    ) -> None:
        """A message of the staff, with its file if it has one."""
        email = emails.build_staff_message_email(
            request, message, self._context.company, self._get_texts(request.account)
        )
        await self._mailer.send(
            replace(email, attachments=tuple(attachments)), f"message-{notice_id}"
        )

    async def send_logged_out(self, notice_id: int, account: Account) -> None:
        """To a consumer whose logged-out chat is unreachable."""
        email = emails.build_logged_out_email(
            account, self._context.company, self._get_texts(account)
        )
        await self._mailer.send(email, f"logged-out-{notice_id}")

    async def _send_password(
        self,
        leased: LeasedNotice[PasswordEmail | PasswordResetEmail],
        build: Callable[[Account, str, Company, Texts], Email],
    ) -> None:
        """Makes the password here, so that no queue stores it; each try makes another one."""
        account = await self._get_account(leased.notice.account_id)
        if leased.attempts and not account.password_is_temporary:
            # An earlier try arrived although it seemed to fail, and its password was changed.
            return
        password = await self._accounts.issue_password(account.id)
        email = build(account, password, self._context.company, self._get_texts(account))
        # The message id differs on each try. A mail system may drop a repeated id, and the
        # password of the earlier email is not valid any more.
        await self._mailer.send(email, f"password-{leased.id}-{token_hex(8)}")

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
