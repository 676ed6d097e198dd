"""Notices to consumers' chats about their account and their requests."""

from bot.db.outbox import LeasedNotice
from bot.domain import Contact, Status
from bot.notices import (
    ClarificationReminder,
    EmailBounced,
    LoggedOut,
    RegistrationRefused,
    StatusChanged,
)
from bot.notifications.messages import send_to_consumer
from bot.notifications.senders import Record, SenderContext, register_sender
from bot.services import recipients
from bot.services.login_throttle import hash_email
from bot.views import auth, requests


class ConsumerNotices:
    def __init__(self, context: SenderContext) -> None:
        self._context = context

    @register_sender(LoggedOut)
    async def send_logged_out(self, leased: LeasedNotice[LoggedOut]) -> Record | None:
        notice = leased.notice
        async with self._context.database.read() as tx:
            account = await tx.accounts.get(notice.account_id)
        texts = self._context.translations.get_texts(account.locale)
        views = (auth.render_logged_out_elsewhere(texts, by_owner=notice.by_owner),)
        return await send_to_consumer(self._context, notice.chat_id, views)

    @register_sender(EmailBounced)
    async def send_email_bounced(self, leased: LeasedNotice[EmailBounced]) -> Record | None:
        """About the account's email or the one that it is to have; another one is former by now.

        Sends nothing to a chat that is logged out.
        """
        notice = leased.notice
        async with self._context.database.read() as tx:
            account = await tx.accounts.get(notice.account_id)
            change = await tx.contact_changes.find_last(account.id, Contact.EMAIL)
            chats = await recipients.list_chats(tx, account.id, self._context.clock.now())
        emails = [account.email, *([change.present] if change else [])]
        refused = [one for one in emails if hash_email(one) == notice.email_key]
        if notice.chat_id not in chats or not refused:
            return None
        texts = self._context.translations.get_texts(account.locale)
        views = (auth.render_email_bounced(refused[0], texts),)
        return await send_to_consumer(self._context, notice.chat_id, views)

    @register_sender(RegistrationRefused)
    async def send_registration_refused(
        self, leased: LeasedNotice[RegistrationRefused]
    ) -> Record | None:
        notice = leased.notice
        texts = self._context.translations.get_texts(notice.locale)
        views = (auth.render_registration_refused(texts),)
        return await send_to_consumer(self._context, notice.chat_id, views)

    @register_sender(ClarificationReminder)
    async def send_clarification_reminder(
        self, leased: LeasedNotice[ClarificationReminder]
    ) -> Record | None:
        """To the chat unless it is logged out by now, as there is an email too.

        Sends nothing once the request has another status.
        """
        notice = leased.notice
        async with self._context.database.read() as tx:
            request = await tx.requests.get(notice.request_id)
            if request is None or request.status is not Status.CLARIFICATION:
                return None
            chats = await recipients.list_chats(tx, request.account.id, self._context.clock.now())
        if notice.chat_id not in chats:
            return None
        texts = self._context.translations.get_texts(request.account.locale)
        view = requests.render_clarification_reminder(
            request, notice.answer_by, self._context.catalogue, texts
        )
        return await send_to_consumer(self._context, notice.chat_id, (view,), request_id=request.id)

    @register_sender(StatusChanged)
    async def send_status_changed(self, leased: LeasedNotice[StatusChanged]) -> Record | None:
        """To the chat unless it is logged out by now: each change of a status has an email too."""
        notice = leased.notice
        async with self._context.database.read() as tx:
            request = await tx.requests.get(notice.request_id)
            if request is None:
                raise LookupError("a notice about a request that does not exist")
            chats = await recipients.list_chats(tx, request.account.id, self._context.clock.now())
        if notice.chat_id not in chats:
            return None
        entry = next(one for one in request.history if one.id == notice.history_id)
        texts = self._context.translations.get_texts(request.account.locale)
        views = requests.render_status_changed(
            request, entry, self._context.catalogue, self._context.company, texts
        )
        return await send_to_consumer(self._context, notice.chat_id, views, request_id=request.id)
