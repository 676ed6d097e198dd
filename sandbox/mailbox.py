"""SMTP server that keeps every letter in memory."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A letter as it arrived; ``attachments`` are bytes in base64 by file name."""

    recipients: tuple[str, ...]
    sender: str
    subject: str
    text: str
    html: str
    message_id: str
    received_at: datetime
    attachments: Mapping[str, str] = field(default_factory=dict)

    def read_attachment(self, name: str) -> bytes:
        return b64decode(self.attachments[name])


class Mailbox:
    """Listens on loopback; ``mails`` are in the order of arrival.

    ``refusal``: the SMTP answer to every letter while it is set. ``on_phase`` is called with
    ``EHLO``, ``MAIL``, ``RCPT``, ``DATA`` (the whole letter came) and ``kept`` before the server
    answers; a string that it returns is the answer.
    """

    def __init__(self, on_mail: Callable[[], None] = lambda: None) -> None:
        self.mails: list[Mail] = []
        self.refusal: str | None = None
        self.on_phase: Callable[[str], Awaitable[str | None]] | None = None
        self.port = 0
        self._on_mail = on_mail
        self._server: asyncio.Server | None = None

    def dump(self) -> list[dict[str, Any]]:
        """The letters, as JSON takes them."""
        return [{**asdict(one), "received_at": one.received_at.isoformat()} for one in self.mails]

    def load(self, kept: Iterable[dict[str, Any]]) -> None:
        """Goes on from what ``dump`` made."""
        self.mails = [
            Mail(
                **{
                    **one,
                    "recipients": tuple(one["recipients"]),
                    "received_at": datetime.fromisoformat(one["received_at"]),
                }
            )
            for one in kept
        ]

    async def start(self, port: int = 0) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", port
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def handle_EHLO(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        refusal = await self._report_phase("EHLO")
        return [refusal] if refusal else responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self._report_phase("MAIL") or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := await self._report_phase("RCPT"):
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if refusal := self.refusal or await self._report_phase("DATA"):
            return refusal
        content: Any = envelope.content
        message: Any = message_from_bytes(content, policy=modern)
        self.mails.append(
            Mail(
                recipients=tuple(envelope.rcpt_tos),
                sender=str(message["From"]),
                subject=str(message["Subject"]),
                text=_get_body(message, "plain"),
                html=_get_body(message, "html"),
                message_id=str(message["Message-ID"]),
                received_at=datetime.now(UTC),
                attachments={
                    part.get_filename() or "file": b64encode(part.get_content()).decode()
                    for part in message.iter_attachments()
                },
            )
        )
        self._on_mail()
        return await self._report_phase("kept") or "250 OK"

    async def _report_phase(self, name: str) -> str | None:
        return await self.on_phase(name) if self.on_phase else None


def _get_body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return "" if part is None else str(part.get_content())
