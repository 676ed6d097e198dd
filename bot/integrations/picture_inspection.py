"""Inspection of pictures: opens them with Pillow and libheif. Runs in a worker process."""

import warnings
from io import BytesIO

import pillow_heif
from PIL import Image
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from bot.fsm.model import Rejected
from bot.integrations.file_inspection import HEIC, JPEG, MAX_PAGES, MAX_PIXELS, PNG, ScanType

#: Pictures up to this size are decoded completely, which finds damage: an A3 sheet at 300 dpi, a
#: phone's photo. Of larger ones the headers are read, and the checksums of a PNG.
_DECODED_PIXELS = 25_000_000
#: A HEIC of 5 MB takes four seconds to decode; phones write up to 3 MB.
_DECODED_HEIC_BYTES = 4 * 1024**2
#: A JPEG is decoded at an eighth of its size, which skips most of the work.
_JPEG_SCALE = 8

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
# Each further decoder thread would reserve address space.
pillow_heif.options.DECODE_THREADS = 1


def inspect_picture(data: bytes, kind: ScanType) -> None:
    """Raises Rejected ``file-unfolds``; any other exception means that the picture is damaged."""
    with warnings.catch_warnings():
        # Pillow warns of unusual metadata, which is common and harmless.
        warnings.simplefilter("ignore")
        if kind is JPEG:
            _inspect_jpeg(data)
        elif kind is PNG:
            _inspect_png(data)
        elif kind is HEIC:
            _inspect_heic(data)
        else:
            _inspect_tiff(data)


def check_size(width: int, height: int) -> int:
    """The number of pixels; raises Rejected ``file-unfolds`` above MAX_PIXELS."""
    pixels = width * height
    if pixels > MAX_PIXELS:
        raise Rejected("file-unfolds")
    return pixels


def check_header(data: bytes) -> None:
    """Checks the size in the header of a JPEG or JPEG 2000 that is embedded in a document.

    Raises Rejected ``file-unfolds``. A picture that does not open is accepted: no viewer shows it.
    """
    # Some programs write blank lines before the picture.
    start = data.find(b"\xff\xd8\xff", 0, 64)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if start >= 0:
                picture: Image.Image = JpegImageFile(BytesIO(data[start:]))
            else:
                picture = Jpeg2KImageFile(BytesIO(data))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 (parsers raise many types)
        return
    check_size(*picture.size)


def _inspect_jpeg(data: bytes) -> None:
    picture = JpegImageFile(BytesIO(data))
    if check_size(*picture.size) <= _DECODED_PIXELS:
        width, height = (max(1, side // _JPEG_SCALE) for side in picture.size)
        picture.draft(picture.mode, (width, height))
        picture.load()


def _inspect_png(data: bytes) -> None:
    picture = PngImageFile(BytesIO(data))
    pixels = check_size(*picture.size)
    if getattr(picture, "n_frames", 1) > MAX_PAGES:
        raise Rejected("file-unfolds")
    if pixels <= _DECODED_PIXELS:
        picture.load()
    else:
        picture.verify()


def _inspect_tiff(data: bytes) -> None:
    picture = TiffImageFile(BytesIO(data))
    decoded = 0
    page = 0
    while True:
        decoded += check_size(*picture.size)
        if decoded <= _DECODED_PIXELS:
            picture.load()
        page += 1
        if page > MAX_PAGES:
            raise Rejected("file-unfolds")
        try:
            picture.seek(page)
        except EOFError:
            # Pillow stops at a loop in the chain of pages; not every viewer does.
            if picture.tag_v2.next:
                raise Rejected("file-unfolds") from None
            return


def _inspect_heic(data: bytes) -> None:
    try:
        pictures = pillow_heif.open_heif(data)
    except (OSError, RuntimeError, ValueError) as error:
        # libheif raises no separate type of error for its limits.
        if "limit" in str(error).lower():
            raise Rejected("file-unfolds") from error
        raise
    pixels = [check_size(*picture.size) for picture in pictures]
    if len(pixels) > MAX_PAGES:
        raise Rejected("file-unfolds")
    # Opening the file checked the offsets of all pictures in it.
    first = pictures.primary_index
    if len(data) <= _DECODED_HEIC_BYTES and pixels[first] <= _DECODED_PIXELS:
        pictures[first].load()
