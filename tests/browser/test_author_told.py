"""What moderators decide reaches the author where they write: on the comment, above the form, on their own page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect
from sqlalchemy import select

from forum.accounts import queries as accounts
from forum.accounts.model import Account, Role
from forum.accounts.service_people import create_account
from forum.accounts.service_session import begin_main
from forum.comments.queries import find_comment
from forum.comments.review.model import Reason, Sanction, Verdict
from forum.comments.tables import comment
from forum.core.visitor import Visitor
from forum.db import Prepared, Tx
from forum.demo import content
from forum.moderation.deciding.service_verdict import Ask, decide
from forum.moderation.guard import Moderator, find_moderator
from forum.moderation.people.service_sanction import Penalty, Target, sanction
from forum.sites.service import get_site
from forum.web.visitors import main_cookie_name
from tests.browser.conftest import Reader, Watch, embed
from tests.browser.stage import Stage
from tests.browser.test_accessibility import serious

_LATEST = Prepared(select(comment.c.id).order_by(comment.c.id.desc()).limit(1))
DARK: dict[str, Any] = {"color_scheme": "dark"}
NARROW: dict[str, Any] = {"viewport": {"width": 320, "height": 700}}


async def enter(stage: Stage, name: str, role: Role | None = None) -> tuple[Account, str]:
    """Somebody with an account, and the token of their session."""
    rt, now = stage.app.rt, stage.app.rt.clock.now()
    site = await get_site(rt, content.SITE_KEY)

    async def work(tx: Tx) -> tuple[Account, str]:
        new = await create_account(tx, rt, name, email=None, verified=False, now=now)
        if role is not None:
            await accounts.set_role(tx, site_id=site.id, account_id=new.id, role=role, now=now)
        return new, (await begin_main(tx, rt, new, now, agent="A browser")).token

    return await rt.db.write(work)


@pytest.fixture(scope="module")
def mona(stage: Stage) -> Moderator:
    """A moderator behind the scenes."""

    async def work() -> Moderator:
        _, token = await enter(stage, "Mona", Role.MODERATOR)
        found = await find_moderator(stage.app.rt, Visitor("127.0.0.1", main=token))
        assert found is not None
        return found

    return stage.server.run(work())


def latest(stage: Stage) -> int:
    """The comment that was written last."""

    async def work() -> int:
        async with stage.app.rt.db.read(fresh=True) as tx:
            return int(await tx.fetch_val(_LATEST))

    return stage.server.run(work())


def remove(stage: Stage, mona: Moderator, comment_id: int) -> None:
    """Take a comment away."""

    async def work() -> None:
        async with stage.app.rt.db.read(fresh=True) as tx:
            found = await find_comment(tx, comment_id)
        assert found is not None
        ask = Ask(Verdict.REMOVE, comment_id, found.revision, Reason.ABUSE, rule="Be kind", words="Not like that.")
        await decide(stage.app.rt, mona, ask)

    stage.server.run(work())


def punish(stage: Stage, mona: Moderator, comment_id: int, kind: Sanction, hours: int | None = None) -> None:
    """Sanction who wrote a comment."""

    async def work() -> None:
        rt = stage.app.rt
        async with rt.db.read(fresh=True) as tx:
            found = await find_comment(tx, comment_id)
        assert found is not None
        penalty = Penalty(kind=kind, reason=Reason.ABUSE, hours=hours, words="Please be kinder.")
        site = await get_site(rt, content.SITE_KEY)
        await sanction(rt, mona, site, Target(found.author_kind, found.author_id), penalty)

    stage.server.run(work())


def write(thread: Page | FrameLocator, body: str) -> Locator:
    """Fill in the form at the top and send it; the form."""
    form = thread.locator("form.composer").first
    form.locator("textarea").fill(body)
    name = form.get_by_role("textbox", name="Name")
    if name.is_visible():
        name.fill("Ilse Brandt")
    form.get_by_role("button", name="Post").click()
    return form


def opened(stage: Stage, reader: Reader, name: str, **look: Any) -> tuple[Page, FrameLocator]:
    """An embed in which somebody has just written."""
    page = reader(stage, **look)
    page.goto(stage.page(name))
    thread = embed(page)
    expect(thread.locator("html[data-ready]")).to_be_attached()
    write(thread, "You are a wet sandbag.")
    expect(thread.locator(".comment.own")).to_be_visible()
    return page, thread


def test_a_removed_comment_tells_its_author_alone(stage: Stage, reader: Reader, mona: Moderator) -> None:
    page, thread = opened(stage, reader, "told removed")
    remove(stage, mona, latest(stage))
    page.reload()
    own = thread.locator(".comment.own")
    expect(own).to_contain_text("You are a wet sandbag.")
    notice = own.locator("[data-told=removed]")
    for words in ("A moderator has removed this.", "it insults or threatens people", "Be kind", "Not like that."):
        expect(notice).to_contain_text(words)
    expect(own.get_by_role("link", name="Delete")).to_be_visible()
    expect(own.get_by_role("link", name="Edit")).to_have_count(0)
    expect(own.get_by_role("link", name="Reply")).to_have_count(0)
    other = reader(stage)
    other.goto(stage.page("told removed"))
    expect(embed(other).locator("html[data-ready]")).to_be_attached()
    expect(embed(other).get_by_text("Nobody has said anything yet.")).to_be_visible()


def test_a_warning_stands_above_every_form_until_it_is_read(stage: Stage, reader: Reader, mona: Moderator) -> None:
    page, thread = opened(stage, reader, "told warned")
    stage.post(stage.page("told warned"), "Something to answer.")
    punish(stage, mona, own_id(thread), Sanction.WARN)
    page.reload()
    standing = thread.locator("[data-standing]")
    expect(standing).to_have_count(1)
    expect(standing).to_contain_text("A moderator has warned you here.")
    expect(standing).to_contain_text("Please be kinder.")
    thread.get_by_text("Something to answer.").locator("xpath=ancestor::article").get_by_role(
        "link", name="Reply"
    ).click()
    expect(standing).to_have_count(2)
    # Reading it is no condition: what is typed meanwhile stays.
    thread.locator("form.composer").last.locator("textarea").fill("A half")
    button = standing.first.get_by_role("button", name="I have read this")
    button.focus()
    page.keyboard.press("Enter")
    expect(standing).to_have_count(0)
    expect(thread.locator("[data-status]")).to_have_text("You have read it. You can go on writing.")
    expect(thread.locator("form.composer").first.locator("textarea")).to_be_focused()
    expect(thread.locator("form.composer").last.locator("textarea")).to_have_value("A half")
    page.reload()
    expect(thread.locator(".comment.own")).to_be_visible()
    expect(standing).to_have_count(0)


def own_id(thread: FrameLocator) -> int:
    """The comment of this browser."""
    item = thread.locator("li[data-comment]", has=thread.locator(".comment.own")).first
    return int(item.get_attribute("data-comment") or "0")


def test_who_is_muted_while_they_type_loses_nothing(
    stage: Stage, reader: Reader, watch: Watch, mona: Moderator
) -> None:
    watch.forgive("status of 403")
    page, thread = opened(stage, reader, "told muted")
    punish(stage, mona, own_id(thread), Sanction.MUTE, 24)
    form = write(thread, "A long thought, typed with care.")
    expect(form.locator('[data-problem=""]')).to_contain_text("You can't write new comments here until")
    expect(form.locator("textarea")).to_have_value("A long thought, typed with care.")
    # And all of it is said, without loading the page anew.
    standing = thread.locator("[data-standing]")
    expect(standing).to_contain_text("Please be kinder.")
    expect(standing).to_contain_text("edit or delete what you wrote before")
    page.reload()
    expect(standing).to_be_visible()
    expect(thread.locator("form.composer").first.locator("textarea")).to_have_value("A long thought, typed with care.")


def test_without_scripts(stage: Stage, reader: Reader, watch: Watch, mona: Moderator) -> None:
    watch.forgive("status of 403")
    url = stage.page("told plainly")
    page = reader(stage, java_script_enabled=False)
    page.goto(stage.frame(url))
    write(page, "You are a wet sandbag.")
    own = page.locator(".comment.own")
    expect(own).to_be_visible()
    comment_id = int(page.locator("li", has=own).first.get_attribute("data-comment") or "0")
    for kind in (Sanction.WARN, Sanction.SUSPEND):
        punish(stage, mona, comment_id, kind, 1 if kind is Sanction.SUSPEND else None)
    page.reload()
    standing = page.locator("[data-standing]")
    expect(standing.locator("[data-told=suspended]")).to_contain_text("You can't write, edit or report anything here")
    standing.get_by_role("button", name="I have read this").click()
    expect(standing.locator("[data-told=suspended]")).to_be_visible()
    expect(standing.locator("[data-told=warned]")).to_have_count(0)
    write(page, "A long thought.")
    expect(page.get_by_text("You can't write, edit or report anything here until")).to_be_visible()
    expect(page.get_by_text("A long thought.")).to_be_visible()


@pytest.mark.parametrize("look", [DARK, NARROW, {**NARROW, "locale": "ar", **DARK}])
def test_it_is_accessible(
    stage: Stage, reader: Reader, watch: Watch, mona: Moderator, look: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    watch.forgive("postMessage")
    name = request.node.callspec.id
    account, token = stage.server.run(enter(stage, f"Told {name}"))
    page = reader(stage, **look)
    cookie = {"name": main_cookie_name(stage.settings), "value": token, "url": stage.talk}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    url = stage.page(f"told {name}")
    place = stage.describe(url, title="Told")
    page.goto(place)
    page.evaluate("localStorage.setItem('aftershow.in', '1')")
    page.reload()
    expect(page.locator("form.composer [data-as]")).to_be_visible()
    write(page, "You are a wet sandbag.")
    own = page.locator(".comment.own")
    expect(own).to_be_visible()
    comment_id = latest(stage)
    for kind in (Sanction.WARN, Sanction.MUTE):
        punish(stage, mona, comment_id, kind)
    remove(stage, mona, comment_id)
    page.reload()
    expect(page.locator("[data-standing]")).to_be_visible()
    expect(own.locator("[data-told=removed]")).to_be_visible()
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"{stage.talk}/settings/moderation")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("form button.primary").click()
    expect(page.get_by_role("status").first).to_be_visible()
    assert account.name in page.content()
