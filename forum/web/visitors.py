"""Who is at the door: the capability in the cookie, the network behind the connection."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from starlette.requests import HTTPConnection

from forum.core.capability import is_genuine
from forum.core.visitor import Visitor
from forum.settings import Settings

UNKNOWN_NETWORK = "unknown"
# Browsers keep cookies for 400 days at most.
COOKIE_SECONDS = 400 * 24 * 3600


def cookie_name(settings: Settings) -> str:
    """The capability cookie. The prefix binds it to this host; plain-http development can't have it."""
    return "__Host-guest" if settings.secure_cookies else "aftershow-guest"


def set_cookie_header(settings: Settings, token: str) -> str:
    """Give a browser its capability: for this host only, out of reach of scripts, one for each embedding site."""
    parts = [f"{cookie_name(settings)}={token}", "Path=/", "HttpOnly", f"Max-Age={COOKIE_SECONDS}"]
    # Starlette writes `Partitioned` only on Python 3.14 and later, so the header is put together here.
    parts += ["Secure", "SameSite=None", "Partitioned"] if settings.secure_cookies else ["SameSite=Lax"]
    return "; ".join(parts)


def network_of(connection: HTTPConnection, settings: Settings) -> str:
    """The visitor's truncated address: of the peer, or of whom a trusted proxy names."""
    peer = connection.client.host if connection.client else ""
    # A proxy may add a line of its own below the one that the client sent: all lines are one list.
    forwarded = ",".join(connection.headers.getlist("x-forwarded-for"))
    chain = [part.strip() for part in forwarded.split(",") if part.strip()]
    while chain and settings.trusts_proxy(peer):
        peer = chain.pop()
    return truncate(peer)


def truncate(address: str) -> str:
    """An IPv4 address whole, an IPv6 address as its /64 (one household), anything else as "unknown"."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return UNKNOWN_NETWORK
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)


def bearer_of(connection: HTTPConnection) -> str | None:
    """The secret in `Authorization: Bearer …`, or None."""
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    return secret.strip() or None if scheme.lower() == "bearer" else None


def visitor_of(connection: HTTPConnection, settings: Settings) -> Visitor:
    """Who is asking. A capability this server did not make counts as none."""
    token = connection.cookies.get(cookie_name(settings), "")
    genuine = bool(token) and is_genuine(settings.secret_key, token)
    return Visitor(network_of(connection, settings), token if genuine else None)
