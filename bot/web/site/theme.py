"""The company's colour as CSS, readable on light and on dark ground whatever it is."""

_LIGHT_GROUND = "#ffffff"
_DARK_GROUND = "#1b2129"
_INK = "#14181d"
#: WCAG 2.2, 1.4.3: of text. It holds for buttons and links, which have no larger letters.
_CONTRAST = 4.5
_STEPS = 40


def build_theme(color: str) -> str:
    """``color`` is ``#rrggbb``; links get a shade of it that can be read."""
    ink = "#ffffff" if compute_contrast(color, "#ffffff") >= _CONTRAST else _INK
    light = _make_readable(color, "#000000", _LIGHT_GROUND)
    dark = _make_readable(color, "#ffffff", _DARK_GROUND)
    return (
        f":root{{--brand:{color};--on-brand:{ink};--link:{light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{--link:{dark}}}}}\n"
    )


def compute_contrast(one: str, other: str) -> float:
    """The ratio of WCAG, from 1 to 21."""
    lighter, darker = sorted((_compute_luminance(one), _compute_luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _make_readable(color: str, towards: str, ground: str) -> str:
    for step in range(_STEPS):
        mixed = "#" + "".join(
            f"{round(a + (b - a) * step / _STEPS):02x}"
            for a, b in zip(_split(color), _split(towards), strict=True)
        )
        if compute_contrast(mixed, ground) >= _CONTRAST:
            return mixed
    return towards


def _compute_luminance(color: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in _split(color))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _split(color: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue
