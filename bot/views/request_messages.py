"""What staff and consumer write to each other, as the other one sees it."""

from bot.domain import ActorKind, Request, Talk, TalkKind
from bot.fsm.field_types import show_phone
from bot.fsm.model import Rejected
from bot.texts import Texts
from bot.views.requests import reply_keyboard
from bot.views.view import CAPTION_LENGTH, View, escape, length, paged, quoted


def pages(request: Request, talk: Talk, texts: Texts) -> tuple[View, ...]:
    """The message or the file's caption, and after it what is too long for that."""
    if talk.author.kind is ActorKind.STAFF:
        heading = texts("talk-from-staff", number=request.number)
        keyboard = reply_keyboard(request, texts)
    else:
        name = escape(request.account.name)
        heading = texts("talk-from-consumer", number=request.number, name=name)
        keyboard = None
    words = talk.written.text
    blocks = quoted(heading, words) if words else [f"<b>{heading}</b>"]
    if talk.written.kind is TalkKind.TEXT:
        return paged(blocks, keyboard)
    if length("\n\n".join(blocks)) > CAPTION_LENGTH:
        return (View(text=f"<b>{heading}</b>", keyboard=keyboard), *paged(blocks, None))
    return (View(text=blocks[0], keyboard=keyboard),)


def refused(rejected: Rejected, texts: Texts, key: str = "talk-refused") -> str:
    """For the group: a file that did not pass, of theirs or, by another ``key``, for them."""
    name = escape(str(rejected.details["name"]))
    return texts(key, name=name, reason=rejected.code)


def given_up(request: Request, texts: Texts) -> str:
    """Neither Telegram nor the mail server takes it."""
    return texts("talk-given-up", phone=escape(show_phone(request.account.phone)))


def not_delivered(request: Request, texts: Texts) -> str:
    return texts("talk-not-delivered", email=escape(request.account.email))
