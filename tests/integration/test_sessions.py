"""Sessions: new with every sign-in, ended at once everywhere, and over when their time is."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.accounts import queries, tables
from forum.accounts.model import (
    EMBED_ABSOLUTE,
    EMBED_SLIDING,
    MAIN_ABSOLUTE,
    MAIN_SLIDING,
    SEEN_EVERY,
    Account,
    Role,
    State,
)
from forum.accounts.queries_session import find_session
from forum.accounts.service_session import begin_main, refresh
from forum.accounts.service_sweep import sweep
from forum.core.capability import new_token
from forum.db import Tx
from forum.web.visitors import main_cookie_header
from tests.support.app import ARTICLE, COMMENTS, OURS, House, Person, open_house, problem
from tests.support.people import account_of, embedded, keep, sign_in, signed_in
from tests.support.processes import another_process, same_browser

pytestmark = pytest.mark.anyio

LIST = "/settings/sessions"
SESSION = "/api/v1/auth/session"
MAIN, EMBED = "__Host-sid", "__Host-esid"


async def who(person: Person, site: str = "newsroom") -> str | None:
    """As whom a browser is signed in."""
    account = (await person.read(f"/api/v1/me?site={site}"))["account"]
    return None if account is None else str(account["name"])


async def kinds(house: House) -> list[str]:
    return sorted(row.kind for row in await house.rows(select(tables.session.c.kind)))


async def leave(person: Person, **sent: bool) -> None:
    answer = await person.http.request("DELETE", SESSION, json=sent, headers=OURS)
    assert answer.status_code == 204, answer.text


# What a session rests on.


async def test_a_session_cannot_be_planted(house: House) -> None:
    """Fixation: what a browser brings along is never what it is signed in by afterwards."""
    person = await house.newcomer()
    planted = new_token(house.rt.settings.secret_key)
    keep(person, main_cookie_header(house.rt.settings, planted, 600))
    assert await who(person) is None
    await sign_in(house, person, await account_of(house, await signed_in(house, "Edda")))
    assert person.http.cookies[MAIN] != planted
    rows = await house.rows(select(tables.session.c.token_hash))
    assert all(planted not in row.token_hash for row in rows)


@pytest.mark.parametrize("token", ["", "x", "a.b", "0" * 64, f"{'0' * 64}.{'0' * 64}", "\xe9"])
async def test_made_up_tokens_are_nobody(house: House, token: str) -> None:
    await signed_in(house, "Edda")
    stranger = await house.newcomer()
    for headers in ({"cookie": f"{MAIN}={token}; {EMBED}={token}"}, {"authorization": f"Bearer {token}"}):
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        answer = await stranger.http.get("/api/v1/me?site=newsroom", headers=raw)
        assert (answer.status_code, answer.json()["account"]) == (200, None)


async def test_a_fresh_proof_makes_the_old_token_worthless(house: House) -> None:
    person, before = await signed_in(house, "Edda"), await house.newcomer()
    before.http.cookies[MAIN] = person.http.cookies[MAIN]
    frame = await embedded(house, person)
    (row,) = await house.rows(select(tables.session).where(tables.session.c.kind == "main"))

    async def work(tx: Tx) -> str:
        found = await find_session(tx, token=person.http.cookies[MAIN], site_id=0)
        assert found is not None
        return (await refresh(tx, house.rt, found[1], house.clock.now())).token

    token = await house.rt.db.write(work)
    keep(person, main_cookie_header(house.rt.settings, token, 600))
    assert (await who(person), await who(before), await who(frame)) == ("Edda", None, "Edda")
    (same,) = await house.rows(select(tables.session).where(tables.session.c.kind == "main"))
    assert same.id == row.id
    assert same.token_hash != row.token_hash


async def test_tokens_are_stored_as_hashes(house: House) -> None:
    person = await signed_in(house, "Edda")
    frame = await embedded(house, person)
    kept = " ".join(str(row) for row in await house.rows(select(tables.session)))
    for token in (person.http.cookies[MAIN], frame.http.cookies[EMBED]):
        assert token not in kept
        assert token.partition(".")[0] not in kept


# Ending.


async def test_what_ended_counts_no_more_in_any_process(house: House) -> None:
    person = await signed_in(house, "Edda")
    frame = await embedded(house, person)
    async with another_process(house) as other:
        there, framed = await same_browser(other, person), await same_browser(other, frame)
        assert (await who(there), await who(framed)) == ("Edda", "Edda")
        await leave(frame)
        assert (await who(there), await who(framed)) == ("Edda", None)
        assert problem(await framed.send("Hello.", author_name="")) == (401, "session_ended")
        await leave(person)
        assert await who(there) is None
        assert (await there.get(LIST)).status_code == 303
    async with another_process(house) as restarted:
        assert await who(await same_browser(restarted, person)) is None


async def test_a_frame_ends_with_its_parent(house: House) -> None:
    person = await signed_in(house, "Edda")
    frames = [await embedded(house, person), await embedded(house, person)]
    alone = await signed_in(house, "Ravi")
    await leave(person)
    assert [await who(frame) for frame in frames] == [None, None]
    assert await who(alone) == "Ravi"
    assert await kinds(house) == ["main"]


async def test_a_frame_that_signs_out_leaves_the_rest(house: House) -> None:
    person = await signed_in(house, "Edda")
    frame, other = await embedded(house, person), await embedded(house, person)
    answer = await frame.http.delete(SESSION, headers=OURS)
    assert answer.status_code == 204
    assert answer.headers.get_list("set-cookie") == [
        f"{EMBED}=; Path=/; HttpOnly; Max-Age=0; Secure; SameSite=None; Partitioned"
    ]
    assert (await who(frame), await who(other), await who(person)) == (None, "Edda", "Edda")
    for token in ("everywhere", "else"):
        answer = await other.http.request("DELETE", SESSION, json={token: True}, headers=OURS)
        assert problem(answer) == ((403, "not_in_a_frame") if token == "everywhere" else (422, "invalid"))
    assert (await who(other), await who(person)) == ("Edda", "Edda")


async def test_signing_out_everywhere(house: House) -> None:
    person = await signed_in(house, "Edda")
    frame, phone = await embedded(house, person), await house.newcomer()
    await sign_in(house, phone, await account_of(house, person))
    other = await signed_in(house, "Ravi")
    await leave(phone, everywhere=True)
    assert [await who(each) for each in (person, frame, phone, other)] == [None, None, None, "Ravi"]
    await leave(phone, everywhere=True)  # nobody is there any more, and that is fine


async def test_signing_out_while_others_sign_in(house: House) -> None:
    """Nothing that came from a session outlives it, however close together."""
    account = await account_of(house, await signed_in(house, "Edda"))
    for _ in range(5):
        person = await sign_in(house, await house.newcomer(), account)
        made = asyncio.gather(*(embedded(house, person) for _ in range(3)), return_exceptions=True)
        await asyncio.gather(made, leave(person))
        frames = [frame for frame in made.result() if isinstance(frame, Person)]
        assert [await who(frame) for frame in frames] == [None] * len(frames)


async def test_an_account_that_is_switched_off_is_signed_in_nowhere(house: House) -> None:
    person = await signed_in(house, "Edda")
    frame, account = await embedded(house, person), await account_of(house, person)
    for state in (State.DISABLED, State.ERASING):
        changed = account._replace(state=state)

        async def work(tx: Tx, changed: Account = changed) -> None:
            await queries.update_account(tx, changed)

        await house.rt.db.write(work)
        assert (await who(person), await who(frame)) == (None, None)
        assert (await person.get(LIST)).status_code == 303


# Time.


@pytest.mark.parametrize(
    ("framed", "sliding", "absolute"),
    [(False, MAIN_SLIDING, MAIN_ABSOLUTE), (True, EMBED_SLIDING, EMBED_ABSOLUTE)],
)
async def test_sessions_end_by_time(house: House, framed: bool, sliding: timedelta, absolute: timedelta) -> None:
    used, unused = [await signed_in(house, name) for name in ("Edda", "Ravi")]
    if framed:
        used, unused = await embedded(house, used), await embedded(house, unused)
    step, second = sliding - SEEN_EVERY, timedelta(seconds=1)
    house.clock.advance(sliding - second)
    assert await who(used) == "Edda"
    house.clock.advance(second)
    assert (await who(used), await who(unused)) == ("Edda", None)
    passed = sliding
    while passed + step < absolute:
        house.clock.advance(step)
        passed += step
        assert await who(used) == "Edda", passed
    house.clock.advance(absolute - passed - second)
    assert await who(used) == "Edda"
    house.clock.advance(second)
    assert await who(used) is None
    house.clock.advance(second)
    assert await sweep(house.rt) > 0
    assert "embed" not in await kinds(house)


async def test_a_frame_lasts_no_longer_than_its_parent(house: House) -> None:
    person = await signed_in(house, "Edda")
    last = MAIN_ABSOLUTE - timedelta(hours=2)
    for _ in range(4):
        house.clock.advance(last / 4)
        assert await who(person) == "Edda"
    frame = await embedded(house, person)
    (row,) = await house.rows(select(tables.session).where(tables.session.c.kind == "embed"))
    assert row.expires_at == house.clock.now() + timedelta(hours=2)
    house.clock.advance(timedelta(hours=2))
    assert (await who(person), await who(frame)) == (None, None)


async def test_use_is_noted_now_and_then(house: House) -> None:
    person = await signed_in(house, "Edda")
    seen = select(tables.session.c.seen_at)
    began = house.clock.now()
    for minutes, expected in ((59, 0), (1, 60), (59, 60), (1, 120)):
        house.clock.advance(timedelta(minutes=minutes))
        await who(person)
        (row,) = await house.rows(seen)
        assert row.seen_at == began + timedelta(minutes=expected)


async def test_sweeping_leaves_what_is_alive(house: House) -> None:
    person = await signed_in(house, "Edda")
    frame = await embedded(house, person)
    assert await sweep(house.rt) == 0
    house.clock.advance(EMBED_SLIDING - timedelta(seconds=1))
    await sweep(house.rt)
    assert (await who(person), await who(frame)) == ("Edda", "Edda")


# What that of a frame may not.


async def test_a_frame_reaches_no_settings(house: House) -> None:
    frame = await embedded(house, await signed_in(house, "Edda", owner=True, role=Role.ADMIN))
    bearer = {"authorization": f"Bearer {frame.http.cookies[EMBED]}"}
    as_main = {"cookie": f"{MAIN}={frame.http.cookies[EMBED]}"}
    for path in ("/settings", LIST, "/settings/sign-in", "/settings/data", "/settings/people", "/settings/progress"):
        for headers in ({}, bearer, as_main):
            page = await frame.get(path, headers=headers)
            assert page.status_code in (303, 401, 404), (path, page.status_code)
            assert "Edda" not in page.text
    for form in ({"act": "everywhere"}, {"act": "others"}):
        assert (await frame.submit(LIST, **form)).status_code == 303
    assert await kinds(house) == ["embed", "main"]


async def test_a_frame_reaches_no_other_site(house: House) -> None:
    elsewhere = "https://other.example"
    other, _ = await house.add_site("other", origins=(elsewhere,), guests=False)
    frame = await embedded(house, await signed_in(house, "Edda"))
    assert (await who(frame), await who(frame, "other")) == ("Edda", None)
    path, url = COMMENTS.replace("newsroom", "other"), f"{elsewhere}/a"
    assert (await frame.send("Hello.", path=path, url=url, author_name="")).status_code in (401, 403)
    assert (await frame.send("Hello.", url=ARTICLE, author_name="")).status_code == 201
    assert other.id not in {row.site_id for row in await house.rows(select(tables.session.c.site_id))}


async def test_a_new_sign_in_is_always_a_new_session(house: House) -> None:
    person = await signed_in(house, "Edda")
    account, tokens = await account_of(house, person), {person.http.cookies[MAIN]}
    for _ in range(3):
        begun = await house.rt.db.write(
            lambda tx: begin_main(tx, house.rt, account, house.clock.now(), agent="Firefox, Linux")
        )
        tokens.add(begun.token)
    assert len(tokens) == 4


async def test_cookies_on_plain_http_are_for_development_alone(sqlite_url: str) -> None:
    async with open_house(sqlite_url, public_url="http://localhost:8000") as house:
        person = await signed_in(house, "Edda")
        headers = {"origin": "http://localhost:8000"}
        cookies = (await person.http.delete(SESSION, headers=headers)).headers.get_list("set-cookie")
    assert cookies == [
        "aftershow-esid=; Path=/; HttpOnly; Max-Age=0; SameSite=Lax",
        "aftershow-sid=; Path=/; HttpOnly; Max-Age=0; SameSite=Lax",
    ]
