"""What is there already is screened again when its author changes it while it waits, or shows more of it; and whom
sanctions reach."""

import json
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from forum.comments.review.model import Queue, Sanction, Verdict
from forum.comments.review.tables import queue_item
from forum.comments.screening.model import Rule
from forum.comments.screening.rules import Action, Check, CheckKind
from forum.comments.tables import comment
from tests.support.app import OURS, House, Person, open_house, problem
from tests.support.flags import let_jobs_run, regulars, report_all
from tests.support.moderating import is_whole, lines_of, queues_of, row_of
from tests.support.people import an_account, sign_in
from tests.support.screening import sanction, set_rules
from tests.support.spam_checks import checker
from tests.support.spoilers import UNSPEC, rescope

pytestmark = pytest.mark.anyio

TEXT = "The ferryman knew the way across the river from the first page on."
PLAIN = "Nothing to see here."
KEY = "the-key-of-the-check"


async def uncover(person: Person, posted: dict[str, str], body: str = TEXT) -> httpx.Response:
    """Edit a comment, so that it gives nothing away as a whole."""
    sent = {"body": body, "revision": 1, "scope": []}
    return await person.http.patch(f"/api/v1/comments/{posted['id']}", json=sent, headers=OURS)


@pytest.mark.parametrize(("text", "status"), [(TEXT, "held"), ("Something else.", "published")])
async def test_a_check_decides_about_the_text_that_it_was_asked_about(engine_url: str, text: str, status: str) -> None:
    async with open_house(engine_url, egress_local=True) as house, checker() as server:
        server.body = b'{"verdict": "publish"}'
        await set_rules(house, hold_words=("ferryman",), check=Check(CheckKind.HOOK, server.url, KEY))
        posted = await house.author.post(PLAIN)
        edited = (await house.author.edit(posted["id"], text)).json()
        assert edited["notice"] == (Rule.WORDS if status == "held" else Rule.CHECK)
        await let_jobs_run(house)
        assert ((await row_of(house, posted)).status, bool(server.asked)) == (status, status == "published")
        assert all(json.loads(one.body)["comment"]["text"] == text for one in server.asked)
        await house.recount()


async def test_a_check_does_not_show_what_a_moderator_is_to_look_at(engine_url: str) -> None:
    async with open_house(engine_url, egress_local=True) as house, checker() as server:
        server.body = b'{"verdict": "publish"}'
        await set_rules(house, hold_words=("ferryman",), check=Check(CheckKind.HOOK, server.url, KEY))
        posted = await house.author.post(TEXT)
        await house.author.edit(posted["id"], PLAIN)
        await let_jobs_run(house)
        assert (await row_of(house, posted)).status == "held"
        assert (await queues_of(house, posted), server.asked) == ({Queue.PENDING}, [])


@pytest.mark.parametrize(("text", "status"), [(TEXT, "held"), ("Something else.", "published")])
async def test_time_does_not_show_what_a_rule_would_hold(house: House, text: str, status: str) -> None:
    people = await regulars(house, 3)
    posted = await house.author.post(PLAIN)
    await set_rules(house, hold_words=("ferryman",))
    await report_all(people, posted)
    row = await row_of(house, posted)
    assert (await house.author.edit(posted["id"], text, revision=row.revision)).json()["status"] == "held"
    assert Queue.REPORTED in await queues_of(house, posted)
    house.clock.advance(timedelta(hours=25))
    await let_jobs_run(house)
    assert (await row_of(house, posted)).status == status
    await is_whole(house)


async def test_what_readers_hide_is_not_shown_by_a_check(engine_url: str) -> None:
    async with open_house(engine_url, egress_local=True) as house, checker() as server:
        server.body = b'{"verdict": "publish"}'
        people = await regulars(house, 3)
        posted = await house.author.post(PLAIN)
        await report_all(people, posted)
        await set_rules(house, check=Check(CheckKind.HOOK, server.url, KEY))
        row = await row_of(house, posted)
        await house.author.edit(posted["id"], TEXT, revision=row.revision)
        house.clock.advance(timedelta(hours=25))
        await let_jobs_run(house)
        assert ((await row_of(house, posted)).status, server.asked) == ("held", [])
        assert await queues_of(house, posted) == {Queue.PENDING, Queue.REPORTED}


async def test_evidence_is_of_the_text_that_is_there(house: House) -> None:
    await set_rules(house, hold_words=("ferryman", "boat"))
    posted = await house.author.post(TEXT)
    await house.author.edit(posted["id"], "A boat.")
    (item,) = await house.rows(select(queue_item))
    assert [(one["spans"], one["details"]) for one in json.loads(item.evidence)] == [([[2, 6]], ["boat"])]
    assert [line.verdict for line in await lines_of(house, posted)] == [Verdict.HOLD, Verdict.HOLD]
    await house.author.edit(posted["id"], PLAIN, revision=2)
    (item,) = await house.rows(select(queue_item))
    (found,) = json.loads(item.evidence)
    assert (item.queue, item.rule, found["spans"], found["details"]) == (Queue.PENDING, Rule.WORDS, [], [])
    await is_whole(house)


