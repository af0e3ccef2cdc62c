"""The console offers nobody to decide about what is said against them: what is offered is done, and who reported them
stays with the others."""

from __future__ import annotations

from typing import Any

import pytest

from forum.accounts.model import Role
from tests.support.app import House, Person
from tests.support.desk import decide, hidden, onward, page
from tests.support.flags import regulars, report, report_all
from tests.support.items import decide as decided
from tests.support.items import item
from tests.support.moderating import row_of
from tests.support.people import signed_in
from tests.support.sanctions import a_moderator
from tests.support.spoilers import JJ13, fans

pytestmark = pytest.mark.anyio
__all__ = ["fans"]
WHY = "This is your own comment: another moderator decides about it. You can only cover it."
MINE = "You can undo it."
OTHERS = "Only somebody else can undo it."


def offered(seen: dict[str, Any]) -> dict[str, bool]:
    """The verdicts that an item offers, and whether each can be undone; its last sentence says the same."""
    for one in seen["effects"]:
        assert one["lines"][-1] == (MINE if one["undoable"] else OTHERS)
    return {one["verdict"]: one["undoable"] for one in seen["effects"]}


def address(posted: dict[str, Any]) -> str:
    return f"/mod/c/{posted['id']}?site=newsroom&queue=reported"


async def covered(house: House, by: Person, posted: dict[str, Any]) -> str:
    """Cover a comment by the form of the console; the page that this leads to."""
    revision = (await row_of(house, posted)).revision
    return await onward(by, await decide(by, posted, "cover", revision, queue="unmoderated", scope=JJ13))


async def test_their_own_reported_comment_offers_to_cover_it(fans: House) -> None:
    momo, mo = await a_moderator(fans, "Momo"), await a_moderator(fans, "Mo")
    own = await momo.post("Hers.")
    await report(fans.replier, own, "abuse")
    seen = await item(momo, own)
    assert seen["is_own"]
    assert offered(seen) == {"cover": False}
    shown = await page(momo, address(own))
    assert WHY in shown
    assert MINE not in shown
    for verdict in ("approve", "remove", "spam", "dismiss", "uncover", "ban", "warn"):
        assert f'data-verdict="{verdict}"' not in shown
    others = await item(mo, own)
    assert not others["is_own"]
    assert set(offered(others)) == {"approve", "remove", "spam", "cover", "dismiss"}
    assert all(offered(others).values())
    assert WHY not in await page(mo, address(own))


async def test_what_nobody_has_anything_against_can_be_let_go_but_not_taken_back(house: House) -> None:
    momo = await a_moderator(house, "Momo")
    own = await momo.post("Hers.")
    seen = await item(momo, own)
    assert not seen["is_own"]
    assert offered(seen) == {"approve": True, "remove": False, "spam": False, "cover": False}


async def test_an_owner_decides_about_their_own(house: House) -> None:
    owner = await signed_in(house, "Olga", owner=True)
    own = await owner.post("Hers.")
    await report(house.replier, own, "abuse")
    seen = await item(owner, own)
    assert not seen["is_own"]
    assert offered(seen) == dict.fromkeys(("approve", "remove", "spam", "cover", "dismiss"), True)


async def test_who_covers_their_own_is_not_promised_to_undo_it(fans: House) -> None:
    momo = await a_moderator(fans, "Momo")
    own, other = await momo.post("Hers."), await fans.author.post("Another's.")
    done = await covered(fans, momo, own)
    assert "Covered." in done
    assert "data-undo" not in done
    assert "data-undo" in await covered(fans, momo, other)


async def test_an_undo_that_is_refused_keeps_the_page(house: House) -> None:
    """Offered while it was right: somebody has reported the comment since."""
    momo = await a_moderator(house, "Momo")
    own = await momo.post("Hers.")
    done = await onward(momo, await decide(momo, own, "approve", queue="unmoderated"))
    fields = {name: hidden(done, name) for name in ("site", "here", "decision")}
    await report(house.replier, own, "abuse")
    refused = await momo.submit("/mod/undo", **fields)
    assert refused.status_code == 403
    assert WHY in refused.text
    assert 'class="mod-two"' in refused.text


@pytest.mark.parametrize("role", [Role.TRUSTED, Role.MODERATOR])
async def test_who_reported_stays_with_the_others(fans: House, role: Role) -> None:
    """Neither a name, nor that it was a guest, nor what would tell them from other readers."""
    momo, mo = await a_moderator(fans, "Momo", role=role), await a_moderator(fans, "Mo")
    people = await regulars(fans, 1)
    first, own = await fans.author.post("Another's."), await momo.post("Hers.")
    await report_all(people, first, "abuse")
    await decided(mo, first, "remove", reason="abuse")
    await report_all([*people, fans.attacker], own, "untagged_spoiler", scope=[JJ13])
    assert {(flag["upheld"], flag["withheld"]) for flag in (await item(mo, own))["flags"]} == {(1, False), (0, False)}
    flags = (await item(momo, own))["flags"]
    assert [(f["name"], f["upheld"], f["rejected"], f["is_new"], f["withheld"]) for f in flags] == [
        ("", 0, 0, False, True)
    ] * 2
    shown = await page(momo, f"/mod/c/{own['id']}?site=newsroom&queue=spoilers")
    assert shown.count("<bdi>A reader</bdi>") == 2
    for said in ("A guest", "new here", "right 1", "never decided about"):
        assert said not in shown
