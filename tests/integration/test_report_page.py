"""The page to report a comment on, as a browser without scripts sees it."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest
from sqlalchemy import select

from forum.comments.review.model import Sanction
from forum.comments.review.tables import flag as flags
from forum.spoilers.service import book
from tests.support.app import House, Person
from tests.support.flags import regulars, report_all, status_of
from tests.support.screening import sanction
from tests.support.spoilers import COMIC, JJ4, SECRET, row_of, warn

pytestmark = pytest.mark.anyio


async def kept(house: House) -> list[tuple[str, str, tuple[str, ...]]]:
    """Reason, note and scope of all flags."""
    known = await book(house.rt)
    rows = await house.rows(select(flags.c.reason, flags.c.note, flags.c.scope_id).order_by(flags.c.author_id))
    return [(row.reason, row.note, known.scope(row.scope_id).tokens) for row in rows]


async def press(person: Person, comment_id: str, **fields: str) -> httpx.Response:
    """Send the form."""
    return await person.submit(f"/c/{comment_id}/report", lang="en", **fields)


async def test_every_comment_leads_there(fans: House) -> None:
    posted = await fans.author.post("An opinion.")
    where = (await row_of(fans, posted)).discussion_id
    public = (await fans.attacker.get(f"/d/{where}")).text
    assert f'href="/c/{posted["id"]}/report"' in public
    # Authors are not asked to report themselves.
    assert f"/c/{posted['id']}/report" not in (await fans.author.get(f"/d/{where}/mine")).text
    assert (await fans.author.get(f"/d/{where}")).text == public
    framed = (await fans.attacker.get(f"/d/{where}?frame=1&theme=dark")).text
    assert f'href="/c/{posted["id"]}/report?frame=1&amp;theme=dark"' in framed


async def test_the_form(fans: House) -> None:
    await warn(fans, JJ4, works=["jessica-jones", "civil-war-2006"])
    posted = await fans.author.post(f"So: ||{SECRET}||.")
    answer = await fans.attacker.get(f"/c/{posted['id']}/report")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "set-cookie" not in answer.headers
    assert "kilgrave" not in answer.text
    reasons = re.findall(r'name="reason" value="(\w+)"', answer.text)
    assert reasons == ["spoiler", "abuse", "spam", "off_topic", "illegal", "other"]
    assert '<option value="jessica-jones:S1E4">Jessica Jones S1E4</option>' in answer.text
    assert f'<option value="{COMIC}">' in answer.text
    assert '<option value="?:">' in answer.text


@pytest.mark.parametrize(
    ("fields", "stored"),
    [
        ({"reason": "abuse"}, ("abuse", "", ())),
        ({"reason": "other", "note": "It is upside down."}, ("other", "It is upside down.", ())),
        ({"reason": "spam", "scope": JJ4, "about": "nonsense", "note": "Buy!"}, ("spam", "Buy!", ())),
        ({"reason": "spoiler", "scope": JJ4}, ("spoiler", "", (JJ4,))),
        ({"reason": "spoiler", "scope": "?:"}, ("spoiler", "", ("?:",))),
        ({"reason": "spoiler", "scope": JJ4, "about": "Civil War #7"}, ("spoiler", "", (COMIC,))),
    ],
)
async def test_reporting(fans: House, fields: dict[str, str], stored: tuple[str, str, tuple[str, ...]]) -> None:
    await warn(fans, JJ4, works=["jessica-jones"])
    posted = await fans.author.post("An opinion.")
    for said in ("Thank you. A moderator will look at it.", "You have reported this comment before."):
        answer = await press(fans.attacker, posted["id"], **fields)
        assert answer.status_code == 200, answer.text
        assert said in answer.text
        assert answer.headers["cache-control"] == "private, no-store"
    assert await kept(fans) == [stored]


async def test_a_discussion_of_nothing_known_asks_for_nothing(fans: House) -> None:
    posted = await fans.author.post("An opinion.")
    assert "<select" not in (await fans.attacker.get(f"/c/{posted['id']}/report")).text
    assert (await press(fans.attacker, posted["id"], reason="spoiler")).status_code == 200
    assert await kept(fans) == [("spoiler", "", ("?:",))]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Choose what is wrong with it."),
        ({"reason": "rude"}, "Choose what is wrong with it."),
        ({"reason": "other", "note": "  "}, "Say in a few words what is wrong with it."),
        ({"reason": "abuse", "note": "x" * 501}, "That is too long: at most 500 characters."),
        ({"reason": "spoiler"}, "Say of what it is a spoiler, and how far."),
        ({"reason": "spoiler", "about": "No Such Show S1"}, "The catalogue does not know that work"),
        ({"reason": "spoiler", "about": "x" * 200}, "The catalogue does not know that work"),
        ({"reason": "spoiler", "scope": "nobody:S1"}, "The catalogue does not know that work"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_lost(fans: House, fields: dict[str, str], sentence: str) -> None:
    await warn(fans, JJ4, works=["jessica-jones"])
    posted = await fans.author.post("An opinion.")
    answer = await press(fans.attacker, posted["id"], **{"note": "Please look.", **fields})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'aria-invalid="true"' in answer.text
    if "note" not in fields:
        assert "Please look.</textarea>" in answer.text
    assert await kept(fans) == []


async def test_refusals(fans: House) -> None:
    posted = await fans.author.post("An opinion.")
    page = f"/c/{posted['id']}/report"
    for answer in (await fans.author.get(page), await press(fans.author, posted["id"], reason="abuse")):
        assert answer.status_code == 403
        assert "This is your own comment" in answer.text
    assert (await fans.attacker.get("/c/1/report")).status_code == 404
    assert (await press(fans.attacker, "1", reason="abuse")).status_code == 404
    await fans.change_site(hold=True)
    held = await fans.author.post("Another.")
    assert (await fans.attacker.get(f"/c/{held['id']}/report")).status_code == 404
    assert (await fans.author.get(f"/c/{held['id']}/report")).status_code == 404


async def test_the_flag_that_hides_it_is_thanked_too(fans: House) -> None:
    people = await regulars(fans, 3)
    posted = await fans.author.post("An opinion.")
    await report_all(people[:2], posted)
    answer = await press(people[2], posted["id"], reason="abuse")
    assert "Thank you." in answer.text
    assert f'href="/d/{(await row_of(fans, posted)).discussion_id}' in answer.text
    assert await status_of(fans, posted) == "held"
    assert (await fans.attacker.get(f"/c/{posted['id']}/report")).status_code == 404


async def test_it_keeps_the_frame(fans: House) -> None:
    posted = await fans.author.post("An opinion.")
    answer = await press(fans.attacker, posted["id"], frame="1", theme="dark")
    assert answer.status_code == 422
    assert "frame-ancestors https://news.example" in answer.headers["content-security-policy"]
    assert '<input type="hidden" name="frame" value="1">' in answer.text
    assert '<input type="hidden" name="theme" value="dark">' in answer.text


@pytest.mark.parametrize("kind", [Sanction.SUSPEND, Sanction.BAN])
async def test_who_may_not_report_keeps_their_note(house: House, kind: Sanction) -> None:
    row = await row_of(house, await house.author.post("Mine."))
    other = await house.replier.post("Another one.")
    await sanction(house, (row.author_kind, row.author_id), kind, hours=None if kind is Sanction.BAN else 2)
    answer = await press(house.author, other["id"], reason="other", note="My precious <note>")
    assert answer.status_code == 403
    assert "My precious &lt;note&gt;" in answer.text
    said = "You are banned" if kind is Sanction.BAN else "You can't write, edit or report"
    assert said in unescape(answer.text)
    assert await kept(house) == []
