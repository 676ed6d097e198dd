"""A draft lives in one door at a time: begun in the chat it goes on on the site, and back."""

import json
import zipfile
from io import BytesIO

import pytest

from bot.domain import Account, Category
from bot.fsm.model import FormId
from bot.request_types import load
from bot.services.rate_limits import LimitedAction, RateLimitExceeded
from tests.support import flows
from tests.support.files import make_pdf
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import (
    EACH_STORAGE,
    ON_SQLITE,
    PASSWORD,
    InProcessCabinet,
    InProcessPhone,
)

pytestmark = pytest.mark.usefixtures("site")

FORM = load().get_form("unmetered_report", Category.INDIVIDUAL)
REQUEST = "Бездоговорное потребление"
RESUME = "Продолжить заполнение"


async def begin_in_chat(cabinet: InProcessCabinet, until: str = "scans") -> InProcessPhone:
    phone = await start_form(cabinet, FORM)
    async for field in answer_questions(phone, FORM, cabinet.today):
        if field.key == until:
            break
    return phone


async def get_account(cabinet: InProcessCabinet, phone: InProcessPhone) -> Account:
    account = (await cabinet.accounts.get_chat(phone.user_id)).account
    assert account is not None
    return account


@EACH_STORAGE
async def test_a_draft_of_the_chat_goes_on_on_the_site_and_back(cabinet: InProcessCabinet) -> None:
    phone = await begin_in_chat(cabinet)
    await phone.send_document(make_pdf("first"), "Первый.pdf")
    account, forms = await get_account(cabinet, phone), cabinet.app.services.site_forms
    listed = await forms.list_unfinished(account)
    assert [one.form for one in listed] == [FORM.id]
    opened = await forms.open(account, FORM.id)
    assert opened.draft.id == listed[0].id
    assert [file.name for file in opened.files] == ["Первый.pdf"]
    # It has left the chat: an old question is not answered there, and no second one is begun.
    await phone.say("/menu")
    assert phone.buttons[0] == RESUME
    await flows.open_form(phone, REQUEST)
    assert "не закончена форма" in phone.screen
    answered = await forms.answer(account, FORM.id, {"text": "Провод оборван"}, is_whole=False)
    assert answered.errors == {}
    # Another process knows it as well.
    async with cabinet.run():
        forms = cabinet.app.services.site_forms
        await phone.press("Продолжить")
        assert "Первый.pdf" in phone.screen
        assert await forms.list_on_site(account.id) == []
        assert "Провод оборван" in phone.screen
        await phone.press("Отправить")
        assert await cabinet.count_requests() == 1
        assert await forms.list_unfinished(account) == []


