"""Domain model: accounts, requests with their statuses, meters with their readings, messages."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class Category(StrEnum):
    """Kind of applicant; an individual entrepreneur (ИП) applies as a legal entity."""

    INDIVIDUAL = "individual"
    LEGAL = "legal"


class Status(StrEnum):
    REGISTERED = "registered"
    IN_WORK = "in_work"
    CLARIFICATION = "clarification"
    DONE = "done"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    #: The clarification was not answered in time.
    ANNULLED = "annulled"


#: A request that is not closed yet. Queries and partial indexes are made of these two tuples; a
#: change of either needs a migration of the indexes ``ix_requests_open_*`` and ``_running``.
OPEN = (Status.REGISTERED, Status.IN_WORK, Status.CLARIFICATION)
#: Open, and its review clock runs.
RUNNING = (Status.REGISTERED, Status.IN_WORK)


#: Stars that a consumer may give to a closed request.
RATINGS = range(1, 6)
#: Stars after which the consumer is asked what went wrong, and the staff are told.
LOW_RATINGS = range(1, 3)


class TypeRole(StrEnum):
    """What the bot itself uses a request type for; the file of request types says which one."""

    #: The button «Снятие показаний» beside the readings.
    READING_VISIT = "reading_visit"


class AnswerKey(StrEnum):
    """The keys of a request's answers that code reads; the file of request types is checked."""

    TEXT = "text"
    SCANS = "scans"
    METER_NUMBER = "meter_number"
    ADDRESS = "address"
    OBJECT_ADDRESS = "object_address"


#: These two end every form of a request and are stored apart from its other answers.
OWN_ANSWERS = frozenset({AnswerKey.TEXT, AnswerKey.SCANS})


class ActorKind(StrEnum):
    CONSUMER = "consumer"
    STAFF = "staff"
    SYSTEM = "system"


class Channel(StrEnum):
    """The door through which a person comes."""

    TELEGRAM = "telegram"
    WEB = "web"


#: Ids of browsers begin here. Telegram promises that its ids have at most 52 significant bits, so
#: no browser has the id of a chat: keys of one column stay unique over both channels.
FIRST_BROWSER_ID = 1 << 53


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person writes from: a private chat in Telegram, or a browser."""

    channel: Channel
    id: int

    @classmethod
    def from_chat(cls, chat_id: int) -> Self:
        return cls(Channel.TELEGRAM, chat_id)

    @classmethod
    def from_id(cls, address_id: int) -> Self:
        """The address with this id: the ids of the channels are disjoint."""
        return cls(Channel.WEB if address_id >= FIRST_BROWSER_ID else Channel.TELEGRAM, address_id)

    @property
    def chat_id(self) -> int | None:
        """The chat in Telegram; None for a browser, which nothing can be sent to."""
        return self.id if self.channel is Channel.TELEGRAM else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does something; ``id`` is that of a person in Telegram, or of a consumer's address."""

    kind: ActorKind
    id: int
    name: str
    channel: Channel = Channel.TELEGRAM


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffUser:
    """Somebody who was seen in a staff group; ``id`` is the person's Telegram id."""

    id: int
    name: str
    on_duty: bool = False


#: The bot itself, when a term is over.
SYSTEM_ACTOR = Actor(kind=ActorKind.SYSTEM, id=0, name="")


def to_anonymous_actor(address: Address) -> Actor:
    """A consumer as the audit names one: the account and the door tell enough."""
    return Actor(kind=ActorKind.CONSUMER, id=0, name="", channel=address.channel)


