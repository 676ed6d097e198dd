"""The form of a request: its questions at once, files, review, and sending it."""

from collections.abc import Mapping, Sequence
from typing import NoReturn

from aiohttp import web
from markupsafe import Markup

from bot.domain import Account, Channel, Verdict, compute_application_number
from bot.formatting.documents import build_application, build_power_of_attorney
from bot.formatting.forms import format_heading, format_label, format_raw_answer
from bot.formatting.requests import format_answers
from bot.fsm.model import APPLICATION, Field, FormId, Rejected, list_visible
from bot.request_types import build_form_id
from bot.services.documents import Documents
from bot.services.errors import DocumentUnavailable
from bot.services.form_drafts import FormDrafts
from bot.services.rate_limits import LimitedAction, RateLimitExceeded
from bot.services.requests import Requests
from bot.services.scans import MAX_FILE_BYTES
from bot.services.site_forms import OpenForm, SiteForms
from bot.texts import Texts
from bot.web.site.attachments import build_attachment
from bot.web.site.complaints import format_limit, format_page_complaint
from bot.web.site.context import get_context
from bot.web.site.ended_sessions import find_former_account
from bot.web.site.errors import LoginNeeded, PageError
from bot.web.site.form_fields import (
    find_missing,
    list_questions,
    read_answers,
    read_confirmations,
)
from bot.web.site.markup import mark_safe
from bot.web.site.rate_limits import spend
from bot.web.site.rendering import redirect, render
from bot.web.site.uploads import SentFile, SentForm, receive_files


