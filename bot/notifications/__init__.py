"""The delivery room: what transactions promised in the outbox is sent from here."""

from aiogram import Bot

from bot.db.database import Database
from bot.integrations.smtp import Mailer
from bot.integrations.worker_process import WorkerProcess
from bot.notifications.consumer_notices import ConsumerNotices
from bot.notifications.emails import EmailNotices
from bot.notifications.message_relay import MessageRelay
from bot.notifications.outbox_worker import OnOutcome, OutboxWorker, ignore_outcome
from bot.notifications.personal_data import PersonalDataNotices
from bot.notifications.reading_reminders import ReadingReminders
from bot.notifications.staff_cards import StaffCards
from bot.notifications.staff_notices import StaffNotices
from bot.request_types import Catalogue
from bot.services.accounts import Accounts
from bot.services.clock import Clock
from bot.services.personal_data import PersonalDataService
from bot.services.readings import Readings
from bot.services.request_reports import RequestReports
from bot.services.scans import Scans
from bot.services.staff_chat import StaffChat
from bot.telegram.messenger import Messenger
from bot.telegram.rate_limit import SendRateLimiter
from bot.texts import Translations
from bot.views.view import Company

#: How many notices of a lane are in hand at once. Scans may be 20 MB each.
#: New cards go one by one: they keep the order of registration.
_LANES = {"mail": 6, "chats": 8, "cards": 1, "desk": 2, "exports": 1}


class Delivery:
    """Sends letters, cards and notices; each at least once, in the order of its stream."""

    def __init__(
        self,
        *,
        database: Database,
        bot: Bot,
        mailer: Mailer,
        accounts: Accounts,
        scans: Scans,
        personal_data: PersonalDataService,
        translations: Translations,
        catalogue: Catalogue,
        company: Company,
        clock: Clock,
        staff_chat_id: int,
        readings: Readings,
        request_reports: RequestReports,
        worker: WorkerProcess,
        rate_limiter: SendRateLimiter,
        on_outcome: OnOutcome = ignore_outcome,
    ) -> None:
        messenger = Messenger(bot, rate_limiter)
        letters = EmailNotices(
            database=database,
            mailer=mailer,
            accounts=accounts,
            translations=translations,
            catalogue=catalogue,
            company=company,
        )
        staff = StaffCards(
            database=database,
            messenger=messenger,
            scans=scans,
            translations=translations,
            catalogue=catalogue,
            company=company,
            clock=clock,
            group=StaffChat(database, staff_chat_id),
        )
        office = StaffNotices(
            database=database,
            group=staff,
            desk_ledger=request_reports,
            readings=readings,
            worker=worker,
            translations=translations,
            catalogue=catalogue,
            company=company,
        )
        relay = MessageRelay(
            bot=bot,
            database=database,
            messenger=messenger,
            letters=letters,
            group=staff,
            scans=scans,
            translations=translations,
        )
        people = ConsumerNotices(
            database=database,
            messenger=messenger,
            letters=letters,
            translations=translations,
            catalogue=catalogue,
        )
        reminders = ReadingReminders(
            database=database,
            messenger=messenger,
            readings=readings,
            translations=translations,
        )
        own = PersonalDataNotices(
            database=database,
            messenger=messenger,
            personal_data=personal_data,
            scans=scans,
            translations=translations,
        )
        self._worker = OutboxWorker(
            database,
            clock,
            _LANES,
            {
                "password_letter": ("mail", letters.send_password),
                "taken_letter": ("mail", letters.send_email_taken),
                "registered_letter": ("mail", letters.send_request_registered),
                "reset_letter": ("mail", letters.send_password),
                "reset_card": ("desk", office.send_reset_card),
                "reminder": ("desk", office.send_reminder),
                "digest": ("desk", office.send_digest),
                "export": ("exports", office.send_export),
                "status_letter": ("mail", letters.send_status_changed),
                "registration_refused": ("chats", people.send_registration_refused),
                "logged_out_notice": ("chats", people.send_logged_out),
                "status_notice": ("chats", people.send_status_changed),
                "talk_out": ("chats", relay.send_to_consumer),
                "talk_in": ("desk", relay.send_to_staff),
                "talk_edit": ("chats", relay.mirror_edit),
                "reading_reminder": ("chats", reminders.send),
                "erased_notice": ("chats", own.send_erased),
                "infected_notice": ("chats", own.send_infected),
                "archive": ("exports", own.send_archive),
                "file_removal": ("exports", own.remove_file),
                "erased_card": ("desk", staff.blank_card),
                "card": ("cards", staff.send_card),
                "card_edit": ("desk", staff.edit_card),
                "scan": ("desk", staff.send_scan),
            },
            on_outcome,
        )
        self.run = self._worker.run
        self.wake = self._worker.wake
        self.drain_once = self._worker.drain_once
