"""«Дополнить»: what a consumer writes goes to the staff, message by message, until «Готово»."""

from aiogram import Bot, F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, Message

from bot import views
from bot.domain import Account
from bot.fsm.model import Rejected
from bot.handlers.consumer.context import ChatContext, LoggedIn
from bot.keyboards import RequestAction
from bot.services.errors import RequestUnknown
from bot.services.rate_limits import LimitedAction
from bot.services.request_messages import RequestMessages
from bot.services.request_workflow import RequestWorkflow
from bot.services.scans import MAX_FILE_BYTES, Scans
from bot.telegram.downloads import download_file
from bot.telegram.filters import Matches
from bot.telegram.message_content import to_message_content


class WritingMessage(BaseFilter):
    """Passes messages of a consumer who is writing about a request, as ``request_id``."""

    async def __call__(self, message: Message, context: ChatContext) -> bool | dict[str, int]:
        request_id = context.conversation.talk
        if request_id is None or context.chat.account is None:
            return False
        return {"request_id": request_id}


def build_request_messages_router() -> Router:
    router = Router(name="talk")

    @router.callback_query(RequestAction.filter(F.act == "supplement"), LoggedIn())
    async def begin(
        _: CallbackQuery,
        callback_data: RequestAction,
        context: ChatContext,
        account: Account,
        request_workflow: RequestWorkflow,
    ) -> None:
        request = await request_workflow.get(callback_data.id)
        if request is None or request.account.id != account.id:
            await context.screen.show(views.requests.render_unknown(context.texts))
            return
        context.conversation.talk = request.id
        context.conversation.paused = context.conversation.draft is not None
        await context.screen.show(views.requests.render_message_prompt(request, context.texts))

    @router.message(WritingMessage(), Matches(~F.text.startswith("/")))
    async def write(
        message: Message,
        context: ChatContext,
        request_id: int,
        request_workflow: RequestWorkflow,
        request_messages: RequestMessages,
        scans: Scans,
        bot: Bot,
    ) -> None:
        account = context.chat.account
        request = await request_workflow.get(request_id)
        words = to_message_content(message)
        if account is None or request is None:
            return
        if words is None:
            await context.screen.show(
                views.requests.render_message_prompt(
                    request, context.texts, note="request-talk-kind"
                )
            )
            return
        in_place = words.album is not None and words.album == context.conversation.album
        context.conversation.album = words.album
        try:
            if words.media is not None:
                await _store_scan(message, context, request_id, scans, bot)
            await request_messages.supplement(
                account, request_id, words, has_scan=words.media is not None
            )
        except RequestUnknown:
            context.conversation.talk = None
            await context.screen.show(views.requests.render_unknown(context.texts))
            return
        except Rejected as rejected:
            await context.screen.show(
                views.requests.render_message_rejected(request, rejected, context.texts)
            )
            return
        if in_place:
            context.screen.keep_in_place()
        await context.screen.show(
            views.requests.render_message_prompt(request, context.texts, note="request-talk-taken")
        )

    @router.edited_message(Matches(F.text | F.caption | F.photo | F.document))
    async def edited(
        message: Message, context: ChatContext, request_messages: RequestMessages
    ) -> None:
        text = message.text or message.caption or ""
        try:
            relayed = await request_messages.mirror_consumer_edit(
                context.chat.account, message.chat.id, message.message_id, text
            )
        except RequestUnknown:
            # Whoever logged out, or logged in to another account, changes nothing at the staff.
            await context.screen.say(context.texts("edit-not-relayed"))
            return
        if not relayed:
            raise SkipHandler

    return router


async def _store_scan(
    message: Message, context: ChatContext, request_id: int, scans: Scans, bot: Bot
) -> None:
    """Puts a file beside the request's scans; raises Rejected."""
    file = message.document or (message.photo[-1] if message.photo else None)
    if file is None:
        return
    context.conversation.rate_limiter.spend(LimitedAction.FILES)
    name = (message.document.file_name if message.document else None) or (
        f"{context.texts('photo')}-{message.message_id}.jpg"
    )
    if (file.file_size or 0) > MAX_FILE_BYTES:
        raise Rejected("file-too-big", name=name, limit=MAX_FILE_BYTES // 1024**2)
    content = await download_file(bot, file)
    await scans.supplement(request_id, file.file_unique_id, name, content, message.caption or "")
