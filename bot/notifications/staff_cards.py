"""Request cards in the staff chat: one per request, with its topic in a forum and its replies."""

import logging
from base64 import b64decode
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

from aiogram.exceptions import ClientDecodeError
from aiogram.methods import (
    CloseForumTopic,
    CreateForumTopic,
    DeleteMessage,
    EditForumTopic,
    EditMessageMedia,
    EditMessageText,
    GetChat,
    PinChatMessage,
    ReopenForumTopic,
    SendDocument,
    SendMediaGroup,
    SendMessage,
    SendPhoto,
    TelegramMethod,
    UnpinChatMessage,
)
from aiogram.types import (
    BufferedInputFile,
    InputFile,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
)

from bot.db.bot_messages import BotMessage
from bot.db.database import Tx
from bot.db.outbox import LeasedNotice
from bot.domain import OPEN, Request, StoredFile, Verdict
from bot.formatting import documents as document_formatting
from bot.formatting.values import escape
from bot.integrations.errors import FileDamaged, FileInfected, FileMissing, ScannerUnavailable
from bot.notices import (
    CardDocument,
    CardEdit,
    CardErased,
    CardNote,
    CardScan,
    EmergencyCard,
    EmergencyScan,
    MentionErased,
    RequestCard,
    RequestEmailBounced,
)
from bot.notifications.messages import build_reply_parameters, compose_message
from bot.notifications.senders import Record, SenderContext, register_sender
from bot.services import recipients
from bot.services.documents import Documents
from bot.services.errors import DocumentUnavailable
from bot.services.scans import Scans
from bot.services.staff_chats import StaffChats
from bot.services.staff_routes import StaffRoute
from bot.telegram.messenger import (
    ChatMigrated,
    ChatUnreachable,
    Compose,
    MessageNotFound,
    MessageNotModified,
    MessageRefused,
    TopicNotFound,
)
from bot.telegram.stored_uploads import ReadPieces, StoredUpload
from bot.views import assignments, cards
from bot.views.view import View

log = logging.getLogger(__name__)

T = TypeVar("T")

#: After this time the bot checks again whether the chat is a forum in which it may create topics.
_TOPICS_CHECKED_EVERY = timedelta(hours=1)
#: 64 × 64 white points: the content of a photo that is erased.
_BLANK_PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABAAQAAAACCEkxzAAAAEklEQVR42mP4DwUMo4xRBukMAOPT/hAC2mzjAAAAAElF"
    "TkSuQmCC"
)
#: More waiting cards than this are announced: Telegram takes that many messages a minute.
_BACKLOG = 20


class CardReplyComposer(Protocol[T]):
    """Composes a message for the chat with this id, as a reply to the given card."""

    async def __call__(self, chat_id: int, card: BotMessage, /) -> TelegramMethod[T]: ...


