"""Readings on the site: entering them, their history and files, the settings of a meter."""

import re

import pytest
from aiohttp import FormData

from bot.domain import Category
from bot.fsm.builtin_forms import get_builtin_forms
from tests.support.filed import METER, get_account, submit_reading
from tests.support.files import make_jpeg
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import EACH_STORAGE, get_email
from tests.support.no_break_spaces import read_spaces
from tests.support.site import Site, SiteClient, SitePage
from tests.support.workbooks import make_workbook

EMAIL, OTHER, PLANT = "ivanova@example.ru", "petrov@example.ru", "plant@example.ru"


async def enter(client: SiteClient, address: str, **fields: object) -> SitePage:
    """Opens the form, fills it in and sends it."""
    page = await client.get(address)
    assert page.status == 200, page.text
    form = FormData(quote_fields=False)
    form.add_field("csrf", page.csrf)
    form.add_field("draft", page.get_value("draft"))
    for name, value in fields.items():
        if isinstance(value, bytes):
            form.add_field(name, value, filename="Фото.jpg", content_type="image/jpeg")
        else:
            form.add_field(name, str(value))
    return await client.post(address, form)


async def confirm(client: SiteClient, sent: SitePage) -> SitePage:
    """Reviews what was entered, and sends it; the receipt."""
    review = await client.follow(sent)
    assert "Проверьте показания" in review.text, review.text
    return await client.follow(await press_enter(client, review))


async def press_enter(client: SiteClient, review: SitePage) -> SitePage:
    action = re.search(r'<form class="card narrow" method="post" action="([^"]+)"', review.html)
    assert action
    return await client.post(action[1], {"draft": review.get_value("draft")})


@pytest.fixture
async def client(site: Site) -> SiteClient:
    return await site.add_consumer(EMAIL)


async def test_values_of_a_session_that_is_over_wait_for_the_login(client: SiteClient) -> None:
    address = "/readings/new?kind=single"
    await client.get(address)
    client.end_session()
    page = client.page
    assert page is not None
    values = {"draft": page.get_value("draft"), "meter": "60012345", "single_t1": "777"}
    again = await client.log_in_again(await client.post(address, values), EMAIL)
    assert (again.get_value("meter"), again.get_value("single_t1")) == ("60012345", "777")


async def test_the_first_reading_asks_kind_number_and_values(client: SiteClient) -> None:
    assert "Показаний пока нет" in (await client.get("/readings")).text
    choice = await client.get("/readings/new")
    for words in ("Однотарифный", "Двухтарифный", "Трехтарифный"):
        assert words in choice.text
    address = "/readings/new?kind=double"
    wrong = await enter(client, address, meter="!", double_t1="12 34 56x", double_t2="")
    assert wrong.status == 422
    assert set(wrong.errors) == {"meter", "double_t1", "double_t2"}
    assert wrong.get_value("double_t1") == "12 34 56x"
    sent = await enter(
        client, address, meter=METER, double_t1="8120,5", double_t2="4225.1", scans=make_jpeg()
    )
    review = await client.follow(sent)
    for words in ("Двухтарифный", METER, "8120,5", "4225,1", "Фото.jpg"):
        assert words in review.text, review.text
    assert METER not in (await client.get("/readings")).text
    receipt = await client.follow(await press_enter(client, review))
    for words in ("Показания приняты", METER, "8120,5", "4225,1"):
        assert words in receipt.text, receipt.text
    assert METER in (await client.get("/readings")).text


async def test_the_same_page_sent_twice_is_one_reading(site: Site, client: SiteClient) -> None:
    page = await client.get("/readings/new?kind=single")
    fields = {"csrf": page.csrf, "draft": page.get_value("draft"), "meter": METER}

    async def send() -> SitePage:
        form = FormData({**fields, "single_t1": "100"})
        form.add_field("scans", b"", filename="")
        return await client.post("/readings/new?kind=single", form)

    review = await client.follow(await send())
    first, second = await press_enter(client, review), await press_enter(client, review)
    # And the page before it, from another tab.
    assert first.location == second.location == (await send()).location
    receipt = await client.follow(second)
    assert "Показания приняты" in receipt.text
    account = await get_account(site, EMAIL)
    meter = (await site.cabinet.app.services.readings.list_meters(account.id))[0]
    history = await client.get(f"/readings/{meter.id}")
    # Neither door is named: the account is one.
    assert "24.11.2026 100 — кабинет" in history.text
    assert len(re.findall(r'<th scope="row">', history.html)) == 1


