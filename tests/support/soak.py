"""Sizes of fault tests: small in ``make test``, large in ``make soak``; and their reports."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path


def get_size(name: str, short: int) -> int:
    """``SOAK_<NAME>`` of the environment, or the short form's size."""
    return int(os.environ.get(f"SOAK_{name}", short))


def print_report(line: str) -> None:
    """Prints a line for docs/reliability.md, and adds it to the file ``SOAK_REPORT`` if it is set.

    ``pytest -s`` shows it. Parts that run side by side write to one file.
    """
    sys.stderr.write(f"\n{line}\n")
    if path := os.environ.get("SOAK_REPORT"):
        with Path(path).open("a", encoding="utf-8") as report:
            report.write(f"{datetime.now(UTC):%F %T}Z {line}\n")
