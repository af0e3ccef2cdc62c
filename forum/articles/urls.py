"""Article addresses: one spelling for each page, and the origins a site may speak for.

Pure and strict. Browsers repair a malformed address in ways that differ from what a server reads in it, so
anything two parsers could understand differently is refused, never repaired. What survives is plain ASCII.
Two addresses mean the same discussion exactly when their normalised forms are equal:

- scheme and host in lower case, the host in punycode, no default port, no fragment, an empty path as ``/``;
- dot segments resolved, unreserved characters unescaped, every other escape with upper-case digits;
- tracking parameters (`TRACKING_PARAMETERS`, `TRACKING_PREFIXES`) dropped, the others kept in their order;
- a trailing slash is kept as it is: ``/review`` and ``/review/`` may be two pages, only the publisher knows;
- ``www.`` goes only when the site says that both names serve the same pages.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from unicodedata import normalize

from forum.sites.origins import without_www

MAX_URL_LENGTH = 2_000  # characters, of what came in and of what goes out
MAX_HOST_LENGTH = 253  # the longest name DNS can carry
DEFAULT_PORTS = {"http": 80, "https": 443}

TRACKING_PREFIXES = ("utm_",)  # campaign tags of every analytics product
TRACKING_PARAMETERS = frozenset(
    {
        *("fbclid", "igshid", "igsh"),  # Facebook, Instagram
        *("gclid", "gclsrc", "dclid", "gbraid", "wbraid", "srsltid", "_ga", "_gl"),  # Google
        *("msclkid", "yclid", "ysclid", "_openstat"),  # Microsoft, Yandex
        *("twclid", "ref_src", "ref_url", "ttclid", "li_fat_id", "epik", "scclid"),  # other networks
        *("mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "vero_id", "vero_conv", "oly_enc_id"),  # mailings
        *("oly_anon_id", "wickedid", "_kx", "s_kwcid", "ml_subscriber", "ml_subscriber_hash"),
    }
)

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_URL = re.compile(r"(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?", re.DOTALL)
_PORT = re.compile(r"(?P<host>\[[^\[\]]*\]|[^\[\]:]*)(?::(?P<port>[0-9]{0,5}))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # browsers read a host that ends so as IPv4
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = r"A-Za-z0-9._~\-"
_ESCAPE_OR_UNSAFE_IN_PATH = re.compile(rf"%[0-9A-Fa-f]{{2}}|[^{_UNRESERVED}!$&'()*+,;=:@/]")
_ESCAPE_OR_UNSAFE_IN_QUERY = re.compile(rf"%[0-9A-Fa-f]{{2}}|[^{_UNRESERVED}!$&'()*+,;=:@/?]")
_PLAIN = re.compile(rf"[{_UNRESERVED}]")


class UrlProblem(ValueError):
    """An address that is refused.

    `code` is stable: bad_url, bad_scheme, has_credentials, too_long or not_an_origin.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Parts:
    """A parsed address: `host` ASCII (IPv6 in brackets), `port` None when the scheme's own, the rest raw."""

    scheme: str
    host: str
    port: int | None
    path: str
    query: str | None

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host}" + (f":{self.port}" if self.port is not None else "")


def normalise_url(url: str, *, strip_www: bool) -> str:
    """The one spelling of an article address: ASCII, at most `MAX_URL_LENGTH` characters. Idempotent.

    Raises UrlProblem with any code but not_an_origin.
    """
    parts = _parse(url)
    origin = without_www(parts.origin) if strip_www else parts.origin
    path = _resolve_dots(_normalise_escapes(parts.path, _ESCAPE_OR_UNSAFE_IN_PATH)) or "/"
    query = _without_tracking(_normalise_escapes(parts.query or "", _ESCAPE_OR_UNSAFE_IN_QUERY))
    result = origin + path + (f"?{query}" if query else "")
    if len(result) > MAX_URL_LENGTH:
        raise UrlProblem("too_long", f"the address is longer than {MAX_URL_LENGTH} characters")
    return result


def origin_of(url: str) -> str:
    """``scheme://host[:port]`` of an address, as a browser would serialise it. Raises UrlProblem."""
    return _parse(url).origin


def normalise_origin(text: str) -> str:
    """An operator's allowed origin in the form `origin_of` gives; a lone trailing slash is forgiven.

    Raises UrlProblem, with code not_an_origin for a wildcard, a path, a query or a fragment.
    """
    if "*" in text:
        raise UrlProblem("not_an_origin", "an origin names one host: wildcards are not allowed")
    parts = _parse(text)
    if parts.path not in ("", "/") or parts.query is not None or "#" in text:
        raise UrlProblem("not_an_origin", "an origin is scheme, host and port only, without a path")
    return parts.origin


