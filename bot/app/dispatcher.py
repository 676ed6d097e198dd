"""The dispatcher: forms, workflow data (the parameters of handlers), middlewares and routers."""

from dataclasses import fields

from aiogram import Dispatcher

from bot.app import factories
from bot.app.resources import Resources
from bot.app.services import Services
from bot.fsm.storage import DatabaseIsolation
from bot.handlers import build_routers
from bot.handlers.consumer.applications import Applications
from bot.handlers.consumer.askue import AskueQueryAction, AskueTables
from bot.handlers.consumer.auth import LoginAction, PasswordResetAction, RegistrationAction
from bot.handlers.consumer.forms import Forms
from bot.handlers.consumer.profile import (
    AccountDeletionAction,
    ContactChangeAction,
    EmailChangeAction,
    PasswordChangeAction,
)
from bot.handlers.consumer.reading_uploads import ReadingUploadAction
from bot.handlers.consumer.readings import (
    HistoryPeriodAction,
    MeterPlaceAction,
    MeterRatioAction,
    ReadingEntryAction,
)
from bot.handlers.consumer.requests import RequestFilingAction
from bot.handlers.staff.context import StaffContext
from bot.handlers.staff.membership import StaffMembership
from bot.integrations.smtp import Mailer
from bot.middlewares import ConversationMiddleware, Deduplicate, HandlerTimer, LogContext
from bot.telegram.callback_answer import CallbackAnswerMiddleware
from bot.telegram.deadline import WORK_SECONDS, DeadlineMiddleware
from bot.telegram.routing import DirectRouting


def build_forms(resources: Resources, services: Services, mailer: Mailer) -> Forms:
    accounts, readings, drafts = services.accounts, services.readings, services.form_drafts
    reading_entry = ReadingEntryAction(readings)
    request_filing = RequestFilingAction(services.requests, drafts)
    login = LoginAction(accounts)
    reset = PasswordResetAction(accounts, services.password_resets, services.passwords)
    translations = resources.translations
    reading_upload = ReadingUploadAction(
        services.reading_uploads, [translations.get_texts(one) for one in translations.locales]
    )
    return Forms(
        drafts=drafts,
        actions={
            "registration": RegistrationAction(accounts, mailer),
            "login": login,
            "reset": reset,
            "password": PasswordChangeAction(accounts, services.passwords),
            **dict.fromkeys(
                ("name", "organisation", "phone"), ContactChangeAction(services.contact_changes)
            ),
            "email": EmailChangeAction(accounts, services.contact_changes, mailer),
            "deletion": AccountDeletionAction(accounts, services.personal_data),
            "request": request_filing,
            "reading": reading_entry,
            "period": HistoryPeriodAction(readings),
            "place": MeterPlaceAction(readings),
            "ratio": MeterRatioAction(readings),
            "upload": reading_upload,
            "askue": AskueQueryAction(
                services.askue_queries, _build_askue_tables(resources, services)
            ),
        },
        hint_providers={
            "login": login,
            "reset": reset,
            "reading": reading_entry,
            "request": request_filing,
            "upload": reading_upload,
        },
        scans=services.scans,
        site_forms=services.site_forms,
        applications=Applications(
            services.documents, drafts, translations.get_texts(translations.locales[0])
        ),
        on_drop=services.askue_queries.cancel,
    )


def build_dispatcher(resources: Resources, services: Services, forms: Forms) -> Dispatcher:
    company, catalogue, translations = (
        resources.company,
        resources.catalogue,
        resources.translations,
    )
    dispatcher = Dispatcher(
        storage=resources.storage,
        events_isolation=DatabaseIsolation(resources.database, resources.storage),
        **{field.name: getattr(services, field.name) for field in fields(services)},
        askue_tables=_build_askue_tables(resources, services),
        clock=resources.clock,
        forms=forms,
        membership=StaffMembership(services.assignments.record_member),
        staff_context=StaffContext(
            texts=translations.get_texts(translations.locales[0]),
            company=company,
            catalogue=catalogue,
            canned_answers=resources.canned_answers,
        ),
        translations=translations,
        worker=resources.worker,
    )
    dispatcher.update.outer_middleware(LogContext(resources.metrics))
    dispatcher.update.outer_middleware(DeadlineMiddleware(WORK_SECONDS))
    dispatcher.update.outer_middleware(Deduplicate(resources.storage))
    dispatcher.update.outer_middleware(
        ConversationMiddleware(
            storage=resources.storage,
            accounts=services.accounts,
            forms=forms,
            translations=translations,
            company=company,
            catalogue=catalogue,
            clock=resources.clock,
            rate_limits=factories.build_rate_limits(resources.settings),
        )
    )
    dispatcher.update.outer_middleware(DirectRouting(dispatcher))
    dispatcher.callback_query.outer_middleware(CallbackAnswerMiddleware())
    for observer in (dispatcher.message, dispatcher.edited_message, dispatcher.callback_query):
        observer.middleware(HandlerTimer(resources.metrics))
    dispatcher.include_routers(*build_routers())
    return dispatcher


def _build_askue_tables(resources: Resources, services: Services) -> AskueTables:
    layout = factories.build_askue_layout(resources.settings, resources.company)
    return AskueTables(readings=services.readings, layout=layout)
