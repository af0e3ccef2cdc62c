"""The HTTP API of the catalogue: find works by name or by id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.core.i18n import N_
from forum.errors import FieldError, Invalid
from forum.runtime import Runtime
from forum.spoilers.catalogue import service_works as works
from forum.spoilers.catalogue.present import WorkView, work_view
from forum.spoilers.model import CATALOGUE_TAG
from forum.web.inputs import JSON, Query, read_query
from forum.web.operations import Operation, Success, json_bytes
from forum.web.pages import Finished, public_answer, public_data_headers

MOST_IDS: Final = 50
MOST_FOUND: Final = 50


@dataclass(frozen=True, slots=True)
class WorksAnswer:
    """Works of the catalogue: those asked for that there are, or those found, the best first."""

    works: tuple[WorkView, ...]


class WorksQuery(Query):
    """Which works: by name or by id."""

    q: Annotated[
        str | None, Field(max_length=200, description="Part of a title or of another name. Left out: by title.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=MOST_FOUND, description="How many to find at most.")] = 20
    id: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=100)]] | None,
        Field(min_length=1, max_length=MOST_IDS, description="Instead of a name: a work's id, up to 50 times."),
    ] = None


async def list_works(rt: Runtime, request: Request) -> Response:
    """GET /api/v1/works."""
    query = read_query(request, WorksQuery, lists=frozenset({"id"}))
    if query.id is not None and query.q is not None:
        detail = N_("Ask for works by id or by name, not both at once.")
        raise Invalid(detail=detail, errors=(FieldError("id", "wrong_value"),))

    async def make() -> Finished:
        if query.id is not None:
            found = await works.works_by_id(rt, query.id)
        else:
            found = await works.search(rt, query.q or "", most=query.limit)
        answer = WorksAnswer(tuple(work_view(work) for work in found))
        return _finished(rt, answer, keep=bool(found))

    return await public_answer(rt.cache, request, make)


async def get_work(rt: Runtime, request: Request) -> Response:
    """GET /api/v1/works/{work}."""

    async def make() -> Finished:
        return _finished(rt, work_view(await works.get_work(rt, request.path_params["work"])))

    return await public_answer(rt.cache, request, make)


def _finished(rt: Runtime, answer: WorksAnswer | WorkView, *, keep: bool = True) -> Finished:
    headers = public_data_headers(https=rt.settings.secure_cookies, cors=True)
    return Finished(json_bytes(answer), frozenset({CATALOGUE_TAG}), headers, JSON, keep=keep)


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/works",
        list_works,
        "Find works",
        Success(200, "Works by id, those that there are; or by name, the best first.", WorksAnswer),
        description="What spoilers can be about, with all parts in order. Readable from any origin.",
        query=WorksQuery,
        problems=(422,),
        tag="works",
    ),
    Operation(
        "GET",
        "/api/v1/works/{work}",
        get_work,
        "A work",
        Success(200, "The work with all its parts in order. Titles of parts are spoilers and stay here.", WorkView),
        problems=(404,),
        tag="works",
    ),
)
