"""Forgotten passwords: by a code from a letter, or by the staff; on both databases."""

import pytest
from sqlalchemy import func, select, update

from bot.db.database import Database
from bot.db.models import AccountRow, OneTimeCodeRow, OutboxRow, PasswordResetRow
from bot.domain import Account, Actor, ActorKind, Address
from bot.fsm.model import Rejected
from bot.services.errors import CodeExpired, CodeRefused, ResetExpired
from bot.services.one_time_codes import CodePurpose, OneTimeCodes, build_key
from tests.support.account_services import (
    EMAIL,
    AccountServices,
    count_waiting,
    issue_password,
    read_code,
)
from tests.support.clock import FakeClock
from tests.support.counting_hasher import CountingHasher
from tests.support.samples import NOW, list_audit
from tests.support.statement_recorder import record_statements

UNKNOWN = "nobody@example.ru"
CHAT, OTHER = Address.from_chat(1), Address.from_chat(2)
MARIA = Actor(kind=ActorKind.STAFF, id=501, name="Мария")


@pytest.fixture
async def account(account_services: AccountServices, database: Database) -> Account:
    """An account that chat OTHER is logged in to."""
    password = await issue_password(account_services, database)
    return await account_services.accounts.log_in(OTHER, EMAIL, password)


async def send_code(services: AccountServices, database: Database, address: Address = CHAT) -> str:
    await services.password_resets.send_code(EMAIL, address)
    return await read_code(services, database)


async def test_a_code_sets_a_new_password_and_logs_in(
    account_services: AccountServices, account: Account, database: Database
) -> None:
    resets, accounts = account_services.password_resets, account_services.accounts
    code = await send_code(account_services, database)
    await resets.check_code(EMAIL, CHAT, f"{code[:3]} {code[3:]}")
    hashed = await resets.prepare_password(EMAIL, CHAT, "новый пароль")
    await resets.finish(EMAIL, CHAT, hashed, name="Анна")
    assert (await accounts.get_chat(CHAT.id)).account is not None
    assert (await accounts.get_chat(OTHER.id)).account is None
    assert await count_waiting(database, "password_changed_email") == 1
    assert await count_waiting(database, "logged_out_notice") == 1
    assert await count_waiting(database, "new_chat_email") == 1
    assert not (await accounts.log_in(OTHER, EMAIL, "новый пароль")).password_is_temporary
    # The same draft once more, after a crash between the change and the answer.
    await resets.finish(EMAIL, CHAT, hashed, name="Анна")
    async with database.read() as tx:
        assert await tx.connection.scalar(select(func.count(OneTimeCodeRow.id))) == 0


async def test_a_code_opens_an_account_whose_mailed_password_has_expired(
    account_services: AccountServices, database: Database, clock: FakeClock
) -> None:
    await issue_password(account_services, database)
    clock.advance(days=30)
    code = await send_code(account_services, database)
    resets = account_services.password_resets
    await resets.check_code(EMAIL, CHAT, code)
    hashed = await resets.prepare_password(EMAIL, CHAT, "новый пароль")
    await resets.finish(EMAIL, CHAT, hashed, name="")
    assert (await account_services.accounts.get_chat(CHAT.id)).account is not None


@pytest.mark.usefixtures("account")
async def test_nothing_is_set_without_an_accepted_code(
    account_services: AccountServices, database: Database, clock: FakeClock
) -> None:
    resets = account_services.password_resets
    for _ in range(2):
        with pytest.raises(CodeExpired):
            await resets.prepare_password(EMAIL, CHAT, "новый пароль")
        with pytest.raises(CodeExpired):
            await resets.finish(EMAIL, CHAT, "$argon2id$", name="")
        await send_code(account_services, database)
    code = await read_code(account_services, database)
    # Another chat, another purpose, another email.
    with pytest.raises(CodeExpired):
        await resets.check_code(EMAIL, OTHER, code)
    with pytest.raises(CodeExpired):
        await account_services.accounts.confirm_login(CHAT, EMAIL, code)
    with pytest.raises(CodeExpired):
        await resets.check_code(UNKNOWN, CHAT, code)
    await resets.check_code(EMAIL, CHAT, code)
    clock.advance(minutes=15)
    with pytest.raises(CodeExpired):
        await resets.finish(EMAIL, CHAT, "$argon2id$", name="")


