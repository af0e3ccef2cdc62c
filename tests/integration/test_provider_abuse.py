"""Identity providers, networks and pages that lie: no session, no account, no name comes of it, and nothing breaks."""

import base64
import gzip
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from sqlalchemy import select

from forum.accounts.providers import client as provider_client
from forum.accounts.providers.trips import Details, ProviderKind
from forum.accounts.tables import auth_flow, identity, session
from tests.support.app import House, Person, open_house
from tests.support.fake_identity import DISCOVERY, EC, ED, RSA, FakeIdentity, Said, fake_identity, sign
from tests.support.identity import CLIENT_ID, CLIENT_SECRET, add_provider
from tests.support.people import signed_in

pytestmark = pytest.mark.anyio

START_HERE = "/auth/provider/example"
BACK_HERE = f"{START_HERE}/callback"
STRANGER = RSAKey.generate_key(2048, {"kid": "rsa"})
SMALL = ECKey.generate_key("P-256", {"kid": "nobody knows"})


@pytest.fixture
async def fake() -> AsyncIterator[FakeIdentity]:
    async with fake_identity() as provider:
        yield provider


@pytest.fixture
async def here(sqlite_url: str, fake: FakeIdentity) -> AsyncIterator[House]:
    """An installation that believes this provider. What is checked here is no matter of the database."""
    async with open_house(sqlite_url, egress_local=True) as house:
        await add_provider(house.rt, fake.issuer)
        yield house


async def begin(person: Person, **query: str) -> dict[str, str]:
    """Set out; what the provider is asked."""
    start = await person.get(START_HERE, params=query)
    assert start.status_code == 303, start.text
    return {name: values[0] for name, values in parse_qs(urlsplit(start.headers["location"]).query).items()}


async def return_with(
    house: House, fake: FakeIdentity, make: Callable[[dict[str, Any]], Any], **changes: Any
) -> httpx.Response:
    """Set out and come back; the provider's token is what `make` makes of its claims."""
    asked = await begin(house.author)
    fake.tokens["id_token"] = make(fake.claims(asked["nonce"], house.clock.now(), **changes))
    return await house.author.get(BACK_HERE, params={"code": "c", "state": asked["state"]})


async def nothing_has_come_of_it(house: House, answer: httpx.Response, status: int = 502) -> None:
    assert answer.status_code == status, answer.text
    assert "location" not in answer.headers
    assert 'href="/auth?next=/' in answer.text
    assert answer.headers["cross-origin-opener-policy"] == "unsafe-none"
    for table in (session, identity, auth_flow):
        assert await house.rows(select(table)) == []


def unsigned(claims: dict[str, Any], **header: Any) -> str:
    parts = ({"alg": "none", **header}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts) + "."


def with_public_key(claims: dict[str, Any]) -> str:
    """The old confusion: the public key as a shared secret."""
    return sign(claims, OctKey.import_key(str(RSA.as_dict(private=False)["n"])), "HS256", kid="rsa")


