"""The profile: data, password, answers, logins, export, deletion."""

from asyncio import to_thread
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from io import RawIOBase
from typing import Any
from zipfile import ZipFile

from aiohttp import web

from bot.domain import Account, AnswerChannel, Category, Contact
from bot.formatting.forms import format_label
from bot.formatting.personal_data import ArchiveRenderer
from bot.fsm.builtin_forms import get_builtin_forms
from bot.fsm.field_types import format_phone
from bot.fsm.model import Field, Rejected
from bot.integrations.smtp import Mailer
from bot.services.accounts import Accounts
from bot.services.contact_changes import ContactChanges
from bot.services.fair_queue import FairQueue
from bot.services.form_drafts import FormDrafts
from bot.services.new_emails import check_new_email
from bot.services.passwords import Passwords
from bot.services.personal_data import PersonalDataService
from bot.services.rate_limits import LimitedAction, RateLimitExceeded
from bot.services.site_forms import SiteForms
from bot.web.site.attachments import send_attachment
from bot.web.site.bodies import read_form
from bot.web.site.complaints import format_complaints, format_limit
from bot.web.site.context import get_context
from bot.web.site.rendering import redirect, render

#: Of an archive, sent at a time.
_PIECE_BYTES = 512 * 1024

_FORMS = get_builtin_forms()
_REGISTRATION = _FORMS["registration"]
_PASSWORD = {field.key: field for field in _FORMS["password"].fields}
_EMAIL = {field.key: field for field in _FORMS["email"].fields}
_DELETION = {field.key: field for field in _FORMS["deletion"].fields}


