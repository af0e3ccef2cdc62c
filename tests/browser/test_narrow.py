"""320 pixels, right to left, forced colours, reduced motion: nothing is cut off, nothing vanishes."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from forum.web.languages import available
from tests.browser.conftest import Reader, Watch, embed
from tests.browser.stage import BUSY, Stage

NARROW = {"viewport": {"width": 320, "height": 640}}
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
EDGES = """(at) => {
  const style = getComputedStyle(at);
  return [style.borderTopStyle, style.borderTopColor, style.backgroundColor];
}"""
LONG_WORD = "Gutterlicht" * 12
ARABIC = "أعتقد أن الموسم الثاني سيكون أفضل، لكن `code` و https://example.org/path يبقيان."
RTL = next(code for code, language in available().items() if language.direction == "rtl")


def stuffed(stage: Stage, name: str) -> tuple[str, str]:
    """A discussion with everything that tends to stick out; its address and its first comment's id."""
    url = stage.page(name)
    home = stage.describe(url, title=f"A title with {LONG_WORD}", prompt=f"And what about {LONG_WORD}?")
    root = stage.post(url, f"{LONG_WORD}\n\n    {LONG_WORD}\n\n> {ARABIC}", name=LONG_WORD[:40])
    parent = root
    for level in range(8):
        parent = stage.post(url, f"{ARABIC} {level}", name="ليلى حسن", parent=parent)
    return home, root


def written(page: Page) -> None:
    page.locator("form.composer textarea").first.fill("Mine.")
    page.get_by_role("textbox", name="Name", exact=True).or_(page.locator("[name=author_name]")).first.fill("Noor")
    page.locator("[data-post]").first.click()
    expect(page.locator(".comment.own")).to_be_visible()


def test_no_page_scrolls_sideways(stage: Stage, reader: Reader, watch: Watch) -> None:
    watch.forgive("status of 404")
    home, root = stuffed(stage, "narrow")
    page = reader(stage, **NARROW)
    page.goto(home)
    written(page)
    page.locator(".comment.own").get_by_role("link", name="Edit").click()
    page.locator(f'li[data-comment="{root}"]').get_by_role("link", name="Reply").first.click()
    expect(page.locator(".inline form")).to_have_count(2)
    wide = {"inline": page.evaluate(WIDER)}
    addresses = ["/", "/d/1", "/api/docs", f"/c/{root}/reply", home.removeprefix(stage.talk) + "?frame=1"]
    for address in addresses:
        page.goto(stage.talk + address)
        wide[address] = page.evaluate(WIDER)
    page.goto(f"{stage.article(BUSY)}#comments")
    expect(embed(page).locator("[data-gate]")).to_be_visible()
    wide["newsroom"] = page.evaluate(WIDER)
    wide["gate"] = page.frames[1].evaluate(WIDER)
    embed(page).get_by_role("button", name="Show it anyway").click()
    expect(embed(page).locator(".thread .comment").first).to_be_visible()
    wide["embed"] = page.frames[1].evaluate(WIDER)
    assert {where: pixels for where, pixels in wide.items() if pixels > 0} == {}


def test_right_to_left(stage: Stage, reader: Reader) -> None:
    home, root = stuffed(stage, "rtl")
    page = reader(stage, **NARROW)
    page.goto(f"{home}?lang={RTL}")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert page.evaluate(WIDER) <= 0
    written(page)
    page.goto(f"{stage.talk}/c/{root}/reply?lang={RTL}")
    assert page.evaluate(WIDER) <= 0
    name = page.locator(".quoted .name").bounding_box()
    assert name is not None
    assert name["x"] + name["width"] > 160  # it begins at the right


def test_text_of_the_other_direction_keeps_its_own(stage: Stage, reader: Reader) -> None:
    url = stage.page("directions")
    root = stage.post(url, ARABIC, name="ليلى حسن")
    page = reader(stage)
    page.goto(stage.frame(url))
    body = page.locator(f"#c{root} .body, [data-comment='{root}'] .body").first
    assert body.evaluate("(at) => getComputedStyle(at).direction") == "rtl"
    assert page.locator("html").evaluate("(at) => getComputedStyle(at).direction") == "ltr"


def test_forced_colours_keep_borders_and_controls(stage: Stage, reader: Reader) -> None:
    home, _ = stuffed(stage, "forced")
    page = reader(stage, forced_colors="active")
    page.goto(home)
    for part in (page.locator("form.composer"), page.get_by_role("button", name="Post")):
        style, border, behind = part.evaluate(EDGES)
        assert style == "solid"
        assert border != behind
    link = page.get_by_role("button", name="Link", exact=True)
    assert link.evaluate("(at) => getComputedStyle(at, '::before').backgroundColor") != "rgba(0, 0, 0, 0)"


def test_reduced_motion_moves_nothing(stage: Stage, reader: Reader) -> None:
    home, _ = stuffed(stage, "calm")
    page = reader(stage, reduced_motion="reduce")
    page.goto(home)
    pressed = page.locator(".button, .act, .tool")
    durations = pressed.evaluate_all("(all) => all.map((at) => getComputedStyle(at).transitionDuration)")
    assert set(durations) == {"0s"}
