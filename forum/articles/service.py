"""Articles: recognise one, open its discussion, describe it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from forum.articles import queries
from forum.articles.model import PUBLISHER_FIELDS, Article, ArticleRef, Discussion, DiscussionState
from forum.articles.policy import may_discuss
from forum.articles.urls import UrlProblem, normalise_url
from forum.core.decision import Deny
from forum.core.i18n import N_
from forum.core.text import is_unwanted
from forum.db import Tx
from forum.errors import FieldError, Invalid, NotFound
from forum.outbox import queries as outbox
from forum.runtime import Runtime
from forum.sites.model import Site

ARTICLE_SEEN = "article_seen"
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
    """The discussion of an article, begun if it has none. A new article's page is read later, by the worker."""
    found = await queries.find_discussion_of(tx, ref)
    if found is not None:
        return found
    article = Article(site_id=ref.site_id, id=rt.ids.next(), url_key=ref.key, url=ref.url)
    if await queries.insert_discussion(tx, article, now=now):
        await _read_later(tx, rt, article, now)
        return Discussion(article, DiscussionState.OPEN, comment_count=0, revision=1, last_comment_at=None)
    found = await queries.find_discussion_of(tx, ref)
    if found is None:
        raise NotFound()
    return found


async def _read_later(tx: Tx, rt: Runtime, article: Article, now: datetime) -> None:
    payload = {"article": str(article.id)}
    job_id = rt.ids.next()
    await outbox.insert_job(tx, site_id=article.site_id, job_id=job_id, kind=ARTICLE_SEEN, payload=payload, now=now)


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
        article = apply_description(found.article, said)
        article = replace(article, verified_at=article.verified_at or now)
        await queries.update_article(tx, article)
        state = said.state or found.state
        if state is not found.state:
            await queries.update_state(tx, site_id=ref.site_id, discussion_id=found.id, state=state)
        return replace(found, article=article, state=state)

    return await rt.db.write(work)


def apply_description(article: Article, said: Description) -> Article:
    """The article with the publisher's words in place, and those fields locked."""
    changes = {name: value for name, value in said.fields.items() if name in PUBLISHER_FIELDS}
    locked = (article.locked | {n for n, v in changes.items() if v is not None}) - {
        n for n, v in changes.items() if v is None
    }
    if changes.get("title", "") is None:
        changes["title"] = ""
    return replace(article, **changes, locked=frozenset(locked))  # type: ignore[arg-type]


def apply_page(article: Article, found: dict[str, object]) -> Article:
    """The article with what its page says, where the publisher has not spoken."""
    changes = {name: value for name, value in found.items() if value and name not in article.locked}
    return replace(article, **changes)  # type: ignore[arg-type]


async def count_comments(rt: Runtime, site: Site, urls: Iterable[str]) -> tuple[dict[str, int], set[int]]:
    """Readable comments below each address as it was asked for, and the discussions that were counted.

    An address that is malformed or not on the site's origins counts 0: a list page has one call for all of them.
    """
    keys: dict[str, str | None] = {}
    for url in urls:
        try:
            keys[url] = locate(site, url).key
        except (Invalid, NotFound):
            keys[url] = None
    wanted = sorted({key for key in keys.values() if key is not None})
    if not wanted:
        return dict.fromkeys(keys, 0), set()
    async with rt.db.read(fresh=True) as tx:
        found = await queries.list_counts(tx, site_id=site.id, keys=wanted)
    counts = {url: found[key][1] if key in found else 0 for url, key in keys.items()}
    return counts, {discussion_id for discussion_id, _ in found.values()}
