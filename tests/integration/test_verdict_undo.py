"""Taking verdicts back: everything is as it was before, and what others have done since stays."""

from typing import Any

import pytest

from forum.accounts.model import Role
from forum.comments.review.model import Reason, Verdict
from forum.errors import Conflict, NotFound
from forum.moderation.deciding.service_undo import undo_verdict
from tests.support.app import House
from tests.support.flags import regulars, report, report_all
from tests.support.moderating import (
    APPROVE,
    COVER,
    DISMISS,
    REMOVE,
    SPAM,
    UNCOVER,
    Chair,
    a_moderator,
    is_whole,
    lines_of,
    outcomes_of,
    queues_of,
    row_of,
    snapshot,
)
from tests.support.spoilers import COMIC, JJ4, JJ13, is_consistent, rescope, view

pytestmark = pytest.mark.anyio


async def there_and_back(mo: Chair, verdict: Verdict, posted: dict[str, Any], **more: Any) -> None:
    """Give a verdict and take it back: nothing is left but two lines of the log."""
    before = await snapshot(mo.house)
    given = await mo.say(verdict, posted, **more)
    assert await snapshot(mo.house) != before
    undone = await mo.undo(given.decision)
    assert await snapshot(mo.house) == before
    assert (undone.decision.verdict, undone.decision.undoes) == ("undo", given.decision.id)
    await is_whole(mo.house)


@pytest.mark.parametrize("verdict", [APPROVE, REMOVE, SPAM])
async def test_of_what_was_held(house: House, verdict: Verdict) -> None:
    mo = await a_moderator(house)
    root = await house.author.post("Root.")
    await house.change_site(hold=True)
    await there_and_back(mo, verdict, await house.author.post("Held root."))
    await there_and_back(mo, verdict, await house.author.reply(root, "Held reply."))


@pytest.mark.parametrize("verdict", [APPROVE, REMOVE, SPAM, DISMISS])
async def test_of_what_was_public(house: House, verdict: Verdict) -> None:
    mo = await a_moderator(house)
    root = await house.author.post("Root.")
    reply = await house.replier.reply(root, "Reply.")
    await there_and_back(mo, verdict, root)
    await there_and_back(mo, verdict, reply)
    await report(house.attacker, root, "abuse")
    await report(house.replier, root, "off_topic")
    await there_and_back(mo, verdict, root)


async def test_of_what_was_removed(house: House) -> None:
    mo = await a_moderator(house)
    root = await house.author.post("Root.")
    reply = await house.replier.reply(root, "Reply.")
    await mo.say(REMOVE, root)
    for verdict in (APPROVE, SPAM):
        await there_and_back(mo, verdict, root)
    # Its only reply is gone as well: the mark stays, also when something is taken back.
    await mo.say(REMOVE, reply)
    await there_and_back(mo, APPROVE, root)
    await there_and_back(mo, APPROVE, reply)


async def test_of_what_readers_have_hidden(house: House) -> None:
    mo = await a_moderator(house)
    people = await regulars(house, 3)
    posted = await house.author.post("Just an opinion.")
    await report_all(people, posted)
    for verdict in (APPROVE, DISMISS, REMOVE):
        await there_and_back(mo, verdict, posted)


async def test_of_what_readers_have_covered(fans: House) -> None:
    mo = await a_moderator(fans)
    people = await regulars(fans, 3)
    posted = await fans.author.post("The end of it all.")
    await report_all(people, posted, "untagged_spoiler", scope=[JJ13])
    assert (await row_of(fans, posted)).cover_state == "covered_pending"
    for verdict, more in ((APPROVE, {}), (DISMISS, {}), (COVER, {"tokens": [JJ4]}), (UNCOVER, {}), (REMOVE, {})):
        await there_and_back(mo, verdict, posted, **more)
    await is_consistent(fans)


