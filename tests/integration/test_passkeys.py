"""Passkeys: an authenticator signs its person in, and nobody else, whatever is sent in its place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import delete

from forum.accounts.model import FRESH, State
from forum.accounts.passkeys.service_passkey import LIFETIME, MOST_PASSKEYS
from forum.accounts.queries import find_account, update_account
from forum.accounts.tables import account as accounts
from forum.accounts.tables import session as sessions
from forum.db import Prepared, Tx
from forum.people.queries_merge import move_rest
from tests.support.app import OURS, PUBLIC_URL, House, Person, problem, wrong_fields
from tests.support.authenticator import Browser, SoftPasskey, decode, encode
from tests.support.people import account_of, embedded, sign_in, signed_in

pytestmark = pytest.mark.anyio
ASK, PROVE = "/api/v1/auth/passkey/options", "/api/v1/auth/passkey"
ASK_NEW, ADD = "/api/v1/me/passkeys/options", "/api/v1/me/passkeys"
PAGE: Final = "/settings/sign-in"
SESSION: Final = "__Host-sid"
REFUSED: Final = (403, "passkey_refused")


async def call(person: Person, path: str, **sent: Any) -> httpx.Response:
    return await person.http.post(path, json=sent, headers=OURS)


async def ask(person: Person, path: str = ASK, **sent: Any) -> dict[str, Any]:
    answer = await call(person, path, **sent)
    assert answer.status_code == 200, answer.text
    asked: dict[str, Any] = answer.json()
    return asked


async def add(person: Person, browser: Browser, *, counts: bool = True, **more: Any) -> dict[str, Any]:
    asked = await ask(person, ASK_NEW)
    credential = browser.make(asked["options"], counts=counts)
    answer = await call(person, ADD, handle=asked["handle"], credential=credential, **more)
    assert answer.status_code == 201, answer.text
    added: dict[str, Any] = answer.json()
    return added


async def enter(person: Person, browser: Browser, passkey: SoftPasskey | None = None, **more: Any) -> httpx.Response:
    asked = await ask(person, purpose=more.get("purpose", "sign_in"))
    return await call(person, PROVE, handle=asked["handle"], credential=browser.use(asked["options"], passkey), **more)


async def with_passkey(house: House, name: str = "Edda", **options: Any) -> tuple[Person, Browser]:
    """Somebody with an account and a passkey for it."""
    person, browser = await signed_in(house, name), Browser(PUBLIC_URL)
    await add(person, browser, **options)
    return person, browser


async def test_a_passkey_signs_in_again_and_again(house: House) -> None:
    edda, browser = await with_passkey(house)
    for next_path in ("/settings", PAGE):
        stranger = await house.newcomer()
        answer = await enter(stranger, browser, next=next_path)
        assert (answer.status_code, answer.json()) == (200, {"location": next_path})
        assert answer.headers["cache-control"] == "private, no-store"
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"{SESSION}=")
        assert {"Path=/", "HttpOnly", "Secure", "SameSite=Lax"} <= set(cookie.split("; "))
        assert await account_of(house, stranger) == await account_of(house, edda)
        assert stranger.http.cookies[SESSION] != edda.http.cookies[SESSION]
    page = await edda.get(PAGE)
    assert "used last" in page.text
    assert "not used yet" not in page.text


async def test_what_an_authenticator_is_asked(house: House) -> None:
    edda, browser = await with_passkey(house)
    options = (await ask(edda, ASK_NEW))["options"]
    account = await account_of(house, edda)
    assert options["rp"] == {"name": "Aftershow", "id": "talk.example"}
    assert options["user"]["name"] == options["user"]["displayName"] == "Edda"
    assert int.from_bytes(decode(options["user"]["id"]), "big") == account.id
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "preferred",
    }
    excluded = {"id": encode(browser.held[0].id), "type": "public-key", "transports": ["hybrid", "internal"]}
    assert options["excludeCredentials"] == [excluded]
    one, other = [(await ask(await house.newcomer()))["options"] for _ in range(2)]
    assert (one["allowCredentials"], one["rpId"], one["userVerification"]) == ([], "talk.example", "preferred")
    assert len(decode(one["challenge"])) == 32
    assert one["challenge"] != other["challenge"]


async def test_a_passkey_that_never_counts_is_as_good(house: House) -> None:
    _, browser = await with_passkey(house, counts=False)
    for _ in range(2):
        assert (await enter(await house.newcomer(), browser)).status_code == 200


def elsewhere(browser: Browser, asked: dict[str, Any]) -> dict[str, Any]:
    """Used on a page of somebody else's, which passes on what it got."""
    return replace(browser, origin="https://ta1k.example").use(asked["options"])


