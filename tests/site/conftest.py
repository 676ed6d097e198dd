"""Pages with the whole bot, in process; an error in the log fails the test."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def nothing_fails(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """An error in the log fails the test; one that expects errors clears ``caplog`` itself."""
    yield
    for phase in ("setup", "call"):
        errors = [
            one for one in caplog.get_records(phase) if one.levelno >= logging.ERROR or one.exc_info
        ]
        assert not errors, [one.getMessage() for one in errors]
