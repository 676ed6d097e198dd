"""The frame of the site: headers, cookies, errors as pages, protection of forms, limits."""

import asyncio
import gzip
import re
from io import BytesIO

import pytest
from aiohttp import FormData

from bot.domain import Category
from bot.request_types import load
from tests.support.filed import file_request, submit_reading
from tests.support.in_process import PASSWORD
from tests.support.site import Site

EMAIL = "ivanova@example.ru"


async def test_a_consumer_logs_in_and_out(site: Site) -> None:
    client = await site.add_consumer(EMAIL)
    menu = await client.get("/")
    assert "Заявки" in menu.text
    assert "Иванова Анна Петровна" in menu.text
    left = await client.post("/logout")
    assert left.location == "/"
    assert "Забыли пароль?" in (await client.get("/")).text


async def test_pages_bring_the_headers_that_protect_them(site: Site) -> None:
    page = await (await site.open_client()).get("/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Cache-Control"] == "no-store"
    assert "Server" not in page.headers
    assert not re.search(r"\son\w+=|<style|style=|<script>", page.html)
    cookie = page.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


async def test_a_form_that_we_did_not_render_does_nothing(site: Site) -> None:
    await site.add_account(EMAIL)
    client, stranger = await site.open_client(), await site.open_client()
    answers = {"email": EMAIL, "password": PASSWORD}
    foreign = (await stranger.get("/")).csrf
    await client.get("/")
    assert (await client.post("/logout", answers, csrf=foreign)).status == 403
    assert (await client.post("/logout", answers, csrf="nonsense")).status == 403
    right = (await client.get("/")).csrf
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        page = await client.post("/logout", answers, csrf=right, headers={"Origin": origin})
        assert page.status == 403
        assert "Страница устарела" in page.text
    about = {"Sec-Fetch-Site": "cross-site"}
    assert (await client.post("/logout", answers, csrf=right, headers=about)).status == 403
    assert (await client.post("/logout", answers, csrf=right, headers={})).status == 303


async def test_a_form_of_another_account_does_nothing(site: Site) -> None:
    client = await site.add_consumer(EMAIL)
    await site.add_account("petrov@example.ru", "Петров Пётр")
    earlier = (await client.get("/")).csrf
    await client.post("/logout")
    await client.log_in("petrov@example.ru")
    assert (await client.post("/logout", csrf=earlier)).status == 403
    assert "Петров" in (await client.get("/")).text


async def test_wrong_addresses_get_a_page(site: Site) -> None:
    client = await site.open_client()
    for method, path, status in (
        ("GET", "/nowhere", 404),
        ("GET", "/static/../../settings.py", 404),
        ("GET", "/static/%2e%2e%2fbase.html", 404),
        ("GET", "/%00", 404),
        ("GET", "/healthz", 404),
        ("GET", "/metrics", 404),
        ("POST", "/nowhere", 404),
        ("PUT", "/", 405),
        ("DELETE", "/logout", 405),
    ):
        page = await client._send(method, path)
        assert page.status == status, path
        assert "На главную" in page.text
        assert "Traceback" not in page.html


async def test_wrong_bodies_get_a_page(site: Site) -> None:
    client = await site.open_client()
    csrf = (await client.get("/")).csrf
    headers = {"Origin": site.url, "Content-Type": "application/x-www-form-urlencoded"}

    async def post(body: bytes, content_type: str | None = None) -> int:
        about = {**headers, **({"Content-Type": content_type} if content_type else {})}
        page = await client._send("POST", "/", data=BytesIO(body), headers=about)
        assert "<h1>" in page.html, page.body
        return page.status

    assert await post(f"csrf={csrf}&email=%ff%fe".encode()) == 400
    assert await post(f"csrf={csrf}&email=".encode() + b"\xff") == 400
    assert await post(b"&".join(b"a%d=1" % n for n in range(10_000))) == 413
    assert await post(b"email=" + b"a" * 2_000_000) == 413
    assert await post(b"{}", "application/json") == 415
    assert await post(b"x", "multipart/form-data") == 400
    assert await post(b"x", "multipart/form-data; boundary=b") == 400
    assert await post(b"\0" * 100, "application/octet-stream") == 415
    assert await post(f"csrf={csrf}&email=a%00b&password=%00".encode()) == 422


