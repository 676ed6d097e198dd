"""What a consumer does with a request of theirs: withdraw, disagree, rate, file it again."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot import views
from bot.domain import Account, AnswerKey
from bot.handlers.consumer.context import ChatContext, LoggedIn
from bot.handlers.consumer.forms import Forms
from bot.keyboards import RequestAction
from bot.request_types import Catalogue, build_form_id
from bot.services.errors import DisputeExpired, RequestUnknown, StatusConflict
from bot.services.request_workflow import RequestWorkflow
from bot.services.requests import Requests
from bot.views.view import Company


def build_request_actions_router() -> Router:
    router = Router(name="deeds")

    @router.callback_query(RequestAction.filter(), LoggedIn())
    async def deed(
        _: CallbackQuery,
        callback_data: RequestAction,
        context: ChatContext,
        account: Account,
        request_workflow: RequestWorkflow,
        requests: Requests,
        catalogue: Catalogue,
        company: Company,
        forms: Forms,
    ) -> None:
        request = await requests.get(account.id, callback_data.id)
        if request is None:
            await context.screen.show(views.requests.render_unknown(context.texts))
            return
        shown: tuple[views.View, ...]
        try:
            match callback_data.act:
                case "withdraw" | "dispute":
                    shown = (
                        views.requests.render_confirmation(
                            request, callback_data.act, context.texts
                        ),
                    )
                case "withdraw_yes":
                    changed = await request_workflow.withdraw(account, context.chat.id, request.id)
                    shown = views.requests.render_request(
                        changed, catalogue, company, context.texts
                    )
                case "dispute_yes":
                    await request_workflow.dispute(account, context.chat.id, request.id)
                    context.conversation.talk = request.id
                    shown = (
                        views.requests.render_message_prompt(
                            request, context.texts, note="request-disputed"
                        ),
                    )
                case "rate" if 1 <= callback_data.index <= 5:
                    first = await request_workflow.rate(
                        account, context.chat.id, request.id, callback_data.index
                    )
                    note = "request-rated" if first else "request-rated-before"
                    shown = (views.requests.render_note(request, note, context.texts),)
                case "copy" if request.raw_answers is not None and catalogue.find(
                    request.type_code
                ):
                    form_id = build_form_id(request.type_code, account.category)
                    answers = {**request.raw_answers, AnswerKey.TEXT.value: request.text}
                    await forms.open(context, form_id, answers)
                    return
                case _:
                    shown = views.requests.render_request(
                        request, catalogue, company, context.texts
                    )
        except (StatusConflict, RequestUnknown):
            shown = (views.requests.render_note(request, "request-overtaken", context.texts),)
        except DisputeExpired:
            shown = (views.requests.render_note(request, "request-dispute-late", context.texts),)
        await context.screen.show(*shown)

    return router
