"""What a consumer does with a request of theirs: withdraw, disagree, rate, file it again."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot import views
from bot.domain import Account
from bot.handlers.consumer.context import ChatContext, LoggedIn
from bot.handlers.consumer.forms import Forms
from bot.keyboards import RequestAction
from bot.request_types import Catalogue
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
        visit: ChatContext,
        account: Account,
        staff_desk: RequestWorkflow,
        requests: Requests,
        catalogue: Catalogue,
        company: Company,
        forms: Forms,
    ) -> None:
        request = await requests.get(account.id, callback_data.id)
        if request is None:
            await visit.screen.show(views.requests.render_unknown(visit.texts))
            return
        shown: tuple[views.View, ...]
        try:
            match callback_data.act:
                case "withdraw" | "dispute":
                    shown = (views.requests.render_confirmation(request, callback_data.act, visit.texts),)
                case "withdraw_yes":
                    changed = await staff_desk.withdraw(account, visit.chat.id, request.id)
                    shown = views.requests.render_request(changed, catalogue, company, visit.texts)
                case "dispute_yes":
                    await staff_desk.dispute(account, visit.chat.id, request.id)
                    visit.conversation.talk = request.id
                    shown = (views.requests.render_message_prompt(request, visit.texts, note="request-disputed"),)
                case "rate" if 1 <= callback_data.index <= 5:
                    first = await staff_desk.rate(
                        account, visit.chat.id, request.id, callback_data.index
                    )
                    note = "request-rated" if first else "request-rated-before"
                    shown = (views.requests.render_note(request, note, visit.texts),)
                case "copy" if request.raw_answers is not None:
                    form_id = f"request:{request.type_code}:{account.category}"
                    answers = {**request.raw_answers, "text": request.text}
                    await forms.open(visit, form_id, answers)
                    return
                case _:
                    shown = views.requests.render_request(request, catalogue, company, visit.texts)
        except (StatusConflict, RequestUnknown):
            shown = (views.requests.render_note(request, "request-overtaken", visit.texts),)
        except DisputeExpired:
            shown = (views.requests.render_note(request, "request-dispute-late", visit.texts),)
        await visit.screen.show(*shown)

    return router
