"""Files of deploy/ that cannot be run here, read with their own grammar where there is one."""

import asyncio
import configparser
import json
import re
import subprocess
from pathlib import Path
from shutil import which

import pytest
import yaml
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError

from bot import __version__
from bot.settings import Settings
from bot.telegram.webhook import WEBHOOK_PATH
from tests.support.programs import require_program
from tests.support.world import find_free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = ("cabinet.service", "cabinet@.service")


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


def test_the_image_can_dump_the_database_of_compose() -> None:
    """``pg_dump`` refuses a newer server; Debian brings one version with each release."""
    brought = {"bookworm": 15, "trixie": 17}
    image = yaml.safe_load(read("compose.yaml"))["services"]["postgres"]["image"]
    (debian,) = set(re.findall(r"^FROM python:\S+-(\w+)", read("Dockerfile"), re.MULTILINE))
    assert int(image.partition(":")[2].partition(".")[0]) <= brought[debian]


def test_images_are_exact() -> None:
    """What is started tomorrow is what was tried today."""
    services = yaml.safe_load(read("compose.yaml"))["services"].values()
    images = [one["image"] for one in services if "build" not in one]
    images += re.findall(r"^FROM (\S+)", read("Dockerfile"), re.MULTILINE)
    assert len(images) > 5
    for image in images:
        # PostgreSQL has two numbers, the others three.
        assert re.search(r":\d+\.\d+(\.\d+)?(-\S+)?$|@sha256:[0-9a-f]{64}$", image), image
        assert "postgres" in image or re.search(r"\d+\.\d+\.\d+|@sha256", image), image


def test_the_image_bears_the_version() -> None:
    bot = yaml.safe_load(read("compose.yaml"))["services"]["bot"]
    assert bot["image"] == f"cabinet:${{CABINET_VERSION:-{__version__}}}"
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]+)"', read("Dockerfile")))
    assert labels == {"title": "Cabinet", "version": __version__, "licenses": "MIT"}


def test_no_log_of_a_container_fills_the_disk() -> None:
    for name, service in yaml.safe_load(read("compose.yaml"))["services"].items():
        log = service["logging"]
        assert log["driver"] == "local", name
        assert {"max-size", "max-file"} == log["options"].keys(), name


def test_secrets_are_given_to_the_user_of_the_bot() -> None:
    """Compose mounts files with their owners, whom the papers tell to set."""
    user = re.search(r"useradd .*--uid (\d+)", read("Dockerfile"))
    assert user is not None
    secrets = yaml.safe_load(read("compose.yaml"))["services"]["bot"]["secrets"]
    operations = (DEPLOY.parent / "docs" / "operations.md").read_text(encoding="utf-8")
    command = f"chown {user[1]} deploy/secrets/{{{','.join(secrets)}}}"
    assert command in operations
    assert f"install -d -o {user[1]} -m 700 /backup" in operations
    assert command.replace("deploy/", "") in read("compose.yaml")


def test_redis_asks_for_a_password_that_no_argument_shows() -> None:
    services = yaml.safe_load(read("compose.yaml"))["services"]
    script = services["redis"]["command"][-1].replace("$$", "$")
    assert "requirepass $(cat /run/secrets/redis_password)" in script
    assert "redis_password" in services["redis"]["secrets"]
    assert "REDIS_URL" not in services["bot"]["environment"]
    assert "REDIS_URL_FILE" in services["bot"]["environment"]


