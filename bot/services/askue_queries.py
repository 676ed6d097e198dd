"""ASKUE queries: one gateway call per chat beside its conversation, and the last tables in memory.

A gateway may take many seconds. The call is a task of its own, so that the chat goes on meanwhile;
a listener shows the outcome.
"""

import asyncio
import logging
from collections import OrderedDict
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
_TABLES = 500
_TABLE_LIFETIME = timedelta(minutes=30)
#: How long a listener may take to report that the bot is stopping, seconds.
_PARTING_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AskueTable:
    """The data that a gateway returned to an account, and when."""

    account_id: int
    states: tuple[MeterState, ...]
    at: datetime


class AskueListener(Protocol):
    """Shows the progress and the outcome of one query."""

    async def show_progress(self) -> None:
        """Runs while the gateway is waited for, until it is cancelled."""

    async def show_table(self, table: AskueTable) -> None: ...

    async def show_failure(self, code: str) -> None:
        """``code`` is one of AskueFailed."""


class AskueQueries:
    def __init__(self, client: AskueClient | None, clock: Clock) -> None:
        """``client`` None: the company has no ASKUE."""
        self._client = client
        self._clock = clock
        self._identifiers = OneTimeSecrets()
        self._passwords = OneTimeSecrets()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._closing = False
        self._tables: OrderedDict[int, AskueTable] = OrderedDict()

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
        chat_id: int,
        account_id: int,
        identifier: str,
        password: str,
        listener: AskueListener,
    ) -> None:
        """Queries the gateway in a task of its own, in place of an earlier query of the chat."""
        self.cancel(chat_id)
        if self._client is None:
            return
        task = asyncio.create_task(
            self._query(self._client, chat_id, account_id, identifier, password, listener)
        )
        self._tasks[chat_id] = task
        task.add_done_callback(lambda done: self._forget(chat_id, done))

    def cancel(self, chat_id: int) -> None:
        """Stops the query of the chat, if there is one."""
        task = self._tasks.pop(chat_id, None)
        if task is not None:
            task.cancel()

    def is_running(self, chat_id: int) -> bool:
        return chat_id in self._tasks

    def get_table(self, chat_id: int, account_id: int) -> AskueTable | None:
        """The last data of this chat and account."""
        table = self._tables.get(chat_id)
        if table is None or self._clock.now() - table.at > _TABLE_LIFETIME:
            self._tables.pop(chat_id, None)
            return None
        return table if table.account_id == account_id else None

    async def close(self) -> None:
        """Cancels all queries; their listeners show the failure ``down``."""
        self._closing = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, chat_id: int, task: asyncio.Task[None]) -> None:
        if self._tasks.get(chat_id) is task:
            del self._tasks[chat_id]

    async def _query(
        self,
        client: AskueClient,
        chat_id: int,
        account_id: int,
        identifier: str,
        password: str,
        listener: AskueListener,
    ) -> None:
        progress = asyncio.create_task(listener.show_progress())
        try:
            states = await client.fetch_states(identifier, password)
            table = AskueTable(account_id=account_id, states=states, at=self._clock.now())
            self._keep_table(chat_id, table)
            await listener.show_table(table)
        except asyncio.CancelledError:
            if self._closing:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_PARTING_SECONDS):
                        await listener.show_failure("down")
            raise
        except AskueFailed as failure:
            log.info("the gateway failed: %s", failure.code)
            await listener.show_failure(failure.code)
        except Exception as error:  # noqa: BLE001 (a task has no caller that would report it)
            log.error(  # noqa: TRY400
                "the gateway's answer failed with %s at\n%s", type(error).__name__, get_place(error)
            )
            await listener.show_failure("strange")
        finally:
            progress.cancel()

    def _keep_table(self, chat_id: int, table: AskueTable) -> None:
        self._tables[chat_id] = table
        self._tables.move_to_end(chat_id)
        if len(self._tables) > _TABLES:
            self._tables.popitem(last=False)
