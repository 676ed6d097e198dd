"""Registration, logins and passwords, on both databases."""

import asyncio
from datetime import timedelta
from hashlib import sha256

import argon2
import pytest

from bot.db.database import Database
from bot.domain import Account, Address, Consent
from bot.fsm.model import Rejected
from bot.integrations.password_hasher import PasswordHasher
from bot.services import recipients
from bot.services.accounts import Accounts
from bot.services.errors import LoginRefused, PasswordExpired
from bot.services.passwords import Passwords
from bot.services.sessions import SessionPolicy
from tests.support.account_services import (
    EMAIL,
    AccountServices,
    build_account_services,
    get_account,
    issue_password,
)
from tests.support.clock import FakeClock
from tests.support.counting_hasher import CountingHasher
from tests.support.samples import list_consents, register_account


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
            address=Address.from_chat(1),
        )
        assert await tx.outbox.count_waiting() == {"password_letter": 1}
    assert (await accounts.get_chat(1)).account is None


async def test_a_taken_email_looks_the_same_and_its_owner_is_told(
    account_services: AccountServices, database: Database, clock: FakeClock
) -> None:
    accounts = account_services.accounts
    await accounts.log_in(
        Address.from_chat(1), EMAIL, await issue_password(account_services, database)
    )
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


async def test_logging_in_and_out(
    account_services: AccountServices, accounts: Accounts, database: Database
) -> None:
    password = await issue_password(account_services, database)
    account = await accounts.log_in(Address.from_chat(1), EMAIL, password, locale="en")
    assert account.password_is_temporary
    assert account.locale == "en"
    assert (await accounts.get_chat(1)).account == account
    assert (await accounts.get_chat(2)).account is None
    await accounts.log_out(Address.from_chat(1))
    assert (await accounts.get_chat(1)).account is None


