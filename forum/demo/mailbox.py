"""The demo's mailbox: mail that would have been sent, read back from the folder it was written into."""

from __future__ import annotations

import email
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Final

from forum.accounts.links import ALPHABET

MOST_SHOWN: Final = 50
_SPECIAL: Final = re.compile(rf"(?P<url>https?://\S+)|(?P<code>\b[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}\b)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a mail's text: a link to Aftershow (`url`), a code, or just words."""

    text: str
    url: str = ""
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class DemoMail:
    """A mail as the mailbox shows it."""

    to: str
    subject: str
    sent_at: datetime
    pieces: tuple[Piece, ...]


def read_mailbox(folder: Path, *, aftershow_url: str) -> list[DemoMail]:
    """The newest mail first. Only addresses of Aftershow itself become links."""
    # Names hold ids, which grow with time and all have the same length.
    files = sorted(folder.glob("*.eml"), key=lambda path: path.stem.rpartition(".")[2], reverse=True)
    return [_read(path.read_bytes(), aftershow_url) for path in files[:MOST_SHOWN]]


def _read(content: bytes, aftershow_url: str) -> DemoMail:
    message = email.message_from_bytes(content, EmailMessage, policy=SMTP)
    body = message.get_body(("plain",))
    text = "" if body is None else str(body.get_content()).replace("\r\n", "\n").strip()
    return DemoMail(
        to=str(message["To"]),
        subject=str(message["Subject"]),
        sent_at=message["Date"].datetime,
        pieces=tuple(_pieces(text, aftershow_url)),
    )


def _pieces(text: str, aftershow_url: str) -> list[Piece]:
    found: list[Piece] = []
    end = 0
    for match in _SPECIAL.finditer(text):
        url = match["url"] or ""
        if url and not url.startswith(f"{aftershow_url}/"):
            continue
        found += [Piece(text[end : match.start()]), Piece(match[0], url, is_code=not url)]
        end = match.end()
    return [piece for piece in (*found, Piece(text[end:])) if piece.text]
