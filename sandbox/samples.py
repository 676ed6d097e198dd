"""Sample data: three years of a small grid company, the same at every run.

No notices are sent about them, except the cards of the open requests, which go to the staff group.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from math import cos, pi
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from bot import request_types
from bot.db.database import Database, Tx
from bot.domain import (
    OPEN,
    OWN_ANSWERS,
    RUNNING,
    SYSTEM_ACTOR,
    Account,
    Actor,
    ActorKind,
    Address,
    Answer,
    AnswerKey,
    Category,
    Consent,
    MeterKind,
    ReadingSource,
    Status,
    get_default_object,
)
from bot.fsm.model import Field, list_visible
from bot.integrations.password_hasher import PasswordHasher
from bot.notices import RequestCard
from bot.services.calendar import WorkingCalendar

ACCOUNTS = 30
REQUESTS = 300
MONTHS = 36
#: The password of every sample account.
PASSWORD = "Cabinet-2026"

_SEED = 442
_ZONE = ZoneInfo("Europe/Moscow")
#: Requests in one transaction: the bot writes between transactions.
_BATCH = 25
_YEAR_DAYS = 365
_CONSENT = "Согласие вымышленного потребителя песочницы"
_ADDRESS_KEYS = (AnswerKey.OBJECT_ADDRESS, AnswerKey.ADDRESS)
_LAST_OPEN = 34

_WOMEN = ("Елена", "Ольга", "Наталья", "Татьяна", "Ирина", "Светлана", "Марина", "Людмила")
_MEN = ("Александр", "Сергей", "Владимир", "Андрей", "Алексей", "Дмитрий", "Николай", "Павел")
_SURNAMES = (
    "Смирнов", "Кузнецов", "Попов", "Васильев", "Петров", "Соколов", "Михайлов", "Новиков",
    "Фёдоров", "Морозов", "Волков", "Алексеев", "Лебедев", "Семёнов", "Егоров", "Павлов",
    "Козлов", "Степанов", "Никитин", "Орлов", "Захаров", "Зайцев", "Соловьёв", "Борисов",
)  # fmt: skip
_FATHERS = ("Александров", "Сергеев", "Владимиров", "Иванов", "Петров", "Николаев", "Викторов")
_COMPANIES = (
    "ООО «Рассвет»", "ООО «Хлебозавод № 2»", "ИП Громова А. С.", "АО «Водоканал»",
    "ООО «Лесопилка»", "СНТ «Берёзка»",
)  # fmt: skip
#: How the use is spread over the zones of a meter; evenly where nothing is said.
_ZONE_WEIGHTS = {MeterKind.DOUBLE: [0.68, 0.32], MeterKind.TRIPLE: [0.3, 0.28, 0.42]}
_STREETS = ("Мира", "Ленина", "Садовая", "Полевая", "Заречная", "Школьная", "Энергетиков")
_TEXTS = {
    "tech_connection": "Прошу присоединить объект к сети. Фундамент готов, подъезд свободный.",
    "meter_reading_visit": "Прошу снять контрольные показания, счётчик стоит в щите на опоре.",
    "meter_commissioning": "Счётчик заменён по сроку поверки, прошу ввести его в эксплуатацию.",
    "meter_installation": "Счётчик показывает ошибку и не считает, прошу установить новый.",
    "unmetered_report": "Сосед подключил гараж до счётчика, провод виден со стороны проезда.",
    "grid_asset_theft": "На линии срезан провод, концы висят у дороги, прошу прислать бригаду.",
}
_SUPPLIER = "Гарантирующий поставщик"
_COMMENTS = {
    Status.CLARIFICATION: "Пришлите, пожалуйста, фото щита и скан документа о праве.",
    Status.DONE: "Работы выполнены, акт направлен на вашу почту.",
    Status.REJECTED: "Объект присоединён к сетям другой организации, обратитесь к ней.",
}
_STAFF = (
    Actor(kind=ActorKind.STAFF, id=101, name="Ольга"),
    Actor(kind=ActorKind.STAFF, id=102, name="Сергей"),
)
#: Who sets these statuses; the staff set the others.
_ACTORS = {
    Status.WITHDRAWN: Actor(kind=ActorKind.CONSUMER, id=0, name=""),
    Status.ANNULLED: SYSTEM_ACTOR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    """A consumer with an address and meters."""

    category: Category
    name: str
    email: str
    phone: str
    address: str
    meters: tuple[tuple[str, MeterKind, str], ...]


async def fill_database(url: str, now: datetime, chats: Sequence[int]) -> None:
    """Adds accounts, readings and requests; those that are there already stay as they are.

    The first accounts are logged in to the private ``chats``.
    """
    hasher = PasswordHasher()
    database = Database(url)
    try:
        await database.migrate()
        hashed = await hasher.hash(PASSWORD)
        people = list(_make_people(Random(_SEED)))
        accounts = []
        for number, person in enumerate(people):
            async with database.begin() as tx:
                accounts.append(await _add_account(tx, number, person, hashed, now))
                if number < len(chats):
                    until = now + timedelta(days=180)
                    await tx.chats.link(chats[number], accounts[number].id, now, until)
        registrar = _RequestFactory(now)
        owners = list(zip(people, accounts, strict=True))
        for first in range(0, REQUESTS, _BATCH):
            async with database.begin() as tx:
                for number in range(first, first + _BATCH):
                    await registrar.add_request(tx, number, *owners[number * 7 % ACCOUNTS])
    finally:
        hasher.close()
        await database.dispose()


async def add_readings(url: str, email: str, meter: str, last: Decimal, now: datetime) -> None:
    """Adds three years of readings for one meter of an account; ``last`` is the newest.

    Raises LookupError when there is no such account.
    """
    database = Database(url)
    try:
        async with database.begin() as tx:
            account = await tx.accounts.get_by_email(email)
            if account is None:
                raise LookupError(f"there is no account {email}")
            if await tx.readings.find_meter(account.id, meter) is None:
                await _add_meter(tx, account, meter, MeterKind.SINGLE, "дом", now, last=last)
    finally:
        await database.dispose()


def list_names(count: int) -> list[str]:
    """The first names of the first ``count`` people."""
    people = list(_make_people(Random(_SEED)))
    return [person.name.split()[1] for person in people[:count]]


def _make_people(rng: Random) -> Iterator[_Person]:
    for number in range(ACCOUNTS):
        is_company = number % 5 == 4
        street, house = rng.choice(_STREETS), rng.randint(1, 90)
        kind = list(MeterKind)[number % len(MeterKind)]
        meters = [(f"08{rng.randint(10**7, 10**8 - 1)}", kind, "дом")]
        if number % 3 == 0:
            meters.append((f"23{rng.randint(10**7, 10**8 - 1)}", MeterKind.SINGLE, "гараж"))
        yield _Person(
            category=Category.LEGAL if is_company else Category.INDIVIDUAL,
            name=_COMPANIES[number // 5] if is_company else _make_full_name(rng, number),
            email=f"consumer{number + 1:02d}@example.ru",
            phone=f"+79130000{number + 1:03d}",
            address=f"г. Горно-Алтайск, ул. {street}, {house}",
            meters=tuple(meters),
        )


def _make_full_name(rng: Random, number: int) -> str:
    surname = _SURNAMES[number * 5 % len(_SURNAMES)]
    father = rng.choice(_FATHERS)
    if number % 2:
        return f"{surname} {_MEN[number // 2 % len(_MEN)]} {father}ич"
    return f"{surname}а {_WOMEN[number // 2 % len(_WOMEN)]} {father}на"


async def _add_account(tx: Tx, number: int, person: _Person, hashed: str, now: datetime) -> Account:
    """Adds the person's account with consent, password, meters and readings, unless it exists."""
    existing = await tx.accounts.get_by_email(person.email)
    if existing is not None:
        return existing
    registered_at = now - timedelta(days=_YEAR_DAYS * 3 + number)
    account = await tx.accounts.add(
        category=person.category,
        name=person.name,
        email=person.email,
        phone=person.phone,
        locale="ru",
        now=registered_at,
    )
    await tx.accounts.set_password(account.id, hashed, temporary=False)
    # Otherwise the bot deletes accounts that never logged in while the requests are being added.
    await tx.accounts.mark_email_proved(account.id, registered_at)
    consent = Consent(
        version="1.0",
        text=_CONSENT,
        sha256=sha256(_CONSENT.encode()).hexdigest(),
        accepted_at=registered_at,
        address=Address.from_chat(0),
    )
    await tx.consents.add(account.id, consent)
    for meter, kind, place in person.meters:
        await _add_meter(tx, account, meter, kind, place, now)
    return account


