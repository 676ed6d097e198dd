"""Handlers of a consumer's actions on a request: withdraw, dispute, rate, copy, receipt."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot import views
from bot.domain import LOW_RATINGS, RATINGS, Account, Request
from bot.formatting.documents import build_receipt
from bot.handlers.consumer.context import ChatContext, LoggedIn
from bot.handlers.consumer.forms import Forms
from bot.handlers.consumer.requests import show_request
from bot.keyboards import RequestAction
from bot.request_types import build_form_id
from bot.services.documents import Documents
from bot.services.errors import (
    DisputeExpired,
    DocumentUnavailable,
    RequestUnknown,
    StatusConflict,
)
from bot.services.rate_limits import LimitedAction
from bot.services.request_messages import RequestMessages
from bot.services.request_workflow import RequestWorkflow
from bot.services.requests import Requests
from bot.telegram.callback_answer import CallbackAlert


def build_request_actions_router() -> Router:
    router = Router(name="request_actions")

    @router.callback_query(RequestAction.filter(), LoggedIn())
    async def act_on_request(
        _: CallbackQuery,
        callback_data: RequestAction,
        context: ChatContext,
        account: Account,
        request_workflow: RequestWorkflow,
        requests: Requests,
        documents: Documents,
        request_messages: RequestMessages,
        forms: Forms,
        alert: CallbackAlert,
    ) -> None:
        texts = context.texts
        request = await requests.get(account.id, callback_data.id)
        if request is None:
            await context.screen.show(views.requests.render_unknown(texts))
            return
        copied = requests.copy_answers(request)
        try:
            match callback_data.act:
                case "withdraw" | "dispute":
                    shown = views.requests.render_confirmation(request, callback_data.act, texts)
                case "withdraw_yes":
                    changed = await request_workflow.withdraw(
                        account, context.chat.address, request.id
                    )
                    await show_request(context, changed, request_messages)
                    return
                case "dispute_yes":
                    await request_workflow.dispute(account, context.chat.address, request.id)
                    context.conversation.supplemented_request = request.id
                    shown = views.requests.render_message_prompt(
                        request, texts, note="request-disputed"
                    )
                case "rate" if callback_data.index in RATINGS:
                    first = await request_workflow.rate(
                        account, context.chat.address, request.id, callback_data.index
                    )
                    note = "request-rated" if first else "request-rated-before"
                    shown = views.requests.render_note(request, note, texts)
                    if first and callback_data.index in LOW_RATINGS:
                        context.conversation.supplemented_request = request.id
                        shown = views.requests.render_message_prompt(
                            request, texts, note="request-rated-low"
                        )
                case "receipt":
                    note = await _send_receipt(context, request, documents)
                    shown = views.requests.render_note(request, note, texts)
                case "copy" if copied is not None:
                    form_id = build_form_id(request.type_code, account.category)
                    await forms.open(context, form_id, copied)
                    return
                case _:
                    alert.text = texts("outdated")
                    await show_request(context, request, request_messages)
                    return
        except (StatusConflict, RequestUnknown):
            shown = views.requests.render_note(request, "request-overtaken", texts)
        except DisputeExpired:
            shown = views.requests.render_note(request, "request-dispute-late", texts)
        await context.screen.show(shown)

    return router


async def _send_receipt(context: ChatContext, request: Request, documents: Documents) -> str:
    """Returns the key of the text that says whether it was sent."""
    context.conversation.rate_limiter.spend(LimitedAction.DOCUMENTS)
    receipt = build_receipt(request, context.catalogue, context.company, context.texts)
    try:
        data = await documents.render(receipt, request.account.id)
    except DocumentUnavailable:
        return "receipt-unavailable"
    await context.screen.send_file(receipt.file_name, data)
    return "receipt-sent"
