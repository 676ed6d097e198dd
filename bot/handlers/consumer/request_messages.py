"""«Дополнить»: what a consumer writes goes to the staff, message by message, until «Готово»."""

from aiogram import Bot, F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, Message

from bot import views
from bot.domain import Account, TalkKind, Written
from bot.fsm.model import Rejected
from bot.handlers.consumer.context import SignedIn, Visit
from bot.keyboards import Deed
from bot.services.errors import RequestUnknown
from bot.services.rate_limits import Limited
from bot.services.request_workflow import Desk
from bot.services.scans import MAX_FILE_BYTES, Scans
from bot.telegram.downloads import fetched
from bot.telegram.filters import Has


def written(message: Message) -> Written | None:
    """A text, photo or document as it is relayed; None for any other kind."""
    kind, media, name = TalkKind.TEXT, None, None
    if message.photo:
        kind, media = TalkKind.PHOTO, message.photo[-1].file_id
    elif message.document:
        kind, media = TalkKind.DOCUMENT, message.document.file_id
        name = message.document.file_name
    elif not message.text:
        return None
    return Written(
        kind=kind,
        text=message.text or message.caption or "",
        media=media,
        file_name=name,
        album=message.media_group_id,
        chat_id=message.chat.id,
        message_id=message.message_id,
    )


class Talking(BaseFilter):
    """Passes messages of a consumer who is writing about a request, as ``request_id``."""

    async def __call__(self, message: Message, visit: Visit) -> bool | dict[str, int]:
        request_id = visit.conversation.talk
        if request_id is None or visit.chat.account is None:
            return False
        return {"request_id": request_id}


def build_talk_router() -> Router:
    router = Router(name="talk")

    @router.callback_query(Deed.filter(F.act == "supplement"), SignedIn())
    async def begin(
        _: CallbackQuery, callback_data: Deed, visit: Visit, account: Account, staff_desk: Desk
    ) -> None:
        request = await staff_desk.open(callback_data.id)
        if request is None or request.account.id != account.id:
            await visit.screen.show(views.requests.unknown(visit.texts))
            return
        visit.conversation.talk = request.id
        visit.conversation.paused = visit.conversation.draft is not None
        await visit.screen.show(views.requests.talk(request, visit.texts))

    @router.message(Talking(), Has(~F.text.startswith("/")))
    async def write(
        message: Message,
        visit: Visit,
        request_id: int,
        staff_desk: Desk,
        scans: Scans,
        bot: Bot,
    ) -> None:
        account = visit.chat.account
        request = await staff_desk.open(request_id)
        words = written(message)
        if account is None or request is None:
            return
        if words is None:
            await visit.screen.show(
                views.requests.talk(request, visit.texts, note="request-talk-kind")
            )
            return
        in_place = words.album is not None and words.album == visit.conversation.album
        visit.conversation.album = words.album
        try:
            if words.media is not None:
                await _keep(message, visit, request_id, scans, bot)
            await staff_desk.supplement(
                account, request_id, words, has_scan=words.media is not None
            )
        except RequestUnknown:
            visit.conversation.talk = None
            await visit.screen.show(views.requests.unknown(visit.texts))
            return
        except Rejected as rejected:
            await visit.screen.show(views.requests.talk_rejected(request, rejected, visit.texts))
            return
        if in_place:
            visit.screen.stay()
        await visit.screen.show(
            views.requests.talk(request, visit.texts, note="request-talk-taken")
        )

    @router.edited_message()
    async def edited(message: Message, staff_desk: Desk) -> None:
        words = message.text or message.caption or ""
        if not await staff_desk.correct(message.chat.id, message.message_id, words):
            raise SkipHandler

    return router


async def _keep(message: Message, visit: Visit, request_id: int, scans: Scans, bot: Bot) -> None:
    """Puts a file beside the request's scans; raises Rejected."""
    file = message.document or (message.photo[-1] if message.photo else None)
    if file is None:
        return
    visit.conversation.allowance.spend(Limited.FILES)
    name = (message.document.file_name if message.document else None) or (
        f"{visit.texts('photo')}-{message.message_id}.jpg"
    )
    if (file.file_size or 0) > MAX_FILE_BYTES:
        raise Rejected("file-too-big", name=name, limit=MAX_FILE_BYTES // 1024**2)
    content = await fetched(bot, file)
    await scans.supplement(request_id, file.file_unique_id, name, content)