async def test_a_doubtful_value_is_confirmed_by_its_reason(site: Site, client: SiteClient) -> None:
    account = await get_account(site, EMAIL)
    first = await submit_reading(site, account, 500)
    site.cabinet.clock.advance(days=30)
    await client.log_in(EMAIL)
    address = f"/readings/new?meter={first.meter.id}"
    form = await client.get(address)
    assert "Прежнее показание: 500" in form.text
    doubtful = await enter(client, address, single_t1="20")
    assert doubtful.status == 422
    assert "меньше прежнего" in doubtful.errors["single_t1"]
    for words in ("Счётчик заменён", "Прежнее было с ошибкой"):
        assert words in doubtful.text
    forged = await enter(client, address, **{"single_t1": "20", "confirm-single_t1": "kept"})
    assert forged.status == 422
    sent = await enter(client, address, **{"single_t1": "20", "confirm-single_t1": "replaced"})
    assert "счётчик заменён" in (await confirm(client, sent)).text


async def test_the_review_shows_the_use_and_lets_change_or_drop_it(
    site: Site, client: SiteClient
) -> None:
    meter = (await submit_reading(site, await get_account(site, EMAIL), 500)).meter
    site.cabinet.clock.advance(days=30)
    await client.log_in(EMAIL)
    address = f"/readings/new?meter={meter.id}"
    # Nothing to review: the form.
    assert (await client.get(f"/readings/new/review?meter={meter.id}")).location == address
    review = await client.follow(await enter(client, address, single_t1="620", scans=make_jpeg()))
    assert "Расход: 120 кВт·ч" in review.text
    form = await client.get(address)
    assert form.get_value("single_t1") == "620"
    assert "Продолжить: Ручной ввод" in (await client.get("/")).text
    photo = re.search(r'value="(remove:\d+)"', form.html)
    assert photo
    draft = form.get_value("draft")
    form = await client.follow(await client.post(address, {"draft": draft, "act": photo[1]}))
    assert "Фото.jpg" not in form.text
    dropped = await client.post(address, {"draft": draft, "act": "discard"})
    assert dropped.location == "/readings"
    assert (await client.get(address)).get_value("single_t1") == ""
    assert "Продолжить" not in (await client.get("/")).text


async def test_a_reading_that_another_door_outdates_is_asked_again(
    site: Site, client: SiteClient
) -> None:
    account = await get_account(site, EMAIL)
    meter = (await submit_reading(site, account, 500)).meter
    site.cabinet.clock.advance(days=30)
    await client.log_in(EMAIL)
    review = await client.follow(
        await enter(client, f"/readings/new?meter={meter.id}", single_t1="620")
    )
    await submit_reading(site, account, 900, "other")
    site.cabinet.clock.advance(days=1)
    await client.log_in(EMAIL)
    asked = await press_enter(client, review)
    assert (asked.status, set(asked.errors)) == (422, {"single_t1"})
    assert "меньше прежнего" in asked.text


@EACH_STORAGE
async def test_a_reading_is_entered_half_in_the_chat_and_half_on_the_site(site: Site) -> None:
    form = get_builtin_forms()["reading"]
    phone = await start_form(site.cabinet, form)
    client = await site.open_client()
    await client.log_in(get_email(phone))
    async for field in answer_questions(phone, form, site.cabinet.today):
        if field.key == "single_t1":
            break
    menu = await client.get("/")
    page = re.search(r'href="([^"]+)">Продолжить: Ручной ввод', read_spaces(menu.html))
    assert page
    assert (await client.get(page[1])).get_value("meter") == "0812-094521"
    await enter(client, page[1], meter="0812-094521", single_t1="8120,5")
    # Back in the chat, which shows the review of the page, and sends it.
    await phone.say("/menu")
    await phone.press("Продолжить заполнение")
    assert "Проверьте показания" in phone.screen
    await phone.press("Ввести")
    assert "Показания приняты" in phone.screen
    assert "8120,5" in (await client.get("/readings")).text
    assert "Продолжить" not in (await client.get("/")).text


async def test_a_meters_history_chart_and_files(site: Site, client: SiteClient) -> None:
    account = await get_account(site, EMAIL)
    for number in range(8):
        reading = await submit_reading(site, account, 1000 + 100 * number, draft_id=f"d{number}")
        site.cabinet.clock.advance(days=20)
    await client.log_in(EMAIL)
    place = f"/readings/{reading.meter.id}"
    page = await client.get(place)
    assert "Страница 1 из 2" in page.text
    assert "+100" in page.text
    assert "Расход за всё это время" in page.text
    assert (await client.get(f"{place}?page=2")).status == 200
    assert (await client.get(f"{place}?first=all&page=9999")).status == 200
    for first, last in (("2026-13-01", ""), ("2026-12-01", "2026-11-01"), ("%00", "x")):
        wrong = await client.get(f"{place}?first={first}&last={last}")
        assert wrong.status == 200
        assert wrong.errors
    chart = await client.get(f"{place}/chart.png?first=all")
    assert chart.headers["Content-Type"] == "image/png"
    assert chart.body.startswith(b"\x89PNG")
    table = await client.get(f"{place}/history.xlsx?first=all")
    assert table.body.startswith(b"PK")
    assert f"{METER}.xlsx" in table.headers["Content-Disposition"]
    for document in (f"{place}/history.pdf?first=all", f"{place}/act.pdf", "/readings/act.pdf"):
        assert (await client.get(document)).body.startswith(b"%PDF")


