"""Outgoing mail over SMTP."""

import asyncio
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, localtime, parseaddr
from typing import Literal, Protocol

import aiosmtplib

from bot.integrations.errors import MailRefused, MailRetry, MailTooBig, WrongMailServer

#: Codes of RFC 3463 at the beginning of a refusal, or where qmail writes them, and those about the
#: recipient's address (5.1, but for the sender's own: 5.1.7, 5.1.8), the mailbox (5.2), the size
#: (5.3.4) and the content (5.6). All others are about us, the relay or the way: policy (5.7),
#: routing (5.4), protocol.
_ENHANCED_CODE = re.compile(r"(?:^|\(#)(5\.\d{1,3}\.\d{1,3})\b")
_ABOUT_THE_LETTER = re.compile(r"5\.(1\.([0-6]|9|10)|2\.\d+|3\.4|6\.\d+)")
#: RFC 5321 for servers without such codes: no such mailbox, it is elsewhere or full, a wrong name.
_ABOUT_THE_RECIPIENT = (550, 551, 552, 553)
#: They say so of the relay's rules as well, which only their words tell apart.
_ABOUT_THE_RELAY = re.compile(
    r"relay|rcpthosts|sender|client|helo|authent|block|black.?list|dnsbl|spam|polic|reputation"
    r"|denied|permitted|prohibit|spf|dkim|dmarc",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\S+@\S+")
_TOO_BIG = 552
_ENHANCED_TOO_BIG = "5.3.4"

_GOODBYE_SECONDS = 2.0
#: A person, or a start, waits for this answer.
_QUESTION_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    name: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """``text`` and ``html`` say the same; ``to`` is one bare address."""

    to: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()


class Mailer(Protocol):
    async def send(self, letter: Email, message_id: str) -> None:
        """Hands the letter over to a server; raises MailRetry, MailRefused, MailTooBig.

        ``message_id`` is the same for each try of one letter, so that a mailbox recognises one
        that came twice.
        """
        ...

    async def can_send_unicode(self) -> bool:
        """Whether addresses with other than ASCII letters before the @ can be sent to.

        True while that is unknown.
        """
        ...


class SmtpMailer:
    def __init__(
        self,
        *,
        host: str,
        port: int,
        username: str | None,
        password: str | None,
        security: Literal["none", "starttls", "tls"],
        sender: str,
        timeout: float = 30.0,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        """``sender`` is ``name@host`` or ``Name <name@host>``; ``timeout``: seconds per letter.

        ``tls_context`` None: certificates are checked against those the system trusts.
        Raises ValueError when ``sender`` is no single address.
        """
        self._host = host
        self._port = port
        self._username = username
        self._password = password
        self._security = security
        self._timeout = timeout
        self._tls_context = tls_context
        self._sender = _parse_sender(sender)
        self._takes_unicode: bool | None = None

    async def send(self, letter: Email, message_id: str) -> None:
        message = self._build_message(letter, message_id)
        client = self._connect()
        try:
            async with asyncio.timeout(self._timeout):
                await client.connect()
                await client.send_message(message)
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            refusal = _find_refusal(error)
            reason = _describe_error(refusal).replace(letter.to, "<recipient>")
            raise _find_error_class(refusal)(reason, _find_code(refusal)) from None
        # The letter is accepted: nothing that happens at parting may send it again.
        await _close(client)

    async def can_send_unicode(self) -> bool:
        """Asks the server once; the answer is kept."""
        if self._takes_unicode is None:
            client = self._connect()
            try:
                async with asyncio.timeout(_QUESTION_SECONDS):
                    await client.connect()
                    await client.ehlo()
            except (aiosmtplib.SMTPException, OSError):
                client.close()
                return True
            self._takes_unicode = client.supports_extension("smtputf8")
            await _close(client)
        return self._takes_unicode

    async def ping(self) -> None:
        """Connects, logs in and parts; raises MailRetry."""
        client = self._connect()
        try:
            async with asyncio.timeout(self._timeout):
                await client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailRetry(_describe_error(error)) from None
        await _close(client)

    async def verify_security(self) -> None:
        """Raises WrongMailServer when its port speaks TLS at once and should not, or the reverse.

        Each side would wait for the other to speak. A server that is away or silent is waited for.
        """
        expected = self._security == "tls"
        if not await self._is_greeted(tls=expected) and await self._is_greeted(tls=not expected):
            found, right = ("no TLS", "starttls") if expected else ("TLS", "tls")
            raise WrongMailServer(
                f"port {self._port} of the mail server speaks {found} from the first byte: "
                f"set SMTP_SECURITY={right}, or name another SMTP_PORT"
            )

    async def _is_greeted(self, *, tls: bool) -> bool:
        """Whether the server greets a client that begins with TLS, or one that does not.

        Nothing is told to it, so that it need not prove who it is.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if tls else None
        if context is not None:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            async with asyncio.timeout(_QUESTION_SECONDS):
                reader, writer = await asyncio.open_connection(self._host, self._port, ssl=context)
                try:
                    greeting = await reader.readline()
                    writer.write(b"QUIT\r\n")
                finally:
                    writer.close()
        except (OSError, ValueError):
            return False
        return greeting[:3].isdigit()

    def _connect(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._security == "tls",
            start_tls=self._security == "starttls",
            tls_context=self._tls_context,
            timeout=self._timeout,
        )

    def _build_message(self, letter: Email, message_id: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP_POLICY)
        try:
            # Given as one parsed address, a comma or a line break in it cannot add recipients.
            message["To"] = _parse_address(letter.to)
            message["Subject"] = letter.subject
        except (ValueError, MessageError, IndexError):
            raise MailRefused("the address or the subject cannot stand in a header") from None
        message["From"] = self._sender
        message["Date"] = format_datetime(localtime())
        message["Message-ID"] = f"<{message_id}@{self._sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        for one in letter.attachments:
            message.add_attachment(
                one.data, maintype="application", subtype="octet-stream", filename=one.name
            )
        return message


async def _close(client: aiosmtplib.SMTP) -> None:
    with suppress(aiosmtplib.SMTPException, OSError):
        async with asyncio.timeout(_GOODBYE_SECONDS):
            await client.quit()
    client.close()


def _find_refusal(error: Exception) -> Exception:
    """What the server said of the one recipient, or the error itself."""
    match error:
        case aiosmtplib.SMTPRecipientsRefused(recipients=[refusal, *_]):
            return refusal
        case _:
            return error


def _find_error_class(error: Exception) -> type[MailRetry | MailRefused]:
    """Whether this recipient or this content was refused for good.

    Whatever else fails (greeting, TLS, our password, our sender, what the relay thinks of us) is no
    fault of the letter, which waits until that is mended.
    """
    match error:
        case aiosmtplib.SMTPResponseException(code=code, message=message):
            if enhanced := _ENHANCED_CODE.search(message):
                too_big = enhanced[1] == _ENHANCED_TOO_BIG
                final = bool(_ABOUT_THE_LETTER.fullmatch(enhanced[1]))
            elif isinstance(error, aiosmtplib.SMTPRecipientRefused):
                words = _ADDRESS.sub("", message)
                too_big = False
                final = code in _ABOUT_THE_RECIPIENT and not _ABOUT_THE_RELAY.search(words)
            else:
                too_big = final = code == _TOO_BIG
        case _:
            too_big, final = False, isinstance(error, aiosmtplib.SMTPNotSupported)
    return MailTooBig if too_big else MailRefused if final else MailRetry


def _find_code(error: Exception) -> str:
    """The codes of RFC 5321 and RFC 3463, which quote nobody, unlike the words behind them."""
    match error:
        case aiosmtplib.SMTPResponseException(code=code, message=message):
            enhanced = _ENHANCED_CODE.search(message)
            return f"{code} {enhanced[1]}" if enhanced else str(code)
        case _:
            return ""


def _describe_error(error: Exception) -> str:
    match error:
        case aiosmtplib.SMTPResponseException(code=code, message=message):
            return f"{type(error).__name__}: {code} {message}"
        case _:
            return f"{type(error).__name__}: {error}"


def _parse_address(email: str) -> Address:
    """One bare address, its domain in ASCII; raises ValueError or what ``email`` raises.

    ``email`` parses no other letters than ASCII before the @, and sends them (RFC 6531).
    """
    name, _, domain = email.rpartition("@")
    if not name or not domain:
        raise ValueError("an address has a name and a domain")
    domain = domain.encode("idna").decode("ascii")
    shape = re.sub(r"[^\x00-\x7f]", "x", name)
    parsed = Address(addr_spec=f"{shape}@{domain}")
    if name.isascii():
        return parsed
    if not name.isprintable():
        raise ValueError("an address has no invisible characters")
    return Address(username=name, domain=domain)


def _parse_sender(text: str) -> Address:
    if not text.isprintable():
        raise ValueError(f"line breaks have no place in an address: {text!r}")
    name, email = parseaddr(text)
    try:
        address = _parse_address(email)
        return Address(name, address.username, address.domain)
    except (ValueError, MessageError, IndexError) as error:
        raise ValueError(f"not an address: {text!r}") from error
