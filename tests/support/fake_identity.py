"""An identity provider that says whatever a test wants it to, on loopback: for answers no honest one gives."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from tests.support.identity import CLIENT_ID

DISCOVERY = "/.well-known/openid-configuration"
RSA: Key = RSAKey.generate_key(2048, {"kid": "rsa"})
EC: Key = ECKey.generate_key("P-256", {"kid": "ec"})
ED: Key = OKPKey.generate_key("Ed25519", {"kid": "ed"})
ALGORITHMS = ["RS256", "PS256", "ES256", "Ed25519"]


@dataclass(slots=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]


@dataclass(slots=True)
class Said:
    """An answer as it goes. `waits`: it never ends."""

    body: Any = field(default_factory=dict)
    status: str = "200 OK"
    headers: tuple[str, ...] = ()
    waits: bool = False

    def head(self, length: int) -> bytes:
        lines = (f"HTTP/1.1 {self.status}", f"Content-Length: {length}", "Connection: close", *self.headers)
        return "\r\n".join((*lines, "", "")).encode()


@dataclass(slots=True)
class FakeIdentity:
    """`keys` is what it publishes, `says` what it answers by path in place of what it should."""

    issuer: str = ""
    keys: list[Key] = field(default_factory=lambda: [RSA, EC, ED])
    discovery: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, Any] = field(default_factory=dict)
    says: dict[str, Said] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def claims(self, nonce: str, now: datetime, /, **changes: Any) -> dict[str, Any]:
        """What a right token claims, but for the changes; None leaves one out."""
        moment = int(now.timestamp())
        right = {"iss": self.issuer, "aud": CLIENT_ID, "sub": "ada", "nonce": nonce, "iat": moment, "exp": moment + 60}
        return {name: value for name, value in {**right, **changes}.items() if value is not None}

    def asked_for(self, path: str) -> list[Asked]:
        """Every request for a path."""
        return [asked for asked in self.asked if asked.path == path]

    def answer(self, asked: Asked) -> Said:
        if asked.path in self.says:
            return self.says[asked.path]
        if asked.path == DISCOVERY:
            return Said({**self._published(), **self.discovery})
        if asked.path == "/keys":
            return Said({"keys": [key.as_dict(private=False) for key in self.keys]})
        if asked.path == "/token":
            return Said({"access_token": "opaque", "token_type": "Bearer", **self.tokens})
        return Said(status="404 Not Found")

    def _published(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?kept=1",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ALGORITHMS,
        }


def sign(claims: dict[str, Any], key: Key = RSA, algorithm: str = "RS256", **header: Any) -> str:
    """A signed token; the header names the key unless told otherwise (None leaves it out)."""
    named = {"alg": algorithm, "kid": key.kid, **header}
    return jwt.encode({k: v for k, v in named.items() if v is not None}, claims, key, algorithms=[algorithm])


@asynccontextmanager
async def fake_identity() -> AsyncIterator[FakeIdentity]:
    """Run one."""
    fake = FakeIdentity()
    open_ones: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_ones.add(task)
        try:
            await _serve(fake, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    fake.issuer = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield fake
    finally:
        server.close()
        for task in open_ones:
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)


async def _serve(fake: FakeIdentity, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    asked = await _read(reader)
    fake.asked.append(asked)
    said = fake.answer(asked)
    body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
    writer.write(said.head(len(body)) + body[: 1 if said.waits else None])
    await writer.drain()
    if said.waits:
        await asyncio.Event().wait()


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
    form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
    return Asked(method, path, headers, form)
