"""Requests are found by words, on both databases, whoever wrote them and whenever."""

from datetime import date

import pytest
from sqlalchemy import text

from bot.db.database import Database
from bot.domain import Answer, Contact
from bot.services.request_words import RequestWords, find_requests, split_words
from tests.support.samples import NOW, add_account


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Ёлкин Пётр, ул. МИРА, д.12-3", ["елкин", "петр", "ул", "мира", "д", "12", "3"]),
        ("ООО «Ромашка»\nООО", ["ооо", "ромашка"]),
        ("Электроснабжение электроснабжения", ["электросна"]),
        ("№ 0812-09452100000", ["0812", "09452100000"]),
        ('Е\u0308лка a\'b:*\\ "c"_d', ["елка", "a", "b", "c", "d"]),
        ("!?", []),
    ],
)
def test_words_are_folded_alike_when_they_are_stored_and_asked(said: str, words: list[str]) -> None:
    assert split_words(said) == words


async def add(database: Database, account_id: int, words: str, address: str = "") -> int:
    async with database.begin() as tx:
        number = await tx.requests.take_next_number(2026)
        return await tx.requests.add(
            number=number,
            account_id=account_id,
            draft_id=number,
            type_code="connection",
            text=words,
            registered_at=NOW,
            review_due=date(2026, 12, 24),
            answers=[Answer(key="address", label="Адрес", value=address)] if address else [],
            emergency=False,
        )


async def find(database: Database, said: str, *, skip: int = 0, take: int = 9) -> list[int]:
    await RequestWords(database).update_index()
    async with database.read() as tx:
        return await find_requests(tx, said, skip=skip, take=take)


async def test_beginnings_of_words_in_any_order_newest_first(database: Database) -> None:
    async with database.begin() as tx:
        account = await add_account(tx)
        await tx.accounts.set_contact(account.id, Contact.NAME, "Ёлкин Пётр Ильич")
        await add_account(tx, "petrov@example.ru")
    first = await add(database, 1, "Замените счётчик", "Тула, ул. Мира, д. 12")
    second = await add(database, 1, "Электроснабжения нет; авария", "Тула, ул. Мирная, д. 120")
    third = await add(database, 2, "ООО «Ромашка»: договор", "Орёл, пер. Тульский, 12")
    for said, found in (
        ("ЁЛКИН", [second, first]),
        ("петр елк", [second, first]),
        ("тул", [third, second, first]),
        ("мира тула", [first]),
        ("12 мир", [first]),
        ("электроснабжение", [second]),
        ("Ромашка", [third]),
        ("счетчики", []),
        ("ил ёлкин", []),
        ("' OR '1'='1", []),
        ("тула NOT мирная", []),
        ("!", []),
    ):
        assert await find(database, said) == found, said
    assert await find(database, "тул", skip=1, take=1) == [second]
    assert await find(database, "тул", skip=2, take=2) == [first]


async def test_a_new_name_is_found_and_an_erased_one_is_not(database: Database) -> None:
    async with database.begin() as tx:
        account = await add_account(tx)
    filed = await add(database, account.id, "Неповторимые слова")
    async with database.begin() as tx:
        await tx.accounts.set_contact(account.id, Contact.NAME, "Переименованный Иван")
    assert await find(database, "переименован") == await find(database, "неповторимые") == [filed]
    async with database.begin() as tx:
        await tx.personal_data.erase(account.id, "key", NOW)
    async with database.read() as tx:
        assert await find_requests(tx, "неповторимые", skip=0, take=9) == []
    assert await find(database, "переименован") == await find(database, "неповторимые") == []
    async with database.read() as tx:
        table = "request_index_data" if database.serves_one_process else "request_words"
        left = await tx.connection.execute(text(f"SELECT * FROM {table}"))
        kept = "".join(
            one.decode(errors="replace") if isinstance(one, bytes) else str(one)
            for row in left
            for one in row
        )
    assert "переим" not in kept
    assert "неповт" not in kept


async def test_what_code_of_the_release_before_writes_is_found(database: Database) -> None:
    """It knows neither table: it changes texts, and deletes requests."""
    async with database.begin() as tx:
        account = await add_account(tx)
    first, second = [await add(database, account.id, "Прежние слова") for _ in range(2)]
    assert await find(database, "прежние") == [second, first]
    async with database.begin() as tx:
        await tx.requests.change(first, text="—")
        await tx.connection.execute(text("DELETE FROM history"))
        await tx.connection.execute(text(f"DELETE FROM requests WHERE id = {second}"))
    async with database.read() as tx:
        assert await find_requests(tx, "прежние", skip=0, take=9) == []


async def test_what_was_there_before_the_index_is_indexed_in_batches(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with database.begin() as tx:
        account = await add_account(tx)
    filed = [await add(database, account.id, "Прежние слова") for _ in range(60)]
    async with database.begin() as tx:
        await tx.connection.execute(text("DELETE FROM unindexed_requests"))
    words = RequestWords(database)
    assert not await words.index_changed()
    assert await words.count_older() == 60
    assert await find(database, "прежние", take=100) == filed[::-1]
    assert await words.count_older() == 0
    assert [one.getMessage() for one in caplog.records] == [
        "60 older requests are not indexed for /find yet",
        "all requests are indexed for /find",
    ]
    # A start repeats nothing.
    async with database.begin() as tx:
        await tx.connection.execute(text("DELETE FROM request_words"))
    assert await find(database, "прежние") == []