# --- readings ----------------------------------------------------------------------------------


async def _add_meter(
    tx: Tx,
    account: Account,
    number: str,
    kind: MeterKind,
    place: str,
    now: datetime,
    last: Decimal | None = None,
) -> None:
    rng = Random(f"{_SEED} {number}")
    meter = await tx.readings.lock_meter(
        account.id, number, kind, get_default_object(account.category)
    )
    await tx.readings.save_meter(replace(meter, place=place))
    usual = rng.randint(1500, 9000) if account.category is Category.LEGAL else 240
    days = list(_make_reading_days(now.astimezone(_ZONE).date(), rng))
    uses = [_compute_use(kind, usual, day, rng) for day in days]
    values = [Decimal(rng.randint(1000, 9000)) for _ in kind.zones]
    if last is not None:
        values = [last - sum(zone) for zone in zip(*uses[1:], strict=True)]
    for position, day in enumerate(days):
        used = uses[position] if position else None
        values = [a + b for a, b in zip(values, used or [Decimal(0)] * len(values), strict=True)]
        await tx.readings.add(
            meter_id=meter.id,
            draft_id=f"sample-{meter.id}-{position}",
            day=day,
            submitted_at=datetime(day.year, day.month, day.day, 15, 30, tzinfo=_ZONE),
            kind=kind,
            values=values,
            used=used,
            source=ReadingSource.BOT,
            marks=(),
        )


