"""A name server that knows one address at a time, as Docker's does of a service that moves."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import IPv4Address
from typing import cast

_HEAD = struct.Struct("!6H")
_ANSWERED = 0x8180
_A, _IN = 1, 1
#: Where the name of the question stands, its seconds of life and the bytes of an address.
_RECORD = struct.Struct("!HHHIH")
_NAME_OF_QUESTION = 0xC000 | _HEAD.size


class NameServer(asyncio.DatagramProtocol):
    """``address``: of every name, from the next question on."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # In CPython 3.11 it does not descend from that class.
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self._transport is not None
        question = data[_HEAD.size :]
        (kind,) = struct.unpack("!H", question[-4:-2])
        answer = b""
        if kind == _A:
            answer = _RECORD.pack(_NAME_OF_QUESTION, _A, _IN, 1, 4)
            answer += IPv4Address(self.address).packed
        (number,) = struct.unpack("!H", data[:2])
        head = _HEAD.pack(number, _ANSWERED, 1, int(bool(answer)), 0, 0)
        self._transport.sendto(head + question + answer, addr)


@asynccontextmanager
async def run_name_server(address: str) -> AsyncIterator[NameServer]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(
        lambda: NameServer(address), local_addr=("127.0.0.1", 0)
    )
    try:
        yield server
    finally:
        transport.close()
