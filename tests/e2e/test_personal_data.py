"""A consumer takes their data away and leaves; what is left of them."""

import io
import json
import zipfile

from bot.domain import Category
from bot.request_types import load
from tests.e2e.test_cabinet import card_of, files_of, today
from tests.e2e.test_secrets import storage_of
from tests.support import flows
from tests.support.files import make_pdf
from tests.support.phone import PATIENCE_SECONDS, Phone
from tests.support.world import STAFF_CHAT_ID, World

EMAIL = "leaving@example.ru"
NAME = "Уходящая Вера Павловна"


async def test_a_consumer_takes_everything_along_and_leaves(served: World) -> None:
    vera, tablet = served.phone("Вера"), served.phone("Планшет")
    await flows.signed_in(vera, served.mail_client, Category.INDIVIDUAL, EMAIL, NAME)
    password = await flows.password_from(served.mail_client, EMAIL)
    await flows.log_in(tablet, EMAIL, password)
    await tablet.press("Позже")
    kind = load().types[0]
    await flows.open_form(vera, kind.button["ru"])
    await flows.fill(vera, load().get_form(kind.code, Category.INDIVIDUAL), today())
    await vera.send_document(make_pdf("mine"), "Паспорт.pdf")
    await vera.press("Готово")
    await vera.press("Отправить")
    number = (await vera.expects("№ 2")).partition("№ ")[2][:11]
    await served.mail_client.expects(to=EMAIL, subject=number)
    await card_of(served, number, 2)
    # A draft in the other chat, with a scan.
    await flows.open_form(tablet, kind.button["ru"])
    await flows.fill(tablet, load().get_form(kind.code, Category.INDIVIDUAL), today())
    await tablet.send_document(make_pdf("draft"), "Черновик.pdf")

    await vera.say("/menu")
    await vera.press("Профиль")
    await vera.press("Мои данные")
    await takes_the_archive(served, vera, number)

    await vera.say("/menu")
    await vera.press("Профиль")
    await vera.press("Удалить аккаунт")
    await vera.press("Продолжить удаление")
    await vera.say("not the password")
    assert "Шаг 1 из 1" in vera.screen
    await vera.say(password)
    await vera.expects("Аккаунт удалён")
    await tablet.expects("удалён его владельцем")
    await tablet.say("/menu")
    assert "Войти" in " ".join(tablet.buttons)
    assert all(password not in str(one) for one in vera.own_messages)
    gone = await served.telegram.until(lambda: not files_of(served), PATIENCE_SECONDS)
    assert gone, files_of(served)
    assert await served.telegram.until(lambda: cleared(served, number), PATIENCE_SECONDS)
    await vera.press("Меню")
    await vera.press("Войти")
    await vera.say(EMAIL)
    await vera.say(password)
    assert "Вы вошли" not in vera.screen
    await vera.say("/cancel")
    assert await served.stop() == 0
    kept = await storage_of(served)
    for personal in (EMAIL, "Уходящая", vera.number, flows.TEXT, "Паспорт.pdf", "Черновик.pdf"):
        assert personal not in kept, personal
    assert number in kept
    assert "ERROR" not in served.log()


def cleared(served: World, number: str) -> bool:
    """The card has no words left, and instead of its scan the staff see why."""
    group = served.telegram.chats[STAFF_CHAT_ID].messages.values()
    texts = [str(one.get("text", "")) for one in group]
    return (
        any("отозвал согласие" in text and number in text for text in texts)
        and not any("document" in one for one in group)
        and not any("Уходящая" in text or flows.TEXT in text for text in texts)
    )


async def takes_the_archive(served: World, phone: Phone, number: str) -> None:
    def documents() -> list[str]:
        return [one["document"]["file_id"] for one in phone.messages if "document" in one]

    assert await served.telegram.until(documents, PATIENCE_SECONDS)
    data = served.telegram.files[documents()[-1]].data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        rows = json.loads(archive.read("data.json"))
        scans = [archive.read(name) for name in names if name.startswith(f"scans/{number}/")]
    assert scans == [make_pdf("mine")]
    assert rows["accounts"][0]["name"] == NAME
    assert rows["requests"][0]["text"] == flows.TEXT
    assert rows["consents"][0]["text"]
    assert "$argon2" not in str(rows)
