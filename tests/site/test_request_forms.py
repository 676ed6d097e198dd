"""The form of a request on the site: at once and by steps, files, and half of it in the chat."""

import re
from io import BytesIO
from pathlib import Path

import pytest
import yaml
from aiohttp import FormData

from bot.domain import Account, Category
from bot.request_types import PACKAGED, load
from bot.services.rate_limits import LimitedAction, RateLimit
from tests.support import flows
from tests.support.files import make_pdf
from tests.support.form_filler import answer_question, answer_questions, start_form
from tests.support.in_process import EACH_STORAGE, PASSWORD, InProcessCabinet, get_email
from tests.support.no_break_spaces import read_spaces
from tests.support.site import Site, SiteClient, SitePage, choose_site_address, serve_site

FORM = load().get_form("unmetered_report", Category.INDIVIDUAL)
PLACE = "/requests/new/unmetered_report"


def make_fields(cabinet: InProcessCabinet, page: SitePage) -> dict[str, str]:
    """Right answers to what is asked, with the id of the page's draft."""
    raw = flows.make_raw_answers(FORM, cabinet.today)
    return {"draft": page.get_value("draft"), **raw}


async def open_account(site: Site) -> tuple[SiteClient, Account]:
    account = await site.add_account()
    client = await site.open_client()
    await client.log_in(account.email)
    return client, account


def build_upload(page: SitePage, name: str, data: bytes, **fields: str) -> FormData:
    form = FormData(quote_fields=False)
    form.add_field("csrf", page.csrf)
    for key, value in fields.items():
        form.add_field(key, value)
    form.add_field("scans", BytesIO(data), filename=name, content_type="application/octet-stream")
    return form


@EACH_STORAGE
async def test_a_request_is_reviewed_and_registered_once(site: Site) -> None:
    client, _ = await open_account(site)
    page = await client.get(PLACE)
    fields = make_fields(site.cabinet, page)
    review = await client.follow(await client.post(PLACE, {**fields, "act": "next"}))
    assert "Проверьте заявку" in review.text
    assert "щит" in review.text
    sending = {"draft": fields["draft"], "act": "submit"}
    sent = await client.post(PLACE, sending)
    registered = await client.follow(sent)
    assert re.search(r"2026-\d{6}", registered.text)
    # A double press, and another tab with the form as it was.
    again = await client.post(PLACE, sending)
    assert again.location == sent.location
    other = await client.post(PLACE, {**fields, "act": "next"})
    assert other.location == sent.location
    assert await site.cabinet.count_requests() == 1
    # The next form is a new one.
    fresh = await client.get(PLACE)
    assert fresh.get_value("draft") != fields["draft"]


async def test_fields_alone_register_a_request(site: Site) -> None:
    client, _ = await open_account(site)
    page = await client.get(PLACE)
    sent = await client.post(PLACE, make_fields(site.cabinet, page))
    assert sent.status == 303
    assert re.fullmatch(r"/requests/2026-\d{6}", sent.location or "")


@EACH_STORAGE
async def test_each_error_stands_at_its_field_and_survives(site: Site) -> None:
    client, account = await open_account(site)
    page = await client.get(PLACE)
    fields = make_fields(site.cabinet, page) | {"text": "<b>мало", "violation_kind": "нет такого"}
    wrong = await client.post(PLACE, {**fields, "act": "next"})
    assert wrong.status == 422
    assert "text" in wrong.errors
    assert wrong.html.count("autofocus") == 1
    assert "&lt;b&gt;мало" in wrong.html
    # After a reload, and in another browser.
    again = await client.get(PLACE)
    assert "&lt;b&gt;мало" in again.html
    other = await site.open_client()
    await other.log_in(account.email)
    assert "&lt;b&gt;мало" in (await other.get(PLACE)).html
    assert await site.cabinet.count_requests() == 0


async def test_branches_open_by_steps_without_a_script(site: Site) -> None:
    client, _ = await open_account(site)
    place = "/requests/new/tech_connection"
    form = load().get_form("tech_connection", Category.INDIVIDUAL)
    page = await client.get(place)
    for _ in range(len(form.fields)):
        shown = re.findall(
            r'<fieldset class="[^"]*"(?![^>]*hidden)[^>]*>.*?name="(\w+)"', page.html, re.DOTALL
        )
        fields = {}
        for key in shown:
            if key == "scans" or key not in {field.key for field in form.fields}:
                continue
            field = form.get_field(key)
            if field.choices:
                fields[key] = field.choices[-1].value
            elif field.kind != "location":
                fields[key] = flows.make_typed_answer(field, site.cabinet.today)
        answer = await client.post(place, {**fields, "act": "next"})
        assert answer.status == 303, answer.errors
        if answer.location == f"{place}/review":
            break
        page = await client.follow(answer)
        assert "новые вопросы" in page.text
    review = await client.follow(answer)
    assert "Проверьте заявку" in review.text


