"""Mute, follow, and how far one is, over HTTP: they work, they refuse, they bear being done twice and at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from forum.accounts.tables import account
from forum.db import Prepared
from forum.people import service_follow, service_mute
from forum.people.queries import find_extras
from forum.people.tables import follow, mute
from forum.spoilers.tables import progress
from tests.support.app import NEWS, OURS, House, Person, problem, wrong_fields
from tests.support.people import account_of, embedded, sign_in, signed_in
from tests.support.spoilers import fans
from tests.support.threads import discussion_id

__all__ = ["fans"]
pytestmark = pytest.mark.anyio

PROGRESS = "/api/v1/me/progress"


async def change(person: Person, method: str, path: str, **options: Any) -> Any:
    """A write as one of our own pages does it."""
    return await person.http.request(method, path, headers=OURS, **options)


async def done(person: Person, method: str, path: str, **options: Any) -> Any:
    """The same, which must be accepted: the JSON of the answer."""
    answer = await change(person, method, path, **options)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    return answer.json()


def muting(posted: dict[str, Any]) -> str:
    return f"/api/v1/comments/{posted['id']}/mute"


async def say(person: Person, **said: Any) -> Any:
    return await done(person, "PUT", PROGRESS, json=said)


async def kept(house: House, person: Person, discussion: int | None = None) -> Any:
    """What a page is told about who is signed in."""
    edda = await account_of(house, person)
    async with house.rt.db.read(fresh=True) as tx:
        return await find_extras(tx, account_id=edda.id, site_id=house.site.id, discussion_id=discussion)


async def count(house: House, table: Any) -> int:
    (row,) = await house.rows(Prepared(select(func.count().label("rows")).select_from(table)))
    return int(row.rows)


async def test_mute_works(house: House) -> None:
    edda = await signed_in(house)
    first, second = await house.attacker.post("One."), await house.attacker.post("Two.")
    other = await house.author.post("Three.")
    muted = await done(edda, "PUT", muting(first))
    assert muted == {"muted": [second["id"], first["id"]]}
    assert await done(edda, "PUT", muting(second)) == muted
    assert await count(house, mute) == 1
    here = await discussion_id(house)
    extras = await kept(house, edda, here)
    assert [str(one) for one in extras.muted] == muted["muted"]
    assert other["id"] not in muted["muted"]
    assert await done(edda, "DELETE", muting(second)) == {"muted": []}
    assert await done(edda, "DELETE", muting(second)) == {"muted": []}
    assert await count(house, mute) == 0


async def test_a_muted_account_stays_so_under_another_name(house: House) -> None:
    edda, loud = await signed_in(house), await signed_in(house, "Loud Larry")
    posted = await loud.post("Listen!", author_name="")
    assert await done(edda, "PUT", muting(posted)) == {"muted": [posted["id"]]}
    (row,) = await house.rows(Prepared(select(mute)))
    assert (row.muted_kind, row.muted_id) == ("account", (await account_of(house, loud)).id)


async def test_whom_one_mutes_is_shown_to_nobody(house: House) -> None:
    """What comes back are ids of comments; a guest's own id is in no answer."""
    edda = await signed_in(house)
    posted = await house.attacker.post("One.")
    answer = await change(edda, "PUT", muting(posted))
    (row,) = await house.rows(Prepared(select(mute)))
    assert str(row.muted_id) not in answer.text


async def test_nobody_mutes_without_a_session_nor_themselves(house: House) -> None:
    posted = await house.attacker.post("One.")
    assert problem(await change(house.author, "PUT", muting(posted))) == (401, "sign_in_needed")
    edda = await signed_in(house)
    own = await edda.post("Mine.", author_name="")
    assert problem(await change(edda, "PUT", muting(own))) == (403, "own_comment")
    # What this browser wrote before its person signed in is theirs too.
    guest = await house.newcomer("Gil")
    before = await guest.post("As a guest.")
    await sign_in(house, guest, await account_of(house, edda))
    assert problem(await change(guest, "PUT", muting(before))) == (403, "own_comment")
    assert await count(house, mute) == 0


async def test_what_nobody_can_read_has_no_author_to_mute(house: House) -> None:
    edda = await signed_in(house)
    gone = await house.attacker.post("One.")
    await house.attacker.delete(gone["id"])
    await house.change_site(hold=True)
    held = await house.attacker.post("Held.")
    for posted in (gone, held, {"id": "12"}, {"id": "nothing"}):
        for method in ("PUT", "DELETE"):
            assert problem(await change(edda, method, muting(posted))) == (404, "not_found")


