"""Nobody can be locked out, and nobody learns which emails are known; on both databases."""

import asyncio
from collections.abc import Awaitable

import pytest
from sqlalchemy import select

from bot.db.database import Database
from bot.db.models import LoginAttemptsRow
from bot.domain import Account, Address
from bot.services.accounts import Accounts
from bot.services.errors import (
    CodeRefused,
    LoginCodeNeeded,
    LoginDelayed,
    LoginRefused,
    PasswordRefused,
)
from tests.support.account_services import (
    EMAIL,
    AccountServices,
    count_waiting,
    get_account,
    issue_password,
    read_code,
)
from tests.support.clock import FakeClock
from tests.support.counting_hasher import CountingHasher
from tests.support.statement_recorder import record_statements

UNKNOWN = "nobody@example.ru"
OWNER, PHONE, GUESSER, STRANGER = (Address.from_chat(one) for one in (1, 2, 66, 67))
WRONG = "a wrong one"


async def find_outcome(attempt: Awaitable[object]) -> str:
    """What a person sees."""
    try:
        await attempt
    except LoginDelayed as delay:
        return f"delayed {delay.seconds}"
    except (LoginRefused, LoginCodeNeeded) as refused:
        return type(refused).__name__
    return "in"


async def guess_password(accounts: Accounts, clock: FakeClock, email: str, times: int) -> None:
    """Wrong passwords from one chat as fast as it may."""
    for _ in range(times):
        try:
            await accounts.log_in(GUESSER, email, WRONG)
        except LoginRefused:
            continue
        except LoginDelayed as delay:
            clock.moment = delay.until


# --- the owner ---------------------------------------------------------------------------------


async def test_a_guesser_never_keeps_the_owner_out(
    account_services: AccountServices, accounts: Accounts, database: Database, clock: FakeClock
) -> None:
    """The attack of the review: wrong passwords from one chat, all day long."""
    password = await issue_password(account_services, database)
    account = await accounts.log_in(OWNER, EMAIL, password)
    for _ in range(2):
        await guess_password(accounts, clock, EMAIL, 60)
        await accounts.log_out(OWNER)
        assert await accounts.log_in(OWNER, EMAIL, password) == account
        # Who is logged in can change the password, too.
        await accounts.check_password(account.id, OWNER, password)
        # A new phone needs the code from the letter, and no more.
        with pytest.raises(LoginCodeNeeded):
            await accounts.log_in(PHONE, EMAIL, password)
        code = await read_code(account_services, database)
        assert await accounts.confirm_login(PHONE, EMAIL, code) == account
        await accounts.end_session(account.id, PHONE)
        clock.advance(hours=1)


async def test_the_right_password_waits_as_well_where_it_was_guessed(
    account_services: AccountServices, accounts: Accounts, database: Database, clock: FakeClock
) -> None:
    password = await issue_password(account_services, database)
    for _ in range(3):
        with pytest.raises(LoginRefused):
            await accounts.log_in(GUESSER, EMAIL, WRONG)
    with pytest.raises(LoginDelayed):
        await accounts.log_in(GUESSER, EMAIL, password)
    assert await find_outcome(accounts.log_in(OWNER, EMAIL.upper().lower(), password)) == "in"
    clock.advance(seconds=30)
    await accounts.log_in(GUESSER, EMAIL, password)


async def test_an_old_password_is_not_guessed_either(
    account_services: AccountServices, accounts: Accounts, database: Database
) -> None:
    password = await issue_password(account_services, database)
    account = await accounts.log_in(OWNER, EMAIL, password)
    for _ in range(3):
        with pytest.raises(PasswordRefused, match="old-password"):
            await accounts.check_password(account.id, OWNER, WRONG)
    with pytest.raises(LoginDelayed):
        await accounts.check_password(account.id, OWNER, password)
    # The same owner's other phone does not wait.
    await accounts.check_password(account.id, PHONE, password)


async def test_success_forgives_the_mistakes_of_this_chat(
    account_services: AccountServices, accounts: Accounts, database: Database
) -> None:
    password = await issue_password(account_services, database)
    for _ in range(3):
        for _ in range(2):
            with pytest.raises(LoginRefused):
                await accounts.log_in(OWNER, EMAIL, WRONG)
        await accounts.log_in(OWNER, EMAIL, password)
        # Mistakes with any email still count for the chat.
        async with database.begin() as tx:
            await tx.login_attempts.clear(f"chat:{OWNER.id}")


# --- guessers ----------------------------------------------------------------------------------


async def test_guesses_at_many_emails_count_together(accounts: Accounts) -> None:
    for number in (1, 2, 3):
        with pytest.raises(LoginRefused):
            await accounts.log_in(GUESSER, f"{number}@example.ru", WRONG)
    with pytest.raises(LoginDelayed):
        await accounts.log_in(GUESSER, "4@example.ru", WRONG)


async def test_ones_own_account_buys_no_guesses_at_others(
    account_services: AccountServices, accounts: Accounts, database: Database
) -> None:
    password = await issue_password(account_services, database)
    for number in (1, 2, 3):
        with pytest.raises(LoginRefused):
            await accounts.log_in(GUESSER, f"{number}@example.ru", WRONG)
        if number < 3:
            await accounts.log_in(GUESSER, EMAIL, password)
    with pytest.raises(LoginDelayed):
        await accounts.log_in(GUESSER, "4@example.ru", WRONG)


