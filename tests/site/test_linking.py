"""Links between the doors: each logs in once, for a short time, and only after a press."""

from tests.support.in_process import InProcessPhone
from tests.support.site import Site


def read_link(phone: InProcessPhone) -> str:
    """The path of the link that the chat shows."""
    return "/link/" + phone.screen.partition("/link/")[2].split()[0]


async def get_link(site: Site) -> str:
    phone = await site.cabinet.add_consumer()
    await phone.press("Профиль")
    await phone.press("Открыть на сайте")
    return read_link(phone)


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
    await client.get("/profile")
    page = await client.post("/profile/telegram")
    start = page.html.partition("?start=")[2].partition('"')[0]
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
    assert account.email == "ivanova@example.ru"
    await stranger.say(f"/start {start}")
    assert "устарела" in stranger.screen
    assert (await site.cabinet.accounts.get_chat(stranger.user_id)).account is None
