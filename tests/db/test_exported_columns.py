"""The allow-list of «Мои данные»: a person's own data, and nothing of the staff."""

from sqlalchemy import select

from bot.db.database import Database
from bot.db.models import Base
from bot.db.personal_data import EXPORTED_COLUMNS, NOT_EXPORTED
from bot.domain import Actor, ActorKind, MessageContent, MessageKind, Status
from tests.support.samples import NOW, add_account, add_request

GROUP, MARIA = -1_001_234_567_890, Actor(kind=ActorKind.STAFF, id=555_666_777, name="Мария Ткач")


def test_every_table_about_a_person_is_exported_or_named() -> None:
    about = {
        table.name
        for table in Base.metadata.sorted_tables
        if {"account_id", "request_id", "meter_id"} & set(table.columns.keys())
    } | {"accounts"}
    assert about == set(EXPORTED_COLUMNS) | NOT_EXPORTED


async def test_an_export_names_nobody_of_the_staff(database: Database) -> None:
    async with database.begin() as tx:
        account = await add_account(tx)
        request_id = await add_request(tx, account.id)
        await tx.requests.change(request_id, assignee_id=MARIA.id)
        await tx.requests.add_history(request_id, MARIA, Status.IN_WORK, "Взяла", NOW)
        await tx.audit.add(MARIA, "show", NOW, account_id=account.id, request_id=request_id)
        content = MessageContent(
            kind=MessageKind.TEXT,
            text="Когда удобно?",
            media=None,
            file_name=None,
            album=None,
            chat_id=GROUP,
            message_id=9,
        )
        await tx.request_messages.add(request_id, MARIA, content, NOW)
        await tx.bot_messages.add(request_id, "card", None, GROUP, 10)
        rows = await tx.personal_data.export_rows(account.id)
        everything = str(
            [
                list((await tx.connection.execute(select(table))).mappings())
                for table in Base.metadata.sorted_tables
            ]
        )
    assert rows["request_messages"][0]["text"] == "Когда удобно?"
    assert rows["history"][1]["comment"] == "Взяла"
    for foreign in (str(GROUP), str(MARIA.id), "Ткач"):
        assert foreign in everything, "the search itself must find what is there"
        assert foreign not in str(rows)
