"""Notifications: the senders of all notices and the outbox worker that runs them."""

from aiogram import Bot

from bot.integrations.smtp import Mailer
from bot.integrations.worker_process import WorkerProcess
from bot.notices import Queue
from bot.notifications.consumer_notices import ConsumerNotices
from bot.notifications.emails import EmailNotices
from bot.notifications.escalation_notices import EscalationNotices
from bot.notifications.message_relay import MessageRelay
from bot.notifications.outbox_worker import OnOutcome, OutboxWorker, ignore_outcome
from bot.notifications.personal_data_notices import PersonalDataNotices
from bot.notifications.reading_reminders import ReadingReminders
from bot.notifications.senders import SenderContext, collect_senders
from bot.notifications.staff_cards import StaffCards
from bot.notifications.staff_notices import StaffNotices
from bot.services.documents import Documents
from bot.services.escalations import Escalations
from bot.services.file_cleanup import FileCleanup
from bot.services.letter_cap import UnprovedLetterCap
from bot.services.one_time_codes import OneTimeCodes
from bot.services.password_resets import PasswordResets
from bot.services.passwords import Passwords
from bot.services.personal_data import PersonalDataService
from bot.services.readings import Readings
from bot.services.request_reports import RequestReports
from bot.services.scans import Scans
from bot.services.staff_chats import StaffChats

#: How many notices of a queue are sent at once, to each staff group. Scans may be 20 MB each.
#: New cards are sent one by one, which keeps the order of registration.
_QUEUE_LIMITS = {
    Queue.EMAILS: 6,
    Queue.CONSUMER_CHATS: 8,
    Queue.EMERGENCIES: 1,
    Queue.NEW_CARDS: 1,
    Queue.STAFF_CHAT: 2,
    Queue.FILES: 1,
}


class Delivery:
    """Sends all notices; each at least once, in the order of its stream."""

    def __init__(
        self,
        context: SenderContext,
        *,
        bot: Bot,
        mailer: Mailer,
        passwords: Passwords,
        password_resets: PasswordResets,
        codes: OneTimeCodes,
        scans: Scans,
        file_cleanup: FileCleanup,
        documents: Documents,
        personal_data: PersonalDataService,
        escalations: Escalations,
        readings: Readings,
        request_reports: RequestReports,
        staff_chats: StaffChats,
        worker: WorkerProcess,
        unproved_cap: UnprovedLetterCap,
        on_outcome: OnOutcome = ignore_outcome,
    ) -> None:
        """``bot`` downloads files that are relayed; messages are sent by ``context.messenger``."""
        emails = EmailNotices(
            context,
            mailer=mailer,
            passwords=passwords,
            codes=codes,
            unproved_cap=unproved_cap,
            scans=scans,
            documents=documents,
        )
        staff_cards = StaffCards(context, scans=scans, documents=documents, staff_chats=staff_chats)
        senders = collect_senders(
            emails,
            staff_cards,
            StaffNotices(
                context,
                staff_cards=staff_cards,
                request_reports=request_reports,
                password_resets=password_resets,
                readings=readings,
                worker=worker,
            ),
            MessageRelay(context, bot=bot, emails=emails, staff_cards=staff_cards, scans=scans),
            ConsumerNotices(context),
            EscalationNotices(
                context,
                mailer=mailer,
                escalations=escalations,
                request_reports=request_reports,
                worker=worker,
            ),
            ReadingReminders(context, readings=readings),
            PersonalDataNotices(
                context,
                data_service=personal_data,
                file_cleanup=file_cleanup,
                documents=documents,
            ),
        )
        self.kinds = [notice.kind for notice in senders]
        self._worker = OutboxWorker(
            context.database, context.clock, _QUEUE_LIMITS, senders, on_outcome
        )
        self.run = self._worker.run
        self.wake = self._worker.wake
        self.drain_once = self._worker.drain_once
