"""What readers have covered for now stands in the log, and so does that time has ended it: it is nobody's verdict, and
changes nothing of what is taken back, learned and told."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import delete

from forum.comments.review import words
from forum.comments.review.model import By
from forum.comments.review.tables import decision
from forum.core.ids import MAX_ID
from forum.db import Prepared
from forum.doctor.queries.decisions import list_broken_decisions
from forum.errors import Conflict
from forum.moderation.flags.flag_policy import LAPSE
from forum.moderation.flags.service_provisional import lapse_cover
from forum.moderation.rules.queries_learn import list_said
from tests.support.app import House, Person
from tests.support.flags import let_jobs_run, regulars, report_all
from tests.support.moderating import (
    APPROVE,
    COVER,
    DISMISS,
    UNCOVER,
    Chair,
    a_moderator,
    lines_of,
    row_of,
)
from tests.support.people import signed_in
from tests.support.spoilers import JJ13, SECRET, is_consistent
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio
SPOILS = "untagged_spoiler"


async def covered_by_readers(fans: House, posted: dict[str, Any], people: list[Person] | None = None) -> None:
    """Have readers cover a comment."""
    await report_all(people or await regulars(fans, 3), posted, SPOILS, scope=[JJ13])
    assert (await row_of(fans, posted)).cover_state == "covered_pending"


async def a_day_passes(fans: House) -> None:
    fans.clock.advance(LAPSE)
    await let_jobs_run(fans)


async def is_sound(fans: House) -> None:
    """Comments stand as was last decided about them."""
    async with fans.rt.db.read(fresh=True) as tx:
        assert await list_broken_decisions(tx) == []
    await is_consistent(fans)


async def logged(mo: Chair, posted: dict[str, Any]) -> list[dict[str, Any]]:
    """The log about a comment as moderators read it, the latest line first."""
    lines: list[dict[str, Any]] = (await mo.person.read(f"/api/v1/mod/log?site=newsroom&comment={posted['id']}"))[
        "lines"
    ]
    return lines


async def test_a_cover_by_readers_and_its_end_are_in_the_log(fans: House) -> None:
    mo = await a_moderator(fans)
    posted = await fans.author.post(f"So: {SECRET}.")
    people = await regulars(fans, 4)
    await covered_by_readers(fans, posted, people[:3])
    (line,) = await lines_of(fans, posted)
    assert (line.verdict, line.by_kind, line.by_id, line.reason) == ("cover_for_now", By.READERS, 0, "spoiler")
    assert (line.status, line.revision) == ("", (await row_of(fans, posted)).revision)
    await is_sound(fans)
    await a_day_passes(fans)
    first, end = await lines_of(fans, posted)
    assert first == line
    assert (end.verdict, end.by_kind, end.undoes, end.status) == ("undo", By.TIME, line.id, "")
    assert end.revision == (await row_of(fans, posted)).revision
    # Covered again, it is another line, and its end is the end of that.
    await report_all(people[3:], posted, SPOILS, scope=[JJ13])
    await a_day_passes(fans)
    lines = await lines_of(fans, posted)
    assert [one.verdict for one in lines] == ["cover_for_now", "undo"] * 2
    assert [one.undoes for one in lines] == [None, lines[0].id, None, lines[2].id]
    await is_sound(fans)
    page = unescape((await mo.person.get("/mod/log?site=newsroom")).text)
    assert page.count("Covered after reports") == 2
    for part in ("by readers", "time that has passed", "Gives something away"):
        assert part in page
    assert SECRET not in page
    item = await mo.person.read(f"/api/v1/mod/items/{posted['id']}")
    assert [one["verdict"] for one in item["history"]] == ["undo", "cover_for_now"] * 2


async def test_it_is_nobodys_to_take_back(fans: House) -> None:
    mo = await a_moderator(fans)
    posted = await fans.author.post("One thing.")
    await covered_by_readers(fans, posted)
    await a_day_passes(fans)
    assert [line["can_undo"] for line in await logged(mo, posted)] == [False, False]
    for line in await lines_of(fans, posted):
        with pytest.raises(Conflict) as refused:
            await mo.undo(line)
        assert refused.value.code == "not_undoable"
    await is_sound(fans)


@pytest.mark.parametrize("lapsed", [False, True])
async def test_the_last_verdict_before_it_can_still_be_taken_back(fans: House, lapsed: bool) -> None:
    mo = await a_moderator(fans)
    people = await regulars(fans, 3)
    posted = await fans.author.post("One thing.")
    given = (await mo.say(APPROVE, posted)).decision
    await covered_by_readers(fans, posted, people)
    if lapsed:
        await a_day_passes(fans)
    assert {line["id"]: line["can_undo"] for line in await logged(mo, posted)}[str(given.id)] is True
    await mo.undo(given)
    assert (await lines_of(fans, posted))[-1].undoes == given.id
    assert (await row_of(fans, posted)).cover_state == ("flagged" if lapsed else "covered_pending")
    await is_sound(fans)


async def test_a_verdict_ends_it_with_the_line_it_has(fans: House) -> None:
    mo = await a_moderator(fans)
    for verdict, more in ((APPROVE, {}), (DISMISS, {}), (COVER, {"tokens": [JJ13]}), (UNCOVER, {})):
        posted = await fans.author.post(f"One thing to {verdict}.")
        await covered_by_readers(fans, posted)
        given = await mo.say(verdict, posted, **more)
        await a_day_passes(fans)
        assert [line.verdict for line in await lines_of(fans, posted)] == ["cover_for_now", verdict]
        # Taken back, it is covered by readers again, and time ends that.
        await mo.undo(given.decision)
        await a_day_passes(fans)
        lines = await lines_of(fans, posted)
        assert [line.verdict for line in lines] == ["cover_for_now", verdict, "undo", "undo"]
        assert (lines[-1].by_kind, lines[-1].undoes) == (By.TIME, lines[0].id)
        await is_sound(fans)


async def test_what_was_covered_before_there_were_such_lines_ends_as_well(fans: House) -> None:
    posted = await fans.author.post("One thing.")
    await covered_by_readers(fans, posted)
    await fans.rt.db.write(lambda tx: tx.execute(Prepared(delete(decision)), {}))
    await a_day_passes(fans)
    (end,) = await lines_of(fans, posted)
    assert (end.verdict, end.by_kind, end.undoes) == ("undo", By.TIME, None)
    await is_sound(fans)
    # A job that comes twice ends nothing twice.
    assert not await lapse_cover(fans.rt, fans.site.id, int(posted["id"]), 1)
    assert len(await lines_of(fans, posted)) == 1


async def test_no_filter_learns_from_it(fans: House) -> None:
    posted = await fans.author.post("One thing.")
    await covered_by_readers(fans, posted)
    await a_day_passes(fans)
    async with fans.rt.db.read(fresh=True) as tx:
        assert await list_said(tx, site_id=fans.site.id, seen=0, before=MAX_ID, most=10) == []


async def test_its_author_is_told_each_thing_once(fans: House) -> None:
    people = await regulars(fans, 3)
    edda = await signed_in(fans, "Edda")
    posted = await edda.post("One thing.")
    await covered_by_readers(fans, posted, people)
    where = f"/d/{await discussion_id(fans)}/mine"
    assert plain((await edda.get(where)).text).count(words.COVERED_BY_READERS) == 1
    await a_day_passes(fans)
    assert 'data-told="' not in (await edda.get(where)).text
    page = plain((await edda.get("/settings/moderation")).text)
    for part in (
        "It was covered after readers reported it, until a moderator has looked.",
        "The reason: it gives something away",
        "By reports of readers",
        "The cover that readers put on it has ended.",
        "Because nobody had the time to look",
    ):
        assert page.count(part) == 1, part


def plain(page: str) -> str:
    """A page's words."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))
