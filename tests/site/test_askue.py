"""ASKUE on the site: the seven columns, a slow gateway, and what is kept of it and where."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from tests.support.fake_askue import ASKUE_PASSWORD, IDENTIFIER, FakeGateway
from tests.support.in_process import InProcessCabinet
from tests.support.site import Site, SiteClient, SitePage, choose_site_address, serve_site

EMAIL, OTHER = "ivanova@example.ru", "petrov@example.ru"
COLUMNS = (
    "Объект",
    "Прибор учёта",
    "Активная (приём), кВт·ч",
    "Активная (отдача), кВт·ч",
    "Реактивная (приём), кварч",
    "Реактивная (отдача), кварч",
    "Дата и время",
)


@pytest.fixture
async def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
async def site(cabinet: InProcessCabinet, gateway: FakeGateway) -> AsyncIterator[Site]:
    async with (
        gateway.serve() as url,
        cabinet.run(askue_url=url, **choose_site_address()),
        serve_site(cabinet) as served,
    ):
        yield served


@pytest.fixture
async def client(site: Site) -> SiteClient:
    return await site.add_consumer(EMAIL)


async def query(
    client: SiteClient, identifier: str = IDENTIFIER, password: str = ASKUE_PASSWORD
) -> SitePage:
    await client.get("/askue")
    return await client.post("/askue", {"identifier": identifier, "password": password})


async def test_the_seven_columns_and_their_spreadsheet(client: SiteClient) -> None:
    form = await client.get("/askue")
    assert "Получить данные" in form.text
    page = await client.follow(await query(client))
    for words in (*COLUMNS, "ТП-12 <b>, ввод 1", "15234,70", "—", "24.11.2026 06:00"):
        assert words in page.text, words
    await client.post("/language", {"locale": "en"})
    english = await client.get("/askue")
    for words in ("Active (import), kWh", "Reactive (export), kvarh"):
        assert words in english.text, words
    table = await client.get("/askue/askue.xlsx")
    assert table.body.startswith(b"PK")
    assert "askue.xlsx" in table.headers["Content-Disposition"]


async def test_what_is_typed_is_nowhere(
    site: Site, client: SiteClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = await client.follow(await query(client, password="wrong-secret"))
    assert "не подошли" in wrong.text
    missing = await query(client, identifier="name:colon", password="")
    assert (missing.status, set(missing.errors)) == (422, {"identifier", "password"})
    right = await client.follow(await query(client))
    for page in (wrong, missing, right):
        assert not any(
            words in page.html for words in (ASKUE_PASSWORD, "wrong-secret", "name:colon")
        )
        assert page.headers["Cache-Control"] == "no-store"
    assert IDENTIFIER not in right.html
    async with site.cabinet.app.database.read() as tx:
        rows = await tx.connection.exec_driver_sql("SELECT data FROM conversations")
        stored = str([tuple(row) for row in rows])
    for secret in (IDENTIFIER, ASKUE_PASSWORD, "wrong-secret"):
        assert secret not in stored
        assert secret not in caplog.text


async def test_a_slow_gateway_is_waited_for(client: SiteClient, gateway: FakeGateway) -> None:
    gateway.gate.clear()
    asked = await query(client)
    waiting = await client.follow(asked)
    assert "Запрашиваем показания" in waiting.text
    assert '<noscript><meta http-equiv="refresh"' in waiting.html
    script = asyncio.create_task(client.get("/askue/wait"))
    gateway.gate.set()
    assert (await script).status == 204
    assert "15234,70" in (await client.get("/askue")).text


async def test_a_query_is_cancelled(client: SiteClient, gateway: FakeGateway) -> None:
    gateway.gate.clear()
    await client.follow(await query(client))
    page = await client.follow(await client.post("/askue/cancel"))
    assert "Запрос отменён" in page.text
    assert "Получить данные" in page.text


async def test_the_data_belong_to_one_browser_and_login(site: Site, client: SiteClient) -> None:
    await client.follow(await query(client))
    other = await site.open_client()
    await other.log_in(EMAIL)
    assert "15234,70" not in (await other.get("/askue")).text
    assert (await other.get("/askue/askue.xlsx")).status == 404
    await client.post("/logout")
    await client.log_in(EMAIL)
    assert "15234,70" not in (await client.get("/askue")).text


async def test_without_a_gateway_the_page_says_so(cabinet: InProcessCabinet) -> None:
    async with cabinet.run(**choose_site_address()), serve_site(cabinet) as site:
        client = await site.add_consumer(EMAIL)
        assert "пока не подключён" in (await client.get("/askue")).text
        assert "пока не подключён" in (await query(client)).text
