"""Handlers of messages about a request: «Дополнить» until «Готово», and replies to notices."""

from collections.abc import Sequence
from dataclasses import replace

from aiogram import Bot, F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, Message

from bot import views
from bot.domain import Account, Request
from bot.fsm.model import Rejected
from bot.handlers.consumer.context import ChatContext, LoggedIn
from bot.handlers.consumer.forms import Forms
from bot.keyboards import RequestAction
from bot.services.errors import RequestUnknown
from bot.services.rate_limits import LimitedAction
from bot.services.request_messages import RequestMessages
from bot.services.requests import Requests
from bot.services.scans import Scans
from bot.telegram.downloads import download_file
from bot.telegram.filters import Matches
from bot.telegram.message_content import ReceivedMessage, read_message


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


class RepliesAboutRequest(BaseFilter):
    """Passes replies to messages of the bot about one of the consumer's requests.

    Provides the ``account`` and the ``request_id``. The answer to an open question is none, even
    if it replies to the question; nor is any message while a secret is asked for.
    """

    async def __call__(
        self,
        message: Message,
        context: ChatContext,
        forms: Forms,
        request_messages: RequestMessages,
    ) -> bool | dict[str, int | Account]:
        replied, account = message.reply_to_message, context.chat.account
        if replied is None or account is None or forms.is_secret_open(context):
            return False
        asked = replied.message_id == context.conversation.screen_message_id
        if asked and forms.get_question(context) is not None:
            return False
        request_id = await request_messages.find_replied_request(
            account.id, message.chat.id, replied.message_id, replied.text or replied.caption or ""
        )
        return False if request_id is None else {"request_id": request_id, "account": account}


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

    @router.message(RepliesAboutRequest(), Matches(~F.text.startswith("/")))
    @router.message(SupplementsRequest(), Matches(~F.text.startswith("/")))
    async def supplement_request(
        message: Message,
        context: ChatContext,
        account: Account,
        request_id: int,
        forms: Forms,
        requests: Requests,
        request_messages: RequestMessages,
        scans: Scans,
        bot: Bot,
    ) -> None:
        request = await requests.get(account.id, request_id)
        received = read_message(message, context.texts)
        if request is None:
            await _end_supplement(context)
            return
        if received is None:
            await context.screen.show(
                views.requests.render_message_prompt(
                    request, context.texts, note="request-talk-kind"
                )
            )
            return
        continues_album = context.conversation.continue_album(received.content.album)
        try:
            request = await pass_to_staff(
                received, context, account, request_id, request_messages, scans, bot
            )
        except RequestUnknown:
            await _end_supplement(context)
            return
        except Rejected as rejected:
            await show_passed(context, request, [rejected], all_rejected=True)
            return
        if continues_album:
            context.screen.keep_in_place()
        if context.conversation.supplemented_request == request_id or not forms.is_on_screen(
            context
        ):
            await show_passed(context, request)
        else:
            # The reply interrupted a form: the person is told and goes on.
            await context.screen.send_text(
                context.texts("request-reply-taken", number=request.number)
            )
            await forms.resume(context)

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
        if not relayed and not context.conversation.correct_loose(message.message_id, text):
            raise SkipHandler

    return router


async def _end_supplement(context: ChatContext) -> None:
    """The request is gone, or the chat is logged in to another account by now."""
    context.conversation.supplemented_request = None
    await context.screen.show(views.requests.render_unknown(context.texts))


async def pass_to_staff(
    received: ReceivedMessage,
    context: ChatContext,
    account: Account,
    request_id: int,
    request_messages: RequestMessages,
    scans: Scans,
    bot: Bot,
) -> Request:
    """Supplements a request with a message; its file is put beside the request's scans.

    Raises Rejected, RequestUnknown, RateLimitExceeded.
    """
    await request_messages.check_limit(account.id)
    content, file = received.content, received.file
    if file is not None:
        context.conversation.rate_limiter.spend(LimitedAction.FILES)
        name = await scans.supplement(
            request_id,
            received.unique_id,
            file.name,
            await download_file(bot, file),
            file.caption,
            account_id=account.id,
            is_photo=file.is_photo,
        )
        content = replace(content, file_name=name)
    return await request_messages.supplement(
        account, request_id, content, scan_id=received.unique_id if file is not None else None
    )


async def show_passed(
    context: ChatContext,
    request: Request,
    rejected: Sequence[Rejected] = (),
    *,
    all_rejected: bool = False,
) -> None:
    """Says what became of messages; the next ones go to the staff too, until «Готово»."""
    context.conversation.supplemented_request = request.id
    due = context.company.format_due(request.review_due, request.due_at)
    await context.screen.show(
        views.requests.render_passed(
            request, rejected, context.texts, due=due, all_rejected=all_rejected
        )
    )
