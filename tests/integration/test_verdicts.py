"""What moderators say about comments: status, marks, counters, queues, flags and the log follow, in one transaction."""

from datetime import timedelta

import orjson
import pytest

from forum.accounts import queries as accounts
from forum.accounts.model import Role
from forum.comments.review.model import Reason
from forum.errors import Conflict, Invalid, NotFound, SignInNeeded
from forum.moderation.deciding.service_undo import undo_verdict
from forum.moderation.deciding.service_verdict import decide
from tests.support.app import ARTICLE, House
from tests.support.flags import regulars, report, report_all
from tests.support.moderating import (
    APPROVE,
    COVER,
    DISMISS,
    REMOVE,
    SPAM,
    a_moderator,
    is_whole,
    lines_of,
    outcomes_of,
    queues_of,
    row_of,
)
from tests.support.people import account_of

pytestmark = pytest.mark.anyio

MOST_STATEMENTS = 10


async def seen(house: House) -> str:
    """What everybody gets of the discussion."""
    return str(await house.attacker.read("/api/v1/sites/newsroom/discussion", params={"url": ARTICLE}))


async def test_approving_publishes_what_was_held(house: House) -> None:
    mo = await a_moderator(house)
    await house.change_site(hold=True)
    held = await house.author.post("Held at first.")
    assert await queues_of(house, held) == {"pending"}
    outcome = await mo.say(APPROVE, held)
    assert outcome.comment.status == "published"
    assert "Held at first." in await seen(house)
    assert await queues_of(house, held) == {"approved"}
    line = (await lines_of(house, held))[-1]
    assert (line.verdict, line.status, line.by_kind, line.by_id) == (
        *("approve", "published", "moderator"),
        (await account_of(house, mo.person)).id,
    )
    assert line.about_rule
    assert line == outcome.decision
    await is_whole(house)


async def test_removing_says_why_and_leaves_a_mark_where_somebody_replied(house: House) -> None:
    mo = await a_moderator(house)
    root = await house.author.post("A rude word.")
    reply = await house.replier.reply(root, "Please.")
    leaf = await house.author.post("Another rude word.")
    outcome = await mo.say(REMOVE, root, reason=Reason.ABUSE, rule="Be kind", words="Not here.")
    await mo.say(REMOVE, leaf, reason=Reason.OFF_TOPIC)
    assert (outcome.decision.reason, outcome.decision.rule, outcome.decision.words) == ("abuse", "Be kind", "Not here.")
    text = await seen(house)
    assert "rude word" not in text
    assert "Please." in text
    assert root["id"] in text
    assert leaf["id"] not in text
    assert await queues_of(house, root) == {"removed"}
    await is_whole(house)
    await mo.say(REMOVE, reply)
    assert (await row_of(house, root)).marked
    await is_whole(house)


async def test_spam_waits_below_everything_that_waits(house: House) -> None:
    mo = await a_moderator(house)
    posted = await house.author.post("Cheap watches.")
    outcome = await mo.say(SPAM, posted)
    assert (outcome.comment.status, outcome.decision.reason) == ("spam", "spam")
    assert await queues_of(house, posted) == {"spam"}
    await mo.say(APPROVE, posted)
    assert await queues_of(house, posted) == {"approved"}
    await is_whole(house)


async def test_dismissing_flags_leaves_the_comment(house: House) -> None:
    mo = await a_moderator(house)
    posted = await house.author.post("Just an opinion.")
    await report(house.replier, posted, "abuse")
    await mo.say(DISMISS, posted)
    assert (await row_of(house, posted)).status == "published"
    assert await outcomes_of(house, posted) == {("abuse", "rejected"): 1}
    assert not {"reported", "spoilers"} & await queues_of(house, posted)
    assert (await row_of(house, posted)).reviewed
    await is_whole(house)


async def test_dismissing_flags_shows_what_they_have_hidden(house: House) -> None:
    mo = await a_moderator(house)
    people = await regulars(house, 3)
    posted = await house.author.post("Just an opinion.")
    assert await report_all(people, posted) == [True] * 3
    assert (await row_of(house, posted)).status == "held"
    await mo.say(DISMISS, posted)
    assert (await row_of(house, posted)).status == "published"
    assert await queues_of(house, posted) == {"approved"}
    await is_whole(house)


async def test_what_becomes_of_flags(house: House) -> None:
    mo = await a_moderator(house)
    one, two = [await house.author.post(f"Opinion {n}.") for n in range(2)]
    for posted in (one, two):
        await report(house.replier, posted, "abuse")
        await report(house.attacker, posted, "off_topic")
    await mo.say(REMOVE, one, reason=Reason.SPAM)
    await mo.say(APPROVE, two)
    assert await outcomes_of(house, one) == {("abuse", "upheld"): 1, ("off_topic", "upheld"): 1}
    assert await outcomes_of(house, two) == {("abuse", "rejected"): 1, ("off_topic", "rejected"): 1}
    await is_whole(house)


