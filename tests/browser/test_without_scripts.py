"""The same discussion for a browser that runs no scripts: read, write, reply, edit, delete, page on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Reader, Watch, embed
from tests.browser.stage import BUSY, QUIET, Stage


@pytest.fixture
def plain(reader: Reader, stage: Stage) -> Page:
    """A reader whose browser runs no scripts."""
    return reader(stage, java_script_enabled=False)


def test_a_guest_writes_inside_the_newsroom(stage: Stage, plain: Page) -> None:
    page = plain
    page.goto(stage.article(QUIET))
    thread = embed(page)
    before = int(re.sub(r"\D", "", thread.locator("#count").inner_text()))

    thread.locator(".thread > .node").first.get_by_role("link", name="Reply").first.click()
    expect(thread.get_by_role("heading", name="Write a reply")).to_be_visible()
    thread.get_by_label("Your reply").fill("Without *any* scripts.")
    thread.get_by_label("Name", exact=True).fill("Tove")
    thread.get_by_role("button", name="Preview").click()
    expect(thread.locator("[data-preview-body] em")).to_have_text("any")
    expect(thread.get_by_label("Name", exact=True)).to_have_value("Tove")
    thread.get_by_role("button", name="Post").click()

    mine = thread.locator(".comment.own")
    expect(mine.locator(".body")).to_have_text("Without any scripts.")
    expect(mine.locator(".name")).to_have_text("Tove")
    expect(thread.locator("#count")).to_have_text(f"{before + 1} comments")

    mine.get_by_role("link", name="Edit").click()
    box = thread.get_by_label("Your comment")
    expect(box).to_have_value("Without *any* scripts.")
    box.fill("Without scripts at all.")
    thread.get_by_role("button", name="Save").click()
    expect(mine.locator(".body")).to_have_text("Without scripts at all.")
    expect(mine.locator(".edited")).to_be_visible()

    page.reload()
    expect(thread.locator(".body", has_text="Without scripts at all.")).to_be_visible()
    thread.get_by_role("link", name="Edit or delete your comments").click()
    mine.get_by_role("link", name="Delete").click()
    expect(thread.get_by_role("heading", name="Delete this comment for good?")).to_be_visible()
    thread.get_by_role("button", name="Delete").click()
    expect(thread.locator("#count")).to_have_text(f"{before} comments")
    expect(thread.get_by_text("Without scripts at all.")).to_have_count(0)
    expect(thread.get_by_text("Deleted by its author").first).to_be_visible()


def test_the_first_comment_under_an_article(stage: Stage, plain: Page) -> None:
    plain.goto(stage.frame(stage.page("first")))
    expect(plain.get_by_text("Nobody has said anything yet.")).to_be_visible()
    plain.get_by_label("What do you think?").or_(plain.get_by_label("Your comment")).fill("First, without scripts.")
    plain.get_by_label("Name", exact=True).fill("Tove")
    plain.get_by_role("button", name="Post").click()
    expect(plain.locator(".comment.own .body")).to_have_text("First, without scripts.")


def test_wrong_input_keeps_what_was_typed(stage: Stage, plain: Page, watch: Watch) -> None:
    watch.forgive("status of 422")
    url = stage.page("wrong")
    root = stage.post(url, "Something to answer.")
    plain.goto(f"{stage.talk}/c/{root}/reply")
    plain.get_by_label("Your reply").fill("A long thought, typed with care.")
    plain.get_by_label("Name", exact=True).fill("Admin")
    plain.get_by_role("button", name="Post").click()
    problem = plain.get_by_text("That name looks like someone from the site. Please pick another.")
    expect(problem).to_be_visible()
    name = plain.get_by_label("Name", exact=True)
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_value("Admin")
    expect(plain.get_by_label("Your reply")).to_have_value("A long thought, typed with care.")
    expect(plain.locator(".quoted")).to_contain_text("Something to answer.")
    name.fill("Tove")
    plain.get_by_role("button", name="Post").click()
    expect(plain.locator(".comment.own .body")).to_have_text("A long thought, typed with care.")


def test_everything_can_be_paged_to(stage: Stage, plain: Page) -> None:
    url = stage.page("long")
    roots = [stage.post(url, f"Thought number {n}.") for n in range(52)]
    parent = roots[0]
    for level in range(1, 9):
        parent = stage.post(url, f"Level {level}.", parent=parent)
    for n in range(210):
        stage.post(url, f"Answer {n}.", parent=roots[-1])

    plain.goto(stage.frame(url))
    expect(plain.get_by_text("Thought number 51.")).to_be_visible()
    expect(plain.get_by_text("Thought number 0.", exact=True)).to_have_count(0)
    plain.get_by_role("link", name=re.compile(r"\d+ more repl")).first.click()
    expect(plain.get_by_role("heading", name="One conversation")).to_be_visible()
    while not plain.get_by_text("Answer 209.").count():
        plain.get_by_role("link", name="More replies").click()
    plain.get_by_role("link", name="Back to the start of this conversation").click()
    plain.get_by_role("link", name="Back to the whole discussion").click()
    expect(plain.get_by_role("heading", name="270 comments")).to_be_visible()
    plain.goto(stage.frame(url))
    while not plain.get_by_text("Thought number 0.", exact=True).count():
        plain.get_by_role("link", name="More comments").click()
    expect(plain.get_by_text("Level 5.")).to_be_visible()
    expect(plain.get_by_text("Level 7.")).to_have_count(0)
    plain.get_by_role("link", name="Continue this thread").click()
    expect(plain.get_by_text("Level 8.")).to_be_visible()


def test_the_plain_frame_needs_no_script_at_all(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    page.goto(f"{stage.news}/plain/{BUSY}#comments")
    embed(page).get_by_role("button", name="Show it anyway").click()
    expect(embed(page).locator(".thread .comment").first).to_be_visible()
    expect(page.locator("script[src]")).to_have_count(0)
    comments = embed(page).locator(".thread .comment")
    before = comments.count()
    embed(page).get_by_role("link", name="More comments").click()
    expect(comments.nth(before)).to_be_visible()
    expect(embed(page).locator("[data-status]")).to_have_text(re.compile("(More comments|Passages) shown"))


def test_the_look_is_kept_on_every_page(stage: Stage, plain: Page) -> None:
    url = stage.page("looks")
    stage.post(url, "Answer in the dark.")
    dark = {"html_theme": "dark", "paper": "rgb(22, 23, 27)"}

    def seen() -> dict[str, str]:
        paper = plain.locator("body").evaluate("(at) => getComputedStyle(at).backgroundColor")
        return {"html_theme": str(plain.locator("html").get_attribute("data-theme")), "paper": paper}

    plain.goto(stage.frame(url, theme="dark", lang="de"))
    assert seen() == dark
    plain.get_by_role("link", name="Antworten").click()
    expect(plain.locator("html")).to_have_attribute("lang", "de")
    assert seen() == dark
    plain.locator("textarea").fill("Gern.")
    plain.locator("[name=author_name]").fill("Tove")
    plain.locator("[data-post]").click()
    mine = plain.locator(".comment.own")
    expect(mine.locator(".body")).to_have_text("Gern.")
    assert seen() == dark
    for verb in ("Bearbeiten", "Löschen"):
        mine.get_by_role("link", name=verb).click()
        expect(plain.locator("html")).to_have_attribute("lang", "de")
        assert seen() == dark
        plain.go_back()
    mine.get_by_role("link", name="Löschen").click()
    plain.locator("button.danger").click()
    expect(mine).to_have_count(0)
    assert seen() == dark
