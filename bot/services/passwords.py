"""Passwords of accounts: rules for new ones, changes by the owner, temporary ones by email."""

import unicodedata
from datetime import timedelta
from functools import cache
from importlib.resources import files

from bot.db.database import Database
from bot.domain import Account, Address
from bot.fsm.model import Rejected
from bot.integrations.password_hasher import PasswordHasher
from bot.services import recipients
from bot.services.clock import Clock
from bot.services.sessions import end_other_sessions

#: A mailed password that nobody has used by then stops working.
MAILED_LIFETIME = timedelta(hours=72)

#: A Russian word typed on the Latin layout is a common password, and so is a Latin one on the
#: Russian layout: «пароль» is «gfhjkm», «йцукен» is «qwerty».
_LAYOUT = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`")


class Passwords:
    def __init__(self, database: Database, hasher: PasswordHasher, clock: Clock) -> None:
        self._database = database
        self._hasher = hasher
        self._clock = clock

    async def prepare(self, account_id: int, password: str) -> str:
        """The hash of a new password, to be set later.

        Raises Rejected ``password-common``, ``password-is-email``, ``password-is-old``.
        """
        async with self._database.read() as tx:
            account = await tx.accounts.get(account_id)
            current = await tx.accounts.get_password_hash(account_id)
        check_rules(account, password)
        if current is not None and await self._hasher.verify(current, password):
            raise Rejected("password-is-old")
        return await self._hasher.hash(password)

    async def check_repeated(self, hashed: str, password: str) -> None:
        """Raises Rejected ``passwords-differ`` when a new password was repeated wrongly."""
        if not await self._hasher.verify(hashed, password):
            raise Rejected("passwords-differ")

    async def change(self, account_id: int, address: Address, new_hash: str) -> None:
        """Sets a password its owner chose; the account is logged out everywhere else."""
        now = self._clock.now()
        async with self._database.begin() as tx:
            await tx.accounts.set_password(account_id, new_hash, temporary=False)
            await tx.one_time_codes.delete_for_account(account_id)
            logged_out = await end_other_sessions(tx, account_id, now, keep=address)
            await recipients.announce_password_change(tx, account_id, logged_out, now)

    async def issue(self, account_id: int) -> str:
        """Makes a temporary password in place of any other; it is readable only here and now."""
        password = self._hasher.generate()
        hashed = await self._hasher.hash(password)
        expires_at = self._clock.now() + MAILED_LIFETIME
        async with self._database.begin() as tx:
            await tx.accounts.set_password(
                account_id, hashed, temporary=True, expires_at=expires_at
            )
        return password


def check_rules(account: Account, password: str) -> None:
    """Checks a new password by what everybody may know of its owner.

    Raises Rejected ``password-common``, ``password-is-email``. The length is the form's rule.
    """
    typed = _normalize(password)
    email = _normalize(account.email)
    if typed in {email, email.partition("@")[0]}:
        raise Rejected("password-is-email")
    if not _load_common().isdisjoint({typed, typed.translate(_LAYOUT)}):
        raise Rejected("password-common")


def _normalize(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip()).casefold()


@cache
def _load_common() -> frozenset[str]:
    """The commonest 10,000 passwords; source and licence stand beside the file."""
    packaged = files(__package__) / "common_passwords.txt"
    return frozenset(packaged.read_text(encoding="utf-8").splitlines())
