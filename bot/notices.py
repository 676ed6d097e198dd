"""Notices: one dataclass per kind of message or task that the outbox stores and delivers.

A field holds an id, a moment or a day, never a person's words: the text is rendered at delivery
from the present state. Field names are the keys of the stored payload, and ``kind`` is stored with
it, so renaming one needs a migration and a new field needs a default. Erasing an account stops the
notices whose ``account_id``, ``request_id`` or ``chat_id`` belongs to it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum, auto
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar

from pydantic import TypeAdapter, ValidationError

from bot.domain import ObjectKind


class Queue(StrEnum):
    """What notices share and wait for; a slow queue leaves the others free."""

    EMAILS = auto()
    CONSUMER_CHATS = auto()
    EMERGENCIES = auto()
    NEW_CARDS = auto()
    STAFF_CHAT = auto()
    FILES = auto()


#: Queues of which each staff group has its own, so that no group waits for another one.
STAFF_QUEUES = frozenset({Queue.EMERGENCIES, Queue.NEW_CARDS, Queue.STAFF_CHAT})


class Priority(IntEnum):
    """Notices with a lower number are leased first."""

    EMERGENCY = -10
    CONSUMER = 0
    NEW_CARD = 10
    CARD_CHANGE = 20
    BACKGROUND = 30


class PayloadMismatch(Exception):
    """A stored payload does not fit its class. The message names fields and holds no values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(ABC):
    """Base of all notices; ``kind`` is the stored name of the class."""

    kind: ClassVar[str]
    queue: ClassVar[Queue]
    priority: ClassVar[Priority] = Priority.CONSUMER
    #: False: the row is deleted on delivery, as it names a person whose data were erased.
    is_recorded: ClassVar[bool] = True

    @property
    @abstractmethod
    def stream(self) -> str:
        """Notices of one stream are delivered in the order of writing."""

    @property
    @abstractmethod
    def dedupe_key(self) -> str:
        """Of several notices with the same key only the first one is stored."""


