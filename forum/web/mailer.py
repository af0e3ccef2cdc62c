"""The one door out for mail: a mail server, a folder, or nothing.

A server may be slow, hostile or wrongly set up: everything has a limit, its certificate is verified, and a password
never travels in plain text. Errors: `MailRefused` is permanent (the same mail would be refused again), `MailFailed` may
pass or be mended by the operator. Neither says who the mail was for.
"""

from __future__ import annotations

import asyncio
import os
import re
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP as CRLF
from socket import gaierror
from typing import Final, Protocol

import aiosmtplib as smtp
from anyio import to_thread

from forum.settings import Settings
from forum.settings.mail import MailFolder, MailServer, Security, mail_route
from forum.web.envelope import mail_domain

# For one mail from the first look-up to the server's last word, in seconds: well within a job's time.
WHOLE_SECONDS: Final = 30.0
# For one answer of the server.
STEP_SECONDS: Final = 10.0
# After the server took the mail: what it says to QUIT does not matter any more.
GOODBYE_SECONDS: Final = 2.0
_PERMANENT: Final = range(500, 600)
_NOT_IN_NAMES: Final = re.compile(r"[^\w.-]+")


class MailError(Exception):
    """A mail was not sent. `code` says what happened; `reply` is the server's number, `answer` its own words, which may
    name somebody and are not for the log."""

    def __init__(self, code: str, *, reply: int | None = None, answer: str = "") -> None:
        super().__init__(code if reply is None else f"{code} ({reply})")
        self.code = code
        self.reply = reply
        self.answer = answer


class MailRefused(MailError):
    """Sending it again gives the same answer.

    Codes: not_configured, bad_address, recipient_refused, content_refused.
    """


class MailFailed(MailError):
    """Did not work this time.

    Codes: unresolved, unreachable, bad_certificate, no_tls, no_starttls, timed_out, closed, broken_answer, turned_away,
    no_sign_in, sign_in_refused, sender_refused, recipient_refused, content_refused, folder_unusable.
    """


class Mailer(Protocol):
    """Sends mail. Where `can_send` is False nobody is offered anything that needs it."""

    @property
    def can_send(self) -> bool: ...

    async def send(self, message: EmailMessage) -> None:
        """Hand over one mail to its one recipient. Raises MailRefused and MailFailed."""


def make_mailer(settings: Settings) -> Mailer:
    """The way out that the settings name."""
    route = mail_route(settings.mail_url)
    if isinstance(route, MailServer):
        return ServerMailer(route, hello=mail_domain(settings))
    return FolderMailer(route) if isinstance(route, MailFolder) else NoMailer()


class NoMailer:
    """There is no way out."""

    can_send = False

    async def send(self, message: EmailMessage) -> None:
        """Refuse."""
        raise MailRefused("not_configured")


class FolderMailer:
    """Writes each mail into a file of its own, whole or not at all, for the owner of the process only.

    The file is called by the mail's Message-ID, so that a mail that is sent twice is there once.
    """

    can_send = True

    def __init__(self, folder: MailFolder) -> None:
        self._folder = folder.path

    async def send(self, message: EmailMessage) -> None:
        """Write the mail; raises MailFailed."""
        name = _NOT_IN_NAMES.sub("_", str(message["Message-ID"]).strip("<>").partition("@")[0]).strip(".")
        try:
            await to_thread.run_sync(self._write, f"{name}.eml", message.as_bytes(policy=CRLF))
        except OSError as error:
            raise MailFailed("folder_unusable", answer=error.strerror or str(error)) from None

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._folder / f".{name}.{os.getpid()}"
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
                file.write(content)
            draft.replace(self._folder / name)
        except OSError:
            draft.unlink(missing_ok=True)
            raise


