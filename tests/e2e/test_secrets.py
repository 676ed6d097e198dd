"""After a full run: what the log, the database and Redis must not hold."""

import re
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
from redis.asyncio import Redis

from bot.domain import Category
from tests.e2e.conftest import REDIS
from tests.support import flows
from tests.support.world import World

EMAIL = "petrova@example.ru"
NAME = "Петрова Мария Ильинична"
OWN_PASSWORD = "Мой-секрет-2026"


async def test_secrets_and_personal_data_stay_where_they_belong(served: World) -> None:
    maria = served.phone("Мария")
    await flows.signed_in(maria, served.mail_client, Category.INDIVIDUAL, EMAIL, NAME)
    mailed = await flows.password_from(served.mail_client, EMAIL)
    await maria.press("Профиль")
    await maria.press("Сменить пароль")
    for password in ("wrong-" + OWN_PASSWORD, mailed, OWN_PASSWORD, OWN_PASSWORD):
        await maria.say(password)
    await maria.press("Сохранить")
    await maria.expects("Пароль изменён")
    # A draft that is left open, with words in it.
    await flows.open_form(maria, "Допуск в эксплуатацию")
    await maria.say("Улица неведомая, дом 8")
    assert await served.stop() == 0
    log = served.log()
    kept = await storage_of(served)
    assert EMAIL in kept, "the search itself must find what is there"
    for secret in (mailed, OWN_PASSWORD, served.telegram.token):
        assert secret not in kept
        assert secret not in log
    for personal in (
        EMAIL,
        "petrova",
        NAME,
        "Петрова",
        maria.number,
        maria.number[2:],
        "неведомая",
    ):
        assert personal not in log, personal
    assert "Traceback" not in log


async def storage_of(served: World) -> str:
    """Everything in the database and, when it is used, in the bot's part of Redis."""
    url = served.settings["DATABASE_URL"]
    if url.startswith("sqlite"):
        path = Path(url.partition(":///")[2])
        files = [path, path.with_name(path.name + "-wal")]
        text = "".join(
            file.read_bytes().decode(errors="replace") for file in files if file.exists()
        )
    else:
        text = await _dump(url.replace("+asyncpg", ""))
    if "REDIS_URL" in served.settings:
        bot_id = served.telegram.token.partition(":")[0]
        async with Redis.from_url(REDIS, decode_responses=True) as redis:
            async for key in redis.scan_iter(f"*{bot_id}*", _type="string"):
                text += f"{key!s} {await redis.get(key)!s}\n"
    # JSON escapes what is not ASCII.
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)


async def _dump(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        rows = [
            row[0]
            for table in tables
            for row in await connection.fetch(f'SELECT t::text FROM "{table[0]}" AS t')
        ]
    finally:
        await connection.close()
    return "\n".join(rows)