@pytest.mark.usefixtures("account")
async def test_a_code_lives_for_fifteen_minutes(
    account_services: AccountServices, database: Database, clock: FakeClock
) -> None:
    code = await send_code(account_services, database)
    clock.advance(minutes=15)
    with pytest.raises(CodeExpired):
        await account_services.password_resets.check_code(EMAIL, CHAT, code)
    code = await send_code(account_services, database)
    clock.advance(minutes=14, seconds=59)
    await account_services.password_resets.check_code(EMAIL, CHAT, code)


@pytest.mark.usefixtures("account")
async def test_a_code_has_five_tries_and_a_new_letter_gives_no_more_to_the_old_one(
    account_services: AccountServices, database: Database
) -> None:
    code = await send_code(account_services, database)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    resets = account_services.password_resets
    for left in (4, 3, 2, 1):
        with pytest.raises(CodeRefused) as refused:
            await resets.check_code(EMAIL, CHAT, wrong)
        assert refused.value.details == {"left": left}
        # The worker repeats a letter: other digits, the same tries.
        code = await read_code(account_services, database)
        wrong = f"{(int(code) + 1) % 10**6:06d}"
    with pytest.raises(CodeExpired):
        await resets.check_code(EMAIL, CHAT, wrong)
    with pytest.raises(CodeExpired):
        await resets.check_code(EMAIL, CHAT, code)
    code = await send_code(account_services, database)
    await resets.check_code(EMAIL, CHAT, code)


@pytest.mark.usefixtures("account")
async def test_codes_rest_hashed_by_a_key_that_is_not_in_the_database(
    account_services: AccountServices, database: Database, clock: FakeClock
) -> None:
    code = await send_code(account_services, database)
    async with database.read() as tx:
        row = (await tx.connection.execute(select(OneTimeCodeRow.__table__))).one()
        payloads = list((await tx.connection.execute(select(OutboxRow.payload))).scalars())
    assert code not in str(row) + str(payloads)
    another = OneTimeCodes(database, clock, build_key("another token"))
    with pytest.raises(CodeRefused):
        await another.accept(CodePurpose.PASSWORD_RESET, EMAIL, CHAT, code)
    await account_services.password_resets.check_code(EMAIL, CHAT, code)


@pytest.mark.usefixtures("account")
async def test_a_password_change_ends_the_codes_on_their_way(
    account_services: AccountServices, account: Account, database: Database
) -> None:
    code = await send_code(account_services, database)
    passwords = account_services.passwords
    await passwords.change(account.id, OTHER, await passwords.prepare(account.id, "новый пароль"))
    with pytest.raises(CodeExpired):
        await account_services.password_resets.check_code(EMAIL, CHAT, code)


async def test_a_new_password_by_code_keeps_the_rules(
    account_services: AccountServices, account: Account, database: Database
) -> None:
    code = await send_code(account_services, database)
    resets, passwords = account_services.password_resets, account_services.passwords
    await resets.check_code(EMAIL, CHAT, code)
    old = await passwords.issue(account.id)
    for wrong, error in ((old, "password-is-old"), ("qwerty", "password-common")):
        with pytest.raises(Rejected, match=error):
            await resets.prepare_password(EMAIL, CHAT, wrong)


async def test_strangers_flood_nobody_with_letters_and_take_no_letter_from_the_owner(
    account_services: AccountServices, account: Account, database: Database, clock: FakeClock
) -> None:
    resets = account_services.password_resets
    for chat_id in range(100, 120):
        await resets.send_code(account.email, Address.from_chat(chat_id))
    assert await count_waiting(database, "code_email") == 5
    # A chat from which the account was entered before.
    await resets.send_code(EMAIL, OTHER)
    assert await count_waiting(database, "code_email") == 6
    # A second press within a minute.
    await resets.send_code(EMAIL, OTHER)
    assert await count_waiting(database, "code_email") == 6
    clock.advance(hours=1)
    await resets.send_code(EMAIL, Address.from_chat(100))
    assert await count_waiting(database, "code_email") == 7


# --- enumeration -------------------------------------------------------------------------------


