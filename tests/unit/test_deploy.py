"""Files of deploy/ that cannot be run here, read with their own grammar where there is one."""

import configparser
import json
import re
from pathlib import Path

import yaml

from bot.settings import Settings
from bot.web import WEBHOOK_PATH

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


def test_alerts_watch_metrics_that_exist() -> None:
    rules = yaml.safe_load(read("alerts.yaml"))["groups"][0]["rules"]
    board = json.loads(read("grafana.json"))
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    source = (DEPLOY.parent / "bot" / "metrics.py").read_text(encoding="utf-8")
    for expression in [*(rule["expr"] for rule in rules), *asked]:
        for metric in re.findall(r"cabinet_\w+", expression):
            name = re.sub(r"_(total|bucket|sum|count)$", "", metric)
            assert f'"{name}"' in source, metric