async def test_the_settings_of_a_meter(site: Site, client: SiteClient) -> None:
    meter = (await submit_reading(site, await get_account(site, EMAIL), 1)).meter
    place = f"/readings/{meter.id}"
    wrong = await client.post(f"{place}/place", {"place": "я" * 41})
    assert (wrong.status, set(wrong.errors)) == (422, {"place"})
    page = await client.follow(await client.post(f"{place}/place", {"place": "Дача <b>"}))
    assert "Дача <b>" in page.text
    assert (await client.post(f"{place}/ratio", {"ratio": "60"})).status == 404
    assert (await client.post(f"{place}/object", {"object": "castle"})).status == 400
    page = await client.follow(await client.post(f"{place}/object", {"object": "other"}))
    assert "не в жилье" in page.text
    listed = await client.follow(await client.post(f"{place}/hidden", {"hidden": "yes"}))
    assert "Скрытые счётчики" in listed.text
    shown = await client.follow(await client.post(f"{place}/hidden", {"hidden": "no"}))
    assert "снова в списке" in shown.text
    told = await client.follow(await client.post("/readings", {"reminders": "off"}))
    assert "напоминать о показаниях не будем" in told.text


async def test_another_accounts_meter_is_as_unknown_as_none(site: Site, client: SiteClient) -> None:
    await site.add_account(OTHER, "Петров Пётр")
    meter = (await submit_reading(site, await get_account(site, OTHER), 7, draft_id="other")).meter
    unknown = await client.get("/readings/999999")
    assert unknown.status == 404
    for path in (
        f"/readings/{meter.id}",
        f"/readings/{meter.id}/chart.png",
        f"/readings/{meter.id}/history.xlsx",
        f"/readings/{meter.id}/history.pdf",
        f"/readings/{meter.id}/act.pdf",
        f"/readings/new?meter={meter.id}",
        "/readings/x",
        "/readings/%00",
        "/readings/" + "9" * 30,
    ):
        page = await client.get(path)
        assert (page.status, page.text) == (404, unknown.text), path
    for act in ("place", "ratio", "object", "hidden"):
        page = await client.post(f"/readings/{meter.id}/{act}", {act: "1"})
        assert (page.status, page.text) == (404, unknown.text), act
    # The receipt of another account's reading is not shown either.
    own = (await submit_reading(site, await get_account(site, EMAIL), 8, draft_id="a0")).meter
    assert "Показания приняты" not in (await client.get(f"/readings/{own.id}?sent=other")).text


async def test_many_meters_come_in_one_file(site: Site) -> None:
    await site.add_account(PLANT, "Завод", Category.LEGAL)
    client = await site.open_client()
    await client.log_in(PLANT)
    template = await client.get("/readings/upload/template.xlsx")
    assert template.body.startswith(b"PK")

    async def send(data: bytes, name: str = "t.xlsx") -> SitePage:
        form = FormData({"csrf": (await client.get("/readings/upload")).csrf})
        form.add_field("table", data, filename=name)
        return await client.post("/readings/upload", form)

    wrong = await send(b"not a table")
    assert (wrong.status, set(wrong.errors)) == (422, {"table"})
    head = ["Номер счётчика", "T1, кВт·ч"]
    page = await client.follow(await send(make_workbook([head, [METER, 120], ["12345678", "x"]])))
    assert "Верные строки: 1" in page.text
    assert "строка 3" in page.text
    draft = page.get_value("draft")
    sent = await client.post("/readings/upload/enter", {"draft": draft})
    done = sent if sent.status == 200 else await client.follow(sent)
    assert "Показания из файла приняты" in done.text
    again = await client.follow(await client.post("/readings/upload/enter", {"draft": draft}))
    assert "Счётчики: 1" in again.text
    assert METER in (await client.get("/readings")).text


async def test_only_organisations_send_files(client: SiteClient) -> None:
    assert (await client.get("/readings/upload")).status == 404
    assert (await client.get("/readings/upload/template.xlsx")).status == 404
