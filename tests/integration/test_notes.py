"""What moderators note about people: for each other, and not for whom it is about, though they moderate as well."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from forum.accounts import queries as accounts
from forum.accounts.model import Role
from forum.comments.review.tables import note
from forum.core.ids import parse_id
from forum.db import Tx
from forum.errors import NotFound, SignInNeeded
from forum.moderation.people import queries_people
from forum.moderation.people.service_sanction import Target, add_note, delete_note
from tests.support.app import OURS, House, Person, problem, wrong_fields
from tests.support.flags import the_moderator
from tests.support.locks import done_or_waiting, halted
from tests.support.people import account_of, signed_in
from tests.support.sanctions import a_moderator, author_of, noted, person_of, sanctioned

pytestmark = pytest.mark.anyio


async def test_notes_are_kept_among_moderators(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    kind, author_id = await author_of(house, posted)
    path = f"/api/v1/mod/people/{kind}/{author_id}/notes?site=newsroom"
    made = await mona.http.post(path, json={"text": "Third time.", "comment_id": posted["id"]}, headers=OURS)
    assert made.status_code == 201, made.text
    assert (await person_of(house, mona, posted))["notes"][0] == made.json()
    assert wrong_fields(await mona.http.post(path, json={"text": " "}, headers=OURS)) == {"text": "empty"}
    drop = f"/api/v1/mod/notes/{made.json()['id']}?site=newsroom"
    assert (await mona.http.delete(drop, headers=OURS)).status_code == 204
    assert problem(await mona.http.delete(drop, headers=OURS)) == (404, "not_found")
    assert await house.rows(select(note)) == []


async def set_role(house: House, person: Person, role: Role) -> None:
    """What somebody is on the newsroom from now on."""
    account, moment = await account_of(house, person), house.clock.now()

    async def work(tx: Tx) -> None:
        await accounts.set_role(tx, site_id=house.site.id, account_id=account.id, role=role, now=moment)

    await house.rt.db.write(work)


async def texts(house: House) -> list[str]:
    return [row.text for row in await house.rows(select(note.c.text).order_by(note.c.id))]


async def drop(by: Person, note_id: str) -> Any:
    return await by.http.delete(f"/api/v1/mod/notes/{note_id}?site=newsroom", headers=OURS)


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.ADMIN])
async def test_notes_about_a_moderator_are_not_for_them(house: House, role: Role) -> None:
    boss, momo = await signed_in(house, "Boss", role=Role.ADMIN), await a_moderator(house, "Momo", role=role)
    own = await momo.post("Hers.")
    about_her = await noted(house, boss, own, "Watch her approvals.")
    kind, author_id = await author_of(house, own)
    paths = (
        f"/api/v1/mod/people/{kind}/{author_id}?site=newsroom",
        f"/mod/person/{kind}/{author_id}?site=newsroom",
        f"/api/v1/mod/items/{own['id']}",
        f"/mod/c/{own['id']}",
    )
    for path in paths:
        assert "Watch her" in (await boss.get(path)).text, path
        seen = await momo.get(path)
        assert seen.status_code == 200, path
        assert "Watch her" not in seen.text, path
    assert (await person_of(house, momo, own))["notes"] == []
    page = unescape((await momo.get(paths[1])).text)
    assert "What the others note about you is for them." in page
    assert "Keep the note" not in page
    # It is as if there was none; and she adds nothing to it.
    assert problem(await drop(momo, about_her)) == (404, "not_found")
    struck = await momo.submit(f"/mod/person/{kind}/{author_id}/note/delete", site="newsroom", note=about_her)
    assert struck.status_code == 404
    adding = f"/api/v1/mod/people/{kind}/{author_id}/notes?site=newsroom"
    answer = await momo.http.post(adding, json={"text": "She is great."}, headers=OURS)
    assert problem(answer) == (403, "not_yourself")
    assert await texts(house) == ["Watch her approvals."]
    # Anybody else may, whoever has written it.
    other = await a_moderator(house, "Nils")
    assert (await drop(other, about_her)).status_code == 204
    assert await texts(house) == []


async def test_an_owner_does_not_read_notes_about_themselves_either(house: House) -> None:
    owner, mona = await signed_in(house, "Olga", owner=True), await a_moderator(house)
    own = await owner.post("Hers.")
    about_her = await noted(house, mona, own, "She forgets things.")
    assert (await person_of(house, owner, own))["notes"] == []
    assert problem(await drop(owner, about_her)) == (404, "not_found")


async def test_a_note_that_is_too_long_says_so(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    kind, author_id = await author_of(house, posted)
    refused = await mona.submit(f"/mod/person/{kind}/{author_id}/note", site="newsroom", text="x" * 2001)
    assert refused.status_code == 422
    assert "A note has 2,000 characters at most." in refused.text


@pytest.mark.parametrize("lost", ["role", "ban", "suspend", "session"])
async def test_who_moderates_no_more_keeps_and_strikes_out_nothing(house: House, lost: str) -> None:
    boss, momo = await signed_in(house, "Boss", role=Role.ADMIN), await a_moderator(house, "Momo")
    own, posted = await momo.post("Hers."), await house.author.post("Nonsense.")
    target = Target(*await author_of(house, posted))
    kept = await noted(house, momo, posted, "Third time.")
    # As she was a moment ago, when she was let in.
    mod = await the_moderator(house, momo)
    if lost == "role":
        await set_role(house, momo, Role.TRUSTED)
    elif lost == "session":
        house.clock.advance(timedelta(days=91))
    else:
        await sanctioned(house, boss, own, lost, **({"hours": 1} if lost == "suspend" else {}))
    refused = SignInNeeded if lost == "session" else NotFound
    with pytest.raises(refused):
        await add_note(house.rt, mod, house.site, target, "Fourth time.")
    with pytest.raises(refused):
        await delete_note(house.rt, mod, house.site, parse_id(kept))
    assert await texts(house) == ["Third time."]


@pytest.mark.parametrize("act", ["insert_note", "delete_note"])
async def test_a_role_is_taken_away_after_what_is_noted_by_it(
    postgresql_house: House, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    house = postgresql_house
    momo, posted = await a_moderator(house, "Momo"), await house.author.post("Nonsense.")
    target = Target(*await author_of(house, posted))
    kept = parse_id(await noted(house, momo, posted, "Third time."))
    mod, halt = await the_moderator(house, momo), halted(monkeypatch, queries_people, act)
    if act == "insert_note":
        doing = asyncio.create_task(add_note(house.rt, mod, house.site, target, "Fourth time."))
    else:
        doing = asyncio.create_task(delete_note(house.rt, mod, house.site, kept))
    await halt.reached.wait()
    taking = asyncio.create_task(set_role(house, momo, Role.READER))
    await done_or_waiting(house, taking)
    assert not taking.done()
    halt.go_on.set()
    await asyncio.gather(doing, taking)
    assert await texts(house) == (["Third time.", "Fourth time."] if act == "insert_note" else [])
    with pytest.raises(NotFound):
        await add_note(house.rt, mod, house.site, target, "Fifth time.")
