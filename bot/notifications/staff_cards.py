"""The staff group: a card for each request, a topic for it in a forum, and replies to the card."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from aiogram.exceptions import ClientDecodeError
from aiogram.methods import (
    CloseForumTopic,
    CreateForumTopic,
    DeleteMessage,
    EditForumTopic,
    EditMessageText,
    GetChat,
    ReopenForumTopic,
    SendDocument,
    SendMessage,
    TelegramMethod,
)
from aiogram.types import BufferedInputFile, Message, ReplyParameters

from bot.db.bot_messages import BotMessage
from bot.db.database import Database, Tx
from bot.db.outbox import LeasedNotice
from bot.domain import OPEN, Request, Verdict
from bot.integrations.errors import FileInfected
from bot.notifications.outbox_worker import Record
from bot.request_types import Catalogue
from bot.services.clock import Clock
from bot.services.scans import Scans
from bot.services.staff_chat import StaffChat
from bot.telegram.messenger import (
    ChatMigrated,
    ChatUnreachable,
    Compose,
    MessageNotFound,
    MessageNotModified,
    MessageRefused,
    Messenger,
    TopicNotFound,
)
from bot.texts import Translations
from bot.views import cards
from bot.views.view import Company, View, escape

log = logging.getLogger(__name__)

T = TypeVar("T")

#: How long the group's kind is believed, and a missing right to make topics too.
_BELIEVED = timedelta(hours=1)
#: More waiting cards than this are announced: a minute's worth at Telegram's pace.
_BACKLOG = 20


class CardReplyComposer(Protocol[T]):
    """Makes a message for the chat with this id, below the card given with it."""

    async def __call__(self, chat_id: int, card: BotMessage, /) -> TelegramMethod[T]: ...


class StaffCards:
    def __init__(
        self,
        *,
        database: Database,
        messenger: Messenger,
        scans: Scans,
        translations: Translations,
        catalogue: Catalogue,
        company: Company,
        clock: Clock,
        group: StaffChat,
    ) -> None:
        self._database = database
        self._messenger = messenger
        self._scans = scans
        self._texts = translations.get_texts(translations.locales[0])
        self._catalogue = catalogue
        self._company = company
        self._clock = clock
        self._group = group
        self._silent = False
        self._topics: tuple[int, bool, datetime] | None = None
        self._announced = False
        #: Topic and messages of cards that are not complete yet, by request: where to go on after
        #: a pause.
        self._begun: dict[int, tuple[int | None, list[Message]]] = {}

    async def send_card(self, notice: LeasedNotice) -> None:
        await self._announce_backlog()
        request, posted = await self._read(int(notice.payload["request_id"]))
        if posted is None:
            await self._send_card_parts(request)

    async def edit_card(self, notice: LeasedNotice) -> None:
        """Shows the present state on the card; one that is gone is posted anew."""
        request, head = await self._read(int(notice.payload["request_id"]))
        try:
            if head is None or head.chat_id != await self._group.get_chat_id():
                raise MessageNotFound("no card here")
            await self._name_topic(request, head)
            async with self._database.read() as tx:
                parts = await tx.bot_messages.list_card_parts(head)
            await self.show([head.message_id, *parts], self._render_views(request), head, "part")
        except (MessageNotFound, TopicNotFound):
            await self._send_card_parts(request)

    async def send_scan(self, notice: LeasedNotice) -> Record:
        request_id, file_id = int(notice.payload["request_id"]), int(notice.payload["file_id"])
        request, _ = await self._read(request_id)
        async with self._database.read() as tx:
            scan = await tx.files.get(file_id)
        caption = cards.format_scan_caption(request, scan, self._texts)

        async def compose(chat_id: int, card: BotMessage) -> SendDocument | SendMessage:
            try:
                data = await self._scans.read(scan)
            except FileInfected:
                return SendMessage(
                    chat_id=chat_id,
                    text=self._texts("card-scan-infected", name=escape(scan.name)),
                    message_thread_id=card.thread_id,
                    reply_parameters=build_reply_parameters(card.message_id),
                )
            return SendDocument(
                chat_id=chat_id,
                document=BufferedInputFile(data, scan.name),
                caption=caption,
                message_thread_id=card.thread_id,
                reply_parameters=build_reply_parameters(card.message_id),
            )

        sent = await self.send_below(request_id, compose)

        async def record(tx: Tx) -> None:
            await tx.bot_messages.add(
                request_id,
                "scan",
                file_id,
                sent.chat.id,
                sent.message_id,
                thread_id=sent.message_thread_id,
            )
            if (await tx.files.get(file_id)).verdict is Verdict.INFECTED:
                await tx.outbox.put(
                    stream=f"infected:{file_id}",
                    kind="infected_notice",
                    payload={"request_id": request_id, "file_id": file_id},
                    dedupe_key=f"infected:{file_id}",
                    not_before=notice.created_at,
                )

        return record

    async def blank_card(self, notice: LeasedNotice) -> None:
        """The applicant left: the card loses all words, what lies below it is deleted."""
        request, head = await self._read(int(notice.payload["request_id"]))
        if head is None:
            return
        await self.edit_card(notice)
        async with self._database.read() as tx:
            below = await tx.bot_messages.list_below_card(head)
        stay = 0
        for post in below:
            try:
                await self.ask(DeleteMessage(chat_id=post.chat_id, message_id=post.message_id))
            except MessageRefused as error:
                # Telegram lets a bot without that right delete only what is younger than 48 hours.
                stay += "not found" not in str(error)
            async with self._database.begin() as tx:
                await tx.bot_messages.remove(post.chat_id, post.message_id)

        async def compose(chat_id: int, card: BotMessage) -> SendMessage:
            return SendMessage(
                chat_id=chat_id,
                text=self._texts("card-erased", number=request.number, stay=stay),
                message_thread_id=card.thread_id,
                reply_parameters=build_reply_parameters(card.message_id),
            )

        await self.send_below(request.id, compose)

    async def send(self, compose: Compose[T]) -> T:
        """Sends to the group, wherever it is now."""
        return await self._follow_migration(lambda chat_id: self._messenger.send(chat_id, compose))

    async def send_below(self, request_id: int, compose: CardReplyComposer[T]) -> T:
        """Sends a reply to the request's card; a card whose topic was deleted is posted anew."""
        request, card = await self._read(request_id)
        if card is None or card.chat_id != await self._group.get_chat_id():
            # A supergroup numbers its messages anew: the card's number would be another message's.
            try:
                card = await self._send_card_parts(request)
            except MessageRefused:
                # What follows a card is worth having without it.
                card = BotMessage(
                    request.id, "card", await self._group.get_chat_id(), 0, None, None
                )
        try:
            return await self.send(partial(_compose_below, compose, card))
        except TopicNotFound:
            return await self.send(
                partial(_compose_below, compose, await self._send_card_parts(request))
            )

    async def show(
        self, messages: Sequence[int], views: Sequence[View], head: BotMessage, kind: str
    ) -> None:
        """Makes the messages look like the views: edits, adds as replies to ``head``, deletes.

        Raises Gone when one of them is not there to be edited.
        """
        for message_id, view in zip(messages, views, strict=False):
            try:
                await self.send(_compose_edit(message_id, view))
            except MessageNotModified:
                continue
        for view in views[len(messages) :]:
            sent = await self.send(_compose_message(view, head.message_id, head.thread_id))
            async with self._database.begin() as tx:
                await tx.bot_messages.add(
                    head.request_id,
                    kind,
                    None,
                    sent.chat.id,
                    sent.message_id,
                    thread_id=head.thread_id,
                    talk_id=head.talk_id,
                )
        for message_id in messages[len(views) :]:
            try:
                await self.ask(DeleteMessage(chat_id=head.chat_id, message_id=message_id))
            except MessageRefused as error:
                log.info("a spare message of a card stays: %s", error)
            async with self._database.begin() as tx:
                await tx.bot_messages.remove(head.chat_id, message_id)

    async def ask(self, method: TelegramMethod[T]) -> T:
        return await self._messenger.ask(await self._group.get_chat_id(), method)

    async def _send_card_parts(self, request: Request) -> BotMessage:
        """Posts the card, in a topic of its own where there are topics."""
        if request.id not in self._begun:
            self._begun[request.id] = (await self._create_topic(request), [])
        thread_id, sent = self._begun[request.id]
        for view in self._render_views(request)[len(sent) :]:
            head_id = sent[0].message_id if sent else None
            try:
                sent.append(await self.send(_compose_message(view, head_id, thread_id)))
            except TopicNotFound:
                del self._begun[request.id]
                raise ChatUnreachable("the topic was deleted at once") from None
        del self._begun[request.id]
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

    def _render_views(self, request: Request) -> tuple[View, ...]:
        today = self._clock.now().astimezone(self._company.timezone).date()
        return cards.render_card(request, today, self._catalogue, self._company, self._texts)

    async def _read(self, request_id: int) -> tuple[Request, BotMessage | None]:
        async with self._database.read() as tx:
            request = await tx.requests.get(request_id)
            card = await tx.bot_messages.find_card(request_id)
        if request is None:
            raise LookupError("a card of a request that is not there")
        return request, card

    # --- topics --------------------------------------------------------------------------------

    async def _create_topic(self, request: Request) -> int | None:
        """None in a plain group, or when the bot may not make topics."""
        if not await self._has_topics():
            return None
        name = cards.format_topic_name(request, self._catalogue, self._texts)
        chat_id = await self._group.get_chat_id()
        try:
            made = await self.ask(CreateForumTopic(chat_id=chat_id, name=name))
        except (ChatUnreachable, MessageRefused) as error:
            log.warning("cards go without topics: %s", error)
            self._topics = (chat_id, False, self._clock.now() + _BELIEVED)
            return None
        return made.message_thread_id

    async def _has_topics(self) -> bool:
        async def look(chat_id: int) -> bool:
            try:
                chat = await self._messenger.ask(chat_id, GetChat(chat_id=chat_id))
            except (ClientDecodeError, MessageRefused) as error:
                # Cards do not depend on it: without topics each is a message of the group.
                log.warning("the kind of the staff group is unknown: %s", type(error).__name__)
                self._topics = (chat_id, False, self._clock.now() + _BELIEVED)
                return False
            self._topics = (chat_id, bool(chat.is_forum), self._clock.now() + _BELIEVED)
            return bool(chat.is_forum)

        chat_id = await self._group.get_chat_id()
        if self._topics and self._topics[0] == chat_id and self._topics[2] > self._clock.now():
            return self._topics[1]
        return await self._follow_migration(look)

    async def _name_topic(self, request: Request, head: BotMessage) -> None:
        """The topic tells the status, and is closed with the request."""
        thread_id = head.thread_id
        if thread_id is None:
            return
        name = cards.format_topic_name(request, self._catalogue, self._texts)
        chat_id = head.chat_id
        wanted = ReopenForumTopic if request.status in OPEN else CloseForumTopic
        for method in (
            EditForumTopic(chat_id=chat_id, message_thread_id=thread_id, name=name),
            wanted(chat_id=chat_id, message_thread_id=thread_id),
        ):
            try:
                await self.ask(method)
            except MessageNotModified:
                continue
            except ChatUnreachable as error:
                log.warning("a topic cannot be changed: %s", error)
                return

    # --- the group -----------------------------------------------------------------------------

    async def _announce_backlog(self) -> None:
        async with self._database.read() as tx:
            waiting = (await tx.outbox.count_waiting()).get("card", 0)
        if waiting <= 1:
            self._announced = False
        elif waiting > _BACKLOG and not self._announced:
            self._announced = True
            await self.send(
                _compose_message(cards.render_backlog(waiting, self._texts), None, None)
            )

    async def _follow_migration(self, send: Callable[[int], Awaitable[T]]) -> T:
        while True:
            try:
                sent = await send(await self._group.get_chat_id())
            except ChatMigrated as moved:
                log.warning("the staff group is a supergroup now, its id is remembered")
                await self._group.move(moved.chat_id)
            except ChatUnreachable as error:
                if not self._silent:
                    log.error(  # noqa: TRY400 (where it happened says nothing)
                        "the staff group takes nothing from the bot: %s", error
                    )
                self._silent = True
                raise
            else:
                self._silent = False
                return sent


async def _compose_below(
    compose: CardReplyComposer[T], card: BotMessage, chat_id: int
) -> TelegramMethod[T]:
    return await compose(chat_id, card)


def build_reply_parameters(message_id: int | None) -> ReplyParameters | None:
    if not message_id:
        return None
    return ReplyParameters(message_id=message_id, allow_sending_without_reply=True)


def _compose_message(view: View, answered: int | None, thread_id: int | None) -> Compose[Message]:
    async def compose(chat_id: int) -> SendMessage:
        return SendMessage(
            chat_id=chat_id,
            text=view.text,
            reply_markup=view.keyboard,
            message_thread_id=thread_id,
            reply_parameters=build_reply_parameters(answered),
        )

    return compose


def _compose_edit(message_id: int, view: View) -> Compose[Message | bool]:
    async def compose(chat_id: int) -> EditMessageText:
        return EditMessageText(
            chat_id=chat_id,
            message_id=message_id,
            text=view.text,
            reply_markup=view.inline,
        )

    return compose
