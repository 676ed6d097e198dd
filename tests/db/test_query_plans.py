"""Every query uses an index: none scans a whole table."""

from bot.db.database import Database
from tests.support.query_plans import collect_statements, find_table_scans
from tests.support.samples import add_example


async def test_no_query_walks_over_a_table(database: Database) -> None:
    async with database.begin() as tx:
        await add_example(tx)
    questions = await collect_statements(database)
    assert len(questions) > 100
    found = await find_table_scans(database, questions, forced=True)
    assert not found, "\n".join(sorted(found))