class ProfilePages:
    def __init__(
        self,
        *,
        accounts: Accounts,
        contact_changes: ContactChanges,
        passwords: Passwords,
        personal_data: PersonalDataService,
        archive_renderer: ArchiveRenderer,
        site_forms: SiteForms,
        drafts: FormDrafts,
        mailer: Mailer,
    ) -> None:
        self._accounts = accounts
        self._contact_changes = contact_changes
        self._passwords = passwords
        self._personal_data = personal_data
        self._archive_renderer = archive_renderer
        self._site_forms = site_forms
        self._drafts = drafts
        self._mailer = mailer
        self._downloads = FairQueue()

    def build_routes(self) -> list[web.RouteDef]:
        return [
            web.get("/profile", self.show_profile),
            web.post("/profile", self.change_password),
            web.post("/profile/data", self.change_data),
            web.post("/profile/answers", self.set_answer_channel),
            web.post("/profile/sessions", self.end_session),
            web.post("/profile/export", self.download_archive),
            web.get("/profile/email", self.show_email),
            web.post("/profile/email", self.send_code),
            web.post("/profile/email/code", self.change_email),
            web.get("/profile/deletion", self.show_deletion),
            web.post("/profile/deletion", self.delete_account),
        ]

    async def show_profile(self, request: web.Request) -> web.Response:
        return await self._render_profile(request)

    async def change_password(self, request: web.Request) -> web.Response:
        """Old, new, repeated: the specification, section 3."""
        context, form = get_context(request), await read_form(request)
        account = context.require_account()
        answers, errors = self._drafts.read_answers(_PASSWORD.values(), form, account)
        if not errors and answers["new"] != answers["repeat"]:
            errors["repeat"] = Rejected("passwords-differ")
        await self._check_password(request, "old", answers, errors)
        if not errors:
            try:
                hashed = await self._passwords.prepare(account.id, answers["new"])
            except Rejected as rejected:
                errors["new"] = rejected
            else:
                await self._passwords.change(account.id, context.address, hashed)
                return redirect(request, "/profile", notice="password-changed")
        return await self._render_profile(request, errors=errors, fields=_PASSWORD)

    async def change_data(self, request: web.Request) -> web.Response:
        context, form = get_context(request), await read_form(request)
        account = context.require_account()
        fields = _list_data_fields(account)
        answers, errors = self._drafts.read_answers(fields.values(), form, account)
        if errors:
            return await self._render_profile(request, errors=errors, fields=fields, typed=form)
        try:
            for key, value in answers.items():
                what = Contact.PHONE if key == "phone" else Contact.NAME
                await self._contact_changes.change(account.id, context.address, what, value)
        except RateLimitExceeded as exceeded:
            alert = format_limit(exceeded, context.texts)
            return await self._render_profile(request, 429, fields=fields, typed=form, alert=alert)
        return redirect(request, "/profile", notice="data-changed")

    async def set_answer_channel(self, request: web.Request) -> web.Response:
        account, form = get_context(request).require_account(), await read_form(request)
        if form.get("channel") in set(AnswerChannel):
            await self._accounts.set_answer_channel(account.id, AnswerChannel(form["channel"]))
            return redirect(request, "/profile", notice="answers-set")
        return redirect(request, "/profile")

    async def end_session(self, request: web.Request) -> web.Response:
        context, form = get_context(request), await read_form(request)
        account = context.require_account()
        for one in await self._accounts.list_sessions(account.id):
            # «Выйти» in the head is for this browser.
            if form.get("session") == str(one.address.id) and one.address != context.address:
                await self._accounts.end_session(account.id, one.address)
                return redirect(request, "/profile", notice="session-ended")
        return redirect(request, "/profile")

    async def download_archive(self, request: web.Request) -> web.StreamResponse:
        """A ZIP of ZIPs of some 40 MB each: one at a time is in memory, and one for an account."""
        context = get_context(request)
        account = context.require_account()
        try:
            await self._site_forms.spend(account.id, LimitedAction.DOCUMENTS)
        except RateLimitExceeded as exceeded:
            alert = format_limit(exceeded, context.texts)
            return await self._render_profile(request, 429, alert=alert)
        download = self._downloads.lock(account.id)
        if download.locked():
            alert = context.texts("site-archive-under-way")
            return await self._render_profile(request, 409, alert=alert)
        async with download:
            await self._personal_data.record_export(account.id, context.address)
            archives = self._personal_data.build_archives(
                account.id,
                self._archive_renderer.render_summary,
                self._archive_renderer.render_documents,
            )
            return await send_attachment(request, "cabinet.zip", _zip(archives))

    async def show_email(self, request: web.Request) -> web.Response:
        get_context(request).require_account()
        return _render_email(request, "", {})

    async def send_code(self, request: web.Request) -> web.Response:
        """The new email and the password; then a code goes to the new email."""
        context, form = get_context(request), await read_form(request)
        account = context.require_account()
        asked = [field for key, field in _EMAIL.items() if key != "code"]
        answers, errors = self._drafts.read_answers(asked, form, account)
        typed = form.get("email", "")
        if "email" in answers:
            try:
                is_kept = form.get("email_kept") == answers["email"]
                await check_new_email(self._mailer, answers["email"], is_confirmed=is_kept)
            except Rejected as rejected:
                errors["email"] = rejected
        await self._check_password(request, "password", answers, errors)
        if not errors:
            try:
                await self._contact_changes.send_code(account.id, context.address, answers["email"])
            except Rejected as rejected:
                errors["email"] = rejected
            except RateLimitExceeded as exceeded:
                return _render_email(
                    request, typed, {}, 429, alert=format_limit(exceeded, context.texts)
                )
            else:
                return render(request, "email_code.html", email=answers["email"], errors={})
        return _render_email(request, typed, errors)

    async def change_email(self, request: web.Request) -> web.Response:
        context, form = get_context(request), await read_form(request)
        account = context.require_account()
        asked = [field for key, field in _EMAIL.items() if key != "password"]
        answers, errors = self._drafts.read_answers(asked, form, account)
        if "email" in errors:
            return _render_email(request, form.get("email", ""), errors)
        if not errors:
            try:
                await self._contact_changes.change_email(
                    account.id, context.address, answers["email"], answers["code"]
                )
            except Rejected as rejected:
                errors["code"] = rejected
            else:
                return redirect(request, "/profile", notice="data-changed")
        complaints = format_complaints(errors, _EMAIL, context.texts)
        return render(request, "email_code.html", 422, email=answers["email"], errors=complaints)

    async def show_deletion(self, request: web.Request) -> web.Response:
        get_context(request).require_account()
        return render(request, "deletion.html", errors={})

    async def delete_account(self, request: web.Request) -> web.Response:
        context, form = get_context(request), await read_form(request)
        account = context.require_account()
        answers, errors = self._drafts.read_answers(_DELETION.values(), form, account)
        await self._check_password(request, "password", answers, errors)
        if not errors:
            await self._personal_data.erase(account.id, context.address)
            return redirect(request, "/", notice="deleted")
        complaints = format_complaints(errors, _DELETION, context.texts)
        return render(request, "deletion.html", 422, errors=complaints)

    async def _check_password(
        self,
        request: web.Request,
        key: str,
        answers: Mapping[str, str],
        errors: dict[str, Rejected],
    ) -> None:
        """Puts what is wrong with the present password into ``errors``.

        Only once all the rest is right: each check is a guess of those that are counted.
        """
        if errors:
            return
        context = get_context(request)
        try:
            await self._accounts.check_password(
                context.require_account().id, context.address, answers[key]
            )
        except Rejected as rejected:
            errors[key] = rejected

    async def _render_profile(
        self,
        request: web.Request,
        status: int = 200,
        *,
        errors: Mapping[str, Rejected] | None = None,
        fields: Mapping[str, Field] | None = None,
        typed: Mapping[str, str] | None = None,
        alert: str | None = None,
    ) -> web.Response:
        context = get_context(request)
        account = context.require_account()
        name_key, _ = _list_data_fields(account)
        phone = format_phone(account.phone, context.texts.locale)
        values = {name_key: account.name, "phone": phone}
        return render(
            request,
            "profile.html",
            422 if errors else status,
            name_key=name_key,
            name_label=format_label(
                _REGISTRATION, _REGISTRATION.get_field(name_key), context.texts
            ),
            values={key: (typed or values).get(key, "") for key in values},
            phone=phone,
            channels=[channel.value for channel in AnswerChannel],
            sessions=await self._list_sessions(request, account),
            errors=format_complaints(errors or {}, fields or {}, context.texts),
            alert=alert,
        )

    async def _list_sessions(self, request: web.Request, account: Account) -> list[dict[str, Any]]:
        context = get_context(request)
        return [
            {
                "id": one.address.id,
                "name": one.name or str(one.address.id),
                "channel": one.address.channel,
                "is_here": one.address == context.address,
                "since": context.company.format_minute(one.logged_in_at),
                "seen": context.company.format_minute(one.last_seen_at),
            }
            for one in await self._accounts.list_sessions(account.id)
        ]


