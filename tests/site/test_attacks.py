"""What strangers try on the site: a clear page each time, and what was typed is kept."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO

import pytest
from aiohttp import FormData
from yarl import URL

from bot.web.site.attachments import build_attachment
from bot.web.site.sessions import SESSION_COOKIE
from tests.support.files import make_pdf
from tests.support.in_process import PASSWORD
from tests.support.site import Site, SiteClient, SitePage

EMAIL = "ivanova@example.ru"
#: As long as those of browsers.
B = "----WebKitFormBoundary0123456789abcdef"
BOUNDARY = B.encode()
PART = b'--%s\r\nContent-Disposition: form-data; name="%%s"\r\n\r\n%%s\r\n' % BOUNDARY
END = b"--%s--\r\n" % BOUNDARY
FIELDS = "application/x-www-form-urlencoded"
PLACE = "/requests/new/unmetered_report"
TYPED = "за углом дома"


def build_form(page: SitePage, *files: bytes) -> FormData:
    """Files in the middle of a form, as controls stand on its page."""
    form = FormData({"csrf": page.csrf, "draft": page.get_value("draft")})
    for number, data in enumerate(files):
        form.add_field("scans", BytesIO(data), filename=f"{number}.pdf")
    form.add_field("text", TYPED)
    form.add_field("act", "save")
    return form


@asynccontextmanager
async def begin_upload(
    client: SiteClient, fields: bytes = b""
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A form of which the head, its token and the beginning of a file are sent, in chunks."""
    page, url = await client.get(PLACE), URL(client.url)
    jar = client.session.cookie_jar.filter_cookies(url)
    cookies = "; ".join(f"{name}={one.value}" for name, one in jar.items())
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = (
        f"POST {PLACE} HTTP/1.1\r\nHost: {url.authority}\r\nOrigin: {client.url}\r\n"
        f"Cookie: {cookies}\r\nTransfer-Encoding: chunked\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    token = f'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{page.csrf}\r\n'
    file = '--b\r\nContent-Disposition: form-data; name="scans"; filename="a.pdf"\r\n\r\n'
    try:
        writer.write(head.encode())
        send_chunk(writer, token.encode() + fields + file.encode())
        yield reader, writer
    finally:
        writer.close()


def send_chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


async def test_a_file_far_too_large_is_told_at_its_field_and_the_answers_stay(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.scans.MAX_FILE_BYTES", 1024**2)
    monkeypatch.setattr("bot.web.site.uploads.MAX_FILE_BYTES", 1024**2)
    client = await site.add_consumer(EMAIL)
    page = await client.get(PLACE)
    refused = await client.post(PLACE, build_form(page, bytes(3 * 1024**2), make_pdf("right")))
    assert refused.status == 422
    assert "0.pdf" in refused.errors["scans"]
    assert TYPED in refused.text
    assert "1.pdf" in refused.text


async def test_a_file_too_many_is_told_at_its_field_and_the_answers_stay(site: Site) -> None:
    client = await site.add_consumer(EMAIL)
    page = await client.get(PLACE)
    refused = await client.post(PLACE, build_form(page, *(b"%PDF-no" for _ in range(12))))
    assert refused.status == 422
    assert "10" in refused.errors["scans"].rpartition("<br>")[2]
    assert TYPED in refused.text


async def test_an_upload_without_end_is_cut_and_what_came_before_is_kept(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.web.site.bodies._UPLOAD_BYTES", 1024**2)
    client = await site.add_consumer(EMAIL)
    text = f'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n{TYPED}\r\n'
    async with begin_upload(client, text.encode()) as (reader, writer):

        async def send_on() -> None:
            while True:
                send_chunk(writer, bytes(64 * 1024))
                await writer.drain()

        sending = asyncio.create_task(send_on())
        answer = (await reader.readuntil(b"</html>")).decode()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    assert answer.startswith("HTTP/1.1 422")
    assert "a.pdf" in answer
    assert TYPED in answer
    assert TYPED in (await client.get(PLACE)).text


async def test_an_upload_that_trickles_is_ended_while_others_are_served(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.web.site.bodies._BEGINNING_SECONDS", 0)
    monkeypatch.setattr("bot.web.site.bodies._SLOWEST", 10**12)
    client = await site.add_consumer(EMAIL)
    async with begin_upload(client) as (reader, writer):
        assert (await client.get("/")).status == 200
        send_chunk(writer, b"%")
        answer = (await reader.readuntil(b"</html>")).decode()
    assert answer.startswith("HTTP/1.1 408")
    assert "шли слишком долго" in answer


async def test_ten_thousand_parts_get_a_page(site: Site) -> None:
    client = await site.add_consumer(EMAIL)
    page = await client.get(PLACE)
    part = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    body = part % (b"csrf", page.csrf.encode())
    body += b"".join(part % (b"a%d" % number, b"1") for number in range(10_000)) + b"--b--\r\n"
    headers = {"Origin": site.url, "Content-Type": "multipart/form-data; boundary=b"}
    refused = await client._send("POST", PLACE, data=BytesIO(body), headers=headers)
    assert refused.status == 413
    assert "Слишком много данных" in refused.text


async def test_damaged_bodies_get_a_page(site: Site) -> None:
    """None is a fault of ours, which an alarm would ring for: nothing is logged as one."""
    client = await site.add_consumer(EMAIL)
    csrf = (await client.get(PLACE)).csrf.encode()
    begun = PART % (b"csrf", csrf)
    huge = bytes(64 * 1024**2)
    for body, about, status in (
        (b"garbage" * 20, {"Content-Encoding": "gzip", "Content-Type": FIELDS}, 400),
        (b"garbage" * 20, {"Content-Encoding": "gzip"}, 400),
        (gzip.compress(huge), {"Content-Encoding": "gzip", "Content-Type": FIELDS}, 413),
        (gzip.compress(begun + PART % (b"text", huge)), {"Content-Encoding": "gzip"}, 413),
        (PART % (b"_charset_", b"a" * 100) + END, {}, 403),
        (begun + PART % (b"text", b"\xff") + END, {}, 400),
        (begun + b"--%s\r\n%s\r\n" % (BOUNDARY, b"X: 1\r\n" * 300) + END, {}, 400),
        (begun + PART % (b"a" * 20_000, b"1") + END, {}, 400),
        (begun + b"--%s\r\nno header\r\n\r\n" % BOUNDARY + END, {}, 400),
        (begun + b"--%s\r\nContent-Length: -1\r\n\r\n1\r\n" % BOUNDARY + END, {}, 400),
        (begun + b"--%s\r\nContent-Type: multipart/x; boundary=x\r\n\r\n" % BOUNDARY, {}, 400),
        (begun + PART % (b"text", b"1"), {}, 400),
    ):
        headers = {
            "Origin": site.url,
            "Content-Type": f"Multipart/Form-Data; boundary={B}",
            **about,
        }
        page = await client._send("POST", PLACE, data=BytesIO(body), headers=headers)
        assert page.status == status, (body[:300], page.status)
        assert "<h1>" in page.html


@pytest.mark.parametrize("name", ["Акт; копия; 2.pdf", "a=b; filename=c.pdf", "Акт %22А%22.pdf"])
async def test_a_file_is_kept_whatever_its_name(site: Site, name: str) -> None:
    client = await site.add_consumer(EMAIL)
    form = FormData({"csrf": (await client.get(PLACE)).csrf, "act": "attach"}, quote_fields=False)
    form.add_field("scans", BytesIO(make_pdf("one")), filename=name)
    page = await client.follow(await client.post(PLACE, form))
    assert name.replace("%22", "_") in page.text


async def test_a_session_cannot_be_planted_and_ends_with_the_logout(site: Site) -> None:
    await site.add_account(EMAIL)
    client = await site.open_client()
    planted = "A" * 43
    client.session.cookie_jar.update_cookies({SESSION_COOKIE: planted}, URL(site.url))
    await client.log_in(EMAIL)
    cookies = client.session.cookie_jar.filter_cookies(URL(site.url))
    token = cookies[SESSION_COOKIE].value
    assert token != planted
    await client.post("/logout")
    client.session.cookie_jar.update_cookies({SESSION_COOKIE: token}, URL(site.url))
    assert "Забыли пароль?" in (await client.get("/")).text
    assert (await client.get("/requests")).status == 303


async def test_no_header_names_another_host_or_brings_a_header(site: Site) -> None:
    await site.add_account(EMAIL)
    client = await site.open_client()
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    page = await client.get("/", headers=forged)
    assert "evil.example" not in page.html
    asked = await client.get("/requests", headers=forged)
    assert (asked.location or "").startswith("/?next=")
    broken = await client.get("/requests/%0d%0aX-Evil:%201")
    assert "X-Evil" not in broken.headers
    # A language is one of ours, or it is none.
    for locale in ("x\r\nX-Evil: 1", "ru; Domain=evil.example", "a" * 60_000, ""):
        page = await client.post("/language", {"locale": locale, "back": "//evil.example"})
        assert (page.status, page.location) == (303, "/")
        assert "Set-Cookie" not in page.headers
        assert "X-Evil" not in page.headers
    for wanted in ("/\r\nX-Evil: 1", "https://evil.example", "/\\evil.example"):
        guest = await site.open_client()
        await guest.get("/")
        fields = {"email": EMAIL, "password": PASSWORD, "next": wanted}
        page = await guest.post("/", fields)
        assert (page.status, page.location) == (303, "/")


def test_a_file_name_ends_no_header() -> None:
    answer = build_attachment('a"; x="\r\nX-Evil: 1\\.pdf', b"%PDF")
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="a_; x=___X-Evil: 1_.pdf"; ')
    assert "\r" not in disposition
    assert "X-Evil" not in answer.headers


async def test_uploads_of_one_person_let_those_of_another_pass(site: Site) -> None:
    flooding, other = [await site.add_consumer(email) for email in (EMAIL, "petrov@example.ru")]
    ended: list[str] = []

    async def send(client: SiteClient, megabytes: int, name: str) -> None:
        page, data = await client.get(PLACE), make_pdf(name, bytes(megabytes * 1024**2))
        form = FormData({"csrf": page.csrf, "act": "attach"})
        form.add_field("scans", BytesIO(data), filename=f"{name}.pdf")
        status = (await client.post(PLACE, form)).status
        assert status == 303
        ended.append(name)

    flood = asyncio.gather(*(send(flooding, 6, f"flood-{number}") for number in range(6)))
    await send(other, 8, "other")
    await flood
    assert ended[0] == "other"