class ServerMailer:
    """Sends by SMTP, each mail on a connection of its own.

    `hello` is the name we go by. `tls` replaces the system's certificates; the seconds are for tests.
    """

    can_send = True

    def __init__(
        self,
        server: MailServer,
        *,
        hello: str,
        tls: ssl.SSLContext | None = None,
        whole_seconds: float = WHOLE_SECONDS,
        step_seconds: float = STEP_SECONDS,
    ) -> None:
        self._server = server
        self._hello = hello
        self._tls = tls
        self._whole_seconds = whole_seconds
        self._step_seconds = step_seconds

    async def send(self, message: EmailMessage) -> None:
        """Hand the mail to the server; raises MailRefused and MailFailed."""
        client = self._client()
        try:
            async with asyncio.timeout(self._whole_seconds):
                await self._connect(client)
                await self._sign_in(client)
                await _hand_over(client, message)
        except (OSError, smtp.SMTPException, ValueError, RuntimeError) as error:
            _abort(client)
            raise _explained(error) from None
        except BaseException:
            _abort(client)
            raise
        await _say_goodbye(client)

    def _client(self) -> smtp.SMTP:
        return smtp.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            use_tls=self._server.security is Security.TLS,
            start_tls=False,  # done by hand, so that what goes wrong with it can be told apart
            tls_context=self._tls,
            local_hostname=self._hello,
            timeout=self._step_seconds,
        )

    async def _connect(self, client: smtp.SMTP) -> None:
        await client.connect()
        if self._server.security is not Security.STARTTLS:
            return
        try:
            await client.starttls()
        except smtp.SMTPResponseException as error:
            raise _unwilling("no_starttls", error) from None
        except (smtp.SMTPServerDisconnected, smtp.SMTPTimeoutError):
            raise
        except smtp.SMTPException:
            raise MailFailed("no_starttls") from None

    async def _sign_in(self, client: smtp.SMTP) -> None:
        if not self._server.user:
            return
        try:
            await client.login(self._server.user, self._server.password)
        except smtp.SMTPAuthenticationError as error:
            raise MailFailed("sign_in_refused", reply=error.code, answer=error.message) from None
        except (smtp.SMTPServerDisconnected, smtp.SMTPTimeoutError, smtp.SMTPResponseException):
            raise
        except smtp.SMTPException:
            raise MailFailed("no_sign_in") from None


async def _hand_over(client: smtp.SMTP, message: EmailMessage) -> None:
    sender, recipient = (message[name].addresses[0].addr_spec for name in ("From", "To"))
    try:
        await client.send_message(message, sender=sender, recipients=[recipient])
    except smtp.SMTPRecipientsRefused as error:
        raise _by_reply("recipient_refused", error.recipients[0]) from None
    except smtp.SMTPSenderRefused as error:
        # Whoever we write to, we may not write as this sender: something to mend.
        raise MailFailed("sender_refused", reply=error.code, answer=error.message) from None
    except smtp.SMTPDataError as error:
        raise _by_reply("content_refused", error) from None
    except smtp.SMTPNotSupported:
        raise MailRefused("bad_address") from None  # not in ASCII, and this server knows nothing else


def _by_reply(code: str, error: smtp.SMTPResponseException) -> MailError:
    kind = MailRefused if error.code in _PERMANENT else MailFailed
    return kind(code, reply=error.code, answer=error.message)


def _unwilling(code: str, error: smtp.SMTPResponseException) -> MailFailed:
    """The server said no, or something that is no answer at all."""
    if error.code < 0:
        return MailFailed("broken_answer", answer=error.message)
    return MailFailed(code, reply=error.code, answer=error.message)


def _explained(error: Exception) -> MailError:
    """What a failure of the connection means."""
    if isinstance(error, smtp.SMTPResponseException):
        return _unwilling("turned_away", error)
    causes = [error, *([error.__cause__] if error.__cause__ else [])]
    for code, kinds in _KINDS:
        if any(isinstance(cause, kinds) for cause in causes):
            return MailFailed(code, answer=_words(causes[-1]))
    return MailFailed("broken_answer")


_KINDS: Final[tuple[tuple[str, tuple[type[BaseException], ...]], ...]] = (
    ("timed_out", (TimeoutError,)),
    ("bad_certificate", (ssl.SSLCertVerificationError, ssl.CertificateError)),
    ("no_tls", (ssl.SSLError,)),
    ("unresolved", (gaierror,)),
    ("closed", (smtp.SMTPServerDisconnected, ConnectionResetError, BrokenPipeError)),
    ("unreachable", (OSError,)),
)


def _words(error: BaseException) -> str:
    """What the machine says about it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return getattr(error, "strerror", None) or ""


def _abort(client: smtp.SMTP) -> None:
    """Drop the connection without waiting for the other side."""
    abort = getattr(client.transport, "abort", None)  # of every transport that writes, in asyncio and uvloop
    if abort is not None:
        abort()
    client.close()


async def _say_goodbye(client: smtp.SMTP) -> None:
    """The mail is theirs now; nothing that happens here makes it unsent."""
    with suppress(OSError, smtp.SMTPException, ValueError):
        await client.quit(timeout=GOODBYE_SECONDS)
    _abort(client)
