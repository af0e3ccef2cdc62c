"""Everything by keyboard alone, with the focus always to be seen."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Reader
from tests.browser.stage import Stage

OUTLINED = """() => {
  for (let at = document.activeElement; at && at !== document.body; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) return true;
    if (style.boxShadow !== "none") return true;  // the composer draws its ring around the whole form
  }
  return false;
}"""
NAMED = """() => {
  const at = document.activeElement;
  const label = at.labels && at.labels[0] && at.labels[0].textContent;
  return (at.getAttribute("aria-label") || label || at.textContent).trim();
}"""


def tab(page: Page, *, most: int, to: str) -> list[str]:
    """Tab until something with this name has the focus; returns the names on the way. Focus must show all along."""
    names: list[str] = []
    while to not in names:
        assert len(names) < most, f"{to!r} is not within {most} tabs: {names}"
        page.keyboard.press("Tab")
        names.append(page.evaluate(NAMED))
        assert page.evaluate(OUTLINED), f"no visible focus on {names[-1]!r}"
    return names


def test_the_way_through_a_page(stage: Stage, reader: Reader) -> None:
    url = stage.page("way")
    home = stage.describe(url, title="Way", prompt="Which one?")
    root = stage.post(url, "Answer me by keyboard.", name="Ravi")
    page = reader(stage)
    page.goto(home)

    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    order = tab(page, most=20, to="Reply")
    assert order[:3] == ["Read the article", "Which one?", "Name"]
    assert order.index("Preview") < order.index("Post") < order.index("Reply")

    page.keyboard.press("Enter")
    box = page.get_by_role("textbox", name="Reply to Ravi")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(page.locator(f'li[data-comment="{root}"]').get_by_role("link", name="Reply")).to_be_focused()


def test_a_reply_without_a_mouse(stage: Stage, reader: Reader) -> None:
    url = stage.page("keys")
    home = stage.describe(url, title="Keys", prompt="Which one?")
    stage.post(url, "Answer me by keyboard.", name="Ravi")
    page = reader(stage)
    page.goto(home)
    tab(page, most=20, to="Reply")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Reply to Ravi")).to_be_focused()
    page.keyboard.type("No mouse in ")
    page.keyboard.press("Control+b")
    page.keyboard.type("this house")
    tab(page, most=1, to="Name")
    page.keyboard.type("Noor")
    tab(page, most=12, to="Post")
    page.keyboard.press("Enter")
    mine = page.locator(".replies .comment.own")
    expect(mine.locator("> .body strong")).to_have_text("this house")
    expect(mine).to_be_focused()

    tab(page, most=6, to="Edit")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Edit your comment")).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type("!")
    page.keyboard.press("Control+Enter")
    expect(mine.locator(".edited")).to_be_visible()


def test_a_comment_goes_without_a_mouse(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    page.goto(stage.frame(stage.page("goes")))
    page.keyboard.press("Tab")
    page.keyboard.type("Not for long.")
    page.keyboard.press("Tab")
    page.keyboard.type("Noor")
    page.keyboard.press("Enter")
    mine = page.locator(".comment.own")
    expect(mine).to_be_focused()
    tab(page, most=8, to="Delete")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(mine.get_by_role("link", name="Delete")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".comment.gone")).to_be_focused()
