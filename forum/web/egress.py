"""The one door out: every request this program makes to another server goes through `Egress`.

What a name stands for is decided here, once: it is resolved, every answer is checked
(`forum.web.addresses`), and the connection goes to a checked address while TLS still verifies the name. So a
name that answers differently the second time gains nothing. Redirects are followed by hand, each target
checked the same way. Connections are never reused: the pool knows them by address, and two names may share
one.

Errors: `EgressRefused` is permanent (asking again gives the same answer), `EgressFailed` may pass.
"""

import asyncio
import re
import ssl
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import SOCK_STREAM
from typing import Protocol

import httpx

from forum.core.i18n import N_
from forum.errors import AftershowError
from forum.web.addresses import is_local, is_public

MAX_REDIRECTS = 3
MAX_ADDRESSES = 4  # of one name, tried in the order the resolver gave them
CONNECT_TIMEOUT = 4.0  # seconds for one address, so that there is time left for the next one
MAX_CONNECTIONS = 20  # at the same time, over all targets
DEFAULT_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_AMBIGUOUS = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_NUMERIC_END = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)\.?$")
_DOTTED = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})")
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_GZIP_WINDOW = zlib.MAX_WBITS | 16


class EgressError(AftershowError):
    """A request to another server came to nothing."""

    status = 502
    code = "fetch_failed"
    title = N_("The other page could not be fetched")


class EgressRefused(EgressError):
    """Not allowed, now or later.

    Codes: bad_url, bad_scheme, has_credentials, port_not_allowed, address_not_allowed, too_many_redirects,
    too_large, bad_encoding.
    """


class EgressFailed(EgressError):
    """Did not work this time. Codes: unresolved, unreachable, bad_certificate, timed_out, broken_answer."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer of any status.

    `url` is where the redirects ended, header names are in lower case, `body` is unpacked, `charset` is what
    Content-Type names, unchecked.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    charset: str | None


class Resolver(Protocol):
    """Turns a host name into addresses, as text. Raises OSError when there are none."""

    async def __call__(self, host: str, port: int) -> Sequence[str]: ...


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """What the operating system answers, without repetition, in its order of preference. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class Egress:
    """The outbound client; one for the process. `aclose()` it at the end.

    `local` (development) also admits the own machine and private networks, on any port. `ports` are those
    admitted elsewhere. `resolver` and `tls` replace the system's, for tests and unusual networks.
    """

    def __init__(
        self,
        *,
        public_url: str,
        ports: Collection[int] = (80, 443),
        local: bool = False,
        resolver: Resolver = resolve_by_system,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._ports = frozenset(ports)
        self._local = local
        self._resolver = resolver
        self._client = httpx.AsyncClient(
            verify=tls or True,
            trust_env=False,  # no proxies, no .netrc, no surprises from the environment
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            timeout=httpx.Timeout(None, connect=CONNECT_TIMEOUT),  # `fetch` bounds the whole
            limits=httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=0),
            headers={"User-Agent": f"Aftershow (+{public_url})", "Accept-Encoding": "gzip"},
        )

    async def aclose(self) -> None:
        """Close every connection; requests under way fail."""
        await self._client.aclose()

    async def fetch(
        self,
        url: str,
        *,
        max_bytes: int = 1_000_000,
        timeout: float = 10.0,  # noqa: ASYNC109 (a limit every caller has to have, not one to remember)
        accept: str = "text/html",
    ) -> Fetched:
        """GET a page, following redirects.

        `timeout` (seconds) is for everything together: names, redirects and the whole body. `max_bytes`
        bounds the body as it travels and as it unpacks. Any status is an answer, not an error.
        Raises EgressRefused and EgressFailed.
        """
        headers = {"Accept": accept}
        try:
            async with asyncio.timeout(timeout):
                target = _parse(url)
                for _ in range(MAX_REDIRECTS + 1):
                    result = await self._fetch_once(target, headers, max_bytes)
                    if isinstance(result, Fetched):
                        return result
                    target = result
        except (TimeoutError, httpx.TimeoutException):
            raise EgressFailed("timed_out") from None
        except (httpx.HTTPError, httpx.StreamError, zlib.error) as error:
            raise EgressFailed("broken_answer") from error
        raise EgressRefused("too_many_redirects")

    async def _fetch_once(self, target: httpx.URL, headers: dict[str, str], max_bytes: int) -> Fetched | httpx.URL:
        """One request: the answer, or where it redirects to."""
        response = await self._connect(target, headers)
        try:
            location = response.headers.get("location")
            if response.status_code in _REDIRECTS and location:
                return _parse(location, base=target)
            return Fetched(
                url=str(target),
                status=response.status_code,
                headers=dict(response.headers),
                body=await _read_body(response, max_bytes),
                charset=_charset(response.headers.get("content-type", "")),
            )
        finally:
            await response.aclose()

    async def _connect(self, target: httpx.URL, headers: dict[str, str]) -> httpx.Response:
        """Send the request to the first checked address that takes the connection."""
        failure: EgressFailed = EgressFailed("unreachable")
        for address in await self._checked_addresses(target):
            request = self._client.build_request(
                "GET",
                target.copy_with(host=str(address)),
                headers={**headers, "Host": target.netloc.decode("ascii")},
                extensions={"sni_hostname": target.raw_host.decode("ascii")},
            )
            try:
                return await self._client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = EgressFailed("bad_certificate" if _is_certificate_problem(error) else "unreachable")
        raise failure

    async def _checked_addresses(self, target: httpx.URL) -> Sequence[IPv4Address | IPv6Address]:
        """The addresses of the target's host; all refused when one of them is not for us to contact."""
        port = _port(target)
        if not self._local and port not in self._ports:
            raise EgressRefused("port_not_allowed")
        try:
            addresses = [ip_address(text) for text in await self._resolve(target.host, port)]
        except (OSError, ValueError) as error:
            raise EgressFailed("unresolved") from error
        if not addresses:
            raise EgressFailed("unresolved")
        for address in addresses:
            self._check(address, port)
        return addresses[:MAX_ADDRESSES]

    async def _resolve(self, host: str, port: int) -> Sequence[str]:
        try:
            return [str(ip_address(host))]
        except ValueError:
            return await self._resolver(host, port)

    def _check(self, address: IPv4Address | IPv6Address, port: int) -> None:
        if self._local and is_local(address):
            return
        if not is_public(address):
            raise EgressRefused("address_not_allowed")
        if port not in self._ports:
            raise EgressRefused("port_not_allowed")


