"""A backup is taken while the bot runs; what is restored from it goes on, on both databases."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.domain import Category
from bot.request_types import load
from tests.support import flows
from tests.support.backlog import watch_backlog
from tests.support.clock import get_today
from tests.support.environment import run_main
from tests.support.files import make_pdf
from tests.support.postgres import create_postgres
from tests.support.world import World


@pytest.fixture
async def elsewhere(world: World, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """Settings of an empty database and an empty store of the same kind."""
    async with AsyncExitStack() as stack:
        url = f"sqlite+aiosqlite:///{tmp_path}/restored.db"
        if not world.settings["DATABASE_URL"].startswith("sqlite"):
            url = await stack.enter_async_context(create_postgres())
        yield {"DATABASE_URL": url, "FILES_URL": f"file://{tmp_path}/restored"}


async def run_command(world: World, *arguments: str, **settings: str) -> tuple[int, str]:
    code, output, errors = await run_main(
        world.folder, *arguments, **{**world.settings, **settings}
    )
    return code, output + errors


@pytest.mark.parametrize("world", ["sqlite", "postgresql"], indirect=True)
async def test_a_restored_backup_goes_on(
    world: World, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    phone = world.add_phone("Вера")
    email = "saved@example.ru"
    await flows.register_and_log_in(
        phone, world.mail_client, Category.INDIVIDUAL, email, "Верная Вера"
    )
    kind = load().types[0]
    await flows.open_form(phone, kind.button["ru"])
    await flows.fill_form(phone, load().get_form(kind.code, Category.INDIVIDUAL), get_today())
    await phone.send_document(make_pdf("kept"), "Скан.pdf")
    await phone.press("Готово")
    await phone.press("Отправить")
    number = (await phone.expects("№ 2")).partition("№ ")[2][:11]

    copy = tmp_path / "backup"
    code, told = await run_command(world, "backup", str(copy))
    assert (code, "1 scan" in told) == (0, True), told
    assert (await run_command(world, "backup", str(copy)))[0] == 1
    assert await world.stop() == 0

    scan = next(path for path in (copy / "files").rglob("*") if path.is_file())
    whole = scan.read_bytes()
    scan.write_bytes(whole + b"!")
    code, told = await run_command(world, "restore", str(copy), **elsewhere)
    assert (code, "is damaged" in told) == (1, True), told
    scan.write_bytes(whole)
    code, told = await run_command(world, "restore", str(copy), **elsewhere)
    assert code == 0, told

    world.files = tmp_path / "restored"
    await world.start(**elsewhere)
    assert [path.read_bytes() for path in world.list_files()] == [make_pdf("kept")]
    async with watch_backlog(world.telegram, elsewhere["DATABASE_URL"]):
        await flows.open_request(phone, number)
    assert flows.TEXT in phone.screen
