"""Login, registration, a forgotten password and the profile on the site."""

import asyncio
import logging
import re
from io import BytesIO
from zipfile import ZipFile

import pytest

from tests.support.filed import file_request, get_account
from tests.support.in_process import PASSWORD
from tests.support.site import Site, SiteClient

ON_BOTH = pytest.mark.parametrize("cabinet", ["sqlite", "postgresql"], indirect=True)
EMAIL = "ivanova@example.ru"
ANSWERS = {
    "consent": "agree",
    "category": "individual",
    "full_name": "Иванова Анна Петровна",
    "organisation": "",
    "email": EMAIL,
    "phone": "8 912 345-67-89",
}


async def read_letter(site: Site, words: str) -> str:
    """What a regular expression finds in the newest email that holds it."""
    await site.cabinet.deliver()
    letters = [letter.text for letter in reversed(site.cabinet.mailer.sent)]
    found = next(one for letter in letters if (one := re.search(words, letter)))
    return found[1]


async def begin_registration(site: Site) -> tuple[SiteClient, dict[str, str]]:
    client = await site.open_client()
    page = await client.get("/register")
    return client, {**ANSWERS, "draft": page.get_value("draft")}


async def count_accounts(site: Site) -> int:
    async with site.cabinet.app.database.read() as tx:
        found = await tx.connection.exec_driver_sql("SELECT count(*) FROM accounts")
        return int(found.scalar_one())


@ON_BOTH
async def test_a_consumer_registers_and_enters_with_the_password_of_the_email(site: Site) -> None:
    client, answers = await begin_registration(site)
    page = await client.follow(await client.post("/register", answers))
    assert f"Отправляем письмо с паролем на {EMAIL}" in page.text
    assert page.get_value("email") == EMAIL
    # A reload of the answered form sends nothing twice.
    await client.post("/register", answers)
    await site.cabinet.deliver()
    assert len(site.cabinet.mailer.sent) == 1
    password = await read_letter(site, r"пароль:\s+(\S+)")
    menu = await client.log_in(EMAIL, password)
    assert "Пароль из письма временный" in menu.text
    assert "Иванова Анна Петровна" in menu.text


async def test_nothing_is_stored_before_the_consent(site: Site) -> None:
    client, answers = await begin_registration(site)
    for consent in ("", "disagree", "nonsense"):
        page = await client.post("/register", {**answers, "consent": consent})
        assert page.status == 422
        assert set(page.errors) == {"consent"}
        assert page.get_value("full_name") == "Иванова Анна Петровна"
    assert await count_accounts(site) == 0
    assert "Set-Cookie" not in page.headers


async def test_every_wrong_answer_is_told_at_its_field(site: Site) -> None:
    client, answers = await begin_registration(site)
    wrong = {"full_name": "<b>1</b>", "email": "нет", "phone": "12"}
    page = await client.post("/register", {**answers, **wrong})
    assert page.status == 422
    assert set(page.errors) == {"full_name", "email", "phone"}
    assert "&lt;b&gt;1&lt;/b&gt;" in page.html
    assert "<b>1</b>" not in page.html
    assert page.html.count("autofocus") == 1
    assert "Ошибка:" in page.html.partition("</title>")[0]
    empty = await client.post("/register", dict.fromkeys(ANSWERS, ""))
    assert set(empty.errors) == {"consent", "category", "email", "phone"}
    legal = await client.post("/register", {**answers, "category": "legal"})
    assert set(legal.errors) == {"organisation"}


async def test_a_slip_in_the_email_is_asked_about_once(site: Site) -> None:
    client, answers = await begin_registration(site)
    slip = {**answers, "email": "anna@gmial.com"}
    page = await client.post("/register", slip)
    assert "gmail.com" in page.errors["email"]
    kept = {**slip, "email_kept": page.get_value("email_kept")}
    assert (await client.post("/register", kept)).status == 303


async def test_a_taken_email_looks_like_any_other(site: Site) -> None:
    """Nobody learns whose emails are known, and the owner gets no words of a stranger."""
    await site.add_consumer("taken@example.ru")
    pages = []
    for email in ("taken@example.ru", "other@example.ru"):
        client, answers = await begin_registration(site)
        answers |= {"email": email, "full_name": "Зайдите На Сайт"}
        page = await client.follow(await client.post("/register", answers))
        pages.append(page.text.replace(email, "email"))
    assert pages[0] == pages[1]
    assert await count_accounts(site) == 2
    await site.cabinet.deliver()
    owner, other = sorted(site.cabinet.mailer.sent, key=lambda letter: "other@" in letter.text)
    assert not re.search(r"пароль:\s+\S", owner.text)
    for letter in (owner, other):
        assert "Зайдите" not in f"{letter.subject}{letter.text}"