async def test_parallel_guesses_are_no_cheaper(
    account_services: AccountServices,
    accounts: Accounts,
    database: Database,
    hasher: CountingHasher,
) -> None:
    await issue_password(account_services, database)
    tries = (find_outcome(accounts.log_in(GUESSER, EMAIL, WRONG)) for _ in range(20))
    results = await asyncio.gather(*tries)
    assert sorted(results) == ["LoginRefused"] * 3 + ["delayed 30"] * 17
    assert hasher.verified == 3


async def test_guesses_from_many_chats_put_the_brake_on_and_tell_the_owner_once(
    account_services: AccountServices, accounts: Accounts, database: Database, clock: FakeClock
) -> None:
    password = await issue_password(account_services, database)
    account = await accounts.log_in(OWNER, EMAIL, password)
    for chat_id in range(100, 109):
        assert (
            await find_outcome(accounts.log_in(Address.from_chat(chat_id), EMAIL, WRONG))
            == "LoginRefused"
        )
    assert await find_outcome(accounts.log_in(Address.from_chat(200), EMAIL, password)) == "in"
    assert await count_waiting(database, "failed_logins_email") == 0
    for chat_id in range(110, 130):
        assert (
            await find_outcome(accounts.log_in(Address.from_chat(chat_id), EMAIL, WRONG))
            == "LoginRefused"
        )
    assert await count_waiting(database, "failed_logins_email") == 1
    # The right password alone does not open the account to a stranger now.
    assert (
        await find_outcome(accounts.log_in(Address.from_chat(300), EMAIL, password))
        == "LoginCodeNeeded"
    )
    assert (await accounts.get_chat(300)).account is None
    with pytest.raises(CodeRefused):
        await accounts.confirm_login(Address.from_chat(300), EMAIL, "000000")
    assert await find_outcome(accounts.log_in(OWNER, EMAIL, password)) == "in"
    # A quiet day ends the series; the next one is told again.
    clock.advance(days=1, hours=1)
    assert await find_outcome(accounts.log_in(Address.from_chat(301), EMAIL, password)) == "in"
    for chat_id in range(400, 410):
        await find_outcome(accounts.log_in(Address.from_chat(chat_id), EMAIL, WRONG))
    assert await count_waiting(database, "failed_logins_email") == 2
    assert (await get_account(database)).id == account.id


async def test_a_code_for_a_login_belongs_to_its_chat(
    account_services: AccountServices, accounts: Accounts, database: Database
) -> None:
    password = await issue_password(account_services, database)
    for chat_id in range(100, 110):
        await find_outcome(accounts.log_in(Address.from_chat(chat_id), EMAIL, WRONG))
    await find_outcome(accounts.log_in(Address.from_chat(300), EMAIL, password))
    code = await read_code(account_services, database)
    await find_outcome(accounts.log_in(Address.from_chat(301), EMAIL, password))
    with pytest.raises(CodeRefused):
        await accounts.confirm_login(Address.from_chat(301), EMAIL, code)
    assert (await accounts.confirm_login(Address.from_chat(300), EMAIL, code)).email == EMAIL


# --- enumeration -------------------------------------------------------------------------------


async def test_a_known_and_an_unknown_email_answer_alike(
    account_services: AccountServices,
    accounts: Accounts,
    database: Database,
    hasher: CountingHasher,
    clock: FakeClock,
) -> None:
    """The same answers, waits, statements and hashes, also when the owner logs in meanwhile."""
    password = await issue_password(account_services, database)
    await accounts.log_in(OWNER, EMAIL, password)

    async def play(email: str, guesser: Address) -> list[tuple[str, tuple[str, ...], int]]:
        seen = []
        for _ in range(16):
            before = hasher.verified
            with record_statements(database) as statements:
                result = await find_outcome(accounts.log_in(guesser, email, WRONG))
            seen.append((result, tuple(sql for sql, _ in statements), hasher.verified - before))
            if result.startswith("delayed"):
                clock.advance(seconds=int(result.partition(" ")[2]))
            # Today a counter that the owner's login clears tells a known email.
            await accounts.log_in(OWNER, EMAIL, password)
        return seen

    known, unknown = await play(EMAIL, GUESSER), await play(UNKNOWN, STRANGER)
    assert known == unknown
    assert {result.partition(" ")[0] for result, *_ in known} == {"LoginRefused", "delayed"}


async def test_counters_of_known_and_unknown_emails_are_equal(
    account_services: AccountServices, accounts: Accounts, database: Database, clock: FakeClock
) -> None:
    password = await issue_password(account_services, database)
    account: Account = await accounts.log_in(OWNER, EMAIL, password)
    for email, first in ((EMAIL, 1000), (UNKNOWN, 2000)):
        for chat_id in range(first, first + 12):
            await find_outcome(accounts.log_in(Address.from_chat(chat_id), email, WRONG))
        await accounts.log_in(OWNER, EMAIL, password)
    await account_services.passwords.issue(account.id)
    async with database.read() as tx:
        rows = await tx.connection.execute(
            select(LoginAttemptsRow.failures, LoginAttemptsRow.blocked_until).where(
                LoginAttemptsRow.failures >= 10
            )
        )
        assert [tuple(row) for row in rows] == [(12, clock.now())] * 2
    # Both stored a notice; the sender alone finds out that one of them reaches nobody.
    assert await count_waiting(database, "failed_logins_email") == 2