async def test_a_password_changed_during_the_check_does_not_let_in(
    database: Database, clock: FakeClock
) -> None:
    class Interrupted(PasswordHasher):
        async def verify(self, hashed: str | None, password: str) -> bool:
            fits = await super().verify(hashed, password)
            await services.passwords.change(
                account.id, Address.from_chat(99), await self.hash("another")
            )
            return fits

    hasher = Interrupted(argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    services = build_account_services(database, hasher, clock)
    password = await issue_password(services, database)
    account = await get_account(database)
    with pytest.raises(LoginRefused):
        await services.accounts.log_in(Address.from_chat(1), EMAIL, password)
    assert (await services.accounts.get_chat(1)).account is None
    hasher.close()


async def test_an_outdated_hash_is_renewed(
    account_services: AccountServices,
    accounts: Accounts,
    database: Database,
    hasher: CountingHasher,
) -> None:
    password = await issue_password(account_services, database)
    account = await get_account(database)
    older = argon2.PasswordHasher(time_cost=2, memory_cost=64, parallelism=1).hash(password)
    async with database.begin() as tx:
        await tx.accounts.set_password(account.id, older, temporary=True)
    assert (await accounts.log_in(Address.from_chat(1), EMAIL, password)).password_is_temporary
    async with database.read() as tx:
        renewed = await tx.accounts.get_password_hash(account.id)
    assert renewed is not None
    assert not hasher.is_outdated(renewed)
    await accounts.log_in(Address.from_chat(2), EMAIL, password)


# --- sessions ----------------------------------------------------------------------------------


async def list_notified(database: Database, account: Account, clock: FakeClock) -> list[int]:
    async with database.read() as tx:
        return await recipients.list_chats(tx, account.id, clock.now())


async def test_a_monthly_reading_needs_no_login_and_silence_ends_it(
    account_services: AccountServices, accounts: Accounts, database: Database, clock: FakeClock
) -> None:
    account = await accounts.log_in(
        Address.from_chat(1), EMAIL, await issue_password(account_services, database)
    )
    for _ in range(4):
        clock.advance(days=31)
        assert (await accounts.get_chat(1)).account is not None
        assert await list_notified(database, account, clock) == [1]
    clock.advance(days=180)
    assert await list_notified(database, account, clock) == []
    assert (await accounts.get_chat(1)).account is None


async def test_no_login_lives_longer_than_a_year(
    account_services: AccountServices, accounts: Accounts, database: Database, clock: FakeClock
) -> None:
    account = await accounts.log_in(
        Address.from_chat(1), EMAIL, await issue_password(account_services, database)
    )
    for _ in range(364):
        clock.advance(days=1)
        assert (await accounts.get_chat(1)).account is not None
    clock.advance(days=1)
    assert await list_notified(database, account, clock) == []
    assert (await accounts.get_chat(1)).account is None


async def test_the_terms_of_a_login_are_settings(
    database: Database, hasher: CountingHasher, clock: FakeClock
) -> None:
    policy = SessionPolicy(inactivity=timedelta(days=2), lifetime=timedelta(days=3))
    services = build_account_services(database, hasher, clock, policy)
    await services.accounts.log_in(
        Address.from_chat(1), EMAIL, await issue_password(services, database)
    )
    clock.advance(days=1, hours=23)
    assert (await services.accounts.get_chat(1)).account is not None
    clock.advance(days=1, hours=1)
    assert (await services.accounts.get_chat(1)).account is None


async def test_a_silent_chat_is_not_pushed_the_answer_of_the_staff(
    account_services: AccountServices, accounts: Accounts, database: Database, clock: FakeClock
) -> None:
    """A chat silent for 364 days was pushed to, while its own menu said «Войти»."""
    account = await accounts.log_in(
        Address.from_chat(1), EMAIL, await issue_password(account_services, database)
    )
    clock.advance(days=100)
    await accounts.log_in(
        Address.from_chat(2), EMAIL, await reissue_password(account_services, account)
    )
    clock.advance(days=80)
    assert (await accounts.get_chat(1)).account is None
    assert await list_notified(database, account, clock) == [2]
    assert [one.address.id for one in await accounts.list_sessions(account.id)] == [2]
    # Nobody is told of a logout who was out already.
    hashed = await account_services.passwords.prepare(account.id, "новый пароль")
    await account_services.passwords.change(account.id, Address.from_chat(2), hashed)
    async with database.read() as tx:
        assert "logged_out_notice" not in await tx.outbox.count_waiting()


async def reissue_password(services: AccountServices, account: Account) -> str:
    return await services.passwords.issue(account.id)


async def test_the_owner_sees_the_logins_and_ends_another_one(
    account_services: AccountServices, accounts: Accounts, database: Database, clock: FakeClock
) -> None:
    password = await issue_password(account_services, database)
    account = await accounts.log_in(Address.from_chat(1), EMAIL, password, name="Анна")
    clock.advance(hours=1)
    await accounts.log_in(Address.from_chat(2), EMAIL, password, name="Чужой")
    assert [(one.address.id, one.name) for one in await accounts.list_sessions(account.id)] == [
        (2, "Чужой"),
        (1, "Анна"),
    ]
    assert await accounts.end_session(account.id, Address.from_chat(2))
    assert (await accounts.get_chat(2)).account is None
    assert (await accounts.get_chat(1)).account is not None
    assert not await accounts.end_session(account.id, Address.from_chat(2))
    async with database.read() as tx:
        assert await tx.known_chats.list_for_account(account.id) == [Address.from_chat(1)]
        assert (await tx.outbox.count_waiting())["logged_out_notice"] == 1
    # The login of another account is none of this owner's.
    other = await accounts.log_in(
        Address.from_chat(3),
        "other@example.ru",
        await issue_password(account_services, database, "other@example.ru"),
    )
    assert not await accounts.end_session(account.id, Address.from_chat(3))
    assert (await accounts.get_chat(3)).account == other


async def test_only_a_new_telegram_account_is_announced(
    account_services: AccountServices, accounts: Accounts, database: Database
) -> None:
    password = await issue_password(account_services, database)
    for chat_id, letters in ((1, 0), (1, 0), (2, 1), (2, 1), (1, 1), (3, 2)):
        await accounts.log_out(Address.from_chat(chat_id))
        await accounts.log_in(Address.from_chat(chat_id), EMAIL, password)
        async with database.read() as tx:
            assert (await tx.outbox.count_waiting()).get("new_chat_email", 0) == letters


# --- passwords ---------------------------------------------------------------------------------


async def test_a_new_password_logs_the_other_chats_out_and_tells_them_and_the_owner(
    account_services: AccountServices,
    accounts: Accounts,
    passwords: Passwords,
    database: Database,
) -> None:
    password = await issue_password(account_services, database)
    for chat_id in (1, 2, 3):
        await accounts.log_in(Address.from_chat(chat_id), EMAIL, password)
    account = await get_account(database)
    await accounts.check_password(account.id, Address.from_chat(1), password)
    hashed = await passwords.prepare(account.id, "новый пароль")
    await passwords.check_repeated(hashed, "новый пароль")
    with pytest.raises(Rejected, match="passwords-differ"):
        await passwords.check_repeated(hashed, "старый пароль")
    await passwords.change(account.id, Address.from_chat(1), hashed)
    assert [bool((await accounts.get_chat(chat_id)).account) for chat_id in (1, 2, 3)] == [
        True,
        False,
        False,
    ]
    async with database.read() as tx:
        waiting = await tx.outbox.count_waiting()
    assert (waiting["logged_out_notice"], waiting["password_changed_email"]) == (2, 1)
    with pytest.raises(LoginRefused):
        await accounts.log_in(Address.from_chat(2), EMAIL, password)
    assert not (
        await accounts.log_in(Address.from_chat(2), EMAIL, "новый пароль")
    ).password_is_temporary


async def test_a_mailed_password_that_nobody_used_stops_working(
    account_services: AccountServices, accounts: Accounts, database: Database, clock: FakeClock
) -> None:
    password = await issue_password(account_services, database)
    clock.advance(hours=72)
    # Only who knows the password learns that it has expired.
    with pytest.raises(LoginRefused, match="login-refused"):
        await accounts.log_in(Address.from_chat(1), EMAIL, "wrong")
    with pytest.raises(PasswordExpired):
        await accounts.log_in(Address.from_chat(1), EMAIL, password)
    assert (await accounts.get_chat(1)).account is None
    account = await get_account(database)
    await accounts.log_in(
        Address.from_chat(1), EMAIL, await reissue_password(account_services, account)
    )


async def test_a_mailed_password_that_was_used_keeps_working(
    account_services: AccountServices, accounts: Accounts, database: Database, clock: FakeClock
) -> None:
    password = await issue_password(account_services, database)
    clock.advance(hours=71)
    await accounts.log_in(Address.from_chat(1), EMAIL, password)
    clock.advance(days=10)
    await accounts.log_in(Address.from_chat(2), EMAIL, password)


async def test_a_new_password_is_not_the_old_one_nor_an_easy_one(
    account_services: AccountServices, passwords: Passwords, database: Database
) -> None:
    password = await issue_password(account_services, database)
    account = await get_account(database)
    for wrong, code in (
        (password, "password-is-old"),
        ("Password1", "password-common"),
        (EMAIL, "password-is-email"),
    ):
        with pytest.raises(Rejected, match=code):
            await passwords.prepare(account.id, wrong)
    await passwords.prepare(account.id, "шесть!")


async def test_a_guests_language_is_the_chats_and_a_persons_is_the_letters_too(
    account_services: AccountServices, accounts: Accounts, database: Database
) -> None:
    await accounts.set_locale(1, "en")
    assert (await accounts.get_chat(1)).locale == "en"
    await accounts.log_in(
        Address.from_chat(1), EMAIL, await issue_password(account_services, database)
    )
    assert (await get_account(database)).locale == "ru"
    await accounts.set_locale(1, "en")
    assert (await get_account(database)).locale == "en"
