"""ASKUE queries: one gateway call per chat or browser session, and the last outcomes in memory.

A gateway may take many seconds. The call is a task of its own, so that the chat goes on meanwhile;
a listener shows the outcome, or a page asks for it.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.integrations.askue import AskueClient, MeterState, OneTimeSecrets
from bot.integrations.errors import AskueFailed
from bot.logs import get_place
from bot.services.clock import Clock
from bot.services.errors import CredentialsGone

log = logging.getLogger(__name__)

#: Tables that people page through: the oldest are dropped first, and none is kept for longer.
_OUTCOMES = 500
_OUTCOME_LIFETIME = timedelta(minutes=30)
#: How long a listener may take to report that the bot is stopping, seconds.
_PARTING_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AskueTable:
    """The data that a gateway returned to an account, and when."""

    account_id: int
    states: tuple[MeterState, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AskueFailure:
    """Why a gateway returned nothing to an account: ``code`` of AskueFailed."""

    account_id: int
    code: str
    at: datetime


class AskueListener(Protocol):
    """Shows the progress and the outcome of one query."""

    async def show_progress(self) -> None:
        """Runs while the gateway is waited for, until it is cancelled."""

    async def show_table(self, table: AskueTable) -> None: ...

    async def show_failure(self, code: str) -> None:
        """``code`` is one of AskueFailed."""


class SilentAskueListener:
    """Shows nothing: whoever waits asks for the outcome."""

    async def show_progress(self) -> None: ...

    async def show_table(self, table: AskueTable) -> None: ...

    async def show_failure(self, code: str) -> None: ...


class AskueQueries:
    def __init__(self, client: AskueClient | None, clock: Clock) -> None:
        """``client`` None: the company has no ASKUE."""
        self._client = client
        self._clock = clock
        self._identifiers = OneTimeSecrets()
        self._passwords = OneTimeSecrets()
        self._tasks: dict[Hashable, asyncio.Task[None]] = {}
        self._closing = False
        self._outcomes: OrderedDict[Hashable, AskueTable | AskueFailure] = OrderedDict()

    @property
    def is_connected(self) -> bool:
        return self._client is not None

    def keep_identifier(self, draft_id: str, identifier: str) -> None:
        """Keeps an identifier in memory until ``take_credentials``, for ten minutes at most."""
        self._identifiers.put(draft_id, identifier)

    def keep_password(self, draft_id: str, password: str) -> None:
        """As ``keep_identifier``."""
        self._passwords.put(draft_id, password)

    def take_credentials(self, draft_id: str) -> tuple[str, str]:
        """Identifier and password, once; raises CredentialsGone."""
        identifier = self._identifiers.take(draft_id)
        password = self._passwords.take(draft_id)
        if identifier is None or password is None:
            raise CredentialsGone
        return identifier, password

    def start(
        self,
        owner: Hashable,
        account_id: int,
        identifier: str,
        password: str,
        listener: AskueListener,
    ) -> None:
        """Queries the gateway in a task of its own, in place of an earlier query of the owner.

        ``owner`` is who gets the outcome: a chat, or one session of a browser.
        """
        self.cancel(owner)
        if self._client is None:
            return
        task = asyncio.create_task(
            self._query(self._client, owner, account_id, identifier, password, listener)
        )
        self._tasks[owner] = task
        task.add_done_callback(lambda done: self._end(owner, done))

    def cancel(self, owner: Hashable) -> None:
        """Stops the query of the owner, if there is one."""
        task = self._tasks.pop(owner, None)
        if task is not None:
            task.cancel()

    def forget(self, owner: Hashable) -> None:
        """As ``cancel``, and drops what the last query gave: the owner logged out."""
        self.cancel(owner)
        self._outcomes.pop(owner, None)

    def is_running(self, owner: Hashable) -> bool:
        return owner in self._tasks

    async def wait(self, owner: Hashable, seconds: float) -> None:
        """Returns when the query of the owner is over, or after so many seconds."""
        task = self._tasks.get(owner)
        if task is not None:
            await asyncio.wait({task}, timeout=seconds)

    def get_outcome(self, owner: Hashable, account_id: int) -> AskueTable | AskueFailure | None:
        """What the last query of this owner and account gave; None when it is forgotten."""
        outcome = self._outcomes.get(owner)
        if outcome is None or self._clock.now() - outcome.at > _OUTCOME_LIFETIME:
            self._outcomes.pop(owner, None)
            return None
        return outcome if outcome.account_id == account_id else None

    def get_table(self, owner: Hashable, account_id: int) -> AskueTable | None:
        """The last data of this owner and account."""
        outcome = self.get_outcome(owner, account_id)
        return outcome if isinstance(outcome, AskueTable) else None

    async def close(self) -> None:
        """Cancels all queries; their listeners show the failure ``down``."""
        self._closing = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _end(self, owner: Hashable, task: asyncio.Task[None]) -> None:
        if self._tasks.get(owner) is task:
            del self._tasks[owner]

    async def _query(
        self,
        client: AskueClient,
        owner: Hashable,
        account_id: int,
        identifier: str,
        password: str,
        listener: AskueListener,
    ) -> None:
        progress = asyncio.create_task(listener.show_progress())

        async def keep_failure(code: str) -> None:
            failure = AskueFailure(account_id=account_id, code=code, at=self._clock.now())
            self._keep_outcome(owner, failure)
            await listener.show_failure(code)

        try:
            states = await client.fetch_states(identifier, password)
            table = AskueTable(account_id=account_id, states=states, at=self._clock.now())
            self._keep_outcome(owner, table)
            await listener.show_table(table)
        except asyncio.CancelledError:
            if self._closing:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_PARTING_SECONDS):
                        await listener.show_failure("down")
            raise
        except AskueFailed as failure:
            log.info("the gateway failed: %s", failure.code)
            await keep_failure(failure.code)
        except Exception as error:  # noqa: BLE001 (a task has no caller that would report it)
            log.error(  # noqa: TRY400
                "the gateway's answer failed with %s at\n%s", type(error).__name__, get_place(error)
            )
            await keep_failure("strange")
        finally:
            progress.cancel()

    def _keep_outcome(self, owner: Hashable, outcome: AskueTable | AskueFailure) -> None:
        self._outcomes[owner] = outcome
        self._outcomes.move_to_end(owner)
        if len(self._outcomes) > _OUTCOMES:
            self._outcomes.popitem(last=False)
