"""Requests with their answers, scans and history."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, bindparam, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.accounts import ACCOUNT_COLUMNS, to_account
from bot.db.errors import DraftTaken
from bot.db.files import FILE_COLUMNS, to_stored_file
from bot.db.models import (
    AccountRow,
    AnswerRow,
    FileRow,
    HistoryRow,
    RequestRow,
    SequenceRow,
    StaffMemberRow,
)
from bot.db.upsert import build_insert
from bot.domain import (
    OPEN,
    Actor,
    ActorKind,
    Answer,
    Channel,
    HistoryEntry,
    Page,
    Request,
    RequestState,
    RequestSummary,
    StaffUser,
    Status,
    StoredFile,
    UndoStep,
)

_UNDO_STEPS = TypeAdapter(UndoStep)


class RequestRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def take_next_number(self, year: int) -> str:
        """The next number of a year, ``2026-000123``, locked until the transaction ends."""
        statement = (
            build_insert(self._connection, SequenceRow)
            .values(year=year, last=1)
            .on_conflict_do_update(
                index_elements=[SequenceRow.year], set_={"last": SequenceRow.last + 1}
            )
            .returning(SequenceRow.last)
        )
        return f"{year}-{await self._connection.scalar(statement):06d}"

    async def add(
        self,
        *,
        number: str,
        account_id: int,
        draft_id: str,
        type_code: str,
        text: str,
        registered_at: datetime,
        review_due: date,
        answers: Sequence[Answer],
        emergency: bool,
        term_is_working: bool = True,
        remind_at: datetime | None = None,
        raw_answers: Mapping[str, str] | None = None,
        due_at: datetime | None = None,
        channel: Channel = Channel.TELEGRAM,
        staff_chat_id: int | None = None,
    ) -> int:
        """Adds a request with its first history entry and returns its id.

        Raises DraftTaken; the caller must then roll back, or the number is lost.
        """
        statement = (
            build_insert(self._connection, RequestRow)
            .values(
                number=number,
                account_id=account_id,
                draft_id=draft_id,
                type_code=type_code,
                status=Status.REGISTERED.value,
                text=text,
                registered_at=registered_at,
                review_due=review_due,
                emergency=emergency,
                term_is_working=term_is_working,
                remind_at=remind_at,
                raw_answers=None if raw_answers is None else dict(raw_answers),
                due_at=due_at,
                channel=channel.value,
                staff_chat_id=staff_chat_id,
            )
            .on_conflict_do_nothing(index_elements=[RequestRow.draft_id])
            .returning(RequestRow.id)
        )
        request_id: int | None = await self._connection.scalar(statement)
        if request_id is None:
            raise DraftTaken
        if answers:
            await self._connection.execute(
                build_insert(self._connection, AnswerRow),
                [
                    {
                        "request_id": request_id,
                        "position": position,
                        "key": answer.key,
                        "label": answer.label,
                        "value": answer.value,
                    }
                    for position, answer in enumerate(answers)
                ],
            )
        await self.add_history(
            request_id,
            Actor(kind=ActorKind.CONSUMER, id=0, name=""),
            Status.REGISTERED,
            "",
            registered_at,
        )
        return request_id

    async def add_history(
        self, request_id: int, actor: Actor, status: Status, comment: str, now: datetime
    ) -> int:
        """Adds a history entry and returns its id; it holds no name of the consumer."""
        statement = (
            build_insert(self._connection, HistoryRow)
            .values(
                request_id=request_id,
                at=now,
                actor=actor.kind.value,
                actor_name="" if actor.kind is ActorKind.CONSUMER else actor.name,
                status=status.value,
                comment=comment,
            )
            .returning(HistoryRow.id)
        )
        return int((await self._connection.execute(statement)).scalar_one())

    async def list_open_ids(self, account_id: int) -> list[int]:
        """The ids of the open requests of an account."""
        statement = select(RequestRow.id).where(
            RequestRow.account_id == account_id,
            RequestRow.status.in_(OPEN),
        )
        return list((await self._connection.execute(statement)).scalars())

    async def count_since(self, account_id: int, since: datetime) -> tuple[int, datetime | None]:
        """How many requests the account registered after ``since``, and when the first of them."""
        statement = select(func.count(), func.min(RequestRow.registered_at)).where(
            RequestRow.account_id == account_id, RequestRow.registered_at > since
        )
        count, first = (await self._connection.execute(statement)).one()
        return count, first

    async def change(self, request_id: int, **values: object) -> None:
        """Sets columns of a request; the caller has locked it."""
        await self._connection.execute(
            update(RequestRow).where(RequestRow.id == request_id).values(values)
        )

    async def lock(self, request_id: int) -> Request | None:
        """The request, locked until the transaction ends."""
        statement = select(RequestRow.id).where(RequestRow.id == request_id).with_for_update()
        await self._connection.execute(statement)
        return await self.get(request_id)

    async def get_state(self, request_id: int) -> RequestState:
        """Raises NoResultFound when there is no such request."""
        names = [one.name for one in fields(RequestState)]
        statement = select(*(getattr(RequestRow, name) for name in names)).where(
            RequestRow.id == request_id
        )
        row = (await self._connection.execute(statement)).one()
        return RequestState(**{**dict(zip(names, row, strict=True)), "status": Status(row.status)})

    async def set_undo(self, history_id: int, step: UndoStep) -> None:
        """Stores what the entry can be taken back to."""
        await self._connection.execute(
            update(HistoryRow)
            .where(HistoryRow.id == history_id)
            .values(undo=_UNDO_STEPS.dump_python(step, mode="json"))
        )

    async def find_undo(self, history_id: int) -> tuple[int, UndoStep] | None:
        """The request of the entry, and what takes the entry back; None when nothing does."""
        statement = select(HistoryRow.request_id, HistoryRow.undo).where(
            HistoryRow.id == history_id
        )
        row = (await self._connection.execute(statement)).one_or_none()
        if row is None or row.undo is None:
            return None
        return row.request_id, _UNDO_STEPS.validate_python(row.undo)

    async def remove_history(self, history_id: int) -> None:
        await self._connection.execute(delete(HistoryRow).where(HistoryRow.id == history_id))

    async def lock_assigned(self, assignee_id: int) -> list[int]:
        """The ids of the open requests of a staff member, locked until the transaction ends."""
        statement = (
            select(RequestRow.id)
            .where(RequestRow.assignee_id == assignee_id, has_status(OPEN))
            .order_by(RequestRow.id)
            .with_for_update()
        )
        return list((await self._connection.execute(statement)).scalars())

    async def lock_due_answer_checks(self, now: datetime, limit: int) -> list[tuple[int, datetime]]:
        """Requests whose clarification is to be checked now, and since when.

        No other process gets them until the transaction ends.
        """
        statement = (
            select(RequestRow.id, RequestRow.answer_check_at)
            .where(RequestRow.answer_check_at <= now)
            .order_by(RequestRow.answer_check_at, RequestRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = await self._connection.execute(statement)
        return [(identity, at) for identity, at in rows if at is not None]

    async def get(self, request_id: int) -> Request | None:
        return await self._fetch(RequestRow.id == request_id)

    async def get_by_draft(self, draft_id: str) -> Request | None:
        return await self._fetch(RequestRow.draft_id == draft_id)

    async def get_for_account(self, account_id: int, request_id: int) -> Request | None:
        """None when there is no such request, or when it is another account's."""
        return await self._fetch(RequestRow.id == request_id, RequestRow.account_id == account_id)

    async def get_by_number(self, account_id: int, number: str) -> Request | None:
        """None when there is no such request, or when it is another account's."""
        return await self._fetch(RequestRow.number == number, RequestRow.account_id == account_id)

    async def find_by_number(self, account_id: int, number: str) -> int | None:
        """The id of the account's request with this number."""
        statement = select(RequestRow.id).where(
            RequestRow.number == number, RequestRow.account_id == account_id
        )
        return await self._connection.scalar(statement)

    async def is_erased(self, request_id: int) -> bool:
        """Whether the request's account was deleted by its owner."""
        erased = exists().where(
            RequestRow.id == request_id,
            AccountRow.id == RequestRow.account_id,
            AccountRow.erased_at.is_not(None),
        )
        return bool(await self._connection.scalar(select(erased)))

    async def list_open(self, account_id: int, limit: int) -> list[RequestSummary]:
        """The account's open requests, newest first."""
        return await self._list_summaries(account_id, RequestRow.status.in_(OPEN), limit=limit)

    async def list_page(self, account_id: int, page: int, size: int = 5) -> Page[RequestSummary]:
        """The account's requests, open ones first, then newest first.

        A ``page`` beyond the last returns the last.
        """
        total = (
            await self._connection.scalar(
                select(func.count())
                .select_from(RequestRow)
                .where(RequestRow.account_id == account_id)
            )
            or 0
        )
        pages = max(1, -(-total // size))
        page = min(max(page, 0), pages - 1)
        lines = await self._list_summaries(account_id, limit=size, offset=page * size)
        return Page(items=tuple(lines), number=page, pages=pages)

    async def _list_summaries(
        self, account_id: int, *conditions: ColumnElement[bool], limit: int, offset: int = 0
    ) -> list[RequestSummary]:
        statement = (
            select(
                RequestRow.id,
                RequestRow.number,
                RequestRow.type_code,
                RequestRow.status,
                RequestRow.registered_at,
            )
            .where(RequestRow.account_id == account_id, *conditions)
            .order_by(RequestRow.status.not_in(OPEN), RequestRow.id.desc())
            .limit(limit)
            .offset(offset)
        )
        rows = await self._connection.execute(statement)
        return [
            RequestSummary(
                id=identity,
                number=number,
                type_code=type_code,
                status=Status(status),
                registered_at=registered_at,
            )
            for identity, number, type_code, status, registered_at in rows
        ]

    async def _fetch(self, *conditions: ColumnElement[bool]) -> Request | None:
        statement = (
            select(
                *ACCOUNT_COLUMNS,
                RequestRow.id.label("request_id"),
                RequestRow.number,
                RequestRow.type_code,
                RequestRow.status,
                RequestRow.text,
                RequestRow.registered_at,
                RequestRow.review_due,
                RequestRow.emergency,
                RequestRow.term_is_working,
                RequestRow.clock_stopped_at,
                RequestRow.closed_at,
                RequestRow.rating,
                RequestRow.raw_answers,
                RequestRow.due_at,
                RequestRow.answer_by,
                RequestRow.draft_id,
                RequestRow.channel,
                RequestRow.assignee_id,
                StaffMemberRow.name.label("assignee_name"),
                RequestRow.staff_chat_id,
            )
            .join(AccountRow, AccountRow.id == RequestRow.account_id)
            .outerjoin(StaffMemberRow, StaffMemberRow.user_id == RequestRow.assignee_id)
            .where(*conditions)
        )
        row = (await self._connection.execute(statement)).one_or_none()
        if row is None:
            return None
        files = await self._list_files(row.request_id)
        return Request(
            id=row.request_id,
            number=row.number,
            account=to_account(row),
            type_code=row.type_code,
            status=Status(row.status),
            text=row.text,
            registered_at=row.registered_at,
            review_due=row.review_due,
            answers=await self._list_answers(row.request_id),
            scans=tuple(one for one in files if not one.from_staff),
            history=await self._list_history(row.request_id),
            emergency=row.emergency,
            term_is_working=row.term_is_working,
            clock_stopped_at=row.clock_stopped_at,
            closed_at=row.closed_at,
            rating=row.rating,
            raw_answers=row.raw_answers,
            due_at=row.due_at,
            answer_by=row.answer_by,
            documents=tuple(one for one in files if one.from_staff),
            draft_id=row.draft_id,
            channel=Channel(row.channel),
            assignee=to_assignee(row.assignee_id, row.assignee_name),
            staff_chat_id=row.staff_chat_id,
        )

    async def _list_answers(self, request_id: int) -> tuple[Answer, ...]:
        statement = (
            select(AnswerRow.key, AnswerRow.label, AnswerRow.value)
            .where(AnswerRow.request_id == request_id)
            .order_by(AnswerRow.position)
        )
        return tuple(
            Answer(key=key, label=label, value=value)
            for key, label, value in await self._connection.execute(statement)
        )

    async def _list_files(self, request_id: int) -> tuple[StoredFile, ...]:
        statement = (
            select(*FILE_COLUMNS).where(FileRow.request_id == request_id).order_by(FileRow.id)
        )
        return tuple(to_stored_file(row) for row in await self._connection.execute(statement))

    async def _list_history(self, request_id: int) -> tuple[HistoryEntry, ...]:
        statement = (
            select(
                HistoryRow.id,
                HistoryRow.at,
                HistoryRow.actor,
                HistoryRow.actor_name,
                HistoryRow.status,
                HistoryRow.comment,
            )
            .where(HistoryRow.request_id == request_id)
            .order_by(HistoryRow.id)
        )
        return tuple(
            HistoryEntry(
                id=identity,
                at=at,
                actor=ActorKind(actor),
                actor_name=actor_name,
                status=Status(status),
                comment=comment,
            )
            for identity, at, actor, actor_name, status, comment in (
                await self._connection.execute(statement)
            )
        )


def to_assignee(assignee_id: int | None, name: str | None) -> StaffUser | None:
    """The name is empty of who took a request before members were recorded."""
    return None if assignee_id is None else StaffUser(id=assignee_id, name=name or "")


def has_status(statuses: Sequence[Status]) -> ColumnElement[bool]:
    """Writes the values into the statement: a database uses a partial index only then."""
    values = [status.value for status in statuses]
    return RequestRow.status.in_(bindparam(None, values, expanding=True, literal_execute=True))