# --- emails ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordEmail(Notice):
    """The first password, to somebody who registered; ``repeated_at`` when asked for again."""

    kind: ClassVar = "password_letter"
    queue: ClassVar = Queue.EMAILS

    account_id: int
    draft_id: str
    repeated_at: datetime | None = None

    @property
    def stream(self) -> str:
        return f"account:{self.account_id}"

    @property
    def dedupe_key(self) -> str:
        again = f":{self.repeated_at.isoformat()}" if self.repeated_at else ""
        return f"registration:{self.draft_id}{again}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailTakenWarning(Notice):
    """A warning to the owner of an email that somebody registers with again."""

    kind: ClassVar = "taken_letter"
    queue: ClassVar = Queue.EMAILS

    account_id: int
    draft_id: str

    @property
    def stream(self) -> str:
        return f"account:{self.account_id}"

    @property
    def dedupe_key(self) -> str:
        # The key of PasswordEmail too: who pressed the button twice took nobody's email.
        return f"registration:{self.draft_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChangedEmail(Notice):
    """The account has another email; goes to the former one."""

    kind: ClassVar = "email_changed"
    queue: ClassVar = Queue.EMAILS

    account_id: int
    change_id: int

    @property
    def stream(self) -> str:
        return f"account:{self.account_id}"

    @property
    def dedupe_key(self) -> str:
        return f"email-changed:{self.change_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetEmail(Notice):
    """A new password, after the staff approved the reset."""

    kind: ClassVar = "reset_letter"
    queue: ClassVar = Queue.EMAILS

    account_id: int
    reset_id: int

    @property
    def stream(self) -> str:
        return f"account:{self.account_id}"

    @property
    def dedupe_key(self) -> str:
        return f"reset_letter:{self.reset_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeCodeEmail(Notice):
    """A one-time code, which is made when the email is rendered.

    ``account_id`` is None for an unknown email; then nothing is sent.
    """

    kind: ClassVar = "code_email"
    queue: ClassVar = Queue.EMAILS

    account_id: int | None
    code_id: int
    at: datetime

    @property
    def stream(self) -> str:
        return f"code:{self.code_id}"

    @property
    def dedupe_key(self) -> str:
        return f"code:{self.code_id}:{self.at.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChatEmail(Notice):
    """A login from a Telegram account that is new to the account."""

    kind: ClassVar = "new_chat_email"
    queue: ClassVar = Queue.EMAILS

    account_id: int
    chat_id: int
    at: datetime

    @property
    def stream(self) -> str:
        return f"account:{self.account_id}"

    @property
    def dedupe_key(self) -> str:
        return f"new-chat:{self.account_id}:{self.chat_id}:{self.at.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBrowserEmail(Notice):
    """A login on the site from a browser that is new to the account, such as «Firefox, Windows»."""

    kind: ClassVar = "new_browser_email"
    queue: ClassVar = Queue.EMAILS

    account_id: int
    browser: str
    at: datetime

    @property
    def stream(self) -> str:
        return f"account:{self.account_id}"

    @property
    def dedupe_key(self) -> str:
        return f"new-browser:{self.account_id}:{self.at.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChangedEmail(Notice):
    """The owner, or somebody in the owner's name, chose another password."""

    kind: ClassVar = "password_changed_email"
    queue: ClassVar = Queue.EMAILS

    account_id: int
    at: datetime

    @property
    def stream(self) -> str:
        return f"account:{self.account_id}"

    @property
    def dedupe_key(self) -> str:
        return f"password-changed:{self.account_id}:{self.at.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedLoginsEmail(Notice):
    """A series of wrong passwords with the email of an account.

    ``account_id`` is None for an unknown email; then nothing is sent.
    """

    kind: ClassVar = "failed_logins_email"
    queue: ClassVar = Queue.EMAILS

    account_id: int | None
    at: datetime

    @property
    def stream(self) -> str:
        return f"failed-logins:{self.account_id}"

    @property
    def dedupe_key(self) -> str:
        return f"failed-logins:{self.account_id}:{self.at.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRegisteredEmail(Notice):
    kind: ClassVar = "registered_letter"
    queue: ClassVar = Queue.EMAILS

    request_id: int

    @property
    def stream(self) -> str:
        return f"letter:{self.request_id}"

    @property
    def dedupe_key(self) -> str:
        return f"registered_letter:{self.request_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChangedEmail(Notice):
    kind: ClassVar = "status_letter"
    queue: ClassVar = Queue.EMAILS

    request_id: int
    history_id: int

    @property
    def stream(self) -> str:
        return f"letter:{self.request_id}"

    @property
    def dedupe_key(self) -> str:
        return f"status_letter:{self.history_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClarificationReminderEmail(Notice):
    """Without an answer until ``answer_by`` the request will be annulled."""

    kind: ClassVar = "clarification_letter"
    queue: ClassVar = Queue.EMAILS

    request_id: int
    answer_by: date

    @property
    def stream(self) -> str:
        return f"letter:{self.request_id}"

    @property
    def dedupe_key(self) -> str:
        return f"clarification_letter:{self.request_id}:{self.answer_by.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffFileEmail(Notice):
    """A file of a message of the staff, after the message was delivered in Telegram."""

    kind: ClassVar = "file_letter"
    queue: ClassVar = Queue.EMAILS

    request_message_id: int
    request_id: int
    file_id: int

    @property
    def stream(self) -> str:
        return f"letter:{self.request_id}"

    @property
    def dedupe_key(self) -> str:
        return f"file_letter:{self.request_message_id}"


