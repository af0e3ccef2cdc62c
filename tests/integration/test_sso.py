"""Publishers sign their readers in: what a token must be, whom it names, and what it can't do."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from forum.accounts import tables
from forum.accounts.service_sweep import sweep
from forum.db import Prepared
from tests.support.app import NEWS, OURS, PUBLIC_URL, START, House, open_house, problem
from tests.support.logs import logged
from tests.support.people import signed_in
from tests.support.processes import another_process
from tests.support.publisher import ISSUER, Publisher, a_publisher, reason, segment

pytestmark = pytest.mark.anyio

NOW = int(START.timestamp())
_IDENTITY = Prepared(insert(tables.identity))


async def accounts(house: House) -> list[str]:
    return [row.name for row in await house.rows(select(tables.account.c.name).order_by(tables.account.c.id))]


@pytest.mark.parametrize("algorithm", ["EdDSA", "HS256"])
async def test_a_reader_is_signed_in(house: House, algorithm: str) -> None:
    publisher, frame = await a_publisher(house, algorithm), await house.newcomer()
    answer = await publisher.enter(frame, origin=NEWS)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["account"]["name"], said["account"]["kind"], said["account"]["role"]) == ("Edda", "embed", "reader")
    assert said["bearer"] is None
    assert "SameSite=None; Partitioned" in answer.headers["set-cookie"]
    assert (await frame.read("/api/v1/me?site=newsroom"))["account"]["name"] == "Edda"
    (row,) = await house.rows(select(tables.session))
    assert (row.kind, row.site_id, row.origin, row.parent_id) == ("embed", house.site.id, NEWS, None)


async def test_the_same_subject_is_the_same_person(house: House) -> None:
    publisher = await a_publisher(house)
    first, again = [(await publisher.enter(await house.newcomer())).json()["account"] for _ in range(2)]
    assert first == again
    other = (await publisher.enter(await house.newcomer(), publisher.token(sub="reader-8", name="Ravi"))).json()
    assert other["account"]["id"] != first["id"]
    assert await accounts(house) == ["Edda", "Ravi"]


async def test_subjects_belong_to_their_site(house: House) -> None:
    """Two publishers may call their readers the same; neither can name the other's."""
    publisher = await a_publisher(house)
    ours = (await publisher.enter(await house.newcomer())).json()["account"]
    elsewhere = {"sso_algorithm": "EdDSA", "sso_key": publisher.public_key, "sso_issuer": ISSUER}
    await house.add_site("other", origins=("https://other.example",), **elsewhere)
    answer = await house.author.http.post(
        "/api/v1/sites/other/sso", json={"token": publisher.token(name="Edda")}, headers=OURS
    )
    theirs = answer.json()["account"]
    assert theirs["id"] != ours["id"]
    assert theirs["name"] == "Edda 2"


async def test_a_bearer_where_no_cookies_are_kept(house: House) -> None:
    publisher, frame = await a_publisher(house), await house.newcomer()
    answer = await publisher.enter(frame, bearer=True)
    assert "set-cookie" not in answer.headers
    bearer = {"authorization": f"Bearer {answer.json()['bearer']}"}
    assert (await frame.read("/api/v1/me?site=newsroom", headers=bearer))["account"]["name"] == "Edda"


# What a token must say.

BAD_CLAIMS: list[tuple[dict[str, Any], str]] = [
    ({"iss": "https://evil.example"}, "wrong_issuer"),
    ({"iss": ...}, "wrong_issuer"),
    ({"iss": [ISSUER]}, "wrong_issuer"),
    ({"iss": ""}, "wrong_issuer"),
    ({"aud": "https://other.example"}, "wrong_audience"),
    ({"aud": ...}, "wrong_audience"),
    ({"aud": f"{PUBLIC_URL}/"}, "wrong_audience"),
    ({"aud": []}, "wrong_audience"),
    ({"aud": [PUBLIC_URL, "https://other.example"]}, "wrong_audience"),
    ({"iat": NOW - 200, "exp": NOW - 30}, "expired"),
    ({"iat": NOW - 86_400, "exp": NOW - 86_100}, "expired"),
    ({"iat": NOW + 31, "exp": NOW + 60}, "not_yet"),
    ({"nbf": NOW + 60}, "not_yet"),
    ({"nbf": "soon"}, "bad_nbf"),
    ({"exp": NOW + 301}, "lives_too_long"),
    ({"iat": 0}, "lives_too_long"),
    ({"iat": NOW, "exp": NOW}, "lives_too_long"),
    ({"iat": NOW, "exp": NOW - 1}, "lives_too_long"),
    ({"exp": ...}, "bad_exp"),
    ({"exp": "never"}, "bad_exp"),
    ({"exp": None}, "bad_exp"),
    ({"exp": True}, "bad_exp"),
    ({"iat": ...}, "bad_iat"),
    ({"iat": str(NOW)}, "bad_iat"),
    ({"exp": 10**400}, "malformed"),
    ({"sub": ...}, "bad_sub"),
    ({"sub": ""}, "bad_sub"),
    ({"sub": 7}, "bad_sub"),
    ({"sub": "x" * 256}, "bad_sub"),
    ({"sub": "reader\0"}, "bad_sub"),
    ({"sub": "\ud800"}, "malformed"),
    ({"name": ...}, "bad_name"),
    ({"name": ""}, "bad_name"),
    ({"name": {"en": "Edda"}}, "bad_name"),
    ({"jti": ...}, "bad_jti"),
    ({"jti": "short"}, "bad_jti"),
    ({"jti": "x" * 201}, "bad_jti"),
    ({"jti": 12345678}, "bad_jti"),
    ({"role": "moderator"}, "role_not_allowed"),
    ({"role": "reader"}, "role_not_allowed"),
]