class StaffCards:
    def __init__(
        self,
        context: SenderContext,
        *,
        scans: Scans,
        documents: Documents,
        staff_chats: StaffChats,
    ) -> None:
        self._context = context
        self._database = context.database
        self._messenger = context.messenger
        self._clock = context.clock
        self._texts = context.staff_texts
        self._scans = scans
        self._documents = documents
        self._staff_chats = staff_chats
        #: Chats that refused the last message, so that one ERROR is logged for each.
        self._unreachable: set[int] = set()
        #: By chat id, whether it has topics, and until when that need not be checked again.
        self._topics: dict[int, tuple[bool, datetime]] = {}
        #: The groups that know of their backlog; None: the main one.
        self._backlog_announced: set[int | None] = set()
        #: Topic id and sent messages of cards that are not complete yet, by request id: sending
        #: goes on from there after Telegram asked for a pause.
        self._incomplete: dict[int, tuple[int | None, list[Message]]] = {}

    @register_sender(RequestCard)
    async def send_card(self, leased: LeasedNotice[RequestCard]) -> None:
        request, card = await self._read(leased.notice.request_id)
        await self._announce_backlog(request)
        if card is None:
            await self._send_card_parts(request)

    @register_sender(EmergencyCard)
    async def send_emergency_card(self, leased: LeasedNotice[EmergencyCard]) -> None:
        """Before all notices that wait for the staff chat; the card is pinned."""
        request, card = await self._read(leased.notice.request_id)
        if card is None:
            card = await self._send_card_parts(request)
        await self._update_pin(request, card)

    @register_sender(MentionErased)
    async def erase_mention(self, leased: LeasedNotice[MentionErased]) -> None:
        """Blanks a message of the bot; deletes one of the staff, where the bot may."""
        notice = leased.notice
        if not notice.by_bot or not await self._blank(notice.chat_id, notice.message_id):
            await self.delete(notice.chat_id, notice.message_id)

    @register_sender(RequestEmailBounced)
    async def send_email_bounced(self, leased: LeasedNotice[RequestEmailBounced]) -> Record:
        """Names no address: the card has it, and the reply needs no erasing then."""
        request_id = leased.notice.request_id

        async def compose(chat_id: int, card: BotMessage) -> SendMessage:
            return SendMessage(
                chat_id=chat_id,
                text=self._texts("talk-email-bounced"),
                message_thread_id=card.thread_id,
                reply_parameters=build_reply_parameters(card.message_id),
            )

        return _record_below(request_id, "note", await self.send_below(request_id, compose))

    @register_sender(CardEdit)
    async def edit_card(self, leased: LeasedNotice[CardEdit]) -> None:
        await self._update_card(leased.notice.request_id)

    async def _update_card(self, request_id: int) -> None:
        """Shows the present state on the card; a deleted card is sent again."""
        request, head = await self._read(request_id)
        try:
            if head is None or not await self._is_present(head):
                raise MessageNotFound("no card here")
            await self._update_topic(request, head)
            async with self._database.read() as tx:
                parts = await tx.bot_messages.list_card_parts(head)
            views = await self._render_views(request)
            await self.show([head.message_id, *parts], views, head, "part")
            is_new = False
        except (MessageNotFound, TopicNotFound):
            head = await self._send_card_parts(request)
            is_new = True
        if request.emergency and (is_new or request.status not in OPEN):
            await self._update_pin(request, head)

    async def _update_pin(self, request: Request, head: BotMessage) -> None:
        """The card of an emergency is pinned while the request is open.

        Without the right to pin, the card stays where it is.
        """
        pin: TelegramMethod[bool] = (
            PinChatMessage(
                chat_id=head.chat_id, message_id=head.message_id, disable_notification=False
            )
            if request.status in OPEN
            else UnpinChatMessage(chat_id=head.chat_id, message_id=head.message_id)
        )
        try:
            await self._messenger.ask(head.chat_id, pin)
        except (ChatUnreachable, MessageRefused, MessageNotModified) as error:
            log.info("the card of an emergency is not pinned or unpinned: %s", error)

    @register_sender(EmergencyScan)
    async def send_emergency_scan(self, leased: LeasedNotice[EmergencyScan]) -> None:
        await self._send_scans(leased.notice, urgent=True)

    @register_sender(CardScan)
    async def send_scan(self, leased: LeasedNotice[CardScan]) -> None:
        await self._send_scans(leased.notice, urgent=False)

    async def _send_scans(self, notice: CardScan, *, urgent: bool) -> None:
        """One that waits for the scanner or cannot be sent holds up no other of its album.

        Whatever was sent is recorded at once, so another try sends only the rest.
        """
        request, _ = await self._read(notice.request_id)
        async with self._database.read() as tx:
            sent = await tx.bot_messages.list_sent_files(request.id, notice.file_ids)
            scans = [await tx.files.get(one) for one in notice.file_ids if one not in sent]
        errors: list[tuple[StoredFile, Exception]] = []
        # Those with a verdict first: a scanner that hangs would use up the time of the try.
        for is_waiting in (False, True):
            album = [one for one in scans if (one.verdict is Verdict.WAITING) == is_waiting]
            errors += await self._send_readable(request, album, urgent=urgent)
        for _, error in errors:
            if isinstance(error, ScannerUnavailable):
                raise error
        for scan, error in errors:
            log.error("scan %d is given up: %s", scan.id, type(error).__name__)
        if errors:
            raise errors[0][1]

    async def _send_readable(
        self, request: Request, scans: Sequence[StoredFile], *, urgent: bool
    ) -> list[tuple[StoredFile, Exception]]:
        """Sends the scans; returns those that cannot be sent now, or ever."""
        clean: list[StoredFile] = []
        infected: list[StoredFile] = []
        errors: list[tuple[StoredFile, Exception]] = []
        for scan in scans:
            try:
                await self._scans.verify(scan)
                clean.append(scan)
            except FileInfected:
                infected.append(scan)
            except (FileMissing, FileDamaged, ScannerUnavailable) as error:
                errors.append((scan, error))
        errors += await self._send_files(request, clean, urgent=urgent)
        for scan in infected:
            compose = compose_text_below(self._texts("card-scan-infected", name=escape(scan.name)))
            message = await self.send_below(request.id, compose, urgent=urgent)
            async with self._database.begin() as tx:
                await _add_scan_message(tx, request.id, scan, message)
                await recipients.announce_infected_scan(tx, request.id, scan.id, self._clock.now())
        return errors

    async def _send_files(
        self, request: Request, scans: Sequence[StoredFile], *, urgent: bool
    ) -> list[tuple[StoredFile, Exception]]:
        """As one album; each as a document when Telegram refuses that. Returns what it refuses."""
        captions = [cards.format_scan_caption(request, one, self._texts) for one in scans]
        if len(scans) > 1 or any(scan.is_photo for scan in scans):
            try:
                sent = await self.send_below(
                    request.id,
                    _compose_album(scans, captions, self._scans.read_pieces),
                    urgent=urgent,
                    messages=len(scans),
                )
            except (MessageNotFound, TopicNotFound):
                raise
            except MessageRefused as error:
                log.warning("scans go as documents, one by one: %s", error)
            else:
                async with self._database.begin() as tx:
                    album = sent if isinstance(sent, list) else [sent]
                    for scan, message in zip(scans, album, strict=True):
                        await _add_scan_message(tx, request.id, scan, message)
                return []
        refused: list[tuple[StoredFile, Exception]] = []
        for scan, caption in zip(scans, captions, strict=True):
            compose = _compose_document(StoredUpload(scan, self._scans.read_pieces), caption)
            try:
                message = await self.send_below(request.id, compose, urgent=urgent)
            except (MessageNotFound, TopicNotFound):
                raise
            except MessageRefused as error:
                refused.append((scan, error))
            else:
                async with self._database.begin() as tx:
                    await _add_scan_message(tx, request.id, scan, message)
        return refused

    @register_sender(CardDocument)
    async def send_document(self, leased: LeasedNotice[CardDocument]) -> Record:
        request, _ = await self._read(leased.notice.request_id)
        caption = self._texts(f"card-{leased.notice.document}", number=request.number)
        upload = None
        try:
            if leased.notice.document == "joined_photos":
                data = await self._documents.join_photos(request)
                upload = BufferedInputFile(data, f"{caption}.pdf")
            else:
                receipt = document_formatting.build_receipt(
                    request, self._context.catalogue, self._context.company, self._texts
                )
                data = await self._documents.render(receipt, request.account.id)
                upload = BufferedInputFile(data, receipt.file_name)
        except DocumentUnavailable:
            caption = self._texts("card-document-unavailable", number=request.number)

        compose = (
            compose_text_below(caption) if upload is None else _compose_document(upload, caption)
        )
        return _record_below(request.id, "document", await self.send_below(request.id, compose))

    @register_sender(CardNote)
    async def send_note(self, leased: LeasedNotice[CardNote]) -> Record | None:
        """A hand-over comes to the new assignee in private, if that chat was started."""
        notice = leased.notice
        request, card = await self._read(notice.request_id)
        if notice.about == "handed_over" and request.assignee and card:
            place = card.chat_id, card.message_id
            view = assignments.render_assignment(request, place, self._texts)
            try:
                await self._messenger.send(request.assignee.id, compose_message(view))
            except ChatUnreachable as error:
                log.info("a hand-over is announced in the group: %s", error)
            else:
                return None
        view = assignments.render_card_note(request, notice.about, self._texts)
        sent = await self.send_below(request.id, compose_text_below(view.text))
        return _record_below(request.id, "note", sent)

    @register_sender(CardErased)
    async def erase_card(self, leased: LeasedNotice[CardErased]) -> None:
        """Shows the erased request on the card and deletes the replies to it."""
        request, head = await self._read(leased.notice.request_id)
        if head is None:
            return
        await self._update_card(request.id)
        async with self._database.read() as tx:
            replies = await tx.bot_messages.list_below_card(head)
        stay = 0
        for reply in replies:
            # A bot without that right may delete only messages younger than 48 hours.
            if not await self.delete(reply.chat_id, reply.message_id):
                stay += not await self._blank(reply.chat_id, reply.message_id)
            async with self._database.begin() as tx:
                await tx.bot_messages.remove(reply.chat_id, reply.message_id)

        words = self._texts("card-erased", number=request.number, stay=stay)
        await self.send_below(request.id, compose_text_below(words))

    async def delete(self, chat_id: int, message_id: int) -> bool:
        """Deletes a message; False when Telegram refuses, True also when it is not there."""
        try:
            await self._messenger.ask(
                chat_id, DeleteMessage(chat_id=chat_id, message_id=message_id)
            )
        except (MessageRefused, ChatUnreachable, ChatMigrated) as error:
            return "not found" in str(error)
        return True

    async def replace_text(self, chat_id: int, message_id: int, view: View) -> None:
        """Shows the view in place of a message; one that is gone stays so."""
        try:
            await self._messenger.send(chat_id, _compose_edit(message_id, view))
        except MessageRefused as error:
            log.info("a message stays: %s", error)

    async def _blank(self, chat_id: int, message_id: int) -> bool:
        """Replaces the text or the file of the bot's own message; Telegram allows it for ever.

        False when Telegram refuses, True also when the message is not there.
        """
        words = self._texts("desk-erased")

        async def compose_text(chat_id: int) -> EditMessageText:
            return EditMessageText(chat_id=chat_id, message_id=message_id, text=words)

        async def compose_file(chat_id: int) -> EditMessageMedia:
            file = BufferedInputFile(words.encode(), "erased.txt")
            return EditMessageMedia(
                chat_id=chat_id, message_id=message_id, media=InputMediaDocument(media=file)
            )

        async def compose_photo(chat_id: int) -> EditMessageMedia:
            # A photo of an album can only become another photo.
            photo = InputMediaPhoto(
                media=BufferedInputFile(_BLANK_PNG, "erased.png"), caption=words
            )
            return EditMessageMedia(chat_id=chat_id, message_id=message_id, media=photo)

        for compose in (compose_text, compose_file, compose_photo):
            try:
                await self._messenger.send(chat_id, compose)
            except MessageNotModified:
                return True
            except (MessageRefused, ChatUnreachable, ChatMigrated) as error:
                if "not found" in str(error):
                    return True
                continue
            return True
        return False

    async def send(
        self,
        compose: Compose[T],
        *,
        chat_id: int | None = None,
        urgent: bool = False,
        messages: int = 1,
    ) -> T:
        """Sends to a staff group, also after it became a supergroup with another id.

        ``chat_id`` is a former or present id, None: the main group. ``urgent``: before all notices
        that wait for their turn, and with a sound at night too. ``messages``: as many as an album
        has.
        """

        async def compose_loud(present: int) -> TelegramMethod[T]:
            method = await compose(present)
            # Edits make no sound.
            is_message = "disable_notification" in type(method).model_fields
            return (
                method.model_copy(update={"disable_notification": False}) if is_message else method
            )

        return await self._follow_migration(
            chat_id,
            lambda present: self._messenger.send(
                present, compose_loud if urgent else compose, urgent=urgent, messages=messages
            ),
        )

    async def send_below(
        self,
        request_id: int,
        compose: CardReplyComposer[T],
        *,
        urgent: bool = False,
        messages: int = 1,
    ) -> T:
        """Sends a reply to the request's card; a card whose topic was deleted is sent again."""
        request, card = await self._read(request_id)
        if card is None or not await self._is_present(card):
            # A supergroup has message ids of its own: the old id would be another message's.
            try:
                card = await self._send_card_parts(request)
            except MessageRefused:
                # A reply is useful without its card.
                route = self._staff_chats.find_route(request)
                chat_id = await self._staff_chats.resolve(route.chat_id)
                card = BotMessage(request.id, "card", chat_id, 0, route.topic_id, None)
        try:
            return await self._send_to_card(card, compose, urgent=urgent, messages=messages)
        except TopicNotFound:
            card = await self._send_card_parts(request)
            return await self._send_to_card(card, compose, urgent=urgent, messages=messages)

    async def _send_to_card(
        self, card: BotMessage, compose: CardReplyComposer[T], *, urgent: bool, messages: int
    ) -> T:
        return await self.send(
            partial(_compose_below, compose, card),
            chat_id=card.chat_id,
            urgent=urgent,
            messages=messages,
        )

    async def show(
        self, messages: Sequence[int], views: Sequence[View], head: BotMessage, kind: str
    ) -> None:
        """Makes messages show the views: edits them, adds replies to ``head``, deletes the rest.

        Raises MessageNotFound when one of them cannot be edited.
        """
        for message_id, view in zip(messages, views, strict=False):
            try:
                await self.send(_compose_edit(message_id, view), chat_id=head.chat_id)
            except MessageNotModified:
                continue
        for view in views[len(messages) :]:
            sent = await self.send(
                compose_message(view, reply_to=head.message_id, thread_id=head.thread_id),
                chat_id=head.chat_id,
            )
            async with self._database.begin() as tx:
                await tx.bot_messages.add(
                    head.request_id,
                    kind,
                    None,
                    sent.chat.id,
                    sent.message_id,
                    thread_id=head.thread_id,
                    request_message_id=head.request_message_id,
                )
        for message_id in messages[len(views) :]:
            try:
                await self._messenger.ask(
                    head.chat_id, DeleteMessage(chat_id=head.chat_id, message_id=message_id)
                )
            except MessageRefused as error:
                log.info("a superfluous message of a card stays: %s", error)
            async with self._database.begin() as tx:
                await tx.bot_messages.remove(head.chat_id, message_id)

    async def _send_card_parts(self, request: Request) -> BotMessage:
        """Sends the card, in a topic of its own where the chat has topics."""
        route = self._staff_chats.find_route(request)
        if request.id not in self._incomplete:
            topic_id = route.topic_id or await self._create_topic(request, route)
            self._incomplete[request.id] = (topic_id, [])
        thread_id, sent = self._incomplete[request.id]
        for view in (await self._render_views(request))[len(sent) :]:
            head_id = sent[0].message_id if sent else None
            try:
                sent.append(
                    await self.send(
                        compose_message(view, reply_to=head_id, thread_id=thread_id),
                        chat_id=route.chat_id,
                        urgent=request.emergency,
                    )
                )
            except TopicNotFound:
                if thread_id == route.topic_id:
                    log.error("topic %d of the routes is gone", thread_id)  # noqa: TRY400
                    self._incomplete[request.id] = (None, [])
                    return await self._send_card_parts(request)
                del self._incomplete[request.id]
                raise ChatUnreachable("the topic was deleted at once") from None
        del self._incomplete[request.id]
        head = sent[0]
        async with self._database.begin() as tx:
            for at, message in enumerate(sent):
                await tx.bot_messages.add(
                    request.id,
                    "part" if at else "card",
                    None,
                    message.chat.id,
                    message.message_id,
                    thread_id=thread_id,
                )
        return BotMessage(request.id, "card", head.chat.id, head.message_id, thread_id, None)

    async def _render_views(self, request: Request) -> tuple[View, ...]:
        company, now = self._context.company, self._clock.now()
        async with self._database.read() as tx:
            _, undo = await tx.requests.find_undo(request.history[-1].id) or (0, None)
        if undo is not None and (undo.until is None or undo.until <= now):
            undo = None
        today = now.astimezone(company.timezone).date()
        return cards.render_card(
            request, today, self._context.catalogue, company, self._texts, undo
        )

    async def _read(self, request_id: int) -> tuple[Request, BotMessage | None]:
        async with self._database.read() as tx:
            request = await tx.requests.get(request_id)
            card = await tx.bot_messages.find_card(request_id)
        if request is None:
            raise LookupError("a card of a request that does not exist")
        return request, card

    # --- the board of the queue ------------------------------------------------------------------

    async def edit_board(self, chat_id: int, message_id: int, view: View) -> bool:
        """False when the message is gone, or its group has moved."""
        if chat_id != await self._staff_chats.resolve(chat_id):
            return False
        try:
            await self.send(_compose_edit(message_id, view), chat_id=chat_id)
        except MessageNotModified:
            return True
        except MessageRefused as error:
            log.info("the board of the queue is sent anew: %s", error)
            return False
        return True

    async def send_board(self, chat_id: int | None, view: View) -> Message:
        """Sends the board and pins it, both without a sound, where the bot may pin."""

        async def compose(present: int) -> SendMessage:
            return SendMessage(chat_id=present, text=view.text, disable_notification=True)

        sent = await self.send(compose, chat_id=chat_id)
        pin = PinChatMessage(
            chat_id=sent.chat.id, message_id=sent.message_id, disable_notification=True
        )
        try:
            await self._messenger.ask(sent.chat.id, pin)
        except (ChatUnreachable, MessageRefused) as error:
            log.info("the board of the queue is not pinned: %s", error)
        return sent

    # --- topics --------------------------------------------------------------------------------

    async def _create_topic(self, request: Request, route: StaffRoute) -> int | None:
        """Topic id; None in a plain group, or when the bot may not create topics."""
        if not await self._follow_migration(route.chat_id, self._has_topics):
            return None
        name = cards.format_topic_name(request, self._context.catalogue, self._texts)
        chat_id = await self._staff_chats.resolve(route.chat_id)
        try:
            topic = await self._messenger.ask(chat_id, CreateForumTopic(chat_id=chat_id, name=name))
        except (ChatUnreachable, MessageRefused) as error:
            log.warning("cards are sent without topics: %s", error)
            self._remember_topics(chat_id, has_topics=False)
            return None
        return topic.message_thread_id

    async def _has_topics(self, chat_id: int) -> bool:
        has_topics, until = self._topics.get(chat_id, (False, self._clock.now()))
        if until > self._clock.now():
            return has_topics
        try:
            chat = await self._messenger.ask(chat_id, GetChat(chat_id=chat_id))
        except (ClientDecodeError, MessageRefused) as error:
            # Cards do not depend on it: without topics each is a message of the group.
            log.warning("the kind of the staff group is unknown: %s", type(error).__name__)
            return self._remember_topics(chat_id, has_topics=False)
        return self._remember_topics(chat_id, has_topics=bool(chat.is_forum))

    def _remember_topics(self, chat_id: int, *, has_topics: bool) -> bool:
        self._topics[chat_id] = has_topics, self._clock.now() + _TOPICS_CHECKED_EVERY
        return has_topics

    async def _update_topic(self, request: Request, head: BotMessage) -> None:
        """The topic shows the status in its name, and is closed with the request."""
        thread_id = head.thread_id
        if thread_id is None or thread_id == self._staff_chats.find_route(request).topic_id:
            return
        name = cards.format_topic_name(request, self._context.catalogue, self._texts)
        chat_id = head.chat_id
        open_or_close = ReopenForumTopic if request.status in OPEN else CloseForumTopic
        for method in (
            EditForumTopic(chat_id=chat_id, message_thread_id=thread_id, name=name),
            open_or_close(chat_id=chat_id, message_thread_id=thread_id),
        ):
            try:
                await self._messenger.ask(chat_id, method)
            except MessageNotModified:
                continue
            except ChatUnreachable as error:
                log.warning("a topic cannot be changed: %s", error)
                return

    # --- the chat ------------------------------------------------------------------------------

    async def _announce_backlog(self, request: Request) -> None:
        group = request.staff_chat_id
        async with self._database.read() as tx:
            waiting = await tx.outbox.count_waiting_for(RequestCard.kind, group)
        if waiting <= 1:
            self._backlog_announced.discard(group)
        elif waiting > _BACKLOG and group not in self._backlog_announced:
            self._backlog_announced.add(group)
            view = cards.render_backlog(waiting, self._texts)
            chat_id = self._staff_chats.find_route(request).chat_id
            await self.send(compose_message(view), chat_id=chat_id)

    async def _is_present(self, card: BotMessage) -> bool:
        """Whether its chat is a staff group still: a supergroup has other message ids."""
        return card.chat_id == await self._staff_chats.resolve(card.chat_id)

    async def _follow_migration(
        self, chat_id: int | None, send: Callable[[int], Awaitable[T]]
    ) -> T:
        while True:
            present = await self._staff_chats.resolve(chat_id)
            try:
                sent = await send(present)
            except ChatMigrated as moved:
                log.warning("a staff group is a supergroup now, its new id is stored")
                await self._staff_chats.move(present, moved.chat_id)
            except ChatUnreachable as error:
                if present not in self._unreachable:
                    log.error(  # noqa: TRY400 (the traceback says nothing)
                        "a staff group takes nothing from the bot: %s", error
                    )
                self._unreachable.add(present)
                raise
            else:
                self._unreachable.discard(present)
                return sent