async def test_an_emergency_warns_and_may_be_sent_before_the_end(site: Site) -> None:
    client, _ = await open_account(site)
    code, field, value = next(
        (one.code, field, choice.value)
        for one in load().types
        for field in load().get_form(one.code, Category.INDIVIDUAL).fields
        for choice in field.choices
        if load().is_emergency(one.code, Category.INDIVIDUAL, {field.key: choice.value})
    )
    place = f"/requests/new/{code}"
    page = await client.get(place)
    assert re.search(r'id="emergency"[^>]*hidden', page.html)
    refused = await client.post(place, {"act": "submit_now", "draft": page.get_value("draft")})
    assert refused.status == 422
    fields = {field.key: value, "draft": page.get_value("draft")}
    saved = await client.post(place, {**fields, "act": "autosave"})
    assert saved.body == b'{"emergency": true}'
    warned = await client.get(place)
    assert "112" in warned.text
    assert not re.search(r'id="emergency"[^>]*hidden', warned.html)
    sent = await client.post(place, {**fields, "act": "submit_now"})
    assert (sent.location or "").startswith("/requests/2026-")


async def test_files_are_kept_one_by_one(site: Site) -> None:
    client, _ = await open_account(site)
    page = await client.get(PLACE)
    fields = {key: one for key, one in make_fields(site.cabinet, page).items() if one}
    upload = build_upload(page, "../../Акт.pdf", make_pdf("one"), **fields, act="attach")
    page = await client.follow(await client.post(PLACE, upload))
    assert "Акт.pdf" in page.text
    assert ".." not in page.text
    # By the script, which gets the list alone.
    listed = await client.post(f"{PLACE}/files", build_upload(page, "План.pdf", make_pdf("two")))
    assert "План.pdf" in listed.text
    assert "<html" not in listed.html
    refused = await client.post(f"{PLACE}/files", build_upload(page, "Код.exe", b"MZ" + bytes(99)))
    assert refused.status == 422
    assert "Код.exe" in refused.errors["scans"]
    assert "План.pdf" in refused.text
    first = re.search(r'value="(remove:\d+)"', listed.html)
    assert first
    removed = await client.follow(
        await client.post(PLACE, {"act": first[1], "draft": page.get_value("draft")})
    )
    assert "Акт.pdf" not in removed.text
    assert "План.pdf" in removed.text
    sent = await client.post(PLACE, {**fields, "act": "submit"})
    assert "План.pdf" in (await client.follow(sent)).text


@pytest.mark.parametrize(("name", "size"), [("Пусто.pdf", 0), ("Много.pdf", 21 * 1024**2)])
async def test_a_file_of_a_wrong_size_is_named(site: Site, name: str, size: int) -> None:
    client, _ = await open_account(site)
    page = await client.get(PLACE)
    refused = await client.post(PLACE, build_upload(page, name, bytes(size), act="attach"))
    assert refused.status == 422
    assert name in refused.errors["scans"]
    assert "autofocus" in refused.html


async def test_the_limit_of_files_is_said_beside_them(site: Site) -> None:
    client, _ = await open_account(site)
    page = await client.get(PLACE)
    forms = site.cabinet.app.services.site_forms
    forms._rate_limits = {**forms._rate_limits, LimitedAction.FILES: RateLimit(0, 600)}
    refused = await client.post(f"{PLACE}/files", build_upload(page, "Акт.pdf", make_pdf("one")))
    assert refused.status == 422
    assert "10 минут" in refused.errors["scans"]


async def test_the_application_is_made_from_the_answers(site: Site) -> None:
    client, _ = await open_account(site)
    page = await client.get(PLACE)
    assert "Сделать заявление" in page.text
    asked = await client.post(PLACE, {**make_fields(site.cabinet, page), "act": "application"})
    paper = await client.follow(asked)
    assert paper.body.startswith(b"%PDF")
    assert "attachment" in paper.headers["Content-Disposition"]


async def test_answers_of_a_session_that_is_over_wait_for_the_login(site: Site) -> None:
    client, account = await open_account(site)
    page = await client.get(PLACE)
    fields = make_fields(site.cabinet, page)
    client.end_session()
    asked = await client.post(PLACE, {**fields, "act": "next"}, csrf=page.csrf)
    assert "щит" in (await client.log_in_again(asked, account.email)).html


async def test_strangers_and_unknown_types_see_nothing(site: Site) -> None:
    guest = await site.open_client()
    await guest.get("/")
    assert (await guest.get(PLACE)).location == f"/?next={PLACE}"
    client, _ = await open_account(site)
    assert (await client.get("/requests/new/nothing")).status == 404
    mine = (await client.get(PLACE)).get_value("draft")
    other = await site.add_consumer("petrov@example.ru", "Петров Пётр Ильич")
    page = await other.get(PLACE)
    stolen = make_fields(site.cabinet, page) | {"draft": mine}
    assert (await other.post(PLACE, stolen)).status == 303
    async with site.cabinet.app.database.read() as tx:
        assert await tx.requests.get_by_draft(mine) is None


