"""Section 1 of the contract: what the commands say, and how they end."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path
from signal import SIGPIPE

import argon2
import pytest

from bot import __version__, app
from bot.integrations.askue_access import load_access
from sandbox.askue_80020 import build_message
from tests.support.environment import run_main
from tests.support.fork_server import ROOT, build_bare_environment
from tests.support.postgres import create_postgres
from tests.support.world import run_world

TOKEN = "123456:ABC-def"
ENOUGH = {
    "BOT_TOKEN": TOKEN,
    "STAFF_CHAT_ID": "-100500",
    "SMTP_HOST": "127.0.0.1",
    "MAIL_FROM": "cabinet@example.ru",
}


async def test_the_version_is_told(tmp_path: Path) -> None:
    assert await run_main(tmp_path, "--version") == (0, f"cabinet {__version__}\n", "")
    newest = re.search(r"^## \[(\d\S*)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert newest[1] == __version__


def test_without_a_token_one_line_tells_what_to_do(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "main.py")]
    ended = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=build_bare_environment(),
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert "BOT_TOKEN" in line
    assert "main.py sandbox" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"BOT_TOKEN": "not-a-token"}, ["BOT_TOKEN"]),
        ({"WEB_PORT": "80810", "TIMEZONE": "Europe/Tula"}, ["WEB_PORT", "TIMEZONE", "Europe/Tula"]),
        ({"WEBHOOK_URL": "https://example.ru"}, ["WEBHOOK_SECRET"]),
        ({"DATABASE_URL": "mysql://root:hunter2@db/cabinet"}, ["DATABASE_URL", "sqlite+aiosqlite"]),
        ({"DATABASE_URL": "postgresql+asyncpg://u:hunter2@db:port/c"}, ["DATABASE_URL"]),
        ({"REDIS_URL": "redis://:hunter2@redis:port/0"}, ["REDIS_URL"]),
        ({"TELEGRAM_PROXY_URL": "user:hunter2@proxy:3128"}, ["TELEGRAM_PROXY_URL", "http://"]),
        ({"TELEGRAM_PROXY_URL": "http://proxy"}, ["TELEGRAM_PROXY_URL", ":3128"]),
        ({"CLAMD_URL": "tcp://clamav:port"}, ["CLAMD_URL", "port"]),
        ({"STAFF_CHAT_ID": "501"}, ["STAFF_CHAT_ID", "a group"]),
        ({"SMTP_USERNAME": "cabinet"}, ["SMTP_PASSWORD"]),
        ({"SMTP_PORT": "465"}, ["SMTP_PORT", "SMTP_SECURITY=tls"]),
    ],
)
@pytest.mark.parametrize("command", [app.run, app.check])
def test_a_wrong_setting_stops_the_start_and_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: Callable[[], int],
    settings: dict[str, str],
    names: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {**ENOUGH, **settings}.items():
        monkeypatch.setenv(name, value)
    assert command() == 2
    output, errors = capsys.readouterr()
    assert output == ""
    (line,) = errors.splitlines()
    for name in names:
        assert name in line
    for secret in ("hunter2", "not-a-token"):
        assert secret not in line


def test_settings_in_another_alphabet_than_utf_8_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes("COMPANY_NAME=Сети".encode("cp1251"))
    assert app.run() == 2
    assert capsys.readouterr().err == ".env: must be written in UTF-8\n"


def test_a_start_without_mail_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {**ENOUGH, "SMTP_HOST": ""}.items():
        monkeypatch.setenv(name, value)
    assert app.run() == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("SMTP_HOST: not set")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_enough_ends_a_command_quietly(tmp_path: Path, unbuffered: str) -> None:
    """``main.py doctor | head``: as of any Unix filter, and no outage of anything."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, str(ROOT / "main.py"), "doctor"],
            check=False,
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={**build_bare_environment(), "PYTHONUNBUFFERED": unbuffered},
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (128 + SIGPIPE, "")


async def test_a_wrong_file_of_request_types_is_refused_with_place_and_reason(
    tmp_path: Path,
) -> None:
    (tmp_path / "wrong.yaml").write_text("schema_version: 1\ntypes: 7\n", encoding="utf-8")
    # From a file, as settings may come too.
    lines = [f"{name}={value}" for name, value in ENOUGH.items()]
    (tmp_path / ".env").write_text("\n".join([*lines, "REQUEST_TYPES_FILE=wrong.yaml"]))
    code, output, errors = await run_main(tmp_path, "run")
    assert (code, output) == (2, "")
    (line,) = errors.splitlines()
    assert line.startswith("REQUEST_TYPES_FILE: wrong.yaml, line 1, ")


async def test_a_wrong_template_is_refused_with_place_and_reason(tmp_path: Path) -> None:
    (tmp_path / "default.typ").write_text('#import "application.typ": applicatoin\n')
    (tmp_path / "tech_connection.typ").write_text("= Заявка\n#oops()\n", encoding="utf-8")
    code, output, errors = await run_main(tmp_path, "run", **ENOUGH, TEMPLATES_DIR=".")
    assert (code, output) == (2, "")
    line = errors.splitlines()[-1]
    assert line.startswith("TEMPLATES_DIR: tech_connection: error: unknown variable: oops")
    assert " tech_connection.typ:2" in line