async def test_a_held_reply_below_what_was_removed_gets_its_place(house: House) -> None:
    mo = await a_moderator(house)
    chain = [await house.author.post("Root.")]
    for depth in range(2):
        chain.append(await house.author.reply(chain[-1], f"Depth {depth}."))
    await house.change_site(hold=True)
    held = await house.replier.reply(chain[-1], "Held reply.")
    for posted in reversed(chain):
        await mo.say(REMOVE, posted)
    assert [(await row_of(house, posted)).marked for posted in chain] == [False] * 3
    await is_whole(house)
    outcome = await mo.say(APPROVE, held)
    assert [(await row_of(house, posted)).marked for posted in chain] == [True] * 3
    assert "Held reply." in await seen(house)
    await is_whole(house)
    await mo.undo(outcome.decision)
    assert [(await row_of(house, posted)).marked for posted in chain] == [False] * 3
    await is_whole(house)


async def test_a_newer_revision_asks_again(house: House) -> None:
    mo = await a_moderator(house)
    posted = await house.author.post("One thing.")
    ask = await mo.ask(REMOVE, posted)
    await house.author.edit(posted["id"], "Another thing.")
    with pytest.raises(Conflict) as refused:
        await decide(house.rt, await mo.mod(), ask)
    assert refused.value.code == "revision_conflict"
    assert await lines_of(house, posted) == []
    await is_whole(house)


async def test_what_its_author_deleted_is_nobodys_to_decide(house: House) -> None:
    mo = await a_moderator(house)
    posted = await house.author.post("Gone soon.")
    ask = await mo.ask(REMOVE, posted)
    await house.author.delete(posted["id"])
    with pytest.raises(Conflict) as refused:
        await decide(house.rt, await mo.mod(), ask)
    assert refused.value.code == "deleted"


async def test_a_verdict_has_what_it_needs(house: House) -> None:
    mo = await a_moderator(house)
    posted = await house.author.post("Text.")
    for verdict, more, field in (
        (REMOVE, {"reason": None}, "reason"),
        (COVER, {}, "scope"),
        (APPROVE, {"words": "x" * 1001}, "words"),
    ):
        with pytest.raises(Invalid) as refused:
            await mo.say(verdict, posted, **more)
        assert [error.loc for error in refused.value.errors] == [field]


async def test_roles(house: House) -> None:
    posted = await house.author.post("Text.")
    trusted = await a_moderator(house, "Tru", Role.TRUSTED)
    for verdict in (APPROVE, REMOVE, SPAM, DISMISS):
        with pytest.raises(NotFound):
            await trusted.say(verdict, posted)
    other_site, _ = await house.add_site("gazette", origins=("https://gazette.example",))
    stranger = await a_moderator(house, "Stranger", Role.READER)
    account = await account_of(house, stranger.person)
    moment = house.clock.now()
    await house.rt.db.write(
        lambda tx: accounts.set_role(tx, site_id=other_site.id, account_id=account.id, role=Role.MODERATOR, now=moment)
    )
    with pytest.raises(NotFound):
        await stranger.say(REMOVE, posted)
    assert await lines_of(house, posted) == []


async def test_who_lost_the_role_or_the_session_in_between_decides_nothing(house: House) -> None:
    mo = await a_moderator(house)
    posted = await house.author.post("Text.")
    mod, ask, account = await mo.mod(), await mo.ask(REMOVE, posted), await account_of(house, mo.person)
    moment = house.clock.now()

    async def say_role(role: Role) -> None:
        await house.rt.db.write(
            lambda tx: accounts.set_role(tx, site_id=house.site.id, account_id=account.id, role=role, now=moment)
        )

    await say_role(Role.TRUSTED)
    with pytest.raises(NotFound):
        await decide(house.rt, mod, ask)
    await say_role(Role.MODERATOR)
    house.clock.advance(timedelta(days=91))
    with pytest.raises(SignInNeeded):
        await decide(house.rt, mod, ask)
    assert (await row_of(house, posted)).status == "published"


async def test_a_verdict_costs_little(house: House) -> None:
    mo = await a_moderator(house)
    root = await house.author.post("Root.")
    await house.change_site(hold=True)
    held = await house.author.reply(root, "Held.")
    await house.change_site(hold=False)
    reported = await house.author.reply(root, "Reported.")
    for person in (house.replier, house.attacker):
        await report(person, reported, "abuse")
    wide = await house.author.post("Wide.")
    for number in range(30):
        await house.replier.reply(wide, f"Reply {number}.")
    cases = ((APPROVE, held), (REMOVE, held), (SPAM, held), (REMOVE, reported), (DISMISS, reported))
    for verdict, posted in cases:
        mod, ask = await mo.mod(), await mo.ask(verdict, posted)
        with house.recorded() as statements:
            await decide(house.rt, mod, ask)
        assert 0 < len(statements) <= MOST_STATEMENTS, (verdict, len(statements))
    given = await mo.say(REMOVE, wide)
    mod = await mo.mod()
    with house.recorded() as statements:
        await undo_verdict(house.rt, mod, given.decision)
    assert 0 < len(statements) <= MOST_STATEMENTS, len(statements)
    await is_whole(house)


async def test_the_log_holds_no_text(house: House) -> None:
    mo = await a_moderator(house)
    posted = await house.author.post("Unspeakable words.")
    await report(house.replier, posted, "other", note="Look at the note.")
    await mo.say(REMOVE, posted)
    for line in await lines_of(house, posted):
        assert "Unspeakable" not in orjson.dumps([str(part) for part in line]).decode()
