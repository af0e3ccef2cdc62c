"""Who is at the door: the capability and the sessions in the cookies, the network behind the connection."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from starlette.requests import HTTPConnection

from forum.core.capability import is_genuine
from forum.core.visitor import Visitor
from forum.settings import Settings

UNKNOWN_NETWORK = "unknown"
# Browsers keep cookies for 400 days at most.
COOKIE_SECONDS = 400 * 24 * 3600


def _named(settings: Settings, name: str) -> str:
    """The prefix binds a cookie to this host; plain-http development can't have it."""
    return f"__Host-{name}" if settings.secure_cookies else f"aftershow-{name}"


def cookie_name(settings: Settings) -> str:
    """The capability cookie of a guest."""
    return _named(settings, "guest")


def main_cookie_name(settings: Settings) -> str:
    """The cookie of a first-party session."""
    return _named(settings, "sid")


def embed_cookie_name(settings: Settings) -> str:
    """The cookie of a session inside a frame."""
    return _named(settings, "esid")


def set_cookie_header(settings: Settings, token: str) -> str:
    """Give a browser its capability: for this host only, out of reach of scripts, one for each embedding site."""
    return _partitioned(settings, cookie_name(settings), token, COOKIE_SECONDS)


def embed_cookie_header(settings: Settings, token: str, seconds: int) -> str:
    """Give a frame its session, kept apart for each embedding site. No seconds: take it away."""
    return _partitioned(settings, embed_cookie_name(settings), token, seconds)


def main_cookie_header(settings: Settings, token: str, seconds: int) -> str:
    """Give a browser its first-party session: never sent from a page of another site. No seconds: take it away."""
    return _first_party(settings, main_cookie_name(settings), token, seconds)


def flow_cookie_name(settings: Settings) -> str:
    """The cookie of somebody on the way to an identity provider and back."""
    return _named(settings, "flow")


def flow_cookie_header(settings: Settings, note: str, seconds: int) -> str:
    """Give a browser the note it carries there and back. No seconds: take it away."""
    return _first_party(settings, flow_cookie_name(settings), note, seconds)


def finish_cookie_name(settings: Settings) -> str:
    """The cookie of somebody new who has proved who they are and has no name yet."""
    return _named(settings, "finish")


def finish_cookie_header(settings: Settings, handles: str, seconds: int) -> str:
    """Tie the flows that lack a name to the browser they began in. No seconds: take it away."""
    return _first_party(settings, finish_cookie_name(settings), handles, seconds)


def mark_cookie_header(settings: Settings, site_key: str, seconds: int) -> str:
    """Tell a frame's scripts (static/js/mark.js) that somebody is signed in there: no more than that."""
    header = _partitioned(settings, f"aftershow.in.{site_key}", "1", seconds)
    return header.replace("; HttpOnly", "")


def _first_party(settings: Settings, name: str, value: str, seconds: int) -> str:
    parts = [f"{name}={value}", "Path=/", "HttpOnly", f"Max-Age={seconds}", "SameSite=Lax"]
    return "; ".join([*parts, "Secure"] if settings.secure_cookies else parts)


def _partitioned(settings: Settings, name: str, value: str, seconds: int) -> str:
    parts = [f"{name}={value}", "Path=/", "HttpOnly", f"Max-Age={seconds}"]
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
    """Who is asking. A capability or session that this server did not make counts as none.

    Where a browser refuses cookies to a frame, the frame's session comes as a bearer.
    """

    def genuine(token: str | None) -> str | None:
        return token if token and is_genuine(settings.secret_key, token) else None

    cookies = connection.cookies
    return Visitor(
        network_of(connection, settings),
        genuine(cookies.get(cookie_name(settings))),
        genuine(cookies.get(main_cookie_name(settings))),
        genuine(bearer_of(connection)) or genuine(cookies.get(embed_cookie_name(settings))),
    )
