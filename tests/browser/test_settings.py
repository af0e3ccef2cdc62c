"""Settings and profiles in a browser: what it knows joins the account, and every page works for everybody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from forum.accounts.model import Account
from forum.accounts.service_people import create_account
from forum.accounts.service_session import begin_main
from forum.articles.service import locate
from forum.comments.service_post import NewComment, post_comment
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.demo import content
from forum.people.queries import find_known
from forum.people.service_progress import Change, set_own_progress
from forum.sites.service import get_site
from forum.web.visitors import main_cookie_name
from tests.browser.conftest import Reader, Watch
from tests.browser.fandom import cover, discuss, fill_catalogue
from tests.browser.stage import Stage, until
from tests.browser.test_accessibility import LOOKS, serious
from tests.browser.test_narrow import NARROW, RTL, WIDER

KEYS: Final = {"progress": "fan.progress.v1", "ticks": "fan.progress.ticks.v1", "rules": "fan.progress.rules.v1"}
PROGRESS: Final = "/settings/progress"
JJ: Final = "jessica-jones"


@pytest.fixture(scope="module", autouse=True)
def works(stage: Stage) -> None:
    """A catalogue to be somewhere in."""
    fill_catalogue(stage)


class Fan:
    """Somebody with an account, and a session for each of their browsers."""

    def __init__(self, stage: Stage, name: str) -> None:
        self.stage, self.name = stage, name

        async def make(tx: Tx) -> Account:
            now = stage.app.rt.clock.now()
            return await create_account(tx, stage.app.rt, name, email=None, verified=False, now=now)

        self.account = stage.server.run(stage.app.rt.db.write(make))
        self.token = ""

    def sign_in(self, page: Page) -> Page:
        """Give a browser a session of theirs."""
        rt = self.stage.app.rt
        begun = self.stage.server.run(
            rt.db.write(lambda tx: begin_main(tx, rt, self.account, rt.clock.now(), agent="A browser"))
        )
        self.token = begun.token
        cookie = {"name": main_cookie_name(rt.settings), "value": begun.token, "url": self.stage.talk}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        return page

    def says(self, **said: Any) -> None:
        """Store what the account knows."""
        self.stage.server.run(set_own_progress(self.stage.app.rt, self.account.id, Change(**said)))

    @property
    def known(self) -> dict[str, Any]:
        """What the account knows: state and unit by work, ticks, rules."""

        async def read() -> Any:
            async with self.stage.app.rt.db.read(fresh=True) as tx:
                return await find_known(tx, self.account.id)

        found = self.stage.server.run(read())
        return {
            "progress": {key: (one.state, one.unit) for key, one in found.stands.items() if one.state},
            "ticks": {key: list(one.ticks) for key, one in found.stands.items() if one.ticks},
            "rules": dict(found.rules),
        }

    def post(self, url: str, body: str) -> None:
        """Write a comment."""

        async def work() -> None:
            site = await get_site(self.stage.app.rt, content.SITE_KEY)
            new = NewComment(site, locate(site, url), body, "", None)
            await post_comment(self.stage.app.rt, Visitor("127.0.0.1", main=self.token), new)

        self.stage.server.run(work())


def remember(page: Page, stage: Stage, **said: Mapping[str, Any]) -> None:
    """Let a browser know something."""
    page.goto(f"{stage.talk}/catalogue")
    for name, value in said.items():
        page.evaluate("([key, value]) => localStorage.setItem(key, value)", [KEYS[name], json.dumps(value)])


def remembered(page: Page, name: str = "progress") -> Any:
    """What a browser knows."""
    return json.loads(page.evaluate("(key) => localStorage.getItem(key)", KEYS[name]) or "{}")


def knows(page: Page, progress: Mapping[str, Any]) -> None:
    """Wait until a browser knows this, and no more."""
    until(lambda: remembered(page) == progress, f"the browser to know {progress}")


def at(unit: str) -> dict[str, str]:
    return {"s": "at", "u": unit}


def test_both_learn_from_each_other_and_further_wins(stage: Stage, reader: Reader) -> None:
    fan = Fan(stage, "Fan One")
    page = fan.sign_in(reader(stage))
    fan.says(
        progress={JJ: ("at", "S1E4"), "luke-cage": ("at", "S1E9"), "ca-civil-war": ("none", "")},
        ticks={JJ: ["special"]},
        rules={"mcu/film": "dont_care"},
    )
    mine = {JJ: at("S1E6"), "luke-cage": at("S1E2"), "civil-war-2006": {"s": "none"}}
    remember(page, stage, progress=mine, ticks={"luke-cage": ["outtakes"]}, rules={"mcu/tv": "dont_care"})
    page.goto(f"{stage.talk}{PROGRESS}")
    row = page.locator('[data-work="civil-war-2006"]')
    expect(row).to_be_visible()
    expect(page.get_by_label("Jessica Jones", exact=True)).to_have_value("at:S1E6")
    expect(page.get_by_role("status").filter(has_text="is part of your account now")).to_be_attached()
    assert fan.known == {
        "progress": {
            JJ: ("at", "S1E6"),
            "luke-cage": ("at", "S1E9"),
            "ca-civil-war": ("none", ""),
            "civil-war-2006": ("none", ""),
        },
        "ticks": {JJ: ["special"], "luke-cage": ["outtakes"]},
        "rules": {"mcu/film": "dont_care", "mcu/tv": "dont_care"},
    }
    expected = {JJ: at("S1E6"), "luke-cage": at("S1E9"), "ca-civil-war": {"s": "none"}, "civil-war-2006": {"s": "none"}}
    assert remembered(page) == expected
    assert remembered(page, "ticks") == {JJ: ["special"], "luke-cage": ["outtakes"]}
    assert remembered(page, "rules") == {"mcu/film": "dont_care", "mcu/tv": "dont_care"}
    expect(page.locator(".asked")).to_have_count(0)


def test_what_cannot_be_compared_is_asked(stage: Stage, reader: Reader) -> None:
    fan = Fan(stage, "Fan Two")
    page = fan.sign_in(reader(stage))
    fan.says(progress={JJ: ("dont_care", ""), "luke-cage": ("none", ""), "ca-civil-war": ("dont_care", "")})
    mine = {JJ: at("S1E4"), "luke-cage": at("S1E2"), "ca-civil-war": {"s": "none"}}
    remember(page, stage, progress=mine)
    page.goto(f"{stage.talk}{PROGRESS}")
    asked = page.locator(".asked")
    expect(asked.get_by_role("group")).to_have_count(3)
    assert remembered(page) == mine
    jessica = asked.get_by_role("group", name="Jessica Jones")
    expect(jessica).to_contain_text("This browser says: S1E4. Your account says: I don't mind.")
    # With the keyboard alone; the focus goes to the next question.
    jessica.get_by_role("button", name="As this browser says").focus()
    page.keyboard.press("Enter")
    expect(jessica).to_have_count(0)
    expect(asked.get_by_role("group", name="Luke Cage").get_by_role("button").first).to_be_focused()
    until(lambda: fan.known["progress"][JJ] == ("at", "S1E4"), "the account to know it")
    expect(page.get_by_label("Jessica Jones", exact=True)).to_have_value("at:S1E4")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(asked.get_by_role("group", name="Luke Cage")).to_have_count(0)
    assert remembered(page)["luke-cage"] == {"s": "none"}
    # The last one is said in its row instead: that is the word of both.
    page.get_by_role("combobox", name="Captain America: Civil War").select_option("at:")
    page.locator('[data-work="ca-civil-war"]').get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    expect(page.locator(".asked")).to_have_count(0)
    until(lambda: remembered(page)["ca-civil-war"] == at(""), "the browser to know it too")
    assert fan.known["progress"] == {JJ: ("at", "S1E4"), "luke-cage": ("none", ""), "ca-civil-war": ("at", "")}


def test_what_is_chosen_and_not_saved_stays_chosen(stage: Stage, reader: Reader) -> None:
    """The lists are drawn anew after an answer, which may come while somebody chooses in them."""
    fan = Fan(stage, "Fan Chosen")
    page = fan.sign_in(reader(stage))
    fan.says(progress={JJ: ("dont_care", ""), "ca-civil-war": ("dont_care", "")})
    remember(page, stage, progress={JJ: at("S1E4")})
    page.goto(f"{stage.talk}{PROGRESS}")
    chosen = page.get_by_role("combobox", name="Captain America: Civil War")
    chosen.select_option("at:")
    question = page.locator(".asked").get_by_role("group", name="Jessica Jones")
    with page.expect_event("requestfinished", lambda request: request.url == f"{stage.talk}{PROGRESS}"):
        question.get_by_role("button", name="As this browser says").click()
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    expect(chosen).to_have_value("at:")
    page.reload()
    expect(page.get_by_label("Jessica Jones", exact=True)).to_have_value("at:S1E4")


def test_what_goes_down_goes_down_everywhere(stage: Stage, reader: Reader) -> None:
    """Who said less since has the word, in the account and in another browser."""
    fan = Fan(stage, "Fan Three")
    page, other = fan.sign_in(reader(stage)), fan.sign_in(reader(stage))
    fan.says(progress={JJ: ("at", "S1E9"), "luke-cage": ("none", "")})
    for one in (page, other):
        one.goto(f"{stage.talk}{PROGRESS}")
        knows(one, {JJ: at("S1E9"), "luke-cage": {"s": "none"}})
    page.get_by_label("Jessica Jones", exact=True).select_option("at:S1E2")
    page.locator(f'[data-work="{JJ}"]').get_by_role("button", name="Save").click()
    until(lambda: remembered(page).get(JJ) == at("S1E2"), "the browser to know it")
    page.get_by_label("Luke Cage").select_option("")
    page.locator('[data-work="luke-cage"]').get_by_role("button", name="Save").click()
    knows(page, {JJ: at("S1E2")})
    other.goto(f"{stage.talk}{PROGRESS}")
    knows(other, {JJ: at("S1E2")})
    assert fan.known["progress"] == {JJ: ("at", "S1E2")}
    expect(other.locator(".asked")).to_have_count(0)


def test_a_page_of_a_discussion_merges_and_tells(stage: Stage, reader: Reader) -> None:
    """In a discussion nothing is asked; what is said there reaches the account, also when it is less."""
    fan = Fan(stage, "Fan Four")
    url, _ = discuss(stage, "told", assumes="")
    home = stage.describe(url)
    stage.post(url, "Well, [JJ S1E4]||it was him||.")
    fan.says(progress={JJ: ("at", "S1E9"), "luke-cage": ("dont_care", "")})
    page = fan.sign_in(reader(stage))
    remember(page, stage, progress={"luke-cage": {"s": "none"}, "ca-civil-war": at("")})
    page.evaluate("() => localStorage.setItem('aftershow.in', '1')")
    page.goto(home)
    expect(cover(page, "Jessica Jones S1E4").locator(".sp-body")).to_have_text("it was him")
    until(lambda: fan.known["progress"].get("ca-civil-war") == ("at", ""), "the account to know it")
    assert fan.known["progress"]["luke-cage"] == ("dont_care", "")
    assert remembered(page)["luke-cage"] == {"s": "none"}
    row = page.get_by_role("group", name="Jessica Jones", exact=True)
    page.locator("[data-progress] details").first.evaluate("(fold) => { fold.open = true; }")
    row.get_by_role("combobox").select_option("S1E2")
    until(lambda: fan.known["progress"][JJ] == ("at", "S1E2"), "the account to know less")
    expect(cover(page, "Jessica Jones S1E4").locator(".sp-body")).to_be_hidden()
    row.get_by_role("button", name="Not started").click()
    until(lambda: fan.known["progress"][JJ] == ("none", ""), "the account to know nothing")


def test_another_person_in_the_same_browser_starts_from_what_it_knows(stage: Stage, reader: Reader) -> None:
    """What was agreed on with one account says nothing about another."""
    first, second = Fan(stage, "Fan Five"), Fan(stage, "Fan Six")
    page = first.sign_in(reader(stage))
    first.says(progress={JJ: ("at", "S1E9")})
    page.goto(f"{stage.talk}{PROGRESS}")
    knows(page, {JJ: at("S1E9")})
    second.says(progress={JJ: ("at", "S1E4"), "luke-cage": ("none", "")})
    second.sign_in(page)
    page.goto(f"{stage.talk}{PROGRESS}")
    until(lambda: second.known["progress"][JJ] == ("at", "S1E9"), "the account to know it")
    assert remembered(page) == {JJ: at("S1E9"), "luke-cage": {"s": "none"}}
    assert first.known["progress"] == {JJ: ("at", "S1E9")}


def test_what_could_not_be_told_is_told_later(stage: Stage, reader: Reader, watch: Watch) -> None:
    watch.forgive("net::ERR_FAILED", "Failed to load resource")
    fan = Fan(stage, "Fan Seven")
    page = fan.sign_in(reader(stage))
    fan.says(progress={JJ: ("at", "S1E9")})
    page.goto(f"{stage.talk}{PROGRESS}")
    knows(page, {JJ: at("S1E9")})
    page.route("**/api/v1/me/progress", lambda route: route.abort())
    remember(page, stage, progress={JJ: at("S1E2"), "luke-cage": {"s": "none"}})
    with page.expect_event("requestfailed"):
        page.goto(f"{stage.talk}{PROGRESS}")
    assert fan.known["progress"] == {JJ: ("at", "S1E9")}
    page.unroute("**/api/v1/me/progress")
    page.goto(f"{stage.talk}{PROGRESS}")
    until(lambda: fan.known["progress"] == {JJ: ("at", "S1E2"), "luke-cage": ("none", "")}, "the account to know it")


def test_everything_can_be_said_without_scripts(stage: Stage, reader: Reader) -> None:
    fan = Fan(stage, "Fan Eight")
    page = fan.sign_in(reader(stage, java_script_enabled=False))
    page.goto(f"{stage.talk}/settings")
    page.get_by_label("Your name", exact=True).fill("Fan 8")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Saved.")
    expect(page.locator(".masthead .person")).to_contain_text("Fan 8")
    page.get_by_role("navigation", name="Settings").get_by_role("link", name="How far you are").click()
    page.get_by_label("Say it of another work").fill("luke")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Luke Cage").click()
    page.get_by_role("combobox", name="Luke Cage").select_option("at:S1E3")
    page.get_by_label("outtakes").check()
    page.get_by_role("button", name="Save Luke Cage").click()
    expect(page.locator(".done")).to_have_text("Saved.")
    expect(page.get_by_role("combobox", name="Luke Cage")).to_have_value("at:S1E3")
    assert fan.known["ticks"] == {"luke-cage": ["outtakes"]}


def test_a_profile_covers_and_uncovers(stage: Stage, reader: Reader) -> None:
    """Away from its discussion a cover says all that it needs, opens by its button, and by what its reader says."""
    fan = Fan(stage, "Fan Nine")
    url, _ = discuss(stage, "profiled")
    fan.sign_in(reader(stage))
    fan.post(url, "Openly said in there.")
    fan.post(stage.page("plainly"), "Well, [JJ S1E4]||it was him||.")
    page = reader(stage)
    page.goto(f"{stage.talk}/u/Fan%20Nine")
    whole, part = cover(page), cover(page, "Jessica Jones S1E4")
    expect(whole).to_be_visible()
    expect(page.get_by_text("Openly said in there.")).to_have_count(0)
    whole.get_by_role("button").click()
    expect(whole).to_contain_text("Openly said in there.")
    expect(part.locator(".sp-body")).to_be_hidden()
    remember(page, stage, progress={JJ: at("S1E4")})
    page.goto(f"{stage.talk}/u/Fan%20Nine")
    expect(part.locator(".sp-body")).to_have_text("it was him")
    bare = reader(stage, java_script_enabled=False)
    bare.goto(f"{stage.talk}/u/Fan%20Nine")
    cover(bare, "Jessica Jones S1E4").get_by_role("button").click()
    bare.get_by_role("button", name="Show it").click()
    expect(bare.get_by_text("it was him")).to_be_visible()


def test_a_reader_who_is_only_so_far_gets_no_more_on_a_profile(stage: Stage, reader: Reader) -> None:
    """What the discussion as a whole gives away stays covered, whatever else its reader has cleared."""
    fan = Fan(stage, "Fan Ten")
    url, _ = discuss(stage, "so far", assumes="jessica-jones:S1E13")
    fan.sign_in(reader(stage))
    fan.post(url, "Openly said in there.")
    page = reader(stage)
    remember(page, stage, progress={JJ: at("S1E4")})
    page.goto(f"{stage.talk}/u/Fan%20Ten")
    expect(cover(page).get_by_role("button")).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_text("Openly said in there.")).to_have_count(0)
    remember(page, stage, progress={JJ: at("S1E13")})
    page.goto(f"{stage.talk}/u/Fan%20Ten")
    expect(page.get_by_text("Openly said in there.")).to_be_visible()


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest) -> dict[str, Any]:
    """One way to look at a page."""
    return LOOKS[request.param]


def furnished(stage: Stage, name: str, page: Page) -> Page:
    """Somebody who has a bit of everything, looking at what asks them."""
    fan = Fan(stage, name)
    fan.sign_in(page)
    fan.post(stage.page("furnished"), "Well, [JJ S1E4]||it was him||.")
    fan.says(progress={JJ: ("at", "S1E4"), "luke-cage": ("dont_care", "")}, ticks={JJ: ["special"]})
    fan.says(rules={"mcu/film": "dont_care"})
    remember(page, stage, progress={"luke-cage": {"s": "none"}})
    return page


def pages(name: str) -> tuple[str, ...]:
    return ("/settings", "/settings/people", f"{PROGRESS}?q=jess", f"/u/{name}")


def test_axe_finds_nothing(stage: Stage, reader: Reader, look: dict[str, Any], request: pytest.FixtureRequest) -> None:
    name = f"Axe{abs(hash(request.node.name)) % 10_000}"
    page = furnished(stage, name, reader(stage, **look))
    found = {}
    for path in pages(name):
        page.goto(f"{stage.talk}{path}")
        if path.startswith(PROGRESS):
            expect(page.locator(".asked")).to_be_visible()
        found[path] = serious(page)
    assert {path: problems for path, problems in found.items() if problems} == {}


def test_no_page_scrolls_sideways(stage: Stage, reader: Reader) -> None:
    name = "Gutterlichtgutterlichtgutterlichtgutterl"
    page = furnished(stage, name, reader(stage, **NARROW, locale=RTL))
    wide = {}
    for path in pages(name):
        page.goto(f"{stage.talk}{path}")
        if path.startswith(PROGRESS):
            expect(page.locator(".asked")).to_be_visible()
        wide[path] = page.evaluate(WIDER)
    assert set(wide.values()) == {0}, wide
