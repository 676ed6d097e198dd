"""Forms on the site: drafts that belong to an account, and their way to and from its chats."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Protocol

from sqlalchemy.exc import NoResultFound

from bot.db.database import Database
from bot.domain import Account, StoredFile
from bot.fsm import engine
from bot.fsm.kept_drafts import list_drafts, put_draft, remove_draft
from bot.fsm.model import Draft, Form, FormId, Rejected
from bot.integrations.file_store import StagedFile
from bot.services.clock import Clock
from bot.services.form_drafts import FormDrafts
from bot.services.rate_limits import LimitedAction, RateLimit, RateLimiter
from bot.services.scans import Scans

#: Beside the drafts: what was typed on a page and refused, by draft, then by question.
_REFUSED = "refused"
#: A message to the staff that was not sent, and the id of its request.
_UNSENT = "unsent"
#: Longer words are not kept: no question takes them, and no message.
_KEPT_LENGTH = 5000


class SiteConversations(Protocol):
    """What the site keeps for an account, and the drafts of its chats."""

    async def load_site(self, account_id: int) -> Mapping[str, Any]: ...

    def change_site(self, account_id: int) -> AbstractAsyncContextManager[dict[str, Any]]:
        """The same, locked; it is stored when the block ends."""
        ...

    async def list_drafts(self, chat_id: int, account_id: int) -> list[Draft]: ...

    async def move_to_site(self, chat_id: int, draft_id: str, account_id: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenForm:
    """A form as its page shows it.

    ``refused`` is what was typed and is no answer, by the keys of questions; ``errors``: what is
    wrong with what was sent now.
    """

    form: Form
    draft: Draft
    files: Sequence[StoredFile]
    refused: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, Rejected] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        return self.draft.open is None and not self.errors


class SiteForms:
    """An account has one draft for each form; it lives on the site or in one of the chats.

    Opening the form on the site moves it there. A chat takes it back by ``find`` and ``give``.
    """

    def __init__(
        self,
        conversations: SiteConversations,
        drafts: FormDrafts,
        database: Database,
        scans: Scans,
        clock: Clock,
        rate_limits: Mapping[LimitedAction, RateLimit],
    ) -> None:
        """``rate_limits`` are those of one chat."""
        self._conversations = conversations
        self._drafts = drafts
        self._database = database
        self._scans = scans
        self._clock = clock
        self._rate_limits = rate_limits

    async def list_unfinished(self, account: Account) -> list[Draft]:
        """The drafts of both doors that are worth to go on with, the last one first."""
        found = {draft.id: draft for draft in await self.list_on_site(account.id)}
        for chat_id in await self._list_chats(account.id):
            for draft in await self._conversations.list_drafts(chat_id, account.id):
                if self._is_worth_keeping(draft):
                    found.setdefault(draft.id, draft)
        return sorted(found.values(), key=lambda draft: -draft.touched_at)

    async def list_on_site(self, account_id: int) -> list[Draft]:
        """The drafts that a chat can take over."""
        data = await self._conversations.load_site(account_id)
        return [draft for draft in list_drafts(data) if self._is_worth_keeping(draft)]

    async def find_on_site(self, account_id: int, draft_id: str) -> Draft | None:
        """A draft for a chat, which stores it, and then has it forgotten here."""
        drafts = await self.list_on_site(account_id)
        return next((draft for draft in drafts if draft.id == draft_id), None)

    async def forget(self, account_id: int, draft_id: str) -> None:
        """Removes a draft that was submitted or moved; its files stay."""
        async with self._conversations.change_site(account_id) as data:
            _remove(data, draft_id)

    async def discard(self, account_id: int, draft_id: str) -> None:
        """Removes a draft of the account with its files."""
        async with self._conversations.change_site(account_id) as data:
            is_there = any(one.id == draft_id for one in list_drafts(data))
            _remove(data, draft_id)
        if is_there:
            await self._scans.drop(draft_id)

    async def open(self, account: Account, form_id: FormId) -> OpenForm:
        """The form with its draft, which is fetched from a chat, or begun.

        Raises LookupError for a form that is not offered.
        """
        await self._fetch(account.id, form_id)
        async with self._conversations.change_site(account.id) as data:
            form, draft = await self._resume(data, form_id)
            put_draft(data, draft)
        return await self._build(form, draft, data)

    async def answer(
        self,
        account: Account,
        form_id: FormId,
        raw: Mapping[str, str],
        confirmed: Mapping[str, str] = MappingProxyType({}),
        *,
        is_whole: bool,
    ) -> OpenForm:
        """Takes what a page sent; see ``engine.answer_all``. Raises LookupError as ``open`` does.

        Files are counted, whatever was sent. Unless ``is_whole``, the person is still at it: a
        question without an answer stays open, rather than being skipped.
        """
        await self._fetch(account.id, form_id)
        async with self._conversations.change_site(account.id) as data:
            form, draft = await self._resume(data, form_id)
            count = len(await self._scans.list_for_draft(draft.id))
            files = [one.key for one in form.fields if one.kind == "files"]
            sent = {
                key: words
                for key, words in {**raw, **dict.fromkeys(files, str(count))}.items()
                if is_whole or key in draft.answers or (count if key in files else words.strip())
            }
            answered = engine.answer_all(
                form,
                draft,
                sent,
                self._drafts.build_answer_context(draft, account),
                self._clock.now().timestamp(),
                confirmed=confirmed,
            )
            refused = {key: sent[key][:_KEPT_LENGTH] for key in answered.errors}
            put_draft(data, answered.draft)
            _put_refused(data, draft.id, refused)
        opened = await self._build(form, answered.draft, data)
        return replace(opened, errors=answered.errors)

    async def begin_copy(
        self, account: Account, form_id: FormId, answers: Mapping[str, str]
    ) -> bool:
        """Begins the form with answers of an earlier one, as far as they still fit.

        False when a draft of the form is unfinished: it stays as it is.
        """
        await self._fetch(account.id, form_id)
        async with self._conversations.change_site(account.id) as data:
            kept = _find(data, form_id)
            if kept is not None and self._is_worth_keeping(kept):
                return False
            _, step = self._drafts.begin(form_id, answers)
            put_draft(data, step.draft)
        return True

    async def attach(
        self, account: Account, form_id: FormId, name: str, staged: StagedFile
    ) -> OpenForm:
        """Keeps one more file of the form; raises what ``Scans.accept`` does."""
        draft = await self._get_draft(account, form_id)
        await self._scans.accept(draft.id, None, name, staged, account_id=account.id)
        return await self.answer(account, form_id, {}, is_whole=False)

    async def remove_file(self, account: Account, form_id: FormId, file_id: int) -> OpenForm:
        """Removes a file of the form; nothing happens when it is gone, or another form's."""
        draft = await self._get_draft(account, form_id)
        await self._scans.remove(draft.id, file_id)
        return await self.answer(account, form_id, {}, is_whole=False)

    async def remember_application(self, account_id: int, draft_id: str, number: str) -> None:
        """Keeps the number of the application that the person got for the draft."""
        async with self._conversations.change_site(account_id) as data:
            for draft in list_drafts(data):
                if draft.id == draft_id:
                    put_draft(data, replace(draft, application=number))

    async def keep_message(self, account_id: int, request_id: int, text: str) -> None:
        """Keeps what was written about a request and could not be sent, in the place of another."""
        async with self._conversations.change_site(account_id) as data:
            data[_UNSENT] = [request_id, text[:_KEPT_LENGTH]]

    async def find_message(self, account_id: int, request_id: int) -> str:
        """What was kept about a request; empty when there is nothing."""
        data = await self._conversations.load_site(account_id)
        of, text = data.get(_UNSENT, (None, ""))
        return text if of == request_id else ""

    async def forget_message(self, account_id: int, request_id: int) -> None:
        """Forgets what was kept about this request; nothing is written when there is nothing."""
        if await self.find_message(account_id, request_id):
            async with self._conversations.change_site(account_id) as data:
                data.pop(_UNSENT, None)

    async def find_account(self, account_id: int) -> Account | None:
        """None when it was erased since."""
        try:
            async with self._database.read() as tx:
                return await tx.accounts.get(account_id)
        except NoResultFound:
            return None

    async def spend(self, account_id: int, action: LimitedAction) -> None:
        """Raises RateLimitExceeded when the account may not do so on the site now."""
        async with self._conversations.change_site(account_id) as data:
            limiter = RateLimiter(
                self._rate_limits, data.get("used", {}), self._clock.now().timestamp()
            )
            limiter.spend(action)
            data["used"] = limiter.windows

    async def _get_draft(self, account: Account, form_id: FormId) -> Draft:
        kept = _find(await self._conversations.load_site(account.id), form_id)
        return kept or (await self.open(account, form_id)).draft

    async def _fetch(self, account_id: int, form_id: FormId) -> None:
        """Moves the draft of the form from a chat of the account, unless the site has one."""
        kept = _find(await self._conversations.load_site(account_id), form_id)
        if kept is not None and self._is_worth_keeping(kept):
            return
        for chat_id in await self._list_chats(account_id):
            for draft in await self._conversations.list_drafts(chat_id, account_id):
                if draft.form == form_id and self._is_worth_keeping(draft):
                    await self._conversations.move_to_site(chat_id, draft.id, account_id)
                    return

    async def _list_chats(self, account_id: int) -> list[int]:
        async with self._database.read() as tx:
            return await tx.chats.list_for_account(account_id, self._clock.now())

    async def _resume(self, data: dict[str, Any], form_id: FormId) -> tuple[Form, Draft]:
        kept = _find(data, form_id)
        form = self._drafts.find_form(form_id)
        if form is not None and kept is not None:
            resumed = self._drafts.resume(form, kept)
            if isinstance(resumed, engine.Resumed) and not await self._is_registered(kept):
                return form, resumed.step.draft
            _remove(data, kept.id)
            await self._scans.drop(kept.id)
        form, step = self._drafts.begin(form_id)
        return form, step.draft

    async def _is_registered(self, draft: Draft) -> bool:
        """A second tab may save a draft that the first one has submitted."""
        async with self._database.read() as tx:
            return await tx.requests.get_by_draft(draft.id) is not None

    async def _build(self, form: Form, draft: Draft, data: Mapping[str, Any]) -> OpenForm:
        return OpenForm(
            form=form,
            draft=draft,
            files=await self._scans.list_for_draft(draft.id),
            refused=data.get(_REFUSED, {}).get(draft.id, {}),
        )

    def _is_worth_keeping(self, draft: Draft) -> bool:
        is_over = self._drafts.is_over(draft)
        return not is_over and self._drafts.find_form_worth_keeping(draft) is not None


def _find(data: Mapping[str, Any], form_id: FormId) -> Draft | None:
    return next((draft for draft in list_drafts(data) if draft.form == form_id), None)


def _remove(data: dict[str, Any], draft_id: str) -> None:
    remove_draft(data, draft_id)
    _put_refused(data, draft_id, {})


def _put_refused(data: dict[str, Any], draft_id: str, refused: Mapping[str, str]) -> None:
    others = {key: one for key, one in data.get(_REFUSED, {}).items() if key != draft_id}
    whole = {**others, draft_id: refused} if refused else others
    if whole:
        data[_REFUSED] = whole
    else:
        data.pop(_REFUSED, None)
