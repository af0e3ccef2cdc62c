"""Fills a database for the demo: the newsroom as a site, its articles, and what people said below them.

Threads go through the same statements as any comment, so every counter is right; only the times are their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from forum.accounts import queries as people
from forum.accounts.model import ACCOUNT, GUEST, Guest
from forum.accounts.names import check_guest_name, name_key
from forum.accounts.service_people import create_account
from forum.articles import queries as articles
from forum.articles.model import Discussion, Gate, Warned
from forum.articles.service import Description, describe_article, locate
from forum.comments import queries
from forum.comments.birth import Wish, bear
from forum.comments.compose import Composed, compose
from forum.comments.desk import Desk
from forum.comments.model import Author, Comment, Draft
from forum.comments.screening.reading import unscreened
from forum.comments.service import about_discussion, read_scope
from forum.comments.service_edit import rewrite
from forum.core.capability import derive_token
from forum.core.clock import FixedClock
from forum.core.ids import IdMaker
from forum.db import Tx
from forum.demo import content
from forum.demo.content import Article, SeedComment
from forum.runtime import Runtime
from forum.sites import service as sites
from forum.sites.model import Site
from forum.sites.queries import list_sites
from forum.spoilers.catalogue.drafts import Catalogue
from forum.spoilers.catalogue.importing import read
from forum.spoilers.catalogue.service_catalogue import import_works
from forum.spoilers.service import book, works_of
from forum.spoilers.service_warned import warn_from_page

# How old the newest comment is when the demo is made.
NEWEST_AGE = timedelta(minutes=3)
EDITED_AFTER = timedelta(minutes=2)
# The earlier revision of an edited comment: what the author typed before seeing the slip.
SLIP = ("the ", "teh ")


async def seed(rt: Runtime, *, newsroom_url: str) -> timedelta:
    """Make sure that the newsroom at this address is a site here, with its threads.

    Returns by how much the content's own times were moved. What an earlier run made at the same address is kept.
    """
    await _bring_works(rt)
    site = await _site(rt, newsroom_url)
    later_by = await _moved_by(rt, site, newsroom_url)
    if later_by is None:
        stock = content.load(own_url=newsroom_url)
        newest = max(article.posted_at(comment) for article in stock.articles for comment in article.comments)
        later_by = timedelta(minutes=(rt.clock.now() - NEWEST_AGE - newest) // timedelta(minutes=1))
    for article in reversed(content.load(own_url=newsroom_url, later_by=later_by).articles):
        await _seed_article(rt, site, article, f"{newsroom_url}{article.path}")
    return later_by


async def _bring_works(rt: Runtime) -> None:
    """Bring the demo's works into the catalogue. Those that are there stay as somebody may have changed them."""
    stock = read(content.CATALOGUE)
    known = await works_of(rt, [work.id for work in stock.works])
    missing = tuple(work for work in stock.works if work.id not in known)
    if missing:
        await import_works(rt, Catalogue(missing, stock.franchises))


async def _site(rt: Runtime, newsroom_url: str) -> Site:
    async with rt.db.read(fresh=True) as tx:
        found = {site.key: site for site in await list_sites(tx)}.get(content.SITE_KEY)
    if found is not None:
        changed = replace(found, origins=tuple(dict.fromkeys((*found.origins, newsroom_url))))
        if changed != found:
            await sites.edit_site(rt.db, changed)
        return changed
    draft = Site(
        id=0,
        key=content.SITE_KEY,
        name=content.SITE_NAME,
        language="en",
        origins=(newsroom_url,),
        guests=True,
        hold=False,
        strip_www=False,
        secret_hash="",
        created_at=rt.clock.now(),
    )
    site, _ = await sites.add_site(rt.db, rt.ids, draft)
    return site


async def _moved_by(rt: Runtime, site: Site, newsroom_url: str) -> timedelta | None:
    """By how much an earlier run moved the times, or None when there was none at this address."""
    for article in content.load(own_url=newsroom_url).articles:
        async with rt.db.read(fresh=True) as tx:
            found = await articles.find_discussion_of(tx, locate(site, f"{newsroom_url}{article.path}"))
        if found is not None and found.article.published_at is not None:
            return found.article.published_at - article.published_at
    return None


