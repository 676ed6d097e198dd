"""Photos of a signed paper become one PDF; the pixels of a JPEG stay as they came."""

import io

import pikepdf
import pillow_heif
import pytest
from PIL import Image

from bot.integrations import photo_joining
from bot.integrations.photo_joining import join_photos

_ORIENTATION = 0x0112


def make_photo(
    kind: str = "JPEG", size: tuple[int, int] = (400, 300), orientation: int | None = None
) -> bytes:
    made = io.BytesIO()
    exif = Image.Exif()
    if orientation is not None:
        exif[_ORIENTATION] = orientation
    mode = "RGBA" if kind == "PNG" else "RGB"
    picture = Image.new(mode, size, (200, 30, 30, 128)[: len(mode)])
    if kind == "HEIF":
        pillow_heif.register_heif_opener()
        picture.save(made, "HEIF")
    else:
        picture.save(made, kind, exif=exif)
    return made.getvalue()


def open_pdf(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(data))


def list_images(page: pikepdf.Page) -> list[pikepdf.Object]:
    return list(page.resources.XObject.values())


def test_each_photo_has_a_page_of_a4() -> None:
    photos = [make_photo(kind) for kind in ("JPEG", "PNG", "TIFF", "HEIF")]
    photos.append(make_photo(size=(300, 400)))
    with open_pdf(join_photos(photos)) as pdf:
        sizes = [sorted(round(float(one)) for one in page.mediabox[2:]) for page in pdf.pages]
        assert sizes == [[595, 842]] * 5
        # A lying photo has a lying page.
        assert float(pdf.pages[0].mediabox[2]) > float(pdf.pages[0].mediabox[3])
        assert float(pdf.pages[4].mediabox[2]) < float(pdf.pages[4].mediabox[3])


def test_a_jpeg_is_put_in_unchanged() -> None:
    photo = make_photo()
    with open_pdf(join_photos([photo])) as pdf:
        (image,) = list_images(pdf.pages[0])
        assert image.read_raw_bytes() == photo


@pytest.mark.parametrize(("orientation", "turned"), [(1, 0), (3, 180), (6, 90), (8, 270)])
def test_a_page_is_upright_as_the_camera_says(orientation: int, turned: int) -> None:
    with open_pdf(join_photos([make_photo(orientation=orientation)])) as pdf:
        assert int(pdf.pages[0].obj.get("/Rotate", 0)) == turned


def test_a_wrong_orientation_is_ignored() -> None:
    with open_pdf(join_photos([make_photo(orientation=77)])) as pdf:
        assert len(pdf.pages) == 1


def test_photos_that_are_too_big_together_are_made_smaller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(photo_joining, "_MAX_BYTES", 10)
    photos = [make_photo(size=(4000, 3000), orientation=6), make_photo(size=(100, 80))]
    with open_pdf(join_photos(photos)) as pdf:
        first, second = (next(iter(list_images(page))) for page in pdf.pages)
        # Turned before it was compressed.
        assert (int(first.Width), int(first.Height)) == (1755, 2340)
        assert (int(second.Width), int(second.Height)) == (100, 80)
        assert all("/Rotate" not in page.obj or not page.obj.Rotate for page in pdf.pages)