def under_us(browser: Browser, asked: dict[str, Any]) -> dict[str, Any]:
    return replace(browser, origin="https://www.talk.example").use(asked["options"])


def insecurely(browser: Browser, asked: dict[str, Any]) -> dict[str, Any]:
    return replace(browser, origin="http://talk.example").use(asked["options"])


def for_another_host(browser: Browser, asked: dict[str, Any]) -> dict[str, Any]:
    return browser.use(asked["options"], replace(browser.held[0], rp_id="ta1k.example"))


def with_another_challenge(browser: Browser, asked: dict[str, Any]) -> dict[str, Any]:
    return browser.use({**asked["options"], "challenge": encode(bytes(32))})


def with_another_key(browser: Browser, asked: dict[str, Any]) -> dict[str, Any]:
    held = browser.held[0]
    return browser.use(asked["options"], SoftPasskey(held.rp_id, held.user_handle, id=held.id, counter=9))


def tampered(browser: Browser, asked: dict[str, Any]) -> dict[str, Any]:
    used = browser.use(asked["options"])
    signature = decode(used["response"]["signature"])
    used["response"]["signature"] = encode(signature[:-1] + bytes([signature[-1] ^ 1]))
    return used


def with_another_counter_than_signed(browser: Browser, asked: dict[str, Any]) -> dict[str, Any]:
    used = browser.use(asked["options"])
    data = decode(used["response"]["authenticatorData"])
    used["response"]["authenticatorData"] = encode(data[:-1] + bytes([data[-1] + 1]))
    return used


def as_somebody_else(browser: Browser, asked: dict[str, Any]) -> dict[str, Any]:
    used = browser.use(asked["options"])
    used["response"]["userHandle"] = encode((2**63 - 1).to_bytes(8, "big") + b"x")
    return used


def as_nobody(browser: Browser, asked: dict[str, Any]) -> dict[str, Any]:
    used = browser.use(asked["options"])
    del used["response"]["userHandle"]
    return used


def unknown(browser: Browser, asked: dict[str, Any]) -> dict[str, Any]:
    return browser.use(asked["options"], SoftPasskey("talk.example", browser.held[0].user_handle))


def without_anybody_there(browser: Browser, asked: dict[str, Any]) -> dict[str, Any]:
    return replace(browser, flags=0).use(asked["options"])


def counting_back(browser: Browser, asked: dict[str, Any]) -> dict[str, Any]:
    """A counter that says what it said when it was used last: 1."""
    browser.held[0].counter = 0
    return browser.use(asked["options"])


def as_if_new(browser: Browser, asked: dict[str, Any]) -> dict[str, Any]:
    """An answer to the other question: making a passkey is no proof of having one."""
    made = browser.attest(browser.held[0], asked["options"]["challenge"])
    used = browser.use(asked["options"])
    used["response"]["clientDataJSON"] = made["response"]["clientDataJSON"]
    return used


def garbage(browser: Browser, asked: dict[str, Any]) -> dict[str, Any]:
    used = browser.use(asked["options"])
    used["response"] |= {"clientDataJSON": "AAA", "authenticatorData": "AAAAA", "signature": "A"}
    return used


LIES: Final = (
    *(elsewhere, under_us, insecurely, for_another_host, with_another_challenge, with_another_key, tampered),
    *(with_another_counter_than_signed, as_somebody_else, as_nobody, unknown, without_anybody_there, counting_back),
    *(as_if_new, garbage),
)


