"""What moderators say is cleaned in one place, and what a form or an address holds that cannot be breaks nothing."""

from typing import Any

import pytest
from sqlalchemy import select

from forum.spoilers.tables import scope_event
from tests.support.app import OURS, House, Person
from tests.support.flags import regulars, report_all
from tests.support.moderating import lines_of, row_of
from tests.support.sanctions import a_moderator
from tests.support.spoilers import JJ13, fans

pytestmark = pytest.mark.anyio
__all__ = ["fans"]
LONG = "w" * 1_000
BAD = ("\0", "a\0b", "9" * 30, "-1", "x" * 300, "\u202e", "'")


async def said(house: House, mona: Person, posted: dict[str, Any], verdict: str, **more: Any) -> Any:
    sent = {"verdict": verdict, "revision": (await row_of(house, posted)).revision, **more}
    if verdict == "cover":
        sent["scope"] = [JJ13]
    if verdict == "remove":
        sent["reason"] = "abuse"
    return await mona.http.post(f"/api/v1/mod/items/{posted['id']}/verdict", json=sent, headers=OURS)


@pytest.mark.parametrize("verdict", ["cover", "remove", "approve"])
@pytest.mark.parametrize(
    ("words", "kept"), [(LONG, LONG), ("a\0b", "ab"), ("a\u202eb", "ab"), ("x\r\ny", "x\ny"), ("\0", "")]
)
async def test_words_are_cleaned(fans: House, verdict: str, words: str, kept: str) -> None:
    mona, posted = await a_moderator(fans), await fans.author.post("Hello.")
    if verdict == "approve":
        await report_all(await regulars(fans, 3), posted, "untagged_spoiler", scope=[JJ13])
    answer = await said(fans, mona, posted, verdict, words=words, rule="Rule\0 \n7")
    assert answer.status_code == 200, answer.text
    line = (await lines_of(fans, posted))[-1]
    assert (line.words, line.rule) == (kept, "Rule 7")
    if verdict != "remove":
        # The log of scopes keeps the beginning.
        events = await fans.rows(select(scope_event.c.reason).order_by(scope_event.c.id.desc()))
        assert events[0].reason == kept[:500]


async def test_words_that_are_too_long_are_named(fans: House) -> None:
    mona, posted = await a_moderator(fans), await fans.author.post("Hello.")
    path, form = (
        f"/mod/c/{posted['id']}/verdict",
        {"verdict": "remove", "form": "remove", "reason": "abuse", "revision": "1"},
    )
    assert (await said(fans, mona, posted, "remove", words="w" * 1_001)).status_code == 422
    kept = await mona.submit(path, **form, words="w" * 1_001)
    assert kept.status_code == 422
    assert "w" * 1_001 in kept.text
    assert (await mona.submit(path, **form, words="a\0b", rule="a\0b")).status_code == 303
    line = (await lines_of(fans, posted))[-1]
    assert (line.words, line.rule) == ("ab", "ab")


async def test_addresses_that_cannot_be(house: House) -> None:
    mona = await a_moderator(house)
    found = set()
    for bad in ("%00", "a%00b", "%ff", "9" * 30, "-1", "'"):
        for path in (
            f"/mod?site=newsroom&queue=pending&screen={bad}",
            f"/mod?site=newsroom&queue=pending&age={bad}",
            f"/mod?site=newsroom&queue=pending&after={bad}",
            f"/mod/log?site=newsroom&by={bad}",
            f"/mod/discussions?site=newsroom&q={bad}",
            f"/mod/bulk?site=newsroom&author={bad}",
            f"/api/v1/mod/items?site=newsroom&queue=pending&rule={bad}",
            f"/api/v1/mod/discussions?site=newsroom&q={bad}",
        ):
            found.add((await mona.get(path)).status_code)
    assert max(found) < 500
    assert (await mona.get("/mod?site=newsroom&queue=pending&screen=a%00b")).status_code == 422


@pytest.mark.parametrize("field", ["age", "screen", "after", "discussion", "person", "queue", "next"])
async def test_places_in_forms_that_cannot_be(house: House, field: str) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Hello.")
    for bad in BAD:
        path = f"/mod/c/{posted['id']}/verdict"
        typed = {"verdict": "remove", "form": "remove", "words": "My words", "revision": "1"}
        refused = await mona.submit(path, **{**typed, field: bad})
        # What was typed comes back.
        assert refused.status_code == 422
        assert "My words" in refused.text
        revision = str((await row_of(house, posted)).revision)
        done = await mona.submit(path, **{"verdict": "approve", "revision": revision, field: bad})
        assert done.status_code == 303
        assert (await mona.get(done.headers["location"])).status_code == 200
        picked = await mona.submit("/mod/bulk/preview", **{"site": "newsroom", field: bad})
        assert picked.status_code < 500
