"""ASKUE queries beside conversations: one for a chat, cancelled, failed, and kept for a while."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.domain import Address
from bot.integrations.askue import MeterState
from bot.integrations.errors import AskueFailed
from bot.services.askue_queries import AskueQueries, AskueTable
from bot.services.errors import CredentialsGone
from tests.support.clock import FakeClock

CHAT, OTHER_CHAT, ACCOUNT = Address.from_chat(70), Address.from_chat(71), 1
STATE = MeterState(
    object_name="ТП-12",
    meter_name="№ 1",
    active_import=None,
    active_export=None,
    reactive_import=None,
    reactive_export=None,
    received_at=None,
)


class FakeGateway:
    """Answers when its ``gate`` opens, in the way that the identifier names."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked: list[tuple[str, str]] = []

    async def fetch_states(self, identifier: str, password: str) -> tuple[MeterState, ...]:
        self.asked.append((identifier, password))
        await self.gate.wait()
        if identifier == "busy":
            raise AskueFailed("busy")
        if identifier == "broken":
            raise ZeroDivisionError
        return (STATE,)


class Watcher:
    """Listens to one query and remembers what it would show."""

    def __init__(self) -> None:
        self.shown: list[AskueTable | str] = []
        self.done = asyncio.Event()
        self.progress = "none"

    async def show_progress(self) -> None:
        self.progress = "shown"
        try:
            await asyncio.Event().wait()
        finally:
            self.progress = "ended"

    async def show_table(self, table: AskueTable) -> None:
        self._show(table)

    async def show_failure(self, code: str) -> None:
        self._show(code)

    def _show(self, outcome: AskueTable | str) -> None:
        self.shown.append(outcome)
        self.done.set()


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
async def queries(gateway: FakeGateway, clock: FakeClock) -> AsyncIterator[AskueQueries]:
    made = AskueQueries(gateway, clock)
    yield made
    await made.close()


async def finished(
    queries: AskueQueries, identifier: str = "plant", chat: Address = CHAT
) -> Watcher:
    watcher = Watcher()
    queries.start(chat, ACCOUNT, identifier, "тайна", watcher)
    await asyncio.wait_for(watcher.done.wait(), 5)
    return watcher


async def test_the_table_is_shown_and_kept(
    queries: AskueQueries, gateway: FakeGateway, clock: FakeClock
) -> None:
    watcher = await finished(queries)
    table = queries.get_table(CHAT, ACCOUNT)
    assert watcher.shown == [table]
    assert table is not None
    assert (table.states, table.at) == ((STATE,), clock.now())
    assert gateway.asked == [("plant", "тайна")]
    assert queries.get_table(CHAT, ACCOUNT + 1) is None
    assert queries.get_table(OTHER_CHAT, ACCOUNT) is None
    clock.advance(minutes=31)
    assert queries.get_table(CHAT, ACCOUNT) is None


@pytest.mark.parametrize(("identifier", "code"), [("busy", "busy"), ("broken", "strange")])
async def test_failures_are_shown(queries: AskueQueries, identifier: str, code: str) -> None:
    assert (await finished(queries, identifier)).shown == [code]
    assert queries.get_table(CHAT, ACCOUNT) is None


async def test_a_chat_has_one_query(queries: AskueQueries, gateway: FakeGateway) -> None:
    gateway.gate.clear()
    first, second, other = Watcher(), Watcher(), Watcher()
    queries.start(OTHER_CHAT, ACCOUNT, "plant", "тайна", other)
    queries.start(CHAT, ACCOUNT, "plant", "тайна", first)
    queries.start(CHAT, ACCOUNT, "plant", "тайна", second)
    await run_tasks()
    assert queries.is_running(CHAT)
    assert second.progress == "shown"
    gateway.gate.set()
    await asyncio.wait_for(asyncio.gather(second.done.wait(), other.done.wait()), 5)
    await run_tasks()
    assert first.shown == []
    assert second.progress == "ended"
    assert not queries.is_running(CHAT)


async def test_a_cancelled_query_shows_nothing(queries: AskueQueries, gateway: FakeGateway) -> None:
    gateway.gate.clear()
    watcher = Watcher()
    queries.start(CHAT, ACCOUNT, "plant", "тайна", watcher)
    queries.cancel(CHAT)
    assert not queries.is_running(CHAT)
    gateway.gate.set()
    await finished(queries, chat=OTHER_CHAT)
    assert watcher.shown == []


async def test_closing_shows_that_the_gateway_is_away(
    queries: AskueQueries, gateway: FakeGateway
) -> None:
    gateway.gate.clear()
    watcher = Watcher()
    queries.start(CHAT, ACCOUNT, "plant", "тайна", watcher)
    await run_tasks()
    assert gateway.asked
    await queries.close()
    assert watcher.shown == ["down"]
    assert not queries.is_running(CHAT)


async def run_tasks() -> None:
    """Lets the tasks that were started run until they wait."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_credentials_are_given_once_and_together(queries: AskueQueries) -> None:
    queries.keep_password("draft", "тайна")
    with pytest.raises(CredentialsGone):
        queries.take_credentials("draft")
    queries.keep_identifier("draft", "1234567")
    queries.keep_password("draft", "тайна")
    assert queries.take_credentials("draft") == ("1234567", "тайна")
    with pytest.raises(CredentialsGone):
        queries.take_credentials("draft")


async def test_without_a_gateway_nothing_is_asked(clock: FakeClock) -> None:
    queries = AskueQueries(None, clock)
    queries.start(CHAT, ACCOUNT, "plant", "тайна", Watcher())
    assert not queries.is_connected
    assert not queries.is_running(CHAT)