async def test_one_can_mute_and_follow_only_so_many(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    edda = await signed_in(house)
    monkeypatch.setattr(service_mute, "MOST_MUTED", 1)
    monkeypatch.setattr(service_follow, "MOST_FOLLOWED", 1)
    one, two = await house.attacker.post("One."), await house.author.post("Two.", url=f"{NEWS}/another")
    await done(edda, "PUT", muting(one))
    assert problem(await change(edda, "PUT", muting(two))) == (422, "too_many_muted")
    here, there = await discussion_id(house), await discussion_id(house, f"{NEWS}/another")
    await done(edda, "PUT", f"/api/v1/discussions/{here}/follow")
    answer = await change(edda, "PUT", f"/api/v1/discussions/{there}/follow")
    assert problem(answer) == (422, "too_many_followed")


async def test_follow_works(house: House) -> None:
    edda = await signed_in(house)
    here = await discussion_id(house)
    path = f"/api/v1/discussions/{here}/follow"
    assert (await kept(house, edda, here)).following is False
    for _ in range(2):
        assert await done(edda, "PUT", path) == {"following": True}
    assert (await kept(house, edda, here)).following is True
    assert await count(house, follow) == 1
    for _ in range(2):
        assert await done(edda, "DELETE", path) == {"following": False}
    assert (await kept(house, edda, here)).following is False


async def test_follow_refuses(house: House) -> None:
    here = await discussion_id(house)
    assert problem(await change(house.author, "PUT", f"/api/v1/discussions/{here}/follow")) == (401, "sign_in_needed")
    edda = await signed_in(house)
    for missing in ("12", "x", "9" * 30):
        assert problem(await change(edda, "PUT", f"/api/v1/discussions/{missing}/follow")) == (404, "not_found")


async def test_progress_works(fans: House) -> None:
    edda = await signed_in(fans)
    said: dict[str, Any] = {"progress": {"jessica-jones": {"s": "at", "u": "S1E4"}, "ca-civil-war": {"s": "none"}}}
    said |= {"ticks": {"jessica-jones": ["special"]}, "rules": {"mcu/comic": "dont_care"}}
    assert await say(edda, **said) == {"unknown": []}
    extras = await kept(fans, edda)
    assert extras.progress == {"jessica-jones": ("at", "S1E4"), "ca-civil-war": ("none", "")}
    assert extras.ticks == {"jessica-jones": ("special",)}
    assert extras.rules == {"mcu/comic": "dont_care"}
    # What is not named stays; null takes back.
    await say(edda, progress={"jessica-jones": None}, rules={"mcu/comic": None})
    extras = await kept(fans, edda)
    assert extras.progress == {"ca-civil-war": ("none", "")}
    assert extras.ticks == {"jessica-jones": ("special",)}
    assert extras.rules == {}
    await say(edda, ticks={"jessica-jones": []}, progress={"ca-civil-war": {"s": "dont_care"}})
    extras = await kept(fans, edda)
    assert (extras.progress, extras.ticks) == ({"ca-civil-war": ("dont_care", "")}, {})
    assert await count(fans, progress) == 1


async def test_what_the_catalogue_does_not_know_is_left_out_and_listed(fans: House) -> None:
    edda = await signed_in(fans)
    said = {
        "jessica-jones": {"s": "at", "u": "S9E9"},
        "civil-war-2006": {"s": "at", "u": "#2"},
        "nothing": {"s": "none"},
        "ca-civil-war": {"s": "at"},
        "\x00": {"s": "none"},
    }
    ticks = {"jessica-jones": ["special", "S1E1", "what"], "nobody": ["x"]}
    answer = await say(edda, progress=said, ticks=ticks, rules={"mcu/comic": "dont_care", "dc/comic": "dont_care"})
    assert sorted(answer["unknown"]) == sorted(
        ["\x00", "nobody", "nothing", "jessica-jones:S9E9", "jessica-jones:S1E1", "jessica-jones:what", "dc/comic"]
    )
    extras = await kept(fans, edda)
    assert extras.progress == {"civil-war-2006": ("at", "#2"), "ca-civil-war": ("at", "")}
    assert extras.ticks == {"jessica-jones": ("special",)}
    assert extras.rules == {"mcu/comic": "dont_care"}
    # A unit beside the order is no place to be at.
    assert await say(edda, progress={"jessica-jones": {"s": "at", "u": "special"}}) == {
        "unknown": ["jessica-jones:special"]
    }


async def test_progress_refuses(fans: House) -> None:
    assert problem(await change(fans.author, "PUT", PROGRESS, json={})) == (401, "sign_in_needed")
    edda = await signed_in(fans)
    wrong = {"progress": {"jessica-jones": {"s": "far"}}, "ticks": {"jessica-jones": "special"}, "more": 1}
    for name, value in wrong.items():
        answer = await change(edda, "PUT", PROGRESS, json={name: value})
        assert next(iter(wrong_fields(answer))).startswith(name)
    many = {str(number): {"s": "none"} for number in range(2_001)}
    assert wrong_fields(await change(edda, "PUT", PROGRESS, json={"progress": many}))
    answer = await change(edda, "PUT", PROGRESS, json={"rules": {"mcu/comic": "care"}})
    assert "rules.mcu/comic" in wrong_fields(answer)
    assert await count(fans, progress) == 0


async def test_two_browsers_say_how_far_they_are_at_once(fans: House) -> None:
    """Each work has the word of one of them, and nothing fails."""
    edda = await signed_in(fans)
    other = await sign_in(fans, await fans.newcomer(), await account_of(fans, edda))
    works = ("jessica-jones", "ca-civil-war", "civil-war-2006")
    said = [{work: {"s": state} for work in order} for state, order in (("none", works), ("dont_care", works[::-1]))]
    turns = [say(person, progress=said[number % 2]) for number, person in enumerate((edda, other) * 4)]
    assert await asyncio.gather(*turns) == [{"unknown": []}] * 8
    extras = await kept(fans, edda)
    assert set(extras.progress) == set(works)
    assert len({state for state, _ in extras.progress.values()}) == 1


async def test_a_person_is_muted_and_followed_at_once_by_two_browsers(house: House) -> None:
    edda = await signed_in(house)
    other = await sign_in(house, await house.newcomer(), await account_of(house, edda))
    posted = await house.attacker.post("One.")
    path = f"/api/v1/discussions/{await discussion_id(house)}/follow"
    await asyncio.gather(*(done(person, "PUT", muting(posted)) for person in (edda, other) * 3))
    await asyncio.gather(*(done(person, "PUT", path) for person in (edda, other) * 3))
    assert (await count(house, mute), await count(house, follow)) == (1, 1)


async def test_a_frame_may_on_its_own_site_and_nowhere_else(fans: House) -> None:
    edda = await signed_in(fans)
    frame = await embedded(fans, edda)
    posted = await fans.attacker.post("One.")
    here = await discussion_id(fans)
    assert await done(frame, "PUT", muting(posted)) == {"muted": [posted["id"]]}
    assert await done(frame, "PUT", f"/api/v1/discussions/{here}/follow") == {"following": True}
    await say(frame, progress={"jessica-jones": {"s": "at", "u": "S1E4"}})
    assert (await kept(fans, edda, here)).progress == {"jessica-jones": ("at", "S1E4")}
    elsewhere, _ = await fans.add_site("gazette", origins=("https://gazette.example",))
    stranger = await embedded(fans, edda, site=elsewhere)
    assert problem(await change(stranger, "PUT", muting(posted))) == (401, "session_ended")
    assert problem(await change(stranger, "PUT", f"/api/v1/discussions/{here}/follow")) == (401, "session_ended")
    # How far somebody is belongs to them and to no site.
    assert await say(stranger, progress={"jessica-jones": {"s": "none"}}) == {"unknown": []}


async def test_who_is_switched_off_keeps_nothing_new(fans: House) -> None:
    edda = await signed_in(fans)
    who = await account_of(fans, edda)

    async def work(tx: Any) -> None:
        await tx.execute(Prepared(account.update().where(account.c.id == who.id).values(state="disabled")), {})

    await fans.rt.db.write(work)
    assert problem(await change(edda, "PUT", PROGRESS, json={"progress": {"jessica-jones": {"s": "none"}}})) == (
        401,
        "session_ended",
    )


async def test_no_other_site_writes_for_anybody(fans: House) -> None:
    edda = await signed_in(fans)
    posted = await fans.attacker.post("One.")
    for headers in ({}, {"origin": NEWS}, {"origin": "null"}, {"origin": NEWS, "sec-fetch-site": "cross-site"}):
        for method, path in (("PUT", muting(posted)), ("DELETE", muting(posted)), ("PUT", PROGRESS)):
            answer = await edda.http.request(method, path, headers=headers, json={} if path == PROGRESS else None)
            assert answer.status_code == 403, (method, path, headers)
    assert await count(fans, mute) == 0


async def test_a_page_asks_in_three_statements(house: House) -> None:
    edda = await signed_in(house)
    await done(edda, "PUT", muting(await house.attacker.post("One.")))
    here, who = await discussion_id(house), await account_of(house, edda)
    with house.recorded() as statements:
        async with house.rt.db.read(fresh=True) as tx:
            await find_extras(tx, account_id=who.id, site_id=house.site.id, discussion_id=here)
    assert len(statements) == 3
