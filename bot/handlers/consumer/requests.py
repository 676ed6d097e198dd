"""Requests: the list, one request, and filing a new one."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from bot import views
from bot.domain import Account, AnswerKey, Request
from bot.fsm.model import Draft, Form, Rejected
from bot.handlers.consumer.context import ChatContext, LoggedIn
from bot.handlers.consumer.forms import FormAction, FormResult, Forms
from bot.keyboards import Go, NewRequest, OpenRequest, RequestsPage
from bot.request_types import Catalogue, build_form_id
from bot.services.requests import Requests
from bot.views.view import Company


class RequestFilingAction(FormAction):
    """Registers a request; the draft's id makes a second press give the same number."""

    def __init__(self, requests: Requests, catalogue: Catalogue, company: Company) -> None:
        self._requests = requests
        self._catalogue = catalogue
        self._company = company

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        account = context.chat.account
        if account is None:
            raise Rejected("session-over")
        type_code, _ = form.id.parts
        request = await self._requests.register(
            draft_id=draft.id,
            account=account,
            type_code=type_code,
            raw_answers=draft.answers,
            answers=views.requests.format_answers(form, draft, context.texts),
            text=draft.answers[AnswerKey.TEXT],
        )
        context.conversation.last_request = request.id
        return self._build_result(request, context)

    async def already_submitted(self, context: ChatContext, draft_id: str) -> FormResult | None:
        if context.chat.account is None:
            return None
        request = await self._requests.find_registered(draft_id, context.chat.account.id)
        return self._build_result(request, context) if request else None

    def _build_result(self, request: Request, context: ChatContext) -> FormResult:
        return FormResult(
            views=(
                views.requests.render_registered(
                    request, self._catalogue, self._company, context.texts
                ),
            ),
            lasting=True,
        )


def build_requests_router() -> Router:
    router = Router(name="requests")

    async def show_page(
        context: ChatContext,
        account: Account,
        number: int,
        company: Company,
        catalogue: Catalogue,
        requests: Requests,
    ) -> None:
        page = await requests.list_page(account.id, max(number, 0))
        await context.screen.show(
            views.requests.render_page(page, catalogue, company, context.texts)
        )

    @router.callback_query(Go.filter(F.to == "requests"), LoggedIn())
    async def open_list(
        _: CallbackQuery,
        context: ChatContext,
        account: Account,
        requests: Requests,
        catalogue: Catalogue,
        company: Company,
    ) -> None:
        await show_page(context, account, 0, company, catalogue, requests)

    @router.callback_query(RequestsPage.filter(), LoggedIn())
    async def turn_page(
        _: CallbackQuery,
        callback_data: RequestsPage,
        context: ChatContext,
        account: Account,
        requests: Requests,
        catalogue: Catalogue,
        company: Company,
    ) -> None:
        await show_page(context, account, callback_data.page, company, catalogue, requests)

    @router.callback_query(OpenRequest.filter(), LoggedIn())
    async def open_request(
        _: CallbackQuery,
        callback_data: OpenRequest,
        context: ChatContext,
        account: Account,
        requests: Requests,
        catalogue: Catalogue,
        company: Company,
    ) -> None:
        request = await requests.get(account.id, callback_data.id)
        if request is None:
            await context.screen.show(views.requests.render_unknown(context.texts))
        else:
            await context.screen.show(
                *views.requests.render_request(request, catalogue, company, context.texts)
            )

    @router.callback_query(Go.filter(F.to == "new"), LoggedIn())
    async def choose_type(_: CallbackQuery, context: ChatContext, catalogue: Catalogue) -> None:
        await context.screen.show(views.requests.render_types(catalogue, context.texts))

    @router.callback_query(NewRequest.filter(), LoggedIn())
    async def begin(
        _: CallbackQuery,
        callback_data: NewRequest,
        context: ChatContext,
        account: Account,
        catalogue: Catalogue,
        forms: Forms,
    ) -> None:
        chosen = catalogue.find(callback_data.code)
        if chosen is None:
            await context.screen.show(views.requests.render_types(catalogue, context.texts))
        else:
            await forms.open(context, build_form_id(chosen.code, account.category))

    return router