BAD_TOKENS: dict[str, tuple[Callable[[dict[str, Any]], Any], dict[str, Any]]] = {
    "unsigned": (unsigned, {}),
    "unsigned, another case": (lambda claims: unsigned(claims, alg="NoNe"), {}),
    "unsigned, with a signature": (lambda claims: unsigned(claims) + "AAAA", {}),
    "signed with the public key as a secret": (with_public_key, {}),
    "signed with the client's secret": (
        lambda claims: sign(claims, OctKey.import_key(CLIENT_SECRET), "HS256", kid=None),
        {},
    ),
    "signed by a stranger who takes a known key's name": (lambda claims: sign(claims, STRANGER), {}),
    "signed by a stranger": (lambda claims: sign(claims, SMALL, "ES256"), {}),
    "signed by a stranger, no key named": (lambda claims: sign(claims, STRANGER, kid=None), {}),
    "a key of its own along": (
        lambda claims: sign(claims, SMALL, "ES256", jwk=SMALL.as_dict(private=False)),
        {},
    ),
    "an algorithm that the provider does not name": (lambda claims: sign(claims, RSA, "RS384"), {}),
    "changed after it was signed": (lambda claims: _changed(sign(claims)), {}),
    "no token": (lambda _: "a.b", {}),
    "a number": (lambda _: 7, {}),
    "nothing": (lambda _: None, {}),
    "text that is not ASCII": (lambda _: "é.é.é", {}),
    "endless": (sign, {"x": "y" * 20_000}),
    "of another issuer": (sign, {"iss": "http://127.0.0.1:1"}),
    "of an issuer with a slash more": (lambda claims: sign({**claims, "iss": claims["iss"] + "/"}), {}),
    "of nobody": (sign, {"iss": None}),
    "for another client": (sign, {"aud": "another"}),
    "for nobody": (sign, {"aud": None}),
    "for several, by nobody": (sign, {"aud": [CLIENT_ID, "another"]}),
    "for us, by another client": (sign, {"azp": "another"}),
    "expired": (sign, {"exp": 1}),
    "without an end": (sign, {"exp": None}),
    "with an end in words": (sign, {"exp": "tomorrow"}),
    "of tomorrow": (sign, {"iat": 2_000_000_000}),
    "of yesterday": (sign, {"iat": 1_000_000_000}),
    "of no time": (sign, {"iat": None}),
    "not yet": (sign, {"nbf": 2_000_000_000}),
    "for another sign-in": (sign, {"nonce": "another"}),
    "for no sign-in": (sign, {"nonce": None}),
    "about nobody": (sign, {"sub": None}),
    "about an empty name": (sign, {"sub": ""}),
    "about a name without end": (sign, {"sub": "a" * 256}),
    "about a name with a zero byte": (sign, {"sub": "a\0b"}),
    "about a list": (sign, {"sub": ["ada"]}),
}


def _changed(token: str) -> str:
    head, _, signature = token.split(".")
    other = sign({"sub": "somebody else"}).split(".")[1]
    return f"{head}.{other}.{signature}"


@pytest.mark.parametrize("what", BAD_TOKENS)
async def test_a_token_that_does_not_hold(here: House, fake: FakeIdentity, what: str) -> None:
    make, changes = BAD_TOKENS[what]
    answer = await return_with(here, fake, make, **changes)
    await nothing_has_come_of_it(here, answer)
    assert "Max-Age=0" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("make", "changes"),
    [
        (sign, {}),
        (lambda claims: sign(claims, EC, "ES256"), {}),
        (lambda claims: sign(claims, RSA, "PS256"), {}),
        (lambda claims: sign(claims, ED, "Ed25519"), {}),
        (lambda claims: sign(claims, EC, "ES256", kid=None), {}),
        (sign, {"aud": [CLIENT_ID]}),
        (sign, {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID}),
        (sign, {"sub": "a" * 255}),
    ],
)
async def test_a_token_that_holds(here: House, fake: FakeIdentity, make: Any, changes: dict[str, Any]) -> None:
    answer = await return_with(here, fake, make, **changes)
    assert answer.headers["location"].startswith("/auth/finish?"), answer.text


async def test_the_code_is_given_away_with_its_verifier_and_our_secret(here: House, fake: FakeIdentity) -> None:
    asked = await begin(here.author)
    fake.tokens["id_token"] = sign(fake.claims(asked["nonce"], here.clock.now()))
    await here.author.get(BACK_HERE, params={"code": "a code/+", "state": asked["state"]})
    (exchange,) = fake.asked_for("/token")
    assert exchange.form["code"] == "a code/+"
    assert exchange.form["redirect_uri"] == asked["redirect_uri"]
    assert len(exchange.form["code_verifier"]) >= 43
    assert exchange.headers["authorization"].startswith("Basic ")
    assert "client_secret" not in exchange.form
    assert "cookie" not in exchange.headers


