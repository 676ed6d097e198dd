"""A counterpart that is away, or is not what the bot needs: one line and its own exit code."""

import asyncio
import sqlite3
import ssl
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from shutil import which
from uuid import uuid4

import pytest
from aiohttp import ClientSession
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from bot import app
from bot.app import factories
from bot.db.database import Database
from bot.db.errors import DatabaseUnavailable
from sandbox.bot_api.state import ApiError, Fault
from tests.support.environment import run_main
from tests.support.nginx import make_certificate
from tests.support.pgbouncer import PGBOUNCER, run_pgbouncer
from tests.support.postgres import create_postgres
from tests.support.programs import require_program
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


async def ask_readiness(port: int) -> tuple[int, str]:
    """The status of ``/readyz``, and what it says of Redis."""
    async with (
        ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/readyz") as answer,
    ):
        return answer.status, (await answer.text()).splitlines()[-1]


async def refuse_set_up(world: World, tmp_path: Path, reason: str, **settings: str) -> None:
    """A start and the command ``check`` say the same, for that reason."""
    code, line = await refuse_start(world, tmp_path, **settings)
    assert code == 2
    assert line.startswith(reason)
    code, output, _ = await run_main(tmp_path, "check", **{**world.settings, **settings})
    assert code == 1
    (failed,) = [one for one in output.splitlines() if "FAILED" in one]
    assert line.partition(": ")[2] in failed


async def test_a_token_that_telegram_does_not_know(world: World, tmp_path: Path) -> None:
    revoked = Fault(method="getMe", error=ApiError(401, "Unauthorized"), times=2)
    world.telegram.faults.append(revoked)
    reason = "BOT_TOKEN: Telegram does not know it; take the present one from @BotFather"
    await refuse_set_up(world, tmp_path, reason)


async def test_starttls_to_a_port_of_tls(world: World, tmp_path: Path) -> None:
    certificate = await make_certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.chain, certificate.key)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Sink()), "127.0.0.1", 0, ssl=context
    )
    async with server:
        port = str(server.sockets[0].getsockname()[1])
        reason = f"SMTP_SECURITY: port {port} of the mail server speaks TLS from the first byte: "
        settings = {"SMTP_PORT": port, "SMTP_SECURITY": "starttls"}
        await refuse_set_up(world, tmp_path, reason, **settings)


async def test_a_port_that_is_taken(world: World, tmp_path: Path) -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    async with taken:
        port = taken.sockets[0].getsockname()[1]
        code, line = await refuse_start(world, tmp_path, WEB_PORT=str(port))
    assert code == 2
    assert line.startswith(f"WEB_PORT: 127.0.0.1:{port} is not to be had: ")


@pytest.mark.parametrize(
    ("host", "kind"),
    [("127.0.0.1", "ConnectionRefusedError"), ("no-such-host.invalid", "gaierror")],
)
async def test_a_database_that_is_away(world: World, tmp_path: Path, host: str, kind: str) -> None:
    url = f"postgresql+asyncpg://postgres:hunter2@{host}:{find_free_port()}/cabinet"
    code, line = await refuse_start(world, tmp_path, DATABASE_URL=url)
    assert (code, line) == (3, f"DATABASE_URL: the database is away: {kind}")
    # So it is under a running bot, whose updates wait.
    database = Database(url)
    with pytest.raises(DatabaseUnavailable, match=kind):
        await database.probe()
    await database.dispose()


