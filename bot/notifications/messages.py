"""Telegram messages that several senders of notices compose."""

from collections.abc import Sequence

from aiogram.methods import SendMessage
from aiogram.types import Message, ReplyParameters

from bot.db.database import Tx
from bot.notifications.senders import Record, SenderContext
from bot.telegram.messenger import ChatUnreachable, Compose
from bot.views.view import View


def build_reply_parameters(message_id: int | None) -> ReplyParameters | None:
    """A reply that is sent as a plain message when what it answers is gone; None for no reply."""
    if not message_id:
        return None
    return ReplyParameters(message_id=message_id, allow_sending_without_reply=True)


def compose_message(
    view: View, *, reply_to: int | None = None, thread_id: int | None = None
) -> Compose[Message]:
    async def compose(chat_id: int) -> SendMessage:
        return SendMessage(
            chat_id=chat_id,
            text=view.text,
            reply_markup=view.keyboard,
            message_thread_id=thread_id,
            reply_parameters=build_reply_parameters(reply_to),
        )

    return compose


async def send_to_consumer(
    context: SenderContext, chat_id: int, views: Sequence[View], *, request_id: int | None = None
) -> Record:
    """Sends to a consumer's chat; an unreachable one is returned as a record of that.

    ``request_id``: the messages are recorded, as a reply to one is about that request.
    """
    try:
        sent = [await context.messenger.send(chat_id, compose_message(view)) for view in views]
        reachable = True
    except ChatUnreachable:
        sent, reachable = [], False

    async def record(tx: Tx) -> None:
        if not reachable:
            await tx.chats.set_reachable(chat_id, reachable=False)
        # No trace of a chat is left behind an erasure that came meanwhile.
        if request_id is not None and not await tx.requests.is_erased(request_id):
            for one in sent:
                await tx.bot_messages.add(request_id, "notice", None, chat_id, one.message_id)

    return record
