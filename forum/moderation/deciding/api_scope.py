"""The HTTP API to cover and uncover comments: for moderators, people whom a site trusts, and its own systems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.accounts.model import Role
from forum.comments.api_scope import MAX_REASON, ScopeInput, verdict_of
from forum.comments.api_write import view_of
from forum.comments.queries import find_comment
from forum.comments.views import CommentView
from forum.core.decision import Deny
from forum.core.i18n import N_
from forum.errors import NotFound, Unauthorized
from forum.moderation import policy
from forum.moderation.deciding.service_cover import CommentRecord, get_record, rescope
from forum.moderation.guard import Moderator, guarded_api, require_on
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.sites.policy import may_publish
from forum.sites.service import directory, get_site_by_id
from forum.web.inputs import path_id, read_json
from forum.web.limits import PUBLISH
from forum.web.operations import Operation, Success, json_response
from forum.web.visitors import bearer_of, visitor_of

NO_COMMENT = N_("There is no such comment.")


class ModeratorScopeInput(ScopeInput):
    """The same from a moderator, who gives a reason."""

    reason: Annotated[str, Field(min_length=1, max_length=MAX_REASON, description="Why: it is logged.")]


@dataclass(frozen=True, slots=True)
class EventView:
    """A line of the log: who changed what a comment needs ("author", "moderator", "readers", "time"), and why."""

    actor: str
    state: str
    before: Sequence[str]
    after: Sequence[str]
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """What moderators see of a comment: its source, what it needs and why, flags by scope, and the log."""

    id: str
    revision: int
    source: str
    state: str
    scope: Sequence[str]
    said_by_author: Sequence[str]
    said_by_moderators: Sequence[str]
    inherits: bool
    flags: int
    flag_weight: float
    events: Sequence[EventView]


async def _publisher(rt: Runtime, request: Request) -> Site | None:
    """The site whose secret key was sent; None without one. Raises Unauthorized for a wrong one of somebody who is not
    signed in either."""
    secret, visitor = bearer_of(request), visitor_of(request, rt.settings)
    await rt.limiter.check(PUBLISH, visitor)
    if secret is not None:
        for site in (await directory(rt)).values():
            if not isinstance(may_publish(site, secret), Deny):
                return site
    if visitor.main is None:
        raise Unauthorized(detail=N_("Sign in, or send the site's secret key as `Authorization: Bearer …`."))
    return None


async def _rescope(rt: Runtime, request: Request, who: Moderator | Site) -> Response:
    comment_id = path_id(request)
    sent = await read_json(request, ModeratorScopeInput)
    comment = await rescope(rt, who, comment_id, await verdict_of(rt, sent))
    return json_response(await view_of(rt, comment))


async def _record(rt: Runtime, request: Request, who: Moderator | Site) -> Response:
    comment_id = path_id(request)
    site = who if isinstance(who, Site) else await _site_of(rt, who, comment_id)
    return json_response(_record_view(await get_record(rt, site, comment_id)))


async def _site_of(rt: Runtime, mod: Moderator, comment_id: int) -> Site:
    """The comment's site; whether it exists is nobody's business who may not moderate it. What is not public is shown
    to moderators, not to whom a site trusts: what was typed stands in the record."""
    async with rt.db.read(fresh=True) as tx:
        comment = await find_comment(tx, comment_id)
    if comment is None:
        raise NotFound(detail=NO_COMMENT)
    require_on(mod, comment.site_id, policy.role_about(Role.TRUSTED, comment.status))
    return await get_site_by_id(rt, comment.site_id)


_moderate_as_person = guarded_api(_rescope, role=Role.TRUSTED)
_record_as_person = guarded_api(_record, role=Role.TRUSTED)


async def moderate(rt: Runtime, request: Request) -> Response:
    """POST /api/v1/mod/comments/{id}/scope."""
    site = await _publisher(rt, request)
    return await (_moderate_as_person(rt, request) if site is None else _rescope(rt, request, site))


async def record(rt: Runtime, request: Request) -> Response:
    """GET /api/v1/mod/comments/{id}/scope."""
    site = await _publisher(rt, request)
    return await (_record_as_person(rt, request) if site is None else _record(rt, request, site))


# A site's own systems pass the gate by their key; people pass it as everywhere below /api/v1/mod.
moderate.guarded_for = record.guarded_for = Role.TRUSTED  # type: ignore[attr-defined]


def _record_view(found: CommentRecord) -> RecordAnswer:
    comment, known = found.comment, found.book
    events = tuple(
        EventView(
            event.actor,
            event.state,
            known.scope(event.old_scope_id).tokens,
            known.scope(event.new_scope_id).tokens,
            event.reason,
            event.created_at,
        )
        for event in found.events
    )
    return RecordAnswer(
        id=str(comment.id),
        revision=comment.revision,
        source=found.source,
        state=comment.cover_state,
        scope=(known.scope(comment.eff_scope_id) | known.scope(comment.inner_scope_id)).tokens,
        said_by_author=known.scope(comment.scope_id).tokens,
        said_by_moderators=known.scope(comment.set_scope_id).tokens,
        inherits=comment.inherits,
        flags=len(found.flags),
        flag_weight=found.flag_weight,
        events=events,
    )


OPERATIONS = (
    Operation(
        "POST",
        "/api/v1/mod/comments/{id}/scope",
        moderate,
        "Cover or uncover a comment as a moderator",
        Success(200, "The comment as everybody sees it now.", CommentView),
        description="Replies that inherit, quotes, and earlier texts follow before the answer.",
        body=ModeratorScopeInput,
        problems=(400, 401, 403, 404, 409, 422),
        limit=PUBLISH,
        secret=True,
        tag="moderation",
    ),
    Operation(
        "GET",
        "/api/v1/mod/comments/{id}/scope",
        record,
        "What a comment gives away, and who said so",
        Success(200, "The source, the scopes, the flags and the log.", RecordAnswer),
        problems=(401, 404),
        limit=PUBLISH,
        secret=True,
        tag="moderation",
    ),
)
