"""Whoever signs in, however they do, and whatever goes wrong: the log has no address, no code, no token and no key."""

from __future__ import annotations

import re
import sqlite3
from base64 import b64encode
from contextlib import closing
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlsplit

import asyncpg
import httpx
import orjson
import pytest

from forum.settings import LogFormat
from tests.support.app import OURS, PUBLIC_URL, House, Person, open_house
from tests.support.authenticator import Browser
from tests.support.fake_identity import DISCOVERY, FakeIdentity, Said, fake_identity, sign
from tests.support.handoff import a_frame, say_yes
from tests.support.identity import CLIENT_SECRET, add_provider
from tests.support.logs import logged
from tests.support.mailing import PostOffice, ask, by_mail
from tests.support.publisher import Publisher, a_publisher

pytestmark = pytest.mark.anyio
ADDRESS: Final = "edda.quill@post.example"
OTHER_ADDRESS: Final = "edda.elsewhere@mail.example"
# Fields whose values are no secret, and what is too short or too common to be one.
PLAIN: Final = {"site", "origin", "purpose", "next", "act", "type", "name", "theme", "locale", "url", "role", "bearer"}
SHORTEST: Final = 6


@dataclass(slots=True)
class Secrets:
    """Everything that was sent or given as a proof, gathered on its way; and a nose for it."""

    known: set[str] = field(default_factory=set)

    def watch(self, person: Person) -> Person:
        """Gather from what a browser sends and gets."""

        async def asked(request: httpx.Request) -> None:
            self.add(*(value for name, value in parse_qsl(urlsplit(str(request.url)).query) if name not in PLAIN))
            body = request.content
            if request.headers.get("content-type", "").startswith("application/json"):
                self._gather(orjson.loads(body))
            else:
                self.add(*(value for name, value in parse_qsl(body.decode()) if name not in PLAIN))
            self.add(request.headers.get("authorization", "").removeprefix("Bearer "))

        async def answered(answer: httpx.Response) -> None:
            for header in answer.headers.get_list("set-cookie"):
                self.add(*(morsel.value for morsel in SimpleCookie(header).values()))
            query = urlsplit(answer.headers.get("location", "")).query
            self.add(
                *(value for name, value in parse_qsl(query) if name in ("flow", "state", "nonce", "code_challenge"))
            )

        person.http.event_hooks = {"request": [asked], "response": [answered]}
        return person

    def _gather(self, sent: Any, name: str = "") -> None:
        if isinstance(sent, dict):
            for key, value in sent.items():
                self._gather(value, key)
        elif isinstance(sent, str) and name not in PLAIN:
            self.add(sent)

    def add(self, *values: str) -> None:
        """Remember; of what has two parts each is one."""
        for value in values:
            parts = {value} if "@" in value else {value, *value.split("."), value.replace("-", "")}
            self.known |= {part for part in parts if len(part) >= SHORTEST and not part.startswith("/")}

    def found_in(self, text: str) -> set[str]:
        """Which of them stand there, as they are, as addresses write them, or in base64."""
        lowered = text.lower()
        spellings = {known: (known, quote(known, safe=""), b64encode(known.encode()).decode()) for known in self.known}
        return {known for known, ways in spellings.items() if any(way.lower() in lowered for way in ways)}


async def by_passkey(person: Person, newcomer: Person) -> None:
    """Add a passkey, and sign in with it elsewhere."""
    browser = Browser(PUBLIC_URL)
    asked = (await person.http.post("/api/v1/me/passkeys/options", json={}, headers=OURS)).json()
    made = {"handle": asked["handle"], "credential": browser.make(asked["options"])}
    assert (await person.http.post("/api/v1/me/passkeys", json=made, headers=OURS)).status_code == 201
    asked = (await newcomer.http.post("/api/v1/auth/passkey/options", json={}, headers=OURS)).json()
    used = {"handle": asked["handle"], "credential": browser.use(asked["options"])}
    assert (await newcomer.http.post("/api/v1/auth/passkey", json=used, headers=OURS)).status_code == 200


async def by_provider(house: House, fake: FakeIdentity, person: Person, secrets: Secrets) -> httpx.Response:
    """Go to a provider and come back."""
    start = await person.get("/auth/provider/example?purpose=sign_in")
    asked = dict(parse_qsl(urlsplit(start.headers["location"]).query))
    fake.tokens |= {"id_token": sign(fake.claims(asked["nonce"], house.clock.now(), sub="sub-of-somebody"))}
    fake.tokens |= {"access_token": "opaque-access-token", "refresh_token": "opaque-refresh-token"}
    secrets.add("sub-of-somebody", *map(str, fake.tokens.values()))
    back = f"/auth/provider/example/callback?code=a-code-of-the-provider&state={asked['state']}"
    answer = await person.get(back)
    secrets.add(*(form.form.get("code_verifier", "") for form in fake.asked_for("/token")))
    return answer


