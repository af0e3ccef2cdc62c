"""Questions of the outbound client that may hold secrets: what is sent, to whom, and what stays where it is."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from forum.web.egress import Egress, EgressFailed, EgressRefused
from tests.support.fake_identity import FakeIdentity, Said, fake_identity

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def asking(*, local: bool = True) -> AsyncIterator[tuple[Egress, FakeIdentity]]:
    egress = Egress(public_url="https://talk.example", local=local)
    try:
        async with fake_identity() as server:
            yield egress, server
    finally:
        await egress.aclose()


async def test_a_form_is_posted_with_its_headers() -> None:
    async with asking() as (egress, server):
        server.says["/token"] = Said({"fine": True})
        form = {"code": "a/+ é", "empty": ""}
        answer = await egress.ask(f"{server.issuer}/token", form=form, headers={"Authorization": "Basic x"})
    (asked,) = server.asked
    assert (answer.status, answer.body) == (200, b'{"fine": true}')
    assert (asked.method, asked.form) == ("POST", form)
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.headers["authorization"] == "Basic x"
    assert asked.headers["accept"] == "application/json"
    assert asked.headers["user-agent"] == "Aftershow (+https://talk.example)"


async def test_an_address_is_asked_with_its_headers() -> None:
    async with asking() as (egress, server):
        answer = await egress.ask(f"{server.issuer}/me", headers={"Authorization": "Bearer t"})
    (asked,) = server.asked
    assert (answer.status, asked.method) == (404, "GET")
    assert asked.headers["authorization"] == "Bearer t"
    assert "content-type" not in asked.headers


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize("form", [None, {"code": "secret"}])
async def test_nothing_is_followed(status: str, form: dict[str, str] | None) -> None:
    async with asking() as (egress, server):
        server.says["/token"] = Said(status=status, headers=(f"Location: {server.issuer}/evil",))
        answer = await egress.ask(f"{server.issuer}/token", form=form, headers={"Authorization": "Basic x"})
    assert (answer.status, answer.body) == (int(status[:3]), b"")
    assert [asked.path for asked in server.asked] == ["/token"]


@pytest.mark.parametrize("form", [None, {"code": "secret"}])
async def test_inside_addresses_are_refused(form: dict[str, str] | None) -> None:
    async with asking(local=False) as (egress, server):
        for url in (server.issuer, "http://169.254.169.254/", "http://[::ffff:10.0.0.1]/", "http://127.0.0.1/"):
            with pytest.raises(EgressRefused) as caught:
                await egress.ask(url, form=form)
            assert caught.value.code in ("address_not_allowed", "port_not_allowed")
    assert server.asked == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Said(b"x" * 2000), "too_large"),
        (Said(gzip.compress(b"x" * 2000), headers=("Content-Encoding: gzip",)), "too_large"),
        (Said(b"xx", waits=True), "timed_out"),
        (Said(b"x", headers=("Content-Encoding: br",)), "bad_encoding"),
    ],
)
async def test_answers_are_bounded(said: Said, code: str) -> None:
    async with asking() as (egress, server):
        server.says["/token"] = said
        with pytest.raises((EgressRefused, EgressFailed)) as caught:
            await egress.ask(f"{server.issuer}/token", form={"a": "b"}, max_bytes=1000, timeout=0.3)
    assert caught.value.code == code


async def test_a_server_that_hangs_up_is_a_failure() -> None:
    def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    egress = Egress(public_url="https://talk.example", local=True)
    async with server:
        with pytest.raises(EgressFailed) as caught:
            await egress.ask(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", form={"a": "b"})
    await egress.aclose()
    assert caught.value.code == "broken_answer"


async def test_bytes_are_posted_as_json() -> None:
    async with asking() as (egress, server):
        server.says["/hook"] = Said({"fine": True})
        answer = await egress.ask(f"{server.issuer}/hook", form=b'{"a": 1}', headers={"X-Signature": "x"})
    (asked,) = server.asked
    assert (answer.status, asked.method) == (200, "POST")
    assert asked.headers["content-type"] == "application/json"
    assert (asked.headers["content-length"], asked.headers["x-signature"]) == ("8", "x")