@ON_SQLITE
async def test_a_draft_of_the_site_is_finished_in_the_chat(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    account, forms = await get_account(cabinet, phone), cabinet.app.services.site_forms
    raw = flows.make_raw_answers(FORM, cabinet.today)
    half = dict(list(raw.items())[:2])
    opened = await forms.answer(account, FORM.id, half, is_whole=False)
    assert set(opened.draft.answers) == set(half)
    await phone.say("/menu")
    await phone.press(RESUME)
    assert phone.step.startswith("Шаг 3 ")
    # The press that fetched it comes again.
    assert await forms.find_on_site(account.id, opened.draft.id) is None
    await phone.press("Назад")
    assert phone.step.startswith("Шаг 2 ")


@ON_SQLITE
async def test_the_button_of_an_old_question_fetches_the_draft_back(
    cabinet: InProcessCabinet,
) -> None:
    phone = await begin_in_chat(cabinet)
    message, skip = phone.find_button("Пропустить")
    account, forms = await get_account(cabinet, phone), cabinet.app.services.site_forms
    await forms.open(account, FORM.id)
    await phone.forge(skip["callback_data"], message["message_id"])
    assert "Проверьте заявку" in phone.screen
    assert await forms.list_on_site(account.id) == []


@ON_SQLITE
async def test_a_strange_draft_is_not_fetched(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    other = await cabinet.add_consumer("Петров Пётр Ильич")
    forms = cabinet.app.services.site_forms
    opened = await forms.answer(
        await get_account(cabinet, phone),
        FORM.id,
        flows.make_raw_answers(FORM, cabinet.today),
        is_whole=True,
    )
    assert opened.is_complete
    await other.forge(f"draft:resume:{opened.draft.id}", other.messages[-1]["message_id"])
    assert await forms.list_on_site((await get_account(cabinet, phone)).id) != []
    assert await forms.list_unfinished(await get_account(cabinet, other)) == []


@EACH_STORAGE
async def test_what_is_wrong_survives_and_is_no_answer(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    account, forms = await get_account(cabinet, phone), cabinet.app.services.site_forms
    raw = flows.make_raw_answers(FORM, cabinet.today)
    sent = await forms.answer(account, FORM.id, {**raw, "text": "мало"}, is_whole=True)
    assert sent.errors["text"].code == "too-short"
    assert not sent.is_complete
    async with cabinet.run():
        forms = cabinet.app.services.site_forms
        opened = await forms.open(account, FORM.id)
        assert opened.refused == {"text": "мало"}
        assert opened.draft.open == "text"
        mended = await forms.answer(account, FORM.id, raw, is_whole=True)
        assert mended.is_complete
        assert (await forms.open(account, FORM.id)).refused == {}


@ON_SQLITE
async def test_saving_on_the_way_skips_no_question(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    account, forms = await get_account(cabinet, phone), cabinet.app.services.site_forms
    empty = dict.fromkeys(flows.make_raw_answers(FORM, cabinet.today), "")
    text = "Прошу проверить дом"
    saved = await forms.answer(account, FORM.id, {**empty, "text": text}, is_whole=False)
    assert saved.draft.answers == {"text": text}
    assert saved.errors == {}
    # What was an answer and is empty now is none any more.
    saved = await forms.answer(account, FORM.id, empty, is_whole=False)
    assert saved.draft.answers == {}
    assert saved.errors["text"].code == "blank"


@ON_SQLITE
async def test_a_draft_that_was_submitted_in_another_tab_is_not_sent_again(
    cabinet: InProcessCabinet,
) -> None:
    phone = await cabinet.add_consumer()
    account, services = await get_account(cabinet, phone), cabinet.app.services
    forms = services.site_forms
    opened = await forms.answer(
        account, FORM.id, flows.make_raw_answers(FORM, cabinet.today), is_whole=True
    )
    # It is registered, and its removal from the drafts is lost.
    await services.requests.register_draft(opened.draft, account, [], text_if_none="–")
    again = await forms.open(account, FORM.id)
    assert again.draft.id != opened.draft.id
    assert again.draft.answers == {}


@ON_SQLITE
async def test_limits_of_the_site_are_kept(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    account = await get_account(cabinet, phone)
    async with cabinet.run(limit_files=(2, 600)):
        forms = cabinet.app.services.site_forms
        await forms.spend(account.id, LimitedAction.FILES)
        await forms.spend(account.id, LimitedAction.FILES)
        with pytest.raises(RateLimitExceeded):
            await forms.spend(account.id, LimitedAction.FILES)
        cabinet.clock.advance(seconds=601)
        await forms.spend(account.id, LimitedAction.FILES)


@ON_SQLITE
async def test_an_expired_draft_gives_way_with_its_files(cabinet: InProcessCabinet) -> None:
    phone = await begin_in_chat(cabinet)
    await phone.send_document(make_pdf("first"), "Первый.pdf")
    account, forms = await get_account(cabinet, phone), cabinet.app.services.site_forms
    old = await forms.open(account, FORM.id)
    cabinet.clock.advance(days=15)
    assert await forms.list_on_site(account.id) == []
    opened = await forms.open(account, FORM.id)
    assert opened.draft.id != old.draft.id
    assert opened.files == []
    assert await cabinet.app.services.scans.list_for_draft(old.draft.id) == []


@ON_SQLITE
async def test_an_unknown_form_is_not_offered(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    with pytest.raises(LookupError):
        await cabinet.app.services.site_forms.open(
            await get_account(cabinet, phone), FormId("request", "gone", "individual")
        )


@EACH_STORAGE
async def test_my_data_and_an_erasure_cover_the_drafts_of_the_site(
    cabinet: InProcessCabinet,
) -> None:
    phone = await begin_in_chat(cabinet)
    await phone.send_document(make_pdf("first"), "Первый.pdf")
    account, forms = await get_account(cabinet, phone), cabinet.app.services.site_forms
    draft = (await forms.open(account, FORM.id)).draft
    await phone.say("/menu")
    await phone.press("Профиль")
    await phone.press("Мои данные")
    await cabinet.deliver()
    archive_message = next(one for one in reversed(phone.messages) if "document" in one)
    file_id = archive_message["document"]["file_id"]
    with zipfile.ZipFile(BytesIO(cabinet.telegram.files[file_id].data)) as archive:
        (kept,) = json.loads(archive.read("data.json"))["drafts"]
        assert [name for name in archive.namelist() if name.startswith("scans/draft/")]
    assert kept["form"] == str(FORM.id)
    await phone.say("/menu")
    await phone.press("Профиль")
    await phone.press("Удалить аккаунт")
    await phone.press("Продолжить удаление")
    await phone.say(PASSWORD)
    await cabinet.deliver()
    assert await forms.list_on_site(account.id) == []
    assert await cabinet.app.services.scans.list_for_draft(draft.id) == []
