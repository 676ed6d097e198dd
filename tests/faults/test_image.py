"""The image's steps in a clean root, and a start as its user: ``make image``, part of the soak.

It takes minutes and the network. What can be read from the files is in tests/unit/test_deploy.py.
"""

import asyncio
import os
import re
import time
from pathlib import Path
from signal import SIGTERM

import yaml

from bot import __version__
from tests.support.fork_server import ROOT
from tests.support.image import build_image
from tests.support.soak import print_report
from tests.support.world import find_free_port, run_world

SECRETS = "/run/secrets"


async def test_the_image_is_built_in_a_clean_root_and_started_as_its_user(tmp_path: Path) -> None:
    begun = time.monotonic()
    image = await asyncio.to_thread(build_image, tmp_path)
    built = time.monotonic() - begun
    (volume,) = image.volumes
    owner = (image.root / volume.lstrip("/")).stat()
    assert owner.st_uid != 0
    mounts = {volume: tmp_path / "data", SECRETS: tmp_path / "secrets"}
    for folder in mounts.values():
        folder.mkdir(mode=0o700)
        os.chown(folder, owner.st_uid, owner.st_gid)
    async with run_world(tmp_path) as world:
        token = mounts[SECRETS] / "bot_token"
        token.write_text(world.settings.pop("BOT_TOKEN"), encoding="utf-8")
        token.chmod(0o400)
        os.chown(token, owner.st_uid, owner.st_gid)
        port = str(find_free_port())
        settings = {
            **{name: value for name, value in world.settings.items() if name != "DATABASE_URL"},
            "BOT_TOKEN_FILE": f"{SECRETS}/bot_token",
            "FILES_URL": f"file://{volume}/files",
            "WEB_PORT": port,
        }
        whole = [*image.entrypoint, "--version"]
        assert await image.run(whole, mounts) == (0, f"cabinet {__version__}\n")
        code, told = await image.run([*image.entrypoint, "check"], mounts, **settings)
        assert code == 0, told
        code, told = await image.run(["pg_dump", "--version"], mounts)
        assert code == 0, told
        dump = re.search(r"(\d+)\.", told)
        compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
        server = re.search(r":(\d+)\.", compose["services"]["postgres"]["image"])
        assert dump is not None
        assert server is not None
        assert int(dump[1]) >= int(server[1])

        bot = await image.start([*image.entrypoint, *image.command], mounts, **settings)
        up = await world.telegram.wait_until(lambda: "getUpdates" in world.telegram.calls, 60)
        if up:
            health = [one.replace("8081", port) for one in image.health]
            assert await image.run(health, mounts) == (0, "")
            bot.send_signal(SIGTERM)
        log = (await bot.communicate())[0].decode()
        assert up, log
        assert bot.returncode == 0, log
    assert (mounts[volume] / "cabinet.db").stat().st_uid == owner.st_uid
    print_report(
        f"image: {built:.0f} s for its steps in a clean root; started as uid {owner.st_uid}"
    )