@pytest.mark.parametrize("state", ["", "another", "é"])
async def test_an_answer_to_another_browser_is_nobodys(here: House, fake: FakeIdentity, state: str) -> None:
    """Somebody makes a victim open the address they came back with themselves."""
    own = await begin(here.attacker)
    fake.tokens["id_token"] = sign(fake.claims(own["nonce"], here.clock.now()))
    for victim_began in (False, True):
        if victim_began:
            await begin(here.author)
        answer = await here.author.get(BACK_HERE, params={"code": "c", "state": state or own["state"]})
        await nothing_has_come_of_it(here, answer, 400)
    assert fake.asked_for("/token") == []


async def test_an_answer_counts_once(here: House, fake: FakeIdentity) -> None:
    asked = await begin(here.author)
    fake.tokens["id_token"] = sign(fake.claims(asked["nonce"], here.clock.now()))
    said = {"code": "c", "state": asked["state"]}
    assert (await here.author.get(BACK_HERE, params=said)).status_code == 303
    assert (await here.author.get(BACK_HERE, params=said)).status_code == 400
    assert len(fake.asked_for("/token")) == 1


async def test_what_a_browser_carries_cannot_be_changed(here: House, fake: FakeIdentity) -> None:
    asked = await begin(here.author)
    note = here.author.http.cookies["__Host-flow"]
    payload, _, mac = note.partition(".")
    said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    other = base64.urlsafe_b64encode(json.dumps({**said, "next": "//evil.example"}).encode()).decode().rstrip("=")
    for forged in (f"{other}.{mac}", payload, f"{payload}.", "", "é", f".{mac}"):
        headers = {b"cookie": f"__Host-flow={forged}".encode()}
        stranger = await here.newcomer()
        answer = await stranger.get(BACK_HERE, params={"code": "c", "state": asked["state"]}, headers=headers)
        await nothing_has_come_of_it(here, answer, 400)
    assert fake.asked_for("/token") == []


async def test_an_answer_of_one_provider_is_none_of_another(here: House, fake: FakeIdentity) -> None:
    """A dishonest provider sends the browser to us with the code of an honest one."""
    async with fake_identity() as evil:
        await add_provider(here.rt, evil.issuer, "evil")
        start = await here.author.get("/auth/provider/evil")
        state = parse_qs(urlsplit(start.headers["location"]).query)["state"][0]
        answer = await here.author.get(BACK_HERE, params={"code": "c", "state": state})
        await nothing_has_come_of_it(here, answer, 400)
        start = await here.author.get("/auth/provider/evil")
        state = parse_qs(urlsplit(start.headers["location"]).query)["state"][0]
        said = {"code": "c", "state": state, "iss": fake.issuer}
        answer = await here.author.get("/auth/provider/evil/callback", params=said)
        await nothing_has_come_of_it(here, answer)
        assert evil.asked_for("/token") == []


async def test_a_provider_that_names_itself_has_to(here: House, fake: FakeIdentity) -> None:
    fake.discovery["authorization_response_iss_parameter_supported"] = True
    await nothing_has_come_of_it(here, await return_with(here, fake, sign))
    assert fake.asked_for("/token") == []


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"]
)
async def test_nobody_is_sent_elsewhere(here: House, fake: FakeIdentity, wanted: str) -> None:
    asked = await begin(here.author, next=wanted)
    answer = await here.author.get(BACK_HERE, params={"state": asked["state"], "error": "access_denied"})
    assert answer.status_code == 403
    assert "evil" not in answer.text
    asked = await begin(here.author)
    said = {"state": asked["state"], "error": "server_error", "error_description": "<b>evil</b>", "next": wanted}
    answer = await here.author.get(BACK_HERE, params=said)
    assert answer.status_code == 502
    assert "evil" not in answer.text


BROKEN: dict[str, Said] = {
    "not JSON": Said(b"<html>"),
    "a list": Said([1]),
    "an error": Said(status="500 Internal Server Error"),
    "an error with status 200": Said({"error": "bad_verification_code"}),
    "huge": Said(b'{"a":"' + b"x" * 300_000 + b'"}'),
    "a bomb": Said(gzip.compress(b" " * 30_000_000), headers=("Content-Encoding: gzip",)),
    "deep": Said(b"[" * 100_000),
    "endless": Said(b"{" * 100, waits=True),
    "cut off": Said(b"", headers=("Content-Length: 9",)),
    "a redirect": Said(status="307 Temporary Redirect", headers=("Location: /evil",)),
}