# --- consumers' chats --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged(Notice):
    kind: ClassVar = "status_notice"
    queue: ClassVar = Queue.CONSUMER_CHATS

    request_id: int
    history_id: int
    chat_id: int

    @property
    def stream(self) -> str:
        return f"chat:{self.chat_id}"

    @property
    def dedupe_key(self) -> str:
        return f"status:{self.history_id}:{self.chat_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClarificationReminder(Notice):
    """Without an answer until ``answer_by`` the request will be annulled."""

    kind: ClassVar = "clarification_reminder"
    queue: ClassVar = Queue.CONSUMER_CHATS

    request_id: int
    answer_by: date
    chat_id: int

    @property
    def stream(self) -> str:
        return f"chat:{self.chat_id}"

    @property
    def dedupe_key(self) -> str:
        day = self.answer_by.isoformat()
        return f"clarification-reminder:{self.request_id}:{day}:{self.chat_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedOut(Notice):
    """To a chat that was logged out from elsewhere.

    ``by_owner``: the owner ended this login; otherwise the password was changed.
    """

    kind: ClassVar = "logged_out_notice"
    queue: ClassVar = Queue.CONSUMER_CHATS

    account_id: int
    chat_id: int
    at: datetime
    by_owner: bool

    @property
    def stream(self) -> str:
        return f"chat:{self.chat_id}"

    @property
    def dedupe_key(self) -> str:
        return f"logged-out:{self.chat_id}:{self.at.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRefused(Notice):
    """To the chat that registered: the email was refused, and the account is deleted.

    ``locale`` is kept here as the account is gone; ``email_notice``: the id of the refused email.
    """

    kind: ClassVar = "registration_refused"
    queue: ClassVar = Queue.CONSUMER_CHATS

    chat_id: int
    locale: str
    email_notice: int

    @property
    def stream(self) -> str:
        return f"chat:{self.chat_id}"

    @property
    def dedupe_key(self) -> str:
        return f"registration-refused:{self.email_notice}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailBounced(Notice):
    """The email of an account was refused; told once for each address.

    ``email_key`` is the address as ``hash_email`` makes it.
    """

    kind: ClassVar = "email_bounced"
    queue: ClassVar = Queue.CONSUMER_CHATS

    account_id: int
    chat_id: int
    email_key: str

    @property
    def stream(self) -> str:
        return f"chat:{self.chat_id}"

    @property
    def dedupe_key(self) -> str:
        return f"email-bounced:{self.account_id}:{self.chat_id}:{self.email_key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDataErased(Notice):
    """What the site keeps for an erased account, such as its drafts, is deleted."""

    kind: ClassVar = "site_data_erased"
    queue: ClassVar = Queue.FILES
    priority: ClassVar = Priority.BACKGROUND
    is_recorded: ClassVar = False

    account_id: int

    @property
    def stream(self) -> str:
        return f"site:{self.account_id}"

    @property
    def dedupe_key(self) -> str:
        return f"site_data_erased:{self.account_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountErased(Notice):
    """The conversation of a chat of an erased account is deleted, and the chat is notified.

    ``locale`` is kept here as the account is gone. ``silent``: no message, as the chat shows the
    outcome or shows nothing of the account.
    """

    kind: ClassVar = "erased_notice"
    queue: ClassVar = Queue.CONSUMER_CHATS
    is_recorded: ClassVar = False

    account_id: int
    chat_id: int
    locale: str
    silent: bool = False

    @property
    def stream(self) -> str:
        return f"chat:{self.chat_id}"

    @property
    def dedupe_key(self) -> str:
        return f"erased:{self.account_id}:{self.chat_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanInfected(Notice):
    """A scan that was checked late did not reach the staff."""

    kind: ClassVar = "infected_notice"
    queue: ClassVar = Queue.CONSUMER_CHATS

    request_id: int
    file_id: int

    @property
    def stream(self) -> str:
        return f"infected:{self.file_id}"

    @property
    def dedupe_key(self) -> str:
        return f"infected:{self.file_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingReminder(Notice):
    """A reminder of the readings of a month, its first day, for all meters in such objects."""

    kind: ClassVar = "reading_reminder"
    queue: ClassVar = Queue.CONSUMER_CHATS

    account_id: int
    chat_id: int
    month: date
    object: ObjectKind = ObjectKind.DWELLING

    @property
    def stream(self) -> str:
        return f"chat:{self.chat_id}"

    @property
    def dedupe_key(self) -> str:
        return f"reading-reminder:{self.chat_id}:{self.account_id}:{self.month:%Y-%m}:{self.object}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalDataArchive(Notice):
    """An archive of a person's data; asked for again within the hour, it is the same one."""

    kind: ClassVar = "archive"
    queue: ClassVar = Queue.FILES

    account_id: int
    chat_id: int
    at: datetime

    @property
    def stream(self) -> str:
        return f"export:{self.account_id}"

    @property
    def dedupe_key(self) -> str:
        return f"archive:{self.account_id}:{self.chat_id}:{self.at:%Y%m%d%H}"


# --- messages about a request ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageToConsumer(Notice):
    """A message of the staff; by email when no chat of the consumer is reachable."""

    kind: ClassVar = "talk_out"
    queue: ClassVar = Queue.CONSUMER_CHATS

    request_message_id: int
    request_id: int

    @property
    def stream(self) -> str:
        return f"talk:{self.request_id}"

    @property
    def dedupe_key(self) -> str:
        return f"talk_out:{self.request_message_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageToStaff(Notice):
    kind: ClassVar = "talk_in"
    queue: ClassVar = Queue.STAFF_CHAT
    priority: ClassVar = Priority.CARD_CHANGE

    request_message_id: int
    request_id: int

    @property
    def stream(self) -> str:
        # The stream of the request's card: a message never comes before the card.
        return f"request:{self.request_id}"

    @property
    def dedupe_key(self) -> str:
        return f"talk_in:{self.request_message_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited(Notice):
    """The author edited a message: every relayed copy of it is edited."""

    kind: ClassVar = "talk_edit"
    queue: ClassVar = Queue.CONSUMER_CHATS

    request_message_id: int
    request_id: int
    at: datetime

    @property
    def stream(self) -> str:
        return f"talk:{self.request_id}"

    @property
    def dedupe_key(self) -> str:
        return f"talk_edit:{self.request_message_id}:{self.at.isoformat()}"


