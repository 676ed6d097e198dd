"""An organisation sends the readings of many meters in one XLSX file."""

from io import BytesIO
from typing import Any

import openpyxl

from bot.domain import Category
from tests.support.files import make_jpeg
from tests.support.flows import enter_reading
from tests.support.in_process import ON_SQLITE, InProcessCabinet, InProcessPhone
from tests.support.pdf_text import read_text, squeeze
from tests.support.sent_files import list_sent_files
from tests.support.workbooks import make_workbook, replace_part

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADER = ["Номер счётчика", "T1, кВт·ч", "T2, кВт·ч", "T3, кВт·ч", "Коэффициент трансформации"]


async def open_upload(cabinet: InProcessCabinet) -> InProcessPhone:
    phone = await cabinet.add_consumer("ООО «Ромашка»", Category.LEGAL)
    await phone.press("Показания")
    await phone.press("Файл XLSX")
    return phone


async def send(phone: InProcessPhone, *rows: list[Any]) -> None:
    await phone.send_document(make_workbook([HEADER, *rows]), "ноябрь.xlsx", XLSX)


async def count_readings(cabinet: InProcessCabinet) -> int:
    async with cabinet.app.database.read() as tx:
        found = await tx.connection.exec_driver_sql("SELECT count(*) FROM readings")
        return int(found.scalar_one())


