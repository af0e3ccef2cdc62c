"""E-mail addresses: which ones we write to, and when two are one."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from forum.errors import FieldError, Invalid

MAX_ADDRESS: Final = 254
MAX_LOCAL: Final = 64
_GMAIL: Final = ("gmail.com", "googlemail.com")
_LABEL: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# Whatever could end a header or begin another address.
_UNWANTED: Final = re.compile(r"[\s\x00-\x20\x7f-\xa0\u2028\u2029,;:<>()\[\]\\\"]")


def check_email(text: str) -> str:
    """Return the address as it is written to: what was typed, composed, its domain in small ASCII letters.

    Raises Invalid ("bad_email" on "email"). Whether it exists, only mail can say.
    """
    typed = text.strip()
    if len(typed) > MAX_ADDRESS:  # before anything is made of it: long texts take long to compose
        raise _bad()
    address = unicodedata.normalize("NFKC", typed)
    local, at, domain = address.rpartition("@")
    host = _ascii_domain(domain)
    written = f"{local}@{host}"
    if not at or not local or not host or "@" in local or _UNWANTED.search(local):
        raise _bad()
    if len(local.encode()) > MAX_LOCAL or len(written.encode()) > MAX_ADDRESS or ".." in f".{local}.":
        raise _bad()
    return written


def email_key(address: str) -> str:
    """The key under which two spellings of one address are the same. For an address of `check_email`."""
    local, _, domain = address.rpartition("@")
    return f"{unicodedata.normalize('NFKC', local.casefold())}@{domain}"


def cap_key(address: str) -> str:
    """The key by which mail to one person is counted, however many addresses lead to the same box: what stands after a
    plus does nearly always, and with Gmail dots mean nothing."""
    local, _, domain = email_key(address).rpartition("@")
    box = local.partition("+")[0]
    return f"{box.replace('.', '')}@{_GMAIL[0]}" if domain in _GMAIL else f"{box}@{domain}"


def _ascii_domain(domain: str) -> str:
    """The domain as the name service knows it, or "" when it can't be one: it has a dot, and is no number."""
    try:
        host = domain.encode("idna").decode().lower()
    except UnicodeError:
        return ""
    labels = host.split(".")
    sound = len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    return host if sound and not labels[-1].isdigit() else ""


def _bad() -> Invalid:
    return Invalid(errors=(FieldError("email", "bad_email"),))
