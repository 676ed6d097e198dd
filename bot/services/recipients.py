"""Recipients: who is notified of an event, and through which channel.

A service calls one of these functions in the transaction of the change; it writes the outbox rows.
No other service stores notices to people, so a further channel is added here.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from bot.db.database import Tx
from bot.db.staff_mentions import StaffMention
from bot.domain import Account, Actor, Address, Delay, ObjectKind, Request, StoredFile
from bot.notices import (
    AccountErased,
    CardDocument,
    CardEdit,
    CardErased,
    CardNote,
    CardScan,
    ClarificationReminder,
    ClarificationReminderEmail,
    DailyDigest,
    DeadlineReminder,
    EmailBounced,
    EmailChangedEmail,
    EmailTakenWarning,
    EmergencyCard,
    EmergencyScan,
    Escalation,
    EscalationEmail,
    FailedLoginsEmail,
    LoggedOut,
    MemberLeft,
    MentionErased,
    MessageEdited,
    MessageToConsumer,
    MessageToStaff,
    NewBrowserEmail,
    NewChatEmail,
    Notice,
    OneTimeCodeEmail,
    PasswordChangedEmail,
    PasswordEmail,
    PasswordResetCard,
    PasswordResetEmail,
    PersonalDataArchive,
    QuestionExpired,
    QueueBoard,
    ReadingReminder,
    RequestCard,
    RequestEmailBounced,
    RequestRegisteredEmail,
    RequestsHandedOver,
    ResetApproved,
    ScanInfected,
    SiteDataErased,
    StaffExport,
    StaffFileEmail,
    StatusChanged,
    StatusChangedEmail,
    WeeklyPicture,
)

#: Telegram takes no more files in an album.
_ALBUM = 10
#: An album is uploaded at once, and all of it is in memory.
_ALBUM_BYTES = 45 * 1024**2


async def list_chats(
    tx: Tx, account_id: int, now: datetime, *, exclude: int | None = None
) -> list[int]:
    """The chats in which a consumer is notified: all that are logged in and reachable."""
    chats = await tx.chats.list_for_account(account_id, now)
    return [chat_id for chat_id in chats if chat_id != exclude]


# --- accounts ----------------------------------------------------------------------------------


async def announce_registration(
    tx: Tx, account_id: int, draft_id: str, now: datetime, *, again: bool = False
) -> None:
    """To the new consumer, with the password; ``again``: the person asked for another letter."""
    notice = PasswordEmail(
        account_id=account_id, draft_id=draft_id, repeated_at=now if again else None
    )
    await tx.outbox.put(notice, now)


async def announce(tx: Tx, notice: Notice, now: datetime) -> None:
    """Puts a notice whose own fields name its only recipient: there is nothing to decide."""
    await tx.outbox.put(notice, now)


async def announce_email_taken(tx: Tx, account_id: int, draft_id: str, now: datetime) -> None:
    """To the owner of an email that somebody registered with again."""
    await tx.outbox.put(EmailTakenWarning(account_id=account_id, draft_id=draft_id), now)


async def announce_logout(tx: Tx, account_id: int, chats: Iterable[int], now: datetime) -> None:
    """To the chats that a new password logged out."""
    for chat_id in chats:
        await tx.outbox.put(
            LoggedOut(account_id=account_id, chat_id=chat_id, at=now, by_owner=False), now
        )


async def announce_password_change(
    tx: Tx, account_id: int, logged_out: Iterable[int], now: datetime
) -> None:
    """To the owner's email, and to the chats that were logged out."""
    await announce_logout(tx, account_id, logged_out, now)
    await tx.outbox.put(PasswordChangedEmail(account_id=account_id, at=now), now)


async def announce_email_change(tx: Tx, account_id: int, change_id: int, now: datetime) -> None:
    """To the former address of the account."""
    await tx.outbox.put(EmailChangedEmail(account_id=account_id, change_id=change_id), now)


async def announce_bounce(
    tx: Tx, account_id: int, email_key: str, request_id: int | None, now: datetime
) -> None:
    """To the consumer's chats, and to the staff below the card of the request it was about."""
    for chat_id in await list_chats(tx, account_id, now):
        await tx.outbox.put(
            EmailBounced(account_id=account_id, chat_id=chat_id, email_key=email_key), now
        )
    if request_id is not None:
        await tx.outbox.put(RequestEmailBounced(request_id=request_id, email_key=email_key), now)


