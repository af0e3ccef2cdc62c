"""Every refusal and every hold of screening, read as the person meets it: the answer to a program, and the page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from typing import Any, Final

import pytest

from forum.articles import queries as articles
from forum.articles.model import Steered
from forum.comments.review.model import Sanction
from forum.comments.screening import sentences as say
from forum.comments.screening.model import Rule
from forum.comments.screening.rules import Action, Check, CheckKind
from forum.db import Tx
from tests.support.app import ARTICLE, FORM, House, Person, problem
from tests.support.forms import follow
from tests.support.moderating import row_of
from tests.support.screening import sanction, set_rules, teach
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio

TEXT: Final = "The ferryman knew the way across the river from the first page on."
ALMOST: Final = "The ferryman knew the way across the river from the very first page on."
CHECK: Final = Check(CheckKind.HOOK, "https://check.example/hook", "k" * 20)
PITCH: Final = "WIN A CASINO BONUS TODAY ONLY, NO QUESTIONS ASKED, CLICK HERE https://spin-city7.top/123"
Prepare = Callable[[House, Person], Awaitable[Any]]


@dataclass(frozen=True)
class Met:
    """A situation: the site's rules, what happened before, what is sent, and the sentence that it meets."""

    name: str
    sentence: str
    rules: dict[str, Any] = field(default_factory=dict)
    before: Prepare | None = None
    body: str = TEXT
    args: dict[str, Any] = field(default_factory=dict)
    rule: Rule = Rule.PREMODERATED
    code: str = "screened"
    status: int = 403
    wait: int = 0  # seconds


async def wrote(house: House, person: Person) -> None:
    """They have just written this."""
    await person.post(TEXT)


async def others_wrote(house: House, person: Person) -> None:
    await house.attacker.post(TEXT)


async def goes_slowly(house: House, person: Person) -> None:
    await person.post("Something else altogether.")
    await steer(house, Steered(slow_seconds=90))


async def is_watched(house: House, person: Person) -> None:
    await house.attacker.post("The first one here.")
    await steer(house, Steered(premoderated=True))


async def steer(house: House, steered: Steered) -> None:
    where = await discussion_id(house)

    async def work(tx: Tx) -> None:
        await articles.update_steered(tx, site_id=house.site.id, discussion_id=where, steered=steered)

    await house.rt.db.write(work)


async def site_holds(house: House, person: Person) -> None:
    await house.change_site(hold=True)


async def is_long_over(house: House, person: Person) -> None:
    await house.attacker.post("The first one here.")
    house.clock.advance(timedelta(days=8))


def under(kind: Sanction, hours: int | None = None) -> Prepare:
    async def prepare(house: House, person: Person) -> None:
        row = await row_of(house, await person.post("An earlier comment of mine."))
        await sanction(house, (row.author_kind, row.author_id), kind, hours=hours)

    return prepare


async def covered_that(house: House, person: Person) -> None:
    await house.attacker.post(f"|| {TEXT} ||")


async def was_taught(house: House, person: Person) -> None:
    await teach(house)