async def test_lies_are_refused_and_all_alike(house: House) -> None:
    _, browser = await with_passkey(house)
    assert (await enter(await house.newcomer(), browser)).status_code == 200
    said = set()
    for lie in LIES:
        mallory = await house.newcomer("Mallory")
        asked = await ask(mallory)
        answer = await call(mallory, PROVE, handle=asked["handle"], credential=lie(browser, asked))
        assert problem(answer) == REFUSED, lie.__name__
        assert "set-cookie" not in answer.headers
        said.add(answer.text)
    assert len(said) == 1
    browser.held[0].counter = len(LIES)
    assert (await enter(await house.newcomer(), browser)).status_code == 200


async def test_a_challenge_counts_once(house: House) -> None:
    _, browser = await with_passkey(house, counts=False)
    stranger = await house.newcomer()
    asked = await ask(stranger)
    answers = [
        await call(stranger, PROVE, handle=asked["handle"], credential=browser.use(asked["options"])) for _ in range(2)
    ]
    assert answers[0].status_code == 200
    assert problem(answers[1]) == REFUSED


async def test_of_two_who_answer_at_once_one_gets_in(house: House) -> None:
    _, browser = await with_passkey(house)
    stranger, thief = await house.newcomer(), await house.newcomer()
    asked, other = await ask(stranger), await ask(thief)
    used = browser.use(asked["options"])
    browser.held[0].counter -= 1
    copied = browser.use(other["options"])
    answers = await asyncio.gather(
        call(stranger, PROVE, handle=asked["handle"], credential=used),
        call(thief, PROVE, handle=asked["handle"], credential=used),
        call(thief, PROVE, handle=other["handle"], credential=copied),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 403, 403]


async def test_a_wrong_answer_uses_a_challenge_up(house: House) -> None:
    _, browser = await with_passkey(house)
    stranger = await house.newcomer()
    asked = await ask(stranger)
    first = await call(stranger, PROVE, handle=asked["handle"], credential=tampered(browser, asked))
    second = await call(stranger, PROVE, handle=asked["handle"], credential=browser.use(asked["options"]))
    assert (problem(first), problem(second)) == (REFUSED, REFUSED)


async def test_a_challenge_ends(house: House) -> None:
    _, browser = await with_passkey(house)
    stranger = await house.newcomer()
    asked = await ask(stranger)
    house.clock.advance(LIFETIME)
    late = await call(stranger, PROVE, handle=asked["handle"], credential=browser.use(asked["options"]))
    assert problem(late) == REFUSED


async def test_a_challenge_is_for_what_it_was_asked_for(house: House) -> None:
    edda, browser = await with_passkey(house)
    to_add = await ask(edda, ASK_NEW)
    used = browser.use({"challenge": to_add["options"]["challenge"]})
    assert problem(await call(edda, PROVE, handle=to_add["handle"], credential=used)) == REFUSED
    to_enter = await ask(edda)
    used = browser.use(to_enter["options"])
    assert problem(await call(edda, PROVE, handle=to_enter["handle"], credential=used, purpose="again")) == REFUSED
    asked = await ask(edda)
    made = browser.attest(SoftPasskey("talk.example", ""), asked["options"]["challenge"])
    assert problem(await call(edda, ADD, handle=asked["handle"], credential=made)) == REFUSED


async def test_a_copied_authenticator_is_noticed(house: House) -> None:
    _, browser = await with_passkey(house)
    copy = replace(browser.held[0])
    for _ in range(3):
        assert (await enter(await house.newcomer(), browser)).status_code == 200
    assert problem(await enter(await house.newcomer(), browser, copy)) == REFUSED
    assert (await enter(await house.newcomer(), browser)).status_code == 200


