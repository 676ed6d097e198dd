"""Files that are more than they seem, and what a virus scanner says of them."""

import asyncio
import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from bot.fsm.model import Rejected
from bot.integrations.clamav import ClamAv
from bot.integrations.errors import ScannerUnavailable
from bot.integrations.file_inspection import JPEG, PDF, inspect


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + bytes(9)


def jpeg(width: int, height: int) -> bytes:
    size = struct.pack(">HBHH", 11, 8, height, width)
    return b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0" + size + bytes(9)


def tiff(next_page: int) -> bytes:
    entries = struct.pack("<HHII", 256, 4, 1, 10) + struct.pack("<HHII", 257, 4, 1, 10)
    return b"II*\0" + struct.pack("<IH", 8, 2) + entries + struct.pack("<I", next_page)


def pdf(stream: bytes, filters: bytes = b"/FlateDecode") -> bytes:
    head = b"%PDF-1.7\n1 0 obj <</Filter [" + filters + b"]>> stream\n"
    return head + stream + b"\nendstream endobj\n%%EOF"


def archive() -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as packed:
        packed.writestr("a.exe", b"MZ")
    return whole.getvalue()


def bomb() -> bytes:
    packing = zlib.compressobj(9)
    return b"".join(packing.compress(bytes(2**20)) for _ in range(310)) + packing.flush()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (png(60_000, 60_000), "file-unfolds"),
        (jpeg(65_000, 65_000), "file-unfolds"),
        (tiff(8), "file-unfolds"),  # its pages never end
        (pdf(b"x", b"/FlateDecode /FlateDecode"), "file-unfolds"),
        (pdf(bomb()), "file-unfolds"),
        (jpeg(10, 10) + archive(), "file-hides-another"),
        (pdf(b"") + archive(), "file-hides-another"),
        (b"\xff\xd8\xff\xfe<script>alert(1)</script>", "file-hides-another"),
        (b"\xff\xd8\xff\xe0\n%PDF-1.7", "file-hides-another"),
        (png(1, 1) + b"Rar!\x1a\x07\x00", "file-hides-another"),
        (b"MZ" + bytes(100), "file-type"),
    ],
)
def test_what_would_harm_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Rejected) as rejected:
        inspect(data, "скан.pdf")
    assert rejected.value.code == code


def test_ordinary_scans_pass() -> None:
    assert inspect(jpeg(12_000, 16_000), "a") is JPEG
    assert inspect(pdf(zlib.compress(bytes(10**7))), "a") is PDF
    assert inspect(tiff(0), "a").media_type == "image/tiff"


@pytest.mark.parametrize(
    ("verdict", "clean"), [(b"stream: OK", True), (b"stream: Eicar FOUND", False), (b"ERROR", None)]
)
async def test_the_scanner_is_asked_over_its_socket(
    verdict: bytes, clean: bool | None, tmp_path: Path
) -> None:
    heard = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            heard.extend(await reader.readexactly(size))
        writer.write(verdict + b"\0")
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(serve, tmp_path / "clamd")
    clamd = ClamAv(f"unix://{tmp_path}/clamd")
    data = bytes(200_000)
    if clean is None:
        with pytest.raises(ScannerUnavailable):
            await clamd.is_clean(data)
    else:
        assert await clamd.is_clean(data) is clean
    assert heard == data
    server.close()
    await server.wait_closed()


async def test_a_scanner_that_is_not_there_is_away(tmp_path: Path) -> None:
    with pytest.raises(ScannerUnavailable):
        await ClamAv(f"unix://{tmp_path}/nobody").is_clean(b"a")