REFUSED: Final = (
    Met("short", say.TOO_SHORT, {"shortest": 80}, args={"least": 80}, rule=Rule.LENGTH),
    Met("long", say.TOO_LONG, {"longest": 60}, args={"most": 60}, rule=Rule.LENGTH),
    Met("over", say.OVER, {"close_after_days": 7}, is_long_over, code="discussion_closed"),
    Met("muted", "You can't write new comments here until", {}, under(Sanction.MUTE, 24), code="muted"),
    Met("suspended", "You can't write, edit or report", {}, under(Sanction.SUSPEND, 24), code="suspended"),
    Met("banned", "You are banned here", {}, under(Sanction.BAN), code="banned"),
    Met(
        "slow", say.SLOW, {}, goes_slowly,
        args={"every": "90 seconds", "wait": "90 seconds"}, wait=90, code="slow_mode", status=429,
    ),
    Met(
        "rate", say.RATE, {"rate_comments": 1, "rate_minutes": 5}, wrote,
        args={"wait": "5 minutes"}, wait=300, code="rate_limited", status=429,
    ),
    Met("again", say.REPEATED, {"repeat_person": Action.REFUSE}, wrote, ALMOST, rule=Rule.REPEAT),
    Met("word", say.REFUSED_WORD, {"refuse_words": ("ferry*",)}, args={"word": "ferryman"}, rule=Rule.WORDS),
    Met("blank", say.REFUSED_WORD, {"refuse_words": ("goat",)}, body="what a\u2800goat\u2800that is",
        args={"word": "goat"}, rule=Rule.WORDS),
    Met("symbol", say.REFUSED_WORD, {"refuse_words": ("get rich quick",)}, body="get♥rich♥quick",
        args={"word": "get♥rich♥quick"}, rule=Rule.WORDS),
    Met("wording", say.REFUSED_WORDING, {"refuse_words": ("ferry*",)}, body="The f&#101;rryman knew.", rule=Rule.WORDS),
    Met("links", say.NO_LINKS, {"most_links": 0, "too_many_links": Action.REFUSE}, body="https://a.example/x",
        rule=Rule.LINKS),
    Met("many links", say.TOO_MANY_LINKS, {"most_links": 1, "too_many_links": Action.REFUSE},
        body="https://a.example/x https://b.example/y", args={"most": 1}, rule=Rule.LINKS),
    Met("new", say.NO_NEWCOMER_LINKS, {"newcomer_links": Action.REFUSE}, body="https://a.example/x",
        rule=Rule.LINKS),
    Met("blocked", say.BLOCKED_LINK, {"blocked_domains": ("bad.example",)}, body="See https://www.bad.example/x",
        args={"host": "www.bad.example"}, rule=Rule.LINKS),
    Met("media", say.NO_MEDIA, {"media": Action.REFUSE}, body="![it](https://a.example/goat.png)", rule=Rule.MEDIA),
)  # fmt: skip
HELD: Final = (
    Met("person", say.PERSON_HELD, {}, under(Sanction.PREMODERATE), rule=Rule.SANCTION),
    Met("again", say.HELD_REPEATED, {"repeat_person": Action.HOLD}, wrote, ALMOST, rule=Rule.REPEAT),
    Met("alike", say.HELD_ALIKE, {"repeat_site": Action.HOLD}, others_wrote, ALMOST, rule=Rule.REPEAT),
    Met("word", say.HELD_WORD, {"hold_words": ("across the river",)}, rule=Rule.WORDS),
    Met("links", say.HELD_LINKS, {"most_links": 0}, body="https://a.example/x", rule=Rule.LINKS),
    Met("new", say.HELD_NEWCOMER_LINKS, {"newcomer_links": Action.HOLD}, body="https://a.example/x", rule=Rule.LINKS),
    Met("first", say.HELD_FIRST, {"first_comments": 1}, rule=Rule.NEW_PERSON),
    Met("media", say.HELD_MEDIA, {"media": Action.HOLD}, body="https://youtu.be/goat", rule=Rule.MEDIA),
    Met("rules", say.SITE_HELD, {"premoderate": True}),
    Met("site", say.SITE_HELD, {}, site_holds),
    Met("discussion", say.DISCUSSION_HELD, {}, is_watched),
    Met("covered", say.HELD_COVERED, {}, covered_that, rule=Rule.COVERED_WORDS),
    Met("spam", say.HELD_SPAM, {}, was_taught, PITCH, rule=Rule.SPAM),
    Met("check", say.HELD_CHECK, {"check": CHECK}, rule=Rule.CHECK),
)


async def prepared(house: House, met: Met) -> Person:
    person = await house.newcomer("Noor")
    if met.before is not None:
        await met.before(house, person)
    await set_rules(house, **met.rules)
    return person


async def test_there_are_no_other_sentences() -> None:
    met = {one.sentence for one in (*REFUSED, *HELD)}
    written = {text for name, text in vars(say).items() if name.isupper() and isinstance(text, str)}
    # An earlier test reads what a closed discussion says; what is only flagged is for moderators.
    assert written - met == {say.CLOSED, say.FLAGGED_WORD}


@pytest.mark.parametrize("met", REFUSED, ids=lambda met: met.name)
async def test_a_refusal_says_why_and_keeps_the_text(house: House, met: Met) -> None:
    person = await prepared(house, met)
    count = await house.recount()
    answer = await person.send(met.body)
    assert problem(answer) == (met.status, met.code)
    said = met.sentence % met.args if met.args else met.sentence
    assert said in answer.json()["detail"]
    if met.code == "screened":
        assert [error["code"] for error in answer.json()["errors"]] == [met.rule.value]
    if met.status == 429:
        assert int(answer.headers["retry-after"]) == met.wait
    where = {"url": ARTICLE, "author_name": "Noor", "key": "of-the-form-00000001"}
    page = await person.submit(FORM, body=met.body, **where)
    assert page.status_code == met.status
    assert said in unescape(page.text)
    assert met.body in unescape(page.text)
    assert await house.recount() == count


@pytest.mark.parametrize("met", HELD, ids=lambda met: met.name)
async def test_what_is_held_says_why(house: House, met: Met) -> None:
    person = await prepared(house, met)
    answer = await person.post(met.body, key="the-same-every-time-1")
    assert (answer["status"], answer["notice"]) == ("held", met.rule.value)
    assert answer["notice_text"] == f"Not shown yet: a moderator looks at it first. {met.sentence}"
    again = await person.post(met.body, key="the-same-every-time-1")
    assert again == answer
    where = await discussion_id(house)
    assert met.sentence in unescape((await person.get(f"/d/{where}/mine")).text)
    assert met.sentence not in unescape((await house.replier.get(f"/d/{where}/mine")).text)
    await house.recount()


@pytest.mark.parametrize("met", [met for met in HELD if met.before is None], ids=lambda met: met.name)
async def test_without_scripts_it_says_the_same(house: House, met: Met) -> None:
    person = await prepared(house, met)
    where = {"url": ARTICLE, "author_name": "Noor", "key": "of-the-form-00000001"}
    page = await follow(person, await person.submit(FORM, body=met.body, **where))
    assert met.sentence in unescape(page)
