"""Authors are told what was decided about their comments and about themselves: on the comment, where they write, and on
a page of their own. Others are told nothing of it."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from forum.comments.review import words
from forum.comments.review.model import Reason
from tests.support.app import OURS, House, Person, problem
from tests.support.flags import let_jobs_run, regulars, report_all
from tests.support.people import embedded, signed_in
from tests.support.sanctions import a_moderator, sanction, sanctioned, undo, verdict
from tests.support.spoilers import JJ13, fans, flag
from tests.support.threads import discussion_id

__all__ = ["fans"]
pytestmark = pytest.mark.anyio
SECRET = "Nobody else reads this."


def plain(page: str) -> str:
    """A page's words."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


async def mine(house: House, person: Person) -> str:
    """What the page's script merges in for this browser."""
    here = await discussion_id(house)
    answer = await person.get(f"/d/{here}/mine")
    assert answer.status_code == 200
    assert "no-store" in answer.headers["cache-control"]
    return answer.text


async def told(house: House, person: Person) -> dict[str, str]:
    """What this browser is told, by code; the same with and without scripts."""
    with_scripts = _told(await mine(house, person))
    without = _told((await person.get(f"/d/{await discussion_id(house)}/own")).text)
    assert with_scripts == without
    return with_scripts


def _told(page: str) -> dict[str, str]:
    found = re.findall(r'<div class="notice told" data-told="(\w+)">(.*?)</div>', page, re.DOTALL)
    return {code: plain(inside).strip() for code, inside in found}


async def test_a_held_comment_says_that_a_moderator_looks_first(house: House) -> None:
    await house.change_site(hold=True)
    await house.author.post(SECRET)
    said = await told(house, house.author)
    assert list(said) == ["held"]
    assert words.HELD in said["held"]
    assert words.HELD_NOW in said["held"]
    assert "The reason:" in said["held"]