async def by_publisher(house: House, frame: Person, secrets: Secrets) -> Publisher:
    """Come in by a publisher's token: once rightly, once again, once with a wrong one."""
    publisher = await a_publisher(house, "HS256")
    token = publisher.token(sub="reader-of-the-publisher")
    secrets.add(publisher.secret, "reader-of-the-publisher")
    statuses = [(await publisher.enter(frame, given, bearer=True)).status_code for given in (token, token, f"{token}x")]
    assert statuses == [200, 403, 403]
    return publisher


async def story(house: House, fake: FakeIdentity, folder: Path, secrets: Secrets) -> None:
    """Somebody signs in in every way there is, is refused, and looks after their account."""
    post = PostOffice(house, folder)
    people = [secrets.watch(await house.newcomer("Edda")) for _ in range(5)]
    edda, again, elsewhere, framed, stranger = people
    assert (await by_mail(post, edda, ADDRESS, name="Edda")).status_code == 303
    flow = await ask(again, ADDRESS)
    for code in ("AAAA-BBBB", await post.code(ADDRESS)):
        await again.submit("/auth/code", flow=flow, code=code)
    await stranger.get("/auth/link/" + "f" * 32 + "." + "e" * 32)
    await by_passkey(edda, stranger)
    assert (await by_provider(house, fake, elsewhere, secrets)).status_code == 303
    fake.says["/token"] = Said({"error": "invalid_grant", "error_description": ADDRESS}, status="400 Bad Request")
    assert (await by_provider(house, fake, elsewhere, secrets)).status_code >= 400
    frame = await a_frame(house)
    frame.browser = framed
    secrets.add(frame.verifier)
    codes = await say_yes(edda, frame)
    secrets.add(codes.code, codes.short)
    assert (await frame.redeem("wrong-code")).status_code == 403
    redeemed = await frame.redeem(codes.code, bearer=True)
    secrets.add(redeemed.json()["bearer"])
    headers = {"authorization": f"Bearer {redeemed.json()['bearer']}"}
    await framed.http.get("/api/v1/me?site=newsroom", headers=headers)
    await by_publisher(house, secrets.watch(await house.newcomer()), secrets)
    assert (await edda.submit("/settings", act="email", email=OTHER_ADDRESS)).status_code == 303
    secrets.add(await post.link(OTHER_ADDRESS), await post.code(OTHER_ADDRESS))
    await edda.submit("/settings/export")
    await edda.submit("/settings/sessions", act="everywhere")


@pytest.mark.parametrize("log_format", LogFormat)
async def test_signing_in_leaves_no_secret_in_the_log(engine_url: str, tmp_path: Path, log_format: LogFormat) -> None:
    secrets = Secrets({ADDRESS, OTHER_ADDRESS, CLIENT_SECRET, "k" * 40})
    with logged(engine_url, log_format=log_format) as log:
        async with (
            fake_identity() as fake,
            open_house(engine_url, mail_url=f"file:{tmp_path}", egress_local=True) as house,
        ):
            secrets.add(house.secret)
            await add_provider(house.rt, fake.issuer)
            await story(house, fake, tmp_path, secrets)
            assert fake.asked_for(DISCOVERY)
    said = log.getvalue()
    assert said.count("/auth/code") >= 2
    assert "sign-in elsewhere failed" in said
    assert len(secrets.known) > 40
    assert secrets.found_in(f"before {ADDRESS} after")
    assert secrets.found_in(said) == set()
    assert re.findall(r"203\.0\.113\.\d+|198\.51\.100\.\d+", said) == []


async def refuse(url: str, table: str) -> None:
    """From now on the database refuses every new row of a table, and says (PostgreSQL does) what it refused."""
    if not url.startswith("sqlite:"):
        connection = await asyncpg.connect(url)
        await connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT never CHECK (false) NOT VALID")
        await connection.close()
        return
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute(f"CREATE TRIGGER never BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'never'); END")


@pytest.mark.parametrize("log_format", LogFormat)
@pytest.mark.parametrize("table", ["auth_flow", "mail", "account", "session"])
async def test_what_fails_says_nothing_about_who_came(
    engine_url: str, tmp_path: Path, table: str, log_format: LogFormat
) -> None:
    secrets = Secrets({ADDRESS, "k" * 40})
    with logged(engine_url, log_format=log_format) as log:
        async with open_house(engine_url, mail_url=f"file:{tmp_path}") as house:
            post, edda = PostOffice(house, tmp_path), secrets.watch(house.author)
            if table in ("account", "session"):
                await ask(edda, ADDRESS)
                link = await post.link(ADDRESS)
                await refuse(engine_url, table)
                answer = await edda.submit(link, name="Edda")
            else:
                await refuse(engine_url, table)
                answer = await edda.submit("/auth/email", email=ADDRESS)
            assert answer.status_code >= 500
            assert ADDRESS not in answer.text
    assert "Traceback" in log.getvalue()
    assert secrets.found_in(log.getvalue()) == set()
