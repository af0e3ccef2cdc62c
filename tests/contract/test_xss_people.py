"""Hostile names, labels and addresses of people: no page about accounts runs them, and nothing leaves its place."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import bindparam, delete, update

from forum.accounts.model import Account, Identity
from forum.accounts.providers.service_provider import keep_provider
from forum.accounts.queries_identity import PROVIDER as PROVIDER_KIND
from forum.accounts.queries_identity import insert_identity
from forum.accounts.queries_passkey import rename_passkey
from forum.accounts.service_people import create_account
from forum.accounts.tables import account as accounts
from forum.accounts.tables import identity as identities
from forum.accounts.tables import session as sessions
from forum.app import Aftershow, create_app, handlers
from forum.core.clock import SystemClock
from forum.db import Prepared, Tx
from forum.outbox.worker import Worker
from forum.runtime import Runtime
from tests.support.begun import PASSKEY, PROVIDER, SENT, a_newcomer, a_provider, handle_of
from tests.support.hostile import BREAKOUTS, VECTORS, Places, assert_harmless, places
from tests.support.seeded import ARTICLE, OUR_PAGES, Seeds, client, seed, settings
from tests.support.surfaces import SURFACES

pytestmark = pytest.mark.anyio
_AGENT = Prepared(update(sessions).where(sessions.c.account_id == bindparam("account")).values(agent=bindparam("new")))
_NAME = Prepared(update(accounts).where(accounts.c.id == bindparam("account")).values(name=bindparam("new")))
_FORGET = Prepared(delete(identities).where(identities.c.account_id == bindparam("account")))
OTHER = "Somebody else"


class Town:
    """A seeded installation with two people, and what they are called by others."""

    def __init__(self, app: Aftershow, http: httpx.AsyncClient, seeds: Seeds, other: Account) -> None:
        self.rt: Runtime = app.rt
        self.http, self.seeds, self.other = http, seeds, other
        self.name = seeds.begun.account.name

    async def get(self, path: str) -> httpx.Response:
        self.http.cookies.clear()
        return await self.http.get(path, headers={"cookie": self.seeds.cookies})

    async def submit(self, path: str, form: dict[str, str]) -> httpx.Response:
        self.http.cookies.clear()
        return await self.http.post(path, data=form, headers={**OUR_PAGES, "cookie": self.seeds.cookies})

    async def call(self, text: str) -> None:
        """Everything that has a name is called so: people, passkeys, browsers, providers, and who comes from them."""
        begun, rt = self.seeds.begun, self.rt
        await self.submit("/settings", {"act": "name", "name": text})
        identity = Identity(PROVIDER_KIND, PROVIDER, text[:200], begun.account.id, text[:90], rt.clock.now(), None)

        async def work(tx: Tx) -> None:
            await rename_passkey(tx, account_id=begun.account.id, passkey_id=PASSKEY, name=text[:100])
            await tx.execute(_AGENT, {"account": begun.account.id, "new": text[:100]})
            await tx.execute(_NAME, {"account": self.other.id, "new": text[:100]})
            await tx.execute(_FORGET, {"account": begun.account.id})
            await insert_identity(tx, identity)

        await rt.db.write(work)
        await keep_provider(rt, replace(a_provider(rt), name=text[:60]))
        # Nothing looks at article pages.
        jobs = {**handlers(rt), "article_seen": lambda _: asyncio.sleep(0)}
        await Worker(rt.db, SystemClock(), jobs).run_due()
        self.name = (await self.get("/api/v1/me")).json()["account"]["name"]

    async def pages(self, text: str, *, every: int = 1, first: int = 0) -> list[httpx.Response]:
        """Every page about people, as it looks then, and forms that are given back; or only one of a few."""
        finish = handle_of(await a_newcomer(self.rt, text))
        hostile = quote(text, safe="")
        asked = (
            "/auth?next=/",
            "/auth/code?flow=",
            "/u/",
            "/settings/progress?q=",
            "/settings/merge?flow=",
            "/auth?x=",
        )
        paths = [self._path(s.pattern) for s in SURFACES if s.method == "GET" and s.pattern.startswith(OWN)]
        paths += [f"/auth/finish?flow={finish}", *self._threads(), *(path + hostile for path in asked)]
        paths.append(f"/auth/provider/{PROVIDER}/callback?error={hostile}&state={hostile}")
        found = [await self.get(path) for path in paths[first::every]]
        return [*found, *[await self.submit(path, form) for path, form in [*self._forms(text)][first::every]]]

    def _forms(self, text: str) -> Iterator[tuple[str, dict[str, str]]]:
        for pattern, sent in SENT.items():
            if pattern.startswith(OWN) and pattern not in ENDS:
                kept = ("act", "site", "origin")
                yield self._path(pattern), {name: sent[name] if name in kept else text for name in sent}
        for act in ("name", "email", "looks"):
            yield "/settings", {"act": act, "name": text * 9, "email": f"{text}@", "theme": text, "locale": text}

    def _path(self, pattern: str) -> str:
        begun = self.seeds.begun
        path = pattern.replace("{token}", begun.token_of(pattern)).replace("{key}", PROVIDER).replace("{id}", PASSKEY)
        return path.replace("{name}", quote(self.name, safe="")) + begun.query(pattern)

    def _threads(self) -> tuple[str, ...]:
        return (f"/d/{self.seeds.discussion}", f"/embed/newsroom?url={ARTICLE}", f"/d/{self.seeds.discussion}/own")


OWN = ("/auth", "/settings", "/u/")
# What signs out, deletes, or answers with a file.
ENDS = {"/auth/sign-out", "/settings/export", "/settings/delete", "/settings/sessions", "/auth/first/{token}"}


async def found(app: Aftershow, http: httpx.AsyncClient) -> Town:
    """Begin: one of the two has written, and mutes the other."""
    seeds = await seed(app, http)
    rt = app.rt
    other = await rt.db.write(lambda tx: create_account(tx, rt, OTHER, email=None, verified=False, now=rt.clock.now()))
    town = Town(app, http, seeds, other)
    http.cookies.clear()
    own = {**OUR_PAGES, "cookie": seeds.begun.cookie}
    sent = {"url": ARTICLE, "body": "As myself."}
    assert (await http.post("/api/v1/sites/newsroom/comments", json=sent, headers=own)).status_code == 201
    muting = await http.put(f"/api/v1/comments/{seeds.comments[1]}/mute", headers=own)
    assert muting.status_code == 200
    return town


async def test_names_of_every_kind_run_nothing(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        town = await found(app, http)
        known: Places = set()
        for text in ("Nobody in particular", "", "?"):
            await town.call(text)
            for page in await town.pages(text):
                known |= places(page.text)
        names = {town.name}
        tried = [*BREAKOUTS, *VECTORS[len(BREAKOUTS) :: 3]]
        for number, vector in enumerate(tried):
            await town.call(vector)
            names.add(town.name)
            for page in await town.pages(vector, every=5, first=number % 5):
                assert page.status_code < 500, page.request.url
                assert page.is_redirect or page.headers["content-type"] == "text/html; charset=utf-8", page.request.url
                location = page.headers.get("location", "/")
                assert location.startswith(("/", "https://id.example/")), location
                assert not location.startswith("//"), location
                assert_harmless(page.text, known)
        assert len(names) > len(tried) / 3


async def test_addresses_to_go_on_to_stay_here(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        elsewhere = (
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "javascript:alert(1)",
        )
        for place in (*elsewhere, "/%5cevil.example", "/\t/evil.example", " //evil.example", *VECTORS):
            for path in ("/auth", "/auth/again", "/auth/code"):
                answer = await http.get(f"{path}?next={quote(place, safe='')}", headers={"cookie": seeds.cookies})
                assert answer.status_code < 500
                for away in ("evil.example", "javascript:"):
                    assert f'href="{away}' not in answer.text
                    assert not answer.headers.get("location", "").startswith((away, f"//{away}", f"https://{away}"))
