"""Requests: the list, one request with its conversation, and what a consumer does about it."""

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from aiohttp import web
from markupsafe import Markup

from bot.domain import LOW_RATINGS, OPEN, RATINGS, Account, Request, Status, StoredFile
from bot.formatting.documents import build_receipt, format_size
from bot.formatting.requests import format_awaited_answer, list_actions
from bot.fsm.field_types import clean_text
from bot.fsm.model import Rejected
from bot.integrations.errors import FileDamaged, FileInfected, FileMissing, ScannerUnavailable
from bot.request_types import build_form_id
from bot.services.documents import Documents
from bot.services.errors import (
    DisputeExpired,
    DocumentUnavailable,
    RequestUnknown,
    StatusConflict,
)
from bot.services.rate_limits import LimitedAction, RateLimitExceeded
from bot.services.request_messages import RequestMessages, build_message_draft_id
from bot.services.request_workflow import RequestWorkflow
from bot.services.requests import Requests
from bot.services.scans import Scans
from bot.services.site_forms import SiteForms
from bot.web.site.attachments import build_attachment, send_attachment
from bot.web.site.bodies import read_form
from bot.web.site.complaints import format_limit, format_page_complaint
from bot.web.site.context import get_context
from bot.web.site.ended_sessions import find_former_account
from bot.web.site.errors import LoginNeeded, PageError
from bot.web.site.markup import mark_safe
from bot.web.site.parameters import read_page
from bot.web.site.rate_limits import spend
from bot.web.site.rendering import redirect, render
from bot.web.site.unfinished import list_unfinished
from bot.web.site.uploads import SentForm, receive_files

#: As ``RequestRepository.take_next_number`` writes it.
_NUMBER = re.compile(r"[0-9]{4}-[0-9]{6,9}")
#: Messages of a conversation on its page, and those that a link shows.
_SHOWN = 20
_WHOLE = 1000
#: Characters; in Telegram it fits into one message of the staff's group.
_MESSAGE_LENGTH = 3000