def _parse(url: str, *, base: httpx.URL | None = None) -> httpx.URL:
    """An absolute http(s) address without credentials and fragment; relative ones are joined to `base`."""
    if _AMBIGUOUS.search(url):
        raise EgressRefused("bad_url")
    try:
        parsed = (base.join(url) if base else httpx.URL(url)).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise EgressRefused("bad_url") from error
    if parsed.scheme not in DEFAULT_PORTS:
        raise EgressRefused("bad_scheme")
    if parsed.userinfo:
        raise EgressRefused("has_credentials")
    if not parsed.host or not 0 < _port(parsed) < 65_536 or _is_odd_number(parsed.host):
        raise EgressRefused("bad_url")
    return parsed


def _port(url: httpx.URL) -> int:
    return DEFAULT_PORTS[url.scheme] if url.port is None else url.port


def _is_odd_number(host: str) -> bool:
    """Whether this looks like a name and would be read as an IPv4 address: 127.1, 0x7f000001, 2130706433."""
    return ":" not in host and bool(_NUMERIC_END.search(host)) and not _DOTTED.fullmatch(host)


async def _read_body(response: httpx.Response, max_bytes: int) -> bytes:
    """The unpacked body, never holding more than `max_bytes` of it, however well it is packed."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise EgressRefused("bad_encoding")
    unpack = zlib.decompressobj(_GZIP_WINDOW) if encoding.endswith("gzip") else None
    body = bytearray()
    travelled = 0
    async for chunk in response.aiter_raw():
        travelled += len(chunk)
        room = max_bytes + 1 - len(body)
        body += unpack.decompress(chunk, room) if unpack else chunk[:room]
        if travelled > max_bytes or len(body) > max_bytes:
            raise EgressRefused("too_large")
    if unpack and travelled and not unpack.eof:
        raise EgressFailed("broken_answer")
    return bytes(body)


def _charset(content_type: str) -> str | None:
    match = _CHARSET.search(content_type)
    return match[1].lower() if match else None


def _is_certificate_problem(error: BaseException | None) -> bool:
    """Whether a TLS complaint lies somewhere under this error."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
