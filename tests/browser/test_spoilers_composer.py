"""Writing spoilers: covering words, saying of what, seeing it as others do, being asked once, quoting."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Reader, Watch
from tests.browser.fandom import cover, discuss, far, fill_catalogue, follow, sent
from tests.browser.stage import Stage, set_stage

SELECT = "(at, words) => at.setSelectionRange(at.value.indexOf(words), at.value.indexOf(words) + words.length)"
SELECTED = "(area) => area.value.slice(area.selectionStart, area.selectionEnd)"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Both servers with a catalogue of four works, without the demo's."""
    with set_stage(tmp_path_factory.mktemp("stage"), seeded=False) as stage:
        fill_catalogue(stage)
        yield stage


def composer(stage: Stage, page: Page, name: str, *bodies: str, assumes: str = "") -> Locator:
    """The text field of a discussion with these comments."""
    url, frame = discuss(stage, name, assumes=assumes)
    for body in bodies or ("Hello.",):
        stage.post(url, body, name="Ravi")
    page.goto(frame)
    expect(far(page)).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Noor")
    return page.locator("form.composer textarea").first


def select(area: Locator, words: str) -> None:
    """Select words in the text field."""
    area.evaluate(SELECT, words)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def test_the_tool_covers_with_the_writers_own_progress(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    area = composer(stage, page, "tool")
    far(page).get_by_role("combobox").select_option("S1E4")
    area.fill("She leaves. He stays.")
    select(area, " He stays.")
    press(page, "Spoiler")
    expect(area).to_have_value("She leaves. [Jessica Jones S1E4]||He stays.||")
    page.keyboard.press("Control+z")
    expect(area).to_have_value("She leaves. He stays.")
    area.fill("One.\n\nTwo.")
    area.press("Control+a")
    press(page, "Spoiler")
    expect(area).to_have_value(":::spoiler Jessica Jones S1E4\nOne.\n\nTwo.\n:::\n")
    press(page, "Post")
    press(page, "Post it as it is")
    expect(cover(page, "Jessica Jones S1E4").or_(page.locator(".sp-own"))).to_be_visible()


def test_the_picker_by_keyboard(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    area = composer(stage, page, "picker")
    press(page, "Spoiler")
    box = page.get_by_role("combobox", name="A spoiler of what, and how far?")
    expect(box).to_be_focused()
    page.keyboard.type("jj s1")
    options = page.get_by_role("listbox", name="A spoiler of what, and how far?").get_by_role("option")
    expect(options.first).to_have_text("Jessica Jones S1")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(options).to_have_count(14)
    page.keyboard.press("Enter")
    expect(area).to_have_value("[Jessica Jones S1E13]||covered words||")
    expect(area).to_be_focused()

    press(page, "Spoiler")
    expect(box).to_be_focused()
    page.keyboard.type("civil war #3")
    expect(options).to_have_text(["Civil War (2006 comic) #3"])
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(area).to_be_focused()


def test_the_preview_as_both_kinds_of_readers(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    area = composer(stage, page, "preview")
    area.fill("Plain, [Jessica Jones S1E13]||then the twist of it all|| and on it goes, on and on.")
    press(page, "Preview")
    shown = page.locator("[data-preview-body]")
    expect(shown.get_by_role("button", name="Show spoiler: Jessica Jones S1E13")).to_be_visible()
    expect(shown).not_to_contain_text("twist")
    shown.get_by_role("button").click()
    expect(shown).not_to_contain_text("twist")
    press(page, "As someone who has")
    expect(shown).to_contain_text("twist")
    press(page, "As someone who has not got that far")
    expect(shown).not_to_contain_text("twist")
    area.fill("Nothing to hide.")
    press(page, "Preview")
    expect(shown).to_have_text("Nothing to hide.")
    expect(page.get_by_role("button", name="As someone who has", exact=True)).to_have_count(0)


def test_one_question_before_posting(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    area = composer(stage, page, "mention")
    area.fill("First. I loved how Luke Cage broke it. Last.")
    press(page, "Post")
    question = page.get_by_role("group", name="Spoilers")
    expect(question).to_contain_text("This mentions Luke Cage, which this discussion doesn't assume. Cover it?")
    assert area.evaluate(SELECTED) == "I loved how Luke Cage broke it."
    page.get_by_role("button", name=re.compile("^Cover as Luke Cage")).click()
    expect(area).to_have_value(re.compile(r"^First\. \[Luke Cage[^\]]*\]\|\|I loved .* broke it\.\|\| Last\.$"))
    press(page, "Post")
    expect(page.locator(".comment.own")).to_be_visible()

    area.fill("And again about Luke Cage.")
    press(page, "Post")
    press(page, "Not a spoiler")
    expect(page.locator(".comment.own", has_text="And again")).to_be_visible()


def test_advice_that_fails_never_stands_in_the_way(stage: Stage, reader: Reader, watch: Watch) -> None:
    watch.forgive("ERR_FAILED")
    page = reader(stage)
    area = composer(stage, page, "no advice")
    page.route("**/api/v1/preview", lambda route: route.abort())
    area.fill("About Luke Cage.")
    press(page, "Post")
    expect(page.locator(".comment.own")).to_contain_text("About Luke Cage.")


def test_a_spoiler_that_does_not_end_is_pointed_at(stage: Stage, reader: Reader, watch: Watch) -> None:
    watch.forgive("status of 422")
    page = reader(stage)
    area = composer(stage, page, "unclosed")
    area.fill("😀 It begins ||here and goes on")
    press(page, "Post")
    expect(page.locator(".problem", has_text="A spoiler begins here and does not end.")).to_be_visible()
    assert area.evaluate(SELECTED).startswith("||")
    expect(area).to_be_focused()


def test_a_name_that_means_two_works_is_chosen(stage: Stage, reader: Reader, watch: Watch) -> None:
    watch.forgive("status of 422")
    page = reader(stage)
    area = composer(stage, page, "ambiguous")
    area.fill("See [Civil War]||how they split over it in the end||, a long while later.")
    press(page, "Post")
    expect(page.get_by_text("Which one do you mean?")).to_be_visible()
    page.get_by_role("button", name=re.compile("Captain America: Civil War")).click()
    expect(area).to_have_value(re.compile(r"^See \[Captain America: Civil War[^\]]*\]\|\|"))
    press(page, "Post")
    expect(page.locator(".comment.own")).to_be_visible()


def test_a_reply_may_discuss_the_same_unless_it_says_no(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    composer(stage, page, "chip", "Well, [Jessica Jones S1E13]||what an ending that was||.")
    node = page.locator("[data-comment]").first
    node.get_by_role("link", name="Reply").click()
    chip = node.get_by_role("checkbox", name="May discuss: Jessica Jones S1E13")
    expect(chip).to_be_checked()
    form = node.locator("form.composer")
    form.get_by_role("textbox", name=re.compile("^Reply to")).fill("Nothing given away.")
    form.get_by_label("Name", exact=True).fill("Noor")
    node.locator(".chip").click()
    expect(chip).not_to_be_checked()
    posted = follow(page, "/comments")
    form.get_by_role("button", name="Post").click()
    expect(node.locator(".replies .comment.own")).to_contain_text("Nothing given away.")
    assert [sent(request)["scope"] for request in posted if request.method == "POST"] == [[]]
    other = reader(stage)
    other.goto(page.url)
    expect(other.get_by_text("Nothing given away.")).to_be_visible()


def test_the_chip_without_scripts(stage: Stage, reader: Reader) -> None:
    url, _ = discuss(stage, "plain chip", assumes="")
    root = stage.post(url, "Well, [Jessica Jones S1E13]||what an ending that was||.")
    page = reader(stage, java_script_enabled=False)
    page.goto(f"{stage.talk}/c/{root}/reply")
    page.get_by_label("Your reply").fill("Nothing [Luke Cage S1E1]||given away at all, or nearly|| so far, is it now?")
    page.get_by_label("Name", exact=True).fill("Tove")
    page.locator(".chip").click()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("checkbox", name="May discuss: Jessica Jones S1E13")).not_to_be_checked()
    expect(page.get_by_text("As someone who has got that far sees it")).to_be_visible()
    page.get_by_role("button", name="Post").click()
    expect(page.locator(".comment.own")).to_contain_text("Nothing")


def test_a_quote_leaves_out_what_is_covered(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    body = "Open *words* [Jessica Jones S1E13]||with an ending|| and [Luke Cage S1E1]||another||."
    composer(stage, page, "quote", body)
    cover(page).locator("> .sp-show").click()
    expect(cover(page).locator("> .sp-body")).to_have_text("with an ending")
    node = page.locator("[data-comment]").first
    root = node.get_attribute("data-comment")
    node.get_by_role("button", name="Quote").first.click()
    box = node.get_by_role("textbox", name=re.compile("^Reply to"))
    expect(box).to_have_value(f"> @Ravi#c{root}\n> Open words [Jessica Jones S1E13]||with an ending|| and .\n\n")
    expect(box).to_be_focused()
    box.press_sequentially("Indeed.")
    node.locator("form").get_by_role("button", name="Post").click()
    mine = node.locator(".replies .comment.own")
    expect(mine.locator(".cited")).to_contain_text("Ravi wrote")
    other = reader(stage)
    other.goto(page.url)
    expect(other.locator(".replies .comment")).to_be_visible()
    expect(other.get_by_text("with an ending")).to_have_count(0)


def test_only_the_selected_words_are_quoted(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    composer(stage, page, "selected", "First words.\n\nSecond words.")
    node = page.locator("[data-comment]").first
    node.locator(".body p").nth(1).click(click_count=3)
    node.get_by_role("button", name="Quote").first.click()
    root = node.get_attribute("data-comment")
    expect(node.locator("textarea")).to_have_value(f"> @Ravi#c{root}\n> Second words.\n\n")


def test_covered_words_can_be_edited(stage: Stage, reader: Reader, watch: Watch) -> None:
    watch.forgive("status of 422")
    page = reader(stage)
    area = composer(stage, page, "edit")
    area.fill("Mine: [Jessica Jones S1E13]||an ending that nobody saw coming||, which is what I think.")
    press(page, "Post")
    mine = page.locator(".comment.own")
    expect(mine.locator(".sp-own")).to_contain_text("an ending")
    mine.get_by_role("link", name="Edit").click()
    box = page.get_by_role("textbox", name="Edit your comment")
    expect(box).to_have_value(re.compile(r"\[Jessica Jones S1E13\]\|\|an ending"))
    box.fill("Mine: ||an ending")
    press(page, "Save")
    expect(page.locator(".problem", has_text="A spoiler begins here and does not end.")).to_be_visible()
    box.fill("Mine, and open to everybody now.")
    press(page, "Save")
    expect(mine.locator("> .body")).to_have_text("Mine, and open to everybody now.")