async def announce_session_end(tx: Tx, account_id: int, chat_id: int, now: datetime) -> None:
    """To the chat that the owner logged out from another one."""
    notice = LoggedOut(account_id=account_id, chat_id=chat_id, at=now, by_owner=True)
    await tx.outbox.put(notice, now)


async def announce_login(
    tx: Tx, account_id: int, address: Address, name: str, now: datetime
) -> None:
    """To the owner's email: the address is new to the account; ``name`` is of a browser."""
    notice: Notice = NewBrowserEmail(account_id=account_id, browser=name, at=now)
    if address.chat_id is not None:
        notice = NewChatEmail(account_id=account_id, chat_id=address.chat_id, at=now)
    await tx.outbox.put(notice, now)


async def announce_failed_logins(tx: Tx, account_id: int | None, now: datetime) -> None:
    """To the owner's email; the notice is stored for unknown emails too."""
    await tx.outbox.put(FailedLoginsEmail(account_id=account_id, at=now), now)


async def send_code(tx: Tx, account_id: int | None, code_id: int, now: datetime) -> None:
    """To the email that the code was asked for; the notice is stored for unknown emails too."""
    await tx.outbox.put(OneTimeCodeEmail(account_id=account_id, code_id=code_id, at=now), now)


async def announce_reset_request(
    tx: Tx, account_id: int | None, reset_id: int, now: datetime
) -> None:
    """To the staff, who decide on it; the notice is stored for unknown emails too."""
    await tx.outbox.put(PasswordResetCard(account_id=account_id, reset_id=reset_id), now)


async def announce_reset(
    tx: Tx, account_id: int, reset_id: int, logged_out: Iterable[int], now: datetime
) -> None:
    """To the chats that were logged out, and to the consumer's email with a new password."""
    await announce_logout(tx, account_id, logged_out, now)
    await tx.outbox.put(PasswordResetEmail(account_id=account_id, reset_id=reset_id), now)


async def announce_erasure(
    tx: Tx, request_ids: Iterable[int], mentions: Iterable[StaffMention], now: datetime
) -> None:
    """To the staff, on each card, and in place of other messages that show the account."""
    for request_id in request_ids:
        await tx.outbox.put(CardErased(request_id=request_id), now)
    for one in mentions:
        await tx.outbox.put(
            MentionErased(
                chat_id=one.chat_id, message_id=one.message_id, by_bot=one.by_bot, at=now
            ),
            now,
        )


async def clear_chats(
    tx: Tx, account: Account, *, notified: Iterable[int], silent: Iterable[int], now: datetime
) -> None:
    """To chats of an erased account: their conversations are deleted, ``silent``: unannounced."""
    for chats, is_silent in ((notified, False), (silent, True)):
        for chat_id in chats:
            notice = AccountErased(
                account_id=account.id, chat_id=chat_id, locale=account.locale, silent=is_silent
            )
            await tx.outbox.put(notice, now)


async def clear_site(tx: Tx, account_id: int, now: datetime) -> None:
    """Deletes what the site keeps for an erased account; nobody is told."""
    await tx.outbox.put(SiteDataErased(account_id=account_id), now)


async def send_archive(tx: Tx, account_id: int, chat_id: int, now: datetime) -> None:
    """To the chat that asked for it; within the hour once."""
    await tx.outbox.put(PersonalDataArchive(account_id=account_id, chat_id=chat_id, at=now), now)


async def remind_of_readings(
    tx: Tx, chats: Iterable[tuple[int, int]], kind: ObjectKind, month: date, now: datetime
) -> None:
    """``chats`` are chat ids with account ids.

    Each is reminded once a ``month``, its first day, of all meters in such objects.
    """
    for chat_id, account_id in chats:
        await tx.outbox.put(
            ReadingReminder(account_id=account_id, chat_id=chat_id, object=kind, month=month), now
        )


# --- requests ----------------------------------------------------------------------------------


