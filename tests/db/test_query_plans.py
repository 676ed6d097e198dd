"""Every query is served by an index: none walks over a whole table."""

from bot.db.database import Database
from tests.support.query_plans import asked, walks
from tests.support.samples import add_example


async def test_no_query_walks_over_a_table(database: Database) -> None:
    async with database.begin() as tx:
        await add_example(tx)
    questions = await asked(database)
    assert len(questions) > 100
    found = await walks(database, questions, forced=True)
    assert not found, "\n".join(sorted(found))
