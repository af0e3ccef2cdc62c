"""The outbound client against real servers on loopback: what it sends, what it follows, where it stops."""

import asyncio
import gzip
import ssl
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from socket import AF_INET, SOCK_STREAM, socket

import pytest
import trustme

from forum.web.egress import Egress, EgressFailed, EgressRefused, Resolver

pytestmark = pytest.mark.anyio

Answer = Callable[["Target", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Target:
    """A server of one test: where it listens and the heads of the requests it got."""

    port: int = 0
    heads: list[str] = field(default_factory=list)

    def url(self, path: str = "/", *, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def path(self) -> str:
        return self.heads[-1].split(" ", 2)[1]

    def header(self, name: str) -> str | None:
        for line in self.heads[-1].split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name:
                return value.strip()
        return None


@asynccontextmanager
async def serving(answer: Answer, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Target]:
    target = Target()
    connections: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            target.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
            await answer(target, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    target.port = server.sockets[0].getsockname()[1]
    try:
        yield target
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await server.wait_closed()


@asynccontextmanager
async def an_egress(
    *,
    local: bool = True,
    ports: Sequence[int] = (80, 443),
    resolver: Resolver | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Egress]:
    egress = Egress(
        public_url="https://talk.example",
        ports=ports,
        local=local,
        resolver=resolver or Names({}),
        tls=tls,
    )
    try:
        yield egress
    finally:
        await egress.aclose()


class Names:
    """A resolver that knows these names; each lookup takes the next of the listed answers, the last one stays."""

    def __init__(self, answers: dict[str, list[list[str]]]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.answers:
            raise OSError("no such name")
        left = self.answers[host]
        return left.pop(0) if len(left) > 1 else left[0]


def plain(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> Answer:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    head = "\r\n".join([*lines, "", ""]).encode()

    async def answer(_: Target, writer: asyncio.StreamWriter) -> None:
        writer.write(head + body)
        await writer.drain()

    return answer


def redirecting(routes: dict[str, str]) -> Answer:
    """Redirects by path; every other path says "arrived"."""

    async def answer(target: Target, writer: asyncio.StreamWriter) -> None:
        location = routes.get(target.path())
        made = plain(b"arrived")
        if location is not None:
            where = location.replace("PORT", str(target.port))
            made = plain(b"", f"Location: {where}", "Set-Cookie: seen=1; Path=/", status="302 Found")
        await made(target, writer)

    return answer


async def test_a_page_arrives_with_its_charset() -> None:
    async with (
        serving(plain(b"<p>caf\xe9", "Content-Type: text/html; charset=ISO-8859-1")) as target,
        an_egress() as egress,
    ):
        page = await egress.fetch(target.url("/a?b=1#part"))
    assert (page.url, page.status, page.body, page.charset) == (
        target.url("/a?b=1"),
        200,
        b"<p>caf\xe9",
        "iso-8859-1",
    )
    assert page.headers["content-type"].startswith("text/html")
    assert target.path() == "/a?b=1"
    assert target.header("user-agent") == "Aftershow (+https://talk.example)"
    assert target.header("accept") == "text/html"
    assert target.header("cookie") is None


async def test_a_missing_page_is_an_answer() -> None:
    async with serving(plain(b"gone", status="410 Gone")) as target, an_egress() as egress:
        page = await egress.fetch(target.url())
    assert (page.status, page.body, page.charset) == (410, b"gone", None)


async def test_packed_pages_are_unpacked() -> None:
    body = b"<p>hello" * 1000
    async with serving(plain(gzip.compress(body), "Content-Encoding: gzip")) as target, an_egress() as egress:
        assert (await egress.fetch(target.url())).body == body


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with serving(plain(b"direct")) as target, an_egress() as egress:
        assert (await egress.fetch(target.url())).body == b"direct"


async def test_redirects_are_followed_without_cookies() -> None:
    routes = {"/1": "/2", "/2": "http://127.0.0.1:PORT/3?x=1#y", "/3?x=1": "./4"}
    async with serving(redirecting(routes)) as target, an_egress() as egress:
        page = await egress.fetch(target.url("/1"))
    assert (page.url, page.body) == (target.url("/4"), b"arrived")
    assert len(target.heads) == 4
    assert all("cookie" not in head.lower() for head in target.heads)


async def test_a_fourth_redirect_is_refused() -> None:
    routes = {"/1": "/2", "/2": "/3", "/3": "/4", "/4": "/5"}
    async with serving(redirecting(routes)) as target, an_egress() as egress:
        with pytest.raises(EgressRefused) as caught:
            await egress.fetch(target.url("/1"))
    assert caught.value.code == "too_many_redirects"
    assert len(target.heads) == 4


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("http://169.254.169.254/latest/meta-data", "address_not_allowed"),
        ("http://inside.example/", "address_not_allowed"),
        ("http://[::ffff:169.254.169.254]/", "address_not_allowed"),
        ("http://user:secret@127.0.0.1:PORT/", "has_credentials"),
        ("http://192.0.2.1:22/", "address_not_allowed"),
        ("file:///etc/passwd", "bad_scheme"),
        ("gopher://127.0.0.1/", "bad_scheme"),
        ("http://127.0.0.1:99999/", "bad_url"),
        ("\\\\127.0.0.1", "bad_url"),
    ],
)
async def test_a_redirect_is_checked_like_the_first_address(location: str, code: str) -> None:
    names = Names({"inside.example": [["100.64.0.1"]]})
    async with serving(redirecting({"/": location})) as target, an_egress(resolver=names) as egress:
        with pytest.raises(EgressRefused) as caught:
            await egress.fetch(target.url())
    assert caught.value.code == code
    assert len(target.heads) == 1


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    """A name that answers with another address the second time is asked only once."""
    names = Names({"turning.example": [["127.0.0.1"], ["169.254.169.254"]]})
    async with serving(plain(b"checked")) as target, an_egress(resolver=names) as egress:
        page = await egress.fetch(target.url(host="turning.example"))
        assert (page.body, names.asked) == (b"checked", ["turning.example"])
        assert target.header("host") == f"turning.example:{target.port}"
        with pytest.raises(EgressRefused) as caught:
            await egress.fetch(target.url(host="turning.example"))
    assert caught.value.code == "address_not_allowed"
    assert len(target.heads) == 1


async def test_the_next_address_is_tried_when_one_takes_no_connection() -> None:
    names = Names({"two.example": [["127.0.0.2", "127.0.0.1"]]})
    async with serving(plain(b"second")) as target, an_egress(resolver=names) as egress:
        assert (await egress.fetch(target.url(host="two.example"))).body == b"second"


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("0.0.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::1"),
    ],
)
async def test_names_of_inside_addresses_are_refused(address: str) -> None:
    async with an_egress(local=False, resolver=Names({"inside.example": [[address]]})) as egress:
        with pytest.raises(EgressRefused) as caught:
            await egress.fetch("http://inside.example/")
    assert caught.value.code == "address_not_allowed"


async def test_one_inside_address_among_others_refuses_the_name() -> None:
    names = Names({"mixed.example": [["8.8.8.8", "10.0.0.1"]]})
    async with an_egress(local=False, resolver=names) as egress:
        with pytest.raises(EgressRefused) as caught:
            await egress.fetch("https://mixed.example/")
    assert caught.value.code == "address_not_allowed"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1/", "address_not_allowed"),
        ("http://[::1]/", "address_not_allowed"),
        ("http://127.0.0.1:8001/", "port_not_allowed"),
        ("https://news.example:22/", "port_not_allowed"),
        ("https://me:secret@news.example/", "has_credentials"),
        ("https://news.example@evil.example/", "has_credentials"),
        ("ftp://news.example/", "bad_scheme"),
        ("news.example", "bad_scheme"),
        ("https:///a", "bad_url"),
        ("https://news.example\\@evil.example/", "bad_url"),
        ("https://news.example/a\r\nX: y", "bad_url"),
        ("https://[::1/", "bad_url"),
        ("https://news.example:0/", "bad_url"),
        ("https://news.example:65536/", "bad_url"),
        ("http://127.1/", "bad_url"),
        ("http://127.0.0.1./", "bad_url"),
        ("http://2130706433/", "bad_url"),
        ("http://0x7F000001/", "bad_url"),
        ("http://0177.0.0.1/", "bad_url"),
    ],
)
async def test_addresses_that_are_refused_unasked(url: str, code: str) -> None:
    names = Names({})
    async with an_egress(local=False, resolver=names) as egress:
        with pytest.raises(EgressRefused) as caught:
            await egress.fetch(url)
    assert caught.value.code == code
    assert names.asked == []


