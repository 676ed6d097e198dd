"""Limits by network address: of one network only, and with a page that says when to try again."""

from ipaddress import ip_address, ip_network

import pytest

from bot.services.rate_limits import RateLimit
from bot.web.site import network_limits
from bot.web.site.network_limits import GuestAction, find_client
from tests.support.in_process import PASSWORD
from tests.support.site import Site, SiteClient, SitePage

EMAIL = "ivanova@example.ru"
HERE, ELSEWHERE = "95.24.1.1", "95.24.1.2"


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    small = dict.fromkeys(GuestAction, RateLimit(2, 900))
    monkeypatch.setattr(network_limits, "LIMITS", small)


async def open_guest(site: Site) -> SiteClient:
    """A browser without any cookie of before."""
    client = await site.open_client()
    await client.get("/")
    return client


async def log_in(site: Site, source: str, password: str) -> SitePage:
    client = await open_guest(site)
    fields = {"email": EMAIL, "password": password}
    return await client.post("/", fields, headers={"X-Forwarded-For": source})


async def test_failed_logins_brake_their_network_only(site: Site) -> None:
    await site.add_account(EMAIL)
    # Logins that succeed are not counted.
    for _ in range(3):
        assert (await log_in(site, HERE, PASSWORD)).status == 303
    for _ in range(2):
        assert (await log_in(site, HERE, "wrong")).status == 422
    # What a client claims itself, left of its own address, changes nothing.
    page = await log_in(site, f"{ELSEWHERE}, {HERE}", "wrong")
    assert page.status == 429
    assert "через 15 мин" in page.text
    assert page.headers["Retry-After"] == "900"
    assert (await log_in(site, ELSEWHERE, PASSWORD)).status == 303
    site.cabinet.clock.advance(minutes=15)
    assert (await log_in(site, HERE, PASSWORD)).status == 303


async def test_codes_and_letters_are_limited_by_the_64_of_ipv6(site: Site) -> None:
    statuses = []
    for number in (1, 2, 3):
        client = await open_guest(site)
        source = {"X-Forwarded-For": f"2a02:6b8:1:2::{number}"}
        statuses.append((await client.post("/forgot", {"email": EMAIL}, headers=source)).status)
    assert statuses == [200, 200, 429]
    client = await open_guest(site)
    source = {"X-Forwarded-For": "2a02:6b8:1:3::1"}
    assert (await client.post("/forgot", {"email": EMAIL}, headers=source)).status == 200


async def test_wrong_codes_of_a_new_password_are_limited_too(site: Site) -> None:
    wrong = {"email": EMAIL, "code": "123456", "new": PASSWORD}
    statuses = []
    for _ in range(3):
        client = await open_guest(site)
        page = await client.post("/forgot/password", wrong, headers={"X-Forwarded-For": HERE})
        statuses.append(page.status)
    assert statuses == [422, 422, 429]


async def test_an_unknown_proxy_brakes_nobody(site: Site) -> None:
    client = await open_guest(site)
    for _ in range(4):
        assert (await client.post("/forgot", {"email": EMAIL})).status == 200


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("95.24.1.9", HERE, "95.24.1.9"),
        ("127.0.0.1", HERE, HERE),
        ("127.0.0.1", f"{ELSEWHERE}, {HERE}, 127.0.0.2", HERE),
        ("::ffff:127.0.0.1", HERE, HERE),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
    ],
)
def test_only_trusted_peers_name_the_client(peer: str, forwarded: str, client: str) -> None:
    trusted = (ip_network("127.0.0.0/8"),)
    assert find_client(peer, forwarded, trusted) == ip_address(client)