async def announce_request(
    tx: Tx, request_id: int, files: Sequence[StoredFile], now: datetime, *, emergency: bool = False
) -> None:
    """To the staff, with all scans, and to the applicant's email; an emergency goes first."""
    card = EmergencyCard if emergency else RequestCard
    await tx.outbox.put(card(request_id=request_id), now)
    await tx.outbox.put(RequestRegisteredEmail(request_id=request_id), now)
    await announce_scans(tx, request_id, files, now, emergency=emergency)


async def announce_scans(
    tx: Tx, request_id: int, files: Sequence[StoredFile], now: datetime, *, emergency: bool = False
) -> None:
    """To the staff, below the card, in albums: Telegram mixes photos and documents in none."""
    scan = EmergencyScan if emergency else CardScan
    photos = [one for one in files if one.is_photo]
    documents = [one for one in files if not one.is_photo]
    for album in (*_split_albums(photos), *_split_albums(documents)):
        file_ids = tuple(one.id for one in album)
        await tx.outbox.put(scan(request_id=request_id, file_ids=file_ids), now)


def _split_albums(files: Sequence[StoredFile]) -> list[list[StoredFile]]:
    albums: list[list[StoredFile]] = []
    for one in files:
        last = albums[-1] if albums else []
        if last and len(last) < _ALBUM and sum(it.size for it in last) + one.size <= _ALBUM_BYTES:
            last.append(one)
        else:
            albums.append([one])
    return albums


async def announce_status(
    tx: Tx,
    request: Request,
    history_id: int,
    actor: Actor,
    now: datetime,
    delay: timedelta = timedelta(),
) -> list[str]:
    """To the staff, on the card, and to the applicant's email and chats, except the actor's.

    The applicant gets nothing before ``delay`` is over. Returns the dedupe keys of what the
    applicant gets.
    """
    # The id alone may come again: SQLite gives that of an entry that was taken back to the next.
    await announce_card_change(tx, request.id, f"{history_id}:{now.isoformat()}", now)
    notices: list[Notice] = [
        StatusChanged(request_id=request.id, history_id=history_id, chat_id=chat_id)
        for chat_id in await list_chats(tx, request.account.id, now, exclude=actor.id)
    ]
    notices.append(StatusChangedEmail(request_id=request.id, history_id=history_id))
    for notice in notices:
        await tx.outbox.put(notice, now, not_before=now + delay)
    return [notice.dedupe_key for notice in notices]


async def remind_of_clarification(tx: Tx, request: Request, answer_by: date, now: datetime) -> None:
    """To the applicant's chats and email: without an answer the request will be annulled."""
    for chat_id in await list_chats(tx, request.account.id, now):
        await tx.outbox.put(
            ClarificationReminder(request_id=request.id, answer_by=answer_by, chat_id=chat_id), now
        )
    await tx.outbox.put(ClarificationReminderEmail(request_id=request.id, answer_by=answer_by), now)


async def announce_staff_file(
    tx: Tx, request_message_id: int, request_id: int, file_id: int, now: datetime
) -> None:
    """To the consumer's email, with the file of a message of the staff."""
    notice = StaffFileEmail(
        request_message_id=request_message_id, request_id=request_id, file_id=file_id
    )
    await tx.outbox.put(notice, now)


async def announce_card_change(
    tx: Tx, request_id: int, cause: str, now: datetime, delay: timedelta = timedelta()
) -> str:
    """To the staff, on the card, after ``delay``; once for each ``cause``.

    Returns the dedupe key.
    """
    notice = CardEdit(request_id=request_id, cause=cause)
    await tx.outbox.put(notice, now, not_before=now + delay)
    return notice.dedupe_key


async def note_on_card(tx: Tx, request_id: int, about: str, now: datetime) -> None:
    """To the staff, as a reply to the card that mentions the assignee."""
    await tx.outbox.put(CardNote(request_id=request_id, about=about, at=now), now)


async def announce_member_left(
    tx: Tx, user_id: int, request_ids: Sequence[int], staff_chat_id: int | None, now: datetime
) -> None:
    """To the staff group that has these requests: who answered them has left."""
    notice = MemberLeft(
        user_id=user_id, request_ids=tuple(request_ids), at=now, staff_chat_id=staff_chat_id
    )
    await tx.outbox.put(notice, now)


