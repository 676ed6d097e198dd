"""Login by the Mini App: of the chat's own account, once for each launch, in a known browser."""

import asyncio
import json
from itertools import count

import pytest
from sqlalchemy import select

from bot.db.database import Database
from bot.db.models import OneTimeTokenRow
from bot.domain import Account, Address, Channel
from bot.services.erasure import erase_account
from bot.services.mini_app import LAUNCHES, LIFETIME, LaunchRefused, MiniApp, Opening
from bot.services.sessions import SessionPolicy
from bot.services.web_sessions import WebSessions
from sandbox.bot_api.web_apps import sign_init_data
from tests.support.account_services import (
    EMAIL,
    AccountServices,
    build_account_services,
    count_waiting,
    issue_password,
)
from tests.support.clock import FakeClock
from tests.support.counting_hasher import CountingHasher
from tests.support.samples import register_account

TOKEN = "123456:ABC-def"
CHAT = Address.from_chat(1001)
PHONE, OTHER, THIRD = (Address(Channel.WEB, 2**53 + number) for number in (1, 2, 3))
NAME = "Chrome, Android"


class Launcher:
    """A person who opens the Mini App; two processes serve it in turn."""

    def __init__(self, services: AccountServices, database: Database, clock: FakeClock) -> None:
        self.clock = clock
        self._apps = [MiniApp(database, clock, services.accounts, TOKEN) for _ in range(2)]
        self._numbers = count()

    def sign(self, chat_id: int = CHAT.id) -> str:
        fields = {
            "query_id": f"{next(self._numbers)}",
            "user": json.dumps({"id": chat_id, "first_name": "Анна"}),
            "auth_date": f"{int(self.clock.now().timestamp())}",
        }
        return sign_init_data(TOKEN, fields)

    async def open(
        self,
        init_data: str | None = None,
        browser: Address = PHONE,
        *,
        token: str = "t1",
        confirmed: int | None = None,
    ) -> Opening:
        return await self._apps[next(self._numbers) % 2].log_in(
            init_data or self.sign(), browser, name=NAME, session_token=token, confirmed=confirmed
        )


@pytest.fixture
def services(database: Database, hasher: CountingHasher, clock: FakeClock) -> AccountServices:
    return build_account_services(database, hasher, clock)


@pytest.fixture
def web_sessions(database: Database, clock: FakeClock) -> WebSessions:
    return WebSessions(database, clock, SessionPolicy())


@pytest.fixture
def launcher(services: AccountServices, database: Database, clock: FakeClock) -> Launcher:
    return Launcher(services, database, clock)


@pytest.fixture
async def account(services: AccountServices, database: Database) -> Account:
    """Of the chat, which is logged in to it."""
    await register_account(services.accounts)
    return await services.accounts.log_in(CHAT, EMAIL, await issue_password(services, database))


async def refuse(launcher: Launcher, init_data: str, confirmed: int | None = None) -> str:
    with pytest.raises(LaunchRefused) as refused:
        await launcher.open(init_data, confirmed=confirmed)
    return refused.value.code


async def test_a_new_browser_is_asked_and_a_known_one_is_not(
    launcher: Launcher,
    services: AccountServices,
    web_sessions: WebSessions,
    account: Account,
    database: Database,
) -> None:
    launch = launcher.sign()
    assert await launcher.open(launch) == Opening(account, logged_in=False)
    assert await web_sessions.find_account(PHONE, "t1") is None
    # Another account was confirmed meanwhile: asked again.
    assert not (await launcher.open(launch, confirmed=account.id + 1)).logged_in
    # The question has used nothing up.
    assert (await launcher.open(launch, confirmed=account.id)).logged_in
    assert await web_sessions.find_account(PHONE, "t1") is not None
    assert await count_waiting(database, "new_browser_email") == 1
    assert (await launcher.open(token="t2")).logged_in
    assert await web_sessions.find_account(PHONE, "t1") is None
    assert await web_sessions.find_account(PHONE, "t2") is not None
    names = [one.name for one in await services.accounts.list_sessions(account.id)]
    assert f"Telegram Mini App, {NAME}" in names
    # Who ends the session there is asked again afterwards.
    assert await services.accounts.end_session(account.id, PHONE)
    assert not (await launcher.open()).logged_in


