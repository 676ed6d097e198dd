"""Browsers that are logged in to accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.accounts import ACCOUNT_COLUMNS, to_account
from bot.db.models import AccountRow, WebSessionRow
from bot.db.upsert import build_insert
from bot.domain import Account, Address, Channel, Session


@dataclass(frozen=True, slots=True)
class WebSession:
    """A browser that is logged in; see WebSessionRow."""

    browser_id: int
    account: Account
    name: str
    logged_in_at: datetime
    last_seen_at: datetime
    logged_in_until: datetime

    @property
    def address(self) -> Address:
        return Address(Channel.WEB, self.browser_id)


_OWN_COLUMNS = (
    WebSessionRow.browser_id,
    WebSessionRow.name,
    WebSessionRow.logged_in_at,
    WebSessionRow.last_seen_at,
    WebSessionRow.logged_in_until,
)
_SESSIONS = select(*ACCOUNT_COLUMNS, *_OWN_COLUMNS).join(
    AccountRow, AccountRow.id == WebSessionRow.account_id
)


class WebSessionRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, browser_id: int, now: datetime) -> WebSession | None:
        """The session of a browser that has not ended by ``now``."""
        return await self._fetch(WebSessionRow.browser_id == browser_id, now)

    async def find(self, token_hash: str, now: datetime) -> WebSession | None:
        """The session of a token that has not ended by ``now``."""
        return await self._fetch(WebSessionRow.token_hash == token_hash, now)

    async def put(self, session: WebSession, token_hash: str) -> None:
        """Begins a session, in place of an earlier one of the browser."""
        values = {
            "token_hash": token_hash,
            "account_id": session.account.id,
            "name": session.name,
            "logged_in_at": session.logged_in_at,
            "last_seen_at": session.last_seen_at,
            "logged_in_until": session.logged_in_until,
        }
        await self._connection.execute(
            build_insert(self._connection, WebSessionRow)
            .values(browser_id=session.browser_id, **values)
            .on_conflict_do_update(index_elements=[WebSessionRow.browser_id], set_=values)
        )

    async def touch(self, browser_id: int, now: datetime, until: datetime) -> None:
        """A page was opened ``now``: the session ends at ``until``."""
        await self._connection.execute(
            update(WebSessionRow)
            .where(WebSessionRow.browser_id == browser_id)
            .values(last_seen_at=now, logged_in_until=until)
        )

    async def end(self, browser_id: int, *, of_account: int | None = None) -> bool:
        """Ends the session of a browser, if it is ``of_account``; False when there is none."""
        conditions = [WebSessionRow.browser_id == browser_id]
        if of_account is not None:
            conditions.append(WebSessionRow.account_id == of_account)
        done = await self._connection.execute(delete(WebSessionRow).where(*conditions))
        return done.rowcount > 0

    async def end_others(self, account_id: int, *, keep: Address | None) -> None:
        """Ends every other session of the account, or all."""
        kept = keep.id if keep else 0
        await self._connection.execute(
            delete(WebSessionRow).where(
                WebSessionRow.account_id == account_id, WebSessionRow.browser_id != kept
            )
        )

    async def end_named(self, account_id: int, beginning: str) -> None:
        """Ends the sessions of the account whose names begin so."""
        await self._connection.execute(
            delete(WebSessionRow).where(
                WebSessionRow.account_id == account_id,
                WebSessionRow.name.startswith(beginning, autoescape=True),
            )
        )

    async def list_sessions(self, account_id: int, now: datetime) -> list[Session]:
        """The browsers that are logged in to an account, the latest login first."""
        statement = (
            select(*_OWN_COLUMNS)
            .where(WebSessionRow.account_id == account_id, WebSessionRow.logged_in_until > now)
            .order_by(WebSessionRow.logged_in_at.desc(), WebSessionRow.browser_id)
        )
        return [
            Session(
                address=Address(Channel.WEB, browser_id),
                name=name,
                logged_in_at=logged_in_at,
                last_seen_at=last_seen_at,
            )
            for browser_id, name, logged_in_at, last_seen_at, _ in (
                await self._connection.execute(statement)
            )
        ]

    async def _fetch(self, which: ColumnElement[bool], now: datetime) -> WebSession | None:
        statement = _SESSIONS.where(which, WebSessionRow.logged_in_until > now)
        row = (await self._connection.execute(statement)).one_or_none()
        if row is None:
            return None
        own: Sequence[Any] = row[len(ACCOUNT_COLUMNS) :]
        return WebSession(own[0], to_account(row), *own[1:])