def build_request_form_routes(
    site_forms: SiteForms,
    drafts: FormDrafts,
    requests: Requests,
    documents: Documents,
    staff_texts: Texts,
) -> list[web.RouteDef]:
    """``staff_texts`` are those of the first language: in it an application is filed."""

    def find_form_id(request: web.Request, account: Account) -> FormId:
        chosen = get_context(request).catalogue.find(request.match_info["type"])
        if chosen is None:
            raise PageError(404, "type-unknown")
        return build_form_id(chosen.code, account.category)

    async def show_form(request: web.Request) -> web.Response:
        account = get_context(request).require_account()
        opened = await site_forms.open(account, find_form_id(request, account))
        return render_form(request, account, opened, {})

    async def show_review(request: web.Request) -> web.Response:
        context = get_context(request)
        account = context.require_account()
        opened = await site_forms.open(account, find_form_id(request, account))
        if not opened.is_complete:
            return redirect(request, _get_place(request))
        return render_review(request, opened)

    async def take(request: web.Request) -> web.StreamResponse:
        """Everything that a page of the form sends; its button says what to do."""
        context = get_context(request)
        if context.account is None:
            await keep_for_later(request)
        account, form_id = context.account, find_form_id(request, context.account)
        async with receive_files(request) as sent:
            # The draft may have been sent from another tab, or by a first press.
            former = await requests.find_registered(sent.fields.get("draft", "")[:64], account.id)
            if former is not None:
                return redirect(request, f"/requests/{former.number}")
            file_error = await attach(account, form_id, sent.files, context.texts)
        return await act(request, account, form_id, sent, file_error)

    async def act(
        request: web.Request,
        account: Account,
        form_id: FormId,
        sent: SentForm,
        file_error: Markup | None,
    ) -> web.StreamResponse:
        name, _, which = sent.fields.get("act", "submit").partition(":")
        is_whole = name in {"next", "submit"} and not sent.is_cut
        opened = await site_forms.answer(
            account,
            form_id,
            read_answers(drafts.get_form(form_id), sent.fields),
            read_confirmations(drafts.get_form(form_id), sent.fields),
            is_whole=is_whole,
        )
        if file_error is not None:
            return render_form(request, account, opened, opened.errors, file_error=file_error)
        match name:
            case "next" if opened.errors:
                return render_form(request, account, opened, opened.errors)
            case "next" if opened.is_complete:
                return redirect(request, f"{_get_place(request)}/review")
            case "next":
                # An answer has opened questions that the page did not show.
                at = f"{_get_place(request)}#field-{opened.draft.open}"
                return redirect(request, at, notice="form-more")
            case "save":
                return redirect(request, "/requests", notice="form-saved")
            case "autosave":
                return web.json_response({"emergency": drafts.is_emergency(opened.draft)})
            case "attach":
                return redirect(request, f"{_get_place(request)}#files")
            case "remove":
                if which.isdecimal():
                    await site_forms.remove_file(account, form_id, int(which[:18]))
                return redirect(request, f"{_get_place(request)}#files")
            case "discard":
                await site_forms.discard(account.id, opened.draft.id)
                return redirect(request, "/requests", notice="form-discarded")
            case "application" | "power_of_attorney":
                return redirect(request, f"{_get_place(request)}/{name}")
            case "submit_now" if drafts.is_emergency(opened.draft):
                return await submit(request, account, opened)
        errors = {**find_missing(opened), **opened.errors}
        if errors:
            return render_form(request, account, opened, errors)
        return await submit(request, account, opened)

    async def submit(request: web.Request, account: Account, opened: OpenForm) -> web.Response:
        texts = get_context(request).texts
        try:
            registered = await requests.register_draft(
                opened.draft,
                account,
                format_answers(opened.form, opened.draft.answers, texts),
                text_if_none=texts("request-without-text"),
                channel=Channel.WEB,
            )
        except RateLimitExceeded as limit:
            return render_review(request, opened, failure=format_limit(limit, texts))
        await site_forms.forget(account.id, opened.draft.id)
        return redirect(request, f"/requests/{registered.number}", notice="request-registered")

    async def attach(
        account: Account, form_id: FormId, files: Sequence[SentFile], texts: Texts
    ) -> Markup | None:
        """Keeps files; what is wrong with those that were refused."""
        complaints = []
        for file in files:
            try:
                if file.rejected is not None:
                    raise file.rejected
                await site_forms.spend(account.id, LimitedAction.FILES)
                await site_forms.attach(account, form_id, file.name, file.staged)
            except Rejected as rejected:
                complaints.append(format_page_complaint(rejected, None, texts))
            except RateLimitExceeded as limit:
                complaints.append(mark_safe(format_limit(limit, texts)))
                break
        return Markup("<br>").join(complaints) if complaints else None

    async def take_file(request: web.Request) -> web.Response:
        """One file that the script sends; answered by the list of files as it is now."""
        context = get_context(request)
        account = context.require_account()
        form_id = find_form_id(request, account)
        async with receive_files(request) as sent:
            error = await attach(account, form_id, sent.files, context.texts)
        opened = await site_forms.open(account, form_id)
        return render(request, "files.html", 422 if error else 200, files=opened.files, error=error)

    async def send_application(request: web.Request) -> web.Response:
        context = get_context(request)
        account = context.require_account()
        opened = await site_forms.open(account, find_form_id(request, account))
        await spend(site_forms, account, LimitedAction.DOCUMENTS)
        form, draft = opened.form, opened.draft
        if request.match_info["paper"] == APPLICATION:
            document = build_application(
                form,
                draft.id,
                draft.answers,
                account,
                drafts.get_today(),
                context.company,
                staff_texts,
            )
        else:
            document = build_power_of_attorney(
                form, draft.answers, account, context.company, staff_texts
            )
        try:
            data = await documents.render(document, account.id)
        except DocumentUnavailable:
            raise PageError(503, "document") from None
        if request.match_info["paper"] == APPLICATION:
            number = compute_application_number(draft.id, draft.answers)
            await site_forms.remember_application(account.id, draft.id, number)
        return build_attachment(document.file_name, data)

    async def keep_for_later(request: web.Request) -> NoReturn:
        """The session is over: the answers wait for the login, in the draft of the account."""
        account = await find_former_account(request, site_forms)
        async with receive_files(request) as sent:
            form_id = find_form_id(request, account)
            raw = read_answers(drafts.get_form(form_id), sent.fields)
            await site_forms.answer(account, form_id, raw, is_whole=False)
        raise LoginNeeded(kept=True)

    def render_form(
        request: web.Request,
        account: Account,
        opened: OpenForm,
        errors: Mapping[str, Rejected],
        *,
        file_error: Markup | None = None,
    ) -> web.Response:
        context = get_context(request)
        answers = drafts.build_answer_context(opened.draft, account)
        form, texts = opened.form, context.texts
        questions = list(list_questions(opened, errors, answers, texts))
        return render(
            request,
            "request_form.html",
            422 if errors or file_error else 200,
            heading=mark_safe(format_heading(form, texts)),
            remark=form.notice[texts.locale] if form.notice else None,
            questions=questions,
            draft=opened.draft,
            files=opened.files,
            file_error=file_error,
            file_limit=MAX_FILE_BYTES,
            unchecked=any(file.verdict is Verdict.WAITING for file in opened.files),
            emergency=drafts.is_emergency(opened.draft),
            place=_get_place(request),
            is_begun=drafts.find_form_worth_keeping(opened.draft) is not None,
        )

    def render_review(
        request: web.Request, opened: OpenForm, *, failure: str | None = None
    ) -> web.Response:
        texts, form, answers = get_context(request).texts, opened.form, opened.draft.answers
        return render(
            request,
            "request_review.html",
            429 if failure else 200,
            heading=mark_safe(format_heading(form, texts)),
            facts=[
                (field.key, format_label(form, field, texts), _show(opened, field, texts))
                for field in list_visible(form.fields, answers)
                if field.kind != "files"
            ],
            files=opened.files,
            draft=opened.draft,
            emergency=drafts.is_emergency(opened.draft),
            is_outdated=opened.draft.application
            not in {None, compute_application_number(opened.draft.id, answers)},
            failure=failure,
            place=_get_place(request),
        )

    return [
        web.get("/requests/new/{type}", show_form),
        web.post("/requests/new/{type}", take),
        web.get("/requests/new/{type}/review", show_review),
        web.post("/requests/new/{type}/files", take_file),
        web.get("/requests/new/{type}/{paper:application|power_of_attorney}", send_application),
    ]


def _get_place(request: web.Request) -> str:
    return f"/requests/new/{request.match_info['type']}"


def _show(opened: OpenForm, field: Field, texts: Texts) -> str:
    return format_raw_answer(opened.form, field, opened.draft.answers[field.key], texts)
