"""The services of the bot, built of its resources."""

from dataclasses import dataclass
from datetime import timedelta

from bot.app import factories
from bot.app.resources import Resources
from bot.domain import Channel
from bot.fsm.storage import DatabaseIsolation, StoredConversations
from bot.services.accounts import Accounts
from bot.services.askue_queries import AskueQueries
from bot.services.assignments import Assignments
from bot.services.contact_changes import ContactChanges
from bot.services.deadlines import ReviewDeadlines
from bot.services.documents import Documents
from bot.services.escalations import Escalations
from bot.services.file_cleanup import FileCleanup
from bot.services.form_drafts import FormDrafts
from bot.services.letter_cap import UnprovedLetterCap
from bot.services.linking import Linking
from bot.services.login_throttle import LoginThrottle
from bot.services.mini_app import MiniApp
from bot.services.one_time_codes import OneTimeCodes, build_key
from bot.services.password_resets import PasswordResets
from bot.services.passwords import Passwords
from bot.services.personal_data import PersonalDataService
from bot.services.rate_limits import RateLimit
from bot.services.reading_uploads import ReadingUploads
from bot.services.readings import Readings
from bot.services.request_messages import RequestMessages
from bot.services.request_reports import RequestReports
from bot.services.request_words import RequestWords
from bot.services.request_workflow import RequestWorkflow
from bot.services.requests import Requests
from bot.services.scans import Scans
from bot.services.site_forms import SiteForms
from bot.services.staff_chats import StaffChats
from bot.services.staff_mentions import StaffMentions
from bot.services.throttling import ThrottlePolicy
from bot.services.web_sessions import WebSessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Handlers receive each service as a parameter with the name of its field."""

    accounts: Accounts
    askue_queries: AskueQueries
    assignments: Assignments
    contact_changes: ContactChanges
    documents: Documents
    escalations: Escalations
    file_cleanup: FileCleanup
    form_drafts: FormDrafts
    one_time_codes: OneTimeCodes
    password_resets: PasswordResets
    passwords: Passwords
    personal_data: PersonalDataService
    reading_uploads: ReadingUploads
    readings: Readings
    request_messages: RequestMessages
    request_reports: RequestReports
    request_words: RequestWords
    request_workflow: RequestWorkflow
    requests: Requests
    scans: Scans
    site_forms: SiteForms
    staff_chats: StaffChats
    staff_mentions: StaffMentions
    unproved_letter_cap: UnprovedLetterCap
    web_sessions: WebSessions
    linking: Linking
    mini_app: MiniApp


def build_services(resources: Resources) -> Services:
    """``askue_queries`` has to be closed by the caller."""
    settings, database, clock = resources.settings, resources.database, resources.clock
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""
    codes = OneTimeCodes(database, clock, build_key(token))
    passwords = Passwords(database, resources.hasher, clock)
    policies = factories.build_session_policies(settings)
    accounts = Accounts(
        database,
        resources.hasher,
        clock,
        policies=policies,
        throttle=LoginThrottle(ThrottlePolicy()),
        codes=codes,
    )
    deadlines = ReviewDeadlines(
        resources.catalogue, resources.calendar, resources.timezone, settings.staff_digest_hour
    )
    staff_chats = StaffChats(
        database, settings.staff_chat_id or 0, resources.staff_routes, settings.staff_admin_ids
    )
    limits = factories.build_account_limits(settings)
    undo_time = timedelta(seconds=settings.undo_seconds)
    scans = Scans(
        database,
        resources.file_store,
        clock,
        resources.inspection_worker,
        resources.antivirus,
        limits,
    )
    readings = Readings(
        database, clock, resources.timezone, factories.build_reading_rules(settings)
    )
    conversations = StoredConversations(
        resources.storage, DatabaseIsolation(database), resources.bot_id
    )
    form_drafts = FormDrafts(
        catalogue=resources.catalogue,
        clock=clock,
        calendar=resources.calendar,
        timezone=resources.timezone,
        lifetime=timedelta(days=settings.draft_days),
        default_supplier=settings.default_supplier,
    )
    return Services(
        accounts=accounts,
        askue_queries=AskueQueries(resources.askue, clock),
        assignments=Assignments(database, deadlines, clock, staff_chats),
        contact_changes=ContactChanges(
            database, clock, accounts=accounts, codes=codes, limits=limits
        ),
        documents=Documents(
            resources.typesetting_worker,
            resources.inspection_worker,
            resources.templates,
            scans,
            database,
            clock,
        ),
        file_cleanup=FileCleanup(database, resources.file_store, clock),
        form_drafts=form_drafts,
        escalations=Escalations(
            database, deadlines, clock, factories.build_escalation_policy(settings)
        ),
        one_time_codes=codes,
        password_resets=PasswordResets(
            database, clock, accounts=accounts, codes=codes, passwords=passwords
        ),
        passwords=passwords,
        personal_data=PersonalDataService(
            database,
            scans,
            conversations,
            clock,
            factories.build_retention(settings),
        ),
        reading_uploads=ReadingUploads(
            database, clock, readings, resources.inspection_worker, limits
        ),
        readings=readings,
        request_messages=RequestMessages(database, deadlines, clock, limits, undo_time),
        request_reports=RequestReports(
            database, deadlines, clock, resources.timezone, settings.staff_digest_hour
        ),
        request_words=RequestWords(database),
        request_workflow=RequestWorkflow(database, deadlines, clock, undo_time),
        requests=Requests(
            database,
            resources.catalogue,
            resources.calendar,
            clock,
            resources.timezone,
            limits,
            resources.staff_routes,
        ),
        scans=scans,
        site_forms=SiteForms(
            conversations,
            form_drafts,
            database,
            scans,
            clock,
            factories.build_rate_limits(settings),
        ),
        unproved_letter_cap=UnprovedLetterCap(
            database, clock, RateLimit(*settings.limit_unproved_letters)
        ),
        linking=Linking(database, clock, accounts),
        mini_app=MiniApp(database, clock, accounts, token),
        web_sessions=WebSessions(database, clock, policies[Channel.WEB]),
        staff_mentions=StaffMentions(database, clock),
        staff_chats=staff_chats,
    )
