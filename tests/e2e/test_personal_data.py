"""A consumer takes their data away and leaves; what is left of them."""

import io
import json
import zipfile

from bot.domain import Category
from bot.request_types import load
from tests.support import flows
from tests.support.clock import get_today
from tests.support.files import make_pdf
from tests.support.phone import PATIENCE_SECONDS, Phone
from tests.support.storage_dump import dump_storage
from tests.support.world import STAFF_CHAT_ID, World

EMAIL = "leaving@example.ru"
NAME = "Уходящая Вера Павловна"


async def test_a_consumer_takes_everything_along_and_leaves(world: World) -> None:
    vera, tablet = world.add_phone("Вера"), world.add_phone("Планшет")
    await flows.register_and_log_in(vera, world.mail_client, Category.INDIVIDUAL, EMAIL, NAME)
    password = await flows.read_password(world.mail_client, EMAIL)
    await flows.log_in(tablet, EMAIL, password)
    await tablet.press("Позже")
    kind = load().types[0]
    await flows.open_form(vera, kind.button["ru"])
    await flows.fill_form(vera, load().get_form(kind.code, Category.INDIVIDUAL), get_today())
    await vera.send_document(make_pdf("mine"), "Паспорт.pdf")
    await vera.press("Готово")
    await vera.press("Отправить")
    number = (await vera.expects("№ 2")).partition("№ ")[2][:11]
    await world.mail_client.expects(to=EMAIL, subject=number)
    await world.wait_for_card(number, 2)
    # A draft in the other chat, with a scan.
    await flows.open_form(tablet, kind.button["ru"])
    await flows.fill_form(tablet, load().get_form(kind.code, Category.INDIVIDUAL), get_today())
    await tablet.send_document(make_pdf("draft"), "Черновик.pdf")

    await vera.say("/menu")
    await vera.press("Профиль")
    await vera.press("Мои данные")
    await check_archive(world, vera, number)

    await vera.say("/menu")
    await vera.press("Профиль")
    await vera.press("Удалить аккаунт")
    await vera.press("Продолжить удаление")
    await vera.say("not the password")
    assert "Шаг 1 из 1" in vera.screen
    await vera.say(password)
    await vera.expects("Личный кабинет удалён")
    await tablet.expects("удалён его владельцем")
    await tablet.say("/menu")
    assert "Войти" in " ".join(tablet.buttons)
    assert all(password not in str(one) for one in vera.own_messages)
    gone = await world.telegram.wait_until(lambda: not world.list_files(), PATIENCE_SECONDS)
    assert gone, world.list_files()
    assert await world.telegram.wait_until(lambda: is_cleared(world, number), PATIENCE_SECONDS)
    await vera.press("Меню")
    await vera.press("Войти")
    await vera.say(EMAIL)
    await vera.say(password)
    assert "Вы вошли" not in vera.screen
    await vera.say("/cancel")
    assert await world.stop() == 0
    kept = await dump_storage(world)
    for personal in (EMAIL, "Уходящая", vera.number, flows.TEXT, "Паспорт.pdf", "Черновик.pdf"):
        assert personal not in kept, personal
    assert number in kept
    assert "ERROR" not in world.log()


def is_cleared(world: World, number: str) -> bool:
    """The card has no words left, and instead of its scan the staff see why."""
    group = world.telegram.chats[STAFF_CHAT_ID].messages.values()
    texts = [str(one.get("text", "")) for one in group]
    return (
        any("отозвал согласие" in text and number in text for text in texts)
        and not any("document" in one for one in group)
        and not any("Уходящая" in text or flows.TEXT in text for text in texts)
    )


async def check_archive(world: World, phone: Phone, number: str) -> None:
    def list_documents() -> list[str]:
        documents = [one["document"] for one in phone.messages if "document" in one]
        return [one["file_id"] for one in documents if one["file_name"].endswith(".zip")]

    assert await world.telegram.wait_until(list_documents, PATIENCE_SECONDS)
    data = world.telegram.files[list_documents()[-1]].data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        rows = json.loads(archive.read("data.json"))
        scans = [archive.read(name) for name in names if name.startswith(f"scans/{number}/")]
    assert scans == [make_pdf("mine")]
    assert rows["accounts"][0]["name"] == NAME
    assert rows["requests"][0]["text"] == flows.TEXT
    assert rows["consents"][0]["text"]
    assert "$argon2" not in str(rows)
