"""How much is tried: a little in ``make test``, much in ``make soak``."""

import os
import sys


def size(name: str, short: int) -> int:
    """``SOAK_<NAME>`` of the environment, or the short form's size."""
    return int(os.environ.get(f"SOAK_{name}", short))


def report(line: str) -> None:
    """For docs/reliability.md; seen with ``pytest -s``."""
    sys.stderr.write(f"\n{line}\n")
