"""Readings on the site: entering them, their history and files, the settings of a meter."""

import re

import pytest
from aiohttp import FormData

from bot.domain import Category
from tests.support.filed import METER, get_account, submit_reading
from tests.support.files import make_jpeg
from tests.support.site import Site, SiteClient, SitePage
from tests.support.workbooks import make_workbook

EMAIL, OTHER, PLANT = "ivanova@example.ru", "petrov@example.ru", "plant@example.ru"


async def enter(client: SiteClient, address: str, **fields: object) -> SitePage:
    """Opens the form, fills it in and sends it."""
    page = await client.get(address)
    assert page.status == 200, page.text
    form = FormData({"csrf": page.csrf, "draft": page.get_value("draft")})
    for name, value in fields.items():
        if isinstance(value, bytes):
            form.add_field(name, value, filename="Фото.jpg", content_type="image/jpeg")
        else:
            form.add_field(name, str(value))
    return await client.post(address, form)


@pytest.fixture
async def client(site: Site) -> SiteClient:
    return await site.add_consumer(EMAIL)


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
    receipt = await client.follow(sent)
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

    first, second = await send(), await send()
    assert first.location == second.location
    receipt = await client.follow(second)
    assert "Показания приняты" in receipt.text
    account = await get_account(site, EMAIL)
    meter = (await site.cabinet.app.services.readings.list_meters(account.id))[0]
    history = await client.get(f"/readings/{meter.id}")
    assert history.text.count("24.11.2026") >= 1
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
    assert "счётчик заменён" in (await client.follow(sent)).text


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
    told = await client.follow(await client.post("/readings/reminders", {"reminders": "off"}))
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
