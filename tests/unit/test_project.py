"""The project's own papers: lock files, README, lists that must agree with the code."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from bot import __version__
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
PAPERS = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.ru.md",
    "SECURITY.md",
    "docs/operations.md",
    "docs/dependencies.md",
    "docs/reliability.md",
    "docs/sandbox.md",
    "docs/site.md",
    "docs/security.md",
    "tests/README.md",
    ".ci/run",
]

# In parts, so that this file names none of them itself.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs"),
        ("deb", "debian"),
        ("debian", "org"),
        ("proxy", "golang"),
        ("crates", "io"),
    )
]


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _read_pins(lock: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)", _read(lock), re.MULTILINE)
    return {name.lower(): version for name, version in found}


def _read_dependencies() -> set[str]:
    project = tomllib.loads(_read("pyproject.toml"))["project"]
    return {re.split(r"[\[<>=;]", line)[0].lower() for line in project["dependencies"]}


def test_tracked_files_name_no_registry() -> None:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    assert "requirements.lock" in names
    for name in names:
        content = (ROOT / name).read_bytes()
        assert not [host for host in REGISTRIES if host.encode() in content], name


@pytest.mark.parametrize(
    "lock", ["requirements.lock", "requirements-dev.lock", "requirements-bench.lock"]
)
def test_every_locked_package_has_hashes(lock: str) -> None:
    packages = re.split(r"^(?=[\w.-]+(?:\[[\w,]+\])?==)", _read(lock), flags=re.MULTILINE)
    assert len(packages) > 25
    assert all("--hash=sha256:" in package for package in packages if package.strip())
    assert "://" not in _read(lock)


def test_the_wheel_holds_every_file_of_its_packages() -> None:
    data = tomllib.loads(_read("pyproject.toml"))["tool"]["setuptools"]["package-data"]
    for package, patterns in data.items():
        packed = {path for pattern in patterns for path in (ROOT / package).glob(pattern)}
        listed = subprocess.run(
            ["git", "ls-files", package], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout.split()
        others = {ROOT / name for name in listed if not name.endswith(".py")}
        assert others <= packed
        for name in listed:
            if name.endswith(".py"):
                assert (ROOT / name).with_name("__init__.py").exists(), name


def test_development_lock_holds_the_runtime_lock() -> None:
    runtime, development = _read_pins("requirements.lock"), _read_pins("requirements-dev.lock")
    assert runtime.items() <= development.items()
    assert {name.replace(".", "-") for name in _read_dependencies()} <= runtime.keys()


def test_the_sbom_names_the_version_and_every_locked_package(tmp_path: Path) -> None:
    # Without a look at the environment, which is the one in use, and at the schema.
    command = ["make", "--old-file=.venv/development.stamp", "sbom", f"DIST={tmp_path}"]
    command.append("VALIDATE=--no-validate")
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.iterdir()
    assert path.name == f"cabinet-{__version__}.cdx.json"
    bom = json.loads(path.read_text(encoding="utf-8"))
    product = bom["metadata"]["component"]
    assert (product["name"], product["version"]) == ("cabinet", __version__)
    named = {one["name"].lower(): one["version"] for one in bom["components"]}
    assert named == _read_pins("requirements.lock")


def test_papers_name_only_what_can_be_made() -> None:
    targets = set(re.findall(r"^([a-z]+):", _read("Makefile"), re.MULTILINE))
    assert {"run", "test", "lint", "bench", "help", "lock", "clean"} <= targets
    for paper in PAPERS:
        named = set(re.findall(r"(?:`|^ *)make ([a-z]+)\b", _read(paper), re.MULTILINE))
        assert named <= targets, paper
    assert {"run", "test"} <= set(re.findall(r"^    make (\w+)$", _read("README.md"), re.MULTILINE))


def test_pre_commit_runs_what_make_lint_runs() -> None:
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", _read("Makefile"), re.MULTILINE)
    assert recipe is not None
    commands = [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe[1].splitlines()]
    (repository,) = yaml.safe_load(_read(".pre-commit-config.yaml"))["repos"]
    assert [hook["entry"] for hook in repository["hooks"]] == commands


def test_papers_name_only_commands_that_exist() -> None:
    usage = subprocess.run(
        [sys.executable, "main.py", "--help"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    for paper in PAPERS:
        for command in re.findall(r"main\.py (\w[\w-]*)", _read(paper)):
            assert re.search(rf"^    {command}\s", usage, re.MULTILINE), command


def test_papers_link_to_files_that_exist() -> None:
    for paper in PAPERS:
        for target in re.findall(r"\]\(([^)#]+)\)", _read(paper)):
            assert "://" in target or (ROOT / paper).parent.joinpath(target).exists(), target


def test_operations_list_every_setting() -> None:
    listed = re.findall(r"^\| `([A-Z_]+)` \|", _read("docs/operations.md"), re.MULTILINE)
    assert sorted(listed) == sorted(name.upper() for name in Settings.model_fields)
    example = re.findall(r"^([A-Z_]+)=", _read("docs/example.env"), re.MULTILINE)
    assert set(example) <= set(listed)


def test_every_runtime_dependency_has_its_reason() -> None:
    rows = re.findall(
        r"^\| ([\w.-]+) \| ([^|]+) \| ([^|]+) \|$", _read("docs/dependencies.md"), re.MULTILINE
    )
    assert {name.lower() for name, _, _ in rows[1:]} - {"---"} == _read_dependencies()


@pytest.mark.parametrize("paper", ["ARCHITECTURE.md", "CONTRIBUTING.md", "tests/README.md"])
def test_papers_name_files_that_exist(paper: str) -> None:
    named = re.findall(r"`((?:bot|tests|docs|sandbox|bench)/[\w/.<>-]*)`", _read(paper))
    assert named
    assert [one for one in named if "<" not in one and not (ROOT / one).exists()] == []


@pytest.mark.parametrize("paper", ["docs/security.md", "docs/reliability.md"])
def test_papers_name_tests_that_exist(paper: str) -> None:
    named = re.findall(r"`((?:tests/)?(?:\w+/)*test_\w+\.py)(?:::(\w+))?`", _read(paper))
    assert len(named) > 10
    for file, name in named:
        path = file if file.startswith("tests/") else f"tests/faults/{file}"
        assert (ROOT / path).is_file(), path
        if name:
            assert re.search(rf"^(?:async )?def test_{name}\(", _read(path), re.MULTILINE), name