@pytest.mark.parametrize("path", [DISCOVERY, "/token", "/keys"])
@pytest.mark.parametrize("what", BROKEN)
async def test_a_provider_that_breaks(
    here: House, fake: FakeIdentity, monkeypatch: pytest.MonkeyPatch, path: str, what: str
) -> None:
    monkeypatch.setattr(provider_client, "PATIENCE", 0.5)
    fake.says[path] = BROKEN[what]
    if path == DISCOVERY:
        answer = await here.author.get(START_HERE)
        assert "set-cookie" not in answer.headers
    else:
        answer = await return_with(here, fake, sign)
    await nothing_has_come_of_it(here, answer)
    assert fake.asked_for("/evil") == []


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "http://127.0.0.1:1"},
        {"issuer": None},
        {"token_endpoint": None},
        {"jwks_uri": 7},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "file:///etc/passwd"},
        {"id_token_signing_alg_values_supported": ["none", "HS256"]},
    ],
)
async def test_a_provider_that_publishes_nonsense(here: House, fake: FakeIdentity, changes: dict[str, Any]) -> None:
    fake.discovery.update(changes)
    await nothing_has_come_of_it(here, await here.author.get(START_HERE))


async def test_a_provider_inside_the_network_is_not_asked(sqlite_url: str, fake: FakeIdentity) -> None:
    """Whatever it publishes: neither on plain http, nor where its name or its addresses lead inside."""
    async with open_house(sqlite_url) as house:
        for number, issuer in enumerate((fake.issuer, "https://169.254.169.254", "https://10.0.0.1", "https://[::1]")):
            await add_provider(house.rt, issuer, f"inside-{number}")
            answer = await house.author.get(f"/auth/provider/inside-{number}")
            await nothing_has_come_of_it(house, answer)
    assert fake.asked == []


async def test_what_is_published_is_kept_and_new_keys_are_found(here: House, fake: FakeIdentity) -> None:
    for _ in range(3):
        assert (await return_with(here, fake, sign)).status_code == 303
    assert [len(fake.asked_for(path)) for path in (DISCOVERY, "/keys")] == [1, 1]
    fresh = RSAKey.generate_key(2048, {"kid": "new"})
    fake.keys = [fresh]
    assert (await return_with(here, fake, lambda claims: sign(claims, fresh))).status_code == 303
    assert len(fake.asked_for("/keys")) == 2


async def test_unknown_keys_are_looked_for_once_a_minute(here: House, fake: FakeIdentity) -> None:
    for _ in range(4):
        answer = await return_with(here, fake, lambda claims: sign(claims, SMALL, "ES256"))
        assert answer.status_code == 502
    assert len(fake.asked_for("/keys")) == 2
    here.clock.advance(timedelta(seconds=61))
    await return_with(here, fake, lambda claims: sign(claims, SMALL, "ES256"))
    assert len(fake.asked_for("/keys")) == 3


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"sub": "ada", "preferred_username": "Ada L."}, "Ada L."),
        ({"sub": "somebody else", "name": "Mallory"}, ""),
        ({"sub": "ada", "preferred_username": "ada@mail.example", "name": "Ada\u202e\0 Love"}, "Ada Love"),
        ({"sub": "ada", "name": ["Ada"]}, ""),
    ],
)
async def test_a_name_is_a_suggestion(here: House, fake: FakeIdentity, told: dict[str, Any], name: str) -> None:
    fake.discovery["userinfo_endpoint"] = f"{fake.issuer}/me"
    fake.says["/me"] = Said({**told, "email": "ada@mail.example", "email_verified": True})
    answer = await return_with(here, fake, sign)
    assert answer.headers["location"].startswith("/auth/finish?")
    (flow,) = await here.rows(select(auth_flow))
    assert json.loads(flow.data)["name"] == name
    assert (flow.email, "@" in flow.data) == (None, False)


