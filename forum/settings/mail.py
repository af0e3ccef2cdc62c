"""How mail leaves: `smtp://`, `smtps://`, a folder, or not at all; and who it says it is from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.headerregistry import Address
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from forum.settings.rules import is_loopback_host

NONE: Final = "none"
_FILE: Final = "file:"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]+")
_MAILBOX: Final = re.compile(r'"?(?P<name>[^"<>@,]*)"?\s*<(?P<inside>[^<>]+)>|(?P<bare>[^<>]+)')
_RELAY_PORT, _SUBMISSION_PORT, _TLS_PORT = 25, 587, 465


class Security(StrEnum):
    """How a connection to a mail server is protected."""

    TLS = "TLS"
    STARTTLS = "STARTTLS"
    PLAIN = "plain"  # to this machine only, and without a password


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server that takes what we send; `user` is "" where it asks for no password."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class MailFolder:
    """A folder that mail is written into, a file each."""

    path: Path


MailRoute = MailServer | MailFolder | None


def mail_route(text: str) -> MailRoute:
    """What a mail URL means; None: no mail is sent. Raises ValueError."""
    if text == NONE:
        return None
    if _CONTROL.search(text):
        raise ValueError("control characters")
    if text.startswith(_FILE):
        return _folder(text.removeprefix(_FILE))
    return _server(text)


def _folder(path: str) -> MailFolder:
    if path.startswith("//"):  # file:///srv/mail; a host in a file URL means nothing here
        path = path.removeprefix("//")
        if not path.startswith("/"):
            raise ValueError("a file URL with a host")
    if not path.strip("/"):
        raise ValueError("no folder")
    return MailFolder(Path(path))


def _server(text: str) -> MailServer:
    url = urlsplit(text)
    host, user, password = url.hostname or "", unquote(url.username or ""), unquote(url.password or "")
    bare = not (url.path.strip("/") or url.query or url.fragment)
    whole = bool(user) == bool(password) and not _CONTROL.search(user + password)
    if url.scheme not in ("smtp", "smtps") or not (bare and whole and _HOST.fullmatch(host)) or url.port == 0:
        raise ValueError("not an address of a mail server")
    if url.scheme == "smtps":
        return MailServer(host, url.port or _TLS_PORT, Security.TLS, user, password)
    # A relay on this machine has a certificate that nobody checks, if any: without a password nothing is lost by plain
    # text that never leaves the machine.
    local = is_loopback_host(host)
    security = Security.PLAIN if local and not user else Security.STARTTLS
    return MailServer(host, url.port or (_RELAY_PORT if local else _SUBMISSION_PORT), security, user, password)


def mail_address(text: str) -> Address:
    """`a@b.example` or `Name <a@b.example>`, ready for a header. Raises ValueError for anything else."""
    found = _MAILBOX.fullmatch(text.strip())
    if found is None or _CONTROL.search(text):
        raise ValueError("not one address")
    address = plain_address(found["inside"] or found["bare"])
    return Address((found["name"] or "").strip(), address.username, address.domain)


def plain_address(text: str) -> Address:
    """An address as mail servers take it: with a domain in ASCII. Raises ValueError for what is none."""
    local, _, domain = text.rpartition("@")
    if not local or "@" in local or _CONTROL.search(text) or re.search(r"[\s<>\"(),:;\\\[\]]", text):
        raise ValueError("not an address")
    ascii_domain = domain.encode("idna").decode("ascii").lower()  # UnicodeError is a ValueError
    if not _HOST.fullmatch(ascii_domain):
        raise ValueError("not a domain")
    if local.isascii():
        return Address(addr_spec=f"{local}@{ascii_domain}")  # which looks at it closely
    return Address(username=local, domain=ascii_domain)


def mail_url_text(text: str) -> str:
    """Parse the setting: what `mail_route` understands, kept as it was given."""
    mail_route(text)
    return text


def mail_from_text(text: str) -> str:
    """Parse the setting: what `mail_address` understands, kept as it was given."""
    mail_address(text)
    return text
