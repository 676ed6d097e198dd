"""Sessions on the site: how they begin, how long they last, and what ends them."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.db.database import Database
from bot.db.models import WebSessionRow
from bot.domain import Account, Address, Channel
from bot.services.accounts import Accounts
from bot.services.sessions import SessionPolicy
from bot.services.web_sessions import WebSessions
from tests.support.account_services import (
    AccountServices,
    build_account_services,
    count_waiting,
    issue_password,
)
from tests.support.clock import FakeClock
from tests.support.counting_hasher import CountingHasher
from tests.support.samples import register_account

EMAIL = "ivanova@example.ru"
HOME, WORK = Address(Channel.WEB, 2**53 + 1), Address(Channel.WEB, 2**53 + 2)
CHAT = Address.from_chat(1)
POLICY = SessionPolicy(inactivity=timedelta(minutes=30), lifetime=timedelta(hours=12))


@pytest.fixture
def services(database: Database, hasher: CountingHasher, clock: FakeClock) -> AccountServices:
    return build_account_services(database, hasher, clock, POLICY)


@pytest.fixture
def web_sessions(database: Database, clock: FakeClock) -> WebSessions:
    return WebSessions(database, clock, POLICY)


@pytest.fixture
async def password(services: AccountServices, database: Database) -> str:
    await register_account(services.accounts)
    return await issue_password(services, database)


async def log_in(
    accounts: Accounts, address: Address, password: str, token: str | None = None
) -> Account:
    return await accounts.log_in(address, EMAIL, password, name="Firefox, Windows", token=token)


async def test_pages_prolong_a_session_and_silence_ends_it(
    services: AccountServices, web_sessions: WebSessions, password: str, clock: FakeClock
) -> None:
    account = await log_in(services.accounts, HOME, password, "t1")
    for _ in range(3):
        clock.advance(minutes=29)
        assert await web_sessions.find_account(HOME, "t1") == account
    clock.advance(minutes=31)
    assert await web_sessions.find_account(HOME, "t1") is None


async def test_no_session_outlives_half_a_day(
    services: AccountServices, web_sessions: WebSessions, password: str, clock: FakeClock
) -> None:
    await log_in(services.accounts, HOME, password, "t1")
    for _ in range(36):
        assert await web_sessions.find_account(HOME, "t1") is not None
        clock.advance(minutes=20)
    assert await web_sessions.find_account(HOME, "t1") is None


async def test_each_login_makes_another_token_of_one_browser(
    services: AccountServices, web_sessions: WebSessions, password: str, database: Database
) -> None:
    await log_in(services.accounts, HOME, password, "t1")
    account = await log_in(services.accounts, HOME, password, "t2")
    assert await web_sessions.find_account(HOME, "t1") is None
    assert await web_sessions.find_account(HOME, "t2") == account
    # A stolen token opens nothing in another browser, and is stored nowhere.
    assert await web_sessions.find_account(WORK, "t2") is None
    async with database.read() as tx:
        stored = await tx.connection.scalar(select(WebSessionRow.token_hash))
    assert stored == hashlib.sha256(b"t2").hexdigest()


async def test_a_new_password_logs_out_every_other_place(
    services: AccountServices, web_sessions: WebSessions, password: str
) -> None:
    accounts = services.accounts
    await log_in(accounts, HOME, password, "t1")
    await log_in(accounts, WORK, password, "t2")
    account = await log_in(accounts, CHAT, password)
    await services.passwords.change(
        account.id, HOME, await services.passwords.prepare(account.id, "синий чайник у окна")
    )
    assert await web_sessions.find_account(HOME, "t1") is not None
    assert await web_sessions.find_account(WORK, "t2") is None
    assert (await accounts.get_chat(CHAT.id)).account is None


async def test_both_doors_list_and_end_what_the_other_one_began(
    services: AccountServices, web_sessions: WebSessions, password: str, database: Database
) -> None:
    accounts = services.accounts
    account = await log_in(accounts, CHAT, password)
    await log_in(accounts, HOME, password, "t1")
    assert await count_waiting(database, "new_browser_email") == 1
    listed = await accounts.list_sessions(account.id)
    assert {one.address for one in listed} == {CHAT, HOME}
    assert await accounts.end_session(account.id, HOME)
    assert await web_sessions.find_account(HOME, "t1") is None
    assert await accounts.end_session(account.id, CHAT)
    assert await accounts.list_sessions(account.id) == []
