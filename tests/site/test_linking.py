"""Links between the doors: each logs in once, for a short time, and only after a press."""

from bot.domain import Address, Category
from bot.request_types import load
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import PASSWORD, InProcessCabinet, InProcessPhone, get_email
from tests.support.site import Site, SiteClient, SitePage

FORM = load().get_form("unmetered_report", Category.INDIVIDUAL)
PLACE = "/requests/new/unmetered_report"
EMAIL = "ivanova@example.ru"


def read_link(phone: InProcessPhone) -> str:
    """The path of the link that the chat shows."""
    return "/link/" + phone.screen.partition("/link/")[2].split()[0]


async def get_link(site: Site) -> str:
    phone = await site.cabinet.add_consumer()
    await phone.press("Профиль")
    await phone.press("Открыть на сайте")
    return read_link(phone)


async def get_start(client: SiteClient) -> str:
    """The argument of ``/start`` in the link that the site shows."""
    await client.get("/profile")
    page = await client.post("/profile/telegram")
    return page.html.partition("?start=")[2].partition('"')[0]


def has_answers(page: SitePage) -> bool:
    return "гараж 40</textarea>" in page.html


async def leave_draft(cabinet: InProcessCabinet) -> InProcessPhone:
    """A chat whose login ended in the middle of a request."""
    phone = await start_form(cabinet, FORM)
    async for field in answer_questions(phone, FORM, cabinet.today):
        if field.key == "text":
            break
    await cabinet.accounts.log_out(Address.from_chat(phone.user_id))
    return phone


async def test_a_chat_opens_the_site_once(site: Site) -> None:
    link = await get_link(site)
    client = await site.open_client()
    # A preview of the link uses nothing up.
    await client.get(link)
    page = await client.get(link)
    assert "Иванова Анна Петровна" in page.text
    assert "•••@" in page.text
    assert "Заявки" in (await client.follow(await client.post(link))).text
    other = await site.open_client()
    await other.get("/")
    page = await other.post(link)
    assert page.status == 410
    assert "устарела" in page.text


async def test_a_link_works_for_a_minute(site: Site) -> None:
    link = await get_link(site)
    client = await site.open_client()
    await client.get(link)
    site.cabinet.clock.advance(seconds=61)
    assert (await client.post(link)).status == 410


async def test_the_site_logs_a_chat_in_once(site: Site) -> None:
    client = await site.add_consumer()
    start = await get_start(client)
    phone, stranger = site.cabinet.add_phone(), site.cabinet.add_phone("Чужой")
    # A token of one door opens nothing at the other.
    assert (await client.get(f"/link/{start.removeprefix('l')}")).status == 410
    await phone.say(f"/start {start}")
    # Asked first, as the link may be a stranger's; neither the link nor «Отмена» logs in.
    assert "И. А. П." in phone.screen
    assert "i•••@example.ru" in phone.screen
    await phone.press("Отмена")
    assert (await site.cabinet.accounts.get_chat(phone.user_id)).account is None
    await phone.say(f"/start {start}")
    await phone.press("Войти")
    account = (await site.cabinet.accounts.get_chat(phone.user_id)).account
    assert account is not None
    assert account.email == EMAIL
    await stranger.say(f"/start {start}")
    assert "устарела" in stranger.screen
    assert (await site.cabinet.accounts.get_chat(stranger.user_id)).account is None


async def test_the_next_account_sees_no_drafts_of_the_former_one(site: Site) -> None:
    """Neither on the site before the chat's next message, nor in the chat."""
    phone = await leave_draft(site.cabinet)
    client = await site.add_consumer()
    here = Address.from_chat(phone.user_id)
    await site.cabinet.accounts.log_in(here, EMAIL, PASSWORD)
    assert not has_answers(await client.get(PLACE))
    await site.cabinet.accounts.log_out(here)
    await phone.say(f"/start {await get_start(client)}")
    await phone.press("Войти")
    assert "Заявки" in phone.buttons
    assert not [one for one in phone.buttons if one.startswith("Продолжить")]
    assert not has_answers(await client.get(PLACE))


async def test_the_same_person_finds_the_draft_after_the_next_login(site: Site) -> None:
    phone = await leave_draft(site.cabinet)
    await site.cabinet.accounts.log_in(Address.from_chat(phone.user_id), get_email(phone), PASSWORD)
    client = await site.open_client()
    await client.log_in(get_email(phone))
    assert has_answers(await client.get(PLACE))