def is_allowed(url: str, origins: Collection[str], *, strip_www: bool) -> bool:
    """Whether the address lies on one of these origins (each as `normalise_origin` made it). Never raises.

    With `strip_www` the name with and without ``www.`` are the same host; scheme and port must be equal.
    """
    try:
        origin = origin_of(url)
    except UrlProblem:
        return False
    if origin in origins:
        return True
    return strip_www and without_www(origin) in {without_www(allowed) for allowed in origins}


def _parse(url: str) -> _Parts:
    """Split an address, refusing whatever browsers and servers could read differently."""
    if len(url) > MAX_URL_LENGTH:
        raise UrlProblem("too_long", f"the address is longer than {MAX_URL_LENGTH} characters")
    text = url.strip(" ")
    if _FORBIDDEN.search(text):
        raise UrlProblem("bad_url", "the address holds a control character")
    scheme_match = _SCHEME.match(text)
    if scheme_match is None:
        raise UrlProblem("bad_url", "the address must begin with https:// or http://")
    scheme = scheme_match[1].lower()
    if scheme not in DEFAULT_PORTS:
        raise UrlProblem("bad_scheme", "only http and https addresses are accepted")
    rest = text[scheme_match.end() :]
    match = _URL.fullmatch(rest[2:]) if rest.startswith("//") else None
    if match is None or "\\" in match["path"]:
        raise UrlProblem("bad_url", "the address is not well formed")
    host, port = _parse_authority(match["authority"])
    shown_port = None if port == DEFAULT_PORTS[scheme] else port
    return _Parts(scheme, host, shown_port, match["path"], match["query"])


def _parse_authority(authority: str) -> tuple[str, int | None]:
    """(ASCII host, port or None) of ``host[:port]``."""
    if "@" in authority:
        raise UrlProblem("has_credentials", "the address must not hold a user name or password")
    match = _PORT.fullmatch(authority)
    if match is None:
        raise UrlProblem("bad_url", "the host or port is not well formed")
    port = int(match["port"]) if match["port"] else None
    if port is not None and not 0 < port < 65_536:
        raise UrlProblem("bad_url", "the port is out of range")
    host = match["host"]
    return (_ipv6(host) if host.startswith("[") else _host_name(host)), port


def _ipv6(literal: str) -> str:
    try:
        address = IPv6Address(literal[1:-1])
    except AddressValueError:
        raise UrlProblem("bad_url", "the IPv6 address is not well formed") from None
    if address.scope_id is not None:
        raise UrlProblem("bad_url", "an IPv6 address with a zone means nothing elsewhere")
    return f"[{address.compressed}]"


def _host_name(host: str) -> str:
    """A lower-case ASCII host name; labels are letters, digits, hyphens and underscores."""
    name = host.lower() if host.isascii() else _punycode(host)
    labels = name.split(".")
    if len(name) > MAX_HOST_LENGTH or not all(_LABEL.fullmatch(label) for label in labels):
        raise UrlProblem("bad_url", "the host name is not well formed")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(name))
        except AddressValueError:
            raise UrlProblem("bad_url", "the IPv4 address is not written as four decimal numbers") from None
    return name


def _punycode(host: str) -> str:
    """The ASCII form of an international name, when its letters survive the way there and back.

    The standard library knows the older IDNA rules, which turn some letters (ß, ς, full-width forms, joiners,
    ideographic full stops) into others; browsers follow newer ones. Such names must be given in their
    ``xn--`` form, so that no name is ever taken for another one.
    """
    if len(host) > MAX_HOST_LENGTH:
        raise UrlProblem("bad_url", "the host name is too long")
    name = normalize("NFC", host.lower())
    problem = UrlProblem("bad_url", "the international host name is ambiguous: give its xn-- form")
    try:
        encoded = name.encode("idna")
        if encoded.decode("idna") != name:
            raise problem
    except UnicodeError:
        raise problem from None
    return encoded.decode("ascii")


def _normalise_escapes(text: str, escape_or_unsafe: re.Pattern[str]) -> str:
    """One spelling for escapes: unreserved characters plain, everything else escaped in upper case."""

    def spell(match: re.Match[str]) -> str:
        found = match[0]
        if not _ESCAPE.fullmatch(found):
            return "".join(f"%{byte:02X}" for byte in found.encode())
        plain = chr(int(found[1:], 16))
        return plain if _PLAIN.fullmatch(plain) else found.upper()

    return escape_or_unsafe.sub(spell, text)


def _resolve_dots(path: str) -> str:
    """Resolve ``.`` and ``..`` as RFC 3986 section 5.2.4 says; `path` is empty or begins with a slash."""
    segments = path.split("/")[1:]
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _without_tracking(query: str) -> str:
    """The query without tracking parameters and empty pieces, the others in their order."""
    pieces = [piece for piece in query.split("&") if piece]
    return "&".join(piece for piece in pieces if not _is_tracking(piece.partition("=")[0].lower()))


def _is_tracking(name: str) -> bool:
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)
