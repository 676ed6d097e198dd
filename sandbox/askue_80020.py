"""Messages of the class 80020 as metering systems make them, and a server with the newest one.

They have half-hours, mostly of whole kWh, and are written in Windows-1251.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from xml.sax.saxutils import escape, quoteattr

from aiohttp import web

#: What stands for a half-hour: a value, or attributes of ``value`` and a value.
HalfHour = int | str | tuple[str, str]


def build_message(
    day: date,
    points: Mapping[str, Mapping[str, Sequence[HalfHour]]],
    *,
    area: tuple[str, str] = ("7701234567", "ТП-12"),
    formed: str = "",
    clock: str = "0",
    encoding: str = "windows-1251",
    minutes: int = 30,
) -> bytes:
    """``points``: by ``code name`` the values of each channel, from midnight on.

    ``area``: its INN and name. ``formed``: the moment of forming, ``YYYYMMDDhhmmss``.
    """
    inn, name = area
    body = "".join(_build_point(point, channels, minutes) for point, channels in points.items())
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n'
        '<message class="80020" version="2" number="1">\n'
        f"<datetime><timestamp>{formed or f'{day:%Y%m%d}233000'}</timestamp>"
        f"<daylightsavingtime>{clock}</daylightsavingtime><day>{day:%Y%m%d}</day></datetime>\n"
        f"<sender><inn>{inn}</inn><name>Сбытовая компания</name></sender>\n"
        f"<area><inn>{inn}</inn><name>{escape(name)}</name>\n{body}</area>\n</message>\n"
    ).encode(encoding)


def _build_point(point: str, channels: Mapping[str, Sequence[HalfHour]], minutes: int) -> str:
    code, _, name = point.partition(" ")
    lines = [f"<measuringpoint code={quoteattr(code)} name={quoteattr(name)}>"]
    for number, values in channels.items():
        lines.append(f'<measuringchannel code="{number}" desc="энергия">')
        for at, value in enumerate(values):
            attributes, text = value if isinstance(value, tuple) else ('status="0"', value)
            start, end = _write_time(at * minutes), _write_time((at + 1) * minutes)
            lines.append(
                f'<period start="{start}" end="{end}"><value {attributes}>{text}</value></period>'
            )
        lines.append("</measuringchannel>")
    return "\n".join([*lines, "</measuringpoint>\n"])


def _write_time(minute: int) -> str:
    hour, minute = divmod(minute, 60)
    return f"{hour % 24:02}{minute:02}"


def build_exchange(message: bytes, token: str) -> web.Application:
    """Gives the message to those who send the token."""

    async def get_message(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {token}":
            raise web.HTTPUnauthorized
        return web.Response(body=message, content_type="application/xml")

    app = web.Application()
    app.router.add_get("/80020.xml", get_message)
    return app
