"""Files of deploy/ that cannot be run here, read with their own grammar where there is one."""

import configparser
import json
import re
import subprocess
from pathlib import Path
from shutil import which

import pytest
import yaml

from bot.settings import Settings
from bot.telegram.webhook import WEBHOOK_PATH

DEPLOY = Path(__file__).parents[2] / "deploy"


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def test_compose_names_real_settings_and_its_own_secrets() -> None:
    compose = yaml.safe_load(read("compose.yaml"))
    names = {name.upper() for name in Settings.model_fields}
    bot = compose["services"]["bot"]
    for name, value in bot["environment"].items():
        assert name.removesuffix("_FILE") in names, name
        if name.endswith("_FILE"):
            assert value.removeprefix("/run/secrets/") in bot["secrets"]
    used = {one for service in compose["services"].values() for one in service.get("secrets", [])}
    assert used == set(compose["secrets"])
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert (
                source in compose["volumes"] or source.startswith("/") or (DEPLOY / source).exists()
            )


def test_the_image_runs_as_nobody_and_knows_its_health() -> None:
    lines = read("Dockerfile").splitlines()
    assert [line for line in lines if line.startswith("USER")] == ["USER cabinet"]
    assert any("HEALTHCHECK" in line for line in lines)
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            assert (DEPLOY.parent / line.split()[1]).exists(), line
        assert not re.search(r"TOKEN=|PASSWORD=|SECRET=", line)


def test_the_unit_is_a_unit() -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.read_string(read("cabinet@.service"))
    assert unit["Service"]["ExecStart"].endswith("main.py run")
    assert unit["Service"]["User"] != "root"
    # A wrong setting is not mended by starting again.
    assert unit["Service"]["RestartPreventExitStatus"] == "2"


def test_nginx_lets_in_the_webhook_and_nothing_else() -> None:
    for name in ("nginx.conf", "nginx.compose.conf"):
        conf = re.sub(r"#.*", "", read(name))
        assert conf.count("{") == conf.count("}")
        assert re.findall(r"location ([^{]+) \{", conf) == [f"= {WEBHOOK_PATH}", "/"]
        for line in filter(None, (line.strip() for line in conf.splitlines())):
            assert line[-1] in ";{}", line


@pytest.mark.skipif(which("nginx") is None, reason="nginx is not installed")
@pytest.mark.parametrize("name", ["nginx.conf", "nginx.compose.conf"])
def test_nginx_itself_takes_its_files(tmp_path: Path, name: str) -> None:
    # Neither the certificates nor the names of the containers are here.
    conf = re.sub(r"ssl_certificate.*", "", read(name)).replace("bot:8081", "127.0.0.1:8081")
    conf = re.sub(r"listen [^;]+;", "listen 127.0.0.1:18443;", conf)
    whole = f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{conf}\n}}\n"
    path = tmp_path / "nginx.conf"
    path.write_text(whole, encoding="utf-8")
    run(["nginx", "-t", "-c", str(path)])


@pytest.mark.skipif(which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_itself_takes_the_unit(tmp_path: Path) -> None:
    unit = re.sub(r"ExecStart=\S+", "ExecStart=/usr/bin/true", read("cabinet@.service"))
    path = tmp_path / "cabinet@8081.service"
    path.write_text(unit, encoding="utf-8")
    assert run(["systemd-analyze", "verify", str(path)]) == ""


def run(command: list[str]) -> str:
    """What it complains of."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_alerts_watch_metrics_that_exist() -> None:
    rules = yaml.safe_load(read("alerts.yaml"))["groups"][0]["rules"]
    board = json.loads(read("grafana.json"))
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    source = (DEPLOY.parent / "bot" / "metrics.py").read_text(encoding="utf-8")
    for expression in [*(rule["expr"] for rule in rules), *asked]:
        for metric in re.findall(r"cabinet_\w+", expression):
            name = re.sub(r"_(total|bucket|sum|count)$", "", metric)
            assert f'"{name}"' in source, metric