#: (who acts, status now) → statuses that actor may set. Section 4 of the contract.
TRANSITIONS: Mapping[tuple[ActorKind, Status], frozenset[Status]] = MappingProxyType(
    {
        (ActorKind.STAFF, Status.REGISTERED): frozenset(
            {Status.IN_WORK, Status.CLARIFICATION, Status.DONE, Status.REJECTED}
        ),
        (ActorKind.STAFF, Status.IN_WORK): frozenset(
            {Status.CLARIFICATION, Status.DONE, Status.REJECTED}
        ),
        (ActorKind.STAFF, Status.CLARIFICATION): frozenset(
            {Status.IN_WORK, Status.DONE, Status.REJECTED}
        ),
        # «Вернуть в работу», for a time after closing.
        (ActorKind.STAFF, Status.DONE): frozenset({Status.IN_WORK}),
        (ActorKind.STAFF, Status.REJECTED): frozenset({Status.IN_WORK}),
        (ActorKind.STAFF, Status.ANNULLED): frozenset({Status.IN_WORK}),
        (ActorKind.CONSUMER, Status.REGISTERED): frozenset({Status.WITHDRAWN}),
        (ActorKind.CONSUMER, Status.IN_WORK): frozenset({Status.WITHDRAWN}),
        # The answer to a clarification brings the request back to work.
        (ActorKind.CONSUMER, Status.CLARIFICATION): frozenset({Status.WITHDRAWN, Status.IN_WORK}),
        (ActorKind.SYSTEM, Status.CLARIFICATION): frozenset({Status.ANNULLED}),
        # «Не согласен», for a time after closing.
        (ActorKind.CONSUMER, Status.DONE): frozenset({Status.REGISTERED}),
        (ActorKind.CONSUMER, Status.REJECTED): frozenset({Status.REGISTERED}),
    }
)


class AnswerChannel(StrEnum):
    """How a consumer prefers to get answers; a letter of the company may be on paper."""

    TELEGRAM = "telegram"
    EMAIL = "email"
    PAPER = "paper"


