"""The index of requests' words: the same on both databases, as letters are folded here.

Triggers note the requests that are new or changed, also by code of the release before; they are
indexed some seconds later, or when somebody searches. Those that are older than the index follow in
batches, the newest first, so that no transaction takes longer than a moment.
"""

import asyncio
import logging
import re
from time import perf_counter
from unicodedata import normalize

from bot.db.database import Database, Tx
from bot.db.request_words import LONGEST_STEM

log = logging.getLogger(__name__)

#: Requests that are indexed in one transaction.
_BATCH = 50
#: So many times as long as it worked it rests. With rests as long as the work an update of somebody
#: else cost 1.7 times as much CPU while old requests were indexed.
_RESTS = 4
#: The log says after so many older requests how many are left.
_TOLD_EVERY = 10_000
#: A number longer than this is none.
_LONGEST_WORD = 32
#: Of a search.
_MOST_WORDS = 10
#: In ``remembered_values``: the lowest id that has been indexed; 0: all have.
_INDEXED_FROM = "request_index_from"
_ABOVE_ALL = 2**62
#: There, set by triggers on SQLite: something was deleted from the index.
_MERGE = "request_index_merge"


def split_words(said: str) -> list[str]:
    """Folded words of a text: ё is е, case does not matter, and endings of long words are cut."""
    folded = normalize("NFC", said).lower().replace("ё", "е")
    found = dict.fromkeys(re.findall(r"[^\W_]+", folded))
    cut = (one[:LONGEST_STEM] if one.isalpha() else one[:_LONGEST_WORD] for one in found)
    return list(dict.fromkeys(cut))


async def find_requests(tx: Tx, said: str, *, skip: int, take: int) -> list[int]:
    """Ids of requests with words that begin with those of ``said``, in any order, newest first."""
    words = split_words(said)[:_MOST_WORDS]
    return await tx.request_words.find(words, skip=skip, take=take) if words else []


class RequestWords:
    def __init__(self, database: Database) -> None:
        self._database = database
        #: Older requests, since the start.
        self._indexed = 0

    async def index_changed(self) -> bool:
        """Indexes a batch of what is new or changed; whether there may be more."""
        async with self._database.read() as tx:
            if not await tx.request_words.has_unindexed():
                return False
        async with self._database.begin() as tx:
            ids = await tx.request_words.take_unindexed(_BATCH)
            await _index(tx, ids)
        return len(ids) == _BATCH

    async def update_index(self) -> None:
        """Indexes all that waits, and forgets what was deleted.

        People go first: after each batch it rests for a multiple of the time that it worked.
        """
        for work in (self.index_changed, self._index_older, self._merge):
            begun = perf_counter()
            while await work():
                await asyncio.sleep(_RESTS * (perf_counter() - begun))
                begun = perf_counter()

    async def count_older(self) -> int:
        """How many requests, older than the index, wait for it and are not found by words."""
        async with self._database.read() as tx:
            before = int(await tx.values.get(_INDEXED_FROM) or _ABOVE_ALL)
            return await tx.request_words.count_older(before)

    async def _index_older(self) -> bool:
        async with self._database.read() as tx:
            if await tx.values.get(_INDEXED_FROM) == "0":
                return False
        if self._indexed % _TOLD_EVERY == 0 and (left := await self.count_older()):
            log.info("%d older requests are not indexed for /find yet", left)
        # One process at a time.
        async with self._database.lock(_INDEXED_FROM), self._database.begin() as tx:
            before = int(await tx.values.get(_INDEXED_FROM) or _ABOVE_ALL)
            ids = await tx.request_words.list_older(before, _BATCH)
            await _index(tx, ids)
            await tx.values.set(_INDEXED_FROM, str(ids[-1] if ids else 0))
        self._indexed += len(ids)
        if self._indexed and not ids:
            log.info("all requests are indexed for /find")
        return bool(ids)

    async def _merge(self) -> bool:
        async with self._database.read() as tx:
            stage = await tx.values.get(_MERGE)
        if stage is None:
            return False
        async with self._database.begin() as tx:
            more = await tx.request_words.merge(begin=stage == "begin")
            if more:
                await tx.values.set(_MERGE, "continue")
            else:
                await tx.values.delete([_MERGE])
        return more


async def _index(tx: Tx, ids: list[int]) -> None:
    if ids:
        said = await tx.request_words.read_texts(ids)
        await tx.request_words.store({one: " ".join(split_words(said[one])) for one in said})
