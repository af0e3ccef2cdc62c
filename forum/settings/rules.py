"""What a setting accepts: small parsers from text to a value, and the rule that explains and applies one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Final
from urllib.parse import urlsplit

MIN_SECRET_CHARACTERS: Final = 32
LIMIT_STORAGES: Final = ("memory://", "redis://", "rediss://", "valkey://", "valkeys://")

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`parse` raises `ValueError` or `KeyError` on what `allowed` does not describe; no `default` is ""."""

    parse: Callable[[str], Any]
    allowed: str
    help: str
    default: str = ""
    secret: bool = False


def setting(parse: Callable[[str], Any], *, default: str = "", allowed: str, help: str, secret: bool = False) -> Any:
    """Declare a field of `Settings` by its rule; without a default it is None (or an empty collection)."""
    rule = Rule(parse=parse, allowed=allowed, help=help, default=default, secret=secret)
    value = parse(default) if default or parse is networks else None
    return field(default=value, repr=not secret, metadata={"rule": rule})


def required(parse: Callable[[str], Any], *, allowed: str, help: str) -> Any:
    """Declare a secret field that has no default value: loading must find or make one."""
    rule = Rule(parse=parse, allowed=allowed, help=help, secret=True)
    return field(repr=False, metadata={"rule": rule})


def choice(kind: type[StrEnum], *, default: StrEnum, help: str) -> Any:
    """Declare a field that takes one of an enum's values."""
    allowed = " or ".join(f"`{item.value}`" for item in kind)
    return setting(kind, default=default.value, allowed=allowed, help=help)


def switch(*, default: str, help: str) -> Any:
    """Declare a field that is `on` or `off`, as a bool."""
    return setting(on_off, default=default, allowed="`on` or `off`", help=help)


def whole(low: int, high: int, *, default: int, help: str) -> Any:
    """Declare a field that takes a whole number from `low` to `high`, both included."""
    allowed = f"a whole number from {low} to {high}"
    return setting(between(low, high), default=str(default), allowed=allowed, help=help)


def on_off(text: str) -> bool:
    """Parse a switch."""
    return {"on": True, "off": False}[text]


def between(low: int, high: int) -> Callable[[str], int]:
    """Return a parser of ASCII decimal numbers from `low` to `high`."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit()):
            raise ValueError(text)
        number = int(text)
        if not low <= number <= high:
            raise ValueError(text)
        return number

    return parse


def ports(text: str) -> frozenset[int]:
    """Parse a comma-separated list of at least one port."""
    port = between(1, 65535)
    return frozenset(port(part.strip()) for part in text.split(","))


def networks(text: str) -> tuple[Network, ...]:
    """Parse a comma-separated list of addresses and networks; an address is a network of one."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def is_loopback_host(host: str) -> bool:
    """Tell whether a URL's host can only be this machine: `localhost`, `*.localhost`, 127.0.0.0/8 or ::1."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def public_url(text: str) -> str:
    """Parse the public address: https anywhere, http on loopback only, no path; without a trailing slash."""
    url = urlsplit(text)
    bare = not (url.path.rstrip("/") or url.query or url.fragment or "@" in url.netloc)
    safe = url.scheme == "https" or (url.scheme == "http" and is_loopback_host(url.hostname or ""))
    if not (url.hostname and bare and safe) or url.port == 0:  # reading .port raises ValueError on a bad one
        raise ValueError(text)
    return f"{url.scheme}://{url.netloc.lower()}"


def sqlite_file(text: str) -> str:
    """Return the path in `sqlite:///PATH`; raise `ValueError` for anything else, in-memory included."""
    path = text.removeprefix("sqlite:///")
    if path == text or path.startswith(":memory:") or not path.strip("/") or "?" in path:
        raise ValueError(text)
    return path


def postgresql_url(text: str) -> str:
    """Parse `postgresql://…/NAME`; host and user may be left out."""
    url = urlsplit(text)
    if url.scheme != "postgresql" or not url.path.strip("/"):
        raise ValueError(text)
    return text


def database_url(text: str) -> str:
    """Parse the URL of either engine."""
    if text.startswith("sqlite:"):
        sqlite_file(text)
        return text
    return postgresql_url(text)


def limit_storage(text: str) -> str:
    """Parse the URL of a store for rate limits."""
    if not text.startswith(LIMIT_STORAGES):
        raise ValueError(text)
    return text


def secret(text: str) -> str:
    """Parse a secret that is long enough to be one."""
    if len(text) < MIN_SECRET_CHARACTERS:
        raise ValueError("too short")
    return text
