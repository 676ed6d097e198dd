"""Secrets out of files; what a wrong one says, and what it never says."""

from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, read_settings

TOKEN = "123456:AAtell-nobody"
SECRETS = [
    name for name, field in Settings.model_fields.items() if "SecretStr" in repr(field.annotation)
]


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


VALUES = {
    "database_url": "postgresql+asyncpg://bot:word@host/cabinet",
    "redis_url": "redis://:word@host/0",
    "telegram_proxy_url": "socks5://bot:word@host:1080",
    "bot_token": TOKEN,
    "sentry_dsn": "https://key@host/1",
}


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_may_come_from_a_file(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    value = VALUES.get(name, "tell-nobody")
    (tmp_path / "secret").write_text(f"{value}\n", encoding="utf-8")
    monkeypatch.setenv(f"{name.upper()}_FILE", str(tmp_path / "secret"))
    assert getattr(read_settings(), name).get_secret_value() == value


def test_dotenv_may_name_the_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(TOKEN, encoding="utf-8")
    (tmp_path / ".env").write_text(f"BOT_TOKEN_FILE={tmp_path}/secret\n", encoding="utf-8")
    token = read_settings().bot_token
    assert token is not None
    assert token.get_secret_value() == TOKEN


@pytest.mark.parametrize("content", [None, "", "not a token"])
def test_a_wrong_file_is_named_and_its_content_is_not(
    content: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "secret").write_text(content, encoding="utf-8")
    monkeypatch.setenv("BOT_TOKEN_FILE", str(tmp_path / "secret"))
    with pytest.raises(SettingsError, match="BOT_TOKEN") as error:
        read_settings()
    assert "not a token" not in str(error.value)


def test_two_sources_of_one_secret_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text(TOKEN, encoding="utf-8")
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("BOT_TOKEN_FILE", str(tmp_path / "secret"))
    with pytest.raises(SettingsError, match="BOT_TOKEN_FILE"):
        read_settings()


INSECURE = [
    ("ALLOW_INSECURE_ASKUE", {"ASKUE_URL": "http://askue.example.ru/api"}),
    ("ALLOW_INSECURE_ASKUE", {"ASKUE_URL": "http://10.0.0.5"}),
    ("ALLOW_INSECURE_TELEGRAM", {"TELEGRAM_API_URL": "http://bot-api:8081"}),
    (
        "ALLOW_INSECURE_SMTP",
        {"SMTP_HOST": "mail", "MAIL_FROM": "a@example.ru", "SMTP_SECURITY": "none"},
    ),
]


@pytest.mark.parametrize(("permission", "settings"), INSECURE)
def test_secrets_go_unencrypted_only_when_told_so(
    permission: str, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=permission):
        read_settings()
    monkeypatch.setenv(permission, "1")
    read_settings()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.5.0.1", "localhost", "[::1]"])
def test_this_machine_needs_no_encryption(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "ASKUE_URL": f"http://{host}:8080/api",
        "TELEGRAM_API_URL": f"http://{host}:8081",
        "SMTP_HOST": host.strip("[]"),
        "SMTP_SECURITY": "none",
        "MAIL_FROM": "a@example.ru",
    }.items():
        monkeypatch.setenv(name, value)
    assert read_settings().smtp_security == "none"


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("23-25/26", (23, 25, 26)),
        ("1-31/31", (1, 31, 31)),
        ("+1/+1", (32, 32, 32)),
        ("25-+1/+3", (25, 32, 34)),
    ],
)
def test_days_of_readings(
    written: str, days: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READINGS_WINDOW_OTHER", written)
    assert read_settings().readings_window_other == days


@pytest.mark.parametrize(
    "written",
    ["26", "23-25", "0-25/26", "23-32/32", "25-23/26", "23-25/24", "+1-25/26", "1-31/+1", "2/+2"],
)
def test_wrong_days_of_readings_are_refused(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READINGS_WINDOW_DWELLING", written)
    with pytest.raises(SettingsError, match="READINGS_WINDOW_DWELLING: "):
        read_settings()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"COMPANY_COLOR": "blue"}, "COMPANY_COLOR: must look like #1f5fa8"),
        ({"STAFF_CHAT_ID": "501"}, "STAFF_CHAT_ID: must be the id of a group"),
        ({"SMTP_USERNAME": "cabinet"}, "SMTP_PASSWORD is required with SMTP_USERNAME"),
        ({"SMTP_PORT": "465"}, "SMTP_PORT 465 goes with SMTP_SECURITY=tls"),
        (
            {"SMTP_PORT": "587", "SMTP_SECURITY": "tls"},
            "SMTP_PORT 587 goes with SMTP_SECURITY=starttls",
        ),
    ],
)
def test_what_cannot_work_together_is_refused(
    settings: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        read_settings()
    assert str(error.value).startswith(words)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"ASKUE_URL": "file:///srv/80020"}, "only with ASKUE_KIND=80020"),
        ({"ASKUE_URL": "/srv/80020", "ASKUE_KIND": "80020"}, "file:///"),
        ({"ASKUE_URL": "file:///srv/80020", "ASKUE_KIND": "80020"}, "ASKUE_ACCESS_FILE"),
        ({"ASKUE_URL": "https://a.example", "ASKUE_ACCESS_FILE": "a.yaml"}, "ASKUE_ACCESS_FILE"),
        (
            {
                "ASKUE_URL": "http://a.example",
                "ASKUE_KIND": "80020",
                "ASKUE_ACCESS_FILE": "a.yaml",
            },
            "ALLOW_INSECURE_ASKUE",
        ),
        ({"ASKUE_KIND": "80021"}, "ASKUE_KIND"),
    ],
)
def test_wrong_sources_of_80020_files(
    settings: dict[str, str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=reason):
        read_settings()


@pytest.mark.parametrize("url", ["file:///srv/80020", "https://askue.example.ru/80020.xml"])
def test_80020_files_come_from_a_folder_or_a_url(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "ASKUE_URL": url,
        "ASKUE_KIND": "80020",
        "ASKUE_ACCESS_FILE": "access.yaml",
        "ASKUE_TOKEN": "sesame",
    }.items():
        monkeypatch.setenv(name, value)
    read = read_settings()
    assert read.askue_url == url
    assert "sesame" not in repr(read)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITE_URL", "http://cabinet.example.ru"),
        ("SITE_URL", "https://example.ru/cabinet"),
        ("SITE_URL", "cabinet.example.ru"),
        ("SITE_URL", "https://user:secret@example.ru"),
        ("SITE_PORT", "8081"),
        ("SITE_FRAME_ORIGINS", "https://a.example.ru, *"),
        ("COMPANY_LOGO_FILE", "/dev/null"),
    ],
)
def test_a_wrong_site_is_refused_in_one_line(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_URL", "https://cabinet.example.ru/")
    assert read_settings().site_url == "https://cabinet.example.ru"
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as error:
        read_settings()
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)