async def test_other_ports_are_a_setting() -> None:
    names = Names({"news.example": [["192.168.0.1"]]})
    async with an_egress(local=False, ports=(80, 443, 8080), resolver=names) as egress:
        with pytest.raises(EgressRefused) as caught:
            await egress.fetch("http://news.example:8080/")
    assert caught.value.code == "address_not_allowed"


async def test_too_many_bytes_are_refused() -> None:
    async with serving(plain(b"x" * 1001)) as target, an_egress() as egress:
        with pytest.raises(EgressRefused) as caught:
            await egress.fetch(target.url(), max_bytes=1000)
        assert caught.value.code == "too_large"
        assert len((await egress.fetch(target.url(), max_bytes=1001)).body) == 1001


async def test_an_endless_body_is_refused() -> None:
    async def answer(_: Target, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    async with serving(answer) as target, an_egress() as egress:
        with pytest.raises(EgressRefused) as caught:
            await egress.fetch(target.url())
    assert caught.value.code == "too_large"


async def test_a_decompression_bomb_never_unfolds() -> None:
    bomb = gzip.compress(b"\0" * 40_000_000)
    async with serving(plain(bomb, "Content-Encoding: gzip")) as target, an_egress() as egress:
        tracemalloc.start()
        try:
            with pytest.raises(EgressRefused) as caught:
                await egress.fetch(target.url())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert caught.value.code == "too_large"
    assert peak < 8_000_000


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "deflate", "x-unknown"])
async def test_encodings_nobody_asked_for_are_refused(encoding: str) -> None:
    async with serving(plain(b"abc", f"Content-Encoding: {encoding}")) as target, an_egress() as egress:
        with pytest.raises(EgressRefused) as caught:
            await egress.fetch(target.url())
    assert caught.value.code == "bad_encoding"


