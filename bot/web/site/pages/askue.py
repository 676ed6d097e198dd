"""ASKUE: identifier and password, the wait for the gateway, and the seven columns."""

from collections.abc import AsyncIterator, Mapping, Sequence

from aiohttp import web
from markupsafe import Markup

from bot.domain import Account
from bot.formatting.askue import AskueLayout, build_row, build_table, list_columns
from bot.formatting.forms import format_example, format_label
from bot.fsm.model import FormId
from bot.integrations.spreadsheets import Cell, build_xlsx
from bot.integrations.worker_process import WorkerProcess
from bot.services.askue_queries import (
    AskueFailure,
    AskueQueries,
    AskueTable,
    SilentAskueListener,
)
from bot.services.form_drafts import FormDrafts
from bot.services.rate_limits import LimitedAction, RateLimitExceeded
from bot.services.sessions import hash_token
from bot.services.site_forms import SiteForms
from bot.web.site.attachments import build_attachment
from bot.web.site.bodies import read_form
from bot.web.site.complaints import format_complaints, format_limit
from bot.web.site.context import get_context
from bot.web.site.errors import PageError
from bot.web.site.rendering import redirect, render
from bot.web.site.sessions import get_session_token

_FORM = FormId("askue")
#: A quick gateway answers before the page that says «wait», seconds.
_QUICK_SECONDS = 1.5
#: How long a script's question whether the data have come stays open, seconds.
_POLL_SECONDS = 20.0


def build_askue_routes(
    askue_queries: AskueQueries,
    drafts: FormDrafts,
    site_forms: SiteForms,
    layout: AskueLayout,
    worker: WorkerProcess,
) -> list[web.RouteDef]:
    def show_page(
        request: web.Request,
        account: Account,
        errors: Mapping[str, Markup],
        failure: str | None = None,
        status: int = 200,
    ) -> web.Response:
        context = get_context(request)
        form, step = drafts.begin(_FORM)
        answers = drafts.build_answer_context(step.draft, account)
        outcome = askue_queries.get_outcome(_get_owner(request), account.id)
        if failure is None and isinstance(outcome, AskueFailure):
            failure = context.texts(f"askue-failed-{outcome.code}")
        table = outcome if isinstance(outcome, AskueTable) else None
        return render(
            request,
            "askue.html",
            status,
            errors=errors,
            failure=failure,
            fields=[
                (
                    field,
                    format_label(form, field, context.texts),
                    format_example(form, field, answers, context.texts),
                )
                for field in form.fields
            ],
            at=context.company.format_minute(table.at) if table else None,
            columns=list_columns(layout, context.texts),
            rows=[build_row(one, table.at, layout, context.texts) for one in table.states]
            if table
            else [],
        )

    async def show_askue(request: web.Request) -> web.Response:
        context = get_context(request)
        account = context.require_account()
        if not askue_queries.is_connected:
            return render(request, "askue_missing.html")
        if askue_queries.is_running(_get_owner(request)):
            return render(request, "askue_waiting.html")
        return show_page(request, account, {})

    async def query(request: web.Request) -> web.Response:
        sent, context = await read_form(request), get_context(request)
        account = context.require_account()
        if not askue_queries.is_connected:
            return render(request, "askue_missing.html")
        # Neither enters a draft, nor the page that shows the errors.
        fields = {field.key: field for field in drafts.get_form(_FORM).fields}
        credentials, errors = drafts.read_answers(fields.values(), sent, account)
        if errors:
            complaints = format_complaints(errors, fields, context.texts)
            return show_page(request, account, complaints, status=422)
        try:
            await site_forms.spend(account.id, LimitedAction.ASKUE)
        except RateLimitExceeded as exceeded:
            return show_page(request, account, {}, format_limit(exceeded, context.texts), 429)
        owner = _get_owner(request)
        askue_queries.start(
            owner,
            account.id,
            credentials["identifier"],
            credentials["password"],
            SilentAskueListener(),
        )
        await askue_queries.wait(owner, _QUICK_SECONDS)
        return redirect(request, "/askue")

    async def cancel(request: web.Request) -> web.Response:
        context = get_context(request)
        context.require_account()
        askue_queries.cancel(_get_owner(request))
        return redirect(request, "/askue", notice="askue-cancelled")

    async def wait(request: web.Request) -> web.Response:
        """For the script: 204 once there is something to show, 202 when it is to ask again."""
        context = get_context(request)
        context.require_account()
        owner = _get_owner(request)
        await askue_queries.wait(owner, _POLL_SECONDS)
        return web.Response(status=202 if askue_queries.is_running(owner) else 204)

    async def send_spreadsheet(request: web.Request) -> web.Response:
        context = get_context(request)
        account, texts = context.require_account(), context.texts
        table = askue_queries.get_table(_get_owner(request), account.id)
        if table is None:
            raise PageError(404, "askue-forgotten")
        states = table.states
        sheet = build_table(table.at, layout, texts)

        async def iterate_rows() -> AsyncIterator[Sequence[Cell]]:
            for one in states:
                yield sheet.build_row(one)

        data = await build_xlsx(worker, texts("button-askue"), sheet.columns, iterate_rows())
        return build_attachment("askue.xlsx", data)

    return [
        web.get("/askue", show_askue),
        web.post("/askue", query),
        web.post("/askue/cancel", cancel),
        web.get("/askue/wait", wait),
        web.get("/askue/askue.xlsx", send_spreadsheet),
    ]


def _get_owner(request: web.Request) -> str:
    """The session: what was received is shown to no later login in the same browser."""
    return hash_token(get_session_token(request))
