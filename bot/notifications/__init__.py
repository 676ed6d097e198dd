"""The delivery room: what transactions promised in the outbox is sent from here."""

from aiogram import Bot

from bot.db.database import Database
from bot.integrations.smtp import Mailer
from bot.integrations.worker_process import Workshop
from bot.notifications.consumer_notices import People
from bot.notifications.emails import Letters
from bot.notifications.message_relay import Relay
from bot.notifications.outbox_worker import OnOutcome, Worker, uncounted
from bot.notifications.personal_data import Personal
from bot.notifications.reading_reminders import Reminders
from bot.notifications.staff_cards import StaffGroup
from bot.notifications.staff_notices import Office
from bot.request_types import Catalogue
from bot.services.accounts import Accounts
from bot.services.clock import Clock
from bot.services.personal_data import PersonalData
from bot.services.readings import Readings
from bot.services.request_reports import Ledger
from bot.services.scans import Scans
from bot.services.staff_chat import Group
from bot.telegram.messenger import Messenger
from bot.telegram.rate_limit import Pace
from bot.texts import Library
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
        personal: PersonalData,
        library: Library,
        catalogue: Catalogue,
        company: Company,
        clock: Clock,
        staff_chat_id: int,
        readings: Readings,
        ledger: Ledger,
        workshop: Workshop,
        pace: Pace,
        on_outcome: OnOutcome = uncounted,
    ) -> None:
        messenger = Messenger(bot, pace)
        letters = Letters(
            database=database,
            mailer=mailer,
            accounts=accounts,
            library=library,
            catalogue=catalogue,
            company=company,
        )
        staff = StaffGroup(
            database=database,
            messenger=messenger,
            scans=scans,
            library=library,
            catalogue=catalogue,
            company=company,
            clock=clock,
            group=Group(database, staff_chat_id),
        )
        office = Office(
            database=database,
            group=staff,
            desk_ledger=ledger,
            readings=readings,
            workshop=workshop,
            library=library,
            catalogue=catalogue,
            company=company,
        )
        relay = Relay(
            bot=bot,
            database=database,
            messenger=messenger,
            letters=letters,
            group=staff,
            scans=scans,
            library=library,
        )
        people = People(
            database=database,
            messenger=messenger,
            letters=letters,
            library=library,
            catalogue=catalogue,
        )
        reminders = Reminders(
            database=database,
            messenger=messenger,
            readings=readings,
            library=library,
        )
        own = Personal(
            database=database,
            messenger=messenger,
            personal=personal,
            scans=scans,
            library=library,
        )
        self._worker = Worker(
            database,
            clock,
            _LANES,
            {
                "password_letter": ("mail", letters.password),
                "taken_letter": ("mail", letters.taken),
                "registered_letter": ("mail", letters.registered),
                "reset_letter": ("mail", letters.password),
                "reset_card": ("desk", office.reset),
                "reminder": ("desk", office.reminder),
                "digest": ("desk", office.digest),
                "export": ("exports", office.export),
                "status_letter": ("mail", letters.changed),
                "logged_out_notice": ("chats", people.logged_out),
                "status_notice": ("chats", people.status),
                "talk_out": ("chats", relay.out),
                "talk_in": ("desk", relay.into),
                "talk_edit": ("chats", relay.edit),
                "reading_reminder": ("chats", reminders.send),
                "erased_notice": ("chats", own.erased),
                "infected_notice": ("chats", own.infected),
                "archive": ("exports", own.archive),
                "file_removal": ("exports", own.remove_file),
                "erased_card": ("desk", staff.erased_card),
                "card": ("cards", staff.card),
                "card_edit": ("desk", staff.card_edit),
                "scan": ("desk", staff.scan),
            },
            on_outcome,
        )
        self.run = self._worker.run
        self.wake = self._worker.wake
        self.drain_once = self._worker.drain_once
