"""Whoever says the same about their comment again changes nothing: no revision, no line in the log, and whatever a
moderator was about to decide about it still can be."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from forum.comments.review.model import Sanction
from forum.comments.tables import comment_revision
from tests.support.app import OURS, House, Person
from tests.support.moderating import REMOVE, a_moderator, row_of
from tests.support.screening import sanction
from tests.support.spoilers import COMIC, JJ4, JJ13, UNSPEC, covered, events_of, rescope

pytestmark = pytest.mark.anyio

TEXT = "The ferryman knew the way across the river."


async def edit(person: Person, posted: dict[str, Any], revision: int, *scope: str) -> httpx.Response:
    """Send the same text again, with what it gives away as a whole."""
    sent = {"body": TEXT, "revision": revision, "scope": list(scope)}
    return await person.http.patch(f"/api/v1/comments/{posted['id']}", json=sent, headers=OURS)


async def test_the_same_scope_changes_nothing(fans: House) -> None:
    posted = await fans.author.post(TEXT)
    first = (await rescope(fans.author, posted, JJ13)).json()
    row, events = await row_of(fans, posted), await events_of(fans, posted)
    for _ in range(3):
        again = await rescope(fans.author, posted, JJ13, reason="Again.")
        assert (again.status_code, again.json()) == (200, first)
    assert (await row_of(fans, posted), await events_of(fans, posted)) == (row, events)
    assert (await rescope(fans.author, posted, JJ4)).json()["revision"] > first["revision"]


async def test_that_it_still_gives_nothing_away_changes_nothing(fans: House) -> None:
    posted = await fans.author.post(TEXT, scope=[])
    for _ in range(3):
        assert (await rescope(fans.author, posted)).json()["revision"] == 1
    assert await events_of(fans, posted) == []


async def test_what_was_added_to_a_moderators_word_changes_nothing_again(fans: House) -> None:
    posted = await fans.author.post(TEXT)
    await covered(fans, posted, JJ13)
    seen = (await rescope(fans.author, posted, COMIC)).json()
    assert sorted(seen["scope"]) == [COMIC, JJ13]
    row, events = await row_of(fans, posted), await events_of(fans, posted)
    for scope in ([COMIC], []):  # what its author has said stays said
        assert (await rescope(fans.author, posted, *scope)).json() == seen
    assert (await row_of(fans, posted), await events_of(fans, posted)) == (row, events)


async def test_the_same_stretches_change_nothing(fans: House) -> None:
    posted = await fans.author.post(TEXT)
    places = [{"start": 4, "end": 12}, {"start": 22, "end": 25}]
    for place in places:
        assert (await rescope(fans.author, posted, JJ13, **place)).status_code == 200
    row, events = await row_of(fans, posted), await events_of(fans, posted)
    for place in (*places, *places):
        again = await rescope(fans.author, posted, JJ13, **place)
        assert (again.status_code, again.json()["revision"]) == (200, row.revision)
    assert (await rescope(fans.author, posted, start=0, end=3)).json()["revision"] == row.revision
    assert (await row_of(fans, posted), await events_of(fans, posted)) == (row, events)
    # One of them is uncovered: the other stays where it is.
    assert (await rescope(fans.author, posted, **places[0])).json()["revision"] > row.revision
    assert (await row_of(fans, posted)).stretches.startswith("[[22,25,")


async def test_saving_the_same_text_with_the_same_scope_changes_nothing(fans: House) -> None:
    posted = await fans.author.post(TEXT, scope=[JJ13])
    first = await edit(fans.author, posted, 1, JJ13)
    assert (first.status_code, first.json()["revision"]) == (200, 1)
    assert await fans.rows(select(comment_revision.c.revision)) == []
    changed = (await edit(fans.author, posted, 1, JJ13, UNSPEC)).json()
    assert changed["revision"] == 2
    # The first answer was lost.
    assert (await edit(fans.author, posted, 1, JJ13, UNSPEC)).json() == changed
    assert (await edit(fans.author, posted, 1, JJ4)).status_code == 409


async def test_a_banned_author_does_not_make_a_verdict_wait(fans: House) -> None:
    posted = await fans.author.post(TEXT, scope=[JJ13])
    row = await row_of(fans, posted)
    await sanction(fans, (row.author_kind, row.author_id), Sanction.BAN)
    assert (await rescope(fans.author, posted, JJ13)).status_code == 200
    assert (await edit(fans.author, posted, 1, JJ13)).status_code == 200
    outcome = await (await a_moderator(fans)).say(REMOVE, posted, revision=row.revision)
    assert outcome.comment.status == "removed"