class _Pieces(RawIOBase):
    """What a ZipFile writes, to be sent piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self._data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._data += data
        return len(memoryview(data))

    def take(self) -> bytes:
        taken = bytes(self._data)
        self._data.clear()
        return taken


async def _zip(archives: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """One ZIP of all, in pieces."""
    pieces, number = _Pieces(), 0
    with ZipFile(pieces, "w") as whole:
        async for archive in archives:
            number += 1
            await to_thread(whole.writestr, f"{number}.zip", archive)
            taken = memoryview(pieces.take())
            for at in range(0, len(taken), _PIECE_BYTES):
                yield bytes(taken[at : at + _PIECE_BYTES])
    yield pieces.take()


def _list_data_fields(account: Account) -> dict[str, Field]:
    """Name and phone, which change at once."""
    name = "organisation" if account.category is Category.LEGAL else "full_name"
    return {key: _REGISTRATION.get_field(key) for key in (name, "phone")}


def _render_email(
    request: web.Request,
    email: str,
    errors: Mapping[str, Rejected],
    status: int = 200,
    *,
    alert: str | None = None,
) -> web.Response:
    complaints = format_complaints(errors, _EMAIL, get_context(request).texts)
    doubtful = "email" in errors and errors["email"].code == "email-slip"
    return render(
        request,
        "email.html",
        422 if errors else status,
        email=email,
        email_kept=email.strip().lower() if doubtful else "",
        errors=complaints,
        alert=alert,
    )
