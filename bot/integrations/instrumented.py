"""Instrumented clients: time the calls of mail and ASKUE and count their outcomes."""

from bot.integrations.askue import AskueClient, MeterState
from bot.integrations.smtp import Email, Mailer
from bot.metrics import Metrics


class InstrumentedMailer:
    def __init__(self, mailer: Mailer, metrics: Metrics) -> None:
        self._mailer = mailer
        self._metrics = metrics

    async def send(self, letter: Email, message_id: str) -> None:
        with self._metrics.time_call("mail"):
            await self._mailer.send(letter, message_id)

    async def can_send_unicode(self) -> bool:
        return await self._mailer.can_send_unicode()


class InstrumentedAskue:
    def __init__(self, askue: AskueClient, metrics: Metrics) -> None:
        self._askue = askue
        self._metrics = metrics

    async def fetch_states(self, identifier: str, password: str) -> tuple[MeterState, ...]:
        with self._metrics.time_call("askue"):
            return await self._askue.fetch_states(identifier, password)
