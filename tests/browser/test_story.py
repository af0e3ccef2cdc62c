"""The whole story: from the newsroom's front page into the thread, and back with a reply."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Reader, embed
from tests.browser.stage import QUIET, Stage, until


def count_on_front_page(page: Page, stage: Stage, slug: str) -> int:
    """The number beside a story on the front page, once the script has filled it in."""
    page.goto(stage.news)
    number = page.locator(f'[data-aftershow-count$="{slug}"]')
    expect(number).to_have_text(re.compile(r"^\d"))
    return int(number.inner_text())


def test_a_guest_replies_and_everybody_sees_it(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    before = count_on_front_page(page, stage, QUIET)
    page.locator(f'a.talk[href*="{QUIET}"]').click()
    thread = embed(page)
    expect(thread.get_by_role("heading", name=f"{before} comments")).to_be_visible()

    first = thread.locator(".thread > .node").first
    first.get_by_role("link", name="Reply").first.click()
    form = first.locator("form.composer")
    box = form.get_by_role("textbox", name=re.compile("^Reply to"))
    expect(box).to_be_focused()
    box.fill("The kites **were** real.")
    form.get_by_role("textbox", name="Name").fill("Ilse Brandt")
    form.get_by_role("button", name="Post").click()

    reply = first.locator(".comment.own")
    expect(reply.locator(".body strong")).to_have_text("were")
    expect(reply).to_be_focused()
    expect(thread.locator("[data-status]")).to_have_text("Your comment is posted.")
    expect(thread.get_by_role("heading", name=f"{before + 1} comments")).to_be_visible()

    page.reload()
    reply = thread.locator(".comment.own")
    expect(reply.locator(".body")).to_have_text("The kites were real.")
    expect(reply.locator(".name")).to_have_text("Ilse Brandt")
    assert count_on_front_page(page, stage, QUIET) == before + 1

    other = reader(stage)
    other.goto(f"{stage.article(QUIET)}#comments")
    elsewhere = embed(other).locator(".comment", has_text="The kites were real.")
    expect(elsewhere).to_be_visible()
    expect(elsewhere.get_by_role("link", name="Edit")).to_have_count(0)


def test_an_author_edits_and_deletes(stage: Stage, reader: Reader) -> None:
    url = stage.page("edits")
    root = stage.post(url, "What was in the crate?", name="Ravi")
    page = reader(stage)
    page.goto(url)
    thread = embed(page)
    node = thread.locator(f'li[data-comment="{root}"]')
    node.get_by_role("link", name="Reply").click()
    form = node.locator("form.composer")
    form.get_by_role("textbox", name="Reply to Ravi").fill("A lantren.")
    form.get_by_role("textbox", name="Name").fill("Noor")
    form.get_by_role("button", name="Post").click()
    mine = node.locator(".replies .comment")
    expect(mine.locator("> .body")).to_have_text("A lantren.")
    stage.post(
        url, "Surely not.", name="Ada", parent=str(node.locator(".replies > .node").get_attribute("data-comment"))
    )

    mine.get_by_role("link", name="Edit").click()
    box = thread.get_by_role("textbox", name="Edit your comment")
    expect(box).to_have_value("A lantren.")
    expect(box).to_be_focused()
    box.fill("A lantern.")
    thread.get_by_role("button", name="Save").click()
    expect(mine.locator("> .body")).to_have_text("A lantern.")
    expect(mine.locator(".edited")).to_be_visible()
    expect(thread.locator("[data-status]")).to_have_text("Your change is saved.")

    page.reload()
    mine = node.locator("> .replies > .node > .comment")
    expect(mine.locator(".edited")).to_be_visible()
    mine.get_by_role("link", name="Delete").click()
    expect(thread.get_by_role("button", name="Keep it")).to_be_focused()
    thread.get_by_role("button", name="Delete").click()
    expect(mine).to_have_text(re.compile("Deleted by its author"))
    page.reload()
    expect(mine).to_have_text(re.compile("Deleted by its author"))
    expect(node.locator(".replies .replies .body")).to_have_text("Surely not.")
    expect(thread.get_by_text("Noor")).to_have_count(0)


def test_an_article_nobody_knew_makes_itself_known(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    page.goto(stage.page("Fresh from the press"))
    expect(embed(page).get_by_text("Nobody has said anything yet.")).to_be_visible()

    def known() -> bool:
        page.reload()
        return embed(page).get_by_role("link", name="Open on its own page").count() == 1

    until(known, "the discussion to begin")
    with page.context.expect_page() as opened:
        embed(page).get_by_role("link", name="Open on its own page").click()
    full = opened.value
    full.wait_for_load_state()

    def described() -> bool:
        full.goto(full.url)
        return full.title().startswith("Fresh")

    until(described, "the worker to read the page")
    expect(full.get_by_role("heading", name="Fresh from the press")).to_be_visible()
    stage.post(stage.page("Fresh from the press"), "Hot ink!")
    page.goto(stage.talk)
    expect(page.get_by_role("link", name="Fresh from the press")).to_be_visible()