async def test_a_form_with_files_shows_its_token_first(site: Site) -> None:
    client = await site.open_client()
    csrf = (await client.get("/")).csrf
    form = FormData({"csrf": csrf, "email": EMAIL})
    form.add_field("scans", b"%PDF", filename="a.pdf")
    assert (await client.post("/logout", form)).status == 303
    csrf = (await client.get("/")).csrf
    late = FormData({"email": EMAIL, "csrf": csrf})
    late.add_field("scans", b"%PDF", filename="a.pdf")
    assert (await client.post("/logout", late)).status == 403


async def test_a_sender_that_stops_gets_a_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.web.site.bodies._SECONDS", 0.05)
    port = site.cabinet.settings["site_port"]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\nemail=a"
    )
    answer = await reader.readuntil(b"</html>")
    writer.close()
    assert b"408" in answer.partition(b"\r\n")[0]
    assert "шли слишком долго".encode() in answer


async def test_an_outage_of_the_database_is_explained(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await site.add_consumer(EMAIL)

    def fail() -> None:
        raise ConnectionError

    monkeypatch.setattr(site.cabinet.app.database, "read", fail)
    page = await client.get("/")
    assert page.status == 503
    assert "временно недоступен" in page.text
    assert int(page.headers["Retry-After"]) > 0


async def test_a_fault_of_ours_is_explained_and_logged(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = await site.add_consumer(EMAIL)

    def fail() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(site.cabinet.app.database, "read", fail)
    page = await client.get("/")
    assert page.status == 500
    assert "secret detail" not in page.html
    assert "a page failed" in caplog.text
    caplog.clear()


async def test_static_files_are_kept_by_browsers_and_compressed(site: Site) -> None:
    client = await site.open_client()
    page = await client.get("/")
    paths = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.html)
    assert len(paths) >= 4
    total = len(page.body)
    for path in paths:
        found = await client.get(path)
        assert found.status == 200
        assert "immutable" in found.headers["Cache-Control"]
        assert "Set-Cookie" not in found.headers
        total += len(gzip.compress(found.body))
    assert total < 50_000


async def test_the_language_follows_the_browser(site: Site) -> None:
    client = await site.open_client()
    english = await client.get("/", headers={"Accept-Language": "en-GB,ru;q=0.8"})
    assert '<html lang="en">' in english.html
    other = await client.get("/", headers={"Accept-Language": "kk, *"})
    assert '<html lang="ru">' in other.html


async def test_english_pages_have_no_russian_words(site: Site) -> None:
    """But for names: of the company, of the other language, of a form of business."""
    plant = await site.add_account(EMAIL, "Plant", Category.LEGAL)
    filed = await file_request(site, plant)
    reading = await submit_reading(site, plant, 100)
    client = await site.open_client()
    await client.get("/")
    await client.post("/language", {"locale": "en"})
    guest = ["/", "/forgot", "/embed", "/miniapp", "/nothing", f"/link/{'a' * 43}"]
    own = [
        *("/", "/requests", "/requests/new", f"/requests/{filed.number}/withdraw"),
        *(f"/requests/new/{one.code}" for one in load().types),
        *("/readings", "/readings/new", "/readings/new?kind=triple", "/readings/upload"),
        *(f"/readings/{reading.meter.id}", f"/readings/new?meter={reading.meter.id}"),
        *("/askue", "/profile", "/profile/email", "/profile/deletion", "/nothing"),
    ]
    for path in (*guest, "log in", *own):
        if path == "log in":
            await client.log_in(EMAIL)
            await client.post("/language", {"locale": "en"})
            continue
        page = await client.get(path)
        words = re.sub(r"Сети <Севера> & Юга|Русский|ИП", "", page.text)
        assert not re.findall(r"[А-Яа-яЁё№]+", words), path
