import asyncio
from datetime import timedelta
from hashlib import sha256

import argon2
import pytest

from bot.db.database import Database
from bot.domain import Account, Consent
from bot.fsm.model import Rejected
from bot.integrations.password_hasher import PasswordHasher
from bot.services.accounts import Accounts, SessionPolicy
from bot.services.errors import LoginDelayed, LoginRefused, PasswordRefused
from tests.support.clock import FakeClock
from tests.support.counting_hasher import CountingHasher
from tests.support.samples import list_consents, register_account

EMAIL = "ivanova@example.ru"


async def get_account(database: Database, email: str = EMAIL) -> Account:
    async with database.read() as tx:
        account = await tx.accounts.get_by_email(email)
    assert account is not None
    return account


async def issue_password(accounts: Accounts, database: Database, email: str = EMAIL) -> str:
    """Registers and gives the password that the letter would bring."""
    await register_account(accounts, email)
    return await accounts.issue_password((await get_account(database, email)).id)


async def test_registration_keeps_the_consent_and_promises_a_letter(
    accounts: Accounts, database: Database, clock: FakeClock
) -> None:
    await register_account(accounts)
    account = await get_account(database)
    assert account.name == "Иванова Анна Петровна"
    async with database.read() as tx:
        [consent] = await list_consents(tx, account.id)
        assert consent == Consent(
            version="1",
            text="Согласен",
            sha256=sha256("Согласен".encode()).hexdigest(),
            accepted_at=clock.now(),
            chat_id=1,
        )
        assert await tx.outbox.count_waiting() == {"password_letter": 1}
    assert (await accounts.get_chat(1)).account is None


async def test_a_taken_email_looks_the_same_and_its_owner_is_told(
    accounts: Accounts, database: Database, clock: FakeClock
) -> None:
    await accounts.log_in(1, EMAIL, await issue_password(accounts, database))
    await register_account(accounts, draft_id="2")
    await register_account(accounts, draft_id="3")
    async with database.read() as tx:
        assert await tx.outbox.count_waiting() == {"password_letter": 1, "taken_letter": 1}
    clock.advance(hours=1)
    await register_account(accounts, draft_id="4")
    async with database.read() as tx:
        assert await tx.outbox.count_waiting() == {"password_letter": 1, "taken_letter": 2}


async def test_a_draft_submitted_twice_sends_one_letter(
    accounts: Accounts, database: Database
) -> None:
    await register_account(accounts)
    await register_account(accounts)
    async with database.read() as tx:
        assert await tx.outbox.count_waiting() == {"password_letter": 1}


async def test_of_parallel_registrations_one_makes_an_account(
    accounts: Accounts, database: Database
) -> None:
    await asyncio.gather(*(register_account(accounts, draft_id=f"{n}") for n in range(8)))
    account = await get_account(database)
    async with database.read() as tx:
        assert len(await list_consents(tx, account.id)) == 1
        assert await tx.outbox.count_waiting() == {"password_letter": 1}


async def test_logging_in_and_out(accounts: Accounts, database: Database) -> None:
    password = await issue_password(accounts, database)
    account = await accounts.log_in(1, EMAIL, password, "en")
    assert account.password_is_temporary
    assert account.locale == "en"
    assert (await accounts.get_chat(1)).account == account
    assert (await accounts.get_chat(2)).account is None
    await accounts.log_out(1)
    assert (await accounts.get_chat(1)).account is None


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.ru"])
async def test_a_known_and_an_unknown_email_answer_alike(
    accounts: Accounts, database: Database, hasher: CountingHasher, clock: FakeClock, email: str
) -> None:
    await issue_password(accounts, database)
    waits = []
    for _ in range(12):
        try:
            await accounts.log_in(1, email, "wrong")
        except LoginRefused:
            waits.append(0)
        except LoginDelayed as delay:
            waits.append(delay.seconds)
            clock.moment = delay.until
    assert waits == [0, 0, 0, 30, 0, 60, 0, 120, 0, 240, 0, 480]
    assert hasher.verified == waits.count(0)