async def test_typed_passwords_rest_nowhere(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = ("не-тот-пароль", "ни-этот-пароль", "новый-пароль-7", PASSWORD)
    await site.add_account(EMAIL)
    client = await site.open_client()
    login = {"email": EMAIL, "password": PASSWORD}
    change = {"old": PASSWORD, "new": secrets[2], "repeat": secrets[2]}
    pages = [
        await client.get("/"),
        await client.post("/", {**login, "password": secrets[0]}),
        await client.post("/", login),
        await client.get("/profile"),
        await client.post("/profile", {**change, "old": secrets[1]}),
        await client.post("/profile", change),
        await client.get("/profile"),
    ]
    assert [page.status for page in pages] == [200, 422, 303, 200, 422, 303, 200]
    async with site.cabinet.app.database.read() as tx:
        tables = await tx.connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        )
        rows = [
            tuple(row)
            for (table,) in list(tables)
            for row in await tx.connection.exec_driver_sql(f"SELECT * FROM {table}")
        ]
    # JSON escapes what is not ASCII.
    stored = re.sub(r"\\+u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), f"{rows}")
    assert EMAIL in stored
    for secret in secrets:
        assert secret not in stored
        assert secret not in caplog.text
        assert secret not in "".join(page.html for page in pages)


async def test_another_letter_and_another_email_can_be_had(site: Site) -> None:
    client, answers = await begin_registration(site)
    await client.follow(await client.post("/register", answers))
    await site.cabinet.deliver()
    site.cabinet.clock.advance(minutes=2)
    page = await client.follow(await client.post("/register/again"))
    assert "ещё раз" in page.text
    await site.cabinet.deliver()
    assert len(site.cabinet.mailer.sent) == 2
    form = await client.follow(await client.post("/register/correct"))
    assert form.get_value("full_name") == "Иванова Анна Петровна"
    assert await count_accounts(site) == 0
    # Another browser cannot withdraw it.
    await client.post("/register", {**answers, "draft": form.get_value("draft")})
    stranger = await site.open_client()
    await stranger.get("/")
    await stranger.post("/register/correct")
    assert await count_accounts(site) == 1


async def test_an_unknown_email_and_a_wrong_password_are_answered_alike(site: Site) -> None:
    await site.add_account(EMAIL)
    client = await site.open_client()
    await client.get("/")
    answers, hashed = [], []
    for email in (EMAIL, "nobody@example.ru"):
        before = site.cabinet.hasher.verified
        page = await client.post("/", {"email": email, "password": "не тот"})
        assert page.status == 422
        answers.append(page.errors)
        hashed.append(site.cabinet.hasher.verified - before)
        assert page.get_value("email") == email
        assert page.get_value("password") == ""
    assert answers[0] == answers[1] == {"password": answers[0]["password"]}
    # The work is equal too, or the time of the answer would tell.
    assert hashed == [1, 1]
    for fields in ({}, {"email": EMAIL}, {"email": "нет", "password": "1"}):
        assert (await client.post("/", fields)).status == 422


@ON_BOTH
async def test_many_wrong_passwords_are_braked_and_a_code_lets_the_owner_in(site: Site) -> None:
    await site.add_account(EMAIL)
    for _ in range(4):
        client = await site.open_client()
        await client.get("/")
        for _ in range(3):
            page = await client.post("/", {"email": EMAIL, "password": "не тот"})
            assert page.status == 422
    page = await client.post("/", {"email": EMAIL, "password": PASSWORD})
    assert page.status == 429
    assert "Следующая попытка" in page.errors["password"]
    owner = await site.open_client()
    await owner.get("/")
    page = await owner.post("/", {"email": EMAIL, "password": PASSWORD})
    assert "Код из письма" in page.text
    wrong = await owner.post("/code", {"email": EMAIL, "code": "000000"})
    assert "Код не подошёл" in wrong.errors["code"]
    await site.cabinet.deliver()
    code = await read_letter(site, r"\b(\d{6})\b")
    menu = await owner.follow(await owner.post("/code", {"email": EMAIL, "code": code}))
    assert "Заявки" in menu.text


async def test_a_page_that_was_asked_for_opens_after_the_login(site: Site) -> None:
    await site.add_account(EMAIL)
    client = await site.open_client()
    await client.get("/")
    page = await client.get("/profile")
    assert page.location == "/?next=/profile"
    form = await client.follow(page)
    assert "Войдите" in form.text
    answers = {"email": EMAIL, "password": PASSWORD}
    entered = await client.post("/", {**answers, "next": form.get_value("next")})
    assert entered.location == "/profile"
    for foreign in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:1"):
        other = await site.open_client()
        await other.get("/")
        assert (await other.post("/", {**answers, "next": foreign})).location == "/"


async def test_a_form_sent_after_the_session_leads_back_to_its_page(site: Site) -> None:
    client = await site.add_consumer(EMAIL)
    filed = await file_request(site, await get_account(site, EMAIL))
    for sent_to, shown in (
        ("/profile/data", "/profile"),
        ("/profile/email/code", "/profile/email"),
        (f"/requests/{filed.number}/messages", f"/requests/{filed.number}"),
        ("/readings", "/readings"),
        ("/askue/cancel", "/askue"),
    ):
        page = await client.get(shown)
        client.end_session()
        form = await client.follow(await client.post(sent_to, csrf=page.csrf))
        # Nothing of it is kept, and nothing else is said.
        assert "Войдите, и откроется нужная страница" in form.text
        assert "сохран" not in form.text
        answers = {"email": EMAIL, "password": PASSWORD, "next": form.get_value("next")}
        opened = await client.follow(await client.post("/", answers))
        if opened.status == 303:
            assert opened.location == shown
            opened = await client.follow(opened)
        assert opened.status == 200, sent_to


async def test_a_login_form_of_another_site_logs_nobody_in(site: Site) -> None:
    await site.add_account(EMAIL)
    client = await site.open_client()
    await client.get("/")
    page = await client.post(
        "/",
        {"email": EMAIL, "password": PASSWORD},
        headers={"Origin": "https://evil.example"},
    )
    assert page.status == 200
    assert "Форма пришла с другого сайта" in page.text
    assert page.get_value("email") == EMAIL
    assert PASSWORD not in page.html
    assert "Забыли пароль?" in (await client.get("/")).text


@ON_BOTH
async def test_a_forgotten_password_is_replaced_by_a_code(site: Site) -> None:
    await site.add_account(EMAIL)
    client = await site.open_client()
    await client.get("/forgot")
    assert "email" in (await client.post("/forgot", {"email": "нет"})).errors
    page = await client.post("/forgot", {"email": EMAIL})
    assert "Сохранить" in page.text
    code = await read_letter(site, r"\b(\d{6})\b")
    answers = {"email": EMAIL, "code": code, "new": "другая фраза", "repeat": "другая фраза"}
    short = await client.post("/forgot/password", {**answers, "new": "12345", "repeat": "12345"})
    assert set(short.errors) == {"new"}
    differ = await client.post("/forgot/password", {**answers, "repeat": "иная фраза"})
    assert set(differ.errors) == {"repeat"}
    wrong = await client.post("/forgot/password", {**answers, "code": "000001"})
    assert set(wrong.errors) == {"code"}
    common = await client.post("/forgot/password", {**answers, "new": "qwerty", "repeat": "qwerty"})
    assert set(common.errors) == {"new"}
    assert common.get_value("code") == code
    menu = await client.follow(await client.post("/forgot/password", answers))
    assert "вы вошли в личный кабинет" in menu.text
    # A stranger's code leads nowhere, and the page tells nothing of it.
    stranger = await site.open_client()
    await stranger.get("/forgot")
    unknown = await stranger.post("/forgot", {"email": "nobody@example.ru"})
    assert unknown.text.replace("nobody@example.ru", EMAIL) == page.text
    asked = await stranger.post("/forgot/staff", {"email": "nobody@example.ru"})
    assert "Просьба передана" in asked.text


@ON_BOTH
async def test_a_password_is_changed_as_the_specification_says(site: Site) -> None:
    client = await site.add_consumer(EMAIL)
    other = await site.open_client()
    await other.log_in(EMAIL)
    await client.get("/profile")
    answers = {"old": PASSWORD, "new": "чайник", "repeat": "чайник"}
    for wrong, key in (
        ({"old": "не тот"}, "old"),
        ({"new": "12345", "repeat": "12345"}, "new"),
        ({"repeat": "чайник1"}, "repeat"),
        ({"new": PASSWORD, "repeat": PASSWORD}, "new"),
        ({"old": ""}, "old"),
    ):
        page = await client.post("/profile", {**answers, **wrong})
        assert page.status == 422
        assert set(page.errors) == {key}
    saved = await client.follow(await client.post("/profile", answers))
    assert "Пароль изменён" in saved.text
    assert (await other.get("/profile")).status == 303
    assert "Заявки" in (await (await site.open_client()).log_in(EMAIL, "чайник")).text


async def test_name_phone_and_answers_are_changed(site: Site) -> None:
    client = await site.add_consumer(EMAIL)
    page = await client.get("/profile")
    assert page.get_value("phone") == "+7 912 345-67-89"
    wrong = await client.post("/profile/data", {"full_name": "Анна", "phone": "1"})
    assert "phone" in wrong.errors
    page = await client.follow(
        await client.post("/profile/data", {"full_name": "Петрова Анна", "phone": "+79120000000"})
    )
    assert "Данные изменены" in page.text
    assert "Петрова Анна" in page.text
    await client.follow(await client.post("/profile/answers", {"channel": "email"}))
    assert re.search(r'value="email"[^>]* checked', (await client.get("/profile")).html)
    assert (await client.post("/profile/answers", {"channel": "пигеон"})).status == 303


@ON_BOTH
async def test_an_email_is_changed_by_a_code_that_comes_there(site: Site) -> None:
    client = await site.add_consumer(EMAIL)
    await client.get("/profile/email")
    wrong = await client.post("/profile/email", {"email": "new@example.ru", "password": "нет"})
    assert set(wrong.errors) == {"password"}
    page = await client.post("/profile/email", {"email": "new@example.ru", "password": PASSWORD})
    assert "new@example.ru" in page.text
    refused = await client.post("/profile/email/code", {"email": "new@example.ru", "code": "1"})
    assert set(refused.errors) == {"code"}
    code = await read_letter(site, r"\b(\d{6})\b")
    page = await client.follow(
        await client.post("/profile/email/code", {"email": "new@example.ru", "code": code})
    )
    assert "new@example.ru" in page.text


async def test_other_logins_are_shown_and_ended(site: Site) -> None:
    client = await site.add_consumer(EMAIL)
    other = await site.open_client()
    await other.log_in(EMAIL)
    page = await client.get("/profile")
    (session,) = re.findall(r'name="session" value="(\d+)"', page.html)
    stranger = await site.add_consumer("petrov@example.ru", "Петров Пётр")
    await stranger.get("/profile")
    await stranger.post("/profile/sessions", {"session": session})
    assert "Заявки" in (await other.get("/")).text
    await client.get("/profile")
    ended = await client.follow(await client.post("/profile/sessions", {"session": session}))
    assert "выполнен выход" in ended.text
    assert "Забыли пароль?" in (await other.get("/")).text


async def test_everything_kept_about_a_person_is_downloaded(site: Site) -> None:
    client = await site.add_consumer(EMAIL)
    await client.get("/profile")
    got = await client.post("/profile/export")
    assert got.status == 200
    assert got.headers["Content-Disposition"].startswith("attachment")
    with ZipFile(BytesIO(got.body)) as whole, whole.open("1.zip") as first, ZipFile(first) as part:
        assert "Мои данные.html" in part.namelist()
        assert EMAIL in part.read("data.json").decode()


async def test_an_account_downloads_one_archive_at_a_time(site: Site) -> None:
    client = await site.add_consumer(EMAIL)
    await client.get("/profile")
    both = await asyncio.gather(client.post("/profile/export"), client.post("/profile/export"))
    assert sorted(page.status for page in both) == [200, 409]
    refused = next(page for page in both if page.status == 409)
    assert "Архив уже скачивается" in refused.text
    assert (await client.post("/profile/export")).status == 200


async def test_an_account_is_deleted_with_its_password(site: Site) -> None:
    client = await site.add_consumer(EMAIL)
    await client.get("/profile/deletion")
    assert set((await client.post("/profile/deletion", {"password": "нет"})).errors) == {"password"}
    page = await client.follow(await client.post("/profile/deletion", {"password": PASSWORD}))
    assert "Личный кабинет удалён" in page.text
    assert "Забыли пароль?" in page.text


async def test_the_language_is_chosen_and_kept(site: Site) -> None:
    client = await site.add_consumer(EMAIL)
    page = await client.follow(await client.post("/language", {"locale": "en", "back": "/profile"}))
    assert '<html lang="en">' in page.html
    assert "Download the archive" in page.text
    await client.post("/language", {"locale": "xx", "back": "//evil.example"})
    assert '<html lang="en">' in (await client.get("/")).html
