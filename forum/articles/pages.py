"""The front page: what people are talking about on the sites here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.articles import queries
from forum.articles.model import HOME_TAG, PINNED_TAG, Discussion
from forum.articles.present import discussion_view
from forum.articles.views import DiscussionView
from forum.core.ids import parse_id
from forum.errors import FieldError, Invalid
from forum.runtime import Runtime
from forum.sites.model import TAG as SITES_TAG
from forum.sites.service import directory
from forum.web.cache import Made
from forum.web.headers import shell_headers
from forum.web.inputs import PageParams, read_query
from forum.web.languages import choose, choose_accepted
from forum.web.pages import personal_page

PAGE_SIZE = 30
# No more than these stand first, whatever is pinned: the others keep their place.
MOST_PINNED = 5
MICROSECONDS = 1_000_000


class HomeQuery(PageParams):
    """Which part of the list, in which language."""

    before: Annotated[str | None, Field(pattern=r"^[0-9]{1,17}\.[0-9]{1,19}$")] = None
    lang: Annotated[str | None, Field(max_length=35)] = None


@dataclass(frozen=True, slots=True)
class HomePage:
    """What `pages/home.html` draws."""

    items: tuple[DiscussionView, ...]
    pinned: tuple[DiscussionView, ...]
    next_href: str | None
    frame: bool = False


def routes(rt: Runtime) -> list[BaseRoute]:
    """The address of the front page."""

    async def home(request: Request) -> Response:
        return await home_page(rt, request)

    return [Route("/", home, methods=["GET"])]


async def home_page(rt: Runtime, request: Request) -> Response:
    """GET /: recent discussions of verified articles."""
    query = read_query(request, HomeQuery)
    language = choose(query.lang) if query.lang else choose_accepted(request.headers.get("accept-language", ""))
    headers = shell_headers(None, https=rt.settings.secure_cookies)

    async def make() -> Made[bytes]:
        page = await _read(rt, query.before, language.code if query.lang else None)
        body = rt.renderer.page("pages/home.html", page, language)
        return Made(body, frozenset({HOME_TAG, PINNED_TAG, SITES_TAG}), len(body))

    # Made once for each language, asked for or accepted; sent as personal: which language it is depends on the reader.
    body = await rt.cache.get(("home", language.code, bool(query.lang), query.before), make)
    return personal_page(body, headers)


async def _read(rt: Runtime, before: str | None, lang: str | None) -> HomePage:
    sites = {site.id: site for site in (await directory(rt)).values()}
    pinned = await _pinned(rt)
    async with rt.db.read(fresh=True) as tx:
        found = await queries.list_recent(tx, before=_before(before), most=PAGE_SIZE + 1, without=pinned)
        first = await queries.list_discussions(tx, pinned) if pinned and before is None else []
    shown = [d for d in found[:PAGE_SIZE] if d.site_id in sites]
    tops = sorted(
        (d for d in first if d.site_id in sites and d.article.verified_at is not None),
        key=lambda d: pinned.index(d.id),
    )

    def views(some: list[Discussion]) -> tuple[DiscussionView, ...]:
        return tuple(discussion_view(d, sites[d.site_id], rt.settings.public_url) for d in some)

    more = len(found) > PAGE_SIZE
    kept = f"&lang={lang}" if lang else ""
    return HomePage(views(shown), views(tops), f"/?before={_mark(shown[-1])}{kept}" if more and shown else None)


async def _pinned(rt: Runtime) -> list[int]:
    """What stands first. Kept by itself: the page is made anew with every comment, and this hardly ever changes."""

    async def make() -> Made[list[int]]:
        async with rt.db.read(fresh=True) as tx:
            return Made(await queries.list_pinned(tx, most=MOST_PINNED), frozenset({PINNED_TAG, SITES_TAG}))

    return await rt.cache.get(("pinned",), make)


def _mark(discussion: Discussion) -> str:
    moment = discussion.last_comment_at or datetime.now(UTC)
    return f"{int(moment.timestamp()) * MICROSECONDS + moment.microsecond}.{discussion.id}"


def _before(mark: str | None) -> tuple[datetime, int] | None:
    if mark is None:
        return None
    micros, _, discussion_id = mark.partition(".")
    seconds, rest = divmod(int(micros), MICROSECONDS)
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest), parse_id(discussion_id)
    except (ValueError, OverflowError, OSError) as error:
        raise Invalid(errors=(FieldError("before", "bad_cursor"),)) from error
