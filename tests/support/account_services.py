"""The services around accounts, put together as ``bot.app.services`` does."""

from dataclasses import dataclass

from sqlalchemy import select

from bot.db.database import Database
from bot.db.models import OutboxRow
from bot.domain import Account, Channel
from bot.integrations.password_hasher import PasswordHasher
from bot.services.accounts import Accounts
from bot.services.clock import Clock
from bot.services.login_throttle import LoginThrottle
from bot.services.one_time_codes import OneTimeCodes
from bot.services.password_resets import PasswordResets
from bot.services.passwords import Passwords
from bot.services.sessions import SessionPolicy
from bot.services.throttling import ThrottlePolicy
from tests.support.samples import register_account

EMAIL = "ivanova@example.ru"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountServices:
    accounts: Accounts
    codes: OneTimeCodes
    passwords: Passwords
    password_resets: PasswordResets


def build_account_services(
    database: Database,
    hasher: PasswordHasher,
    clock: Clock,
    policy: SessionPolicy | None = None,
) -> AccountServices:
    codes = OneTimeCodes(database, clock, b"key")
    passwords = Passwords(database, hasher, clock)
    accounts = Accounts(
        database,
        hasher,
        clock,
        policies=dict.fromkeys(Channel, policy or SessionPolicy()),
        throttle=LoginThrottle(ThrottlePolicy()),
        codes=codes,
    )
    return AccountServices(
        accounts=accounts,
        codes=codes,
        passwords=passwords,
        password_resets=PasswordResets(
            database, clock, accounts=accounts, codes=codes, passwords=passwords
        ),
    )


async def get_account(database: Database, email: str = EMAIL) -> Account:
    async with database.read() as tx:
        account = await tx.accounts.get_by_email(email)
    assert account is not None
    return account


async def issue_password(services: AccountServices, database: Database, email: str = EMAIL) -> str:
    """Registers and gives the password that the letter would bring."""
    await register_account(services.accounts, email)
    return await services.passwords.issue((await get_account(database, email)).id)


async def read_code(services: AccountServices, database: Database) -> str:
    """The digits that the newest letter would bring."""
    async with database.read() as tx:
        payload = await tx.connection.scalar(
            select(OutboxRow.payload)
            .where(OutboxRow.kind == "code_email")
            .order_by(OutboxRow.id.desc())
            .limit(1)
        )
    assert payload is not None
    issued_code = await services.codes.issue(payload["code_id"])
    assert issued_code is not None
    return issued_code[1]


async def count_waiting(database: Database, kind: str) -> int:
    async with database.read() as tx:
        return (await tx.outbox.count_waiting()).get(kind, 0)
