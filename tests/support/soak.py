"""Sizes of fault tests: small in ``make test``, large in ``make soak``; and their reports."""

import os
import sys


def get_size(name: str, short: int) -> int:
    """``SOAK_<NAME>`` of the environment, or the short form's size."""
    return int(os.environ.get(f"SOAK_{name}", short))


def print_report(line: str) -> None:
    """Prints a line for docs/reliability.md; ``pytest -s`` shows it."""
    sys.stderr.write(f"\n{line}\n")
