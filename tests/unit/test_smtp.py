"""Letters through a real SMTP server on loopback, well-behaved and otherwise."""

import asyncio
import re
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from bot.app import factories
from bot.integrations import smtp
from bot.integrations.errors import (
    MailFailed,
    MailRefused,
    MailRetry,
    MailTooBig,
    WrongMailServer,
)
from bot.integrations.smtp import Email, SmtpMailer
from bot.settings import Settings, SettingsError

LETTER = Email(
    to="ivanova@example.ru",
    subject="Заявка № 2026-000123 зарегистрирована",
    text="Ваша заявка принята.\nСрок: 08.12.2026",
    html="<p>Ваша заявка принята.</p><p>Срок: 08.12.2026</p>",
)


class ScriptedSmtpServer:
    """Keeps what arrives; refuses with the answers it is given, by moment of the dialogue."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.senders: list[str] = []

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "mail" in self.answers:
            return self.answers["mail"]
        envelope.mail_from = address
        self.senders.append(address)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "rcpt" in self.answers:
            return self.answers["rcpt"]
        envelope.rcpt_tos.append(address)
        self.recipients.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if "data" in self.answers:
            return self.answers["data"]
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.SMTP)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 OK"


@asynccontextmanager
async def run_smtp_server(mailbox: ScriptedSmtpServer, **options: Any) -> AsyncIterator[int]:
    controller = UnthreadedController(
        mailbox, hostname="127.0.0.1", port=0, loop=asyncio.get_running_loop(), **options
    )
    server = await controller._create_server()
    assert isinstance(server, asyncio.Server)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def run_dialogue(
    dialogue: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    """A server that says whatever ``dialogue`` says."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await dialogue(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def build_mailer(port: int, **options: Any) -> SmtpMailer:
    settings: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "username": None,
        "password": None,
        "security": "none",
        "sender": "Сетевая компания <no-reply@grid.example>",
        "timeout": 2.0,
    }
    return SmtpMailer(**settings | options)


async def test_a_letter_arrives_as_it_was_written() -> None:
    mailbox = ScriptedSmtpServer()
    async with run_smtp_server(mailbox) as port:
        await build_mailer(port).send(LETTER, "outbox-17")
    (message,) = mailbox.messages
    assert mailbox.recipients == ["ivanova@example.ru"]
    assert mailbox.senders == ["no-reply@grid.example"]
    assert message["Subject"] == LETTER.subject
    assert message["To"] == "ivanova@example.ru"
    assert message["From"].addresses[0].display_name == "Сетевая компания"
    assert message["Message-ID"] == "<outbox-17@grid.example>"
    assert message["Date"]
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert text.get_content().replace("\r\n", "\n").strip() == LETTER.text
    assert html.get_content_type() == "text/html"
    assert html.get_content().strip() == LETTER.html


async def test_a_repeated_letter_has_the_same_message_id() -> None:
    mailbox = ScriptedSmtpServer()
    async with run_smtp_server(mailbox) as port:
        sender = build_mailer(port)
        await sender.send(LETTER, "outbox-17")
        await sender.send(LETTER, "outbox-17")
    first, second = mailbox.messages
    assert first["Message-ID"] == second["Message-ID"]


async def test_ten_letters_at_once() -> None:
    mailbox = ScriptedSmtpServer()
    async with run_smtp_server(mailbox) as port:
        sender = build_mailer(port)
        await asyncio.gather(*(sender.send(LETTER, f"outbox-{n}") for n in range(10)))
    assert len({message["Message-ID"] for message in mailbox.messages}) == 10


