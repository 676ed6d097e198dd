"""ASKUE: the company's system that reads meters from afar. Section 5 of the contract.

Identifier and password belong to the consumer: they are used for one call and kept nowhere.
"""

import asyncio
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from aiohttp import (
    ClientError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    encode_basic_auth,
)
from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from bot.fsm.field_types import clean_text
from bot.integrations.errors import AskueFailed

T = TypeVar("T", bound=BaseModel)
V = TypeVar("V")

#: Thousands of meters fit; a gateway that sends more is out of order.
_ANSWER_BYTES = 4 * 1024**2
_CONNECT_SECONDS = 5.0
_NAME_LENGTH = 200
#: kWh that no meter can show.
_ABSURD = Decimal(10) ** 12
#: In place of a value that its own system does not trust.
_BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterState:
    """What a meter showed when it was last read; None: not known. Energy as the system gives it.

    ``doubtful``: something that came was no number that a meter shows, and was left out. With
    ``day`` set, the energies are not what the meter showed but what passed on that day;
    ``gaps`` half-hours of it are not in them.
    """

    object_name: str
    meter_name: str
    active_import: Decimal | None
    active_export: Decimal | None
    reactive_import: Decimal | None
    reactive_export: Decimal | None
    received_at: datetime | None
    doubtful: bool = False
    day: date | None = None
    gaps: int = 0

    @property
    def energies(self) -> tuple[Decimal | None, ...]:
        return (
            self.active_import,
            self.active_export,
            self.reactive_import,
            self.reactive_export,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AskueTerms:
    """How a company shows its data: units, and the age at which it is stale."""

    active_unit: str
    reactive_unit: str
    stale_after: timedelta

    def is_stale(self, state: MeterState, now: datetime) -> bool:
        return state.received_at is not None and now - state.received_at > self.stale_after


class AskueClient(Protocol):
    async def fetch_states(self, identifier: str, password: str) -> tuple[MeterState, ...]:
        """The consumer's meters; raises AskueFailed."""
        ...


def open_session(timeout: float) -> ClientSession:
    """The one session for all consumers; ``timeout`` is in seconds, for a whole call."""
    return ClientSession(
        connector=TCPConnector(limit=200),
        timeout=ClientTimeout(total=timeout, sock_connect=_CONNECT_SECONDS),
        # A gateway's cookie would make the next consumer the former one.
        cookie_jar=DummyCookieJar(),
    )


class AskueGateway:
    """The interface of the contract's section 5."""

    def __init__(self, session: ClientSession, url: str, timezone: ZoneInfo) -> None:
        self._session = session
        self._url = url
        self._timezone = timezone

    async def fetch_states(self, identifier: str, password: str) -> tuple[MeterState, ...]:
        headers = {"Authorization": encode_basic_auth(identifier, password, "utf-8")}
        answer = await _ask(
            self._session, "GET", f"{self._url}/readings", _GatewayAnswer, headers=headers
        )
        return tuple(self._to_state(one) for one in answer.readings)

    def _to_state(self, one: "_GatewayReading") -> MeterState:
        energies = [
            one.active_import,
            one.active_export,
            one.reactive_import,
            one.reactive_export,
        ]
        return _build_state(
            one.object_name, one.meter_name, energies, one.received_at, self._timezone
        )


class LersUchet:
    """ЛЭРС УЧЁТ: its published REST interface (docs.lers.ru/dev/rest), version 1.

    The base address ends with ``/api/v1``. Integrators of all points come in one answer; active
    and reactive energy, plus and minus, are ``Ap``, ``An``, ``Rp`` and ``Rn``.
    """

    def __init__(
        self, session: ClientSession, url: str, timezone: ZoneInfo, timeout: float
    ) -> None:
        self._session = session
        self._url = url
        self._timezone = timezone
        self._timeout = timeout

    async def fetch_states(self, identifier: str, password: str) -> tuple[MeterState, ...]:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._fetch_points(identifier, password)
        except TimeoutError:
            raise AskueFailed("slow") from None

    async def _fetch_points(self, identifier: str, password: str) -> tuple[MeterState, ...]:
        login = {"login": identifier, "password": password, "application": "Cabinet"}
        token = (await self._ask("POST", "Login", _LersToken, json=login)).token
        headers = {"Authorization": f"Bearer {token}"}
        points = await self._ask("GET", "Core/MeasurePoints", _LersPoints, headers=headers)
        equipment = await self._ask("GET", "Core/Equipment", _LersEquipment, headers=headers)
        totals = await self._ask(
            "GET", "Data/MeasurePoints/Totals/Last", _LersTotals, headers=headers
        )
        serials = {one.id: one.serial_number for one in equipment.list if one}
        return tuple(
            self._fetch_state(point, serials.get(point.counter_id or 0), totals.get_total(point.id))
            for point in points.points
            if point and point.system_type in {None, "Electricity"}
        )

    async def _ask(self, method: str, path: str, model: type[T], **options: Any) -> T:
        return await _ask(self._session, method, f"{self._url}/{path}", model, **options)

    def _fetch_state(
        self, point: "_LersPoint", serial: str | None, total: "_LersTotal | None"
    ) -> MeterState:
        sent = (total and total.values) or []
        values = {one.parameter: one for one in sent if one}
        energies = [
            None if one is None else _BAD if one.is_bad else one.value
            for one in map(values.get, ("Ap", "An", "Rp", "Rn"))
        ]
        place, _, _ = point.full_title.partition(" - ")
        name = f"{point.title} № {serial}" if serial else point.title
        moment = total.moment if total else None
        return _build_state(place or point.title, name, energies, moment, self._timezone)


def _clean_name(value: Any) -> str:
    return clean_text(value) if isinstance(value, str) else ""


def _accept_strange(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


_Text = Annotated[str, BeforeValidator(_clean_name)]
#: Where one strange or missing thing must not hide the others, it is None.
_Lenient = Annotated[V | None, WrapValidator(_accept_strange)]


class _GatewayReading(BaseModel):
    """Values are read one by one: an absurd one must not hide the others."""

    object_name: _Text = ""
    meter_name: _Text = ""
    active_import: Any = None
    active_export: Any = None
    reactive_import: Any = None
    reactive_export: Any = None
    received_at: Any = None


class _GatewayAnswer(BaseModel):
    readings: list[_GatewayReading]


class _LersToken(BaseModel):
    token: str = Field(min_length=1)


class _LersPoint(BaseModel):
    id: int
    title: _Text = ""
    full_title: _Text = Field("", alias="fullTitle")
    counter_id: _Lenient[int] = Field(None, alias="counterId")
    system_type: _Lenient[str] = Field(None, alias="systemType")


class _LersPoints(BaseModel):
    points: list[_Lenient[_LersPoint]] = Field(alias="measurePoints")


class _LersDevice(BaseModel):
    id: int
    serial_number: _Text = Field("", alias="serialNumber")


class _LersEquipment(BaseModel):
    list: list[_Lenient[_LersDevice]]


class _LersValue(BaseModel):
    parameter: _Lenient[str] = Field(None, alias="dataParameter")
    value: Any = None
    is_bad: _Lenient[bool] = Field(None, alias="isBad")


class _LersTotal(BaseModel):
    moment: Any = Field(None, alias="dateTime")
    values: _Lenient[list[_Lenient[_LersValue]]] = None


class _LersTotals(BaseModel, extra="allow"):
    """By the id of a point."""

    __pydantic_extra__: dict[str, _Lenient[_LersTotal]]

    def get_total(self, point_id: int) -> _LersTotal | None:
        return self.__pydantic_extra__.get(str(point_id))


async def _ask(session: ClientSession, method: str, url: str, model: type[T], **options: Any) -> T:
    body = await fetch_body(session, method, url, limit=_ANSWER_BYTES, **options)
    try:
        return await asyncio.to_thread(_read, body, model)
    except (ValidationError, ValueError, RecursionError):
        raise AskueFailed("strange") from None


async def fetch_body(
    session: ClientSession, method: str, url: str, *, limit: int, **options: Any
) -> bytes:
    """The body of an answer of at most ``limit`` bytes; raises AskueFailed."""
    try:
        async with session.request(method, url, allow_redirects=False, **options) as answer:
            if answer.status in {401, 403}:
                raise AskueFailed("refused")
            if answer.status == 429:
                raise AskueFailed("busy")
            if answer.status != 200:
                raise AskueFailed("down" if answer.status >= 500 else "strange")
            body = bytearray()
            async for chunk in answer.content.iter_chunked(2**16):
                body += chunk
                if len(body) > limit:
                    raise AskueFailed("strange")
            return bytes(body)
    except TimeoutError:
        raise AskueFailed("slow") from None
    except (ClientError, OSError):
        # What aiohttp says may hold the address, and with it a password.
        raise AskueFailed("down") from None


def _read(body: bytes, model: type[T]) -> T:
    return model.model_validate(json.loads(body, parse_float=Decimal))


def _build_state(
    object_name: str,
    meter_name: str,
    energies: list[Any],
    moment: Any,
    timezone: ZoneInfo,
) -> MeterState:
    known = [_parse_energy(value) for value in energies]
    return MeterState(
        object_name=shorten_name(object_name),
        meter_name=shorten_name(meter_name),
        active_import=known[0],
        active_export=known[1],
        reactive_import=known[2],
        reactive_export=known[3],
        received_at=_parse_moment(moment, timezone),
        doubtful=any(
            value is not None and number is None
            for value, number in zip(energies, known, strict=True)
        ),
    )


def _parse_energy(value: Any) -> Decimal | None:
    """None for what is missing, and for what no meter shows."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number < _ABSURD else None


def _parse_moment(value: Any, timezone: ZoneInfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone)


def shorten_name(name: str) -> str:
    return name if len(name) <= _NAME_LENGTH else f"{name[:_NAME_LENGTH]}…"


class OneTimeSecrets:
    """Answers between the question and the call: in memory, for minutes, and given out once."""

    def __init__(self, lifetime: float = 600.0) -> None:
        """``lifetime`` in seconds."""
        self._lifetime = lifetime
        self._kept: dict[str, tuple[str, asyncio.TimerHandle]] = {}

    def put(self, draft_id: str, secret: str) -> None:
        self.take(draft_id)
        timer = asyncio.get_running_loop().call_later(self._lifetime, self.take, draft_id)
        self._kept[draft_id] = (secret, timer)

    def take(self, draft_id: str) -> str | None:
        secret, timer = self._kept.pop(draft_id, (None, None))
        if timer is not None:
            timer.cancel()
        return secret