GOOD_CLAIMS: list[dict[str, Any]] = [
    {"iat": NOW - 180, "exp": NOW - 29},
    {"iat": NOW + 29, "exp": NOW + 300},
    {"exp": NOW + 300},
    {"iat": NOW - 0.5, "exp": NOW + 60.25},
    {"aud": [PUBLIC_URL]},
    {"sub": "x" * 255},
    {"jti": "12345678"},
    {"jti": "x" * 200},
    {"nbf": NOW},
    {"email": "ada@news.example", "picture": "https://news.example/ada.png", "groups": [1]},
]


async def test_what_a_token_must_say(house: House) -> None:
    publisher = await a_publisher(house)
    for changes, why in BAD_CLAIMS:
        assert reason(await publisher.enter(house.author, publisher.token(**changes))) == why, changes
    assert await accounts(house) == []
    assert await house.rows(select(tables.session.c.id)) == []
    assert await house.rows(select(tables.sso_token)) == []


async def test_what_a_token_may_say(house: House) -> None:
    publisher = await a_publisher(house)
    for changes in GOOD_CLAIMS:
        assert reason(await publisher.enter(house.author, publisher.token(**changes))) == "", changes


# How a token must be signed.


def forged(publisher: Publisher) -> dict[str, tuple[str, str]]:
    """Tokens with good claims and a signature that is worth nothing, each with the reason for its refusal."""
    claims = publisher.claims()
    head, body, _ = publisher.sign({"alg": publisher.algorithm}, claims).split(".")
    stranger = Publisher(publisher.house, publisher.algorithm)
    other = "HS256" if publisher.algorithm == "EdDSA" else "EdDSA"
    known = publisher.public_key.encode()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": segment(stranger.key.public_key().public_bytes_raw())}
    good = {"alg": publisher.algorithm}
    return {
        "none": (f"{segment({'alg': 'none'})}.{body}.", "bad_header"),
        "None": (f"{segment({'alg': 'None'})}.{body}.", "bad_header"),
        "no alg": (f"{segment({'typ': 'JWT'})}.{body}.", "bad_header"),
        "a list of algs": (publisher.sign({"alg": [publisher.algorithm]}, claims), "bad_header"),
        "unsigned": (f"{head}.{body}.", "bad_signature"),
        "another key": (stranger.sign(good, claims), "bad_signature"),
        "another alg": (publisher.sign({"alg": other}, claims, algorithm=other), "bad_header"),
        "the public key as secret": (publisher.sign({"alg": "HS256"}, claims, algorithm="HS256", with_key=known), ""),
        "the secret of nobody": (publisher.sign(good, claims, algorithm="HS256", with_key=b"\0"), "bad_signature"),
        "HS512": (publisher.sign({"alg": "HS512"}, claims), "bad_header"),
        "RS256": (publisher.sign({"alg": "RS256"}, claims), "bad_header"),
        "lower case": (publisher.sign({"alg": publisher.algorithm.lower()}, claims), "bad_header"),
        "a key along": (stranger.sign({**good, "jwk": jwk}, claims), "bad_header"),
        "where a key is": (stranger.sign({**good, "jku": "https://evil.example/keys"}, claims), "bad_header"),
        "where a chain is": (stranger.sign({**good, "x5u": "https://evil.example/x"}, claims), "bad_header"),
        "a chain": (stranger.sign({**good, "x5c": ["MIIB"]}, claims), "bad_header"),
        "a name of a key": (stranger.sign({**good, "kid": "../../dev/null"}, claims), "bad_signature"),
        "crit": (publisher.sign({**good, "crit": ["exp"], "exp": 1}, claims), "bad_header"),
        "unencoded": (publisher.sign({**good, "b64": False, "crit": ["b64"]}, claims), "bad_header"),
        "another type": (publisher.sign({**good, "typ": "at+jwt"}, claims), "bad_header"),
        "a changed claim": (
            f"{head}.{segment({**claims, 'sub': 'reader-8'})}.{_last(publisher, claims)}",
            "bad_signature",
        ),
    }