async def _add_scan_message(tx: Tx, request_id: int, scan: StoredFile, message: Message) -> None:
    await tx.bot_messages.add(
        request_id,
        "scan",
        scan.id,
        message.chat.id,
        message.message_id,
        thread_id=message.message_thread_id,
    )


def _record_below(request_id: int, kind: str, sent: Message) -> Record:
    """Records a reply to the card."""

    async def record(tx: Tx) -> None:
        await tx.bot_messages.add(
            request_id,
            kind,
            None,
            sent.chat.id,
            sent.message_id,
            thread_id=sent.message_thread_id,
        )

    return record


def compose_text_below(text: str) -> CardReplyComposer[Message]:
    async def compose(chat_id: int, card: BotMessage) -> SendMessage:
        return SendMessage(
            chat_id=chat_id,
            text=text,
            message_thread_id=card.thread_id,
            reply_parameters=build_reply_parameters(card.message_id),
        )

    return compose


def _compose_document(upload: InputFile, caption: str) -> CardReplyComposer[Message]:
    async def compose(chat_id: int, card: BotMessage) -> SendDocument:
        return SendDocument(
            chat_id=chat_id,
            document=upload,
            caption=caption,
            message_thread_id=card.thread_id,
            reply_parameters=build_reply_parameters(card.message_id),
        )

    return compose