# --- the staff chat ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCard(Notice):
    kind: ClassVar = "card"
    # A queue of its own keeps cards in the order of registration, each followed by its scans.
    queue: ClassVar = Queue.NEW_CARDS
    priority: ClassVar = Priority.NEW_CARD

    request_id: int

    @property
    def stream(self) -> str:
        return f"request:{self.request_id}"

    @property
    def dedupe_key(self) -> str:
        return f"card:{self.request_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardEdit(Notice):
    """The card shows the present state again. ``cause``: a history id or a moment."""

    kind: ClassVar = "card_edit"
    queue: ClassVar = Queue.STAFF_CHAT
    priority: ClassVar = Priority.CARD_CHANGE

    request_id: int
    cause: str

    @property
    def stream(self) -> str:
        return f"request:{self.request_id}"

    @property
    def dedupe_key(self) -> str:
        return f"card_edit:{self.request_id}:{self.cause}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardNote(Notice):
    """A reply to the card that mentions the assignee.

    ``about``: ``handed_over``, ``disputed``, ``withdrawn`` or ``rated``.
    """

    kind: ClassVar = "card_note"
    queue: ClassVar = Queue.STAFF_CHAT
    priority: ClassVar = Priority.CARD_CHANGE

    request_id: int
    about: str
    at: datetime

    @property
    def stream(self) -> str:
        return f"request:{self.request_id}"

    @property
    def dedupe_key(self) -> str:
        return f"card_note:{self.request_id}:{self.about}:{self.at.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft(Notice):
    """A member of the staff left, and these requests of one group went back to its queue."""

    kind: ClassVar = "member_left"
    queue: ClassVar = Queue.STAFF_CHAT
    priority: ClassVar = Priority.CARD_CHANGE

    user_id: int
    request_ids: tuple[int, ...]
    at: datetime
    staff_chat_id: int | None = None

    @property
    def stream(self) -> str:
        return f"member:{self.user_id}"

    @property
    def dedupe_key(self) -> str:
        return f"member_left:{self.user_id}:{self.staff_chat_id or ''}:{self.at.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsHandedOver(Notice):
    """A member who went off duty gave another one so many requests of one group."""

    kind: ClassVar = "handed_over"
    queue: ClassVar = Queue.STAFF_CHAT
    priority: ClassVar = Priority.CARD_CHANGE

    user_id: int
    to: int
    count: int
    at: datetime
    staff_chat_id: int | None = None

    @property
    def stream(self) -> str:
        return f"member:{self.user_id}"

    @property
    def dedupe_key(self) -> str:
        return f"handed_over:{self.user_id}:{self.staff_chat_id or ''}:{self.at.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardScan(Notice):
    """A scan of the request, or the photos of one album, as a reply to its card."""

    kind: ClassVar = "scan"
    # As new cards: each card is followed by its scans, and then comes the next card.
    queue: ClassVar = Queue.NEW_CARDS
    priority: ClassVar = Priority.NEW_CARD

    request_id: int
    file_ids: tuple[int, ...]

    @property
    def stream(self) -> str:
        return f"request:{self.request_id}"

    @property
    def dedupe_key(self) -> str:
        return f"scan:{self.request_id}:{self.file_ids[0]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDocument(Notice):
    """A PDF that a member of the staff asked for by a button, as a reply to the card.

    ``document``: ``receipt`` or ``joined_photos``; asked for again in the same ``minute``, it comes
    once.
    """

    kind: ClassVar = "card_document"
    queue: ClassVar = Queue.STAFF_CHAT
    priority: ClassVar = Priority.CARD_CHANGE

    request_id: int
    document: str
    minute: datetime

    @property
    def stream(self) -> str:
        return f"request:{self.request_id}"

    @property
    def dedupe_key(self) -> str:
        return f"card_document:{self.request_id}:{self.document}:{self.minute.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardErased(Notice):
    """The applicant erased the account: the card loses its words, the replies are deleted."""

    kind: ClassVar = "erased_card"
    queue: ClassVar = Queue.STAFF_CHAT
    priority: ClassVar = Priority.CARD_CHANGE

    request_id: int

    @property
    def stream(self) -> str:
        return f"request:{self.request_id}"

    @property
    def dedupe_key(self) -> str:
        return f"erased-card:{self.request_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyCard(RequestCard):
    """The card of an emergency: before all that waits for the staff chat; it is pinned."""

    kind: ClassVar = "emergency_card"
    queue: ClassVar = Queue.EMERGENCIES
    priority: ClassVar = Priority.EMERGENCY


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyScan(CardScan):
    """A scan of an emergency, below its card."""

    kind: ClassVar = "emergency_scan"
    queue: ClassVar = Queue.EMERGENCIES
    priority: ClassVar = Priority.EMERGENCY


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionErased(Notice):
    """A message of the staff chat that showed an erased account is blanked or deleted."""

    kind: ClassVar = "erased_mention"
    queue: ClassVar = Queue.STAFF_CHAT
    priority: ClassVar = Priority.CARD_CHANGE

    chat_id: int
    message_id: int
    by_bot: bool
    at: datetime

    @property
    def stream(self) -> str:
        return f"mention:{self.chat_id}:{self.message_id}"

    @property
    def dedupe_key(self) -> str:
        return f"mention:{self.chat_id}:{self.message_id}:{self.at.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEmailBounced(Notice):
    """An email about the request was refused; a reply to the card, once for each address."""

    kind: ClassVar = "request_email_bounced"
    queue: ClassVar = Queue.STAFF_CHAT
    priority: ClassVar = Priority.CARD_CHANGE

    request_id: int
    email_key: str

    @property
    def stream(self) -> str:
        return f"request:{self.request_id}"

    @property
    def dedupe_key(self) -> str:
        return f"request-email-bounced:{self.request_id}:{self.email_key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetCard(Notice):
    """A consumer's request for a new password, with a button that approves it.

    ``account_id`` is None for an unknown email; then nothing is sent.
    """

    kind: ClassVar = "reset_card"
    queue: ClassVar = Queue.STAFF_CHAT
    priority: ClassVar = Priority.NEW_CARD

    account_id: int | None
    reset_id: int

    @property
    def stream(self) -> str:
        return f"reset:{self.reset_id}"

    @property
    def dedupe_key(self) -> str:
        return f"reset_card:{self.reset_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetApproved(Notice):
    """A member of the staff approved a password reset; what undoes it removes the notice.

    ``chat_id`` and ``message_id`` are those of its card.
    """

    kind: ClassVar = "reset_approved"
    queue: ClassVar = Queue.STAFF_CHAT
    priority: ClassVar = Priority.CARD_CHANGE

    reset_id: int
    account_id: int
    staff_id: int
    chat_id: int
    message_id: int

    @property
    def stream(self) -> str:
        return f"reset:{self.reset_id}"

    @property
    def dedupe_key(self) -> str:
        return f"reset_approved:{self.reset_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionExpired(Notice):
    """A question to the staff was answered, and it is too late to undo the answer."""

    kind: ClassVar = "question_expired"
    queue: ClassVar = Queue.STAFF_CHAT
    priority: ClassVar = Priority.BACKGROUND

    request_id: int
    chat_id: int
    message_id: int

    @property
    def stream(self) -> str:
        return f"question:{self.chat_id}:{self.message_id}"

    @property
    def dedupe_key(self) -> str:
        return f"question_expired:{self.chat_id}:{self.message_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineReminder(Notice):
    """Requests whose answer is due soon or overdue, all of one staff group; None: the main one."""

    kind: ClassVar = "reminder"
    queue: ClassVar = Queue.STAFF_CHAT
    priority: ClassVar = Priority.BACKGROUND

    request_ids: tuple[int, ...]
    at: datetime
    staff_chat_id: int | None = None

    @property
    def stream(self) -> str:
        return "reminder" if self.staff_chat_id is None else f"reminder:{self.staff_chat_id}"

    @property
    def dedupe_key(self) -> str:
        return f"reminder:{self.at.isoformat()}:{self.request_ids[0]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation(Notice):
    """To a head of the staff in private; ``delay`` is a Delay of these requests."""

    kind: ClassVar = "escalation"
    queue: ClassVar = Queue.CONSUMER_CHATS
    priority: ClassVar = Priority.EMERGENCY

    request_ids: tuple[int, ...]
    delay: str
    chat_id: int
    at: datetime

    @property
    def stream(self) -> str:
        return f"escalation:{self.chat_id}"

    @property
    def dedupe_key(self) -> str:
        return f"escalation:{self.delay}:{self.request_ids[0]}:{self.chat_id}:{self.at.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationEmail(Notice):
    """To a head of the staff by email; ``recipient`` is the place of the address in the setting."""

    kind: ClassVar = "escalation_email"
    queue: ClassVar = Queue.EMAILS
    priority: ClassVar = Priority.EMERGENCY

    request_ids: tuple[int, ...]
    delay: str
    recipient: int
    at: datetime

    @property
    def stream(self) -> str:
        return f"escalation-email:{self.recipient}"

    @property
    def dedupe_key(self) -> str:
        first = self.request_ids[0]
        return f"escalation_email:{self.delay}:{first}:{self.recipient}:{self.at.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueBoard(Notice):
    """The pinned message of a staff group, None: the main one, shows the present counts."""

    kind: ClassVar = "queue_board"
    queue: ClassVar = Queue.STAFF_CHAT
    priority: ClassVar = Priority.BACKGROUND

    at: datetime
    staff_chat_id: int | None = None

    @property
    def stream(self) -> str:
        return f"queue-board:{self.staff_chat_id or ''}"

    @property
    def dedupe_key(self) -> str:
        return f"queue_board:{self.staff_chat_id or ''}:{self.at.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyDigest(Notice):
    kind: ClassVar = "digest"
    queue: ClassVar = Queue.STAFF_CHAT
    priority: ClassVar = Priority.BACKGROUND

    day: date

    @property
    def stream(self) -> str:
        return "digest"

    @property
    def dedupe_key(self) -> str:
        return f"digest:{self.day.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyPicture(Notice):
    """To a head of the staff in private: the week before ``monday``."""

    kind: ClassVar = "weekly_picture"
    queue: ClassVar = Queue.CONSUMER_CHATS
    priority: ClassVar = Priority.BACKGROUND

    chat_id: int
    monday: date

    @property
    def stream(self) -> str:
        return f"weekly_picture:{self.chat_id}"

    @property
    def dedupe_key(self) -> str:
        return f"weekly_picture:{self.chat_id}:{self.monday.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffExport(Notice):
    """A file that a member of the staff asked for with a command.

    ``what``: ``requests`` or ``readings``; ``first`` and ``last`` are both included. ``chat_id``
    and ``message_id`` are those of the command.
    """

    kind: ClassVar = "export"
    queue: ClassVar = Queue.FILES
    priority: ClassVar = Priority.BACKGROUND

    what: str
    first: date
    last: date
    chat_id: int
    message_id: int

    @property
    def stream(self) -> str:
        return f"export:{self.chat_id}"

    @property
    def dedupe_key(self) -> str:
        return f"export:{self.chat_id}:{self.message_id}"


