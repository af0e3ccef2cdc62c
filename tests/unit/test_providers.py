"""Identity providers, the pure part: notes and tickets, addresses, audiences, times, names."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from forum.accounts.providers.id_tokens import UnknownKey, read_token, usable
from forum.accounts.providers.trips import (
    Details,
    Endpoints,
    Misfit,
    Provider,
    ProviderKind,
    authorization_url,
    check_claims,
    is_protected,
    is_ticket,
    name_of,
    new_trip,
    seal,
    subject_of,
    ticket,
    unseal,
)
from forum.core.pkce import challenge_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "k" * 40
PROVIDER = Provider(
    key="example",
    name="Example",
    kind=ProviderKind.OIDC,
    issuer="https://id.example",
    client_id="us",
    client_secret="hidden",
    details=Details(),
    created_at=NOW,
)
TRIP = new_trip("example", "sign_in", "/d/1", now=NOW)


def test_a_note_comes_back_as_it_was() -> None:
    sealed = seal(SECRET, TRIP)
    assert unseal(SECRET, sealed, NOW) == TRIP
    assert unseal("other" * 8, sealed, NOW) is None
    assert unseal(SECRET, sealed, NOW + timedelta(minutes=10)) is None
    assert unseal(SECRET, sealed, NOW - timedelta(seconds=1)) is None


@pytest.mark.parametrize("text", ["", ".", "a", "a.b", "é.é", "a.b.c"])
def test_what_we_did_not_seal_is_no_note(text: str) -> None:
    assert unseal(SECRET, text, NOW) is None


def test_notes_and_tickets_are_not_each_other() -> None:
    mine = ticket(SECRET, 7, "example", NOW)
    assert is_ticket(SECRET, mine, 7, "example", NOW)
    assert not is_ticket(SECRET, mine, 8, "example", NOW)
    assert not is_ticket(SECRET, mine, 7, "another", NOW)
    assert not is_ticket(SECRET, mine, 7, "example", NOW + timedelta(hours=1))
    assert not is_ticket(SECRET, seal(SECRET, TRIP), 7, "example", NOW)
    assert not is_ticket(SECRET, "", 7, "example", NOW)
    assert unseal(SECRET, mine, NOW) is None


def test_nobody_guesses_what_was_begun() -> None:
    trips = [new_trip("example", "sign_in", "/", now=NOW) for _ in range(20)]
    secrets = {secret for trip in trips for secret in (trip.state, trip.nonce, trip.verifier)}
    assert len(secrets) == 60
    assert min(map(len, secrets)) == 43


def test_the_challenge_is_that_of_the_standard() -> None:
    """The example of RFC 7636, appendix B."""
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_an_address_of_the_provider_keeps_its_own_query() -> None:
    endpoints = Endpoints("https://id.example/go?tenant=a", "", "")
    url = authorization_url(PROVIDER, endpoints, TRIP, "https://talk.example/back")
    asked = parse_qs(urlsplit(url).query)
    assert asked["tenant"] == ["a"]
    assert asked["state"] == [TRIP.state]
    assert TRIP.verifier not in url


def test_a_secret_is_not_shown_by_accident() -> None:
    assert "hidden" not in repr(PROVIDER)


@pytest.mark.parametrize(
    ("url", "by", "fine"),
    [
        ("https://id.example/token", "https://id.example", True),
        ("https://elsewhere.example/token", "https://id.example", True),
        ("http://id.example/token", "https://id.example", False),
        ("http://127.0.0.1:1/token", "http://127.0.0.1:1", True),
        ("https://id.example/token", "http://127.0.0.1:1", True),
        ("javascript:alert(1)", "https://id.example", False),
        ("ftp://id.example", "ftp://id.example", False),
        ("https:///token", "https://id.example", False),
        ("/token", "https://id.example", False),
        ("", "https://id.example", False),
    ],
)
def test_a_provider_on_https_has_all_its_addresses_there(url: str, by: str, fine: bool) -> None:
    assert is_protected(url, by=by) is fine


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "subject a"),
        ({"aud": ["us", "them"], "azp": "us"}, "subject a"),
        ({"aud": ["them"]}, "bad_audience"),
        ({"aud": ["us", "them"]}, "bad_party"),
        ({"azp": "them"}, "bad_party"),
        ({"azp": 1}, "bad_party"),
        ({"exp": NOW.timestamp() - 59}, "subject a"),
        ({"exp": NOW.timestamp() - 60}, "expired"),
        ({"exp": True}, "bad_time"),
        ({"iat": NOW.timestamp() + 60}, "subject a"),
        ({"iat": NOW.timestamp() + 61}, "bad_time"),
        ({"iat": NOW.timestamp() - 61}, "bad_time"),
        ({"nbf": NOW.timestamp() + 61}, "bad_time"),
        ({"nonce": 7}, "bad_nonce"),
        ({"iss": "https://ID.example"}, "bad_issuer"),
        ({"sub": 7}, "subject 7"),
        ({"sub": 7.5}, "bad_subject"),
    ],
)
def test_claims_are_checked(changes: dict[str, Any], code: str) -> None:
    moment = NOW.timestamp()
    right = {"iss": PROVIDER.issuer, "aud": "us", "sub": "a", "iat": moment, "exp": moment + 60, "nonce": TRIP.nonce}
    assert outcome({**right, **changes}) == code


def outcome(claims: dict[str, Any]) -> str:
    try:
        return "subject " + check_claims(claims, PROVIDER, TRIP, NOW)
    except Misfit as misfit:
        return misfit.code


def test_a_repeated_proof_is_not_older_than_the_question() -> None:
    moment = NOW.timestamp()
    again = replace(TRIP, purpose="again")
    said = {"iss": PROVIDER.issuer, "aud": "us", "sub": "a", "iat": moment, "exp": moment + 60, "nonce": TRIP.nonce}
    assert check_claims({**said, "auth_time": moment}, PROVIDER, again, NOW) == "a"
    with pytest.raises(Misfit, match="not_fresh"):
        check_claims(said, PROVIDER, again, NOW)
    assert check_claims({**said, "auth_time": moment - 3600}, PROVIDER, TRIP, NOW) == "a"
    with pytest.raises(Misfit, match="not_fresh"):
        check_claims({**said, "auth_time": moment - 3600}, PROVIDER, again, NOW)


def test_claims_are_found_by_path() -> None:
    said = {"data": {"id": 42, "name": "Ada"}, "a.b": 1}
    assert subject_of(said, "data.id") == "42"
    assert name_of(said, "data.name") == "Ada"
    assert name_of(said, "data.name.first") == ""
    with pytest.raises(Misfit):
        subject_of(said, "data")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"name": "  Ada   Love "}, "Ada Love"),
        ({"preferred_username": "ada@mail.example", "given_name": "Ada"}, "Ada"),
        ({"nickname": "\u202eadA\u0000"}, "adA"),
        ({"name": "\u200b\n"}, ""),
        ({"name": 7}, ""),
        ({"email": "ada@mail.example"}, ""),
        ({"name": "x" * 500}, "x" * 100),
    ],
)
def test_names_are_tidied_and_addresses_left_alone(said: dict[str, Any], name: str) -> None:
    assert name_of(said) == name


def test_only_sound_algorithms_count() -> None:
    assert usable(["none", "HS256", "RS256", "EdDSA", 7]) == ("RS256", "EdDSA")
    assert usable(["none", "HS512"]) == ()


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"keys": {}},
        {"keys": ["a", 7, None, {}]},
        {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]},
        {"keys": [{"kty": "RSA", "n": "é" * 400, "e": "AQAB"}]},
        {"keys": [{"kty": "oct", "k": "AAAA"}]},
    ],
)
def test_keys_that_are_none_are_passed_over(keys: dict[str, Any]) -> None:
    token = "eyJhbGciOiJSUzI1NiJ9.e30.AAAA"
    with pytest.raises(UnknownKey):
        read_token(token, keys, ["RS256"])
    with pytest.raises(Misfit, match="bad_algorithm"):
        read_token(token, keys, ["ES256"])