def test_delays_grow_to_their_limit_and_no_further() -> None:
    policy = SessionPolicy()
    assert policy.compute_delay(2) == timedelta()
    assert policy.compute_delay(3) == timedelta(seconds=30)
    assert policy.compute_delay(8) == policy.compute_delay(10**9) == timedelta(minutes=15)


async def test_the_right_password_waits_as_well(
    accounts: Accounts, database: Database, clock: FakeClock
) -> None:
    password = await issue_password(accounts, database)
    for _ in range(3):
        with pytest.raises(LoginRefused):
            await accounts.log_in(1, EMAIL, "wrong")
    with pytest.raises(LoginDelayed):
        await accounts.log_in(1, EMAIL, password)
    clock.advance(seconds=30)
    await accounts.log_in(1, EMAIL, password)


async def test_guesses_from_many_chats_count_together(
    accounts: Accounts, database: Database
) -> None:
    await issue_password(accounts, database)
    for chat_id in (1, 2, 3):
        with pytest.raises(LoginRefused):
            await accounts.log_in(chat_id, EMAIL.upper(), "wrong")
    with pytest.raises(LoginDelayed):
        await accounts.log_in(4, EMAIL, "wrong")


async def test_guesses_at_many_emails_count_together(accounts: Accounts) -> None:
    for number in (1, 2, 3):
        with pytest.raises(LoginRefused):
            await accounts.log_in(1, f"{number}@example.ru", "wrong")
    with pytest.raises(LoginDelayed):
        await accounts.log_in(1, "4@example.ru", "wrong")


async def test_ones_own_account_buys_no_guesses_at_others(
    accounts: Accounts, database: Database
) -> None:
    password = await issue_password(accounts, database)
    for number in (1, 2, 3):
        with pytest.raises(LoginRefused):
            await accounts.log_in(1, f"{number}@example.ru", "wrong")
        if number < 3:
            await accounts.log_in(1, EMAIL, password)
    with pytest.raises(LoginDelayed):
        await accounts.log_in(1, "4@example.ru", "wrong")


async def test_success_forgives_the_mistakes_made_with_this_email(
    accounts: Accounts, database: Database
) -> None:
    password = await issue_password(accounts, database)
    for chat_id in (1, 2, 3):
        with pytest.raises(LoginRefused):
            await accounts.log_in(chat_id, EMAIL, "wrong")
        if chat_id < 3:
            await accounts.log_in(chat_id, EMAIL, password)
    await accounts.log_in(4, EMAIL, password)


async def test_mistakes_are_forgotten_after_a_quiet_day(
    accounts: Accounts, clock: FakeClock
) -> None:
    for _ in range(3):
        with pytest.raises(LoginRefused):
            await accounts.log_in(1, EMAIL, "wrong")
    clock.advance(days=1, minutes=1)
    for _ in range(3):
        with pytest.raises(LoginRefused):
            await accounts.log_in(1, EMAIL, "wrong")


async def test_parallel_guesses_are_no_cheaper(
    accounts: Accounts, database: Database, hasher: CountingHasher
) -> None:
    await issue_password(accounts, database)
    tries = (accounts.log_in(chat_id, EMAIL, "wrong") for chat_id in range(1, 21))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, LoginRefused) for result in results) == 3
    assert sum(isinstance(result, LoginDelayed) for result in results) == 17
    assert hasher.verified == 3


