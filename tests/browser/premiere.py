"""A premiere night: hundreds write, a dozen report, a brigade comes, and one moderator keeps order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from playwright.sync_api import Page

from forum.accounts import queries as accounts
from forum.accounts.model import Account, Role
from forum.accounts.service_people import create_account
from forum.accounts.service_session import begin_main
from forum.articles.service import locate
from forum.comments.model import Comment
from forum.comments.review.model import Reason
from forum.comments.screening.queries import Version, insert_rules
from forum.comments.screening.rules import Rules, dump
from forum.comments.service import read_scope
from forum.comments.service_post import NewComment, post_comment
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.demo import content
from forum.moderation.flags.service_flag import Said, flag_comment
from forum.sites.service import get_site
from forum.web.visitors import main_cookie_name
from tests.browser.fandom import discuss, fill_catalogue
from tests.browser.stage import Stage

COMMENTS: Final = 200
FLAGS: Final = 30
FLAGGERS: Final = 12
SPOILED: Final = "jessica-jones:S1E13"
SECRET: Final = "the neighbour"
LONG_AGO: Final = timedelta(days=40)


@dataclass(slots=True)
class Fan:
    """Somebody with an account and a session, on a network of their own."""

    account: Account
    token: str
    network: str

    @property
    def visitor(self) -> Visitor:
        return Visitor(self.network, main=self.token)


@dataclass(slots=True)
class Night:
    """Who is there, and what stands out of what they wrote."""

    stage: Stage
    url: str
    fans: list[Fan] = field(default_factory=list)
    brigade: list[Fan] = field(default_factory=list)
    spoiler: Comment | None = None
    insult: Comment | None = None
    innocent: Comment | None = None
    advertising: list[Comment] = field(default_factory=list)
    chatter: list[Comment] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    flags: int = 0
    flaggers: set[int] = field(default_factory=set)

    @property
    def rt(self) -> Any:
        return self.stage.app.rt

    async def join(self, name: str, *, new: bool = False, role: Role | None = None) -> Fan:
        """Another fan; not `new`, they have been here for a while."""
        now = self.rt.clock.now()

        async def work(tx: Tx) -> tuple[Account, str]:
            made = await create_account(
                tx, self.rt, name, email=None, verified=False, now=now if new else now - LONG_AGO
            )
            if role is not None:
                site = await get_site(self.rt, content.SITE_KEY)
                await accounts.set_role(tx, site_id=site.id, account_id=made.id, role=role, now=now)
            begun = await begin_main(tx, self.rt, made, now, agent="A browser")
            return made, begun.token

        account, token = await self.rt.db.write(work)
        number = account.id % 250
        return Fan(account, token, f"198.51.{len(self.fans) + len(self.brigade)}.{number}")

    async def write(self, fan: Fan, body: str, parent: int | None = None) -> Comment:
        """Post a comment."""
        site = await get_site(self.rt, content.SITE_KEY)
        new = NewComment(site, locate(site, self.url), body, "", parent)
        comment: Comment = (await post_comment(self.rt, fan.visitor, new)).comment
        self.ids.append(comment.id)
        return comment

    async def report(self, fan: Fan, comment: Comment, reason: Reason, note: str = "") -> None:
        """Say what is wrong with a comment."""
        scope = await read_scope(self.rt, [SPOILED] if reason is Reason.SPOILER else [], at=self.rt.clock.now())
        await flag_comment(self.rt, fan.visitor, comment.id, Said(reason, scope, note))
        self.flags += 1
        self.flaggers.add(fan.account.id)


async def _rules(night: Night) -> None:
    site = await get_site(night.rt, content.SITE_KEY)
    rules = Rules(hold_words=("casino",), newcomer_comments=1)
    new = Version(1, dump(rules), 0, night.rt.clock.now())
    await night.rt.db.write(lambda tx: insert_rules(tx, site.id, new))


async def _people(night: Night) -> None:
    for number in range(10):
        night.fans.append(await night.join(f"Fan {number}"))
    for number in range(6):
        night.brigade.append(await night.join(f"Brigadier {number}", new=True))


async def _talk(night: Night) -> None:
    """Three comments of everybody's first: whoever writes is somebody."""
    for turn in range(3):
        for fan in night.fans:
            await night.write(fan, f"{turn + 1}. What {fan.account.name} makes of the {_ORDINAL[turn]} half.")
    spammer, author, rude = night.fans[7], night.fans[8], night.fans[9]
    night.spoiler = await night.write(author, f"So it was {SECRET} all along, in the very last minute.")
    night.insult = await night.write(rude, "Whoever liked this is an idiot, and so are you.")
    night.innocent = await night.write(night.fans[0], "I did not like the ending one bit.")
    for number in range(4):
        night.advertising.append(await night.write(spammer, f"Win at the casino, table {number}: all night long."))


_ORDINAL: Final = ("first", "second", "third")


async def _crowd(night: Night) -> None:
    number = 0
    while len(night.ids) < COMMENTS:
        parent = night.ids[number % 20] if number % 3 == 0 else None
        written = await night.write(night.fans[number % 7], f"Scene {number}: what a shot, and what a score.", parent)
        if number % 7 == 6:
            night.chatter.append(written)
        number += 1


async def _reports(night: Night) -> None:
    """Thirty reports by twelve people: on the spoiler, on the insult, and (by newcomers) on an opinion."""
    assert night.spoiler is not None
    assert night.insult is not None
    assert night.innocent is not None
    for fan in night.fans[:6]:
        await night.report(fan, night.spoiler, Reason.SPOILER)
    for fan in night.fans[1:4]:
        await night.report(fan, night.insult, Reason.ABUSE)
    for fan in night.brigade:
        await night.report(fan, night.innocent, Reason.ABUSE)
    # The rest is about this and that, and decides nothing by itself.
    for number in range(FLAGS - night.flags):
        comment = night.chatter[number]
        await night.report(night.fans[number % 6], comment, Reason.OFF_TOPIC if number % 2 else Reason.SPAM)


def begin(stage: Stage) -> Night:
    """The evening up to the moment when a moderator sits down."""
    fill_catalogue(stage)
    url, _ = discuss(stage, "premiere", assumes="")
    night = Night(stage, url)

    async def work() -> None:
        await _rules(night)
        await _people(night)
        await _talk(night)
        await _crowd(night)
        await _reports(night)

    stage.server.run(work())
    return night


def moderator(night: Night, page: Page, name: str = "Edda", role: Role = Role.MODERATOR) -> Fan:
    """Somebody who moderates, signed in with this browser."""
    fan = night.stage.server.run(night.join(name, role=role))
    let_in(night.stage, page, fan)
    return fan


def let_in(stage: Stage, page: Page, fan: Fan) -> None:
    """Give a browser somebody's session."""
    cookie = {"name": main_cookie_name(stage.settings), "value": fan.token, "url": stage.talk}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
