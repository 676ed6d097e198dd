"""The services around accounts, put together as ``bot.app.services`` does."""

from dataclasses import dataclass

from bot.db.database import Database
from bot.integrations.password_hasher import PasswordHasher
from bot.services.accounts import Accounts, SessionPolicy
from bot.services.clock import Clock
from bot.services.login_throttle import LoginThrottle
from bot.services.one_time_codes import OneTimeCodes
from bot.services.password_resets import PasswordResets
from bot.services.passwords import Passwords
from bot.services.throttling import ThrottlePolicy


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
        policy=policy or SessionPolicy(),
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