def test_a_wrong_access_file_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    exchange = {"ASKUE_URL": "file:///srv/80020", "ASKUE_KIND": "80020"}
    for name, value in {**ENOUGH, **exchange, "ASKUE_ACCESS_FILE": "missing.yaml"}.items():
        monkeypatch.setenv(name, value)
    assert app.run() == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "ASKUE_ACCESS_FILE: cannot be read: FileNotFoundError"


def write_exchange(folder: Path) -> None:
    """A file of the class 80020 with two points, and the access file of one consumer."""
    message = build_message(date(2026, 11, 23), {"1 Ввод 1": {"01": [1]}, "2 Ввод 2": {}})
    (folder / "a.xml").write_bytes(message)
    hashed = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$8g8C5dAq2OgA3W3vO3Fk3w"
    consumer = {"identifier": "plant", "password_hash": hashed, "points": ["7701234567/1"]}
    (folder / "a.yaml").write_text(json.dumps({"consumers": [consumer]}))


def test_a_password_for_askue_fits_its_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.make_askue_password() == 0
    made = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines())
    assert argon2.PasswordHasher().verify(made["password_hash"], made["password"])
    consumer = {
        "identifier": "a",
        "password_hash": made["password_hash"],
        "points": ["7701234567/1"],
    }
    (tmp_path / "access.yaml").write_text(json.dumps({"consumers": [consumer]}))
    assert load_access(tmp_path / "access.yaml").keys() == {"a"}


async def test_check_tells_what_can_be_reached(tmp_path: Path) -> None:
    async with run_world(tmp_path) as made:
        code, output, errors = await run_main(tmp_path, "check", **made.settings)
        assert code == 0, output + errors
        lines = dict(line.split(": ", 1) for line in output.splitlines())
        assert lines["VERSION"] == f"ok, {__version__}"
        assert all(words.startswith(("ok", "not ")) for words in lines.values()), output
        assert {
            "TEMPLATES_DIR",
            "DATABASE_URL",
            "TELEGRAM_API_URL",
            "SMTP_HOST",
            "FILES_URL",
            "ASKUE_URL",
            "SITE_URL",
        } <= set(lines)
        write_exchange(tmp_path)
        exchange = {"ASKUE_URL": f"file://{tmp_path}", "ASKUE_KIND": "80020"}
        made.settings["SITE_URL"] = "https://lk.example.com"
        broken = {**made.settings, **exchange, "ASKUE_ACCESS_FILE": "a.yaml", "SMTP_PORT": "1"}
        code, output, _ = await run_main(tmp_path, "check", **broken)
        assert code == 1
        assert [line for line in output.splitlines() if "FAILED" in line] == [
            line for line in output.splitlines() if line.startswith("SMTP_HOST: FAILED")
        ]
        assert "ASKUE_URL: ok, consumers: 1, measuring points: 2" in output
        assert "SITE_URL: ok, https://lk.example.com, served on 127.0.0.1:8082" in output
        assert made.telegram.token not in output


async def test_a_stop_is_quick_even_with_work_in_hand(tmp_path: Path) -> None:
    async with run_world(tmp_path) as made:
        await made.start()
        made.mailbox.refusal = "451 later"
        for number in range(20):
            made.add_phone(f"{number}")
        for user_id in list(made.telegram.people):
            made.telegram.send(user_id, user_id, text="/start")
        began = time.monotonic()
        assert await made.stop() == 0
        assert time.monotonic() - began < 10


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_several_first_starts_at_once(tmp_path: Path, kind: str) -> None:
    async with AsyncExitStack() as stack:
        url = f"sqlite+aiosqlite:///{tmp_path}/cabinet.db"
        if kind == "postgresql":
            url = await stack.enter_async_context(create_postgres())
        outcomes = await asyncio.gather(
            *(run_main(tmp_path, "migrate", DATABASE_URL=url) for _ in range(2))
        )
    assert [(code, errors) for code, _, errors in outcomes] == [(0, "")] * 2
    assert all("newest schema" in output for _, output, _ in outcomes)


def test_the_store_of_files_is_compared_and_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/cabinet.db")
    monkeypatch.setenv("FILES_URL", f"file://{tmp_path}/files")
    stray = tmp_path / "files" / "ab" / "stray.pdf"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"1")
    os.utime(stray, (0, 0))
    (tmp_path / "files" / "owner").write_text("another database")
    assert app.compare_files(take_over=False, delete_unknown=False) == 0
    output, _ = capsys.readouterr()
    assert "stored: 1\nwithout a row for more than a day: 1\nnothing is deleted: " in output
    assert app.compare_files(take_over=False, delete_unknown=True) == 3
    _, errors = capsys.readouterr()
    (line,) = errors.splitlines()
    assert line.startswith("FILES_URL: the files belong to another database")
    assert stray.exists()
    assert app.compare_files(take_over=True, delete_unknown=True) == 0
    output, _ = capsys.readouterr()
    assert output.startswith("deleted: 1\nstored: 0\n")
    assert "nothing is deleted" not in output
