"""Notices: what is stored of each, and that each has a sender."""

import ast
from collections.abc import Iterator
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import bot
from bot import notices
from bot.db.models import OutboxRow
from bot.db.outbox import LeasedNotice
from bot.domain import ObjectKind
from bot.notices import NOTICE_TYPES, Notice, PayloadMismatch, dump_payload, load_notice
from bot.notifications.consumer_notices import ConsumerNotices
from bot.notifications.emails import EmailNotices
from bot.notifications.escalation_notices import EscalationNotices
from bot.notifications.message_relay import MessageRelay
from bot.notifications.personal_data_notices import PersonalDataNotices
from bot.notifications.reading_reminders import ReadingReminders
from bot.notifications.senders import collect_senders, register_sender
from bot.notifications.staff_cards import StaffCards
from bot.notifications.staff_notices import StaffNotices

SENDERS = (
    ConsumerNotices,
    EmailNotices,
    EscalationNotices,
    MessageRelay,
    PersonalDataNotices,
    ReadingReminders,
    StaffCards,
    StaffNotices,
)

AT = datetime(2026, 11, 24, 9, 30, 15, 250, tzinfo=UTC)
VALUES: dict[Any, Any] = {
    int: 7,
    int | None: 7,
    bool: True,
    str: "ab",
    date: date(2026, 11, 1),
    ObjectKind: ObjectKind.OTHER,
    datetime: AT,
    datetime | None: None,
    tuple[int, ...]: (5, 6),
}

#: What is stored of a notice whose fields are all as in VALUES. Rows of an earlier version are
#: waiting when a new one starts, so none of these may change.
STORED = {
    "archive": ("export:7", "archive:7:7:2026112409"),
    "card": ("request:7", "card:7"),
    "card_document": ("request:7", "card_document:7:ab:2026-11-24T09:30:15.000250+00:00"),
    "card_edit": ("request:7", "card_edit:7:ab"),
    "question_expired": ("question:7:7", "question_expired:7:7"),
    "reset_approved": ("reset:7", "reset_approved:7"),
    "card_note": ("request:7", "card_note:7:ab:2026-11-24T09:30:15.000250+00:00"),
    "member_left": ("member:7", "member_left:7:7:2026-11-24T09:30:15.000250+00:00"),
    "handed_over": ("member:7", "handed_over:7:7:2026-11-24T09:30:15.000250+00:00"),
    "clarification_letter": ("letter:7", "clarification_letter:7:2026-11-01"),
    "clarification_reminder": ("chat:7", "clarification-reminder:7:2026-11-01:7"),
    "code_email": ("code:7", "code:7:2026-11-24T09:30:15.000250+00:00"),
    "digest": ("digest", "digest:2026-11-01"),
    "weekly_picture": ("weekly_picture:7", "weekly_picture:7:2026-11-01"),
    "email_bounced": ("chat:7", "email-bounced:7:7:ab"),
    "email_changed": ("account:7", "email-changed:7"),
    "emergency_card": ("request:7", "card:7"),
    "emergency_scan": ("request:7", "scan:7:5"),
    "erased_card": ("request:7", "erased-card:7"),
    "erased_mention": ("mention:7:7", "mention:7:7:2026-11-24T09:30:15.000250+00:00"),
    "erased_notice": ("chat:7", "erased:7:7"),
    "export": ("export:7", "export:7:7"),
    "failed_logins_email": (
        "failed-logins:7",
        "failed-logins:7:2026-11-24T09:30:15.000250+00:00",
    ),
    "file_removal": ("file:ab", "file-removal:ab"),
    "file_letter": ("letter:7", "file_letter:7"),
    "infected_notice": ("infected:7", "infected:7"),
    "logged_out_notice": ("chat:7", "logged-out:7:2026-11-24T09:30:15.000250+00:00"),
    "new_browser_email": (
        "account:7",
        "new-browser:7:2026-11-24T09:30:15.000250+00:00",
    ),
    "new_chat_email": ("account:7", "new-chat:7:7:2026-11-24T09:30:15.000250+00:00"),
    "password_changed_email": (
        "account:7",
        "password-changed:7:2026-11-24T09:30:15.000250+00:00",
    ),
    "password_letter": ("account:7", "registration:ab"),
    "reading_reminder": ("chat:7", "reading-reminder:7:7:2026-11:other"),
    "registered_letter": ("letter:7", "registered_letter:7"),
    "registration_refused": ("chat:7", "registration-refused:7"),
    "escalation": ("escalation:7", "escalation:ab:5:7:2026-11-24T09:30:15.000250+00:00"),
    "escalation_email": (
        "escalation-email:7",
        "escalation_email:ab:5:7:2026-11-24T09:30:15.000250+00:00",
    ),
    "queue_board": ("queue-board:7", "queue_board:7:2026-11-24T09:30:15.000250+00:00"),
    # Of the main group, as all were before: "reminder".
    "reminder": ("reminder:7", "reminder:2026-11-24T09:30:15.000250+00:00:5"),
    "request_email_bounced": ("request:7", "request-email-bounced:7:ab"),
    "reset_card": ("reset:7", "reset_card:7"),
    "reset_letter": ("account:7", "reset_letter:7"),
    "scan": ("request:7", "scan:7:5"),
    "site_data_erased": ("site:7", "site_data_erased:7"),
    "status_letter": ("letter:7", "status_letter:7"),
    "status_notice": ("chat:7", "status:7:7"),
    "taken_letter": ("account:7", "registration:ab"),
    "talk_edit": ("talk:7", "talk_edit:7:2026-11-24T09:30:15.000250+00:00"),
    "talk_in": ("request:7", "talk_in:7"),
    "talk_out": ("talk:7", "talk_out:7"),
}

