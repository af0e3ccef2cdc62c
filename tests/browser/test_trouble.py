"""When things go wrong or are not open: nothing typed is lost, and the page says what happened."""

from __future__ import annotations

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.browser.conftest import OwnStage, Reader, Watch, embed
from tests.browser.stage import CAREFUL, Stage

THOUGHT = "A thought that took a while."


def write(place: Page | FrameLocator, text: str = THOUGHT, name: str = "Noor") -> Locator:
    """Fill in the composer; returns its form."""
    form = place.locator("form.composer").first
    form.locator("textarea").fill(text)
    form.get_by_label("Name", exact=True).fill(name)
    return form


def post(form: Locator) -> None:
    form.get_by_role("button", name="Post").click()


def test_a_draft_survives_a_reload_and_goes_when_it_is_posted(stage: Stage, reader: Reader) -> None:
    page = reader(stage)
    page.goto(stage.page("draft"))
    thread = embed(page)
    write(thread)
    page.reload()
    box = thread.locator("form.composer textarea")
    expect(box).to_have_value(THOUGHT)
    expect(thread.locator("[data-status]")).to_have_text("Your unfinished text is back.")
    post(write(thread))
    expect(thread.locator(".comment.own .body")).to_have_text(THOUGHT)
    page.reload()
    expect(thread.locator(".comment .body")).to_have_text(THOUGHT)
    expect(box).to_have_value("")
    expect(thread.get_by_label("Name", exact=True)).to_have_value("Noor")


def test_offline(stage: Stage, reader: Reader, watch: Watch) -> None:
    page = reader(stage)
    page.goto(stage.page("offline"))
    thread = embed(page)
    form = write(thread)
    page.context.set_offline(True)
    post(form)
    expect(thread.locator("form.composer .problem").first).to_have_text(
        "You are offline. Your text is kept here; post it when you are back."
    )
    expect(form.locator("textarea")).to_have_value(THOUGHT)
    page.context.set_offline(False)
    post(form)
    expect(thread.locator(".comment.own .body")).to_have_text(THOUGHT)


def test_a_server_that_goes_and_comes_back(own_stage: OwnStage, reader: Reader, watch: Watch) -> None:
    watch.forgive("ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET")
    stage = own_stage()
    page = reader(stage)
    page.goto(stage.page("gone"))
    thread = embed(page)
    form = write(thread)
    stage.stop()
    post(form)
    expect(thread.locator("form.composer .problem").first).to_have_text(
        "The discussion cannot be reached just now. Your text is kept here; try again."
    )
    expect(form.locator("textarea")).to_have_value(THOUGHT)
    expect(form.get_by_role("button", name="Post")).to_be_visible()
    stage.start_again()
    post(form)
    expect(thread.locator(".comment.own .body")).to_have_text(THOUGHT)


def test_too_much_in_a_short_time(own_stage: OwnStage, reader: Reader, watch: Watch) -> None:
    watch.forgive("status of 429")
    stage = own_stage(rate_limits=True)
    page = reader(stage)
    page.goto(stage.page("fast"))
    thread = embed(page)
    refused = thread.locator("form.composer .problem").first
    for number in range(30):
        post(write(thread, f"Thought {number}."))
        posted = thread.locator(".comment.own .body", has_text=f"Thought {number}.")
        expect(posted.or_(refused.filter(visible=True)).first).to_be_visible()
        if refused.is_visible():
            break
    expect(refused).to_contain_text("That was a lot in a short time. Your text is kept here; try again in")
    expect(thread.locator("form.composer textarea")).to_have_value(f"Thought {number}.")


def test_a_wrong_name_is_pointed_at(stage: Stage, reader: Reader, watch: Watch) -> None:
    watch.forgive("status of 422")
    page = reader(stage)
    page.goto(stage.page("names"))
    thread = embed(page)
    post(write(thread, name="Moderator"))
    name = thread.get_by_label("Name", exact=True)
    expect(name).to_be_focused()
    expect(thread.locator(".problem:visible").last).to_have_text(
        "That name looks like someone from the site. Please pick another."
    )
    expect(thread.locator("form.composer textarea")).to_have_value(THOUGHT)
    name.fill("")
    post(thread.locator("form.composer"))
    expect(thread.locator(".problem:visible").last).to_have_text("Please give a name that others will see.")


def test_a_closed_discussion(stage: Stage, reader: Reader) -> None:
    url = stage.page("closed")
    stage.post(url, "Said in time.")
    stage.describe(url, state="closed")
    page = reader(stage)
    page.goto(url)
    thread = embed(page)
    expect(thread.get_by_text("This discussion is closed.")).to_be_visible()
    expect(thread.get_by_text("Said in time.")).to_be_visible()
    expect(thread.locator("form.composer")).to_have_count(0)
    expect(thread.get_by_role("link", name="Reply")).to_have_count(0)
    bare = reader(stage, java_script_enabled=False)
    bare.goto(stage.frame(url))
    expect(bare.get_by_role("link", name="Reply")).to_have_count(0)


def test_a_held_comment_is_for_its_author_only(stage: Stage, reader: Reader) -> None:
    page, other = reader(stage), reader(stage)
    url = stage.page("held", site=CAREFUL)
    page.goto(url)
    thread = embed(page)
    post(write(thread))
    mine = thread.locator(".comment.own.held")
    said = "Only you can see this yet. A moderator looks at it before others can."
    expect(mine.get_by_text(said)).to_be_visible()
    status = thread.locator("[data-status]")
    expect(status).to_contain_text("Not shown yet: a moderator looks at it first.")
    expect(status).to_contain_text("The reason: on this site, a moderator looks at every comment first.")
    page.reload()
    expect(mine.get_by_text(said)).to_be_visible()
    other.goto(url)
    expect(embed(other).get_by_text("Nobody has said anything yet.")).to_be_visible()
    expect(embed(other).get_by_text(THOUGHT)).to_have_count(0)
    expect(embed(other).locator("#count")).to_have_text("0 comments")


def test_a_held_comment_without_scripts(stage: Stage, reader: Reader) -> None:
    page = reader(stage, java_script_enabled=False)
    page.goto(stage.frame(stage.page("held-plain"), site=CAREFUL))
    post(write(page))
    expect(page.get_by_text("Only you can see this yet. A moderator looks at it before others can.")).to_be_visible()
    expect(page.get_by_text("Nobody has said anything yet.")).to_have_count(0)


def test_an_unknown_site_says_so_inside_the_frame(stage: Stage, reader: Reader, watch: Watch) -> None:
    watch.forgive("status of 404", "frame-ancestors")
    page = reader(stage)
    page.goto(stage.page("unknown", site="nowhere"))
    address = embed(page).owner.get_attribute("src")
    page.goto(str(address))
    expect(page.get_by_role("heading")).to_be_visible()
    expect(page.get_by_text("There is no site with that key here.")).to_be_visible()
