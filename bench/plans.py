"""Every query of the product under EXPLAIN in a large company: does one walk over a table?"""

from bench.company import beside_empty
from bench.goals import Goal
from bot.db.database import Database
from tests.support.query_plans import asked, walks
from tests.support.samples import add_example


async def measure(sqlite: str, postgres: str) -> list[Goal]:
    """``sqlite`` and ``postgres``: URLs of the company."""
    goals = []
    async with beside_empty(sqlite, postgres) as pairs:
        for name, large, small in pairs:
            found = await _walks(name, large, small)
            goals.append(Goal(f"queries that walk over a table, {name}", [len(found)], 0))
    return goals


async def _walks(name: str, large: str, small: str) -> set[str]:
    """What is asked comes from a small database: there it changes nothing."""
    questioned, explaining = Database(small), Database(large)
    try:
        await questioned.migrate()
        async with questioned.begin() as tx:
            await add_example(tx)
        questions = await asked(questioned)
        found = await walks(explaining, questions)
    finally:
        await questioned.dispose()
        await explaining.dispose()
    statements = sum(len(one) for one in questions.values())
    print(f"{name}: {statements} statements of {len(questions)} methods; walks: {len(found)}")
    for walk in sorted(found):
        print(f"- {walk}")
    return found
