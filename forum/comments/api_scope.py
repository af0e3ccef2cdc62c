"""The HTTP API to say after posting what a comment, or a stretch of it, gives away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.accounts.model import Role
from forum.accounts.service_roles import require_role
from forum.accounts.service_session import ANYWHERE
from forum.comments.api_write import view_of
from forum.comments.queries import find_comment
from forum.comments.service import read_scope
from forum.comments.service_scope import (
    CommentRecord,
    Verdict,
    get_record,
    rescope_as_author,
    rescope_as_moderator,
)
from forum.comments.views import CommentView
from forum.core.decision import Deny
from forum.core.i18n import N_
from forum.core.text import TextProblem, clean_line
from forum.errors import FieldError, Forbidden, Invalid, NotFound, Unauthorized
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.sites.policy import may_publish
from forum.sites.service import directory, get_site_by_id
from forum.web.inputs import Input, path_id, read_json
from forum.web.limits import EDIT, PUBLISH
from forum.web.operations import Operation, Success, json_response
from forum.web.visitors import bearer_of, visitor_of

MAX_REASON = 500
NO_COMMENT = N_("There is no such comment.")


class ScopeInput(Input):
    """What a comment gives away. With `start` and `end` (code points of its source) only that stretch of it."""

    scope: Annotated[
        tuple[Annotated[str, Field(max_length=150)], ...],
        Field(max_length=20, strict=False, description="`work:unit`; [] says that it is no spoiler."),
    ]
    reason: Annotated[str, Field(max_length=MAX_REASON, description="Why: it is logged.")] = ""
    start: Annotated[int | None, Field(ge=0)] = None
    end: Annotated[int | None, Field(ge=1)] = None
    revision: Annotated[int | None, Field(ge=1, description="The revision that was looked at.")] = None


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


async def _verdict(rt: Runtime, sent: ScopeInput) -> Verdict:
    if (sent.start is None) != (sent.end is None):
        raise Invalid(errors=(FieldError("start" if sent.start is None else "end", "missing"),))
    stretch = None if sent.start is None or sent.end is None else (sent.start, sent.end)
    scope = await read_scope(rt, sent.scope, at=rt.clock.now())
    try:
        reason = clean_line(sent.reason, MAX_REASON) if sent.reason else ""
    except TextProblem as problem:
        raise Invalid(errors=(FieldError("reason", problem.code),)) from problem
    return Verdict(scope, reason, stretch, sent.revision)


async def _moderated_site(rt: Runtime, request: Request, comment_id: int) -> Site:
    """The site that is moderated: the one whose secret key was sent, or that of the comment, for people it trusts."""
    secret, visitor = bearer_of(request), visitor_of(request, rt.settings)
    if secret is not None:
        for site in (await directory(rt)).values():
            if not isinstance(may_publish(site, secret), Deny):
                return site
    if visitor.main is None:
        raise Unauthorized(detail=N_("Sign in, or send the site's secret key as `Authorization: Bearer …`."))
    async with rt.db.read(fresh=True) as tx:
        comment = await find_comment(tx, comment_id)
    # Whether it exists, held or not, is nobody's business who may not moderate it.
    try:
        await require_role(rt, visitor, ANYWHERE if comment is None else comment.site_id, Role.TRUSTED)
    except Forbidden as error:
        raise NotFound(detail=NO_COMMENT) from error
    if comment is None:
        raise NotFound(detail=NO_COMMENT)
    return await get_site_by_id(rt, comment.site_id)


async def rescope(rt: Runtime, request: Request) -> Response:
    """POST /api/v1/comments/{id}/scope."""
    visitor, comment_id = visitor_of(request, rt.settings), path_id(request)
    sent = await read_json(request, ScopeInput)
    await rt.limiter.check(EDIT, visitor)
    comment = await rescope_as_author(rt, visitor, comment_id, await _verdict(rt, sent))
    return json_response(await view_of(rt, comment))


async def moderate(rt: Runtime, request: Request) -> Response:
    """POST /api/v1/mod/comments/{id}/scope."""
    comment_id = path_id(request)
    await rt.limiter.check(PUBLISH, visitor_of(request, rt.settings))
    site = await _moderated_site(rt, request, comment_id)
    sent = await read_json(request, ModeratorScopeInput)
    comment = await rescope_as_moderator(rt, site, comment_id, await _verdict(rt, sent))
    return json_response(await view_of(rt, comment))


async def record(rt: Runtime, request: Request) -> Response:
    """GET /api/v1/mod/comments/{id}/scope."""
    comment_id = path_id(request)
    await rt.limiter.check(PUBLISH, visitor_of(request, rt.settings))
    found = await get_record(rt, await _moderated_site(rt, request, comment_id), comment_id)
    return json_response(_record_view(found))


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
        "/api/v1/comments/{id}/scope",
        rescope,
        "Say what your comment gives away",
        Success(200, "The comment as everybody sees it now.", CommentView),
        description="At any time. It adds to what a moderator has said, and does not lower it.",
        body=ScopeInput,
        problems=(400, 403, 404, 409, 422),
        limit=EDIT,
        tag="spoilers",
    ),
    Operation(
        "POST",
        "/api/v1/mod/comments/{id}/scope",
        moderate,
        "Cover or uncover a comment as a moderator",
        Success(200, "The comment as everybody sees it now.", CommentView),
        description="Replies that inherit, quotes, and earlier texts follow before the answer.",
        body=ModeratorScopeInput,
        problems=(400, 401, 404, 409, 422),
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