@pytest.mark.parametrize(
    ("answers", "failure"),
    [
        ({"rcpt": "550 5.1.1 <ivanova@example.ru> is unknown"}, MailRefused),
        ({"rcpt": "550 5.1.10 the domain takes no mail"}, MailRefused),
        ({"rcpt": "552 5.2.2 mailbox full"}, MailRefused),
        ({"rcpt": "550 no such user"}, MailRefused),
        ({"data": "554 5.6.0 malformed"}, MailRefused),
        ({"data": "552 5.3.4 too big"}, MailTooBig),
        ({"data": "552 too big"}, MailTooBig),
        ({"mail": "552 5.3.4 larger than the limit"}, MailTooBig),
        # The relay's trouble, or its opinion of us: an hour of it must lose no letter.
        ({"rcpt": "554 5.7.1 relay access denied"}, MailRetry),
        ({"rcpt": "550 5.7.1 your host is blocked"}, MailRetry),
        ({"rcpt": "550 5.4.1 no route"}, MailRetry),
        ({"rcpt": "554 go away"}, MailRetry),
        ({"data": "554 5.7.1 looks like spam"}, MailRetry),
        ({"data": "554 transaction failed"}, MailRetry),
        ({"mail": "550 5.1.8 sender's domain is unknown"}, MailRetry),
        ({"mail": "501 5.1.7 bad sender"}, MailRetry),
        # Servers without codes of RFC 3463, such as Exim, and qmail, which writes them last.
        ({"rcpt": "550 relay not permitted"}, MailRetry),
        ({"rcpt": "550 rejected because 192.0.2.1 is in a black list at dnsbl.example"}, MailRetry),
        ({"rcpt": "553 sender is not owned by the user"}, MailRetry),
        ({"rcpt": "553 that domain isn't in my list of allowed rcpthosts (#5.7.1)"}, MailRetry),
        ({"rcpt": "550 sorry, no mailbox here by that name (#5.1.1)"}, MailRefused),
        ({"rcpt": "550 Unrouteable address"}, MailRefused),
        ({"rcpt": "550 <relay@example.ru>: no such user"}, MailRefused),
        ({"rcpt": "450 4.2.0 greylisted"}, MailRetry),
        ({"rcpt": "421 4.3.2 closing"}, MailRetry),
        ({"data": "451 4.3.0 later"}, MailRetry),
        ({"mail": "421 4.3.2 too busy"}, MailRetry),
        # Our own sender is refused: no fault of the letter, which must not be lost for it.
        ({"mail": "553 5.7.1 sender is not owned by user"}, MailRetry),
    ],
)
async def test_refusals(answers: dict[str, str], failure: type[Exception]) -> None:
    mailbox = ScriptedSmtpServer(**answers)
    async with run_smtp_server(mailbox) as port:
        with pytest.raises(MailFailed) as caught:
            await build_mailer(port).send(LETTER, "outbox-17")
    assert caught.type is failure
    (answer,) = answers.values()
    assert answer[:3] in str(caught.value)
    enhanced = re.search(r"(?:^\d{3} |#)(5\.\d+\.\d+)", answer)
    expected = f"{answer[:3]} {enhanced[1]}" if enhanced else answer[:3]
    assert caught.value.smtp_code == expected
    assert "ivanova@example.ru" not in str(caught.value)
    assert not mailbox.messages


async def test_nobody_listens() -> None:
    async with run_dialogue(lambda reader, writer: asyncio.sleep(0)) as port:
        pass
    with pytest.raises(MailRetry):
        await build_mailer(port).send(LETTER, "outbox-17")
    with pytest.raises(MailRetry):
        await build_mailer(25, host="no-such-host.invalid").send(LETTER, "outbox-17")


async def test_a_greeting_of_another_mood() -> None:
    async def answer_busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 go away\r\n")
        await writer.drain()

    async with run_dialogue(answer_busy) as port:
        with pytest.raises(MailRetry):
            await build_mailer(port).send(LETTER, "outbox-17")


async def test_silence_ends_with_the_time_given() -> None:
    async def stay_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with run_dialogue(stay_silent) as port, asyncio.timeout(3):
        with pytest.raises(MailRetry):
            await build_mailer(port, timeout=0.3).send(LETTER, "outbox-17")