async def test_a_password_changed_during_the_check_does_not_let_in(
    database: Database, clock: FakeClock
) -> None:
    class Interrupted(PasswordHasher):
        async def verify(self, hashed: str | None, password: str) -> bool:
            fits = await super().verify(hashed, password)
            await accounts.change_password(account.id, 99, await self.hash("another"))
            return fits

    hasher = Interrupted(argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    accounts = Accounts(database, hasher, clock, SessionPolicy())
    password = await issue_password(accounts, database)
    account = await get_account(database)
    with pytest.raises(LoginRefused):
        await accounts.log_in(1, EMAIL, password)
    assert (await accounts.get_chat(1)).account is None
    hasher.close()


async def test_an_outdated_hash_is_renewed(
    accounts: Accounts, database: Database, hasher: CountingHasher
) -> None:
    password = await issue_password(accounts, database)
    account = await get_account(database)
    older = argon2.PasswordHasher(time_cost=2, memory_cost=64, parallelism=1).hash(password)
    async with database.begin() as tx:
        await tx.accounts.set_password(account.id, older, temporary=True)
    assert (await accounts.log_in(1, EMAIL, password)).password_is_temporary
    async with database.read() as tx:
        renewed = await tx.accounts.get_password_hash(account.id)
    assert renewed is not None
    assert not hasher.is_outdated(renewed)
    await accounts.log_in(2, EMAIL, password)


async def test_a_login_ends_after_a_term_without_messages(
    accounts: Accounts, database: Database, clock: FakeClock
) -> None:
    await accounts.log_in(1, EMAIL, await issue_password(accounts, database))
    for _ in range(4):
        clock.advance(days=20)
        assert (await accounts.get_chat(1)).account is not None
    clock.advance(days=30, hours=1)
    assert (await accounts.get_chat(1)).account is None


async def test_a_new_password_logs_the_other_chats_out_and_tells_them(
    accounts: Accounts, database: Database
) -> None:
    password = await issue_password(accounts, database)
    for chat_id in (1, 2, 3):
        await accounts.log_in(chat_id, EMAIL, password)
    account = await get_account(database)
    await accounts.check_password(account.id, 1, password)
    hashed = await accounts.hash_password("новый пароль")
    assert await accounts.verify_hash(hashed, "новый пароль")
    assert not await accounts.verify_hash(hashed, "старый пароль")
    await accounts.check_repeated(hashed, "новый пароль")
    with pytest.raises(Rejected, match="passwords-differ"):
        await accounts.check_repeated(hashed, "старый пароль")
    await accounts.change_password(account.id, 1, hashed)
    assert [bool((await accounts.get_chat(chat_id)).account) for chat_id in (1, 2, 3)] == [
        True,
        False,
        False,
    ]
    async with database.read() as tx:
        assert (await tx.outbox.count_waiting())["logged_out_notice"] == 2
    with pytest.raises(LoginRefused):
        await accounts.log_in(2, EMAIL, password)
    assert not (await accounts.log_in(2, EMAIL, "новый пароль")).password_is_temporary


async def test_an_old_password_is_not_guessed_either(
    accounts: Accounts, database: Database
) -> None:
    password = await issue_password(accounts, database)
    account = await accounts.log_in(1, EMAIL, password)
    for _ in range(3):
        with pytest.raises(PasswordRefused, match="old-password"):
            await accounts.check_password(account.id, 1, "wrong")
    with pytest.raises(LoginDelayed):
        await accounts.check_password(account.id, 1, password)


async def test_a_new_letter_replaces_the_password_and_ends_the_wait(
    accounts: Accounts, database: Database
) -> None:
    first = await issue_password(accounts, database)
    for chat_id in (1, 2, 3):
        with pytest.raises(LoginRefused):
            await accounts.log_in(chat_id, EMAIL, "wrong")
    second = await accounts.issue_password((await get_account(database)).id)
    with pytest.raises(LoginRefused):
        await accounts.log_in(4, EMAIL, first)
    await accounts.log_in(5, EMAIL, second)


async def test_a_guests_language_is_the_chats_and_a_persons_is_the_letters_too(
    accounts: Accounts, database: Database
) -> None:
    await accounts.set_locale(1, "en")
    assert (await accounts.get_chat(1)).locale == "en"
    await accounts.log_in(1, EMAIL, await issue_password(accounts, database))
    assert (await get_account(database)).locale == "ru"
    await accounts.set_locale(1, "en")
    assert (await get_account(database)).locale == "en"
