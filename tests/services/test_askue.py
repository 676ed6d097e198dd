"""Both gateways against servers that speak their shapes, with all that may go wrong."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from bot.integrations.askue import (
    AskueGateway,
    AskueTerms,
    LersUchet,
    MeterState,
    OneTimeSecrets,
    open_session,
)
from bot.integrations.errors import AskueFailed
from sandbox.askue import IDENTIFIER, PASSWORD, build_askue, build_lers
from tests.support.web_apps import run_app

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.fixture
async def gateway() -> AsyncIterator[AskueGateway]:
    async with run_app(build_askue()) as url, open_session(0.5) as session:
        yield AskueGateway(session, url, MOSCOW)


async def test_the_gateway_gives_exact_numbers(gateway: AskueGateway) -> None:
    first, second = await gateway.fetch_states(IDENTIFIER, PASSWORD)
    assert (first.object_name, first.meter_name) == ("ТП-12, ввод 1", "Меркурий 230 № 12345678")
    assert [str(value) for value in first.energies] == ["15234.70", "0.00", "3120.05", "14.20"]
    assert first.received_at is not None
    assert first.received_at.tzinfo is not None
    assert not first.doubtful
    assert second.active_export is None


@pytest.mark.parametrize(
    ("identifier", "password", "code"),
    [
        (IDENTIFIER, "wrong: ключ", "refused"),
        ("nobody", PASSWORD, "refused"),
        ("forbidden", PASSWORD, "refused"),
        ("busy", PASSWORD, "busy"),
        ("down", PASSWORD, "down"),
        ("away", PASSWORD, "down"),
        ("reset", PASSWORD, "down"),
        ("slow", PASSWORD, "slow"),
        ("html", PASSWORD, "strange"),
        ("huge", PASSWORD, "strange"),
        ("moved", PASSWORD, "strange"),
    ],
)
async def test_every_failure_has_its_name(
    gateway: AskueGateway, identifier: str, password: str, code: str
) -> None:
    with pytest.raises(AskueFailed) as failed:
        await gateway.fetch_states(identifier, password)
    assert failed.value.code == code
    assert password not in str(failed.value)


async def test_nothing_listens() -> None:
    async with run_app(web.Application()) as url:
        pass
    async with open_session(0.5) as session:
        with pytest.raises(AskueFailed, match="down"):
            await AskueGateway(session, url, MOSCOW).fetch_states(IDENTIFIER, PASSWORD)


async def test_missing_values_are_missing(gateway: AskueGateway) -> None:
    for state in await gateway.fetch_states("nulls", PASSWORD):
        assert state.energies == (None,) * 4
        assert state.received_at is None
        assert not state.doubtful
    assert await gateway.fetch_states("none", PASSWORD) == ()


async def test_absurd_values_are_left_out_and_the_rest_stays(gateway: AskueGateway) -> None:
    first, second, third = await gateway.fetch_states("absurd", PASSWORD)
    assert first.doubtful
    assert first.energies == (None, None, Decimal("3120.05"), Decimal("14.20"))
    assert second.doubtful
    assert second.received_at is None
    assert len(second.meter_name) == 201
    assert third.active_import == Decimal("12.5")
    assert third.received_at == datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    assert not third.doubtful


async def test_many_meters_come_in_their_order(gateway: AskueGateway) -> None:
    states = await gateway.fetch_states("many", PASSWORD)
    assert [one.meter_name[-3:] for one in states] == [f"{number:03}" for number in range(500)]


async def test_lers_speaks_its_published_interface() -> None:
    async with run_app(build_lers()) as url, open_session(2) as session:
        lers = LersUchet(session, f"{url}/api/v1", MOSCOW, 2)
        first, second = await lers.fetch_states(IDENTIFIER, PASSWORD)
        assert (first.object_name, first.meter_name) == ("ТП-12", "Ввод 1 № 12345678")
        assert first.energies == (Decimal("15234.7"), Decimal(0), None, None)
        assert first.doubtful
        assert first.received_at == datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
        assert second.meter_name == "Ввод 2"
        assert second.energies == (None,) * 4
        with pytest.raises(AskueFailed, match="refused"):
            await lers.fetch_states(IDENTIFIER, "wrong")


@pytest.mark.parametrize(
    ("totals", "wanted"),
    [
        ({"39": None}, (None,) * 4),
        ({}, (None,) * 4),
        ({"39": []}, (None,) * 4),
        ({"39": {"dateTime": None, "values": None}}, (None,) * 4),
        ({"39": {"values": [None, {"dataParameter": None, "value": 1}, "rubbish"]}}, (None,) * 4),
        (
            {"39": {"values": [None, {"dataParameter": "Ap", "value": 7, "isBad": None}]}},
            (Decimal(7), None, None, None),
        ),
        (
            {"39": {"values": [{"dataParameter": "Ap", "value": None}, {"dataParameter": "An"}]}},
            (None,) * 4,
        ),
        (
            {
                "39": {
                    "values": [
                        {"dataParameter": "Ap", "value": 7},
                        {"dataParameter": 5, "value": 8},
                        {"dataParameter": "Rp", "value": 9, "isBad": True},
                    ]
                }
            },
            (Decimal(7), None, None, None),
        ),
    ],
)
async def test_one_strange_point_of_lers_hides_no_other(
    totals: dict[str, Any], wanted: tuple[Decimal | None, ...]
) -> None:
    good = {"values": [{"dataParameter": "Ap", "value": 1.5, "isBad": False}]}
    async with run_app(build_lers({**totals, "41": good})) as url, open_session(2) as session:
        first, second = await LersUchet(session, f"{url}/api/v1", MOSCOW, 2).fetch_states(
            IDENTIFIER, PASSWORD
        )
    assert first.energies == wanted
    assert second.energies == (Decimal("1.5"), None, None, None)
    assert not second.doubtful


async def test_a_strange_point_or_device_of_lers_hides_no_other() -> None:
    points = [None, {"id": None}, {"id": 1, "title": None, "counterId": "x", "systemType": 5}]
    app = build_lers(points=points, equipment=[None, {"id": 7}, {"serialNumber": "5"}])
    async with run_app(app) as url, open_session(2) as session:
        (only,) = await LersUchet(session, f"{url}/api/v1", MOSCOW, 2).fetch_states(
            IDENTIFIER, PASSWORD
        )
    assert (only.meter_name, only.energies) == ("", (None,) * 4)


def test_old_data_is_stale() -> None:
    terms = AskueTerms(active_unit="", reactive_unit="", stale_after=timedelta(hours=24))
    now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def build_state(hours: float | None) -> MeterState:
        return MeterState(
            object_name="",
            meter_name="",
            active_import=None,
            active_export=None,
            reactive_import=None,
            reactive_export=None,
            received_at=None if hours is None else now - timedelta(hours=hours),
        )

    assert [terms.is_stale(build_state(hours), now) for hours in (None, 24, 24.1)] == [
        False,
        False,
        True,
    ]


async def test_a_password_is_given_out_once() -> None:
    passwords = OneTimeSecrets(lifetime=0)
    passwords.put("a", "first")
    passwords.put("a", "second")
    assert passwords.take("a") == "second"
    assert passwords.take("a") is None