@pytest.mark.parametrize("first", [TEXT, PLAIN])
async def test_uncovering_by_an_edit_is_looked_at(house: House, first: str) -> None:
    await house.author.post(f"|| {TEXT} ||")
    posted = await house.replier.post(first, scope=[UNSPEC])
    assert posted["status"] == "published"
    answer = (await uncover(house.replier, posted)).json()
    assert (answer["status"], answer["notice"]) == ("held", Rule.COVERED_WORDS)
    await is_whole(house)


async def test_uncovering_is_looked_at(house: House) -> None:
    source = await house.author.post(f"|| {TEXT} ||")
    root = await house.attacker.post("Root.")
    posted = await house.replier.reply(root, TEXT, scope=[UNSPEC])
    assert (await rescope(house.replier, posted)).status_code == 200
    assert ((await row_of(house, posted)).status, await queues_of(house, posted)) == ("held", {Queue.PENDING})
    # Its own words are its author's to show.
    assert (await rescope(house.author, source)).status_code == 200
    assert (await row_of(house, source)).status == "published"
    await is_whole(house)


@pytest.mark.parametrize("kind", [Sanction.BAN, Sanction.SUSPEND])
async def test_who_may_not_edit_may_only_cover_more(house: House, kind: Sanction) -> None:
    posted = await house.replier.post(TEXT, scope=[UNSPEC])
    bare = await house.replier.post(PLAIN)
    begins, ends = {"start": 0, "end": 3}, {"start": 4, "end": 9}
    partly = await house.replier.post(TEXT)
    assert (await rescope(house.replier, partly, UNSPEC, **begins)).status_code == 200
    row = await row_of(house, posted)
    await sanction(house, (row.author_kind, row.author_id), kind)
    code = "banned" if kind is Sanction.BAN else "suspended"
    assert problem(await uncover(house.replier, posted)) == (403, code)
    assert problem(await rescope(house.replier, posted)) == (403, code)
    assert (await rescope(house.replier, bare, UNSPEC)).status_code == 200
    assert (await row_of(house, bare)).eff_scope_id is not None
    assert problem(await rescope(house.replier, partly, **begins)) == (403, code)
    assert (await rescope(house.replier, partly, UNSPEC, **ends)).status_code == 200


async def test_a_banned_guest_who_signs_in_stays_banned(house: House) -> None:
    posted = await house.author.post(PLAIN)
    row = await row_of(house, posted)
    await sanction(house, (row.author_kind, row.author_id), Sanction.BAN)
    await sign_in(house, house.author, await an_account(house, "Fresh"))
    assert problem(await house.author.send(TEXT)) == (403, "banned")
    assert problem(await house.author.edit(posted["id"], TEXT)) == (403, "banned")


async def test_a_banned_account_does_not_edit_as_the_guest_of_its_browser(house: House) -> None:
    posted = await house.author.post(PLAIN)
    await sign_in(house, house.author, await an_account(house, "Fresh"))
    row = await row_of(house, await house.author.post("As somebody with an account."))
    assert row.author_kind == "account"
    await sanction(house, (row.author_kind, row.author_id), Sanction.BAN)
    assert problem(await house.author.send(TEXT)) == (403, "banned")
    assert problem(await house.author.edit(posted["id"], TEXT)) == (403, "banned")
    assert (await house.author.delete(posted["id"])).status_code == 204


async def test_what_is_deleted_may_be_said_again(house: House) -> None:
    await set_rules(house, repeat_person=Action.REFUSE, repeat_site=Action.HOLD)
    posted = await house.author.post(TEXT)
    await house.replier.reply(posted, "Hm.")
    await house.author.delete(posted["id"])
    (row,) = await house.rows(select(comment).where(comment.c.id == int(posted["id"])))
    assert (row.status, row.sketch_a, row.sketch_b) == ("deleted", None, None)
    assert (await house.author.post(TEXT))["status"] == "published"


@pytest.mark.parametrize(("kind", "status"), [(Sanction.BAN, "published"), (Sanction.MUTE, "held")])
async def test_flags_of_who_may_not_flag_any_more_do_not_count(house: House, kind: Sanction, status: str) -> None:
    people = await regulars(house, 3)
    posted = await house.author.post(PLAIN)
    await report_all(people[:2], posted)
    for name in ("Regular 0", "Regular 1"):
        row = (await house.rows(select(comment).where(comment.c.author_name == name)))[0]
        await sanction(house, (row.author_kind, row.author_id), kind)
    await report_all(people[2:], posted)
    assert (await row_of(house, posted)).status == status