every_type = pytest.mark.parametrize("notice_type", NOTICE_TYPES.values(), ids=list(NOTICE_TYPES))


def sample(notice_type: type[Notice]) -> Notice:
    hints = get_type_hints(notice_type)
    return notice_type(**{one.name: VALUES[hints[one.name]] for one in fields(notice_type)})


def bare_senders() -> list[object]:
    """Senders that can be looked at and not be used."""
    return [object.__new__(sender) for sender in SENDERS]


def test_every_class_has_a_kind_of_its_own() -> None:
    classes = [
        node.name
        for node in ast.parse(Path(notices.__file__).read_text()).body
        if isinstance(node, ast.ClassDef)
        and node.name != "Notice"
        and {*map(ast.unparse, node.bases)} & {"Notice", "RequestCard", "CardScan"}
    ]
    assert [one.__name__ for one in NOTICE_TYPES.values()] == classes
    assert all(len(kind) <= OutboxRow.kind.type.length for kind in NOTICE_TYPES)


def test_what_is_stored_stays_as_it_is() -> None:
    stored = {
        kind: (sample(notice_type).stream, sample(notice_type).dedupe_key)
        for kind, notice_type in NOTICE_TYPES.items()
    }
    assert stored == STORED


@every_type
def test_a_notice_comes_back_as_it_was_stored(notice_type: type[Notice]) -> None:
    notice = sample(notice_type)
    payload = dump_payload(notice)
    assert set(payload) == {one.name for one in fields(notice_type)}
    back = load_notice(notice.kind, payload)
    assert back == notice
    assert (back.stream, back.dedupe_key) == (notice.stream, notice.dedupe_key)


@every_type
def test_a_payload_without_a_field_does_not_fit(notice_type: type[Notice]) -> None:
    whole = dump_payload(sample(notice_type))
    required = [one.name for one in fields(notice_type) if one.default is MISSING]
    for name in required:
        part = {key: value for key, value in whole.items() if key != name}
        with pytest.raises(PayloadMismatch, match=f"^{name}: missing$"):
            load_notice(notice_type.kind, part)


def test_a_field_of_a_newer_version_is_ignored() -> None:
    assert load_notice("card", {"request_id": 1, "color": "red"}) == notices.RequestCard(
        request_id=1
    )


@pytest.mark.parametrize("payload", [None, [], "Иванова", {"request_id": "Иванова"}])
def test_a_mismatch_names_no_values(payload: object) -> None:
    with pytest.raises(PayloadMismatch) as caught:
        load_notice("card", payload)
    assert "Иванова" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_unknown_kind_is_no_mismatch() -> None:
    with pytest.raises(KeyError):
        load_notice("fax", {})


#: Notices that belong to no account: erasing one must not stop them.
OF_NOBODY = {
    "weekly_picture",
    "digest",
    "erased_mention",
    "member_left",
    "handed_over",
    "queue_board",
    "escalation",
    "escalation_email",
    "export",
    "file_removal",
    "registration_refused",
    "reminder",
}


@every_type
def test_erasing_an_account_can_find_its_notices(notice_type: type[Notice]) -> None:
    names = {one.name for one in fields(notice_type)}
    found = bool(names & {"account_id", "request_id"})
    assert found is (notice_type.kind not in OF_NOBODY)


# --- senders -----------------------------------------------------------------------------------


def test_every_class_has_one_sender() -> None:
    senders = collect_senders(*bare_senders())
    assert set(senders) == set(NOTICE_TYPES.values())
    for notice_type, sender in senders.items():
        (hint,) = [hint for name, hint in get_type_hints(sender).items() if name != "return"]
        assert hint == LeasedNotice[notice_type]  # type: ignore[valid-type]


def test_a_class_without_a_sender_is_found_at_start() -> None:
    owners = [one for one in bare_senders() if not isinstance(one, ReadingReminders)]
    with pytest.raises(TypeError, match=r"no sender for .*ReadingReminder"):
        collect_senders(*owners)


def test_a_second_sender_is_found_at_start() -> None:
    class Again:
        @register_sender(notices.RequestCard)
        async def send(self, leased: LeasedNotice[notices.RequestCard]) -> None:
            """Sends nothing."""

    with pytest.raises(TypeError, match="two senders for RequestCard"):
        collect_senders(*bare_senders(), Again())


# --- who decides -------------------------------------------------------------------------------


def modules() -> Iterator[tuple[str, ast.Module]]:
    root = Path(bot.__file__).parent
    for path in root.rglob("*.py"):
        yield path.relative_to(root).as_posix(), ast.parse(path.read_text())


def calls_put(node: Any) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith("outbox.put")


def test_recipients_are_chosen_in_one_module() -> None:
    putting = {name for name, tree in modules() if any(map(calls_put, ast.walk(tree)))}
    # The other one deletes bytes, of which nobody is told.
    assert putting == {"services/recipients.py", "services/file_cleanup.py"}
