"""Requests on the site: the list, one request, its files, and what a consumer does about it."""

import re
from pathlib import Path

import pytest
from aiohttp import FormData

from bot.domain import Status
from tests.support.filed import file_request, get_account, set_status
from tests.support.files import make_jpeg, make_pdf
from tests.support.site import Site, SiteClient, SitePage

EMAIL, OTHER = "ivanova@example.ru", "petrov@example.ru"
HOSTILE = "<script>alert(1)</script> & «кавычки»"


@pytest.fixture
async def client(site: Site) -> SiteClient:
    return await site.add_consumer(EMAIL)


async def test_the_list_shows_open_requests_first_and_has_pages(
    site: Site, client: SiteClient
) -> None:
    empty = await client.get("/requests")
    assert "Заявок пока нет" in empty.text
    account = await get_account(site, EMAIL)
    filed = [await file_request(site, account, f"d{number}") for number in range(7)]
    await set_status(site, filed[6], Status.DONE, "Готово")
    first = await client.get("/requests")
    assert "Страница 1 из 2" in first.text
    assert filed[5].number in first.text
    assert filed[6].number not in first.text
    for address in ("/requests?page=2", "/requests?page=999999"):
        last = await client.get(address)
        assert filed[6].number in last.text
        assert "Выполнена" in last.text
    for rubbish in ("0", "-1", "x", "1.5", "%00", "9" * 400):
        page = await client.get(f"/requests?page={rubbish}")
        assert (page.status, "Страница 1 из 2" in page.text) == (200, True)


async def test_a_message_of_a_session_that_is_over_waits_for_the_login(
    site: Site, client: SiteClient
) -> None:
    filed = await file_request(site, await get_account(site, EMAIL))
    place = f"/requests/{filed.number}"
    page = await client.get(place)
    message, text = page.get_value("message"), f"Ещё один щит. {HOSTILE}"
    form = FormData(quote_fields=False)
    for name, value in (("csrf", page.csrf), ("message", message), ("text", text)):
        form.add_field(name, value)
    form.add_field("scans", make_pdf("Щит"), filename="Щит.pdf")
    client.end_session()
    again = await client.log_in_again(await client.post(f"{place}/messages", form), EMAIL)
    assert text in again.text
    other = await file_request(site, await get_account(site, EMAIL), "another")
    another = await client.get(f"/requests/{other.number}")
    assert text not in another.text
    words = {"message": another.get_value("message"), "text": "О другом"}
    await client.follow(await client.post(f"/requests/{other.number}/messages", words))
    again = await client.get(place)
    assert text in again.text
    sent = {"message": again.get_value("message"), "text": text}
    await client.follow(await client.post(f"{place}/messages", sent, csrf=again.csrf))
    shown = await client.get(place)
    assert shown.text.count(text) == 1


async def test_the_six_types_lead_to_their_forms(client: SiteClient) -> None:
    page = await client.get("/requests/new")
    assert len(re.findall(r'href="/requests/new/\w+"', page.html)) == 6
    assert "Технологическое присоединение" in page.text


async def test_a_request_is_shown_as_it_was_filed(site: Site, client: SiteClient) -> None:
    filed = await file_request(site, await get_account(site, EMAIL), address=HOSTILE, text=HOSTILE)
    page = await client.get(f"/requests/{filed.number}")
    assert page.status == 200
    for words in (filed.number, "Зарегистрирована", "Адрес", HOSTILE, "Заявление.pdf", "Ответ до"):
        assert words in page.text
    assert f"{filed.review_due:%d.%m.%Y}" in page.text
    assert "<script>alert" not in page.html


async def test_another_accounts_request_is_as_unknown_as_none(
    site: Site, client: SiteClient
) -> None:
    await site.add_account(OTHER, "Петров Пётр")
    filed = await file_request(site, await get_account(site, OTHER))
    file = filed.scans[0].id
    unknown = await client.get("/requests/2026-999999")
    assert unknown.status == 404
    for path in (
        f"/requests/{filed.number}",
        f"/requests/{filed.number}/receipt",
        f"/requests/{filed.number}/files/{file}",
        f"/requests/{filed.number}/withdraw",
        "/requests/x",
        "/requests/%00",
        "/requests/2026-000001%27",
    ):
        page = await client.get(path)
        assert (page.status, page.text) == (404, unknown.text), path
    for act in ("withdraw", "dispute", "rating", "copy"):
        page = await client.post(f"/requests/{filed.number}/{act}", {"stars": "5"})
        assert (page.status, page.text) == (404, unknown.text), act
    own = await file_request(site, await get_account(site, EMAIL), "own")
    page = await client.get(f"/requests/{own.number}/files/{file}")
    assert page.status == 404


async def test_files_are_attachments(site: Site, client: SiteClient) -> None:
    filed = await file_request(site, await get_account(site, EMAIL))
    file = await client.get(f"/requests/{filed.number}/files/{filed.scans[0].id}")
    assert file.body == make_pdf()
    assert file.headers["Content-Type"] == "application/pdf"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    disposition = file.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="')
    assert "filename*=UTF-8''%D0%97%D0%B0" in disposition
    receipt = await client.get(f"/requests/{filed.number}/receipt")
    assert receipt.body.startswith(b"%PDF")
    assert receipt.headers["Content-Disposition"].startswith("attachment")


async def test_a_damaged_file_is_not_sent(site: Site, client: SiteClient) -> None:
    filed = await file_request(site, await get_account(site, EMAIL))
    stored = Path(site.cabinet.folder, "files", filed.scans[0].key)
    address = f"/requests/{filed.number}/files/{filed.scans[0].id}"
    data = stored.read_bytes()
    stored.write_bytes(data[:-1] + b"?")
    assert (await client.get(address)).status == 404
    stored.unlink()
    assert (await client.get(address)).status == 404


