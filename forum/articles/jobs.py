"""What the worker does about articles: read a page that was seen for the first time."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from anyio import to_thread

from forum.articles import queries
from forum.articles.extract import ArticleMeta, extract
from forum.articles.model import Article, Discussion, Gate
from forum.articles.policy import may_discuss
from forum.articles.service import ARTICLE_SEEN, ARTICLE_WARNED, apply_page
from forum.articles.urls import normalise_url
from forum.core.decision import Allow, Deny
from forum.db import Tx
from forum.markup import is_spoiler_free
from forum.outbox import queries as outbox
from forum.outbox.model import Job, JobRefused
from forum.outbox.worker import Handler
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.sites.service import get_site_by_id
from forum.web.egress import EgressRefused

OK = 200
MAX_PAGE = 5_000_000  # bytes


class PageNotReady(Exception):
    """The page can't be read yet, or does not carry the embed yet: worth another look later."""


def handlers(rt: Runtime) -> dict[str, Handler]:
    """The jobs of this feature."""

    async def article_seen(job: Job) -> None:
        await read_article(rt, job)

    return {ARTICLE_SEEN: article_seen}


async def read_article(rt: Runtime, job: Job) -> None:
    """Fetch an article's page and keep what it says about itself; verify it when it carries the site's embed."""
    site = await get_site_by_id(rt, job.site_id)
    article_id = int(str(job.payload["article"]))
    async with rt.db.read(fresh=True) as tx:
        found = await queries.find_discussion(tx, article_id)
    if found is None:
        raise JobRefused("the article is gone")
    meta = await _read_page(rt, site, found.article)

    async def work(tx: Tx) -> None:
        current = await queries.find_discussion_locked(tx, article_id)
        # Its publisher may have moved it meanwhile; another job reads the new page.
        if current is not None and current.article.url == found.article.url:
            await queries.update_article(tx, _described(rt, site, current.article, meta))
            await _pass_on(tx, rt, current, meta)

    await rt.db.write(work)
    if not meta.carries_embed:
        raise PageNotReady("the page does not carry this site's embed")
    if not _speaks_for(meta, found.article):
        raise JobRefused("the page's embed does not name this article")


async def _read_page(rt: Runtime, site: Site, article: Article) -> ArticleMeta:
    try:
        fetched = await rt.egress.fetch(article.url, max_bytes=MAX_PAGE)
    except EgressRefused as error:
        raise JobRefused(error.code) from error
    if fetched.status != OK:
        raise PageNotReady(f"the page answers {fetched.status}")
    if isinstance(may_discuss(site, fetched.url), Deny):
        raise JobRefused("the page leads to another origin")
    read = partial(extract, base_url=fetched.url, site_key=site.key, public_url=rt.settings.public_url)
    read = partial(read, charset=fetched.charset, identifier=article.identifier)
    # In a thread: a hostile page can keep a processor busy for seconds.
    return await to_thread.run_sync(partial(read, fetched.body))


def _speaks_for(meta: ArticleMeta, article: Article) -> bool:
    """Anybody can point an embed's address, or an identifier, at any page of a site: the page itself has to agree."""
    return meta.carries_embed and (article.identifier is None or article.identifier in meta.identifiers)


def _described(rt: Runtime, site: Site, article: Article, meta: ArticleMeta) -> Article:
    """A page that does not speak for the article says nothing."""
    if not _speaks_for(meta, article):
        return article
    said: dict[str, object] = {
        "title": _open(meta.title),
        "prompt": _open(meta.question),
        "author": _open(meta.author),
        "image": meta.image,
        "published_at": meta.published_at,
    }
    if meta.canonical_url and isinstance(may_discuss(site, meta.canonical_url), Allow):
        said["url"] = normalise_url(meta.canonical_url, strip_www=site.strip_www)
    return replace(apply_page(article, said), verified_at=article.verified_at or rt.clock.now())


def _open(line: str | None) -> str | None:
    """A line that holds no spoiler; what stands above a discussion can't be covered, so another is not taken."""
    return line if line is None or is_spoiler_free(line) else None


async def _pass_on(tx: Tx, rt: Runtime, discussion: Discussion, meta: ArticleMeta) -> None:
    """Where the page says something new about spoilers, whoever knows the works has to hear of it."""
    known = discussion.warned
    if known.locked or not _speaks_for(meta, discussion.article):
        return
    gate = Gate(meta.gate) if meta.gate in list(Gate) else Gate.ASK
    said: dict[str, object] = {"assumes": meta.assumes or "", "works": list(meta.works), "gate": gate.value}
    if said == {"assumes": known.assumes, "works": list(known.works), "gate": known.gate.value}:
        return
    payload = {"article": str(discussion.id), **said}
    site_id, job_id, now = discussion.site_id, rt.ids.next(), rt.clock.now()
    await outbox.insert_job(tx, site_id=site_id, job_id=job_id, kind=ARTICLE_WARNED, payload=payload, now=now)
