"""Handlers of a consumer's actions on a request: withdraw, dispute, rate, copy."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot import views
from bot.domain import RATINGS, Account
from bot.handlers.consumer.context import ChatContext, LoggedIn
from bot.handlers.consumer.forms import Forms
from bot.handlers.consumer.requests import show_request
from bot.keyboards import RequestAction
from bot.request_types import build_form_id
from bot.services.errors import DisputeExpired, RequestUnknown, StatusConflict
from bot.services.request_messages import RequestMessages
from bot.services.request_workflow import RequestWorkflow
from bot.services.requests import Requests


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
        request_messages: RequestMessages,
        forms: Forms,
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
                    changed = await request_workflow.withdraw(account, context.chat.id, request.id)
                    await show_request(context, changed, request_messages)
                    return
                case "dispute_yes":
                    await request_workflow.dispute(account, context.chat.id, request.id)
                    context.conversation.supplemented_request = request.id
                    shown = views.requests.render_message_prompt(
                        request, texts, note="request-disputed"
                    )
                case "rate" if callback_data.index in RATINGS:
                    first = await request_workflow.rate(
                        account, context.chat.id, request.id, callback_data.index
                    )
                    note = "request-rated" if first else "request-rated-before"
                    shown = views.requests.render_note(request, note, texts)
                case "copy" if copied is not None:
                    form_id = build_form_id(request.type_code, account.category)
                    await forms.open(context, form_id, copied)
                    return
                case _:
                    await show_request(context, request, request_messages)
                    return
        except (StatusConflict, RequestUnknown):
            shown = views.requests.render_note(request, "request-overtaken", texts)
        except DisputeExpired:
            shown = views.requests.render_note(request, "request-dispute-late", texts)
        await context.screen.show(shown)

    return router