async def test_a_launch_logs_in_once_in_whatever_process(
    launcher: Launcher, account: Account, database: Database
) -> None:
    launch = launcher.sign()
    tried = await asyncio.gather(
        *(launcher.open(launch, one, confirmed=account.id) for one in (PHONE, OTHER)),
        return_exceptions=True,
    )
    assert {type(one) for one in tried} == {LaunchRefused, Opening}
    assert await refuse(launcher, launch, confirmed=account.id) == "used"
    # Until it is too old, and it is not stored as it came.
    launcher.clock.advance(seconds=LIFETIME.total_seconds() - 1)
    assert await refuse(launcher, launch, confirmed=account.id) == "used"
    launcher.clock.advance(seconds=1)
    assert await refuse(launcher, launch, confirmed=account.id) == "expired"
    async with database.read() as tx:
        stored = await tx.connection.scalar(select(OneTimeTokenRow.token_hash))
    assert stored is not None
    assert stored not in launch


async def test_a_chat_that_is_logged_out_is_a_guest_and_ends_the_session(
    launcher: Launcher,
    services: AccountServices,
    web_sessions: WebSessions,
    account: Account,
    database: Database,
) -> None:
    await services.accounts.log_out(CHAT)
    async with database.begin() as tx:
        await services.accounts.link(tx, PHONE, account, NAME, "t1")
    launch = launcher.sign()
    assert await launcher.open(launch) == Opening(None, logged_in=False)
    assert await web_sessions.find_account(PHONE, "t1") is None
    assert await refuse(launcher, launch) == "used"
    assert await launcher.open(launcher.sign(CHAT.id + 1)) == Opening(None, logged_in=False)


@pytest.mark.parametrize("elsewhere", [False, True], ids=["in the chat", "from the list"])
async def test_a_session_ends_with_the_login_of_its_chat(
    launcher: Launcher,
    services: AccountServices,
    web_sessions: WebSessions,
    account: Account,
    database: Database,
    elsewhere: bool,
) -> None:
    await register_account(services.accounts, email="other@example.ru")
    async with database.begin() as tx:
        other = await tx.accounts.get_by_email("other@example.ru")
        assert other is not None
        await services.accounts.link(tx, Address.from_chat(1002), other, "Борис")
        await services.accounts.link(tx, THIRD, account, NAME, "t3")
    assert (await launcher.open(confirmed=account.id)).logged_in
    opened = await launcher.open(launcher.sign(1002), OTHER, token="t2", confirmed=other.id)
    assert opened.logged_in
    if elsewhere:
        assert await services.accounts.end_session(account.id, CHAT)
    else:
        await services.accounts.log_out(CHAT)
    assert await web_sessions.find_account(PHONE, "t1") is None
    # Neither another person's nor a browser where the password was typed.
    assert await web_sessions.find_account(OTHER, "t2") is not None
    assert await web_sessions.find_account(THIRD, "t3") is not None


async def test_a_browser_of_another_account_is_asked(
    launcher: Launcher, services: AccountServices, account: Account, database: Database
) -> None:
    """Two people at one device: nobody is led into the other one's account unawares."""
    assert (await launcher.open(confirmed=account.id)).logged_in
    await register_account(services.accounts, email="other@example.ru")
    async with database.begin() as tx:
        other = await tx.accounts.get_by_email("other@example.ru")
        assert other is not None
        await services.accounts.link(tx, PHONE, other, NAME, "t3")
    assert await launcher.open() == Opening(account, logged_in=False)


async def test_a_new_password_and_the_erasure_end_it(
    launcher: Launcher,
    services: AccountServices,
    web_sessions: WebSessions,
    account: Account,
    database: Database,
) -> None:
    assert (await launcher.open(confirmed=account.id)).logged_in
    prepared = await services.passwords.prepare(account.id, "синий чайник у окна")
    await services.passwords.change(account.id, CHAT, prepared)
    assert await web_sessions.find_account(PHONE, "t1") is None
    assert (await launcher.open(confirmed=account.id)).logged_in
    async with database.begin() as tx:
        await erase_account(tx, account, launcher.clock.now())
    assert await web_sessions.find_account(PHONE, "t1") is None
    assert await launcher.open(confirmed=account.id) == Opening(None, logged_in=False)


async def test_launches_of_a_chat_are_limited(launcher: Launcher, account: Account) -> None:
    for _ in range(LAUNCHES.times):
        assert (await launcher.open(confirmed=account.id)).logged_in
    assert await refuse(launcher, launcher.sign(), confirmed=account.id) == "often"
    assert not (await launcher.open(launcher.sign(CHAT.id + 1))).logged_in
    launcher.clock.advance(seconds=LAUNCHES.seconds)
    assert (await launcher.open(confirmed=account.id)).logged_in