def _compose_album(
    scans: Sequence[StoredFile], captions: Sequence[str], read_pieces: ReadPieces
) -> CardReplyComposer[Any]:
    """One photo, or an album of up to ten photos or documents."""
    are_photos = all(scan.is_photo for scan in scans)

    async def compose(chat_id: int, card: BotMessage) -> TelegramMethod[Any]:
        place: dict[str, Any] = {
            "chat_id": chat_id,
            "message_thread_id": card.thread_id,
            "reply_parameters": build_reply_parameters(card.message_id),
        }
        uploads = [StoredUpload(scan, read_pieces) for scan in scans]
        if len(uploads) == 1:
            return SendPhoto(photo=uploads[0], caption=captions[0], **place)
        kind = InputMediaPhoto if are_photos else InputMediaDocument
        album: list[Any] = [
            kind(media=upload, caption=caption)
            for upload, caption in zip(uploads, captions, strict=True)
        ]
        return SendMediaGroup(media=album, **place)

    return compose


async def _compose_below(
    compose: CardReplyComposer[T], card: BotMessage, chat_id: int
) -> TelegramMethod[T]:
    return await compose(chat_id, card)


def _compose_edit(message_id: int, view: View) -> Compose[Message | bool]:
    async def compose(chat_id: int) -> EditMessageText:
        return EditMessageText(
            chat_id=chat_id,
            message_id=message_id,
            text=view.text,
            reply_markup=view.inline,
        )

    return compose