async def test_somebody_elses_passkey_is_theirs(house: House) -> None:
    edda, hers = await with_passkey(house, "Edda")
    ravi, his = await with_passkey(house, "Ravi")
    posing = replace(his.held[0], user_handle=hers.held[0].user_handle)
    assert problem(await enter(await house.newcomer(), his, posing)) == REFUSED
    assert problem(await enter(edda, his, purpose="again")) == (403, "other_person")
    browser = await house.newcomer()
    assert (await enter(browser, his)).status_code == 200
    assert await account_of(house, browser) == await account_of(house, ravi)
    theirs = (f"/settings/passkeys/{encode(his.held[0].id)}/{what}" for what in ("rename", "remove"))
    for path in theirs:
        assert (await edda.submit(path, **({"name": "Mine"} if "rename" in path else {}))).status_code == 404
    assert "Firefox, Linux" in (await ravi.get(PAGE)).text


async def test_a_passkey_goes_with_its_account_into_another(house: House) -> None:
    edda, browser = await with_passkey(house, "Edda")
    ravi = await signed_in(house, "Ravi")
    gone, kept = await account_of(house, edda), await account_of(house, ravi)

    async def join(tx: Tx) -> None:
        await move_rest(tx, account_id=gone.id, into=kept.id)
        await tx.execute(Prepared(delete(sessions).where(sessions.c.account_id == gone.id)))
        await tx.execute(Prepared(delete(accounts).where(accounts.c.id == gone.id)))

    await house.rt.db.write(join)
    browser_of_ravi = await house.newcomer()
    assert (await enter(browser_of_ravi, browser)).status_code == 200
    assert (await account_of(house, browser_of_ravi)).id == kept.id


async def test_proving_oneself_again_changes_the_token(house: House) -> None:
    edda, browser = await with_passkey(house)
    house.clock.advance(FRESH + timedelta(minutes=1))
    assert problem(await call(edda, ASK_NEW)) == (403, "sign_in_again")
    before = edda.http.cookies[SESSION]
    answer = await enter(edda, browser, purpose="again", next=PAGE)
    assert answer.json() == {"location": PAGE}
    assert edda.http.cookies[SESSION] != before
    assert (await ask(edda, ASK_NEW))["handle"]
    thief = await house.newcomer()
    thief.http.cookies.set(SESSION, before, domain="talk.example")
    assert (await thief.get(PAGE)).status_code == 303


async def test_where_to_go_on_is_a_page_of_ours(house: House) -> None:
    _, browser = await with_passkey(house)
    for away in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        answer = await enter(await house.newcomer(), browser, next=away)
        assert "evil" not in answer.json()["location"]
        assert answer.json()["location"].startswith("/")


async def test_a_disabled_account_stays_out(house: House) -> None:
    edda, browser = await with_passkey(house)
    account = await account_of(house, edda)

    async def disable(tx: Tx) -> None:
        found = await find_account(tx, account.id)
        assert found is not None
        await update_account(tx, found._replace(state=State.DISABLED))

    await house.rt.db.write(disable)
    stranger = await house.newcomer()
    answer = await enter(stranger, browser)
    assert problem(answer) == (403, "account_disabled")
    assert "set-cookie" not in answer.headers


async def test_adding_needs_a_fresh_first_party_session(house: House) -> None:
    stranger, stale = await house.newcomer(), await signed_in(house, "Stale", fresh=False)
    edda = await signed_in(house)
    frame = await embedded(house, edda)
    asked, browser = await ask(edda, ASK_NEW), Browser(PUBLIC_URL)
    sent = {"handle": asked["handle"], "credential": browser.make(asked["options"])}
    for person, expected in (
        (stranger, (401, "sign_in_needed")),
        (frame, (401, "sign_in_needed")),
        (stale, (403, "sign_in_again")),
    ):
        assert problem(await call(person, ASK_NEW)) == expected
        assert problem(await call(person, ADD, **sent)) == expected
    assert (await call(edda, ADD, **sent)).status_code == 201