async def test_a_removed_comment_says_why_and_what_can_be_done(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post(SECRET)
    await verdict(house, mona, posted, "remove", reason="abuse", rule="Be kind", words="Not *like* that.")
    said = (await told(house, house.author))["removed"]
    for part in (words.REMOVED, words.REASONS[Reason.ABUSE], "Be kind", "Not *like* that.", words.REMOVED_NOW):
        assert part in said
    assert "Mona" not in said
    assert SECRET in await mine(house, house.author)
    # Removed is removed: it can be deleted, not changed.
    page = await mine(house, house.author)
    assert 'data-act="delete"' in page
    assert 'data-act="edit"' not in page
    assert problem(await house.author.edit(posted["id"], "Again.", 2)) == (403, "removed")
    assert (await house.author.delete(posted["id"])).status_code == 204
    assert await told(house, house.author) == {}


async def test_what_is_spam_says_so(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post(SECRET)
    await verdict(house, mona, posted, "spam")
    said = (await told(house, house.author))["spam"]
    assert words.SPAM in said
    assert words.SPAM_NOW in said


async def test_a_mistake_that_was_undone_is_said_to_be_restored(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post(SECRET)
    done = await verdict(house, mona, posted, "remove", reason="other")
    await undo(mona, done["decision_id"])
    assert words.RESTORED in (await told(house, house.author))["restored"]


async def test_what_was_only_let_through_needs_no_words(house: House) -> None:
    mona = await a_moderator(house)
    await house.change_site(hold=True)
    posted = await house.author.post(SECRET)
    await verdict(house, mona, posted, "approve")
    assert await told(house, house.author) == {}


async def test_a_marked_comment_is_whole_for_its_author_alone(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post(SECRET)
    await house.replier.reply(posted, "Why not?")
    await verdict(house, mona, posted, "remove", reason="illegal", words="See your mail.")
    page = await mine(house, house.author)
    assert SECRET in page
    assert words.REASONS[Reason.ILLEGAL] in unescape(page)
    here = await discussion_id(house)
    for path in (f"/d/{here}", f"/d/{here}/own", f"/api/v1/discussions/{here}"):
        public = (await house.attacker.get(path)).text
        assert SECRET not in public
        assert "See your mail." not in public
        assert words.REASONS[Reason.ILLEGAL] not in unescape(public)
    assert "Removed by a moderator" in (await house.attacker.get(f"/d/{here}")).text


async def test_covers_say_who_put_them_there(fans: House) -> None:
    mona, posted = await a_moderator(fans), await fans.author.post(SECRET)
    await verdict(fans, mona, posted, "cover", scope=[JJ13], words="That is the last episode.")
    said = await told(fans, fans.author)
    assert words.COVERED in said["covered"]
    assert "That is the last episode." in said["covered"]
    await undo(mona, (await verdict(fans, mona, posted, "uncover"))["decision_id"])
    second = await fans.author.post("Another secret.")
    for person in await regulars(fans, 3):
        assert (await flag(person, second, JJ13)).status_code == 200
    assert words.COVERED_BY_READERS in (await told(fans, fans.author))["covered_by_readers"]


async def test_what_readers_have_hidden_says_so_and_comes_back(house: House) -> None:
    people = await regulars(house, 3)
    posted = await house.author.post(SECRET)
    assert await report_all(people, posted) == [True] * 3
    said = (await told(house, house.author))["hidden"]
    for part in (words.HIDDEN, words.REASONS[Reason.ABUSE], words.HIDDEN_NOW):
        assert part in said
    assert SECRET not in (await house.attacker.get(f"/d/{await discussion_id(house)}")).text
    house.clock.advance(timedelta(days=1, minutes=1))
    await let_jobs_run(house)
    assert words.RETURNED in (await told(house, house.author))["returned"]


async def test_what_is_featured_says_so(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post(SECRET)
    sent = {"verdict": "feature", "comment_id": posted["id"], "revision": 1}
    path = f"/api/v1/mod/discussions/{await discussion_id(house)}/verdict"
    done = await mona.http.post(path, json=sent, headers=OURS)
    assert done.status_code == 200, done.text
    assert await told(house, house.author) == {"featured": words.FEATURED}


@pytest.mark.parametrize(
    ("kind", "fields", "code", "sentence"),
    [
        ("mute", {"hours": 24}, "muted", "You can't write new comments here until Mar 2, 2026"),
        ("mute", {}, "muted", "You can't write new comments here, until a moderator lifts that."),
        ("suspend", {"hours": 1}, "suspended", "You can't write, edit or report anything here until Mar 1, 2026"),
        ("ban", {}, "banned", "You are banned here: you can't write, edit or report anything any more."),
    ],
)
async def test_who_is_stopped_is_told_until_when_and_why(
    house: House, kind: str, fields: dict[str, Any], code: str, sentence: str
) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    await sanctioned(house, mona, posted, kind, words="Enough for now.", **fields)
    said = (await told(house, house.author))[code]
    assert sentence in said
    assert "Enough for now." in said
    assert words.REASONS[Reason.ABUSE] in said
    refused = await house.author.send("More.")
    assert problem(refused) == (403, code)
    assert sentence in refused.json()["detail"]
    # A form keeps what was typed.
    form = {"discussion_id": str(await discussion_id(house)), "body": "A long thought.", "author_name": "Ada"}
    page = await house.author.submit("/embed/newsroom/comments", **form)
    assert page.status_code == 403
    assert "A long thought." in page.text
    assert sentence in unescape(page.text)
    # Muted people may still mend what they wrote.
    edited = await house.author.edit(posted["id"], "Better.")
    assert edited.status_code == (200 if kind == "mute" else 403)
    assert (await house.author.delete(posted["id"])).status_code == 204


async def test_it_is_over_when_its_time_is(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    await sanctioned(house, mona, posted, "suspend", hours=1)
    house.clock.advance(timedelta(hours=1))
    assert await told(house, house.author) == {}
    await house.author.post("Something else.")


async def test_who_is_premoderated_is_held_and_told(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    await sanctioned(house, mona, posted, "premoderate")
    assert (await house.author.post("Something else."))["status"] == "held"
    said = await told(house, house.author)
    assert "A moderator looks at what you write here before others see it." in said["premoderated"]
    assert "a moderator looks at everything that you write here" in said["held"]


async def test_a_warning_is_acknowledged_and_stops_nothing(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    await sanctioned(house, mona, posted, "warn", words="Please mind the rules.", rule="Be kind")
    said = (await told(house, house.author))["warned"]
    assert "A moderator has warned you here." in said
    assert "Please mind the rules." in said
    await house.author.post("I can still write.")
    page = await mine(house, house.author)
    found = re.search(r'data-warning="(\d+)"', page)
    assert found is not None
    path = f"/api/v1/sites/newsroom/warnings/{found[1]}"
    # Nobody else can say that they have read it.
    assert problem(await house.attacker.http.post(path, json={}, headers=OURS)) == (404, "not_found")
    assert "warned" in await told(house, house.author)
    assert (await house.author.http.post(path, json={}, headers=OURS)).status_code == 200
    assert await told(house, house.author) == {}
    assert (await house.author.http.post(path, json={}, headers=OURS)).status_code == 200


async def test_a_warning_is_acknowledged_without_scripts(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    await sanctioned(house, mona, posted, "warn")
    page = (await house.author.get(f"/d/{await discussion_id(house)}/own?frame=1&theme=dark")).text
    form = re.search(r'action="(/embed/newsroom/warning)".*?</form>', page, re.DOTALL)
    assert form is not None
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
    done = await house.author.submit(form[1], **fields)
    assert done.status_code == 303
    assert {"frame=1", "theme=dark"} <= set(done.headers["location"].partition("?")[2].split("&"))
    assert await told(house, house.author) == {}


async def test_the_page_of_ones_own_lists_it_all(house: House) -> None:
    mona, edda = await a_moderator(house), await signed_in(house, "Edda")
    assert "Nothing has been decided" in (await edda.get("/settings/moderation")).text
    posted = await edda.post(SECRET)
    done = await verdict(house, mona, posted, "remove", reason="off_topic", words="Wrong place.")
    await undo(mona, done["decision_id"])
    await sanctioned(house, mona, posted, "warn", words="Mind the topic.")
    page = plain((await edda.get("/settings/moderation")).text)
    for part in (
        "It was removed.",
        words.REASONS[Reason.OFF_TOPIC],
        "Wrong place.",
        "By a moderator",
        "An earlier decision was taken back: everybody can read it.",
        "A moderator has warned you here.",
        "Mind the topic.",
        "The Newsroom",
    ):
        assert part in page
    assert "Mona" not in page
    assert SECRET not in page
    html = (await edda.get("/settings/moderation")).text
    found = re.search(r'name="warning" value="(\d+)"', html)
    assert found is not None
    seen = await edda.submit("/settings/moderation", site="newsroom", warning=found[1])
    assert seen.status_code == 303
    after = (await edda.get("/settings/moderation")).text
    assert "The warning has been read." in after
    assert 'name="warning"' not in after


async def test_a_frame_tells_its_account_the_same(house: House) -> None:
    mona, edda = await a_moderator(house), await signed_in(house, "Edda")
    posted = await edda.post("Nonsense.")
    await sanctioned(house, mona, posted, "mute")
    frame = await embedded(house, edda)
    assert "muted" in await told(house, frame)
    assert problem(await frame.send("More.")) == (403, "muted")


async def test_nobody_flags_while_suspended(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    other = await house.replier.post("Sense.")
    await sanctioned(house, mona, posted, "suspend", hours=1)
    path = f"/api/v1/comments/{other['id']}/flags"
    assert problem(await house.author.http.post(path, json={"kind": "abuse"}, headers=OURS)) == (403, "suspended")


async def test_a_ban_does_not_end_with_the_guest(house: House) -> None:
    mona = await a_moderator(house)
    posted = await house.author.post("Nonsense.")
    await sanctioned(house, mona, posted, "ban")
    edda = await signed_in(house, "Edda")
    edda.http.cookies.update(house.author.http.cookies)
    # Before they claim what they wrote it is the guest who is banned; after it, the account.
    claimed = await edda.http.post("/api/v1/me/claim?site=newsroom", headers=OURS)
    assert claimed.json() == {"claimed": 1}
    assert problem(await edda.send("More.")) == (403, "banned")
    assert "banned" in await told(house, edda)
    assert problem(await sanction(house, edda, posted, "warn")) == (404, "not_found")
