"""The Mini App's page: what Telegram signed logs in once, and leaves no trace in page or log."""

import logging
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.domain import Address
from bot.services.rate_limits import RateLimit
from bot.web.site import network_limits
from bot.web.site.network_limits import GuestAction
from sandbox.bot_api.web_apps import build_launch
from tests.support.in_process import EACH_STORAGE, InProcessPhone
from tests.support.site import Site, SiteClient, SitePage


def launch(site: Site, phone: InProcessPhone, token: str | None = None) -> str:
    """The init data of a press of the menu button."""
    telegram, now = site.cabinet.telegram, site.cabinet.clock.now()
    person = telegram.people[phone.user_id]
    url = build_launch(f"{site.url}/miniapp", token or telegram.token, person, now.timestamp())
    return parse_qs(urlsplit(url).fragment)["tgWebAppData"][0]


async def post(client: SiteClient, init_data: str, **about: str) -> SitePage:
    """As the page's script does."""
    await client.get("/miniapp")
    return await client.post("/miniapp", {"init_data": init_data, **about})


async def confirm(client: SiteClient, page: SitePage) -> SitePage:
    """Presses «Войти»."""
    fields = {name: page.get_value(name) for name in ("init_data", "confirmed")}
    return await client.post("/miniapp", fields)


@EACH_STORAGE
async def test_the_chat_opens_its_account_without_a_password(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    phone = await site.cabinet.add_consumer()
    request = await site.cabinet.register_request(phone)
    client = await site.open_client()
    page = await post(client, launch(site, phone))
    assert page.status == 200
    assert "Иванова Анна Петровна" in page.text
    page = await confirm(client, page)
    assert page.location == "/"
    assert request.number in (await client.get("/requests")).text
    assert "Telegram Mini App, " in (await client.get("/profile")).text
    # The browser is known now; a new launch is asked for nothing.
    init_data = launch(site, phone)
    assert (await post(client, init_data)).location == "/"
    page = await post(client, init_data)
    assert page.status == 403
    assert "уже воспользовались" in page.text
    assert "query_id" not in page.html
    assert "query_id" not in caplog.text


async def test_a_guest_gets_the_access_form(site: Site) -> None:
    phone = await site.cabinet.add_consumer()
    client = await site.open_client()
    await confirm(client, await post(client, launch(site, phone)))
    await site.cabinet.accounts.log_out(Address.from_chat(phone.user_id))
    # What was open in Telegram is over too.
    assert (await client.get("/requests")).status == 303
    page = await client.follow(await post(client, launch(site, phone)))
    assert "вход сейчас не выполнен" in page.text
    assert 'name="password"' in page.html
    assert "Войдите" in (await client.follow(await client.get("/requests"))).text


async def test_forged_and_damaged_launches_get_a_page(site: Site) -> None:
    phone, other = await site.cabinet.add_consumer(), await site.cabinet.add_consumer()
    client = await site.open_client()
    init_data = launch(site, phone)
    forged = (
        init_data.replace(f"{phone.user_id}", f"{other.user_id}"),
        launch(site, phone, "123456:another-bot"),
        "x" * 5000,
        "",
    )
    for words in forged:
        page = await post(client, words, confirmed="9" * 5000)
        assert page.status == 403
        assert "Telegram не подтвердил" in page.text
    raw = f"csrf={(await client.get('/miniapp')).csrf}&init_data=%FF".encode()
    headers = {"Origin": site.url, "Content-Type": "application/x-www-form-urlencoded"}
    sent = client.session.post(f"{site.url}/miniapp", data=raw, headers=headers)
    async with sent as answer:
        assert answer.status == 400
    site.cabinet.clock.advance(minutes=5)
    page = await post(client, init_data)
    assert page.status == 403
    assert "больше 5 минут назад" in page.text
    assert (await client.get("/profile")).status == 303


async def test_a_page_of_a_stranger_posts_no_launch(site: Site) -> None:
    phone = await site.cabinet.add_consumer()
    client = await site.open_client()
    await client.get("/miniapp")
    fields = {"init_data": launch(site, phone)}
    assert (await client.post("/miniapp", fields, csrf="0")).status == 403
    stranger = {"Origin": "https://web.telegram.org"}
    assert (await client.post("/miniapp", fields, headers=stranger)).status == 403


async def test_the_page_has_no_secret_and_only_telegram_frames_it(site: Site) -> None:
    client = await site.open_client()
    page = await client.get("/miniapp")
    assert "frame-ancestors https://web.telegram.org" in page.headers["Content-Security-Policy"]
    assert "telegram.org" not in page.html
    assert "кнопка «Кабинет»" in page.text


async def test_forged_launches_brake_their_network(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = dict.fromkeys(GuestAction, RateLimit(2, 900))
    monkeypatch.setattr(network_limits, "LIMITS", small)
    client, statuses = await site.open_client(), []
    await client.get("/miniapp")
    for _ in range(3):
        source = {"X-Forwarded-For": "95.24.1.1"}
        page = await client.post("/miniapp", {"init_data": "hash=0"}, headers=source)
        statuses.append(page.status)
    assert statuses == [403, 403, 429]