async def test_postgresql_that_refuses_for_good(world: World, tmp_path: Path) -> None:
    name = f"stranger_{uuid4().hex}"
    let_in = "DATABASE_URL: PostgreSQL does not let this user in"
    async with create_postgres() as url:
        stranger = url.replace("postgres@", f"{name}@")
        await refuse_set_up(world, tmp_path, let_in, DATABASE_URL=stranger)
        unknown = "DATABASE_URL: asyncpg does not know a parameter"
        await refuse_set_up(world, tmp_path, unknown, DATABASE_URL=f"{url}?sslmode=require")
        missing = "DATABASE_URL: PostgreSQL has no such database"
        await refuse_set_up(world, tmp_path, missing, DATABASE_URL=f"{url}_more")
        database = Database(url)
        async with database.begin() as tx:
            await tx.connection.exec_driver_sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            await tx.connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN")
        try:
            code, line = await refuse_start(world, tmp_path, DATABASE_URL=stranger)
            assert code == 2
            assert line.startswith("DATABASE_URL: this user may make no tables there")
        finally:
            async with database.begin() as tx:
                await tx.connection.exec_driver_sql(f"DROP ROLE {name}")
            await database.dispose()


async def test_a_file_that_is_no_database(world: World, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("1;2\n" * 1000)
    url = f"sqlite+aiosqlite:///{tmp_path}/table.csv"
    reason = "DATABASE_URL: the file is no database of SQLite, or is damaged"
    await refuse_set_up(world, tmp_path, reason, DATABASE_URL=url)
    url = f"sqlite+aiosqlite:///{tmp_path}"
    code, line = await refuse_start(world, tmp_path, DATABASE_URL=url)
    assert (code, line) == (
        3,
        "DATABASE_URL: the database is away: unable to open database file",
    )


async def test_a_sender_that_is_no_address(world: World, tmp_path: Path) -> None:
    await refuse_set_up(world, tmp_path, "MAIL_FROM: not an address", MAIL_FROM="Сети")


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


@require_program(PGBOUNCER.exists(), "pgbouncer")
async def test_pgbouncer_may_give_sessions_but_not_transactions(
    world: World, tmp_path: Path
) -> None:
    async with create_postgres() as url:
        async with run_pgbouncer(url, "session") as behind:
            database = Database(behind)
            await database.migrate()
            await database.dispose()
        async with run_pgbouncer(url, "transaction") as behind:
            reason = "DATABASE_URL: connections share sessions of PostgreSQL"
            await refuse_set_up(world, tmp_path, reason, DATABASE_URL=behind)


@require_program(which("redis-server"), "redis-server")
async def test_redis_that_is_a_node_of_a_cluster(world: World, tmp_path: Path) -> None:
    # By default the bus listens 10,000 ports higher, which may be no port at all.
    bus = ("--cluster-port", str(find_free_port()))
    server = RedisServer(tmp_path, "--cluster-enabled", "yes", *bus)
    await server.start()
    try:
        reason = "REDIS_URL: this is a node of Redis Cluster"
        await refuse_set_up(world, tmp_path, reason, REDIS_URL=server.url)
    finally:
        await server.stop()


@require_program(which("redis-server"), "redis-server")
async def test_redis_that_lets_nobody_in(world: World, tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    await server.start()
    try:
        async with Redis.from_url(server.url) as redis:
            await redis.config_set("requirepass", "tell-nobody")
        for url in (server.url, server.url.replace("redis://", "redis://:wrong@")):
            await refuse_set_up(world, tmp_path, "REDIS_URL: Redis does not let", REDIS_URL=url)
    finally:
        await server.stop()


@require_program(which("redis-server"), "redis-server")
async def test_redis_that_is_full_or_read_only_is_waited_for(world: World, tmp_path: Path) -> None:
    server = RedisServer(tmp_path, "--maxmemory-policy", "noeviction")
    await server.start()
    try:
        async with Redis.from_url(server.url) as redis:
            port = find_free_port()
            await world.start(REDIS_URL=server.url, WEB_PORT=str(port))
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
                assert await ask_readiness(port) == (503, "redis: does not answer")
                before = len(phone.messages)
                world.telegram.send(phone.user_id, phone.user_id, text="/help")
                while world.log().count("waits: ConnectionError") < waited:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                await cure
                await phone.wait_until_handled()
                assert len(phone.messages) > before
                assert await ask_readiness(port) == (200, "redis: ok")
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