@EACH_STORAGE
async def test_a_request_is_filled_in_half_in_the_chat_and_half_on_the_site(site: Site) -> None:
    cabinet = site.cabinet
    phone = await start_form(cabinet, FORM)
    async for field in answer_questions(phone, FORM, cabinet.today):
        if field.key == "text":
            break
    client = await site.open_client()
    menu = await client.log_in(get_email(phone), PASSWORD)
    assert f'href="{PLACE}">Продолжить: Бездоговорное потребление<' in read_spaces(menu.html)
    page = await client.get(PLACE)
    assert "ул. Лесная, 12" in page.html
    fields = {"draft": page.get_value("draft"), "text": flows.TEXT, "act": "save"}
    await client.post(PLACE, fields)
    upload = build_upload(page, "Акт.pdf", make_pdf("one"), act="attach", draft=fields["draft"])
    await client.post(PLACE, upload)
    # Back in the chat, which shows what the site has.
    await phone.say("/menu")
    await phone.press("Продолжить заполнение")
    assert "Акт.pdf" in phone.screen
    # And to the end on the site.
    review = await client.get(f"{PLACE}/review")
    assert "щит" in review.text
    registered = await client.follow(
        await client.post(PLACE, {"draft": fields["draft"], "act": "submit"})
    )
    assert "Акт.pdf" in registered.text
    await phone.say("/menu")
    assert "Продолжить заполнение" not in phone.buttons
    assert "Продолжить" not in (await client.get("/")).text
    assert await cabinet.count_requests() == 1


@EACH_STORAGE
async def test_a_request_is_begun_on_the_site_and_sent_in_the_chat(site: Site) -> None:
    phone = await site.cabinet.add_consumer()
    client = await site.open_client()
    await client.log_in(get_email(phone), PASSWORD)
    page = await client.get(PLACE)
    half = dict(list(make_fields(site.cabinet, page).items())[:3])
    await client.post(PLACE, build_upload(page, "Акт.pdf", make_pdf("one"), **half, act="attach"))
    assert "Продолжить" in (await client.get("/")).text
    await phone.say("/menu")
    await phone.press("Продолжить заполнение")
    asked = [field for field in FORM.fields if field.key not in {*half, "scans"}]
    for field in asked:
        await answer_question(phone, FORM, field, site.cabinet.today)
    if "Готово" in phone.buttons:
        await phone.press("Готово")
    assert "Акт.pdf" in phone.screen
    await phone.press("Отправить")
    assert "Продолжить" not in (await client.get("/")).text
    listed = await client.get("/requests")
    number = re.search(r"2026-\d{6}", listed.text)
    assert number
    filed = await client.get(f"/requests/{number[0]}")
    assert "Акт.pdf" in filed.text
    assert flows.TEXT in filed.text
    # What is said in one door is read in the other one.
    await site.cabinet.deliver()
    staff = site.cabinet.add_staff_phone()
    await staff.say("Пришлите фото", reply_to=await staff.expects_card(number[0]))
    filed = await client.get(f"/requests/{number[0]}")
    assert "Пришлите фото" in filed.text
    await phone.expects("Пришлите фото")


async def test_a_new_type_needs_no_line_of_code(cabinet: InProcessCabinet, tmp_path: Path) -> None:
    content = yaml.safe_load(PACKAGED.read_text(encoding="utf-8"))
    content["types"].append(
        {
            "number": len(content["types"]) + 1,
            "code": "tree_cutting",
            "title": {"ru": "Заявка на обрезку деревьев"},
            "button": {"ru": "Обрезка деревьев"},
            "review_days": 10,
            "calendar": "working",
            "fields": [
                {
                    "key": "trees",
                    "label": {"ru": "Сколько деревьев"},
                    "type": "integer",
                    "required": True,
                    "example": {"ru": "3"},
                    "validation": {"min": 1, "max": 99},
                }
            ],
            "attachments": [],
        }
    )
    path = tmp_path / "types.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    async with (
        cabinet.run(request_types_file=str(path), **choose_site_address()),
        serve_site(cabinet) as site,
    ):
        client = await site.add_consumer()
        assert "Обрезка деревьев" in (await client.get("/requests/new")).text
        fields = {"trees": "3", "text": flows.TEXT}
        sent = await client.post("/requests/new/tree_cutting", fields)
        assert "обрезку деревьев" in (await client.follow(sent)).text
        phone = await cabinet.add_consumer()
        await flows.open_form(phone, "Обрезка деревьев")
        assert "Сколько деревьев" in phone.screen