class Contact(StrEnum):
    """What the owner of an account may change."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A consumer's account. ``email`` is the login, normalised.

    ``phone`` is E.164; an extension follows as in RFC 3966, ``;ext=123``.
    ``email_proved``: somebody logged in with a password that came to the email. ``erased``: its
    owner deleted it, so no notice can be sent. ``answer_channel`` is None until the consumer has
    chosen one.
    """

    id: int
    category: Category
    name: str
    email: str
    phone: str
    locale: str
    password_is_temporary: bool
    created_at: datetime
    email_proved: bool = True
    erased: bool = False
    answer_channel: AnswerChannel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A private Telegram chat and the account it is logged in to, if any.

    ``account`` is None for a guest. ``locale`` None: not chosen, follow Telegram's language.
    ``reachable``: the last notice was not refused by it.
    """

    id: int
    account: Account | None
    locale: str | None
    reachable: bool = True

    @property
    def address(self) -> Address:
        return Address.from_chat(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A chat or a browser that is logged in to an account.

    ``name`` is the person's in Telegram at the login, or says which browser it is.
    """

    address: Address
    name: str
    logged_in_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The exact text a person agreed to: the proof that 152-ФЗ ст. 9 demands of an operator."""

    version: str
    text: str
    sha256: str
    accepted_at: datetime
    address: Address


class Verdict(StrEnum):
    """The virus scanner's verdict on a file; ``unasked``: no scanner is connected."""

    UNASKED = "unasked"
    WAITING = "waiting"
    CLEAN = "clean"
    INFECTED = "infected"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file in the store. ``key`` is its path there, ``size`` is in bytes.

    ``from_staff``: the staff sent it to the consumer; else it is a scan of the consumer.
    ``is_photo``: it came as a photo, and not as a file.
    """

    id: int
    name: str
    media_type: str
    size: int
    sha256: str
    key: str
    verdict: Verdict = Verdict.UNASKED
    #: What the consumer wrote below the file.
    caption: str = ""
    from_staff: bool = False
    is_photo: bool = False
    #: The message of the conversation about a request that it came with.
    request_message_id: int | None = None


class Delay(StrEnum):
    """Why the heads of the staff are told of a request."""

    UNTAKEN = "untaken"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answered field of a request, as it was shown to the applicant."""

    key: str
    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    id: int = field(default=0, compare=False)
    at: datetime
    actor: ActorKind
    actor_name: str
    status: Status
    comment: str

    @property
    def is_answer(self) -> bool:
        """The consumer answered a clarification."""
        return self.actor is ActorKind.CONSUMER and self.status is Status.IN_WORK


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A registered request. ``number`` is ``2026-000123``; ``review_due`` is the estimated day.

    The review clock stands from ``clock_stopped_at`` on; ``term_is_working``: it counts working
    days. ``due_at`` is the moment of the answer to an emergency, whose term is in hours.
    ``answer_by`` is the last day for the answer to a clarification, None: there is none.
    ``raw_answers`` are the answers as the form takes them, without text and scans. ``scans`` are
    the consumer's, ``documents`` the files that the staff sent. ``assignee``: who answers it.
    ``staff_chat_id`` is the staff group that it was registered for, by the settings; None: the main
    one.
    """

    id: int
    number: str
    account: Account
    type_code: str
    status: Status
    text: str
    registered_at: datetime
    review_due: date
    answers: tuple[Answer, ...]
    scans: tuple[StoredFile, ...]
    history: tuple[HistoryEntry, ...]
    emergency: bool
    term_is_working: bool = True
    clock_stopped_at: datetime | None = None
    closed_at: datetime | None = None
    rating: int | None = None
    raw_answers: Mapping[str, str] | None = None
    due_at: datetime | None = None
    answer_by: date | None = None
    documents: tuple[StoredFile, ...] = ()
    draft_id: str = ""
    #: The door through which it came.
    channel: Channel = Channel.TELEGRAM
    assignee: StaffUser | None = None
    staff_chat_id: int | None = None

    @property
    def application_number(self) -> str | None:
        """Of the application on paper, with which a signed scan is compared; None if unknown."""
        if not self.draft_id or self.raw_answers is None:
            return None
        answers = {**self.raw_answers, AnswerKey.TEXT: self.text}
        return compute_application_number(self.draft_id, answers)

    @property
    def photos(self) -> tuple[StoredFile, ...]:
        """The scans that are pictures."""
        return tuple(one for one in self.scans if one.media_type.startswith("image/"))

    def was_reopened_by(self, entry: HistoryEntry) -> bool:
        """Whether the staff brought the closed request back to work by this entry."""
        before = [one.status for one in self.history if one.id < entry.id]
        closed = bool(before) and before[-1] not in OPEN
        return closed and entry.actor is ActorKind.STAFF and entry.status is Status.IN_WORK

    @property
    def was_clarified(self) -> bool:
        """The consumer answered a clarification, and the staff have done nothing since."""
        return bool(self.history) and self.history[-1].is_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestState:
    """What a change of the status changes of a request."""

    status: Status
    review_due: date
    due_at: datetime | None
    closed_at: datetime | None
    clock_stopped_at: datetime | None
    answer_by: date | None
    answer_check_at: datetime | None
    remind_at: datetime | None
    assignee_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoStep:
    """What takes a change of the status back.

    ``notices`` are the dedupe keys of those that must not have gone out by then,
    ``request_message_id`` is the file that came with the comment, ``album_message_ids`` are the
    others of its album. The member ``staff_id`` may take it back before ``until``; a step that an
    older version wrote names neither.
    """

    state: RequestState
    notices: tuple[str, ...]
    request_message_id: int | None = None
    album_message_ids: tuple[int, ...] = ()
    staff_id: int = 0
    until: datetime | None = None


def compute_application_number(draft_id: str, answers: Mapping[str, str]) -> str:
    """The number of an application on paper, ``3F9A12BC-7D21``: other answers, another number.

    ``answers`` are raw, with the text; scans do not count.
    """
    given = {key: raw for key, raw in answers.items() if raw and key != AnswerKey.SCANS}
    dumped = json.dumps(given, sort_keys=True, ensure_ascii=False).encode()
    return f"{draft_id[:8]}-{hashlib.sha256(dumped).hexdigest()[:4]}".upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSummary:
    """A request as a line of a list."""

    id: int
    number: str
    type_code: str
    status: Status
    registered_at: datetime


#: The most digits before the decimal sign that meters have.
METER_DIGITS = 8


class MeterKind(StrEnum):
    """Kinds of meters, each with the names of its tariff zones.

    T1 is day or peak, T2 night, T3 half-peak. All code takes the zones from here: another kind,
    with other zones, is one more line and its texts (``form-reading-<kind>_<zone>``). The zones of
    a kind never change, as stored readings are in their order.
    """

    _value_: str
    zones: tuple[str, ...]

    def __new__(cls, value: str, *zones: str) -> Self:
        """``zones`` are in the order in which a meter shows them and ``Reading`` keeps them."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.zones = zones
        return member

    SINGLE = "single", "t1"
    DOUBLE = "double", "t1", "t2"
    TRIPLE = "triple", "t1", "t2", "t3"


