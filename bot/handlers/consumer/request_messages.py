"""Handlers of «Дополнить»: a consumer's messages go to the staff one by one, until «Готово»."""

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
from bot.services.requests import Requests
from bot.services.scans import Scans
from bot.telegram.downloads import download_file
from bot.telegram.filters import Matches
from bot.telegram.message_content import find_attachment, to_message_content


class SupplementsRequest(BaseFilter):
    """Passes messages of a consumer who supplements a request.

    Provides the ``account`` and the ``request_id``.
    """

    async def __call__(
        self, message: Message, context: ChatContext
    ) -> bool | dict[str, int | Account]:
        request_id, account = context.conversation.supplemented_request, context.chat.account
        if request_id is None or account is None:
            return False
        return {"request_id": request_id, "account": account}


def build_request_messages_router() -> Router:
    router = Router(name="request_messages")

    @router.callback_query(RequestAction.filter(F.act == "supplement"), LoggedIn())
    async def begin_supplement(
        _: CallbackQuery,
        callback_data: RequestAction,
        context: ChatContext,
        account: Account,
        requests: Requests,
    ) -> None:
        request = await requests.get(account.id, callback_data.id)
        if request is None:
            await context.screen.show(views.requests.render_unknown(context.texts))
            return
        context.conversation.supplemented_request = request.id
        await context.screen.show(views.requests.render_message_prompt(request, context.texts))

    @router.message(SupplementsRequest(), Matches(~F.text.startswith("/")))
    async def supplement_request(
        message: Message,
        context: ChatContext,
        account: Account,
        request_id: int,
        requests: Requests,
        request_messages: RequestMessages,
        scans: Scans,
        bot: Bot,
    ) -> None:
        request = await requests.get(account.id, request_id)
        content = to_message_content(message)
        if request is None:
            await _end_supplement(context)
            return
        if content is None:
            await context.screen.show(
                views.requests.render_message_prompt(
                    request, context.texts, note="request-talk-kind"
                )
            )
            return
        continues_album = context.conversation.continue_album(content.album)
        try:
            await request_messages.check_limit(account.id)
            if content.media is not None:
                await _store_scan(message, context, account, request_id, scans, bot)
            request = await request_messages.supplement(
                account, request_id, content, has_scan=content.media is not None
            )
        except RequestUnknown:
            await _end_supplement(context)
            return
        except Rejected as rejected:
            await context.screen.show(
                views.requests.render_message_rejected(request, rejected, context.texts)
            )
            return
        if continues_album:
            context.screen.keep_in_place()
        note = "request-talk-answered" if request.was_clarified else "request-talk-taken"
        due = context.company.format_due(request.review_due, request.due_at)
        await context.screen.show(
            views.requests.render_message_prompt(request, context.texts, note=note, due=due)
        )

    @router.edited_message(Matches(F.text | F.caption | F.photo | F.document))
    async def mirror_edit(
        message: Message, context: ChatContext, request_messages: RequestMessages
    ) -> None:
        text = message.text or message.caption or ""
        try:
            relayed = await request_messages.mirror_consumer_edit(
                context.chat.account, message.chat.id, message.message_id, text
            )
        except RequestUnknown:
            # Whoever logged out, or logged in to another account, changes nothing at the staff.
            await context.screen.send_text(context.texts("edit-not-relayed"))
            return
        if not relayed:
            raise SkipHandler

    return router


async def _end_supplement(context: ChatContext) -> None:
    """The request is gone, or the chat is logged in to another account by now."""
    context.conversation.supplemented_request = None
    await context.screen.show(views.requests.render_unknown(context.texts))


async def _store_scan(
    message: Message,
    context: ChatContext,
    account: Account,
    request_id: int,
    scans: Scans,
    bot: Bot,
) -> None:
    """Adds a file to the request's scans; raises Rejected."""
    attachment = find_attachment(message, context.texts)
    if attachment is None:
        return
    context.conversation.rate_limiter.spend(LimitedAction.FILES)
    content = await download_file(bot, attachment)
    await scans.supplement(
        request_id,
        attachment.file.file_unique_id,
        attachment.name,
        content,
        attachment.caption,
        account_id=account.id,
    )
