"""Looks for scans of whole tables in the plans of every query, on a large database."""

from bench.company import pair_with_empty
from bench.goals import Goal
from bot.db.database import Database
from tests.support.query_plans import collect_statements, find_table_scans
from tests.support.samples import add_example


async def measure(sqlite: str, postgres: str) -> list[Goal]:
    """``sqlite`` and ``postgres``: URLs of the company."""
    goals = []
    async with pair_with_empty(sqlite, postgres) as pairs:
        for name, large, small in pairs:
            found = await _find_table_scans(name, large, small)
            goals.append(Goal(f"queries that walk over a table, {name}", [len(found)], 0))
    return goals


async def _find_table_scans(name: str, large: str, small: str) -> set[str]:
    """Collects the statements on a small database, which they may change."""
    questioned, explaining = Database(small), Database(large)
    try:
        await questioned.migrate()
        async with questioned.begin() as tx:
            await add_example(tx)
        questions = await collect_statements(questioned)
        found = await find_table_scans(explaining, questions)
    finally:
        await questioned.dispose()
        await explaining.dispose()
    statements = sum(len(one) for one in questions.values())
    print(f"{name}: {statements} statements of {len(questions)} methods; walks: {len(found)}")
    for walk in sorted(found):
        print(f"- {walk}")
    return found