def build_requests_routes(
    requests: Requests,
    request_messages: RequestMessages,
    request_workflow: RequestWorkflow,
    scans: Scans,
    documents: Documents,
    site_forms: SiteForms,
) -> list[web.RouteDef]:
    async def get_own(request: web.Request) -> tuple[Account, Request]:
        """Another account's request is as unknown as one that is not there."""
        account = get_context(request).require_account()
        return account, await get_request(request, account)

    async def get_request(request: web.Request, account: Account) -> Request:
        number = request.match_info["number"]
        found = await requests.find(account.id, number) if _NUMBER.fullmatch(number) else None
        if found is None:
            raise PageError(404, "request-unknown")
        return found

    async def show_list(request: web.Request) -> web.Response:
        context = get_context(request)
        account = context.require_account()
        page = await requests.list_page(account.id, read_page(request))
        return render(
            request,
            "requests.html",
            page=page,
            unfinished=await list_unfinished(request, account, site_forms, "request"),
            catalogue=context.catalogue,
        )

    async def show_types(request: web.Request) -> web.Response:
        context = get_context(request)
        context.require_account()
        return render(request, "request_types.html", types=context.catalogue.types)

    async def show_request(request: web.Request) -> web.Response:
        account, found = await get_own(request)
        written = await site_forms.find_message(account.id, found.id)
        return await render_request(request, found, written=written)

    async def render_request(
        request: web.Request,
        found: Request,
        status: int = 200,
        *,
        failure: Any = None,
        errors: Mapping[str, Any] | None = None,
        written: str = "",
        message_id: str | None = None,
        kept: Sequence[StoredFile] = (),
    ) -> web.Response:
        context = get_context(request)
        limit = _WHOLE if "whole" in request.query else _SHOWN
        messages = await request_messages.list_last(found.id, limit + 1)
        return render(
            request,
            "request.html",
            status,
            filed=found,
            is_open=found.status in OPEN,
            title=context.catalogue.get(found.type_code).title[context.texts.locale],
            question=found.history[-1].comment if found.status is Status.CLARIFICATION else "",
            awaited=mark_safe(format_awaited_answer(found, context.texts)),
            actions=list_actions(found),
            ratings=RATINGS,
            messages=messages[-limit:],
            has_earlier=len(messages) > limit and limit == _SHOWN,
            can_copy=requests.copy_answers(found) is not None,
            attached=_sort_by_message(found),
            message_id=message_id or secrets.token_hex(8),
            kept=kept,
            failure=failure,
            errors=errors or {},
            written=written,
            size=lambda file: format_size(file, context.texts),
        )

    async def send_message(request: web.Request) -> web.Response:
        """«Дополнить»; nothing is sent while something is wrong, and what was right is kept."""
        context = get_context(request)
        if context.account is None:
            await keep_for_later(request)
        account, found = await get_own(request)
        async with receive_files(request) as sent:
            message_id = sent.fields.get("message", "")
            if not re.fullmatch("[0-9a-f]{16}", message_id):
                raise PageError(400)
            draft_id = build_message_draft_id(account.id, message_id)
            errors, failure = await keep_files(request, account, draft_id, sent)
        text = clean_text(sent.fields.get("text", ""), multiline=True)
        if len(text) > _MESSAGE_LENGTH:
            too_long = Rejected("too-long", limit=_MESSAGE_LENGTH, length=len(text))
            errors["text"] = format_page_complaint(too_long, None, context.texts)
        if not errors and failure is None:
            try:
                await request_messages.send_to_staff(
                    account, context.browser.address, found.id, message_id, text
                )
            except Rejected as rejected:
                errors["text"] = format_page_complaint(rejected, None, context.texts)
            except RateLimitExceeded as exceeded:
                failure = format_limit(exceeded, context.texts)
            except RequestUnknown:
                raise PageError(404, "request-unknown") from None
            else:
                await site_forms.forget_message(account.id, found.id)
                is_answer = found.status is Status.CLARIFICATION
                notice = "message-answered" if is_answer else "message-sent"
                return redirect(request, f"/requests/{found.number}", notice=notice)
        return await render_request(
            request,
            found,
            429 if failure else 422,
            failure=failure,
            errors=errors,
            written=text,
            message_id=message_id,
            kept=await scans.list_for_draft(draft_id),
        )

    async def keep_for_later(request: web.Request) -> NoReturn:
        """The session is over: the text waits for the login."""
        account = await find_former_account(request, site_forms)
        found = await get_request(request, account)
        async with receive_files(request) as sent:
            text = sent.fields.get("text", "")
        if text.strip():
            await site_forms.keep_message(account.id, found.id, text)
        raise LoginNeeded(kept=bool(text.strip()))

    async def keep_files(
        request: web.Request, account: Account, draft_id: str, sent: SentForm
    ) -> tuple[dict[str, Markup], str | None]:
        """Keeps the files of a message; returns what is wrong with them, and a limit reached."""
        texts = get_context(request).texts
        complaints = []
        for file in sent.files:
            try:
                if file.rejected:
                    raise file.rejected
                await site_forms.spend(account.id, LimitedAction.FILES)
                await scans.accept(draft_id, None, file.name, file.staged, account_id=account.id)
            except Rejected as rejected:
                complaints.append(format_page_complaint(rejected, None, texts))
            except RateLimitExceeded as exceeded:
                return {}, format_limit(exceeded, texts)
        return ({"scans": Markup(" ").join(complaints)} if complaints else {}), None

    async def ask(request: web.Request) -> web.Response:
        """Asks before a request is withdrawn or disputed."""
        _, found = await get_own(request)
        act = request.match_info["act"]
        if act not in list_actions(found):
            return await render_request(
                request, found, 409, failure=_say(request, "site-overtaken")
            )
        return render(request, "request_sure.html", filed=found, act=act)

    async def act(request: web.Request) -> web.Response:
        address = get_context(request).browser.address
        account, found = await get_own(request)
        place = f"/requests/{found.number}"
        try:
            if request.match_info["act"] == "withdraw":
                await request_workflow.withdraw(account, address, found.id)
                return redirect(request, place, notice="request-withdrawn")
            await request_workflow.dispute(account, address, found.id)
            return redirect(request, f"{place}#write", notice="request-disputed")
        except StatusConflict:
            failure = "site-overtaken"
        except DisputeExpired:
            failure = "request-dispute-late"
        except RequestUnknown:
            raise PageError(404, "request-unknown") from None
        _, found = await get_own(request)
        return await render_request(request, found, 409, failure=_say(request, failure))

    async def rate(request: web.Request) -> web.Response:
        sent, context = await read_form(request), get_context(request)
        account, found = await get_own(request)
        stars = sent.get("stars", "")
        if stars not in map(str, RATINGS):
            errors = {"stars": context.texts("site-stars-missing")}
            return await render_request(request, found, 422, errors=errors)
        try:
            first = await request_workflow.rate(
                account, context.browser.address, found.id, int(stars)
            )
        except StatusConflict:
            return await render_request(
                request, found, 409, failure=_say(request, "site-overtaken")
            )
        notice = "request-rated" if first else "request-rated-before"
        if first and int(stars) in LOW_RATINGS:
            notice = "request-rated-low"
        return redirect(request, f"/requests/{found.number}", notice=notice)

    async def copy(request: web.Request) -> web.Response:
        account, found = await get_own(request)
        answers = requests.copy_answers(found)
        if answers is None:
            raise PageError(404)
        form_id = build_form_id(found.type_code, account.category)
        copied = await site_forms.begin_copy(account, form_id, answers)
        notice = "request-copied" if copied else "request-not-copied"
        return redirect(request, f"/requests/new/{found.type_code}", notice=notice)

    async def send_receipt(request: web.Request) -> web.Response:
        context = get_context(request)
        account, found = await get_own(request)
        await spend(site_forms, account, LimitedAction.DOCUMENTS)
        receipt = build_receipt(found, context.catalogue, context.company, context.texts)
        try:
            data = await documents.render(receipt, account.id)
        except DocumentUnavailable:
            raise PageError(503, "document") from None
        return build_attachment(receipt.file_name, data)

    async def send_file(request: web.Request) -> web.StreamResponse:
        account, found = await get_own(request)
        wanted = request.match_info["file"]
        files = (*found.scans, *found.documents)
        file = next((one for one in files if str(one.id) == wanted), None)
        if file is None:
            raise PageError(404, "request-unknown")
        await spend(site_forms, account, LimitedAction.FILES)
        try:
            await scans.verify(file)
        except (FileMissing, FileDamaged, FileInfected):
            raise PageError(404, "file-gone") from None
        except ScannerUnavailable:
            raise PageError(503, "file-unchecked") from None
        return await send_attachment(
            request,
            file.name,
            scans.read_pieces(file),
            media_type=file.media_type,
            size=file.size,
        )

    return [
        web.get("/requests", show_list),
        web.get("/requests/new", show_types),
        web.get("/requests/{number}", show_request),
        web.post("/requests/{number}/messages", send_message),
        web.post("/requests/{number}/rating", rate),
        web.post("/requests/{number}/copy", copy),
        web.get("/requests/{number}/receipt", send_receipt),
        web.get("/requests/{number}/files/{file}", send_file),
        web.get("/requests/{number}/{act:withdraw|dispute}", ask),
        web.post("/requests/{number}/{act:withdraw|dispute}", act),
    ]


def _sort_by_message(found: Request) -> dict[int | None, list[StoredFile]]:
    """The files of a request by the message that they came with."""
    grouped: dict[int | None, list[StoredFile]] = {}
    for file in (*found.scans, *found.documents):
        grouped.setdefault(file.request_message_id, []).append(file)
    return grouped


def _say(request: web.Request, key: str) -> str:
    return get_context(request).texts(key)