@pytest.mark.parametrize(
    "answer",
    [
        plain(b"half", length=100),
        plain(b"not gzip at all", "Content-Encoding: gzip"),
        plain(gzip.compress(b"cut off" * 100)[:-12], "Content-Encoding: gzip"),
        plain(b"", status="nonsense"),
        plain(b"", "Location: http://[::1", status="302 Found"),
    ],
)
async def test_broken_answers_may_be_asked_again(answer: Answer) -> None:
    async with serving(answer) as target, an_egress() as egress:
        with pytest.raises(EgressFailed) as caught:
            await egress.fetch(target.url())
    assert caught.value.code == "broken_answer"


async def test_a_body_that_never_ends_runs_out_of_time() -> None:
    released = asyncio.Event()

    async def answer(_: Target, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx")
        await writer.drain()
        await released.wait()

    async with serving(answer) as target, an_egress() as egress:
        with pytest.raises(EgressFailed) as caught:
            await egress.fetch(target.url(), timeout=0.1)
        released.set()
    assert caught.value.code == "timed_out"


async def test_a_resolver_that_never_answers_runs_out_of_time() -> None:
    never = asyncio.Event()

    async def waits(host: str, port: int) -> Sequence[str]:
        await never.wait()
        return []

    async with an_egress(resolver=waits) as egress:
        with pytest.raises(EgressFailed) as caught:
            await egress.fetch("https://news.example/", timeout=0.05)
    assert caught.value.code == "timed_out"


@pytest.mark.parametrize("answers", [{}, {"news.example": [[]]}, {"news.example": [["nonsense"]]}])
async def test_a_name_without_address_may_be_asked_again(answers: dict[str, list[list[str]]]) -> None:
    async with an_egress(resolver=Names(answers)) as egress:
        with pytest.raises(EgressFailed) as caught:
            await egress.fetch("https://news.example/")
    assert caught.value.code == "unresolved"


async def test_nobody_listening_may_be_asked_again() -> None:
    with closing(socket(AF_INET, SOCK_STREAM)) as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        async with an_egress() as egress:
            with pytest.raises(EgressFailed) as caught:
                await egress.fetch(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert caught.value.code == "unreachable"


async def test_tls_verifies_the_name_and_not_the_address() -> None:
    """Also when another name of the same server was fine a moment ago: connections are not shared."""
    authority = trustme.CA()
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("news.example").configure_cert(ours)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    names = Names({"news.example": [["127.0.0.1"]], "other.example": [["127.0.0.1"]]})
    async with (
        serving(plain(b"private"), tls=ours) as target,
        an_egress(resolver=names, tls=trusting) as egress,
    ):
        page = await egress.fetch(target.url(host="news.example", scheme="https"))
        assert page.body == b"private"
        with pytest.raises(EgressFailed) as caught:
            await egress.fetch(target.url(host="other.example", scheme="https"))
    assert caught.value.code == "bad_certificate"
    assert len(target.heads) == 1


async def test_an_unknown_authority_is_not_trusted() -> None:
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("news.example").configure_cert(ours)
    async with (
        serving(plain(b"private"), tls=ours) as target,
        an_egress(resolver=Names({"news.example": [["127.0.0.1"]]})) as egress,
    ):
        with pytest.raises(EgressFailed) as caught:
            await egress.fetch(target.url(host="news.example", scheme="https"))
    assert caught.value.code == "bad_certificate"
