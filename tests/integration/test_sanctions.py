"""Moderators warn, mute, suspend, ban and pre-moderate people, lift that again, and note things about them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from forum.accounts.model import Role
from forum.accounts.tables import session
from forum.comments.review.tables import decision
from forum.comments.review.tables import sanction as sanctions
from forum.core.clock import FixedClock
from tests.support.app import NEWS, OURS, House, problem, wrong_fields
from tests.support.people import an_account, embedded, sign_in, signed_in
from tests.support.sanctions import a_moderator, author_of, lift, person_of, sanction, sanctioned

pytestmark = pytest.mark.anyio


async def rows(house: House) -> list[Any]:
    return await house.rows(select(sanctions).order_by(sanctions.c.id))


@pytest.mark.parametrize(
    ("kind", "hours"), [("warn", None), ("mute", 24), ("mute", None), ("suspend", 1), ("ban", None), ("premoderate", 2)]
)
async def test_a_sanction_is_kept_and_in_the_log(house: House, kind: str, hours: int | None) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    said = {"rule": "Be kind", "words": "Not like that.", "comment_id": posted["id"]}
    decided = await sanctioned(house, mona, posted, kind, hours=hours, **said)
    (row,) = await rows(house)
    until = None if hours is None else house.clock.now() + timedelta(hours=hours)
    assert (row.kind, row.until, row.rule, row.words, str(row.decision_id)) == (
        kind,
        until,
        "Be kind",
        "Not like that.",
        decided,
    )
    (line,) = await house.rows(select(decision).where(decision.c.id == int(decided)))
    assert (line.verdict, line.status, line.reason, line.by_kind) == (kind, "", "abuse", "moderator")
    assert (str(line.comment_id), line.author_id) == (posted["id"], row.author_id)
    known = await person_of(house, mona, posted)
    assert known["sanctions"][0]["in_force"]
    assert known["sanctions"][0]["by"] == "Mona"
    assert known["history"][0]["verdict"] == kind
    assert known["decisions"][kind] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "suspend"},
        {"kind": "suspend", "hours": 8785},
        {"kind": "suspend", "hours": 0},
        {"kind": "warn", "hours": 1},
        {"kind": "ban", "hours": 5},
    ],
)
async def test_each_lasts_as_long_as_it_may(house: House, wrong: dict[str, Any]) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    assert wrong_fields(await sanction(house, mona, posted, **wrong)) == {"hours": "wrong_value"}
    assert await rows(house) == []


async def test_a_ban_asks_for_a_fresh_sign_in(house: House) -> None:
    mona, posted = await a_moderator(house, fresh=False), await house.author.post("Nonsense.")
    assert problem(await sanction(house, mona, posted, "ban")) == (403, "sign_in_again")
    assert (await sanction(house, mona, posted, "mute")).status_code == 201


async def test_a_ban_ends_the_frames_of_that_site_alone(house: House) -> None:
    edda = await signed_in(house, "Edda")
    posted = await edda.post("Nonsense.")
    site, _ = await house.add_site("weekly", origins=("https://weekly.example",))
    await embedded(house, edda)
    await embedded(house, edda, site=site)
    mona = await a_moderator(house)
    await sanctioned(house, mona, posted, "ban")
    kept = {(row.kind, row.site_id) for row in await house.rows(select(session))}
    assert kept == {("main", None), ("embed", site.id)}


async def test_the_latest_of_a_kind_counts_and_its_undo_brings_the_earlier_back(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    await sanctioned(house, mona, posted, "mute")
    decided = await sanctioned(house, mona, posted, "mute", hours=1)
    first, second = await rows(house)
    assert (first.lifted_at, second.lifted_at) == (house.clock.now(), None)
    undone = await mona.http.post("/api/v1/mod/undo", json={"site": "newsroom", "decision_id": decided}, headers=OURS)
    assert undone.status_code == 200, undone.text
    first, second = await rows(house)
    assert (first.lifted_at, second.lifted_at) == (None, house.clock.now())


async def test_a_sanction_is_lifted_once(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    await sanctioned(house, mona, posted, "suspend", hours=5)
    (row,) = await rows(house)
    assert (await lift(mona, str(row.id), words="Sorry.")).json()["verdict"] == "lift"
    assert problem(await lift(mona, str(row.id))) == (409, "over")
    (row,) = await rows(house)
    assert row.lifted_at == house.clock.now()
    assert [line.verdict for line in await house.rows(select(decision).order_by(decision.c.id))] == ["suspend", "lift"]


async def test_what_is_over_by_itself_can_not_be_lifted(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    await sanctioned(house, mona, posted, "suspend", hours=1)
    assert isinstance(house.clock, FixedClock)
    house.clock.advance(timedelta(hours=1))
    (row,) = await rows(house)
    assert problem(await lift(mona, str(row.id))) == (409, "over")


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.EDITOR, Role.ADMIN])
async def test_nobody_sanctions_their_equals_or_themselves(house: House, role: Role) -> None:
    mona = await a_moderator(house)
    peer = await signed_in(house, "Petra", role=role)
    theirs, own = await peer.post("Mine."), await mona.post("Mine, too.")
    assert problem(await sanction(house, mona, theirs, "warn")) == (403, "same_rank")
    assert problem(await sanction(house, mona, own, "warn")) == (403, "not_yourself")


async def test_a_sanctioned_moderator_does_not_lift_it_themselves(house: House) -> None:
    admin, mona = await signed_in(house, "Alva", role=Role.ADMIN), await a_moderator(house)
    posted = await mona.post("Mine.")
    await sanctioned(house, admin, posted, "mute")
    (row,) = await rows(house)
    assert problem(await lift(mona, str(row.id))) == (403, "not_yourself")
    assert (await lift(await a_moderator(house, "Nils"), str(row.id))).status_code == 200


async def test_moderators_of_another_site_see_and_do_nothing(house: House) -> None:
    posted = await house.author.post("Nonsense.")
    await house.add_site("weekly", origins=("https://weekly.example",))
    kind, author_id = await author_of(house, posted)
    reader = await signed_in(house, "Rudi")
    owner = await signed_in(house, "Olga", owner=True)
    for person in (reader, await signed_in(house, "Tove", role=Role.TRUSTED)):
        assert problem(await sanction(house, person, posted, "warn")) == (404, "not_found")
    assert problem(await sanction(house, await a_moderator(house), posted, "warn", site="weekly")) == (404, "not_found")
    # A guest belongs to one site.
    assert problem(await sanction(house, owner, posted, "warn", site="weekly")) == (404, "not_found")
    assert problem(await owner.get(f"/api/v1/mod/people/{kind}/{author_id}?site=weekly")) == (404, "not_found")


async def test_an_account_that_was_never_here_is_not_known_here(house: House) -> None:
    mona, other = await a_moderator(house), await an_account(house, "Otto")
    answer = await mona.get(f"/api/v1/mod/people/account/{other.id}?site=newsroom")
    assert problem(answer) == (404, "not_found")
    assert problem(await mona.get(f"/api/v1/mod/people/nobody/{other.id}?site=newsroom")) == (404, "not_found")


async def test_a_comment_that_led_to_it_is_their_own(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    other = await house.replier.post("Indeed.")
    assert problem(await sanction(house, mona, posted, "warn", comment_id=other["id"])) == (404, "not_found")


async def test_the_page_of_a_person_works_without_scripts(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    kind, author_id = await author_of(house, posted)
    path = f"/mod/person/{kind}/{author_id}"
    shown = await mona.get(f"{path}?site=newsroom")
    assert shown.status_code == 200
    assert "Ada" in shown.text
    assert "None so far." in shown.text
    form = {"site": "newsroom", "sanction": "mute", "hours": "24", "reason": "spam", "words": "Enough."}
    done = await mona.submit(f"{path}/sanction", **form)
    assert done.status_code == 303, done.text
    after = await mona.get(done.headers["location"])
    assert "Muted until Mar 2, 2026" in after.text
    assert "Enough." in after.text
    assert 'action="/mod/undo"' in after.text
    (row,) = await rows(house)
    noted = await mona.submit(f"{path}/note", site="newsroom", text="Watch out.")
    assert "Watch out." in (await mona.get(noted.headers["location"])).text
    lifted = await mona.submit(f"{path}/lift", site="newsroom", sanction=str(row.id))
    assert "A moderator has lifted this." in (await mona.get(lifted.headers["location"])).text


async def test_a_refused_form_keeps_what_was_typed(house: House) -> None:
    mona, posted = await a_moderator(house, fresh=False), await house.author.post("Nonsense.")
    kind, author_id = await author_of(house, posted)
    path = f"/mod/person/{kind}/{author_id}/sanction"
    form = {"site": "newsroom", "sanction": "ban", "hours": "0", "reason": "spam", "words": "A long explanation."}
    refused = await mona.submit(path, **form)
    assert refused.status_code == 403
    assert "A long explanation." in refused.text
    assert "For this, please sign in once more" in refused.text
    wrong = await mona.submit(path, **{**form, "sanction": "suspend"})
    assert wrong.status_code == 422
    assert "A long explanation." in wrong.text


def beside(page: str, name: str) -> tuple[bool, str]:
    """Whether a field is marked as wrong, and what is said beside it."""
    field = re.search(rf'<(?:select|input|textarea) id="{name}"[^>]*>', page)
    said = re.search(rf'<p class="problem" id="{name}-problem">([^<]*)</p>', page)
    assert field is not None
    pointed = f"{name}-problem" in field[0]
    assert pointed == (said is not None)
    return 'aria-invalid="true"' in field[0], "" if said is None else unescape(said[1])


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"sanction": "suspend", "hours": "0"}, "hours", "A suspension lasts from an hour to a year."),
        ({"sanction": "suspend", "hours": "8785"}, "hours", "A suspension lasts from an hour to a year."),
        ({"sanction": "mute", "hours": "8785"}, "hours", "It lasts from an hour to a year, or until it is lifted."),
        ({"rule": "x" * 201}, "rule", "A house rule has 200 characters at most."),
        ({"words": "x" * 1001}, "words", "What you tell them has 1,000 characters at most."),
    ],
)
async def test_a_refused_form_says_what_is_wrong_beside_it(
    house: House, wrong: dict[str, str], field: str, sentence: str
) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    kind, author_id = await author_of(house, posted)
    form = {"site": "newsroom", "sanction": "mute", "hours": "24", "reason": "spam", "rule": "", "words": "", **wrong}
    refused = await mona.submit(f"/mod/person/{kind}/{author_id}/sanction", **form)
    assert refused.status_code == 422
    assert "Something in there needs a change" in refused.text
    said = {name: beside(refused.text, name) for name in ("sanction", "hours", "reason", "rule", "words")}
    assert {name: one for name, one in said.items() if one != (False, "")} == {field: (True, sentence)}
    assert await rows(house) == []
    # The same where a comment is looked at.
    item = await mona.submit(f"/mod/c/{posted['id']}/sanction", form="person", revision="1", **form)
    assert item.status_code == 422
    assert sentence.replace(",000", "000") in unescape(item.text)


async def test_all_that_is_wrong_is_said_at_once(house: House) -> None:
    mona, posted = await a_moderator(house), await house.author.post("Nonsense.")
    # Directions that are closed again make it longer than it came.
    sent = {"rule": "x" * 200, "words": "\u202ax\n" * 300}
    assert wrong_fields(await sanction(house, mona, posted, "suspend", hours=None, **sent)) == {
        "hours": "wrong_value",
        "words": "too_long",
    }
    # Nothing visible is nothing said.
    decided = await sanctioned(house, mona, posted, "warn", rule=" \u200b ", words="\u200b\n")
    (line,) = await house.rows(select(decision).where(decision.c.id == int(decided)))
    assert (line.rule, line.words) == ("", "")


async def test_a_publishers_word_does_not_reach_further_than_its_site(house: House) -> None:
    account = await an_account(house, "Mona", role=Role.MODERATOR)
    person = await sign_in(house, await house.newcomer("Mona"), account)
    frame = await embedded(house, person)
    posted = await house.author.post("Nonsense.", url=f"{NEWS}/other")
    # The session of a frame has no such powers.
    assert problem(await sanction(house, frame, posted, "warn")) == (401, "sign_in_needed")
