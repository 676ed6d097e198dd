"""Telegram, mail, PostgreSQL and Redis fail in every way while people go on."""

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from sqlalchemy import text

from sandbox.bot_api.state import ApiError, Fault
from tests.support.cluster import Cluster, rng, run_cluster
from tests.support.redis import REDIS_URL
from tests.support.tcp_proxy import run_tcp_proxy
from tests.support.world import STAFF_CHAT_ID

ENDLESS = 10**9


class FaultGenerator:
    """One call in six fails, each time in another way, but never twice in a row in one chat."""

    def __init__(self) -> None:
        kinds: list[dict[str, Any]] = [
            {"error": ApiError(429, "Too Many Requests: retry after 1", retry_after=1)},
            {"error": ApiError(500, "Internal Server Error")},
            {"lost": True},
            {"error": ApiError(502, "Bad Gateway")},
            {"cut": True},
        ]
        self.faults = [
            Fault(method="", where=self._choose, times=ENDLESS),
            *(
                Fault(method="", where=partial(self._is_chosen, index), times=ENDLESS, **kind)
                for index, kind in enumerate(kinds)
            ),
        ]
        self.met = 0
        self._kinds = len(kinds)
        self._drawn: int | None = None
        self._hurt: set[Any] = set()

    def _choose(self, parameters: Mapping[str, Any]) -> bool:
        chat = parameters.get("chat_id")
        self._drawn = None
        if chat not in self._hurt and "offset" not in parameters and rng.random() < 0.17:
            self._hurt.add(chat)
            self.met += 1
            self._drawn = self.met % self._kinds
        else:
            self._hurt.discard(chat)
        return False

    def _is_chosen(self, index: int, _: Mapping[str, Any]) -> bool:
        return self._drawn == index


async def test_telegram_storms(tmp_path: Path) -> None:
    async with run_cluster(tmp_path) as cluster:
        telegram = cluster.world.telegram
        people = await asyncio.gather(*(cluster.add_consumer(index) for index in range(2)))
        storm = FaultGenerator()
        telegram.faults.extend(storm.faults)
        await asyncio.gather(
            *(
                cluster.run_rounds(phone, cluster.add_staff_member(index), 2)
                for index, phone in enumerate(people)
            )
        )
        telegram.faults.clear()
        assert storm.met > 8
        await cluster.check_nothing_lost_or_doubled(most=4)
        await cluster.stop()
        cluster.check_log()


async def test_mail_fails_in_every_way(tmp_path: Path) -> None:
    async with run_cluster(tmp_path) as cluster:
        mailbox = cluster.world.mailbox
        phone, staff_member = await cluster.add_consumer(0), cluster.add_staff_member(0)
        async with run_tcp_proxy(mailbox.port) as line:
            await cluster.restart(SMTP_PORT=str(line.port))

            async def file_and_answer() -> None:
                calls = line.calls
                await cluster.answer_request(staff_member, phone, await cluster.file_request(phone))
                await cluster.wait_until(lambda: line.calls > calls)

            line.away = True
            await file_and_answer()
            line.away = False
            # Somewhere in the middle of the letter.
            line.cut_after = 900
            await file_and_answer()
            line.cut_after = None
            mailbox.refusal = "451 4.3.0 try again later"
            await file_and_answer()
            mailbox.refusal = None
            line.pause = 0.1
            await file_and_answer()
            line.pause = 0.0
            await cluster.check_nothing_lost_or_doubled()
            mailbox.refusal = "550 5.1.1 no such mailbox"
            await cluster.file_request(phone)
            await cluster.wait_until(lambda: "is given up: MailRefused" in cluster.world.log())
            mailbox.refusal = None
            await cluster.wait_for_empty_outbox()
            assert await cluster.count_rows("outbox WHERE dead_at IS NOT NULL") == 1
            assert cluster.world.log().count("is given up") == 1
            await cluster.stop()
        cluster.check_log()


async def test_connections_of_postgresql_and_redis_are_cut(tmp_path: Path) -> None:
    async with run_cluster(tmp_path, bots=2) as cluster:
        assert cluster.balancer is not None
        people = await asyncio.gather(*(cluster.add_consumer(index) for index in range(3)))
        living = asyncio.gather(
            *(
                cluster.run_rounds(phone, cluster.add_staff_member(index), 1)
                for index, phone in enumerate(people)
            )
        )
        cuts = 0
        while not living.done():
            await asyncio.sleep(rng.uniform(0.1, 0.4))
            await cut_postgresql(cluster) if cuts % 2 else await cut_redis(cluster)
            cuts += 1
        await living
        assert cuts > 4
        repeated = [*cluster.balancer.bodies]
        rng.shuffle(repeated)
        seen = len(cluster.world.telegram.chats[STAFF_CHAT_ID].messages)
        for body in repeated:
            # The first ones may meet a connection that was just cut.
            while await cluster.balancer.repeat(body) != 200:
                pass
        # Old updates in any order change nothing.
        assert len(cluster.world.telegram.chats[STAFF_CHAT_ID].messages) == seen
        await cluster.check_nothing_lost_or_doubled(most=4)
        await cluster.stop()
        cluster.check_log()


async def cut_postgresql(cluster: Cluster) -> None:
    async with cluster.engine.connect() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


async def cut_redis(cluster: Cluster) -> None:
    async with Redis.from_url(REDIS_URL) as redis:
        for client in await redis.client_list():
            if client["name"] == cluster.name:
                await redis.client_kill_filter(_id=client["id"])
