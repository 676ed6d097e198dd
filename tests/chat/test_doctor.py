"""``python main.py doctor``: what support reads, and what it must not."""

from typing import Any

import pytest
from sqlalchemy import text

from bot import __version__
from bot.app.doctor import write_report
from bot.db.migrations.runner import get_newest_revision
from bot.settings import Settings
from tests.support.form_filler import file_request
from tests.support.in_process import STAFF_CHAT_ID, InProcessCabinet, get_email

SECRETS: dict[str, Any] = {
    "bot_token": "123456:Tok3n-tok3n",
    "smtp_password": "S3cret-smtp",
    "webhook_secret": "S3cret-hook",
    "telegram_proxy_url": "socks5://proxyuser:S3cret-proxy@127.0.0.1:1",
}


@pytest.mark.parametrize(
    ("cabinet", "server"),
    [("sqlite", "SQLite 3."), ("postgresql", "PostgreSQL ")],
    indirect=["cabinet"],
)
async def test_the_text_for_support(
    cabinet: InProcessCabinet, server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    phone = await file_request(cabinet)
    email = get_email(phone)
    async with cabinet.app.database.begin() as tx:
        given_up = text("UPDATE outbox SET dead_at = created_at, last_error = :error WHERE id = 1")
        error = f"MailRefused: 550 5.1.1 {email} is unknown"
        await tx.connection.execute(given_up, {"error": error})
        parked = text(
            "INSERT INTO inbox (update_id, chat_key, kind, raw, withheld, state, tries, error, "
            "received_at, changed_at) SELECT 77, 'c', 'message', '{\"text\": \"Тайна\"}', false, "
            "'parked', 3, 'ValueError: Тайна', created_at, created_at FROM outbox WHERE id = 1"
        )
        await tx.connection.execute(parked)
    settings = Settings(
        _env_file=None,
        **cabinet.settings,
        **SECRETS,
        staff_chat_id=STAFF_CHAT_ID,
        staff_admin_ids="501",
        files_url=f"file://{cabinet.folder}/files",
        smtp_host="127.0.0.1",
        smtp_port=1,
        smtp_username="mailuser",
        smtp_security="starttls",
        mail_from="Сети <no-reply@grid.example>",
        company_name="Сети Севера",
        log_format="json",
    )
    assert await write_report(settings) == 0
    shown = capsys.readouterr().out
    for line in (
        f"cabinet {__version__}",
        "requests that /find does not find by words yet: 1",
        "aiogram 3.",
        "SMTP_PORT: 1",
        "LOG_FORMAT: json",
        "BOT_TOKEN: set",
        "REDIS_URL: not set",
        server,
        f"schema {get_newest_revision()}, newest {get_newest_revision()}",
        "notice given up: 1 password_letter 2026-11-24 09:00:00Z MailRefused\n",
        "update parked: 77 message ValueError\n",
        "DATABASE_URL: ok",
        "SMTP_HOST: FAILED: MailRetry\n",
    ):
        assert line in shown
    for words in (
        *SECRETS.values(),
        "S3cret",
        "proxyuser",
        "mailuser",
        str(STAFF_CHAT_ID),
        "501",
        str(phone.user_id),
        email,
        "grid.example",
        "Сети Севера",
        str(cabinet.folder),
        "Иванова",
        "Тайна",
        "7912345",
    ):
        assert words not in shown
