"""The window of the hand-off: whom it asks, what about, and what it gives away."""

from __future__ import annotations

import html
import re

import httpx
import pytest
from sqlalchemy import select

from forum.accounts import tables
from forum.core.pkce import challenge_of
from tests.support.app import NEWS, OURS, PUBLIC_URL, House, problem
from tests.support.handoff import a_frame, say_yes
from tests.support.people import signed_in

pytestmark = pytest.mark.anyio

REFUSED = (403, "handoff_refused")
EVIL = "https://evil.example"


async def test_the_window_asks_first(house: House) -> None:
    person, frame = await signed_in(house, "Edda"), await a_frame(house)
    page = await person.get(frame.window)
    assert "news.example" in page.text
    assert "Edda" in page.text
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("private, no-store", "no-referrer")
    assert page.headers["cross-origin-opener-policy"] == "unsafe-none"
    other = await person.get(html.unescape(re.findall(r'class="button" href="(/auth[^"]+)"', page.text)[0]))
    assert other.status_code == 200
    assert "/auth/email" in other.text or "data-passkey" in other.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert await house.rows(select(tables.auth_flow.c.handle)) == []


async def test_who_is_not_signed_in_does_that_first(house: House) -> None:
    frame = await a_frame(house)
    answer = await house.author.get(frame.window)
    assert answer.status_code == 303
    to = httpx.URL(answer.headers["location"])
    assert to.path == "/auth"
    assert to.params["next"] == frame.window
    assert answer.headers["cross-origin-opener-policy"] == "unsafe-none"
    fields = {"site": "newsroom", "origin": NEWS, "challenge": challenge_of(frame.verifier)}
    posted = await house.author.submit("/auth/handoff", **fields)
    assert posted.status_code == 303
    assert await house.rows(select(tables.auth_flow.c.handle)) == []


async def test_a_guest_and_a_frame_hand_nothing_on(house: House) -> None:
    """Only a first-party session does: that of a frame would go on for ever by handing itself over."""
    person, frame = await signed_in(house, "Edda"), await a_frame(house)
    await frame.redeem((await say_yes(person, frame)).code)
    await frame.browser.post("Hello.")
    answer = await frame.browser.get((await a_frame(house)).window)
    assert answer.status_code == 303
    bearer = {"authorization": f"Bearer {frame.browser.http.cookies['__Host-esid']}", **OURS}
    fields = {"site": "newsroom", "origin": NEWS, "challenge": challenge_of(frame.verifier)}
    assert (await house.attacker.http.post("/auth/handoff", data=fields, headers=bearer)).status_code == 303


async def test_saying_yes_again_makes_the_earlier_codes_worthless(house: House) -> None:
    person, frame = await signed_in(house, "Edda"), await a_frame(house)
    before, after = await say_yes(person, frame), await say_yes(person, frame)
    assert problem(await frame.redeem(before.code)) == REFUSED
    assert (await frame.redeem(after.code)).status_code == 200


@pytest.mark.parametrize(
    "origin", [EVIL, "https://news.example.evil.example", PUBLIC_URL, "http://news.example", f"{NEWS}:443", ""]
)
async def test_an_evil_opener_is_told_nothing(house: House, origin: str) -> None:
    """The window is for frames on the site's own origins; it never asks about any other, and makes no code."""
    person, frame = await signed_in(house, "Edda"), await a_frame(house)
    fields = {"site": "newsroom", "origin": origin, "challenge": challenge_of(frame.verifier)}
    page = await person.get("/auth/handoff", params=fields)
    assert page.status_code == 404
    assert "Edda" not in page.text
    assert page.headers["cross-origin-opener-policy"] == "unsafe-none"
    assert (await person.submit("/auth/handoff", **fields)).status_code == 404
    assert await house.rows(select(tables.auth_flow.c.handle)) == []


@pytest.mark.parametrize("challenge", ["", "A" * 42, "A" * 44, "A" * 42 + "=", "A" * 42 + "+", "é" * 43])
async def test_a_challenge_is_a_hash(house: House, challenge: str) -> None:
    person = await signed_in(house, "Edda")
    fields = {"site": "newsroom", "origin": NEWS, "challenge": challenge}
    assert (await person.get("/auth/handoff", params=fields)).status_code == 422
    assert (await person.submit("/auth/handoff", **fields)).status_code == 422


async def test_looking_makes_no_code(house: House) -> None:
    person, frame = await signed_in(house, "Edda"), await a_frame(house)
    for _ in range(20):
        await person.get(frame.window)
        await person.http.head(frame.window)
    assert await house.rows(select(tables.auth_flow.c.handle)) == []


async def test_nothing_of_a_code_is_stored(house: House) -> None:
    person, frame = await signed_in(house, "Edda"), await a_frame(house)
    codes = await say_yes(person, frame)
    (row,) = await house.rows(select(tables.auth_flow))
    kept = " ".join(str(value) for value in row)
    for secret in (codes.code, codes.short, codes.short.replace("-", ""), frame.verifier, challenge_of(frame.verifier)):
        assert secret not in kept