def list_zones() -> tuple[str, ...]:
    """The tariff zones of all kinds of meters, each once."""
    return tuple(dict.fromkeys(zone for kind in MeterKind for zone in kind.zones))


class ObjectKind(StrEnum):
    """What a meter stands in; the days on which it is read and sent depend on it."""

    DWELLING = "dwelling"
    OTHER = "other"


def get_default_object(category: Category) -> ObjectKind:
    """The object of a meter whose owner has not said otherwise."""
    return ObjectKind.DWELLING if category is Category.INDIVIDUAL else ObjectKind.OTHER


class ReadingMark(StrEnum):
    """A remark on a reading.

    ``replaced``: another meter under this number, or its counter was reset; ``rollover``: the
    counter passed through zero; ``confirmed``: the consumption is far above its mean and was
    confirmed; ``amends``: the consumer said that the reading before was wrong, which then is
    ``mistaken``: nothing is compared with it or sums it up; ``late``: after the last day of the
    period; ``corrected``: another reading of the same day replaced it.
    """

    REPLACED = "replaced"
    ROLLOVER = "rollover"
    CONFIRMED = "confirmed"
    AMENDS = "amends"
    MISTAKEN = "mistaken"
    LATE = "late"
    CORRECTED = "corrected"


class ReadingSource(StrEnum):
    """``file``: one row of a file with many meters."""

    BOT = "bot"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A meter of an account. ``digits`` before the decimal sign, None while unknown.

    ``ratio``: of the transformers that it is connected through, 1 without them. A ``hidden`` meter
    is offered nowhere and awaits no readings.
    """

    id: int
    account_id: int
    number: str
    kind: MeterKind
    place: str
    digits: int | None
    object: ObjectKind
    ratio: int = 1
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a meter showed on ``day``: ``values`` are kWh, in the order of ``kind.zones``.

    ``used`` are the differences to the reading before in the same order, multiplied by the ratio of
    the meter's transformers, which was ``ratio`` then; None when there is nothing to compare with:
    the first reading, a replaced meter.
    """

    id: int
    meter_id: int
    day: date
    submitted_at: datetime
    kind: MeterKind
    values: tuple[Decimal, ...]
    used: tuple[Decimal, ...] | None
    source: ReadingSource
    marks: frozenset[ReadingMark]
    ratio: int = 1

    @property
    def values_by_zone(self) -> dict[str, Decimal]:
        return dict(zip(self.kind.zones, self.values, strict=True))

    @property
    def used_by_zone(self) -> dict[str, Decimal]:
        """Empty when there is nothing to compare with."""
        return {} if self.used is None else dict(zip(self.kind.zones, self.used, strict=True))


class Layout(StrEnum):
    """How tables are shown to a person.

    ``text``: aligned columns; ``lines``: sentences, for screen readers; ``rich``: Telegram's own
    tables, which some of its clients show blank.
    """

    TEXT = "text"
    LINES = "lines"
    RICH = "rich"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPreferences:
    """An account's settings: the layout of tables, and whether reminders are sent."""

    layout: Layout = Layout.TEXT
    reminders: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReading:
    """A reading with its meter and the account it belongs to."""

    account: Account
    meter: Meter
    reading: Reading


class MessageKind(StrEnum):
    TEXT = "text"
    PHOTO = "photo"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageContent:
    """A message as somebody wrote it in a chat.

    ``text`` is a caption when there is a file; ``media`` is Telegram's id of that file, ``album``
    the media group it came in.
    """

    kind: MessageKind
    text: str
    media: str | None = None
    file_name: str | None = None
    album: str | None = None
    chat_id: int
    message_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMessage:
    """A message between consumer and staff about a request."""

    id: int
    request_id: int
    author: Actor
    at: datetime
    content: MessageContent


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; ``number`` counts from 0."""

    items: tuple[T, ...]
    number: int
    pages: int
