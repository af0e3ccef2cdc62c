"""The hand-off: a frame on a publisher's page gets a session of its own, and nobody else does."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.accounts import tables
from forum.accounts.frames.service_handoff import MOST_TRIES
from forum.accounts.links import shown_code
from forum.core.pkce import challenge_of
from tests.support.app import NEWS, OURS, House, open_house, problem
from tests.support.handoff import Frame, a_frame, say_yes
from tests.support.people import account_of, signed_in

pytestmark = pytest.mark.anyio

REFUSED = (403, "handoff_refused")
EVIL = "https://evil.example"


async def sessions(house: House, kind: str) -> int:
    return len(await house.rows(select(tables.session.c.id).where(tables.session.c.kind == kind)))


async def is_in(frame: Frame) -> bool:
    """Whether the frame is signed in on the newsroom."""
    me = await frame.browser.read("/api/v1/me?site=newsroom")
    return me["account"] is not None


async def test_a_frame_gets_a_session(house: House) -> None:
    person, frame = await signed_in(house, "Edda"), await a_frame(house)
    codes = await say_yes(person, frame)
    answer = await frame.redeem(codes.code)
    assert answer.status_code == 200
    account = await account_of(house, person)
    said = answer.json()
    assert said["bearer"] is None
    assert (said["account"]["id"], said["account"]["name"], said["account"]["kind"]) == (
        str(account.id),
        "Edda",
        "embed",
    )
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-esid=")
    for part in ("Path=/", "HttpOnly", "Secure", "SameSite=None", "Partitioned", "Max-Age=1209600"):
        assert part in cookie.split("; ")
    assert answer.headers["cache-control"] == "private, no-store"
    assert await is_in(frame)
    (row,) = await house.rows(select(tables.session).where(tables.session.c.kind == "embed"))
    assert (row.site_id, row.origin, row.account_id) == (house.site.id, NEWS, account.id)
    assert row.parent_id is not None
    assert await house.rows(select(tables.auth_flow.c.handle)) == []


async def test_a_browser_without_cookies_gets_a_bearer(house: House) -> None:
    person, frame = await signed_in(house, "Edda"), await a_frame(house)
    answer = await frame.redeem((await say_yes(person, frame)).code, bearer=True)
    assert "set-cookie" not in answer.headers
    bearer = {"authorization": f"Bearer {answer.json()['bearer']}"}
    assert not await is_in(frame)
    me = await frame.browser.read("/api/v1/me?site=newsroom", headers=bearer)
    assert me["account"]["name"] == "Edda"
    # It needs no Origin, for no other page can send it; and it ends like any other.
    assert (await frame.browser.http.delete("/api/v1/auth/session", headers=bearer)).status_code == 204
    assert (await frame.browser.read("/api/v1/me?site=newsroom", headers=bearer))["account"] is None


async def test_the_short_code_can_be_pasted(house: House) -> None:
    for typed in (str, str.lower, lambda code: f" {code.replace('-', ' ')} ", lambda code: code.replace("-", "")):
        person, frame = await signed_in(house, f"Edda {secrets.token_hex(4)} x"), await a_frame(house)
        codes = await say_yes(person, frame)
        assert codes.short == shown_code(codes.short.replace("-", ""))
        house.clock.advance(timedelta(minutes=4, seconds=59))
        assert problem(await frame.redeem(codes.code)) == REFUSED
        assert (await frame.redeem(typed(codes.short))).status_code == 200


@pytest.mark.parametrize("lifetime", [60, 61, 300])
async def test_codes_end(house: House, lifetime: int) -> None:
    person, frame = await signed_in(house, "Edda"), await a_frame(house)
    codes = await say_yes(person, frame)
    house.clock.advance(timedelta(seconds=lifetime))
    assert problem(await frame.redeem(codes.code)) == REFUSED
    assert (await frame.redeem(codes.short)).status_code == (200 if lifetime < 300 else 403)


async def test_a_code_counts_once(house: House) -> None:
    person, frame = await signed_in(house, "Edda"), await a_frame(house)
    codes = await say_yes(person, frame)
    assert (await frame.redeem(codes.code)).status_code == 200
    for code in (codes.code, codes.short):
        assert problem(await frame.redeem(code)) == REFUSED
    assert await sessions(house, "embed") == 1


async def test_a_code_without_its_verifier_is_nothing(house: House) -> None:
    """Who overhears the code (another window, an evil opener, a person's own clipboard) has nothing."""
    person, frame = await signed_in(house, "Edda"), await a_frame(house)
    codes = await say_yes(person, frame)
    thief = await a_frame(house)
    for verifier in (thief.verifier, challenge_of(frame.verifier), frame.verifier[:-1] + "-", frame.verifier + "A"):
        for code in (codes.code, codes.short):
            assert problem(await thief.redeem(code, verifier=verifier)) == REFUSED
    assert await sessions(house, "embed") == 0
    assert (await frame.redeem(codes.code)).status_code == 200


async def test_a_code_of_another_frame_is_nothing(house: House) -> None:
    """An attacker who is signed in themselves can't put a code of theirs into somebody else's frame."""
    attacker, victim = await a_frame(house), await a_frame(house)
    codes = await say_yes(await signed_in(house, "Mallory"), attacker)
    for code in (codes.code, codes.short):
        assert problem(await victim.redeem(code)) == REFUSED


async def test_a_code_counts_for_its_site_and_origin_alone(house: House) -> None:
    await house.add_site("other", origins=(NEWS, "https://other.example"))
    await house.change_site(origins=(NEWS, "https://m.news.example"))
    person = await signed_in(house, "Edda")
    elsewhere: list[dict[str, str]] = [
        {"site": "other"},
        {"origin": "https://m.news.example"},
        {"origin": EVIL},
        {"origin": ""},
        {"origin": f"{NEWS}/"},
        {"origin": "https://NEWS.example"},
        {"origin": "é"},
    ]
    for changes in elsewhere:
        frame = await a_frame(house)
        codes = await say_yes(person, frame)
        assert problem(await frame.redeem(codes.code, **changes)) == REFUSED, changes
        assert (await frame.redeem(codes.code)).status_code == 200
    frame = await a_frame(house)
    assert problem(await frame.redeem("x", site="nowhere")) == (404, "unknown_site")


async def test_an_origin_that_was_taken_off_the_list_gets_nothing(house: House) -> None:
    person, frame = await signed_in(house, "Edda"), await a_frame(house)
    codes = await say_yes(person, frame)
    await house.change_site(origins=("https://m.news.example",))
    assert problem(await frame.redeem(codes.code)) == REFUSED


async def test_a_handful_of_tries(house: House) -> None:
    person = await signed_in(house, "Edda")
    for wrong in range(MOST_TRIES + 2):
        frame = await a_frame(house)
        codes = await say_yes(person, frame)
        for _ in range(wrong):
            assert problem(await frame.redeem("AAAA-AAAA")) == REFUSED
        assert ((await frame.redeem(codes.short)).status_code == 200) is (wrong < MOST_TRIES)


async def test_no_more_tries_at_once_either(house: House) -> None:
    person, frame = await signed_in(house, "Edda"), await a_frame(house)
    codes = await say_yes(person, frame)
    wrong = [frame.redeem("AAAA-AAAA") for _ in range(4 * MOST_TRIES)]
    assert {answer.status_code for answer in await asyncio.gather(*wrong)} == {403}
    assert problem(await frame.redeem(codes.code)) == REFUSED


async def test_of_two_at_once_one_wins(house: House) -> None:
    person, frame = await signed_in(house, "Edda"), await a_frame(house)
    codes = await say_yes(person, frame)
    both = await asyncio.gather(*(frame.redeem(code) for code in (codes.code, codes.short, codes.code, codes.code)))
    assert sorted(answer.status_code for answer in both) == [200, 403, 403, 403]
    assert await sessions(house, "embed") == 1


async def test_signing_out_before_takes_the_code_along(house: House) -> None:
    person, frame = await signed_in(house, "Edda"), await a_frame(house)
    codes = await say_yes(person, frame)
    assert (await person.http.delete("/api/v1/auth/session", headers=OURS)).status_code == 204
    assert problem(await frame.redeem(codes.code)) == REFUSED
    assert await sessions(house, "embed") == 0


async def test_signing_out_at_the_same_moment_leaves_nobody_signed_in(house: House) -> None:
    for turn in range(8):
        person, frame = await signed_in(house, f"Edda number {turn}x"), await a_frame(house)
        codes = await say_yes(person, frame)
        await asyncio.gather(frame.redeem(codes.code), person.http.delete("/api/v1/auth/session", headers=OURS))
        assert not await is_in(frame)


async def test_a_new_session_of_a_frame_ends_the_one_it_replaces(house: House) -> None:
    frame = await a_frame(house)
    first = await frame.redeem((await say_yes(await signed_in(house, "Edda"), frame)).code)
    second = await frame.redeem((await say_yes(await signed_in(house, "Ravi Two"), frame)).code)
    tokens = [answer.headers["set-cookie"].partition("=")[2].partition(";")[0] for answer in (first, second)]
    assert len(set(tokens)) == 2
    stranger = await house.newcomer()
    names = []
    for token in tokens:
        me = await stranger.read("/api/v1/me?site=newsroom", headers={"authorization": f"Bearer {token}"})
        names.append(me["account"] and me["account"]["name"])
    assert names == [None, "Ravi Two"]


async def test_tries_are_limited(sqlite_url: str) -> None:
    async with open_house(sqlite_url, rate_limits=True) as house:
        frame = await a_frame(house)
        statuses = [(await frame.redeem("AAAA-AAAA")).status_code for _ in range(301)]
    assert statuses == [403] * 300 + [429]
