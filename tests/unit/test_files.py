"""What a scan is, by its content, and where its bytes go. Rows are met in tests/services."""

import asyncio
import hashlib
import resource
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.app import factories
from bot.integrations.errors import FileMissing, StoreUnavailable
from bot.integrations.file_inspection import HEIC, JPEG, PDF, PNG, TIFF, ScanType, detect_scan_type
from bot.integrations.file_store import FileStore
from bot.services.scans import NAME_LENGTH, make_safe_name
from bot.settings import Settings
from tests.support.object_store import ObjectStore, run_object_store


def _make_ftyp(brand: bytes) -> bytes:
    return b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x00\x00mif1heic" + bytes(40)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF", PDF),
        (b"\xef\xbb\xbf\r\n%PDF-1.7\n%%EOF", PDF),
        (bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9"), JPEG),
        (bytes.fromhex("ffd8ffe1") + b"\x00\x10Exif\0\0", JPEG),
        (bytes.fromhex("ffd8ffdb0043"), JPEG),
        (bytes.fromhex("89504e470d0a1a0a0000000d49484452"), PNG),
        (b"II*\0\x08\0\0\0", TIFF),
        (b"MM\0*\0\0\0\x08", TIFF),
        (b"II+\0\x08\0\0\0", TIFF),
        *((_make_ftyp(brand), HEIC) for brand in (b"heic", b"heix", b"hevc", b"mif1", b"msf1")),
        (_make_ftyp(b"isom"), None),  # a video
        (_make_ftyp(b"avif"), None),
        (b"MZ" + bytes(100) + b"%PDF-1.4", None),
        (b"<html>%PDF-1.4</html>", None),
        (b"PK\x03\x04" + bytes(40), None),
        (b"GIF89a", None),
        (b"RIFF\0\0\0\0WEBPVP8 ", None),
        (b"%PD", None),
        (b"\xff\xd8", None),
        (b"", None),
    ],
)
def test_content_decides_the_type(data: bytes, kind: ScanType | None) -> None:
    assert detect_scan_type(data) is kind


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("договор.pdf", PDF, "договор.pdf"),
        ("IMG_0001.JPEG", JPEG, "IMG_0001.jpeg"),
        ("photo.png", JPEG, "photo.jpg"),
        ("virus.exe", PDF, "virus.pdf"),
        ("Акт от 12.05", PDF, "Акт от 12.05.pdf"),
        ("../../etc/passwd", PNG, "passwd.png"),
        ("C:\\Users\\me\\скан.tif", TIFF, "скан.tif"),
        ("отчет\u202efdp.exe", PDF, "отчетfdp.pdf"),
        ("a\u200bb\x00c\n d.heic", HEIC, "abc d.heic"),
        ('с<к>а:н"|?*.png', PNG, "с_к_а_н____.png"),
        ("...", PDF, "scan.pdf"),
        ("", PDF, "scan.pdf"),
        (".pdf", PDF, "scan.pdf"),
        ("и\u0306.pdf", PDF, "й.pdf"),
    ],
)
def test_names_become_safe_and_true(name: str, kind: ScanType, expected: str) -> None:
    assert make_safe_name(name, kind) == expected


@given(name=st.text(max_size=300), kind=st.sampled_from([PDF, JPEG, PNG, TIFF, HEIC]))
def test_any_name_becomes_a_plain_short_one(name: str, kind: ScanType) -> None:
    made = make_safe_name(name, kind)
    stem, _, extension = made.rpartition(".")
    assert stem
    assert extension in kind.extensions
    assert len(made) <= NAME_LENGTH
    assert made.isprintable()
    assert not set(made) & set('/\\<>:"|?*')
    assert make_safe_name(made, kind) == made


