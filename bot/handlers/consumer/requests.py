"""Handlers of requests: the list, one request, and filing a new one."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from bot import views
from bot.domain import Account, AnswerKey, Request
from bot.formatting.requests import format_answers
from bot.formatting.values import escape
from bot.fsm.model import Draft, Form
from bot.handlers.consumer.context import ChatContext, LoggedIn
from bot.handlers.consumer.forms import FormAction, FormResult, Forms
from bot.integrations.errors import FileDamaged, FileInfected, FileMissing, ScannerUnavailable
from bot.keyboards import (
    Go,
    LooseMessages,
    NewRequest,
    OpenFile,
    OpenRequest,
    RequestAction,
    RequestsPage,
)
from bot.request_types import build_form_id
from bot.services.form_drafts import FormDrafts
from bot.services.rate_limits import LimitedAction
from bot.services.request_messages import RequestMessages
from bot.services.requests import Requests
from bot.services.scans import Scans
from bot.telegram.callback_answer import CallbackAlert
from bot.telegram.filters import PressOf
from bot.views.forms import Hints, Link


class RequestFilingAction(FormAction):
    """Registers a request; a second press submits the same draft and gives the same number.

    It provides the warning of an emergency too: such a request may be sent before its end.
    """

    def __init__(self, requests: Requests, drafts: FormDrafts) -> None:
        self._requests = requests
        self._drafts = drafts

    async def submit(self, context: ChatContext, form: Form, draft: Draft) -> FormResult:
        request = await self._requests.register_draft(
            draft,
            context.require_account(),
            format_answers(form, draft.answers, context.texts),
            text_if_none=context.texts("request-without-text"),
        )
        return _build_result(request, context)

    async def get_hints(self, context: ChatContext, form: Form, draft: Draft) -> Hints:
        """Warns of the danger that an answer reports, and offers files that came before."""
        warning, links = None, list[Link]()
        if self._drafts.is_emergency(draft):
            phone = escape(context.company.support_phone)
            warning = context.texts("emergency-warning", phone=phone)
        files = context.conversation.list_loose(draft.id)
        if files and draft.open == AnswerKey.SCANS:
            words = context.texts("button-attach-loose", count=len(files))
            links.append(Link(words=words, target=LooseMessages(act="attach")))
        return Hints(warning=warning, links=tuple(links))

    async def already_submitted(self, context: ChatContext, draft_id: str) -> FormResult | None:
        if context.chat.account is None:
            return None
        request = await self._requests.find_registered(draft_id, context.chat.account.id)
        return _build_result(request, context) if request else None


def _build_result(request: Request, context: ChatContext) -> FormResult:
    view = views.requests.render_registered(
        request, context.catalogue, context.company, context.texts
    )
    return FormResult(views=(view,), lasting=True)


async def show_request(
    context: ChatContext, request: Request, request_messages: RequestMessages
) -> None:
    await context.screen.show(
        *views.requests.render_request(
            request,
            await request_messages.list_last(request.id),
            context.catalogue,
            context.company,
            context.texts,
        )
    )


def build_requests_router() -> Router:
    router = Router(name="requests")

    async def show_page_of(
        context: ChatContext, account: Account, requests: Requests, number: int = 0
    ) -> None:
        page = await requests.list_page(account.id, max(number, 0))
        await context.screen.show(
            views.requests.render_page(page, context.catalogue, context.company, context.texts)
        )

    @router.callback_query(PressOf(Go(to="requests")), LoggedIn())
    async def open_requests(
        _: CallbackQuery, context: ChatContext, account: Account, requests: Requests
    ) -> None:
        await show_page_of(context, account, requests)

    @router.callback_query(RequestsPage.filter(), LoggedIn())
    async def show_page(
        _: CallbackQuery,
        callback_data: RequestsPage,
        context: ChatContext,
        account: Account,
        requests: Requests,
    ) -> None:
        await show_page_of(context, account, requests, callback_data.page)

    @router.callback_query(OpenRequest.filter(), LoggedIn())
    async def open_request(
        _: CallbackQuery,
        callback_data: OpenRequest,
        context: ChatContext,
        account: Account,
        requests: Requests,
        request_messages: RequestMessages,
    ) -> None:
        request = await requests.get(account.id, callback_data.id)
        if request is None:
            await context.screen.show(views.requests.render_unknown(context.texts))
        else:
            await show_request(context, request, request_messages)

    @router.callback_query(RequestAction.filter(F.act == "files"), LoggedIn())
    async def show_files(
        _: CallbackQuery,
        callback_data: RequestAction,
        context: ChatContext,
        account: Account,
        requests: Requests,
    ) -> None:
        request = await requests.get(account.id, callback_data.id)
        if request is None:
            await context.screen.show(views.requests.render_unknown(context.texts))
        else:
            await context.screen.show(views.requests.render_files(request, context.texts))

    @router.callback_query(OpenFile.filter(), LoggedIn())
    async def send_file(
        _: CallbackQuery,
        callback_data: OpenFile,
        context: ChatContext,
        account: Account,
        requests: Requests,
        scans: Scans,
        alert: CallbackAlert,
    ) -> None:
        request = await requests.get(account.id, callback_data.request)
        files = (*request.scans, *request.documents) if request else ()
        file = next((one for one in files if one.id == callback_data.id), None)
        if request is None or file is None:
            await context.screen.show(views.requests.render_unknown(context.texts))
            return
        context.conversation.rate_limiter.spend(LimitedAction.FILES)
        await context.screen.show_activity("upload_document")
        try:
            await scans.verify(file)
        except (FileMissing, FileDamaged, FileInfected):
            alert.text = context.texts("request-file-gone")
        except ScannerUnavailable:
            alert.text = context.texts("request-file-unchecked")
        else:
            await context.screen.send_stored_file(file, scans.read_pieces)
        await context.screen.show(views.requests.render_files(request, context.texts))

    @router.callback_query(PressOf(Go(to="new")), LoggedIn())
    async def show_types(_: CallbackQuery, context: ChatContext) -> None:
        await context.screen.show(views.requests.render_types(context.catalogue, context.texts))

    @router.callback_query(NewRequest.filter(), LoggedIn())
    async def open_request_form(
        _: CallbackQuery,
        callback_data: NewRequest,
        context: ChatContext,
        account: Account,
        forms: Forms,
        alert: CallbackAlert,
    ) -> None:
        chosen = context.catalogue.find(callback_data.code)
        if chosen is None:
            alert.text = context.texts("outdated")
            await context.screen.show(views.requests.render_types(context.catalogue, context.texts))
        else:
            await forms.open(context, build_form_id(chosen.code, account.category))

    return router
