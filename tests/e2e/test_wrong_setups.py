"""A counterpart that is away, or is not what the bot needs: one line and its own exit code."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from bot import app
from bot.app import factories
from bot.db.database import Database
from bot.db.errors import WrongDatabase
from sandbox.bot_api.state import ApiError, Fault
from tests.support.environment import run_main
from tests.support.pgbouncer import run_pgbouncer
from tests.support.postgres import create_postgres
from tests.support.servers import RedisServer
from tests.support.world import World, find_free_port, run_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with run_world(tmp_path) as made:
        yield made


async def refuse_start(world: World, tmp_path: Path, **settings: str) -> tuple[int, str]:
    """Exit code and the only line of a start that fails."""
    code, output, errors = await run_main(tmp_path, "run", **{**world.settings, **settings})
    assert output == ""
    line = errors.splitlines()[-1]
    assert "Traceback" not in errors
    assert world.telegram.token not in errors
    return code, line


async def test_a_token_that_telegram_does_not_know(world: World, tmp_path: Path) -> None:
    world.telegram.faults.append(Fault(method="getMe", error=ApiError(401, "Unauthorized")))
    code, line = await refuse_start(world, tmp_path)
    assert (code, line) == (
        2,
        "BOT_TOKEN: Telegram does not know it; take the present one from @BotFather",
    )


async def test_a_port_that_is_taken(world: World, tmp_path: Path) -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    async with taken:
        port = taken.sockets[0].getsockname()[1]
        code, line = await refuse_start(world, tmp_path, WEB_PORT=str(port))
    assert code == 2
    assert line.startswith(f"WEB_PORT: 127.0.0.1:{port} is not to be had: ")


async def test_a_database_that_is_away(world: World, tmp_path: Path) -> None:
    url = f"postgresql+asyncpg://postgres:hunter2@127.0.0.1:{find_free_port()}/cabinet"
    code, line = await refuse_start(world, tmp_path, DATABASE_URL=url)
    assert code == 3
    assert line.startswith("DATABASE_URL: the database is away: ")
    assert "hunter2" not in line


async def test_a_schema_of_a_newer_version(world: World, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/newer.db"
    database = Database(url)
    await database.migrate()
    await database.dispose()

    def write_revision(table: str) -> None:
        with closing(sqlite3.connect(tmp_path / "newer.db")) as connection, connection:
            connection.execute(f"UPDATE {table} SET version_num = '9999'")

    write_revision("schema_revision")
    code, output, _ = await run_main(tmp_path, "check", **{**world.settings, "DATABASE_URL": url})
    assert code == 0
    assert "DATABASE_URL: ok, schema 9999, made by a newer version; this one knows" in output
    write_revision("alembic_version")
    code, line = await refuse_start(world, tmp_path, DATABASE_URL=url)
    assert code == 2
    assert line.startswith("DATABASE_URL: the schema 9999 is newer than this version")
    code, output, _ = await run_main(tmp_path, "check", **{**world.settings, "DATABASE_URL": url})
    assert code == 1
    assert "DATABASE_URL: FAILED: WrongDatabase: the schema 9999 is newer" in output


async def test_pgbouncer_may_give_sessions_but_not_transactions() -> None:
    async with create_postgres() as url:
        async with run_pgbouncer(url, "session") as behind:
            database = Database(behind)
            await database.migrate()
            await database.dispose()
        async with run_pgbouncer(url, "transaction") as behind:
            database = Database(behind)
            with pytest.raises(WrongDatabase, match="pool_mode = session"):
                await database.migrate()
            with pytest.raises(WrongDatabase, match="pool_mode = session"):
                await database.find_revision()
            await database.dispose()


async def test_redis_that_is_a_node_of_a_cluster(world: World, tmp_path: Path) -> None:
    # By default the bus listens 10,000 ports higher, which may be no port at all.
    bus = ("--cluster-port", str(find_free_port()))
    server = RedisServer(tmp_path, "--cluster-enabled", "yes", *bus)
    await server.start()
    try:
        code, line = await refuse_start(world, tmp_path, REDIS_URL=server.url)
        assert code == 2
        assert line.startswith("REDIS_URL: this is a node of Redis Cluster")
    finally:
        await server.stop()


async def test_redis_that_is_full_or_read_only_is_waited_for(world: World, tmp_path: Path) -> None:
    server = RedisServer(tmp_path, "--maxmemory-policy", "noeviction")
    await server.start()
    try:
        async with Redis.from_url(server.url) as redis:
            await world.start(REDIS_URL=server.url)
            phone = world.add_phone("Анна")
            await phone.say("/start")
            harms_and_cures = (
                (redis.config_set("maxmemory", 1), redis.config_set("maxmemory", 0)),
                (redis.slaveof("127.0.0.1", 1), redis.slaveof()),
            )
            for harm, cure in harms_and_cures:
                waited = world.log().count("waits: ConnectionError") + 1
                await harm
                with pytest.raises(ResponseError):
                    await factories.probe_redis(redis)
                before = len(phone.messages)
                world.telegram.send(phone.user_id, phone.user_id, text="/help")
                while world.log().count("waits: ConnectionError") < waited:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                await cure
                await phone.wait_until_handled()
                assert len(phone.messages) > before
        assert "is parked" not in world.log()
        await world.stop()
    finally:
        await server.stop()


async def test_a_page_of_a_gateway_instead_of_telegram_is_waited_for(world: World) -> None:
    page = Fault(method="", page=(200, "<html>Sign in to the network</html>"), times=10**9)
    world.telegram.faults.append(page)
    phone = world.add_phone("Анна")
    world.telegram.send(phone.user_id, phone.user_id, text="/start")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(world.start())
        while "getUpdates" not in world.telegram.calls:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        world.telegram.faults.clear()
    await phone.wait_until_handled()
    await phone.expects("Войдите или зарегистрируйтесь")
    assert "Telegram: TelegramServerError, again" in world.log()
    assert await world.stop() == 0


def test_a_backup_into_a_folder_that_is_not_writable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    # Root may write everywhere but into what is no folder.
    (tmp_path / "file").write_text("")
    assert app.migrate() == 0
    assert app.back_up(tmp_path / "file" / "backup") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{tmp_path}/file")