def misshapen(publisher: Publisher) -> dict[str, str]:
    """What is no token with claims at all."""
    claims, good = publisher.claims(), {"alg": publisher.algorithm}
    head, body, _ = publisher.sign(good, claims).split(".")
    return {
        "a text": publisher.sign(good, "reader-7"),
        "a list": publisher.sign(good, [claims]),
        "no JSON": publisher.sign(good, b"reader-7"),
        "two parts": f"{head}.{body}",
        "five parts": f"{head}.{body}.a.b.c",
        "dots": "..",
        "nothing": "",
        "not base64": f"%%%.{body}.x",
        "beyond ASCII": f"{head}.{body}.é",
    }


def _last(publisher: Publisher, claims: object) -> str:
    return publisher.sign({"alg": publisher.algorithm}, claims).rpartition(".")[2]


@pytest.mark.parametrize("algorithm", ["EdDSA", "HS256"])
async def test_forged_tokens(house: House, algorithm: str) -> None:
    publisher = await a_publisher(house, algorithm)
    for name, (token, why) in forged(publisher).items():
        found = reason(await publisher.enter(house.attacker, token))
        # HMAC with the text of the public key: the algorithm is the site's, so it fits neither.
        assert found == (why or ("bad_header" if algorithm == "EdDSA" else "bad_signature")), name
    for name, token in misshapen(publisher).items():
        assert reason(await publisher.enter(house.attacker, token)) == "malformed", name
    assert await accounts(house) == []
    assert reason(await publisher.enter(house.author)) == ""


async def test_a_token_of_an_earlier_key_or_issuer_counts_no_more(house: House) -> None:
    before = await a_publisher(house)
    after = await a_publisher(house)
    assert reason(await before.enter(house.author)) == "bad_signature"
    await after.set_up(sso_issuer="https://new.news.example")
    assert reason(await after.enter(house.author)) == "wrong_issuer"
    await after.set_up(sso_algorithm="")
    assert reason(await after.enter(house.author)) == "not_set_up"


async def test_a_site_that_never_set_it_up(house: House) -> None:
    publisher = Publisher(house)
    assert reason(await publisher.enter(house.author)) == "not_set_up"
    answer = await house.author.http.post("/api/v1/sites/nowhere/sso", json={"token": "x"}, headers=OURS)
    assert problem(answer) == (404, "unknown_site")


# Once.


async def test_a_token_counts_once(house: House) -> None:
    publisher = await a_publisher(house)
    token = publisher.token()
    assert reason(await publisher.enter(house.author, token)) == ""
    assert reason(await publisher.enter(house.attacker, token)) == "used"
    # The name of a token counts, not its letters: another signature over it is the same token.
    claims = publisher.claims(jti="the-same-name")
    assert reason(await publisher.enter(house.author, publisher.sign({"alg": "EdDSA"}, claims))) == ""
    assert reason(await publisher.enter(house.attacker, publisher.sign({"alg": "EdDSA", "kid": "2"}, claims))) == "used"


async def test_of_many_at_once_one_counts(house: House) -> None:
    publisher = await a_publisher(house)
    token = publisher.token()
    browsers = [await house.newcomer() for _ in range(8)]
    answers = await asyncio.gather(*(publisher.enter(browser, token) for browser in browsers))
    assert sorted(reason(answer) for answer in answers) == ["", *["used"] * 7]
    assert len(await house.rows(select(tables.session.c.id))) == 1


async def test_a_used_token_stays_used_after_a_restart_and_a_sweep(engine_url: str) -> None:
    async with open_house(engine_url) as house:
        publisher = await a_publisher(house)
        token = publisher.token(exp=NOW + 300)
        assert reason(await publisher.enter(house.author, token)) == ""
    async with another_process(house) as again:
        publisher.house = again
        assert reason(await publisher.enter(again.author, token)) == "used"
        again.clock.advance(timedelta(seconds=329))
        await sweep(again.rt)
        assert reason(await publisher.enter(again.author, token)) == "used"
        again.clock.advance(timedelta(hours=2))
        await sweep(again.rt)
        assert await again.rows(select(tables.sso_token)) == []
        assert reason(await publisher.enter(again.author, token)) == "expired"


async def test_it_replaces_the_frame_s_session(house: House) -> None:
    publisher, person = await a_publisher(house), await signed_in(house, "Ravi")
    await publisher.enter(person)
    await publisher.enter(person, publisher.token(sub="reader-9", name="Noor"))
    rows = await house.rows(select(tables.session.c.kind).order_by(tables.session.c.kind))
    assert [row.kind for row in rows] == ["embed", "main"]


async def test_nothing_of_a_token_is_stored_or_logged(house: House) -> None:
    publisher = await a_publisher(house)
    token = publisher.token(jti="a-name-of-a-token")
    with logged(house.rt.settings.database_url) as log:
        await publisher.enter(house.author, token)
        await publisher.enter(house.author, token)
    (row,) = await house.rows(select(tables.sso_token))
    assert "a-name-of-a-token" not in str(row)
    assert '"reason":"used"' in log.getvalue()
    for secret in (token, token.rpartition(".")[2], "a-name-of-a-token", "reader-7"):
        assert secret not in log.getvalue()
