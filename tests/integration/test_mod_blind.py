"""The console without scripts, about what gives something away: nobody has to read it to decide about it."""

from __future__ import annotations

import pytest

from forum.accounts.model import Role
from tests.support.app import House
from tests.support.desk import decide, hidden, onward, page
from tests.support.flags import report
from tests.support.moderating import a_moderator, row_of
from tests.support.spoilers import JJ13, SECRET, covered, fans

pytestmark = pytest.mark.anyio
__all__ = ["fans"]


async def test_covered_text_comes_only_when_it_is_asked_for(fans: House) -> None:
    posted = await fans.author.post(f"Well, {SECRET}.")
    await covered(fans, posted, JJ13)
    mo = (await a_moderator(fans)).person
    for path in ("/mod?site=newsroom&queue=unmoderated", f"/mod/c/{posted['id']}", "/mod/log"):
        assert SECRET not in await page(mo, path), path
    shown = await page(mo, f"/mod/c/{posted['id']}")
    assert "Reveal to moderate: Jessica Jones S1E13" in shown
    revealed = await mo.submit(f"/mod/c/{posted['id']}/reveal", site="newsroom", revision=hidden(shown, "revision"))
    assert revealed.status_code == 200
    assert SECRET in revealed.text
    assert revealed.headers["cache-control"] == "private, no-store"


async def test_covering_as_readers_say_without_seeing_it(fans: House) -> None:
    posted = await fans.author.post(f"Well, {SECRET}.")
    assert (await report(fans.replier, posted, "untagged_spoiler", scope=[JJ13])).status_code == 200
    mo = (await a_moderator(fans)).person
    shown = await page(mo, f"/mod/c/{posted['id']}?queue=spoilers")
    assert "Cover as Jessica Jones S1E13" in shown
    assert SECRET not in shown
    revision = hidden(shown, "revision")
    fields = {"site": "newsroom", "queue": "spoilers", "revision": revision, "verdict": "cover", "scope": JJ13}
    done = await onward(mo, await mo.submit(f"/mod/c/{posted['id']}/verdict", **fields))
    assert "Covered." in done
    assert (await row_of(fans, posted)).cover_state == "covered_confirmed"


async def test_other_scopes_are_written_as_people_write_them(fans: House) -> None:
    posted = await fans.author.post("It ends in a lift.")
    mo = (await a_moderator(fans)).person
    for label, problem in (("nothing we know", "does not know"), ("civil war", "That name can mean")):
        refused = await decide(mo, posted, "cover", label=label, form="cover")
        assert refused.status_code == 422, label
        assert problem in refused.text
        assert f'value="{label}"' in refused.text
    wrong = await decide(mo, posted, "cover", label="jj s1e4", part="a lorry", form="cover")
    assert wrong.status_code == 422
    assert "do not stand in the comment" in wrong.text
    done = await decide(mo, posted, "cover", label="jj s1e4", part="in a lift")
    assert done.status_code == 303, done.text
    public = (await fans.attacker.read(f"/api/v1/comments/{posted['id']}"))["text"]
    assert public == "It ends [spoiler: Jessica Jones S1E4]."


async def test_trusted_people_see_spoilers_alone(fans: House) -> None:
    posted = await fans.author.post(f"Well, {SECRET}.")
    await report(fans.replier, posted, "untagged_spoiler", scope=[JJ13])
    tru = (await a_moderator(fans, "Tru", Role.TRUSTED)).person
    listed = await page(tru, (await tru.get("/mod")).headers["location"])
    assert "queue=spoilers" in listed
    assert "queue=pending" not in listed
    assert "/mod/log" not in listed
    shown = await page(tru, f"/mod/c/{posted['id']}?queue=spoilers")
    assert 'value="cover"' in shown
    assert 'value="remove"' not in shown
    for path in ("/mod?site=newsroom&queue=pending", "/mod/log", "/mod/bulk"):
        assert (await tru.get(path)).status_code == 404, path
    assert (await decide(tru, posted, "approve")).status_code == 404
    revision = hidden(shown, "revision")
    assert (await decide(tru, posted, "cover", int(revision), scope=JJ13, queue="spoilers")).status_code == 303