async def test_known_and_unknown_emails_cost_the_same(
    account_services: AccountServices,
    account: Account,
    database: Database,
    hasher: CountingHasher,
) -> None:
    """Statements and hashes, request by request: 6 ms and 14 ms told them apart."""
    resets = account_services.password_resets

    async def play(email: str) -> list[object]:
        seen: list[object] = []
        hashed = hasher.verified
        for action in (
            resets.send_code(email, CHAT),
            resets.send_code(email, CHAT),
            *(resets.check_code(email, CHAT, "12345") for _ in range(6)),
            resets.ask_staff(email, CHAT),
            resets.ask_staff(email, CHAT),
        ):
            with record_statements(database) as statements:
                try:
                    await action
                    result: object = "done"
                except Rejected as rejected:
                    result = rejected.code, dict(rejected.details)
            seen.append((result, tuple(sql for sql, _ in statements)))
        async with database.read() as tx:
            code = select(OneTimeCodeRow.tries, OneTimeCodeRow.expires_at)
            newest = code.order_by(OneTimeCodeRow.id.desc()).limit(1)
            row = (await tx.connection.execute(newest)).one()
        return [*seen, hasher.verified - hashed, tuple(row)]

    assert await play(account.email) == await play(UNKNOWN)
    # Both stored the notices; their senders find out that one of them reaches nobody.
    assert await count_waiting(database, "code_email") == 2
    assert await count_waiting(database, "reset_card") == 2


async def test_the_letter_of_an_unknown_email_writes_the_same_and_goes_nowhere(
    account_services: AccountServices, account: Account, database: Database
) -> None:
    resets = account_services.password_resets
    seen = []
    for email in (account.email, UNKNOWN):
        await resets.send_code(email, CHAT)
        with record_statements(database) as statements:
            code = await read_code(account_services, database)
        seen.append(tuple(sql for sql, _ in statements))
        if email == UNKNOWN:
            # Digits exist, but they open nothing.
            with pytest.raises(CodeRefused):
                await resets.check_code(UNKNOWN, CHAT, code)
    assert seen[0] == seen[1]


# --- the staff ---------------------------------------------------------------------------------


async def test_a_reset_by_the_staff_ends_the_old_password_once(
    account_services: AccountServices, account: Account, database: Database
) -> None:
    resets = account_services.password_resets
    await resets.ask_staff(UNKNOWN, CHAT)
    await resets.ask_staff(EMAIL, CHAT)
    await resets.ask_staff(EMAIL, CHAT)
    async with database.read() as tx:
        rows = await tx.connection.execute(
            select(PasswordResetRow.id, PasswordResetRow.account_id, PasswordResetRow.chat_id)
        )
        assert [tuple(row) for row in rows] == [(1, None, CHAT.id), (2, account.id, CHAT.id)]
    # Nobody has that email: its notice is stored, and its card is never sent.
    assert await resets.approve(1, MARIA) is None
    assert (await resets.approve(2, MARIA)) == account
    assert await resets.approve(2, MARIA) is None
    assert await resets.approve(99, MARIA) is None
    async with database.read() as tx:
        assert await tx.accounts.get_password_hash(account.id) is None
        assert await list_audit(tx, account_id=account.id) == [("reset", 501)]
    assert (await account_services.accounts.get_chat(OTHER.id)).account is None
    assert await count_waiting(database, "reset_letter") == 1
    assert await count_waiting(database, "logged_out_notice") == 1


async def test_a_card_expires_after_a_day(
    account_services: AccountServices, account: Account, database: Database, clock: FakeClock
) -> None:
    resets = account_services.password_resets
    await resets.ask_staff(EMAIL, CHAT)
    assert not await resets.order(UNKNOWN)
    async with database.begin() as tx:
        erased = await tx.accounts.add(
            category=account.category, name="—", email="erased-7", phone="", locale="ru", now=NOW
        )
        await tx.connection.execute(
            update(AccountRow).where(AccountRow.id == erased.id).values(erased_at=NOW)
        )
    assert not await resets.order("erased-7")
    clock.advance(hours=12)
    assert await resets.order(EMAIL)
    clock.advance(hours=12)
    with pytest.raises(ResetExpired):
        await resets.approve(1, MARIA)
    assert (await account_services.accounts.get_chat(OTHER.id)).account is not None
    assert (await resets.approve(2, MARIA)) == account


async def test_one_chat_cannot_keep_the_card_of_another_from_the_staff(
    account_services: AccountServices, account: Account, database: Database, clock: FakeClock
) -> None:
    await account_services.password_resets.ask_staff(account.email, CHAT)
    await account_services.password_resets.ask_staff(account.email, OTHER)
    assert await count_waiting(database, "reset_card") == 2
    clock.advance(minutes=15)
    await account_services.password_resets.ask_staff(account.email, CHAT)
    assert await count_waiting(database, "reset_card") == 3