@require_program(which("redis-server"), "redis-server")
async def test_redis_itself_takes_its_settings(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("tell-nobody\n", encoding="utf-8")
    port = find_free_port()
    services = yaml.safe_load(read("compose.yaml"))["services"]
    script = (
        services["redis"]["command"][-1]
        .replace("$$", "$")
        .replace("docker-entrypoint.sh redis-server -", f"redis-server - --port {port}")
        .replace("/run/secrets/redis_password", str(tmp_path / "password"))
    )
    process = await asyncio.create_subprocess_exec(
        *services["redis"]["command"][:-1],
        script,
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(20):
            while b"Ready to accept connections" not in await process.stdout.readline():
                pass
        async with Redis.from_url(f"redis://:tell-nobody@127.0.0.1:{port}/0") as redis:
            assert await redis.ping()
        async with Redis.from_url(f"redis://127.0.0.1:{port}/0") as redis:
            with pytest.raises(AuthenticationError):
                await redis.ping()
    finally:
        process.terminate()
        await process.communicate()


@pytest.mark.parametrize("name", UNITS)
def test_the_unit_is_a_unit(name: str) -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.read_string(read(name))
    assert unit["Service"]["UMask"] == "0077"
    assert unit["Service"]["ExecStart"].endswith("main.py run")
    assert unit["Service"]["User"] != "root"
    # A wrong setting is not mended by starting again.
    assert unit["Service"]["RestartPreventExitStatus"] == "2"


def test_nginx_lets_in_the_webhook_and_the_site_and_nothing_else() -> None:
    for name in ("nginx.conf", "nginx.compose.conf"):
        conf = re.sub(r"#.*", "", read(name))
        assert conf.count("{") == conf.count("}")
        places = [f"= {WEBHOOK_PATH}", "/", "/nginx-pages/", "/"]
        assert re.findall(r"location ([^{]+) \{", conf) == places
        for line in filter(None, (line.strip() for line in conf.splitlines())):
            assert line[-1] in ";{}", line


def test_the_ports_of_the_site_are_not_those_of_health_and_metrics() -> None:
    conf = read("nginx.conf")
    ports = set(re.findall(r"server 127\.0\.0\.1:(\d+)", conf.partition("cabinet_site {")[2]))
    assert ports == {"18081", "18082", "18083"}
    assert "WEB_PORT=%i SITE_PORT=1%i" in read("cabinet@.service")


def test_the_site_of_compose_is_reached_by_nginx_and_believes_it_alone() -> None:
    compose = yaml.safe_load(read("compose.yaml"))
    settings = compose["services"]["bot"]["environment"]
    conf = read("nginx.compose.conf")
    assert f"proxy_pass http://$bot:{settings['SITE_PORT']};" in conf
    assert conf.count(f":{settings['SITE_PORT']}") == 1
    (network,) = compose["networks"]["default"]["ipam"]["config"]
    assert settings["SITE_TRUSTED_PROXIES"] == network["subnet"]
    assert f"EXPOSE 8081 {settings['SITE_PORT']}" in read("Dockerfile")
    # Neither process shows its ports outside.
    assert [name for name, one in compose["services"].items() if "ports" in one] == ["nginx"]


@require_program(which("nginx"), "nginx-light")
@pytest.mark.parametrize("name", ["nginx.conf", "nginx.compose.conf"])
def test_nginx_itself_takes_its_files(tmp_path: Path, name: str) -> None:
    # Neither the certificates nor the names of the containers are here.
    conf = re.sub(r"ssl_certificate.*", "", read(name))
    conf = re.sub(r"listen [^;]+;", "listen 127.0.0.1:18443;", conf)
    whole = f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{conf}\n}}\n"
    path = tmp_path / "nginx.conf"
    path.write_text(whole, encoding="utf-8")
    run(["nginx", "-t", "-c", str(path)])


@require_program(which("systemd-analyze"), "systemd")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_itself_takes_the_unit(tmp_path: Path, name: str) -> None:
    unit = re.sub(r"ExecStart=\S+", "ExecStart=/usr/bin/true", read(name))
    path = tmp_path / name.replace("@", "@8081")
    path.write_text(unit, encoding="utf-8")
    assert run(["systemd-analyze", "verify", str(path)]) == ""


@require_program(which("systemd-analyze"), "systemd")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_rates_the_exposure_of_the_unit_low(name: str) -> None:
    # Of ten; the threshold is given in tenths.
    run(["systemd-analyze", "security", "--offline=true", "--threshold=20", str(DEPLOY / name)])


@require_program(which("promtool"), "prometheus")
def test_prometheus_itself_takes_its_files_and_the_alerts_ring() -> None:
    run(["promtool", "check", "config", str(DEPLOY / "prometheus.yaml")])
    run(["promtool", "test", "rules", str(DEPLOY / "alerts.test.yaml")])


def test_each_alert_has_a_story_in_which_it_rings_and_is_silent() -> None:
    rules = yaml.safe_load(read("alerts.yaml"))["groups"][0]["rules"]
    told: dict[str, set[bool]] = {}
    for story in yaml.safe_load(read("alerts.test.yaml"))["tests"]:
        for case in story["alert_rule_test"]:
            told.setdefault(case["alertname"], set()).add(bool(case.get("exp_alerts")))
    assert told == {rule["alert"]: {True, False} for rule in rules}


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
