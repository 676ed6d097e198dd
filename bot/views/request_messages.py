"""Views of the messages between staff and consumer about a request."""

from bot.domain import ActorKind, MessageKind, Request, RequestMessage
from bot.formatting.values import escape
from bot.fsm.field_types import format_phone
from bot.fsm.model import Rejected
from bot.texts import Texts
from bot.views.assignments import format_mention
from bot.views.requests import build_reply_keyboard
from bot.views.view import CAPTION_LENGTH, View, count_units, format_quote, split_pages


def render_pages(request: Request, message: RequestMessage, texts: Texts) -> tuple[View, ...]:
    """The message, or the caption of its file and then the text that is too long for a caption."""
    if message.author.kind is ActorKind.STAFF:
        heading = texts("talk-from-staff", number=request.number)
        keyboard = build_reply_keyboard(request, texts)
    else:
        name = escape(request.account.name)
        heading = texts("talk-from-consumer", number=request.number, name=name)
        if request.assignee is not None:
            heading += f" → {format_mention(request.assignee)}"
        if request.was_clarified:
            heading += f"\n{texts('card-answered')}"
        keyboard = None
    words = message.content.text
    blocks = format_quote(heading, words) if words else [f"<b>{heading}</b>"]
    if message.content.kind is MessageKind.TEXT:
        return split_pages(blocks, keyboard)
    if count_units("\n\n".join(blocks)) > CAPTION_LENGTH:
        return (View(text=f"<b>{heading}</b>", keyboard=keyboard), *split_pages(blocks, None))
    return (View(text=blocks[0], keyboard=keyboard),)


def format_refused(rejected: Rejected, texts: Texts, key: str = "talk-refused") -> str:
    """For the staff: a file that was refused, theirs or, by another ``key``, the consumer's."""
    name = escape(str(rejected.details["name"]))
    return texts(key, name=name, reason=rejected.code)


def format_given_up(request: Request, texts: Texts) -> str:
    """For the staff: neither Telegram nor the mail server accepts the message."""
    return texts("talk-given-up", phone=escape(format_phone(request.account.phone, texts.locale)))


def format_not_delivered(request: Request, texts: Texts) -> str:
    return texts("talk-not-delivered", email=escape(request.account.email))
