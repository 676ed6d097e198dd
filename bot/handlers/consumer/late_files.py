"""Files that come after «Готово» or after the request was sent: named, and offered to it."""

from dataclasses import asdict
from typing import Any

from aiogram import Bot, F, Router
from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, Document, Message

from bot import views
from bot.domain import Account, MessageContent, MessageKind, Request
from bot.fsm.model import Rejected
from bot.handlers.consumer.context import ChatContext, LoggedIn
from bot.handlers.consumer.forms import Forms
from bot.keyboards import LateFiles
from bot.services.errors import RequestUnknown
from bot.services.rate_limits import LimitedAction
from bot.services.request_messages import RequestMessages
from bot.services.request_workflow import RequestWorkflow
from bot.services.scans import FILES_PER_DRAFT, Scans
from bot.telegram.callback_answer import CallbackAlert
from bot.telegram.downloads import download_file
from bot.telegram.filters import Matches
from bot.telegram.message_content import MessageFile, find_attachment, to_message_content


class LateFile(BaseFilter):
    """Passes a file for the request on the review card, or for the one sent last.

    ``request`` is None for the first.
    """

    async def __call__(
        self,
        message: Message,
        context: ChatContext,
        forms: Forms,
        request_workflow: RequestWorkflow,
    ) -> bool | dict[str, Any]:
        account = context.chat.account
        if account is None:
            return False
        if forms.can_take_late_files(context):
            return {"request": None}
        last = context.conversation.last_request
        request = await request_workflow.get(last) if last is not None else None
        if request is None or request.account.id != account.id:
            return False
        return {"request": request}


def build_late_files_router() -> Router:
    router = Router(name="late-files")

    @router.message(Matches(F.photo | F.document), LateFile())
    async def offer_to_attach(
        message: Message, context: ChatContext, request: Request | None
    ) -> None:
        conversation = context.conversation
        content = to_message_content(message)
        attachment = find_attachment(message, context.texts)
        if content is None or attachment is None:
            return
        continues_album = conversation.continue_album(attachment.album)
        kept = {
            **asdict(content),
            "kind": content.kind.value,
            "file_name": attachment.name,
            "unique_id": attachment.file.file_unique_id,
            "size": attachment.file.file_size or 0,
            "target": _get_target(context, request),
        }
        late = [*_list_late(context, request), kept]
        conversation.late_files = late[:FILES_PER_DRAFT]
        if continues_album:
            context.screen.keep_in_place()
        rejected = (
            Rejected("files-too-many", limit=FILES_PER_DRAFT)
            if len(late) > FILES_PER_DRAFT
            else None
        )
        await context.screen.show(
            views.late_files.render_offer(
                [one["file_name"] for one in conversation.late_files],
                request,
                rejected,
                context.texts,
            ),
            asking=request is None,
        )

    @router.callback_query(LateFiles.filter(F.act == "leave"), LoggedIn())
    async def leave_out(_: CallbackQuery, context: ChatContext, forms: Forms) -> None:
        context.conversation.late_files = []
        if forms.can_take_late_files(context):
            await forms.resume(context)
        else:
            await context.show_menu()

    @router.callback_query(LateFiles.filter((F.act == "attach") & (F.request == 0)), LoggedIn())
    async def attach_to_draft(
        _: CallbackQuery, context: ChatContext, forms: Forms, bot: Bot, alert: CallbackAlert
    ) -> None:
        late, context.conversation.late_files = _list_late(context, None), []
        if not late or not await forms.reopen_files(context):
            alert.text = context.texts("outdated")
            await context.show_menu()
            return
        for one in late:
            context.screen.keep_in_place()
            await forms.attach(context, bot, _to_attachment(one))

    @router.callback_query(LateFiles.filter(F.act == "attach"), LoggedIn())
    async def attach_to_request(
        _: CallbackQuery,
        callback_data: LateFiles,
        context: ChatContext,
        account: Account,
        request_workflow: RequestWorkflow,
        request_messages: RequestMessages,
        scans: Scans,
        bot: Bot,
        alert: CallbackAlert,
    ) -> None:
        request = await request_workflow.get(callback_data.request)
        late = _list_late(context, request) if request is not None else []
        context.conversation.late_files = []
        if not late or request is None or request.account.id != account.id:
            alert.text = context.texts("outdated")
            await context.show_menu()
            return
        rejected: list[Rejected] = []
        for one in late:
            try:
                await _supplement(one, context, account, request.id, request_messages, scans, bot)
            except Rejected as why:
                rejected.append(why)
            except RequestUnknown:
                await context.screen.show(views.requests.render_unknown(context.texts))
                return
        await context.screen.show(
            views.late_files.render_attached(
                request, len(late) - len(rejected), rejected, context.texts
            )
        )

    return router


def _get_target(context: ChatContext, request: Request | None) -> str:
    """What the files are for: the request, or the draft on screen."""
    draft = context.conversation.draft
    return f"request:{request.id}" if request else f"draft:{draft.id if draft else ''}"


def _list_late(context: ChatContext, request: Request | None) -> list[dict[str, Any]]:
    target = _get_target(context, request)
    return [one for one in context.conversation.late_files if one["target"] == target]


async def _supplement(
    late: dict[str, Any],
    context: ChatContext,
    account: Account,
    request_id: int,
    request_messages: RequestMessages,
    scans: Scans,
    bot: Bot,
) -> None:
    """Puts a file beside the request's scans and passes it to the staff; raises Rejected."""
    context.conversation.rate_limiter.spend(LimitedAction.FILES)
    name = late["file_name"]
    data = await download_file(bot, _to_attachment(late))
    await request_messages.check_limit(account.id)
    await scans.supplement(
        request_id, late["unique_id"], name, data, late["text"], account_id=account.id
    )
    content = MessageContent(
        kind=MessageKind(late["kind"]),
        text=late["text"],
        media=late["media"],
        file_name=name,
        album=late["album"],
        chat_id=late["chat_id"],
        message_id=late["message_id"],
    )
    await request_messages.supplement(account, request_id, content, has_scan=True)


def _to_attachment(late: dict[str, Any]) -> MessageFile:
    file = Document(file_id=late["media"], file_unique_id=late["unique_id"], file_size=late["size"])
    return MessageFile(file=file, name=late["file_name"], album=None, caption=late["text"])
