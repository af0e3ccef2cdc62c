"""Mail servers on loopback for tests: a real one that keeps what it gets, and one that answers what it is told to."""

from __future__ import annotations

import asyncio
import email
import logging
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

# The server's own log is another machine's.
logging.getLogger("mail.log").propagate = False
HOST = "127.0.0.1"
USER, PASSWORD = "talk", "open sesame & more"


@dataclass(slots=True)
class Office:
    """A mail server's inside: the mail it took, and the answers it gives instead of taking it (by command)."""

    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    encrypted: list[bool] = field(default_factory=list)
    signed_in: list[bool] = field(default_factory=list)
    port: int = 0

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        """A sender."""
        if "MAIL" not in self.answers:
            envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        """A recipient."""
        if "RCPT" not in self.answers:
            envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """A mail."""
        if "DATA" not in self.answers:
            content = envelope.content if isinstance(envelope.content, bytes) else b""
            self.mails.append(email.message_from_bytes(content, EmailMessage, policy=POLICY))
            self.envelopes.append((envelope.mail_from or "", list(envelope.rcpt_tos)))
            self.encrypted.append(session.ssl is not None)
            self.signed_in.append(session.authenticated is True)
        return self.answers.get("DATA", "250 OK")

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Whether this is the one user there is."""
        known = isinstance(data, LoginPassword) and data == LoginPassword(USER.encode(), PASSWORD.encode())
        return AuthResult(success=known, handled=False)

    @property
    def url(self) -> str:
        """The office as a setting, without TLS."""
        return f"smtp://{HOST}:{self.port}"


@dataclass(frozen=True, slots=True)
class Trust:
    """A certificate authority of its own: what servers show and what clients believe."""

    authority: trustme.CA = field(default_factory=trustme.CA)

    def of_server(self, name: str = HOST) -> ssl.SSLContext:
        """A server's side, with a certificate for this name."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(name).configure_cert(context)
        return context

    def of_client(self) -> ssl.SSLContext:
        """A client's side: trusts this authority and no other."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.authority.configure_trust(context)
        return context


@asynccontextmanager
async def mail_office(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, password: bool = False
) -> AsyncIterator[Office]:
    """A mail server that is open for the length of a block. With `password` it has one user."""
    office = Office()
    loop = asyncio.get_running_loop()
    options: dict[str, Any] = {"hostname": "mail.test", "loop": loop, "enable_SMTPUTF8": False}
    if password:
        # It can demand a password only after STARTTLS; with TLS from the beginning it offers to take one.
        options |= {"authenticator": office.authenticate, "auth_required": tls is None, "auth_require_tls": tls is None}
    if starttls is not None:
        options |= {"tls_context": starttls, "require_starttls": True}
    server = await loop.create_server(lambda: SMTP(office, **options), HOST, 0, ssl=tls)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        await server.wait_closed()


@dataclass(slots=True)
class Actor:
    """A server that says its lines: the first on connecting, one for each line it hears, and then goes (or stays)."""

    lines: Sequence[bytes]
    stays: bool
    heard: list[bytes] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    async def play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with suppress(ConnectionError):
            for number, line in enumerate(self.lines):
                if number:
                    self.heard.append(await reader.readline())
                writer.write(line)
                await writer.drain()
            while self.stays and (said := await reader.readline()):
                self.heard.append(said)
        writer.close()
        self.gone.set()


@asynccontextmanager
async def stage(*lines: bytes, stays: bool = False) -> AsyncIterator[Actor]:
    """A server with these lines. One that `stays` says nothing more and waits until the other side has gone."""
    actor = Actor(lines, stays)
    server = await asyncio.start_server(actor.play, HOST, 0)
    actor.port = server.sockets[0].getsockname()[1]
    try:
        yield actor
        await asyncio.wait_for(actor.gone.wait(), 10)
    finally:
        server.close()
        await server.wait_closed()
