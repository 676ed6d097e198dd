"""Limits by network address for guests, who could otherwise take a fresh browser for each try.

Counted by process, in memory: a stranger's address is not ours to keep, and a login under attack
costs the database nothing more. Several processes permit as many times more.
"""

import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from types import MappingProxyType
from typing import Any

from aiohttp import web

from bot.services.clock import Clock
from bot.services.rate_limits import RateLimit
from bot.web.site.errors import PageError

Network = IPv4Network | IPv6Network


class GuestAction(StrEnum):
    FAILED_LOGINS = "failed_logins"
    REGISTRATIONS = "registrations"
    CODES = "codes"


#: Generous: an office or a mobile operator has one address for many people.
LIMITS = MappingProxyType(
    {
        GuestAction.FAILED_LOGINS: RateLimit(100, 900),
        GuestAction.REGISTRATIONS: RateLimit(30, 3600),
        GuestAction.CODES: RateLimit(60, 3600),
    }
)
_ACTIONS = MappingProxyType(
    {
        "/": GuestAction.FAILED_LOGINS,
        "/code": GuestAction.FAILED_LOGINS,
        "/forgot/password": GuestAction.FAILED_LOGINS,
        "/miniapp": GuestAction.FAILED_LOGINS,
        "/register": GuestAction.REGISTRATIONS,
        "/register/again": GuestAction.REGISTRATIONS,
        "/forgot": GuestAction.CODES,
        "/forgot/staff": GuestAction.CODES,
    }
)
#: Networks remembered for each action; the one whose window began first is forgotten.
_REMEMBERED = 10_000


class NetworkLimits:
    """Counts what the guests of a network did; a window begins with the first of it."""

    def __init__(self, trusted_proxies: tuple[Network, ...], clock: Clock) -> None:
        self._trusted_proxies = trusted_proxies
        self._clock = clock
        self._windows: dict[GuestAction, OrderedDict[Network, tuple[float, int]]] = {
            action: OrderedDict() for action in GuestAction
        }

    def find_network(self, request: web.Request) -> Network | None:
        """Whose request it is; None for a private address.

        That is a proxy of which nobody told us: it must not brake all who come through it.
        """
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
        address = find_client(request.remote or "", forwarded, self._trusted_proxies)
        if address is None or address.is_private:
            return None
        if isinstance(address, IPv4Address):
            return IPv4Network(address)
        return IPv6Network((address, 64), strict=False)

    def spend(self, action: GuestAction, network: Network) -> None:
        """Raises PageError when nothing is left."""
        windows, limit = self._windows[action], LIMITS[action]
        now = self._clock.now().timestamp()
        begun, used = windows.get(network, (now, 0))
        if not begun <= now < begun + limit.seconds:
            windows.pop(network, None)
            begun, used = now, 0
        if used >= limit.times:
            minutes = math.ceil((begun + limit.seconds - now) / 60)
            raise PageError(429, "network", minutes=minutes)
        windows[network] = (begun, used + 1)
        if len(windows) > _REMEMBERED:
            windows.popitem(last=False)

    def give_back(self, action: GuestAction, network: Network) -> None:
        windows = self._windows[action]
        if network in windows:
            begun, used = windows[network]
            windows[network] = (begun, max(0, used - 1))


def find_client(
    peer: str, forwarded: str, trusted: tuple[Network, ...]
) -> IPv4Address | IPv6Address | None:
    """The last address that no trusted proxy has; ``forwarded`` is X-Forwarded-For.

    It is read from the right: what stands left of an untrusted address is its own claim.
    """
    address = _parse(peer)
    for hop in reversed(forwarded.split(",")):
        if address is None or not any(address in network for network in trusted):
            break
        address = _parse(hop.strip()) or address
    return address


def _parse(words: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(words)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def build_network_middleware(limits: NetworkLimits) -> Any:
    @web.middleware
    async def limit_guests(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Counts before the check, or parallel guesses would be free; what cost nothing, not."""
        action = _ACTIONS.get(request.path) if request.method == "POST" else None
        network = limits.find_network(request) if action else None
        if action is None or network is None:
            return await handler(request)
        limits.spend(action, network)
        try:
            response = await handler(request)
        except Exception:
            limits.give_back(action, network)
            raise
        has_failed = response.status >= 400
        if has_failed != (action is GuestAction.FAILED_LOGINS):
            limits.give_back(action, network)
        return response

    return limit_guests