async def announce_hand_over(
    tx: Tx, user_id: int, to: int, count: int, staff_chat_id: int | None, now: datetime
) -> None:
    """To the staff group that has these requests, with a mention of who answers them now."""
    notice = RequestsHandedOver(
        user_id=user_id, to=to, count=count, at=now, staff_chat_id=staff_chat_id
    )
    await tx.outbox.put(notice, now)


async def announce_infected_scan(tx: Tx, request_id: int, file_id: int, now: datetime) -> None:
    """To the applicant."""
    await tx.outbox.put(ScanInfected(request_id=request_id, file_id=file_id), now)


async def announce_message_to_consumer(
    tx: Tx, request_message_id: int, request_id: int, now: datetime, delay: timedelta
) -> str:
    """Returns the dedupe key of what the applicant gets, after ``delay``."""
    notice = MessageToConsumer(request_message_id=request_message_id, request_id=request_id)
    await tx.outbox.put(notice, now, not_before=now + delay)
    return notice.dedupe_key


async def expire_question(
    tx: Tx, request_id: int, chat_id: int, message_id: int, now: datetime, delay: timedelta
) -> None:
    """An answered question is deleted from the staff chat once it is too late to undo."""
    notice = QuestionExpired(request_id=request_id, chat_id=chat_id, message_id=message_id)
    await tx.outbox.put(notice, now, not_before=now + delay)


async def schedule_reset(tx: Tx, notice: ResetApproved, now: datetime, delay: timedelta) -> None:
    """The password is reset once it is too late to undo."""
    await tx.outbox.put(notice, now, not_before=now + delay)


async def announce_message_to_staff(
    tx: Tx, request_message_id: int, request_id: int, now: datetime, delay: timedelta
) -> None:
    await tx.outbox.put(
        MessageToStaff(request_message_id=request_message_id, request_id=request_id),
        now,
        not_before=now + delay,
    )


async def announce_message_edit(
    tx: Tx, request_message_id: int, request_id: int, now: datetime
) -> None:
    """To all chats that the message was relayed to."""
    await tx.outbox.put(
        MessageEdited(request_message_id=request_message_id, request_id=request_id, at=now), now
    )


# --- staff -------------------------------------------------------------------------------------


async def remind_of_deadlines(
    tx: Tx, request_ids: Sequence[int], staff_chat_id: int | None, now: datetime
) -> None:
    """To the staff group that has these requests, None: the main one; they are not empty."""
    notice = DeadlineReminder(request_ids=tuple(request_ids), at=now, staff_chat_id=staff_chat_id)
    await tx.outbox.put(notice, now)


async def tell_heads(
    tx: Tx,
    request_ids: Sequence[int],
    delay: Delay,
    chat_ids: Iterable[int],
    emails: int,
    now: datetime,
) -> None:
    """To the heads of the staff in private, and by email; ``emails`` is how many there are."""
    ids = tuple(request_ids)
    for chat_id in chat_ids:
        await tx.outbox.put(Escalation(request_ids=ids, delay=delay, chat_id=chat_id, at=now), now)
    for recipient in range(emails):
        await tx.outbox.put(
            EscalationEmail(request_ids=ids, delay=delay, recipient=recipient, at=now), now
        )


async def announce_queue(tx: Tx, staff_chat_id: int | None, now: datetime) -> None:
    """To a staff group, on its pinned board."""
    await tx.outbox.put(QueueBoard(staff_chat_id=staff_chat_id, at=now), now)


async def send_digest(tx: Tx, day: date, now: datetime) -> None:
    """To the staff, once a ``day``."""
    await tx.outbox.put(DailyDigest(day=day), now)


async def send_weekly_pictures(
    tx: Tx, chat_ids: Iterable[int], monday: date, now: datetime
) -> None:
    """To the heads of the staff in private, once a week."""
    for chat_id in chat_ids:
        await tx.outbox.put(WeeklyPicture(chat_id=chat_id, monday=monday), now)


async def send_card_document(tx: Tx, request_id: int, document: str, now: datetime) -> None:
    """To the staff, as a reply to the request's card."""
    minute = now.replace(second=0, microsecond=0)
    await tx.outbox.put(CardDocument(request_id=request_id, document=document, minute=minute), now)


async def send_export(tx: Tx, export: StaffExport, now: datetime) -> None:
    """To the staff, as a reply to the command that asked for it."""
    await tx.outbox.put(export, now)
