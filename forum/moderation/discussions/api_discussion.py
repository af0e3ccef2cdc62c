"""The HTTP API of what moderators set for discussions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.articles.model import MAX_TITLE
from forum.comments.review.model import Verdict
from forum.moderation.discussions.discussion_present import ShownView, SteeredView, shown_view, steered_view
from forum.moderation.discussions.queries_discussion import Wanted
from forum.moderation.discussions.service_discussion import (
    MOST_WORDS,
    list_discussions,
    show_discussion,
    steer,
    undo_in,
)
from forum.moderation.discussions.steering import MOST_SLOW, Steer, Thing
from forum.moderation.guard import Moderator, guarded_api, mod_site
from forum.runtime import Runtime
from forum.sites.service import get_site_by_id
from forum.web.inputs import Id, Input, Query, path_id, read_json, read_query
from forum.web.limits import MODERATE
from forum.web.operations import Operation, Success, json_response

Wished = Literal["state", "slow", "watched", "pinned", "featured"]


class ListParams(Query):
    """Which discussions of which site."""

    site: Annotated[str, Field(max_length=40, description="The site's key.")]
    q: Annotated[str, Field(max_length=200, description="Words in the title or the address.")] = ""
    set: Annotated[Wished | None, Field(description="Only those for which this is set.")] = None
    before: Annotated[Id | None, Field(description="`next` of the answer before.")] = None


class VerdictInput(Input):
    """What to set. `seconds` for "slow" (0 ends it), `title` and the one `seen` for "retitle", `comment_id` and the
    `revision` that was looked at for "feature"."""

    verdict: Annotated[
        Verdict,
        Field(
            strict=False, description="close, open, slow, pin, unpin, retitle, feature, unfeature, watch or unwatch."
        ),
    ]
    words: Annotated[str, Field(max_length=MOST_WORDS, description="Why, for the log.")] = ""
    seconds: Annotated[int, Field(ge=0, le=MOST_SLOW)] = 0
    title: Annotated[str, Field(max_length=MAX_TITLE)] = ""
    seen: Annotated[str | None, Field(max_length=MAX_TITLE)] = None
    comment_id: Id | None = None
    revision: Annotated[int | None, Field(ge=1)] = None


class UndoInput(Input):
    """Which decision to take back."""

    decision_id: Id


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """Discussions, the latest first, and what the next page comes `before` (null: none)."""

    discussions: tuple[SteeredView, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class VerdictAnswer:
    """The line of the log (null: it was that way already), and the discussion as it is now."""

    decision_id: str | None
    discussion: SteeredView


@dataclass(frozen=True, slots=True)
class UndoneAnswer:
    """The line of the log that says that it was taken back."""

    decision_id: str


async def listed(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """GET /api/v1/mod/discussions."""
    asked = read_query(request, ListParams)
    site = await mod_site(rt, mod, asked.site)
    found, more = await list_discussions(
        rt, site, Wanted(asked.q.strip(), Thing(asked.set) if asked.set else None, asked.before)
    )
    views = tuple(steered_view(one, site, rt.settings.public_url) for one in found)
    return json_response(ListAnswer(views, views[-1].id if more else None))


async def shown(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """GET /api/v1/mod/discussions/{id}."""
    found = await show_discussion(rt, mod, path_id(request))
    site = await get_site_by_id(rt, found.discussion.site_id)
    return json_response(shown_view(found, site, rt.settings.public_url))


async def decide(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /api/v1/mod/discussions/{id}/verdict."""
    discussion_id = path_id(request)
    sent = await read_json(request, VerdictInput)
    settled = await steer(rt, mod, discussion_id, Steer(**sent.model_dump()))
    site = await get_site_by_id(rt, settled.discussion.site_id)
    line = None if settled.decision is None else str(settled.decision.id)
    return json_response(VerdictAnswer(line, steered_view(settled.discussion, site, rt.settings.public_url)))


async def undo(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /api/v1/mod/discussions/{id}/undo."""
    discussion_id = path_id(request)
    sent = await read_json(request, UndoInput)
    line = await undo_in(rt, mod, discussion_id, sent.decision_id)
    return json_response(UndoneAnswer(str(line.id)))


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/mod/discussions",
        guarded_api(listed),
        "The discussions of a site, for its moderators",
        Success(200, "A page of them with all that is set.", ListAnswer),
        query=ListParams,
        problems=(401, 404, 422),
        limit=MODERATE,
        tag="moderation",
    ),
    Operation(
        "GET",
        "/api/v1/mod/discussions/{id}",
        guarded_api(shown),
        "What is set for a discussion",
        Success(200, "The discussion, and what was set before.", ShownView),
        problems=(401, 404),
        limit=MODERATE,
        tag="moderation",
    ),
    Operation(
        "POST",
        "/api/v1/mod/discussions/{id}/verdict",
        guarded_api(decide),
        "Close, slow down, pin, retitle or watch a discussion, or put a comment on top",
        Success(200, "The discussion as it is now.", VerdictAnswer),
        description="Asking for what is set already changes nothing. Everything can be undone.",
        body=VerdictInput,
        problems=(400, 401, 403, 404, 409, 422),
        limit=MODERATE,
        tag="moderation",
    ),
    Operation(
        "POST",
        "/api/v1/mod/discussions/{id}/undo",
        guarded_api(undo),
        "Take back what was decided about a discussion",
        Success(200, "It is as it was before.", UndoneAnswer),
        description="As long as nothing else was decided about the same thing.",
        body=UndoInput,
        problems=(400, 401, 403, 404, 409, 422),
        limit=MODERATE,
        tag="moderation",
    ),
)
