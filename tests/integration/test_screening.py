"""What screening does beside its sentences: queues and log, edits, people who are trusted, and nothing that is counted
twice."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.accounts.model import Role
from forum.comments.review.model import By, Queue, Sanction, Verdict
from forum.comments.review.tables import queue_item
from forum.comments.screening.model import Rule
from forum.comments.screening.rules import Action, Check, CheckKind
from forum.outbox.tables import outbox
from tests.support.app import House, problem
from tests.support.moderating import is_whole, lines_of, queues_of, row_of
from tests.support.people import signed_in
from tests.support.screening import sanction, set_rules
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio

TEXT = "The ferryman knew the way across the river from the first page on."


async def test_a_held_comment_waits_and_the_log_says_why(house: House) -> None:
    await set_rules(house, hold_words=("ferry*",), first_comments=2)
    held = await house.author.post(TEXT)
    assert await queues_of(house, held) == {Queue.PENDING}
    (line,) = await lines_of(house, held)
    assert (line.verdict, line.status, line.by_kind, line.rule) == (Verdict.HOLD, "held", By.RULE, Rule.WORDS)
    (item,) = await house.rows(select(queue_item))
    evidence = json.loads(item.evidence)
    assert [one["rule"] for one in evidence] == [Rule.WORDS, Rule.NEW_PERSON]
    assert (evidence[0]["spans"], evidence[0]["details"]) == ([[4, 12]], ["ferry*"])
    # The log stays when the text is gone: it keeps nothing of it.
    assert json.loads(line.evidence)[0]["spans"] == json.loads(line.evidence)[0]["details"] == []
    await is_whole(house)


async def test_what_is_only_flagged_is_public_and_reported(house: House) -> None:
    await set_rules(house, flag_words=("ferryman",))
    posted = await house.author.post(TEXT)
    assert (posted["status"], posted["notice"]) == ("published", None)
    assert await queues_of(house, posted) == {Queue.REPORTED}
    assert await lines_of(house, posted) == []
    await is_whole(house)


async def test_what_the_rules_say_nothing_about_is_public(house: House) -> None:
    await set_rules(house, hold_words=("goat",), most_links=1, media=Action.HOLD, rate_comments=3)
    posted = await house.author.post(f"{TEXT} https://a.example/")
    assert posted["status"] == "published"
    assert await queues_of(house, posted) == set()


async def test_a_refused_comment_leaves_nothing(house: House) -> None:
    await set_rules(house, refuse_words=("ferryman",))
    answer = await house.author.send(TEXT, key="one-key-for-both-0001")
    assert problem(answer) == (403, "screened")
    assert answer.json()["errors"] == [{"loc": "body", "code": "words", "pos": 4}]
    assert await house.recount() == 0
    # Not even its key: what was mended can be sent with the same.
    assert (await house.author.post("The boatman knew.", key="one-key-for-both-0001"))["status"] == "published"


async def test_replies_are_screened_and_counted_once(house: House) -> None:
    root = await house.author.post("Root.")
    await set_rules(house, hold_words=("ferryman",))
    held = await house.replier.reply(root, TEXT)
    assert held["status"] == "held"
    seen = await house.attacker.read(f"/api/v1/discussions/{await discussion_id(house)}")
    assert [one["reply_count"] for one in seen["comments"]] == [0]
    await is_whole(house)


async def test_an_edit_may_be_refused(house: House) -> None:
    posted = await house.author.post("Nothing to see.")
    await set_rules(house, refuse_words=("ferryman",))
    assert problem(await house.author.edit(posted["id"], TEXT)) == (403, "screened")
    assert (await row_of(house, posted)).source == "Nothing to see."


async def test_an_edit_may_be_held(house: House) -> None:
    root = await house.author.post("Root.")
    posted = await house.author.reply(root, "Nothing to see.")
    await house.replier.reply(posted, "An answer.")
    await set_rules(house, hold_words=("ferryman",))
    answer = await house.author.edit(posted["id"], TEXT)
    assert answer.status_code == 200
    changed = answer.json()
    assert (changed["status"], changed["notice"]) == ("held", Rule.WORDS)
    assert await queues_of(house, posted) == {Queue.PENDING}
    (line,) = await lines_of(house, posted)
    assert (line.verdict, line.revision) == (Verdict.HOLD, changed["revision"])
    # A repetition whose first answer was lost is answered as that was.
    assert (await house.author.edit(posted["id"], TEXT)).json() == changed
    seen = await house.attacker.read(f"/api/v1/comments/{posted['id']}")
    assert seen["text"] == ""
    await is_whole(house)


async def test_an_edit_of_what_nobody_minds_stays_public_and_unseen(house: House) -> None:
    posted = await house.author.post("Nothing to see.")
    answer = await house.author.edit(posted["id"], TEXT)
    assert answer.json()["status"] == "published"
    assert not (await row_of(house, posted)).reviewed


async def test_editing_does_not_repeat_oneself(house: House) -> None:
    await set_rules(house, repeat_person=Action.REFUSE, rate_comments=1, rate_minutes=60)
    posted = await house.author.post(TEXT)
    assert (await house.author.edit(posted["id"], f"{TEXT} Or so.")).json()["status"] == "published"


async def test_uncovering_ones_own_words_is_no_repetition(house: House) -> None:
    posted = await house.author.post(f"|| {TEXT} ||")
    assert (await house.author.edit(posted["id"], TEXT)).json()["status"] == "published"


async def test_repeating_covered_words_by_an_edit_is_held(house: House) -> None:
    await house.author.post(f"|| {TEXT} ||")
    posted = await house.replier.post("Nothing to see.")
    answer = (await house.replier.edit(posted["id"], TEXT)).json()
    assert (answer["status"], answer["notice"]) == ("held", "possible_untagged_spoiler")


@pytest.mark.parametrize("role", [Role.TRUSTED, Role.MODERATOR])
async def test_of_trusted_people_nothing_is_held(house: House, role: Role) -> None:
    person = await signed_in(house, "Tess", role=role)
    await set_rules(house, hold_words=("ferryman",), first_comments=5, premoderate=True, refuse_words=("goat",))
    posted = await person.post(TEXT)
    assert posted["status"] == "published"
    assert (await person.edit(posted["id"], f"{TEXT} Indeed.")).json()["status"] == "published"
    assert problem(await person.send("A goat.")) == (403, "screened")


async def test_a_sanction_holds_also_what_trusted_people_write(house: House) -> None:
    person = await signed_in(house, "Tess", role=Role.TRUSTED)
    row = await row_of(house, await person.post("An earlier one."))
    await sanction(house, (row.author_kind, row.author_id), Sanction.PREMODERATE)
    assert (await person.post(TEXT))["notice"] == Rule.SANCTION


async def test_a_sanction_ends_by_itself(house: House) -> None:
    row = await row_of(house, await house.author.post("An earlier one."))
    await sanction(house, (row.author_kind, row.author_id), Sanction.SUSPEND, hours=2)
    assert problem(await house.author.send(TEXT)) == (403, "suspended")
    house.clock.advance(timedelta(hours=2))
    assert (await house.author.post(TEXT))["status"] == "published"


async def test_who_is_muted_may_edit_and_who_is_suspended_may_not(house: House) -> None:
    posted = await house.author.post("An earlier one.")
    row = await row_of(house, posted)
    await sanction(house, (row.author_kind, row.author_id), Sanction.MUTE)
    assert (await house.author.edit(posted["id"], "An early one.")).status_code == 200
    await sanction(house, (row.author_kind, row.author_id), Sanction.SUSPEND)
    assert problem(await house.author.edit(posted["id"], TEXT, revision=2)) == (403, "suspended")
    assert (await house.author.delete(posted["id"])).status_code == 204


async def test_a_comment_that_is_checked_outside_is_asked_about_once(house: House) -> None:
    await set_rules(house, check=Check(CheckKind.HOOK, "https://check.example/hook", "k" * 20))
    posted = await house.author.post(TEXT, key="one-key-for-both-0001")
    assert await house.author.post(TEXT, key="one-key-for-both-0001") == posted
    jobs = await house.rows(select(outbox).where(outbox.c.kind == "external_check"))
    assert [json.loads(job.payload) if isinstance(job.payload, str) else job.payload for job in jobs] == [
        {"comment": posted["id"]}
    ]
    assert await queues_of(house, posted) == {Queue.SPAM}


async def test_a_slow_discussion_lets_one_write_again_in_time(house: House) -> None:
    await set_rules(house, rate_comments=2, rate_minutes=10)
    await house.author.post("One.")
    house.clock.advance(timedelta(minutes=4))
    await house.author.post("Two.")
    answer = await house.author.send("Three.")
    assert answer.headers["retry-after"] == "360"
    house.clock.advance(timedelta(minutes=6))
    assert (await house.author.post("Three."))["status"] == "published"


async def test_a_day_later_one_may_say_the_same(house: House) -> None:
    await set_rules(house, repeat_person=Action.REFUSE, repeat_site=Action.HOLD)
    await house.author.post(TEXT)
    assert (await house.replier.post(TEXT))["status"] == "held"
    house.clock.advance(timedelta(hours=25))
    assert (await house.author.post(TEXT))["status"] == "published"


async def test_short_thanks_are_no_repetition(house: House) -> None:
    await set_rules(house, repeat_person=Action.REFUSE, repeat_site=Action.HOLD)
    for _ in range(2):
        assert (await house.author.post("Thank you!"))["status"] == "published"


async def test_rules_are_followed_at_once(house: House) -> None:
    assert (await house.author.post(TEXT))["status"] == "published"
    await set_rules(house, hold_words=("ferryman",))
    assert (await house.author.post(TEXT))["status"] == "held"
    await set_rules(house)
    assert (await house.author.post(TEXT))["status"] == "published"


async def test_rules_are_those_of_one_site(house: House) -> None:
    await set_rules(house, hold_words=("ferryman",))
    await house.add_site("other")
    posted = await house.author.post(TEXT, path="/api/v1/sites/other/comments")
    assert posted["status"] == "published"