async def test_of_covers(fans: House) -> None:
    mo = await a_moderator(fans)
    posted = await fans.author.post("Beginning. Secret words here.")
    reply = await fans.replier.reply(posted, f"> @Ada#c{posted['id']}\n> Secret words here.\n\nYes.")
    whole = {"tokens": [JJ13]}
    stretch = {"tokens": [COMIC], "stretch": (11, 17)}
    await there_and_back(mo, COVER, posted, **whole)
    await there_and_back(mo, COVER, posted, **stretch)
    await mo.say(COVER, posted, **stretch)
    await there_and_back(mo, COVER, posted, **whole)
    await there_and_back(mo, UNCOVER, posted)
    await there_and_back(mo, REMOVE, posted)
    assert (await view(fans, reply))["text"]
    await is_consistent(fans)


async def test_what_the_author_has_said_since_stays(fans: House) -> None:
    mo = await a_moderator(fans)
    posted = await fans.author.post("Secret words here.")
    given = await mo.say(COVER, posted, tokens=[JJ13])
    assert (await rescope(fans.author, posted, COMIC)).status_code == 200
    await mo.undo(given.decision)
    assert (await view(fans, posted))["scope"] == [COMIC]
    await is_consistent(fans)


async def test_a_stretch_of_an_earlier_text_covers_all_of_the_newer_one(fans: House) -> None:
    mo = await a_moderator(fans)
    posted = await fans.author.post("Beginning. Secret words here.")
    await mo.say(COVER, posted, tokens=[COMIC], stretch=(11, 17))
    given = await mo.say(UNCOVER, posted)
    edited = await fans.author.edit(posted["id"], "Nothing of that.", revision=given.comment.revision)
    assert edited.status_code == 200
    await mo.undo(given.decision)
    await is_consistent(fans)


async def test_flags_that_came_since_still_wait(house: House) -> None:
    mo = await a_moderator(house)
    posted = await house.author.post("Just an opinion.")
    await report(house.replier, posted, "abuse")
    given = await mo.say(APPROVE, posted)
    await report(house.attacker, posted, "spam")
    await mo.undo(given.decision)
    assert await outcomes_of(house, posted) == {("abuse", None): 1, ("spam", None): 1}
    assert await queues_of(house, posted) == {"reported"}
    await is_whole(house)


async def test_only_the_last_decision_can_be_taken_back(house: House) -> None:
    mo = await a_moderator(house)
    posted = await house.author.post("Text.")
    first = await mo.say(REMOVE, posted)
    second = await mo.say(APPROVE, posted)
    with pytest.raises(Conflict) as refused:
        await mo.undo(first.decision)
    assert refused.value.code == "decided_since"
    undone = await mo.undo(second.decision)
    with pytest.raises(Conflict):
        await mo.undo(second.decision)
    with pytest.raises(Conflict) as refused:
        await mo.undo(undone.decision)
    assert refused.value.code == "not_undoable"
    assert (await row_of(house, posted)).status == "removed"
    assert [line.verdict for line in await lines_of(house, posted)] == ["remove", "approve", "undo"]


async def test_what_no_moderator_decided_is_not_taken_back(house: House) -> None:
    mo = await a_moderator(house)
    await house.change_site(hold=True)
    held = await house.author.post("Held.")
    with pytest.raises(Conflict) as refused:
        await undo_verdict(house.rt, await mo.mod(), (await lines_of(house, held))[0])
    assert refused.value.code == "not_undoable"


async def test_nobody_without_the_role_takes_something_back(house: House) -> None:
    mo = await a_moderator(house)
    posted = await house.author.post("Text.")
    given = await mo.say(REMOVE, posted, reason=Reason.ABUSE)
    for name, role in (("Tru", Role.TRUSTED), ("Rea", Role.READER)):
        other = await a_moderator(house, name, role)
        with pytest.raises(NotFound):
            await other.undo(given.decision)


async def test_what_its_author_deleted_stays_deleted(house: House) -> None:
    mo = await a_moderator(house)
    root = await house.author.post("Text.")
    await house.replier.reply(root, "Reply.")
    given = await mo.say(REMOVE, root)
    assert (await house.author.delete(root["id"])).status_code == 204
    with pytest.raises(Conflict) as refused:
        await mo.undo(given.decision)
    assert refused.value.code == "deleted"
    await is_whole(house)
