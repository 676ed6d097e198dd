"""The way of the answer, the files that the staff send, and the consent."""

import pytest

from bot.domain import Request
from tests.support import flows
from tests.support.files import make_docx, make_pdf
from tests.support.form_filler import file_request
from tests.support.in_process import InProcessCabinet, get_email

NUMBER = "2026-000001"
PDF, DOCX = make_pdf(), make_docx("a draft of the contract")


async def test_the_way_of_the_answer_is_asked_once_and_kept(cabinet: InProcessCabinet) -> None:
    phone = await file_request(cabinet)
    await phone.expects(NUMBER, "Как вам удобнее получать ответы")
    assert {"Telegram", "Email", "На бумаге"} <= set(phone.buttons)
    await phone.press("На бумаге")
    await phone.expects("Записано: На бумаге")
    await phone.say("/menu")
    await phone.press("Профиль")
    assert "Ответы: На бумаге" in phone.screen
    await phone.press("Способ ответа")
    await phone.press("Email")
    await phone.expects("Записано: Email")
    # A further request does not ask again, and its card says it.
    await flows.open_form(phone, "Бездоговорное потребление")
    await phone.press("Не знаю")
    await phone.say("ул. Лесная, 12")
    for answer in ("Пропустить", "Пропустить", "Пропустить", "Пропустить", "Да"):
        await phone.press(answer)
    await phone.say("Провод наброшен на линию")
    await phone.press("Пропустить")
    await phone.press("Отправить")
    registered = await phone.expects("2026-000002")
    assert "Как вам удобнее" not in registered
    assert "На бумаге" not in phone.buttons
    await cabinet.deliver()
    await cabinet.add_staff_phone().expects_card("2026-000002", "Ответ: Email")


async def test_the_way_of_the_answer_in_english(cabinet: InProcessCabinet) -> None:
    phone = await file_request(cabinet)
    await phone.say("/language")
    await phone.press("English")
    await phone.say("/menu")
    await phone.press("Profile")
    assert "Answers: not chosen" in phone.screen
    await phone.press("How to get answers")
    await phone.press("On paper")
    await phone.expects("Saved: On paper")


@pytest.mark.parametrize(("data", "name"), [(PDF, "Договор.pdf"), (DOCX, "Договор.docx")])
async def test_files_of_the_staff_are_kept_listed_and_emailed(
    cabinet: InProcessCabinet, data: bytes, name: str
) -> None:
    phone, maria = await file_request(cabinet), cabinet.add_staff_phone()
    card = await maria.expects_card(NUMBER)
    await maria.send_file(data, name, card, caption="Подпишите <оба> экземпляра")
    # The letter before it has the receipt.
    _, letter = cabinet.mailer.list_letters(get_email(phone))
    assert [(one.name, one.data) for one in letter.attachments] == [(name, data)]
    assert NUMBER in letter.subject
    assert "Подпишите <оба> экземпляра" in letter.text
    await flows.open_request(phone, NUMBER)
    assert f"Документы от компании\n• {name}" in phone.screen
    assert "Сканы: нет" in phone.screen
    # They are part of the person's own data.

    async def render_documents(_: Request) -> list[tuple[str, bytes]]:
        return []

    archives = cabinet.app.services.personal_data.build_archives(
        1, lambda _: ("data.html", ""), render_documents
    )
    (archive,) = [one async for one in archives]
    assert name.encode() in archive
    async with cabinet.app.database.read() as tx:
        request = await tx.requests.get(1)
    assert request is not None
    (kept,) = request.documents
    assert await cabinet.app.services.scans.read(kept) == data


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        (
            "ru",
            (
                "Даю согласие оператору персональных данных (Сети <Севера> & Юга, "
                "ИНН 7707083893, 649000, г. Горно-Алтайск, ул. Мира, 1) на обработку",
                "мессенджер Telegram",
                "«Профиль» → «Удалить аккаунт», или письмом",
                "версия 2.0",
            ),
        ),
        (
            "en",
            (
                "I give the personal data operator (Сети <Севера> & Юга, INN 7707083893",
                "the Telegram messenger",
                "“Profile” → “Delete account”, or by writing",
                "version 2.0",
            ),
        ),
    ],
)
async def test_the_consent_names_the_operator_the_channel_and_the_way_out(
    cabinet: InProcessCabinet, locale: str, words: tuple[str, ...]
) -> None:
    async with cabinet.run(
        company_inn="7707083893", company_address="649000, г. Горно-Алтайск, ул. Мира, 1"
    ):
        phone = cabinet.add_phone()
        await phone.say("/start")
        if locale == "en":
            await phone.say("/language")
            await phone.press("English")
        await phone.press({"ru": "Регистрация", "en": "Sign up"}[locale])
        kinds = {"ru": "ИП выбирают «Юридическое лицо»", "en": "(ИП) choose “Legal entity”"}
        screens = [phone.screen]
        await phone.press({"ru": "Согласен", "en": "I agree"}[locale])
        screens.append(phone.screen)
        shown = "\n".join(screens)
        for one in (kinds[locale], *words):
            assert one in shown, shown
