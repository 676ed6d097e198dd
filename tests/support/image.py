"""The steps of deploy/Dockerfile in a clean root, where no Docker engine runs.

What ``FROM`` names is stood in for by Debian's own tree of the same release, made by debootstrap,
with Debian's Python. ``RUN`` and ``COPY`` build the root, which is run as Docker would run it:
as the image's user without any capability, with nothing to write to but its volumes and /tmp.
"""

import asyncio
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.fork_server import ROOT

#: What the base image brings beside Debian's smallest tree.
_PACKAGES = "ca-certificates,python3,python3-venv"
#: How the machine reaches its package registries.
_NETWORK_FILES = ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt")
_NETWORK_SETTINGS = {"PIP_CERT": "/etc/ssl/certs/ca-certificates.crt"}
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass
class Image:
    """A built root, and what the instructions say of its process."""

    root: Path
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": _PATH})
    user: str = "root"
    folder: str = "/"
    volumes: list[str] = field(default_factory=list)
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    async def start(
        self, command: list[str], mounts: Mapping[str, Path], **settings: str
    ) -> asyncio.subprocess.Process:
        """A process as the image's user, with folders of this machine in places of the image."""
        script = ['mount --bind "$ROOT" "$ROOT"', 'mount -o remount,bind,ro "$ROOT"']
        script.append('mount -t tmpfs -o mode=1777 tmpfs "$ROOT/tmp"')
        for place, folder in mounts.items():
            (self.root / place.lstrip("/")).mkdir(parents=True, exist_ok=True)
            script.append(f'mount --bind {shlex.quote(str(folder))} "$ROOT{place}"')
        script.append(
            f'exec chroot "$ROOT" setpriv --reuid {self.user} --regid {self.user} --clear-groups'
            " --no-new-privs --bounding-set=-all --inh-caps=-all"
            f' env -i -C {self.folder} "$@"'
        )
        variables = {**self.environment, **settings}
        return await asyncio.create_subprocess_exec(
            *_enter_namespace("\n".join(script)),
            *(f"{name}={value}" for name, value in variables.items()),
            *command,
            env={**os.environ, "ROOT": str(self.root)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def run(
        self, command: list[str], mounts: Mapping[str, Path], **settings: str
    ) -> tuple[int | None, str]:
        """Exit code and everything that the command says."""
        process = await self.start(command, mounts, **settings)
        output, _ = await process.communicate()
        return process.returncode, output.decode()


def read_instructions(dockerfile: str) -> list[tuple[str, str]]:
    """Each instruction with its arguments, in order; comments are left out."""
    lines = re.sub(r"^\s*#.*\n", "", dockerfile, flags=re.MULTILINE).replace("\\\n", " ")
    split = (line.strip().partition(" ") for line in lines.splitlines() if line.strip())
    return [(name, " ".join(rest.split())) for name, _, rest in split]


def build_image(folder: Path) -> Image:
    """Runs every step; root rights, debootstrap and Debian's mirror of this machine are needed."""
    instructions = read_instructions((ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8"))
    stages: dict[str, Path] = {}
    image = Image(folder)
    for name, rest in instructions:
        match name:
            case "FROM":
                base, _, stage = rest.partition(" AS ")
                image = Image(folder / f"stage-{len(stages)}")
                stages[stage] = image.root
                _copy_base(folder, base.rpartition("-")[2], image.root)
            case "RUN":
                _run_step(image, rest)
            case "COPY":
                _copy_files(image, rest, stages)
            case "ENV":
                image.environment |= dict(one.split("=", 1) for one in shlex.split(rest))
            case "USER":
                image.user = rest
            case "WORKDIR":
                image.folder = rest
            case "VOLUME":
                image.volumes.append(rest)
            case "ENTRYPOINT":
                image.entrypoint = json.loads(rest)
            case "CMD":
                image.command = json.loads(rest)
            case "HEALTHCHECK":
                image.health = json.loads(rest.partition("CMD ")[2])
            case "LABEL" | "EXPOSE" | "STOPSIGNAL":
                pass
            case _:
                raise AssertionError(name)
    return image


def _copy_base(folder: Path, release: str, root: Path) -> None:
    base = folder / release
    if not base.exists():
        sources = Path("/etc/apt/sources.list.d/debian.sources").read_text(encoding="utf-8")
        mirror = re.search(r"^URIs: (\S+)$", sources, re.MULTILINE)
        assert mirror is not None
        options = ["--variant=minbase", f"--include={_PACKAGES}"]
        _run(["debootstrap", *options, release, str(base), mirror[1]])
        (base / "usr/local/bin/python").symlink_to("/usr/bin/python3")
        for name in _NETWORK_FILES:
            shutil.copy(name, base / name[1:])
    _run(["cp", "--archive", "--reflink=auto", str(base), str(root)])


def _run_step(image: Image, script: str) -> None:
    mounts = (
        'mount -t proc proc "$ROOT/proc"; mount --rbind /dev "$ROOT/dev"; exec chroot "$ROOT" "$@"'
    )
    variables = {**image.environment, **_NETWORK_SETTINGS}
    _run(
        [
            *_enter_namespace(mounts),
            *("env", "-i", *(f"{name}={value}" for name, value in variables.items())),
            *("sh", "-c", script),
        ],
        ROOT=str(image.root),
    )


def _copy_files(image: Image, rest: str, stages: Mapping[str, Path]) -> None:
    words = shlex.split(rest)
    source = ROOT
    if words[0].startswith("--from="):
        source = stages[words.pop(0).removeprefix("--from=")]
    names, target = words[:-1], words[-1]
    for name in names:
        origin = source / name.lstrip("/")
        place = image.root / target.lstrip("/")
        if target.endswith("/"):
            place.mkdir(parents=True, exist_ok=True)
            place /= origin.name
        if origin.is_dir():
            left_out = shutil.ignore_patterns("__pycache__")
            shutil.copytree(origin, place, symlinks=True, dirs_exist_ok=True, ignore=left_out)
        else:
            shutil.copy(origin, place)


def _enter_namespace(script: str) -> list[str]:
    """A shell whose mounts vanish with it; it takes more arguments as ``$@``."""
    return ["unshare", "--mount", "sh", "-euc", script, "sh"]


def _run(command: list[str], **variables: str) -> None:
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, **variables}
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
