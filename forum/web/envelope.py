"""What every mail has around its words: who it is from, for whom, which one it is, and that a machine sent it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from forum.settings import Settings
from forum.settings.mail import mail_address, plain_address

# Nothing but ASCII travels, so that every server on the way passes it on unchanged.
_POLICY: Final = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail says, as text and as a page, in a language (its code)."""

    subject: str
    text: str
    html: str
    language: str


def mail_domain(settings: Settings) -> str:
    """The host of the public address as mail knows it: in ASCII, a name rather than a number."""
    host = urlsplit(settings.public_url).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return host.encode("idna").decode("ascii")
    return "localhost"


def sender_of(settings: Settings) -> Address:
    """Who mail is from."""
    if settings.mail_from:
        return mail_address(settings.mail_from)
    return Address(settings.public_host, "no-reply", mail_domain(settings))


def enclose(settings: Settings, words: Words, *, mail_id: str, address: str, moment: datetime) -> EmailMessage:
    """A mail to one address, ready to send. The same `mail_id` and `moment` make the same headers again.

    Raises ValueError for what is no address.
    """
    message = EmailMessage(_POLICY)
    message["From"] = sender_of(settings)
    message["To"] = plain_address(address)
    message["Subject"] = " ".join(words.subject.split())
    message["Date"] = format_datetime(moment)
    message["Message-ID"] = f"<{mail_id}@{mail_domain(settings)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(words.text)
    message.add_alternative(words.html, subtype="html")
    message["Content-Language"] = words.language  # now: setting the content takes away what was said about it
    return message
