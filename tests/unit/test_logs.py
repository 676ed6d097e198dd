"""Log lines hold ids of the update, never a person's words."""

import json
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, hook = list(root.handlers), root.level, sys.excepthook
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook = hook


NAME = "Иванова Анна"


def _fail() -> None:
    raise ValueError(NAME)


def test_json_lines_carry_ids_as_fields(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", "json", lambda: {"update": 5, "account": 3, "draft": "ab"})
    logging.getLogger("bot.x").info("handled")
    line = json.loads(capsys.readouterr().err)
    written = datetime.fromisoformat(line.pop("asctime"))
    assert written.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - written) < timedelta(minutes=1)
    # These names are a schema: docs/operations.md.
    assert line == {
        "levelname": "INFO",
        "name": "bot.x",
        "message": "handled",
        "update": 5,
        "account": 3,
        "draft": "ab",
    }


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_tells_kind_and_place_only(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("INFO", form, lambda: {"update": 5})
    try:
        _fail()
    except ValueError:
        logging.getLogger("aiohttp.server").exception("Error handling request")
    written = capsys.readouterr().err
    assert "ValueError" in written
    assert "in _fail" in written
    assert "Иванова" not in json.dumps(written, ensure_ascii=False)
    assert "\\u0418" not in written


def test_the_place_of_an_error_holds_no_message() -> None:
    with pytest.raises(ValueError, match=NAME) as caught:
        _fail()
    place = logs.get_place(caught.value)
    assert "in _fail" in place
    assert NAME not in place


def test_tracebacks_are_formatted_in_one_module() -> None:
    root = Path(logs.__file__).parent
    formatting = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "format_tb" in path.read_text()
    }
    # The worker process imports the standard library only, so that it starts small.
    assert formatting == {"logs.py", "integrations/worker_loop.py"}