async def test_the_template_comes_back_filled_in(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer("ООО «Ромашка»", Category.LEGAL)
    await enter_reading(phone, "Двухтарифный", "0812-094521", "1", "100,5", "50")
    await phone.press("Ввести")
    cabinet.clock.advance(days=30)
    await phone.press("К показаниям")
    await phone.press("Файл XLSX")
    await phone.press("Шаблон")
    name, template = list_sent_files(phone.telegram, phone.messages)[-1]
    assert name == "Шаблон показаний.xlsx"
    assert "Шаг 1 из 1" in phone.screen
    book = openpyxl.load_workbook(BytesIO(template))
    sheet = book.worksheets[0]
    # A number that is typed below keeps its leading zeros.
    assert sheet.column_dimensions["A"].number_format == "@"
    titles, meter = sheet.iter_rows(values_only=True)
    assert titles == (
        "Номер счётчика",
        "Тарифы",
        "Где стоит",
        "Прежние показания",
        *HEADER[1:],
    )
    assert (meter[0], meter[1], meter[3]) == (
        "0812-094521",
        "Двухтарифный",
        "24.11.2026: T1 100,5; T2 50",
    )
    sheet["E2"], sheet["F2"] = 130.5, 60
    sheet.append(["0812-000001", None, None, None, 7])
    filled = BytesIO()
    book.save(filled)
    await phone.send_document(filled.getvalue(), "показания.xlsx", XLSX)
    assert "Верные строки: 2" in phone.screen
    assert "Новые счётчики: 1 (0812-000001)" in phone.screen
    assert "Из них после срока" not in phone.screen
    assert "ошибк" not in phone.screen.replace("с ошибкой, исправьте", "")
    assert await count_readings(cabinet) == 1
    await phone.press("Ввести")
    assert "Показания из файла приняты. Счётчики: 2" in phone.screen
    await phone.press("Ранее введенные показания")
    await phone.press("№ 0812-094521 · Двухтарифный")
    assert "130,5" in phone.screen
    assert "+30" in phone.screen


async def test_wrong_rows_are_told_and_the_right_ones_kept(cabinet: InProcessCabinet) -> None:
    phone = await open_upload(cabinet)
    await send(phone, ["A-0001", 1], ["A-0002", "=1+1"], ["A-0003", "много"], ["A-0004", 1, "", 3])
    assert phone.screen.replace("\N{NBSP}", " ").splitlines()[-5:] == [
        "⚠️ Строки с ошибками: 3. Показания из них не вводятся. Исправьте их и пришлите отдельным"
        " файлом или введите вручную.",
        "",
        "строка 3, № A-0002, «T1, кВт·ч»: здесь формула, впишите число",
        "строка 4, № A-0003, «T1, кВт·ч»: здесь не число, впишите показание цифрами",
        "строка 5, № A-0004: заполните T1, или T1 и T2, или T1, T2 и T3",
    ]
    message, button = phone.find_button("Ввести")
    await phone.press("Ввести")
    assert "Счётчики: 1" in phone.screen
    assert "строка 3, № A-0002" in phone.screen.replace("\N{NBSP}", " ")
    # A second tap on the same button shows the receipt again, and stores nothing.
    await phone.forge(button["callback_data"], message["message_id"])
    assert "Показания из файла приняты. Счётчики: 1" in phone.screen
    assert await count_readings(cabinet) == 1


async def test_many_errors_come_as_a_file(cabinet: InProcessCabinet) -> None:
    phone = await open_upload(cabinet)
    await send(phone, *([f"A-{number:04}", "=1+1"] for number in range(200)), ["B-0001", 5])
    name, words = list_sent_files(phone.telegram, phone.messages)[-1]
    assert name == "Строки с ошибками.txt"
    lines = words.decode("utf-8-sig").splitlines()
    assert len(lines) == 200
    assert lines[-1].replace("\N{NBSP}", " ").startswith("строка 201, № A-0199, «T1, кВт·ч»: ")
    assert "Верные строки: 1" in phone.screen
    assert "И ещё 195" in phone.screen
    # Another file takes the place of the first one.
    await phone.press("Изменить")
    await phone.press("Файл")
    await send(phone, ["C-0001", 1], ["C-0002", 2])
    assert "Верные строки: 2" in phone.screen
    await phone.press("Ввести")
    assert await count_readings(cabinet) == 2


async def test_a_file_without_a_right_row_is_asked_for_again(cabinet: InProcessCabinet) -> None:
    phone = await open_upload(cabinet)
    await send(phone, ["A-0001", "<b>=1+1"])
    assert "В файле нет ни одной верной строки" in phone.screen
    assert "строка 2, № A-0001, «T1, кВт·ч»" in phone.screen.replace("\N{NBSP}", " ")
    await send(phone, ["A-0001"])
    assert "В файле нет ни одного показания" in phone.screen
    await phone.say("12345")
    assert "Здесь нужен файл XLSX" in phone.screen
    await phone.send_document(make_jpeg(), "фото.jpg", "image/jpeg")
    assert "Это не файл XLSX" in phone.screen
    macro = replace_part(make_workbook([HEADER]), "xl/vbaProject.bin", lambda _: b"x")
    await phone.send_document(macro, "показания.xlsm", XLSX)
    assert "В файле есть макрос" in phone.screen
    await phone.send_document(bytes(50 * 1024**2), "большой.xlsx", XLSX)
    assert "Файл слишком велик" in phone.screen
    await send(phone, ["A-0001", 1])
    assert "Верные строки: 1" in phone.screen


async def test_the_rows_outlive_a_restart_and_a_language(cabinet: InProcessCabinet) -> None:
    phone = await open_upload(cabinet)
    await send(phone, ["A-0001", 1])
    async with cabinet.run():
        await phone.say("/language")
        await phone.press("English")
        await phone.press("Continue filling in")
        assert "Correct rows: 1" in phone.screen
        await phone.press("Edit")
        await phone.press("File")
        await send(phone, ["A-0001", 1], ["A-0002", "=1"])
        assert "this is a formula, write a number" in phone.screen
        await phone.press("Submit")
        assert "Meters: 1" in phone.screen
        assert await count_readings(cabinet) == 1


async def test_history_and_act_come_as_pdf(cabinet: InProcessCabinet) -> None:
    phone = await open_upload(cabinet)
    await send(phone, ["A-0001", 100], ["A-0002", 50])
    await phone.press("Ввести")
    cabinet.clock.advance(days=30)
    await phone.press("К показаниям")
    await phone.press("Файл XLSX")
    await send(phone, ["A-0001", 130.5])
    await phone.press("Ввести")
    await phone.press("Ранее введенные показания")
    await phone.press("Акт передачи показаний")
    name, act = list_sent_files(phone.telegram, phone.messages)[-1]
    assert name == "Акт передачи показаний за декабрь 2026.pdf"
    text = squeeze(read_text(act))
    assert "A-0001" in text
    assert "10024.11.2026" in text
    assert "Общийрасход30,5кВт·ч" in text
    # Of the other meter nothing was sent for December.
    assert "A-0002" not in text
    await phone.press("№ A-0002 · Однотарифный")
    await phone.press("Акт передачи показаний")
    name, act = list_sent_files(phone.telegram, phone.messages)[-1]
    assert name == "Акт передачи показаний за ноябрь 2026.pdf"
    assert "A-0002" in squeeze(read_text(act))
    await phone.press("PDF")
    name, history = list_sent_files(phone.telegram, phone.messages)[-1]
    assert name == "Показания счётчика A-0002.pdf"
    assert "24.11.2026" in read_text(history)
    assert "№ A-0002" in phone.screen
    # Another account's meter gives nobody a document.
    stranger = await cabinet.add_consumer()
    await stranger.forge("mf:1:0:0:act")
    await stranger.forge("mf:1:0:0:pdf")
    assert list_sent_files(stranger.telegram, stranger.messages) == []


@ON_SQLITE
async def test_an_individual_is_not_offered_it(cabinet: InProcessCabinet) -> None:
    phone = await cabinet.add_consumer()
    await phone.press("Показания")
    assert "Файл XLSX" not in phone.buttons
    await phone.forge("go:upload")
    assert "Показания" in phone.buttons