async def test_a_trickle_ends_with_the_time_given() -> None:
    async def answer_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(100):
            writer.write(b"220-wait\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with run_dialogue(answer_slowly) as port, asyncio.timeout(3):
        with pytest.raises(MailRetry):
            await build_mailer(port, timeout=0.3).send(LETTER, "outbox-17")


def _build_dialogue(moment: bytes, then: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> Any:
    """A dialogue that goes well until a line starts with ``moment`` (``.``: end of data)."""

    async def dialogue(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        in_data = False
        while line := await reader.readline():
            if line.startswith(moment) and (not in_data or line == b".\r\n"):
                await then(writer)
                return
            if line == b".\r\n":
                in_data = False
            if in_data:
                continue
            in_data = line.startswith(b"DATA")
            writer.write(b"354 go on\r\n" if in_data else b"250 OK\r\n")
            await writer.drain()

    return dialogue


@pytest.mark.parametrize("moment", [b"EHLO", b"MAIL", b"RCPT", b"DATA", b"."])
async def test_a_cut_wire(moment: bytes) -> None:
    async def cut(writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with run_dialogue(_build_dialogue(moment, cut)) as port:
        with pytest.raises(MailRetry):
            await build_mailer(port).send(LETTER, "outbox-17")


async def test_an_accepted_letter_is_sent_whatever_happens_at_parting() -> None:
    async def cut(writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with run_dialogue(_build_dialogue(b"QUIT", cut)) as port:
        await build_mailer(port).send(LETTER, "outbox-17")


@pytest.mark.parametrize(
    "to",
    [
        "a@b.ru\r\nBcc: victim@example.ru",
        "a@b.ru, victim@example.ru",
        "victim@example.ru <a@b.ru>",
        "анна, victim@example.ru",
        "анна\u2028@b.ru",
        "анна б@c.ru",
        "a b@c.ru",
        "no-at",
        "@b.ru",
        "a@",
        "",
    ],
)
async def test_an_address_cannot_become_two_or_a_header(to: str) -> None:
    mailbox = ScriptedSmtpServer()
    letter = Email(to=to, subject="s", text="t", html="h")
    async with run_smtp_server(mailbox) as port:
        with pytest.raises(MailRefused):
            await build_mailer(port).send(letter, "outbox-17")
    assert not mailbox.recipients


async def test_a_subject_cannot_become_a_header() -> None:
    letter = Email(to="a@b.ru", subject="s\r\nBcc: victim@example.ru", text="t", html="h")
    with pytest.raises(MailRefused):
        await build_mailer(25).send(letter, "outbox-17")


async def test_a_cyrillic_domain_is_reached() -> None:
    mailbox = ScriptedSmtpServer()
    async with run_smtp_server(mailbox) as port:
        letter = Email(to="info@почта.рф", subject="s", text="t", html="h")
        await build_mailer(port).send(letter, "outbox-17")
    assert mailbox.recipients == ["info@xn--80a1acny.xn--p1ai"]


async def test_cyrillic_letters_before_the_at_are_sent() -> None:
    mailbox = ScriptedSmtpServer()
    async with run_smtp_server(mailbox, enable_SMTPUTF8=True) as port:
        letter = Email(to="анна@почта.рф", subject="Тема", text="t", html="h")
        await build_mailer(port).send(letter, "outbox-17")
    assert mailbox.recipients == ["анна@xn--80a1acny.xn--p1ai"]
    assert mailbox.messages[0]["Subject"] == "Тема"


async def test_a_long_line_arrives_whole() -> None:
    mailbox = ScriptedSmtpServer()
    line = "слово " * 2000
    async with run_smtp_server(mailbox) as port:
        letter = Email(to="a@b.ru", subject="s" * 500, text=line, html=f"<p>{line}</p>")
        await build_mailer(port).send(letter, "outbox-17")
    text = next(mailbox.messages[0].iter_parts())
    assert text.get_content().strip() == line.strip()
    assert mailbox.messages[0]["Subject"] == "s" * 500


@pytest.mark.parametrize("sender", ["", "company", "a@b.ru\r\nBcc: c@d.ru"])
def test_a_wrong_sender_is_found_at_start(sender: str) -> None:
    with pytest.raises(ValueError, match="address"):
        build_mailer(25, sender=sender)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 "
        f"-addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {cert}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    return key, cert


@pytest.fixture
def server_tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    key, cert = certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    return context


@pytest.fixture
def client_tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate[1])


def _build_authenticator(username: bytes, password: bytes) -> Callable[..., AuthResult]:
    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        known = (data.login, data.password) == (username, password)
        return AuthResult(success=known, handled=False)

    return check


async def test_starttls_with_a_password(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    mailbox = ScriptedSmtpServer()
    options = {
        "tls_context": server_tls,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": _build_authenticator(b"cabinet", b"secret"),
    }
    async with run_smtp_server(mailbox, **options) as port:
        known = {"security": "starttls", "username": "cabinet", "tls_context": client_tls}
        await build_mailer(port, **known, password="secret").send(LETTER, "outbox-17")
        await build_mailer(port, **known, password="secret").ping()
        # A wrong password of ours is mended in the settings; the letters wait for that.
        with pytest.raises(MailRetry):
            await build_mailer(port, **known, password="wrong").send(LETTER, "outbox-18")
        with pytest.raises(MailRetry):
            await build_mailer(port, **known, password="wrong").ping()
    assert len(mailbox.messages) == 1


async def test_tls_from_the_first_byte(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    mailbox = ScriptedSmtpServer()
    async with run_smtp_server(mailbox, ssl_context=server_tls) as port:
        await build_mailer(port, security="tls", tls_context=client_tls).send(LETTER, "outbox-17")
        # The same certificate, unknown to the system.
        with pytest.raises(MailRetry):
            await build_mailer(port, security="tls").send(LETTER, "outbox-18")
    assert len(mailbox.messages) == 1


async def test_the_settings_may_name_the_authority(
    server_tls: ssl.SSLContext, certificate: tuple[Path, Path]
) -> None:
    mailbox = ScriptedSmtpServer()
    key, cert = certificate
    async with run_smtp_server(mailbox, ssl_context=server_tls) as port:
        settings = Settings(
            _env_file=None,
            smtp_host="127.0.0.1",
            smtp_port=port,
            smtp_security="tls",
            smtp_ca_file=cert,
            mail_from="no-reply@grid.example",
        )
        await factories.build_mailer(settings).send(LETTER, "outbox-17")
    assert len(mailbox.messages) == 1
    with pytest.raises(SettingsError, match="SMTP_CA_FILE"):
        factories.build_mailer(settings.model_copy(update={"smtp_ca_file": key}))


async def test_a_port_that_speaks_tls_when_it_should_not_or_does_not_is_named(
    server_tls: ssl.SSLContext,
) -> None:
    mailbox = ScriptedSmtpServer()
    async with (
        run_smtp_server(mailbox, ssl_context=server_tls) as tls,
        run_smtp_server(mailbox) as plain,
    ):
        await build_mailer(tls, security="tls").verify_security()
        await build_mailer(plain, security="starttls").verify_security()
        with pytest.raises(WrongMailServer, match=f"port {tls} .* set SMTP_SECURITY=tls"):
            await build_mailer(tls, security="starttls").verify_security()
        with pytest.raises(WrongMailServer, match=f"port {plain} .* set SMTP_SECURITY=starttls"):
            await build_mailer(plain, security="tls").verify_security()


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_server_that_is_away_or_silent_is_not_judged(
    security: str, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stay_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    await build_mailer(unused_tcp_port, security=security).verify_security()
    monkeypatch.setattr(smtp, "_QUESTION_SECONDS", 0.1)
    async with run_dialogue(stay_silent) as port:
        await build_mailer(port, security=security).verify_security()


async def test_a_server_without_starttls_gets_no_letter() -> None:
    mailbox = ScriptedSmtpServer()
    async with run_smtp_server(mailbox) as port:
        with pytest.raises(MailRetry):
            await build_mailer(port, security="starttls").send(LETTER, "outbox-17")
    assert not mailbox.messages


@pytest.mark.parametrize("enabled", [True, False])
async def test_the_server_says_whether_it_takes_any_alphabet(enabled: bool) -> None:
    mailbox = ScriptedSmtpServer()
    async with run_smtp_server(mailbox, enable_SMTPUTF8=enabled) as port:
        mailer = build_mailer(port)
        assert await mailer.can_send_unicode() is enabled
    # The answer is kept: a person does not wait for the server twice.
    assert await mailer.can_send_unicode() is enabled


async def test_a_server_that_is_away_refuses_no_address(unused_tcp_port: int) -> None:
    assert await build_mailer(unused_tcp_port).can_send_unicode()
