"""Requests: registration, the consumer's list, and one request of the consumer."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.db.database import Database
from bot.db.errors import DraftTaken
from bot.domain import (
    OWN_ANSWERS,
    Account,
    Answer,
    AnswerKey,
    Channel,
    Page,
    Request,
    RequestSummary,
)
from bot.fsm.model import Draft
from bot.request_types import Catalogue
from bot.services import recipients
from bot.services.account_limits import UNLIMITED, AccountLimits
from bot.services.calendar import WorkingCalendar
from bot.services.clock import Clock
from bot.services.errors import ForeignDraft
from bot.services.staff_routes import StaffRoutes


class Requests:
    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        calendar: WorkingCalendar,
        clock: Clock,
        timezone: ZoneInfo,
        limits: AccountLimits = UNLIMITED,
        routes: StaffRoutes | None = None,
    ) -> None:
        """``timezone`` is the company's: it decides the day and the year of registration."""
        self._database = database
        self._catalogue = catalogue
        self._calendar = calendar
        self._clock = clock
        self._timezone = timezone
        self._limits = limits
        self._routes = routes or StaffRoutes()

    async def register(
        self,
        *,
        draft_id: str,
        account: Account,
        type_code: str,
        raw_answers: Mapping[str, str],
        answers: Sequence[Answer],
        text: str,
        channel: Channel = Channel.TELEGRAM,
    ) -> Request:
        """Registers what was submitted; the same draft always gives the same request.

        With the request, in one transaction, go its scans, the staff's card and the letter to the
        applicant. ``raw_answers`` choose the review term, ``answers`` are kept as they were shown.
        Raises RateLimitExceeded.
        """
        try:
            request = await self._register(
                draft_id, account, type_code, raw_answers, answers, text, channel
            )
        except DraftTaken:
            # The same press came twice and the other one was faster; it has committed by now.
            async with self._database.read() as tx:
                earlier = await tx.requests.get_by_draft(draft_id)
            if earlier is None:
                raise
            request = earlier
        if request.account.id != account.id:
            raise ForeignDraft(draft_id)
        return request

    async def register_draft(
        self,
        draft: Draft,
        account: Account,
        answers: Sequence[Answer],
        *,
        text_if_none: str,
        channel: Channel = Channel.TELEGRAM,
    ) -> Request:
        """As ``register``; ``text_if_none`` stands for a text that an emergency is sent without."""
        type_code, _ = draft.form.parts
        return await self.register(
            draft_id=draft.id,
            account=account,
            type_code=type_code,
            raw_answers=draft.answers,
            answers=answers,
            text=draft.answers.get(AnswerKey.TEXT) or text_if_none,
            channel=channel,
        )

    async def _register(
        self,
        draft_id: str,
        account: Account,
        type_code: str,
        raw_answers: Mapping[str, str],
        answers: Sequence[Answer],
        text: str,
        channel: Channel,
    ) -> Request:
        now = self._clock.now()
        today = now.astimezone(self._timezone).date()
        term = self._catalogue.find_term(type_code, account.category, raw_answers)
        review_due = self._calendar.compute_due(today, term)
        emergency = self._catalogue.is_emergency(type_code, account.category, raw_answers)
        hours = self._catalogue.get_emergency_hours(type_code) if emergency else None
        due_at = None
        if hours is not None:
            due_at = now + timedelta(hours=hours)
            review_due = due_at.astimezone(self._timezone).date()
        async with self._database.begin() as tx:
            earlier = await tx.requests.get_by_draft(draft_id)
            if earlier is not None:
                return earlier
            await self._limits.check_requests(tx, account.id, now)
            request_id = await tx.requests.add(
                number=await tx.requests.take_next_number(today.year),
                account_id=account.id,
                draft_id=draft_id,
                type_code=type_code,
                text=text,
                registered_at=now,
                review_due=review_due,
                due_at=due_at,
                channel=channel,
                answers=answers,
                emergency=emergency,
                staff_chat_id=self._routes.find(type_code, emergency=emergency).chat_id,
                term_is_working=term.working,
                # The next check of reminders computes the right time.
                remind_at=now,
                raw_answers={
                    key: raw for key, raw in raw_answers.items() if key not in OWN_ANSWERS
                },
            )
            scans = await tx.files.list_for_draft(draft_id)
            await tx.files.attach(draft_id, request_id)
            await recipients.announce_request(tx, request_id, scans, now, emergency=emergency)
            request = await tx.requests.get(request_id)
        if request is None:
            raise LookupError(f"request {request_id} is not there after being registered")
        return request

    async def find_registered(self, draft_id: str, account_id: int) -> Request | None:
        """What became of a draft of this account, None while it was not submitted."""
        async with self._database.read() as tx:
            request = await tx.requests.get_by_draft(draft_id)
        return request if request and request.account.id == account_id else None

    def copy_answers(self, request: Request) -> Mapping[str, str] | None:
        """Answers for a new form of the same type.

        None when the request keeps no raw answers, or its type is no longer offered.
        """
        if request.raw_answers is None or self._catalogue.find(request.type_code) is None:
            return None
        return {**request.raw_answers, AnswerKey.TEXT.value: request.text}

    async def get(self, account_id: int, request_id: int) -> Request | None:
        """None when there is no such request among the account's own."""
        async with self._database.read() as tx:
            return await tx.requests.get_for_account(account_id, request_id)

    async def find(self, account_id: int, number: str) -> Request | None:
        """None when there is no request with this number among the account's own."""
        async with self._database.read() as tx:
            return await tx.requests.get_by_number(account_id, number)

    async def list_open(self, account_id: int, limit: int) -> list[RequestSummary]:
        """The account's newest open requests."""
        async with self._database.read() as tx:
            return await tx.requests.list_open(account_id, limit)

    async def list_page(self, account_id: int, page: int) -> Page[RequestSummary]:
        """The account's requests, open and new ones first; ``page`` counts from 0."""
        async with self._database.read() as tx:
            return await tx.requests.list_page(account_id, page)
