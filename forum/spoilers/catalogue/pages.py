"""The catalogue for people: what there is, and all that is known of one work."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.runtime import Runtime
from forum.spoilers.catalogue import service_works as works
from forum.spoilers.catalogue.pages_view import ListPage, item, kept_query, show_page
from forum.web.headers import shell_headers
from forum.web.inputs import PageParams, read_query
from forum.web.languages import Language, choose, choose_accepted
from forum.web.pages import personal_page


class ListQuery(PageParams):
    """What the list shows."""

    q: Annotated[str, Field(max_length=200)] = ""
    after: Annotated[str | None, Field(pattern="^[a-z0-9][a-z0-9-]{0,99}$")] = None
    lang: Annotated[str | None, Field(max_length=35)] = None


class ShowQuery(PageParams):
    """How the page of a work looks; `saved`: it was changed just now."""

    saved: bool = False
    lang: Annotated[str | None, Field(max_length=35)] = None


def routes(rt: Runtime) -> list[BaseRoute]:
    """The addresses to read at."""

    async def list_(request: Request) -> Response:
        return await list_page(rt, request)

    async def show(request: Request) -> Response:
        request.state.back_href = "/catalogue"
        return await work_page(rt, request)

    return [
        Route("/catalogue", list_, methods=["GET"]),
        Route("/catalogue/{work}", show, methods=["GET"]),
    ]


def language_of(request: Request, lang: str | None) -> Language:
    """The language that was asked for, or else the reader's."""
    return choose(lang) if lang else choose_accepted(request.headers.get("accept-language", ""))


async def list_page(rt: Runtime, request: Request) -> Response:
    """GET /catalogue: all works by title, or those with a name."""
    query = read_query(request, ListQuery)
    language = language_of(request, query.lang)
    lang = language.code if query.lang else None
    wanted = query.q.strip()
    listed = await (works.list_called(rt, wanted) if wanted else works.list_works(rt, after=query.after))
    next_href = None
    if listed.more and not wanted:
        next_href = "/catalogue?" + urlencode({"after": listed.entries[-1].id, **({"lang": lang} if lang else {})})
    page = ListPage(
        q=wanted,
        items=tuple(item(entry, language) for entry in listed.entries),
        next_href=next_href,
        cut=listed.more and bool(wanted),
        lang=lang,
        kept=kept_query(lang),
    )
    return _page(rt, "pages/catalogue.html", page, language)


async def work_page(rt: Runtime, request: Request) -> Response:
    """GET /catalogue/{work}: the facts of one work."""
    query = read_query(request, ShowQuery)
    language = language_of(request, query.lang)
    work = await works.get_work(rt, request.path_params["work"])
    titles = await works.titles_of(rt, [other for _, other in work.relations])
    franchises = dict(await works.list_franchises(rt)) if work.franchise else {}
    page = show_page(
        work,
        language,
        titles=titles,
        franchise=franchises.get(work.franchise or ""),
        kept=kept_query(language.code if query.lang else None),
        saved=query.saved,
    )
    return _page(rt, "pages/catalogue_work.html", page, language)


def _page(rt: Runtime, template: str, page: object, language: Language) -> Response:
    # Sent as personal: in which language it is depends on the reader.
    headers = shell_headers(None, https=rt.settings.secure_cookies)
    return personal_page(rt.renderer.page(template, page, language), headers)
