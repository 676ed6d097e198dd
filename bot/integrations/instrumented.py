"""Calls of others, timed and counted by how they ended."""

from bot.integrations.askue import Askue, MeterState
from bot.integrations.smtp import Letter, Mailer
from bot.metrics import Metrics


class MeteredMailer:
    def __init__(self, mailer: Mailer, metrics: Metrics) -> None:
        self._mailer = mailer
        self._metrics = metrics

    async def send(self, letter: Letter, message_id: str) -> None:
        with self._metrics.call("mail"):
            await self._mailer.send(letter, message_id)


class MeteredAskue:
    def __init__(self, askue: Askue, metrics: Metrics) -> None:
        self._askue = askue
        self._metrics = metrics

    async def states(self, identifier: str, password: str) -> tuple[MeterState, ...]:
        with self._metrics.call("askue"):
            return await self._askue.states(identifier, password)