@pytest.fixture(params=["disk", "s3"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[FileStore]:
    if request.param == "disk":
        yield FileStore.open(f"file://{tmp_path}/files")
        return
    async with run_object_store() as bucket:
        yield open_bucket(bucket, tmp_path)


def open_bucket(bucket: ObjectStore, folder: Path, **settings: str) -> FileStore:
    """By the file .env of a company: the environment has none of its settings."""
    lines = (f"{name}={value}\n" for name, value in {**bucket.settings, **settings}.items())
    (folder / ".env").write_text("".join(lines))
    return factories.open_file_store(Settings(_env_file=folder / ".env"))


async def test_bytes_come_back_as_they_were(store: FileStore) -> None:
    data = bytes(range(256)) * 1000
    await store.put("ab/abc-1.pdf", data)
    assert await store.get("ab/abc-1.pdf") == data
    await store.put("ab/abc-1.pdf", b"other")
    assert await store.get("ab/abc-1.pdf") == b"other"


async def test_bytes_come_back_in_pieces(store: FileStore) -> None:
    data = bytes(range(256)) * 6000
    await store.put("ab/abc-1.pdf", data)
    pieces = [piece async for piece in store.read_pieces("ab/abc-1.pdf")]
    assert b"".join(pieces) == data
    assert max(map(len, pieces)) < len(data)
    with pytest.raises(FileMissing):
        await anext(store.read_pieces("ab/none.pdf"))


async def test_a_staged_file_is_put_and_nothing_is_left_beside_it(
    store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    pieces = [bytes([number]) * 400_000 for number in range(20)]
    async with store.stage() as staged, store.stage():
        for piece in pieces:
            await staged.write(piece)
        assert [keys async for keys in store.list_keys() if keys] == []
        await store.put("ab/abc-1.pdf", staged)
    assert await store.get("ab/abc-1.pdf") == b"".join(pieces)
    assert (staged.size, staged.sha256) == (
        8_000_000,
        hashlib.sha256(b"".join(pieces)).hexdigest(),
    )
    assert not list(tmp_path.rglob("staged-*"))


async def test_a_full_disk_is_an_outage(tmp_path: Path) -> None:
    store = FileStore.open(f"file://{tmp_path}/files")
    async with store.stage() as staged:
        limit = resource.getrlimit(resource.RLIMIT_FSIZE)
        # As a full disk does, this refuses a write; the signal would end the process.
        former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limit[1]))
        try:
            with pytest.raises(StoreUnavailable):
                await staged.write(bytes(2000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
            signal.signal(signal.SIGXFSZ, former)


async def test_what_was_deleted_is_missing(store: FileStore) -> None:
    await store.put("ab/abc-1.pdf", b"data")
    await store.delete("ab/abc-1.pdf")
    await store.delete("ab/abc-1.pdf")
    with pytest.raises(FileMissing):
        await store.get("ab/abc-1.pdf")


async def test_ping_leaves_nothing_behind(store: FileStore) -> None:
    await store.ping()
    assert [portion async for portion in store.list_keys()] in ([], [{}])


async def test_keys_are_listed_with_the_time_of_their_writing(store: FileStore) -> None:
    began = datetime.now(UTC) - timedelta(seconds=2)
    keys = {f"ab/{number:04}.pdf" for number in range(3)}
    for key in keys:
        await store.put(key, b"data")
    listed = {key: at async for portion in store.list_keys() for key, at in portion.items()}
    assert listed.keys() == keys
    assert all(began < at < datetime.now(UTC) + timedelta(seconds=2) for at in listed.values())


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"FILES_URL": "s3://no-such-bucket/cabinet"}, "NoSuchBucket"),
        ({"AWS_ENDPOINT": "http://127.0.0.1:9"}, "error sending request"),
    ],
)
async def test_a_store_that_is_away_or_wrong_holds_no_missing_files(
    tmp_path: Path, settings: dict[str, str], reason: str
) -> None:
    async with run_object_store() as bucket:
        store = open_bucket(bucket, tmp_path, **settings)
        for call in (store.ping(), store.get("ab/1.pdf"), store.put("ab/1.pdf", b"1")):
            with pytest.raises(StoreUnavailable, match=reason):
                await call


async def test_a_page_of_a_gateway_is_no_missing_file(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=404, text="<html>No such page</html>", content_type="text/html")

    async with serve(answer) as port:
        bucket = ObjectStore(port)
        with pytest.raises(StoreUnavailable):
            await open_bucket(bucket, tmp_path).get("ab/1.pdf")


async def test_no_call_leaves_to_the_address_of_machine_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({})

    async with run_object_store() as bucket, serve(answer) as port:
        # Where a machine of a cloud would find credentials.
        address = f"http://127.0.0.1:{port}"
        monkeypatch.setenv("AWS_METADATA_ENDPOINT", address)
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", address)
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{address}/credentials")
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/credentials")
        await open_bucket(bucket, tmp_path).ping()
    assert asked == []


@asynccontextmanager
async def serve(
    answer: Callable[[web.Request], Awaitable[web.Response]],
) -> AsyncIterator[int]:
    """Answers every request; yields the port."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def test_a_folder_that_takes_no_files_is_waited_for(tmp_path: Path) -> None:
    store = FileStore.open(f"file://{tmp_path}/files")
    # Whoever tests as root may write everywhere: a file stands where a folder should.
    (tmp_path / "files" / "ab").write_bytes(b"")
    with pytest.raises(StoreUnavailable):
        await store.put("ab/1.pdf", b"1")


async def test_a_folder_is_relative_or_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await FileStore.open("file://data/files").put("ab/one.pdf", b"1")
    assert (tmp_path / "data/files/ab/one.pdf").read_bytes() == b"1"
    await FileStore.open(f"file://{tmp_path}/my%20files").put("ab/two.pdf", b"2")
    assert (tmp_path / "my files/ab/two.pdf").read_bytes() == b"2"
    # The working directory of a later moment does not matter.
    store = FileStore.open("file://data/files")
    monkeypatch.chdir("/")
    assert await store.get("ab/one.pdf") == b"1"


async def test_files_arrive_side_by_side(tmp_path: Path) -> None:
    store = FileStore.open(f"file://{tmp_path}")
    await asyncio.gather(*(store.put(f"ab/{n}.pdf", bytes([n]) * 100_000) for n in range(20)))
    assert [len(await store.get(f"ab/{n}.pdf")) for n in range(20)] == [100_000] * 20


def test_other_places_are_refused() -> None:
    with pytest.raises(ValueError, match="neither"):
        FileStore.open("ftp://host/files")


def test_a_bucket_without_credentials_is_refused() -> None:
    """The library would ask the address of a cloud's machine data for them."""
    with pytest.raises(ValueError, match="AWS_SECRET_ACCESS_KEY are required"):
        Settings(_env_file=None, files_url="s3://scans/cabinet", aws_access_key_id=SecretStr("k"))