async def test_only_the_session_that_asked_adds(house: House) -> None:
    edda, ravi = await signed_in(house, "Edda"), await signed_in(house, "Ravi")
    laptop = await sign_in(house, await house.newcomer(), await account_of(house, edda))
    for other in (ravi, laptop):
        asked, browser = await ask(edda, ASK_NEW), Browser(PUBLIC_URL)
        sent = {"handle": asked["handle"], "credential": browser.make(asked["options"])}
        assert problem(await call(other, ADD, **sent)) == REFUSED
        assert problem(await call(edda, ADD, **sent)) == REFUSED  # used up


Attest = Callable[[Browser, dict[str, Any]], dict[str, Any]]


def _wrong_id(browser: Browser, options: dict[str, Any]) -> dict[str, Any]:
    return {**browser.make(options), "id": encode(bytes(16))}


def _stated(browser: Browser, options: dict[str, Any]) -> dict[str, Any]:
    return browser.attest(SoftPasskey(options["rp"]["id"], ""), options["challenge"], statement={"x5c": [b"x"]})


def _used(browser: Browser, options: dict[str, Any]) -> dict[str, Any]:
    """What using gives in place of what making gives."""
    made = browser.make(options)
    said = browser.use(options)["response"]["clientDataJSON"]
    return {**made, "response": {**made["response"], "clientDataJSON": said}}


BAD_NEW: Final[tuple[Attest, ...]] = (
    lambda browser, options: replace(browser, origin="https://ta1k.example").make(options),
    lambda browser, options: browser.make({**options, "rp": {"id": "ta1k.example"}}),
    lambda browser, options: browser.make({**options, "challenge": encode(bytes(32))}),
    lambda browser, options: replace(browser, flags=0).make(options),
    lambda browser, options: {
        **browser.make(options),
        "response": {"clientDataJSON": "e30", "attestationObject": "oA"},
    },
    _wrong_id,
    _stated,
    _used,
)


async def test_what_was_not_made_for_us_is_not_added(house: House) -> None:
    edda = await signed_in(house)
    for lie in BAD_NEW:
        asked = await ask(edda, ASK_NEW)
        credential = lie(Browser(PUBLIC_URL), asked["options"])
        assert problem(await call(edda, ADD, handle=asked["handle"], credential=credential)) == REFUSED
    assert "You have none yet." in (await edda.get(PAGE)).text


async def test_a_passkey_belongs_to_one_account(house: House) -> None:
    edda, browser = await with_passkey(house)
    for person in (edda, await signed_in(house, "Ravi")):
        asked = await ask(person, ASK_NEW)
        same = browser.attest(browser.held[0], asked["options"]["challenge"])
        assert problem(await call(person, ADD, handle=asked["handle"], credential=same)) == (409, "passkey_known")


async def test_an_account_has_so_many_passkeys(house: House) -> None:
    edda = await signed_in(house)
    for number in range(MOST_PASSKEYS - 1):
        await add(edda, Browser(PUBLIC_URL), name=f"Key {number}")
    first, second = await ask(edda, ASK_NEW), await ask(edda, ASK_NEW)
    statuses = []
    for asked in (first, second):
        credential = Browser(PUBLIC_URL).make(asked["options"])
        statuses.append((await call(edda, ADD, handle=asked["handle"], credential=credential)).status_code)
    assert statuses == [201, 409]
    assert problem(await call(edda, ASK_NEW)) == (409, "too_many_passkeys")
    page = (await edda.get(PAGE)).text
    assert "as many passkeys as an account can have" in page
    assert "data-add-passkey" not in page


async def test_bodies_are_checked(house: House) -> None:
    edda, browser = await with_passkey(house)
    assert wrong_fields(await call(edda, ASK, purpose="everything")) == {"purpose": "wrong_value"}
    assert wrong_fields(await call(edda, ASK_NEW, account="1")) == {"account": "unknown_field"}
    asked = await ask(edda)
    used = browser.use(asked["options"])
    bad = {**used, "id": "a+b", "rawId": "x"}
    assert wrong_fields(await call(edda, PROVE, handle="x", credential=bad)) == {
        "handle": "wrong_value",
        "credential.id": "wrong_value",
        "credential.rawId": "unknown_field",
    }
    assert (await call(edda, PROVE, handle=asked["handle"], credential=used)).status_code == 200