async def test_a_request_is_withdrawn_once_and_after_a_question(
    site: Site, client: SiteClient
) -> None:
    filed = await file_request(site, await get_account(site, EMAIL))
    place = f"/requests/{filed.number}"
    sure = await client.get(f"{place}/withdraw")
    assert "Отозвать заявку" in sure.text
    page = await client.follow(await client.post(f"{place}/withdraw"))
    assert "Заявка отозвана" in page.text
    assert "Отозвана" in page.text
    again = await client.post(f"{place}/withdraw")
    assert again.status == 409
    assert "Статус заявки уже изменился" in again.text
    late = await client.get(f"{place}/withdraw")
    assert late.status == 409


async def test_a_closed_request_is_rated_and_disputed(site: Site, client: SiteClient) -> None:
    filed = await file_request(site, await get_account(site, EMAIL))
    await set_status(site, filed, Status.DONE, "Счётчик допущен")
    place = f"/requests/{filed.number}"
    page = await client.get(place)
    assert "Счётчик допущен" in page.text
    for stars in ("", "0", "6", "x"):
        wrong = await client.post(f"{place}/rating", {"stars": stars})
        assert (wrong.status, set(wrong.errors)) == (422, {"stars"})
    rated = await client.follow(await client.post(f"{place}/rating", {"stars": "4"}))
    assert "Оценка записана" in rated.text
    assert "4 звезды" in rated.text
    again = await client.follow(await client.post(f"{place}/rating", {"stars": "1"}))
    assert "второй раз" in again.text
    disputed = await client.follow(await client.post(f"{place}/dispute"))
    assert "снова рассматривается" in disputed.text


async def test_it_is_too_late_to_disagree(site: Site, client: SiteClient) -> None:
    filed = await file_request(site, await get_account(site, EMAIL))
    await set_status(site, filed, Status.DONE, "Готово")
    site.cabinet.clock.advance(days=11)
    await client.log_in(EMAIL)
    page = await client.post(f"/requests/{filed.number}/dispute")
    assert page.status == 409
    assert "больше 10 дней" in page.text


async def test_answers_are_copied_into_a_new_form(site: Site, client: SiteClient) -> None:
    filed = await file_request(site, await get_account(site, EMAIL))
    await set_status(site, filed, Status.REJECTED, "Нет данных")
    place = f"/requests/{filed.number}"
    copied = await client.post(f"{place}/copy")
    assert copied.location == "/requests/new/meter_commissioning"
    listed = await client.get("/requests")
    assert "Продолжить: Допуск в эксплуатацию" in listed.text


async def write(client: SiteClient, place: str, text: str, *files: tuple[str, bytes]) -> SitePage:
    """Writes to the staff from the newest page of a request, or from one that is shown again."""
    page = client.page
    assert page is not None
    form = FormData(quote_fields=False)
    for field in ("csrf", "message"):
        form.add_field(field, page.get_value(field))
    form.add_field("text", text)
    for name, data in files or [("", b"")]:
        form.add_field("scans", data, filename=name)
    return await client.post(f"{place}/messages", form)


async def test_messages_and_files_go_to_the_staff(site: Site, client: SiteClient) -> None:
    filed = await file_request(site, await get_account(site, EMAIL))
    await set_status(site, filed, Status.CLARIFICATION, "Пришлите фото пломбы")
    place = f"/requests/{filed.number}"
    asked = await client.get(place)
    assert "Вопрос специалиста Пришлите фото пломбы" in asked.text
    empty = await write(client, place, "  ")
    assert (empty.status, set(empty.errors)) == (422, {"text"})
    long = await write(client, place, "я" * 3001)
    assert (long.status, set(long.errors)) == (422, {"text"})
    refused = await write(
        client, place, HOSTILE, ("Пломба.jpg", make_jpeg()), ("virus.exe", b"MZ" * 99)
    )
    assert (refused.status, set(refused.errors)) == (422, {"scans"})
    assert "virus.exe" in refused.errors["scans"]
    assert "Пломба.jpg" in refused.text
    assert HOSTILE in refused.text
    # What was right is kept: it goes with the text.
    sent = await write(client, place, HOSTILE)
    page = await client.follow(sent)
    assert "заявка снова в работе" in page.text
    assert HOSTILE in page.text
    shown = re.search(r'<li class="consumer">.*?</li>\s*</ul>', page.html, re.DOTALL)
    assert shown
    assert "Пломба.jpg" in shown[0]
    link = re.search(r'href="(/requests/[^"]+/files/\d+)"[^>]*>Пломба', page.html)
    assert link
    assert (await client.get(link[1])).body == make_jpeg()


async def test_a_message_sent_twice_arrives_once(site: Site, client: SiteClient) -> None:
    filed = await file_request(site, await get_account(site, EMAIL))
    place = f"/requests/{filed.number}"
    await client.get(place)
    for _ in range(2):
        assert (await write(client, place, "Один раз")).status == 303
    page = await client.get(place)
    assert page.text.count("Один раз") == 1
    assert (await client.post(f"{place}/messages", {"message": "x", "text": "y"})).status == 400


async def test_a_guest_is_asked_to_log_in(site: Site) -> None:
    guest = await site.open_client()
    for path in ("/requests", "/requests/new", "/requests/2026-000001", "/readings", "/askue"):
        page = await guest.get(path)
        assert page.status == 303
        assert (page.location or "").startswith("/?next=")