async def test_a_fresh_proof_that_is_old_is_none(here: House, fake: FakeIdentity) -> None:
    person = await signed_in(here, "Edda")
    asked = await begin(person, purpose="again")
    assert asked["max_age"] == "0"
    old = int((here.clock.now() - timedelta(hours=1)).timestamp())
    fake.tokens["id_token"] = sign(fake.claims(asked["nonce"], here.clock.now(), auth_time=old))
    answer = await person.get(BACK_HERE, params={"code": "c", "state": asked["state"]})
    assert answer.status_code == 502
    assert "/auth/again?next=" in answer.text


async def test_plain_oauth2_is_asked_who_it_is(here: House, fake: FakeIdentity) -> None:
    details = Details(f"{fake.issuer}/go", f"{fake.issuer}/token", f"{fake.issuer}/me", "data.id", "data.login", "me")
    userinfo = f"{fake.issuer}/me"
    await add_provider(here.rt, userinfo, "plain", kind=ProviderKind.OAUTH2, details=details)
    fake.says["/me"] = Said({"data": {"id": 42, "login": "Ada", "email": "ada@mail.example"}})
    start = await here.author.get("/auth/provider/plain")
    asked = parse_qs(urlsplit(start.headers["location"]).query)
    assert (asked["scope"], "nonce" in asked, "code_challenge" in asked) == (["me"], False, True)
    said = urlencode({"code": "c", "state": asked["state"][0], "iss": "https://who.example"})
    answer = await here.author.get(f"/auth/provider/plain/callback?{said}")
    assert answer.headers["location"].startswith("/auth/finish?")
    (flow,) = await here.rows(select(auth_flow))
    assert json.loads(flow.data)["identity"] == ["provider", "plain", "42", "Ada"]
    assert "@" not in flow.data
    assert fake.asked_for("/token")[0].form["client_secret"] == CLIENT_SECRET
    assert fake.asked_for("/me")[0].headers["authorization"] == "Bearer opaque"


@pytest.mark.parametrize("told", [{}, {"id": None}, {"id": True}, {"id": {"a": 1}}, {"id": ""}, {"id": "a\nb"}, []])
async def test_plain_oauth2_that_does_not_say_who(here: House, fake: FakeIdentity, told: Any) -> None:
    details = Details(f"{fake.issuer}/go", f"{fake.issuer}/token", f"{fake.issuer}/me", "id", "name", "")
    await add_provider(here.rt, f"{fake.issuer}/me", "plain", kind=ProviderKind.OAUTH2, details=details)
    fake.says["/me"] = Said(told)
    start = await here.author.get("/auth/provider/plain")
    state = parse_qs(urlsplit(start.headers["location"]).query)["state"][0]
    answer = await here.author.get("/auth/provider/plain/callback", params={"code": "c", "state": state})
    await nothing_has_come_of_it(here, answer)


async def test_no_secret_is_in_the_log(here: House, fake: FakeIdentity, capsys: pytest.CaptureFixture[str]) -> None:
    asked = await begin(here.author)
    fake.tokens["id_token"] = "a-token-nobody-may-read"
    await here.author.get(BACK_HERE, params={"code": "a-code-nobody-may-read", "state": asked["state"]})
    printed = "".join(capsys.readouterr())
    assert "sign-in elsewhere failed" in printed
    assert not [word for word in ("nobody-may-read", CLIENT_SECRET, asked["state"], asked["nonce"]) if word in printed]


async def test_nobody_makes_this_server_ask_without_end(sqlite_url: str, fake: FakeIdentity) -> None:
    async with open_house(sqlite_url, egress_local=True, rate_limits=True) as house:
        await add_provider(house.rt, fake.issuer)
        answers = [await house.attacker.get(BACK_HERE, params={"state": "x"}) for _ in range(301)]
        answers.append(await house.attacker.get(START_HERE))
        assert [answer.status_code for answer in answers] == [400] * 300 + [429] * 2
        assert int(answers[-1].headers["retry-after"]) > 0
        assert (await house.author.get(START_HERE)).status_code == 303
