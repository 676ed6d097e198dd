"""Joins photos of a signed paper to one PDF that can be printed; runs in a worker process only."""

import io
from collections.abc import Sequence

#: Telegram takes 50 MB from a bot; bigger photos are made smaller.
_MAX_BYTES = 40 * 1024**2
#: The longer side of a photo that is made smaller: A4 at 200 dpi.
_SMALL_SIDE = 2340
_JPEG_QUALITY = 85


def join_photos(photos: Sequence[bytes]) -> bytes:
    """One page of A4 for each photo, upright as the camera says.

    JPEGs are put in as they are; other formats, and all when they are too big together, are
    compressed anew.
    """
    import img2pdf  # noqa: PLC0415

    too_big = sum(map(len, photos)) > _MAX_BYTES
    pages = [
        photo
        if photo.startswith(b"\xff\xd8\xff") and not too_big
        else _convert_to_jpeg(photo, _SMALL_SIDE if too_big else None)
        for photo in photos
    ]
    page_size = (img2pdf.mm_to_pt(210), img2pdf.mm_to_pt(297))
    border = (img2pdf.mm_to_pt(8), img2pdf.mm_to_pt(8))
    layout = img2pdf.get_layout_fun(page_size, border=border, auto_orient=True)
    made = img2pdf.convert(pages, layout_fun=layout, rotation=img2pdf.Rotation.ifvalid)
    return bytes(made)


def _convert_to_jpeg(photo: bytes, side: int | None) -> bytes:
    import pillow_heif  # noqa: PLC0415
    from PIL import Image, ImageOps  # noqa: PLC0415

    pillow_heif.register_heif_opener()
    with Image.open(io.BytesIO(photo)) as picture:
        upright = ImageOps.exif_transpose(picture)
        if side is not None:
            upright.thumbnail((side, side))
        if upright.mode not in ("RGB", "L"):
            # A transparent background is paper.
            layered = upright.convert("RGBA")
            paper = Image.new("RGBA", layered.size, "white")
            upright = Image.alpha_composite(paper, layered).convert("RGB")
        made = io.BytesIO()
        upright.save(made, "JPEG", quality=_JPEG_QUALITY)
    return made.getvalue()