# --- tasks without a message -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRemoval(Notice):
    """The bytes of a scan are deleted; ``key`` is its path in the file store."""

    kind: ClassVar = "file_removal"
    queue: ClassVar = Queue.FILES
    priority: ClassVar = Priority.BACKGROUND

    key: str

    @property
    def stream(self) -> str:
        return f"file:{self.key}"

    @property
    def dedupe_key(self) -> str:
        return f"file-removal:{self.key}"


# -----------------------------------------------------------------------------------------------

#: Every class above by its kind.
NOTICE_TYPES: Mapping[str, type[Notice]] = MappingProxyType(
    {
        found.kind: found
        for found in tuple(globals().values())
        if isinstance(found, type) and issubclass(found, Notice) and found is not Notice
    }
)


def dump_payload(notice: Notice) -> dict[str, Any]:
    """The fields of the notice as JSON values."""
    payload: dict[str, Any] = _build_adapter(type(notice)).dump_python(notice, mode="json")
    return payload


def load_notice(kind: str, payload: object) -> Notice:
    """The stored notice; fields that this version does not know are ignored.

    Raises KeyError for an unknown kind, PayloadMismatch for missing or wrong fields.
    """
    try:
        return _build_adapter(NOTICE_TYPES[kind]).validate_python(payload)
    except ValidationError as error:
        wrong = (
            f"{'.'.join(map(str, one['loc'])) or 'payload'}: {one['type']}"
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        )
        raise PayloadMismatch(", ".join(wrong)) from None


@cache
def _build_adapter(notice_type: type[Notice]) -> TypeAdapter[Notice]:
    return TypeAdapter(notice_type)
