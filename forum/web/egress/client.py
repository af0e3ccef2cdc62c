"""The outbound client."""

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlencode

import httpx

from forum.web.addresses import is_local, is_public
from forum.web.egress.model import EgressFailed, EgressRefused, Fetched, Resolver, resolve_by_system
from forum.web.egress.reading import charset_of, is_certificate_problem, parse, port_of, read_body

MAX_REDIRECTS = 3
MAX_ADDRESSES = 4  # of one name, tried in the order the resolver gave them
CONNECT_TIMEOUT = 4.0  # seconds for one address, so that there is time left for the next one
MAX_CONNECTIONS = 20  # at the same time, over all targets
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class _Call:
    """What is sent: a GET, or with a body a POST."""

    headers: Mapping[str, str]
    body: bytes | None = None

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"


@cache
def _trusted() -> ssl.SSLContext:
    """Whom TLS trusts, for every client of the process: reading the authorities takes longer than all the rest."""
    return httpx.create_ssl_context(trust_env=False)


@asynccontextmanager
async def _bounded(seconds: float) -> AsyncIterator[None]:
    """Give everything inside so long, and say what went wrong in our words."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except (TimeoutError, httpx.TimeoutException):
        raise EgressFailed("timed_out") from None
    except (httpx.HTTPError, httpx.StreamError, zlib.error) as error:
        raise EgressFailed("broken_answer") from error


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
            verify=tls or _trusted(),
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
        call = _Call({"Accept": accept})
        async with _bounded(timeout):
            target = parse(url)
            for _ in range(MAX_REDIRECTS + 1):
                answer = await self._send(target, call, max_bytes)
                location = answer.headers.get("location")
                if answer.status not in _REDIRECTS or not location:
                    return answer
                target = parse(location, base=target)
        raise EgressRefused("too_many_redirects")

    async def ask(
        self,
        url: str,
        *,
        form: Mapping[str, str] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 256_000,
        timeout: float = 8.0,  # noqa: ASYNC109 (as above)
    ) -> Fetched:
        """GET one address, or POST a form (bytes: JSON) to it, with headers that may hold secrets; JSON is asked for.

        Nothing is followed: what is meant for one server is shown to no other, and a redirect is an answer like any.
        Bounds and errors are those of `fetch`.
        """
        sent = {"Accept": "application/json", **(headers or {})}
        body = form if isinstance(form, bytes) else None
        if body is not None:
            sent["Content-Type"] = "application/json"
        elif isinstance(form, Mapping):
            sent["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(form).encode("ascii")
        async with _bounded(timeout):
            return await self._send(parse(url), _Call(sent, body), max_bytes)

    async def _send(self, target: httpx.URL, call: _Call, max_bytes: int) -> Fetched:
        """One request and its answer. The body of a redirect is left where it is."""
        response = await self._connect(target, call)
        try:
            moves = response.status_code in _REDIRECTS and bool(response.headers.get("location"))
            return Fetched(
                url=str(target),
                status=response.status_code,
                headers=dict(response.headers),
                body=b"" if moves else await read_body(response, max_bytes),
                charset=charset_of(response.headers.get("content-type", "")),
            )
        finally:
            await response.aclose()

    async def _connect(self, target: httpx.URL, call: _Call) -> httpx.Response:
        """Send the request to the first checked address that takes the connection."""
        failure: EgressFailed = EgressFailed("unreachable")
        for address in await self._checked_addresses(target):
            request = self._client.build_request(
                call.method,
                target.copy_with(host=str(address)),
                headers={**call.headers, "Host": target.netloc.decode("ascii")},
                content=call.body,
                extensions={"sni_hostname": target.raw_host.decode("ascii")},
            )
            try:
                return await self._client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = EgressFailed("bad_certificate" if is_certificate_problem(error) else "unreachable")
        raise failure

    async def _checked_addresses(self, target: httpx.URL) -> Sequence[IPv4Address | IPv6Address]:
        """The addresses of the target's host; all refused when one of them is not for us to contact."""
        port = port_of(target)
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