async def _seed_article(rt: Runtime, site: Site, article: Article, url: str) -> None:
    """Describe an article as its publisher would, and write its thread unless somebody has written there already."""
    fields: dict[str, object] = {
        "title": article.title,
        "prompt": article.question,
        "published_at": article.published_at,
    }
    ref = locate(site, url)
    discussion = await describe_article(rt, ref, Description(fields))
    if discussion.last_comment_at is not None or not article.comments:
        return
    # As its page will say too, once that has been read.
    said = Warned(assumes=article.assumes, works=article.works, gate=Gate(article.gate))
    await warn_from_page(rt, discussion.id, said)
    async with rt.db.read(fresh=True) as tx:
        discussion = await articles.find_discussion_of(tx, ref) or discussion
    thread = _Thread(rt, site, discussion, article)
    await thread.prepare()
    known = await book(rt)
    # What is decided about it is as old as it is, also in the order of the log.
    then = replace(rt, ids=IdMaker(FixedClock(article.published_at)))
    await rt.db.write(lambda tx: thread.write(Desk(tx, then, known)))


@dataclass(frozen=True, slots=True)
class _Ready:
    """A comment of the demo, composed, with the id and the moment it is given; `later` is what it was edited to."""

    seed: SeedComment
    name: str
    wish: Wish
    id: int
    moment: datetime
    later: Composed | None


@dataclass(slots=True)
class _Thread:
    """A thread on its way into the database: first everything that takes time, then one transaction."""

    rt: Runtime
    site: Site
    discussion: Discussion
    article: Article
    ready: list[_Ready] = field(default_factory=list)

    async def prepare(self) -> None:
        """Check and render every comment; ids follow from the times, as they would have."""
        clock = FixedClock(self.article.published_at)
        ids = IdMaker(clock)
        about = await about_discussion(self.rt, self.discussion, self.article.published_at)
        made: dict[str, int] = {}
        for comment in self.article.comments:
            clock.advance(self.article.posted_at(comment) - clock.now())
            body = content.QUOTE_MARK.sub(lambda mark: f"c{made[mark[1]]}", comment.body)
            composed = await compose(self.rt, body.replace(*SLIP, 1) if comment.edited else body, about)
            later = await compose(self.rt, body, about) if comment.edited else None
            own = None if comment.scope is None else await read_scope(self.rt, comment.scope, at=clock.now())
            name = check_guest_name(comment.author, site_name=self.site.name)
            screened = unscreened(composed.source)
            wish = Wish(Draft(composed.source, None, ""), composed, own, screened, hold=comment.held)
            made[comment.key] = ids.next()
            self.ready.append(_Ready(comment, name, wish, made[comment.key], clock.now(), later))

    async def write(self, desk: Desk) -> None:
        """Write the thread in the order it was said; what was deleted goes last, when it has been answered."""
        stored: dict[str, Comment] = {}
        authors: dict[str, Author] = {}
        for ready in self.ready:
            name = ready.name
            if name not in authors:
                authors[name] = await self._author(desk.tx, ready)
            parent = None if ready.seed.parent_key is None else stored[ready.seed.parent_key].id
            wish = replace(ready.wish, draft=replace(ready.wish.draft, parent_id=parent))
            born = await bear(desk, self.site, self.discussion, wish, (ready.id, authors[name], ready.moment))
            stored[ready.seed.key] = born.comment
        for ready in self.ready:
            await self._change(desk, ready, stored[ready.seed.key])

    async def _author(self, tx: Tx, ready: _Ready) -> Author:
        """Who has this name: the same person below every article. Some have accounts, which nobody can sign in to."""
        if ready.name in content.MEMBERS:
            member = await people.find_account_named(tx, name_key(ready.name))
            member = member or await create_account(
                tx, self.rt, ready.name, email=None, verified=False, now=ready.moment
            )
            return Author(ACCOUNT, member.id, member.name)
        return Author(GUEST, await self._guest(tx, ready), ready.name)

    async def _guest(self, tx: Tx, ready: _Ready) -> int:
        token = derive_token(self.rt.settings.secret_key, "demo", ready.name)
        new = Guest(self.site.id, ready.id)
        if await people.insert_guest(tx, new, token=token, now=ready.moment):
            return new.id
        found = await people.find_guest(tx, site_id=self.site.id, token=token)
        return new.id if found is None else found.id

    async def _change(self, desk: Desk, ready: _Ready, stored: Comment) -> None:
        if ready.later is not None:
            earlier = ready.wish.composed.source
            await rewrite(desk, stored, stored, ready.later, (earlier, ready.moment + EDITED_AFTER))
        if ready.seed.deleted:
            await queries.erase_comment(desk.tx, stored)
            await queries.count_comment(desk.tx, stored, by=-1)
