"""The script a publisher pastes: looks, height, laziness, counts, and what several of them do to each other."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import OwnStage, Reader, Watch, embed
from tests.browser.stage import BUSY, QUIET, Stage, until

COLOURS = "() => { const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]; }"
ACCENT = "(at) => getComputedStyle(at).backgroundColor"
TALL = "() => document.documentElement.scrollHeight - document.documentElement.clientHeight"
WHITE, NIGHT = "rgb(255, 255, 255)", "rgb(22, 23, 27)"


def inside(page: Page) -> Frame:
    """The document in the frame, once its thread is there."""
    expect(embed(page).locator("[data-thread]")).to_be_visible()
    return next(frame for frame in page.frames if "/embed/" in frame.url)


def paper(page: Page) -> str:
    return str(inside(page).evaluate(COLOURS)[0])


def test_the_theme_is_the_publishers_choice(stage: Stage, reader: Reader) -> None:
    day, night = reader(stage, color_scheme="light"), reader(stage, color_scheme="dark")
    for page, theme, expected in (
        (day, "auto", WHITE),
        (night, "auto", NIGHT),
        (day, "dark", NIGHT),
        (night, "light", WHITE),
    ):
        page.goto(stage.page("theme", theme=theme))
        assert paper(page) == expected, theme
    day.evaluate("Aftershow.setTheme('dark')")
    until(lambda: paper(day) == NIGHT, "the dark theme")
    day.evaluate("Aftershow.setTheme('light')")
    until(lambda: paper(day) == WHITE, "the light theme")


def test_the_accent_colours_the_controls(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    page.goto(stage.page("accent", accent="#0a5d3a", theme="light"))
    post = embed(page).get_by_role("button", name="Post")
    assert post.evaluate(ACCENT) == "rgb(10, 93, 58)"
    page.goto(stage.page("accent", accent="#ffee88", theme="light"))
    bright = post.evaluate(ACCENT)
    assert bright != "rgb(255, 238, 136)"  # darkened until text in it can be read on white


def test_the_frame_is_as_tall_as_its_content(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    page.goto(f"{stage.article(BUSY)}#comments")
    frame = inside(page)
    until(lambda: frame.evaluate(TALL) <= 0, "the frame to be as tall as its gate")
    embed(page).get_by_role("button", name="Show it anyway").click()
    expect(embed(page).locator(".thread .comment").first).to_be_visible()
    until(lambda: frame.evaluate(TALL) <= 0, "the frame to be as tall as its content")
    box = embed(page).owner.bounding_box()
    assert box is not None
    assert box["height"] > 3000
    before = box["height"]
    embed(page).get_by_role("link", name="More comments").click()
    until(lambda: (embed(page).owner.bounding_box() or box)["height"] > before + 500, "the frame to grow")
    until(lambda: frame.evaluate(TALL) <= 0, "the frame to be as tall as its content again")
    page.set_viewport_size({"width": 360, "height": 740})
    until(lambda: frame.evaluate(TALL) <= 0, "the frame to follow a narrower page")


def test_far_below_nothing_is_loaded_yet(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    page.goto(stage.page("lazy", before="5000"))
    expect(page.locator(".aftershow iframe")).to_have_count(1)
    assert page.locator(".aftershow iframe").get_attribute("src") is None
    page.mouse.wheel(0, 4500)
    expect(embed(page).get_by_text("Nobody has said anything yet.")).to_be_visible()


def test_an_address_with_a_comment_scrolls_the_page_to_it(stage: Stage, reader: Reader) -> None:
    url = stage.page("jump", before="2000")
    ids = [stage.post(url, f"Thought {n}.\n\nIn two\n\nparagraphs.") for n in range(30)]
    page = reader(stage)
    page.goto(f"{url}#aftershow-c{ids[0]}")
    page.mouse.wheel(0, 1500)
    expect(embed(page).get_by_text("Thought 0.", exact=True)).to_be_in_viewport()


def test_counts_are_written_in_the_publishers_words(stage: Stage, reader: Reader) -> None:
    one, some, none = stage.page("one"), stage.page("some"), stage.page("none")
    stage.post(one, "Alone.")
    for n in range(2):
        stage.post(some, f"Thought {n}.")
    words = 'data-one="{n} comment" data-other="{n} comments" data-zero="Be the first"'
    spans = "".join(
        f'<b id="c{n}" data-aftershow-count="{url}" {words}></b>' for n, url in enumerate((none, one, some))
    )
    page = reader(stage)
    page.goto(stage.page("counts", counts=spans))
    expect(page.locator("#c0")).to_have_text("Be the first")
    expect(page.locator("#c1")).to_have_text("1 comment")
    expect(page.locator("#c2")).to_have_text("2 comments")


def test_a_list_asks_once_for_all_counts(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/counts?" in request.url else None)
    page.goto(stage.news)
    expect(page.locator("[data-aftershow-count]").first).not_to_be_empty()
    assert len(asked) == 1
    expect(page.locator("iframe")).to_have_count(0)


def test_two_scripts_make_two_discussions_and_no_more(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    page.goto(stage.page("twice", twice="1", url=stage.article(QUIET)))
    expect(page.locator(".aftershow iframe")).to_have_count(2)
    for number in range(2):
        thread = page.frame_locator(".aftershow iframe").nth(number)
        expect(thread.locator("[data-thread]")).to_be_visible()
        expect(thread.locator(".thread .comment").first).to_be_visible()
    page.evaluate("Aftershow.reload()")
    expect(page.locator(".aftershow iframe")).to_have_count(2)


def test_a_loader_that_reaches_nobody_leaves_a_link(own_stage: OwnStage, reader: Reader, watch: Watch) -> None:
    watch.forgive("ERR_CONNECTION_REFUSED")
    stage = own_stage()
    page = reader(stage)
    page.clock.install()
    page.goto(stage.page("alone", before="5000"))
    stage.stop()
    page.mouse.wheel(0, 4500)
    until(lambda: page.locator(".aftershow iframe").get_attribute("src"), "the frame to start")
    page.clock.run_for(16_000)
    expect(page.get_by_role("link", name="Open the discussion")).to_be_visible()
    stage.start_again()


def test_another_page_in_the_frame_keeps_theme_and_height(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    page.goto(f"{stage.article(QUIET)}#comments")
    assert paper(page) == WHITE
    page.evaluate("Aftershow.setTheme('dark')")
    thread = embed(page)
    thread.get_by_role("link", name="Oldest").click()
    expect(thread.get_by_role("link", name="Oldest")).to_have_attribute("aria-current", "true")
    frame = next(frame for frame in page.frames if frame is not page.main_frame)
    until(lambda: frame.evaluate(COLOURS)[0] == NIGHT, "the theme on the next page")
    until(lambda: frame.evaluate(TALL) <= 0, "the height of the next page")
    expect(thread.locator("#count")).to_be_in_viewport()


def test_what_the_discussion_assumes_goes_into_the_frames_address(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    said = {"assumes": "gutterlight:S1E8 alias:#28", "works": "gutterlight, alias"}
    page.goto(stage.page("assumes", gate="off", **said))
    src = str(until(lambda: page.locator(".aftershow iframe").get_attribute("src"), "the frame to start"))
    query = parse_qs(urlsplit(src).query)
    assert {name: query[name] for name in said} == {name: [value] for name, value in said.items()}
    # The gate is the server's to know: an address cannot open it.
    assert "gate" not in query
    page.goto(stage.page("assumes"))
    src = str(until(lambda: page.locator(".aftershow iframe").get_attribute("src"), "the frame to start"))
    assert not {"assumes", "works"} & set(parse_qs(urlsplit(src).query))