def _make_reading_days(today: date, rng: Random) -> Iterator[date]:
    """One day of each of the last months, oldest first; this month has none."""
    months = today.year * 12 + today.month - 1
    for month in range(months - MONTHS, months):
        yield date(month // 12, month % 12 + 1, rng.randint(20, 25))


def _compute_use(kind: MeterKind, usual: int, day: date, rng: Random) -> list[Decimal]:
    """kWh of a month by zone, more in winter."""
    season = 1 + 0.45 * cos(2 * pi * (day.month - 1) / 12)
    total = usual * season * rng.uniform(0.85, 1.15)
    weights = _ZONE_WEIGHTS.get(kind) or [1.0] * len(kind.zones)
    return [Decimal(round(total * weight / sum(weights) * 10)) / 10 for weight in weights]


# --- requests ----------------------------------------------------------------------------------


class _RequestFactory:
    """Adds sample requests with a history."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._catalogue = request_types.load()
        self._calendar = WorkingCalendar()

    async def add_request(self, tx: Tx, number: int, person: _Person, account: Account) -> None:
        """The requests grow denser towards today; the last ones are open."""
        draft_id = f"sample-request-{number}"
        if await tx.requests.get_by_draft(draft_id) is not None:
            return
        rng = Random(f"{_SEED} request {number}")
        age = timedelta(hours=(REQUESTS - number) ** 1.55 + rng.random())
        at = (self._now - age).astimezone(UTC)
        code = rng.choice(list(_TEXTS))
        raw_answers = self._make_answers(code, person, at, rng)
        day = at.astimezone(_ZONE).date()
        term = self._catalogue.find_term(code, person.category, raw_answers)
        due = self._calendar.compute_due(day, term)
        request_id = await tx.requests.add(
            number=await tx.requests.take_next_number(day.year),
            account_id=account.id,
            draft_id=draft_id,
            type_code=code,
            text=_TEXTS[code],
            registered_at=at,
            review_due=due,
            answers=self._format_answers(code, person.category, raw_answers),
            emergency=self._catalogue.is_emergency(code, person.category, raw_answers),
            term_is_working=term.working,
            raw_answers=raw_answers,
        )
        is_open = number >= REQUESTS - _LAST_OPEN
        await self._add_history(tx, request_id, at, is_open=is_open, rng=rng)
        if is_open:
            await tx.outbox.put(RequestCard(request_id=request_id), self._now)

    async def _add_history(
        self, tx: Tx, request_id: int, at: datetime, *, is_open: bool, rng: Random
    ) -> None:
        staff = rng.choice(_STAFF)
        changes: dict[str, Any] = {}
        for status in _choose_statuses(rng, is_open=is_open):
            at += (self._now - at) * rng.uniform(0.02, 0.3 if is_open else 0.08)
            actor = _ACTORS.get(status, staff)
            await tx.requests.add_history(request_id, actor, status, _COMMENTS.get(status, ""), at)
            changes = {
                "status": status.value,
                "assignee_id": staff.id,
                "closed_at": None if status in OPEN else at,
                "clock_stopped_at": at if status is Status.CLARIFICATION else None,
                "rating": rng.choice((None, 4, 5, 5)) if status is Status.DONE else None,
            }
        if not changes or Status(changes["status"]) in RUNNING:
            # The first check of reminders computes the right time.
            changes["remind_at"] = self._now
        await tx.requests.change(request_id, **changes)

    def _make_answers(
        self, code: str, person: _Person, at: datetime, rng: Random
    ) -> dict[str, str]:
        """Raw answers to the questions that are not optional."""
        raw_answers: dict[str, str] = {}
        fields = self._catalogue.get_form(code, person.category).fields
        for field in fields:
            if field.key in OWN_ANSWERS or field not in list_visible(fields, raw_answers):
                continue
            if not field.optional:
                raw_answers[field.key] = _make_answer(field, person, at, rng)
        return raw_answers

    def _format_answers(
        self, code: str, category: Category, raw_answers: dict[str, str]
    ) -> list[Answer]:
        shown = []
        for key, value in raw_answers.items():
            field = self._catalogue.get_form(code, category).get_field(key)
            words = {choice.value: choice.label["ru"] for choice in field.choices if choice.label}
            label = field.label["ru"] if field.label else key
            shown.append(Answer(key=key, label=label, value=words.get(value, value)))
        return shown


def _choose_statuses(rng: Random, *, is_open: bool) -> tuple[Status, ...]:
    """The statuses after registration."""
    if is_open:
        return rng.choice(
            ((), (Status.IN_WORK,), (Status.IN_WORK,), (Status.IN_WORK, Status.CLARIFICATION))
        )
    ends = (Status.DONE, Status.REJECTED, Status.WITHDRAWN, Status.ANNULLED)
    end = rng.choices(ends, (83, 9, 6, 2))[0]
    if end is Status.ANNULLED:
        return (Status.IN_WORK, Status.CLARIFICATION, end)
    return (Status.IN_WORK, end)


def _make_answer(field: Field, person: _Person, at: datetime, rng: Random) -> str:
    if field.choices:
        return rng.choice(field.choices).value
    if field.key in _ADDRESS_KEYS:
        return person.address
    if field.key == AnswerKey.METER_NUMBER:
        return person.meters[0][0]
    if field.suggestion == "profile.phone":
        return person.phone
    if field.suggestion == "profile.full_name":
        return person.name
    if field.suggestion == "config.default_supplier":
        return _SUPPLIER
    if field.kind == "date":
        return f"{at + timedelta(days=7):%d.%m.%Y}"
    return field.example["ru"] if field.example else "да"
