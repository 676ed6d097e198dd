"""Limits of an account, whatever number of chats is logged in to it: what its floods may cost."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from bot.db.database import Tx
from bot.services.rate_limits import LimitedAction, RateLimit, RateLimitExceeded

_BYTES = 1024**2

_Count = Callable[[int, datetime], Awaitable[tuple[int, datetime | None]]]


class AccountLimits:
    """Counts what is stored already, so that a limit costs no write and survives a restart."""

    def __init__(self, limits: Mapping[LimitedAction, RateLimit]) -> None:
        """``limits`` are of OF_ACCOUNT; those that are missing are unlimited."""
        self._limits = limits

    async def check_requests(self, tx: Tx, account_id: int, now: datetime) -> None:
        """Raises RateLimitExceeded when the account may not register one more request now."""
        await self._check(LimitedAction.REQUESTS, tx.requests.count_since, account_id, now)

    async def check_messages(self, tx: Tx, account_id: int, now: datetime) -> None:
        """Raises RateLimitExceeded when the account may not write to the staff once more now."""
        await self._check(
            LimitedAction.STAFF_MESSAGES, tx.request_messages.count_since, account_id, now
        )

    async def check_contact_changes(self, tx: Tx, account_id: int, now: datetime) -> None:
        """Raises RateLimitExceeded when the account may not change name, phone or email now."""
        await self._check(
            LimitedAction.CONTACT_CHANGES, tx.contact_changes.count_since, account_id, now
        )

    async def check_bytes(self, tx: Tx, account_id: int, size: int, now: datetime) -> None:
        """Raises RateLimitExceeded when the account may not store ``size`` more bytes now."""
        await self._check(
            LimitedAction.STORED_MEGABYTES, tx.files.sum_since, account_id, now, size, _BYTES
        )

    async def check_uploaded_readings(
        self, tx: Tx, account_id: int, count: int, now: datetime
    ) -> None:
        """Raises RateLimitExceeded when no ``count`` more readings may come from files now."""
        await self._check(
            LimitedAction.UPLOADED_READINGS,
            tx.readings.count_uploaded_since,
            account_id,
            now,
            count,
        )

    async def _check(
        self,
        what: LimitedAction,
        count: _Count,
        account_id: int,
        now: datetime,
        added: int = 1,
        unit: int = 1,
    ) -> None:
        limit = self._limits.get(what)
        if limit is None:
            return
        window = timedelta(seconds=limit.seconds)
        used, oldest = await count(account_id, now - window)
        if used + added > limit.times * unit:
            free_at = (oldest or now) + window
            raise RateLimitExceeded(what, (free_at - now).total_seconds())


UNLIMITED = AccountLimits({})
