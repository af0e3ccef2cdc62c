"""Fills a database for the demo: the newsroom as a site, its articles, and what people said below them.

Threads go through the same statements as any comment, so every counter is right; only the times are their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from forum.accounts import queries as guests
from forum.accounts.model import Guest
from forum.accounts.names import check_guest_name
from forum.articles import queries as articles
from forum.articles.service import Description, describe_article, locate
from forum.comments import queries
from forum.comments.model import Comment, Slot, Status
from forum.comments.service import check_body
from forum.comments.service_post import GUEST
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

# How old the newest comment is when the demo is made.
NEWEST_AGE = timedelta(minutes=3)
EDITED_AFTER = timedelta(minutes=2)
# The earlier revision of an edited comment: what the author typed before seeing the slip.
SLIP = ("the ", "teh ")


async def seed(rt: Runtime, *, newsroom_url: str) -> timedelta:
    """Make sure that the newsroom at this address is a site here, with its threads.

    Returns by how much the content's own times were moved. What an earlier run made at the same address is kept.
    """
    site = await _site(rt, newsroom_url)
    later_by = await _moved_by(rt, site, newsroom_url)
    if later_by is None:
        stock = content.load(own_url=newsroom_url)
        newest = max(article.posted_at(comment) for article in stock.articles for comment in article.comments)
        later_by = timedelta(minutes=(rt.clock.now() - NEWEST_AGE - newest) // timedelta(minutes=1))
    for article in reversed(content.load(own_url=newsroom_url, later_by=later_by).articles):
        await _seed_article(rt, site, article, f"{newsroom_url}{article.path}")
    return later_by


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
    discussion = await describe_article(rt, locate(site, url), Description(fields))
    if discussion.last_comment_at is not None or not article.comments:
        return
    thread = _Thread(rt, site, discussion.id, article)
    thread.prepare()
    await rt.db.write(thread.write)


@dataclass(slots=True)
class _Thread:
    """A thread on its way into the database: first everything that takes time, then one transaction."""

    rt: Runtime
    site: Site
    discussion_id: int
    article: Article
    ready: list[tuple[SeedComment, Comment]] = field(default_factory=list)

    def prepare(self) -> None:
        """Check and render every comment; ids follow from the times, as they would have."""
        clock = FixedClock(self.article.published_at)
        ids = IdMaker(clock)
        for comment in self.article.comments:
            clock.advance(self.article.posted_at(comment) - clock.now())
            self.ready.append((comment, self._draft(comment, ids.next(), clock.now())))

    def _draft(self, comment: SeedComment, comment_id: int, moment: datetime) -> Comment:
        body = comment.body.replace(*SLIP, 1) if comment.edited else comment.body
        source, rendered = check_body(self.rt, body)
        return Comment(
            site_id=self.site.id,
            id=comment_id,
            discussion_id=self.discussion_id,
            parent_id=None,
            root_id=comment_id,
            depth=0,
            root_seq=0,
            author_id=0,
            author_kind=GUEST,
            author_name=check_guest_name(comment.author, site_name=self.site.name),
            source=source,
            html=rendered.html,
            text=rendered.text,
            status=Status.HELD if comment.held else Status.PUBLISHED,
            revision=1,
            reply_count=0,
            subtree_count=0,
            created_at=moment,
            edited_at=None,
        )

    async def write(self, tx: Tx) -> None:
        """Write the thread in the order it was said; what was deleted goes last, when it has been answered."""
        stored: dict[str, Comment] = {}
        authors: dict[str, int] = {}
        for comment, draft in self.ready:
            if draft.author_name not in authors:
                authors[draft.author_name] = await self._author(tx, draft)
            slot = Slot(None, draft.id, 0, 0)
            if comment.parent_key is not None:
                slot = await queries.take_slot(tx, stored[comment.parent_key], drawn=not comment.held)
            new = draft._replace(
                author_id=authors[draft.author_name],
                parent_id=slot.parent_id,
                root_id=slot.root_id,
                depth=slot.depth,
                root_seq=slot.root_seq,
            )
            await queries.insert_comment(tx, new)
            stored[comment.key] = new
        for comment, _ in self.ready:
            await self._change(tx, comment, stored[comment.key])

    async def _author(self, tx: Tx, draft: Comment) -> int:
        """The guest of this name: the same person below every article."""
        token = derive_token(self.rt.settings.secret_key, "demo", draft.author_name)
        new = Guest(self.site.id, draft.id)
        if await guests.insert_guest(tx, new, token=token, now=draft.created_at):
            return new.id
        found = await guests.find_guest(tx, site_id=self.site.id, token=token)
        return new.id if found is None else found.id

    async def _change(self, tx: Tx, comment: SeedComment, stored: Comment) -> None:
        if comment.edited:
            source, rendered = check_body(self.rt, comment.body)
            moment = stored.created_at + EDITED_AFTER
            await queries.update_body(tx, stored, source=source, html=rendered.html, text=rendered.text, now=moment)
        if comment.deleted:
            await queries.erase_comment(tx, stored)
            await queries.count_comment(tx, stored, by=-1)
