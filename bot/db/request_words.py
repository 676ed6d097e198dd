"""Words of requests, and the search for them: FTS5 on SQLite, GIN on PostgreSQL."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import (
    AccountRow,
    AnswerRow,
    RequestRow,
    RequestWordsRow,
    UnindexedRequestRow,
)
from bot.db.upsert import build_insert

#: Words of letters are cut here by who indexes and by who asks; FTS5 has beginnings up to one less.
LONGEST_STEM = 10
#: Shorter words are searched for whole.
SHORTEST_PREFIX = 3
#: PostgreSQL sorts all that is found. So the newest requests are read first, so many for each line
#: that is wanted; what is not filled by them is rarer, and no more than so many are sorted.
_ROWS_PER_LINE, _MOST_SORTED = 500, 2_000
#: Pages of the index that FTS5 rewrites in one transaction.
_MERGED_PAGES = 500

#: A word is common if so many of the newest requests have it. An index reads all that it has of a
#: common word, so it is asked for the other words, and only what it finds is looked at for these.
_SAMPLED, _COMMON = 200, 10

_FIND_IN_FTS = (
    "SELECT request_id FROM request_index"
    " JOIN request_words ON request_words.request_id = request_index.rowid"
    " WHERE request_index MATCH :words{also}"
    " ORDER BY request_index.rowid DESC LIMIT :take OFFSET :skip"
)
_ALSO_IN_TEXT = " AND instr(' ' || request_words.words || ' ', :common{at}) > 0"
_FIND_AMONG_NEWEST = text(
    "SELECT request_id FROM request_words WHERE words @@ CAST(:words AS tsquery)"
    " AND request_id > (SELECT max(request_id) FROM request_words) - CAST(:rows AS bigint)"
    " ORDER BY request_id DESC LIMIT :take OFFSET :skip"
)
_FIND_RARE = text(
    "SELECT request_id FROM (SELECT request_id FROM request_words"
    " WHERE request_prefixes(words) @> CAST(:prefixes AS text[])"
    " AND words @@ CAST(:words AS tsquery) LIMIT :most) AS found"
    " ORDER BY request_id DESC LIMIT :take OFFSET :skip"
)
#: It takes a scan of the table for cheap, where it meets enough matches soon; and help of other
#: processes, which take longer to start than it takes alone.
_PREFER_INDEX = text(
    "SELECT set_config('enable_seqscan', 'off', true),"
    " set_config('max_parallel_workers_per_gather', '0', true)"
)


class RequestWordRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._is_sqlite = connection.dialect.name == "sqlite"

    async def find(self, words: Sequence[str], *, skip: int, take: int) -> list[int]:
        """Ids of requests with words that begin with each of ``words``, newest first.

        ``words`` are folded, of letters and digits only.
        """
        page = {"skip": skip, "take": take}
        common = await self._find_common(words) if len(words) > 1 else []
        rare = [one for one in words if one not in common] or words
        if self._is_sqlite:
            also = [one for one in words if one not in rare]
            statement = _FIND_IN_FTS.format(
                also="".join(_ALSO_IN_TEXT.format(at=at) for at in range(len(also)))
            )
            match = " AND ".join(f'"{one}"{"*" if _is_prefix(one) else ""}' for one in rare)
            values = {f"common{at}": _pad_word(one) for at, one in enumerate(also)}
            found = await self._connection.execute(
                text(statement), {"words": match, **values, **page}
            )
            return list(found.scalars())
        await self._connection.execute(_PREFER_INDEX)
        query = " & ".join(f"'{one}'{':*' if _is_prefix(one) else ''}" for one in words)
        rows = _ROWS_PER_LINE * (skip + take)
        found = await self._connection.execute(
            _FIND_AMONG_NEWEST, {"words": query, "rows": rows, **page}
        )
        newest = list(found.scalars())
        if len(newest) == take:
            return newest
        found = await self._connection.execute(
            _FIND_RARE, {"prefixes": list(rare), "words": query, "most": _MOST_SORTED, **page}
        )
        return list(found.scalars())

    async def _find_common(self, words: Sequence[str]) -> list[str]:
        newest = (
            select(RequestWordsRow.words)
            .order_by(RequestWordsRow.request_id.desc())
            .limit(_SAMPLED)
        )
        # PostgreSQL has each in quotation marks.
        said = [
            f" {one.replace(chr(39), '')} "
            for one in (await self._connection.execute(newest)).scalars()
        ]
        return [one for one in words if sum(_pad_word(one) in them for them in said) >= _COMMON]

    async def has_unindexed(self) -> bool:
        statement = select(UnindexedRequestRow.request_id).limit(1)
        return await self._connection.scalar(statement) is not None

    async def take_unindexed(self, limit: int) -> list[int]:
        """Ids of requests that are new or changed, newest first; they no longer count as such.

        Locked ones of others are left to a later turn.
        """
        statement = (
            select(RequestRow.id)
            .join(UnindexedRequestRow, UnindexedRequestRow.request_id == RequestRow.id)
            .order_by(UnindexedRequestRow.request_id.desc())
            .limit(limit)
            .with_for_update(of=RequestRow, read=True, key_share=True, skip_locked=True)
        )
        ids = list((await self._connection.execute(statement)).scalars())
        if ids:
            await self._connection.execute(
                delete(UnindexedRequestRow).where(UnindexedRequestRow.request_id.in_(ids))
            )
        return ids

    async def count_older(self, before: int) -> int:
        """How many requests there are below ``before``."""
        statement = select(func.count()).where(RequestRow.id < before)
        return await self._connection.scalar(statement) or 0

    async def list_older(self, before: int, limit: int) -> list[int]:
        """Ids of requests below ``before``, newest first."""
        statement = (
            select(RequestRow.id)
            .where(RequestRow.id < before)
            .order_by(RequestRow.id.desc())
            .limit(limit)
        )
        return list((await self._connection.execute(statement)).scalars())

    async def read_texts(self, ids: Sequence[int]) -> dict[int, str]:
        """What each of the requests says: name, text and answers."""
        heads = (
            select(RequestRow.id, AccountRow.name, RequestRow.text)
            .join(AccountRow, AccountRow.id == RequestRow.account_id)
            .where(RequestRow.id.in_(ids))
        )
        said = {
            request_id: [name, words]
            for request_id, name, words in await self._connection.execute(heads)
        }
        answers = select(AnswerRow.request_id, AnswerRow.value).where(AnswerRow.request_id.in_(ids))
        for request_id, value in await self._connection.execute(answers):
            said[request_id].append(value)
        return {request_id: "\n".join(texts) for request_id, texts in said.items()}

    async def store(self, words: Mapping[int, str]) -> None:
        """Stores the words of these requests, separated by spaces, in place of former ones."""
        if not words:
            return
        statement = build_insert(self._connection, RequestWordsRow)
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[RequestWordsRow.request_id],
                set_={"words": statement.excluded.words},
                where=RequestWordsRow.words != statement.excluded.words,
            ),
            [{"request_id": one, "words": those} for one, those in words.items()],
        )

    async def merge(self, *, begin: bool) -> bool:
        """SQLite: rewrites some pages of the index without what was deleted; whether any are left.

        ``begin``: all of the index is to be rewritten, in this step and those that follow.
        """
        if not self._is_sqlite:
            return False
        changes = text("SELECT total_changes()")
        before = await self._connection.scalar(changes) or 0
        await self._connection.execute(
            text("INSERT INTO request_index (request_index, rank) VALUES ('merge', :pages)"),
            {"pages": -_MERGED_PAGES if begin else _MERGED_PAGES},
        )
        # By the manual of FTS5: one change is that of the command itself.
        return (await self._connection.scalar(changes) or 0) - before >= 2


def _is_prefix(word: str) -> bool:
    """A stem was cut alike when it was indexed: it is found whole."""
    return len(word) >= SHORTEST_PREFIX and not (word.isalpha() and len(word) == LONGEST_STEM)


def _pad_word(word: str) -> str:
    """The word as it is found among others, which are separated by spaces."""
    return f" {word}" if _is_prefix(word) else f" {word} "
