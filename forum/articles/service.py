"""Articles: recognise one, open its discussion, describe it, and keep it when its site changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from forum.articles import queries
from forum.articles.model import PUBLISHER_FIELDS, Article, ArticleRef, Discussion, DiscussionState
from forum.articles.policy import may_discuss
from forum.articles.urls import UrlProblem, normalise_url
from forum.core.decision import Deny
from forum.core.i18n import N_
from forum.core.text import is_unwanted
from forum.db import Database, Tx
from forum.errors import Conflict, FieldError, Invalid, NotFound
from forum.outbox import queries as outbox
from forum.runtime import Runtime
from forum.sites import queries as sites
from forum.sites.model import Site
from forum.sites.origins import without_www
from forum.sites.service import edit_site

ARTICLE_SEEN = "article_seen"
# The article's page says something else about spoilers than is known; handled where scopes are.
ARTICLE_WARNED = "article_warned"
# How long a page that was given up is left alone, however often its article is met.
REST = timedelta(hours=1)
MAX_IDENTIFIER = 200


def locate(site: Site, url: str, identifier: str | None = None) -> ArticleRef:
    """Recognise an article by its address, or by the site's own name for it.

    Raises Invalid for text that is no address, and NotFound for one that is not on the site's origins.
    """
    try:
        normalised = normalise_url(url, strip_www=site.strip_www)
    except UrlProblem as error:
        detail = N_("That is not the address of a page.")
        raise Invalid(error.code, detail, errors=(FieldError("url", error.code),)) from error
    if isinstance(denied := may_discuss(site, url), Deny):
        raise NotFound(denied.code, N_("This site has no discussions for pages of that address."))
    key = f"id:{_checked(identifier)}" if identifier else normalised
    return ArticleRef(site.id, normalised, key)


def _checked(identifier: str) -> str:
    if len(identifier) > MAX_IDENTIFIER:
        raise Invalid(errors=(FieldError("identifier", "too_long"),))
    if any(is_unwanted(character) for character in identifier):
        raise Invalid(errors=(FieldError("identifier", "wrong_value"),))
    return identifier


async def get_discussion(tx: Tx, discussion_id: int) -> Discussion:
    """The discussion with this id; raises NotFound."""
    found = await queries.find_discussion(tx, discussion_id)
    if found is None:
        raise NotFound(detail=N_("There is no such discussion."))
    return found


async def open_discussion(tx: Tx, rt: Runtime, ref: ArticleRef, now: datetime) -> Discussion:
    """The discussion of an article, begun if it has none. A new article's page is read later, by the worker; one
    that was given up and never verified is tried again."""
    met = await queries.find_met(tx, ref)
    if met is not None:
        found, given_up_at = met
        if found.article.verified_at is None and given_up_at is not None and given_up_at <= now - REST:
            return await _try_again(tx, found, ref, now)
        return found
    article = Article(site_id=ref.site_id, id=rt.ids.next(), url_key=ref.key, url=ref.url)
    if await queries.insert_discussion(tx, article, now=now):
        await _read_later(tx, article, now, job_id=article.id)
        return Discussion(article, DiscussionState.OPEN, comment_count=0, revision=1, last_comment_at=None)
    first = await queries.find_discussion_of(tx, ref)
    if first is None:
        raise NotFound()
    return first


async def _read_later(tx: Tx, article: Article, now: datetime, *, job_id: int) -> None:
    """The first job about an article has its id, so that it can be found when it was given up."""
    payload = {"article": str(article.id)}
    await outbox.insert_job(tx, site_id=article.site_id, job_id=job_id, kind=ARTICLE_SEEN, payload=payload, now=now)


async def _try_again(tx: Tx, found: Discussion, ref: ArticleRef, now: datetime) -> Discussion:
    """Look at the page of an unverified article anew. The address it was met at now gets its turn: the one before
    was chosen by whoever came first."""
    article = found.article
    await outbox.revive_job(tx, site_id=article.site_id, job_id=article.id, dead_since=now - REST, now=now)
    if article.identifier is None or article.url == ref.url:
        return found
    article = replace(article, url=ref.url)
    await queries.update_article(tx, article)
    return replace(found, article=article)


async def announce_article(rt: Runtime, ref: ArticleRef) -> Discussion:
    """An embed met an article for the first time: begin its discussion. Repeating it changes nothing."""
    now = rt.clock.now()

    async def work(tx: Tx) -> Discussion:
        return await open_discussion(tx, rt, ref, now)

    return await rt.db.write(work)


@dataclass(frozen=True, slots=True)
class Description:
    """What a publisher says about an article. `fields` holds the PUBLISHER_FIELDS that were stated; one stated as
    None is given back to what the page says."""

    fields: dict[str, object] = field(default_factory=dict)
    state: DiscussionState | None = None


async def describe_article(rt: Runtime, ref: ArticleRef, said: Description) -> Discussion:
    """Store what the publisher says; it stands above what the page says, and vouches for the article."""
    now = rt.clock.now()

    async def work(tx: Tx) -> Discussion:
        found = await open_discussion(tx, rt, ref, now)
        article = apply_description(found.article, said, url=ref.url)
        if article.url != found.article.url or article.verified_at is None:
            await read_again(tx, rt, article, now, moved=article.url != found.article.url)
        article = replace(article, verified_at=article.verified_at or now)
        await queries.update_article(tx, article)
        state = said.state or found.state
        if state is not found.state:
            await queries.update_state(tx, site_id=ref.site_id, discussion_id=found.id, state=state)
        return replace(found, article=article, state=state)

    return await rt.db.write(work)


async def read_again(tx: Tx, rt: Runtime, article: Article, now: datetime, *, moved: bool) -> None:
    """A page that was given up gets another chance at once; one that moved is read where it is now, even while a
    job about its old place is under way."""
    revived = await outbox.revive_job(tx, site_id=article.site_id, job_id=article.id, dead_since=now, now=now)
    if moved and not revived:
        await _read_later(tx, article, now, job_id=rt.ids.next())


def apply_description(article: Article, said: Description, *, url: str) -> Article:
    """The article with the publisher's words in place, and those fields locked. The address is one of them where
    the article is recognised by an identifier."""
    changes = {name: value for name, value in said.fields.items() if name in PUBLISHER_FIELDS}
    locked = (article.locked | {n for n, v in changes.items() if v is not None}) - {
        n for n, v in changes.items() if v is None
    }
    if changes.get("title", "") is None:
        changes["title"] = ""
    if article.identifier is not None:
        changes["url"] = url
        locked |= {"url"}
    return replace(article, **changes, locked=frozenset(locked))  # type: ignore[arg-type]


def apply_page(article: Article, found: dict[str, object]) -> Article:
    """The article with what its page says, where the publisher has not spoken."""
    changes = {name: value for name, value in found.items() if value and name not in article.locked}
    return replace(article, **changes)  # type: ignore[arg-type]


async def count_comments(rt: Runtime, site: Site, urls: Iterable[str]) -> tuple[dict[str, int], set[int]]:
    """Readable comments below each address as it was asked for, and the discussions that were counted.

    An address that is malformed or not on the site's origins counts 0: a list page has one call for all of them.
    """
    spelled: dict[str, str | None] = {}
    for url in urls:
        try:
            spelled[url] = locate(site, url).url
        except (Invalid, NotFound):
            spelled[url] = None
    wanted = sorted({url for url in spelled.values() if url is not None})
    if not wanted:
        return dict.fromkeys(spelled, 0), set()
    async with rt.db.read(fresh=True) as tx:
        counts, discussions = await queries.list_counts(tx, site_id=site.id, urls=wanted)
    return {url: counts.get(normal, 0) if normal else 0 for url, normal in spelled.items()}, discussions


async def configure_site(db: Database, changed: Site) -> None:
    """Store a site's new configuration, as the operator wrote it.

    Raises Conflict (articles_respelled) for another `strip_www` when there are articles whose addresses would be
    spelled differently: their discussions would no longer be found.
    """

    async def check(tx: Tx) -> None:
        before = await sites.find_site(tx, changed.id)
        if before is None or before.strip_www is changed.strip_www:
            return
        named = {origin for origin in (*before.origins, *changed.origins) if without_www(origin) != origin}
        # What is stored with `www.` loses it; what is stored without it was perhaps met with it.
        stored = named if changed.strip_www else {without_www(origin) for origin in named}
        count = sum([await queries.count_below(tx, site_id=changed.id, origin=origin) for origin in sorted(stored)])
        if count:
            detail = N_(
                "Whether www. counts can only be chosen before the first article: the discussions of articles that are "
                "here (%(count)s) would no longer be found. Nothing was changed."
            )
            raise Conflict("articles_respelled", detail, count=count)

    await edit_site(db, changed, check=check)
