"""What an update costs with ten accounts and with a million: ``python -m bench.growth``."""

import asyncio
import tempfile
from pathlib import Path

from bench.form import FORM, Load, answered, say
from bench.process import running
from bench.rush import seeded
from tests.e2e.world import world

_FEW, _MANY = 10, 1_000_000
_ROUNDS = 2
_GOAL = 1.2


async def _cost(accounts: int) -> float:
    """CPU milliseconds an update, with as many accounts and as many requests."""
    with tempfile.TemporaryDirectory(prefix="cabinet-bench-") as folder:
        async with world(Path(folder), LIMIT_MESSAGES="100000/1m") as stage:
            await seeded(stage.settings["DATABASE_URL"], accounts, accounts)
            with running(["main.py", "run"], stage.settings, Path(folder, "bot.log")) as process:
                await answered(stage.phone("Первый"), say, "/start")
                people = [stage.phone(f"п-{n}") for n in range(16)]
                await Load(40, FORM).run(people, 1)
                cpu, updates = process.cpu_ms(), stage.telegram.given
                await Load(40, FORM).run(people, 5)
                return (process.cpu_ms() - cpu) / (stage.telegram.given - updates)


async def main() -> int:
    few, many = [], []
    for _ in range(_ROUNDS):
        few.append(await _cost(_FEW))
        many.append(await _cost(_MANY))
    ratio = min(many) / min(few)
    print(
        f"CPU ms an update, the better of {_ROUNDS} rounds: {min(few):.2f} with {_FEW} accounts, "
        f"{min(many):.2f} with {_MANY:,}; ratio {ratio:.2f}, goal < {_GOAL}: "
        f"{'met' if ratio < _GOAL else 'NOT MET'}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
