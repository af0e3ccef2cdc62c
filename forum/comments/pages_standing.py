"""A warning is acknowledged: by a form that needs no scripts, and by the script of a page."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.comments.links import PageLinks
from forum.comments.pages_errors import at_site, endpoint
from forum.comments.pages_fields import LOOK_FIELDS, form_fields, id_field, look_of
from forum.comments.service_standing import NO_WARNING, acknowledge
from forum.errors import NotFound
from forum.runtime import Runtime
from forum.sites.service import get_site
from forum.web.inputs import path_id
from forum.web.limits import EDIT
from forum.web.operations import Operation, Success, json_response
from forum.web.pages import see_other
from forum.web.visitors import visitor_of

FIELDS = LOOK_FIELDS | {"warning", "discussion_id"}


@dataclass(frozen=True, slots=True)
class SeenAnswer:
    """The warning that was read."""

    id: str


def routes(rt: Runtime) -> list[BaseRoute]:
    """The address of the form."""
    return [Route("/embed/{site}/warning", endpoint(rt, acknowledge_form, at_site), methods=["POST"])]


async def acknowledge_form(rt: Runtime, request: Request) -> Response:
    """POST /embed/{site}/warning: on to one's personal page of the discussion."""
    values = await form_fields(request, FIELDS)
    visitor = visitor_of(request, rt.settings)
    await rt.limiter.check(EDIT, visitor)
    site = await get_site(rt, request.path_params["site"])
    warning, discussion_id = id_field(values, "warning"), id_field(values, "discussion_id")
    if warning is None or discussion_id is None:
        raise NotFound(detail=NO_WARNING)
    await acknowledge(rt, visitor, site.id, warning)
    look = look_of(values)
    return see_other(PageLinks(discussion_id, look.frame is not None, look.kept()).own())


async def acknowledge_warning(rt: Runtime, request: Request) -> Response:
    """POST /api/v1/sites/{site}/warnings/{id}."""
    site = await get_site(rt, request.path_params["site"])
    visitor, warning = visitor_of(request, rt.settings), path_id(request)
    await rt.limiter.check(EDIT, visitor)
    await acknowledge(rt, visitor, site.id, warning)
    return json_response(SeenAnswer(str(warning)))


OPERATIONS = (
    Operation(
        "POST",
        "/api/v1/sites/{site}/warnings/{id}",
        acknowledge_warning,
        "Say that one has read a warning",
        Success(200, "It is not shown again.", SeenAnswer),
        problems=(403, 404),
        limit=EDIT,
        tag="people",
    ),
)
