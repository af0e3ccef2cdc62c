"""The HTTP API to say after posting what one's own comment, or a stretch of it, gives away."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.comments.api_write import view_of
from forum.comments.service import read_scope
from forum.comments.service_scope import Verdict, rescope_as_author
from forum.comments.views import CommentView
from forum.core.i18n import N_
from forum.core.text import TextProblem, clean_line
from forum.errors import FieldError, Invalid
from forum.runtime import Runtime
from forum.web.inputs import Input, path_id, read_json
from forum.web.limits import EDIT
from forum.web.operations import Operation, Success, json_response
from forum.web.visitors import visitor_of

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


async def verdict_of(rt: Runtime, sent: ScopeInput) -> Verdict:
    """What was sent, checked; raises Invalid."""
    if (sent.start is None) != (sent.end is None):
        raise Invalid(errors=(FieldError("start" if sent.start is None else "end", "missing"),))
    stretch = None if sent.start is None or sent.end is None else (sent.start, sent.end)
    scope = await read_scope(rt, sent.scope, at=rt.clock.now())
    try:
        reason = clean_line(sent.reason, MAX_REASON) if sent.reason else ""
    except TextProblem as problem:
        raise Invalid(errors=(FieldError("reason", problem.code),)) from problem
    return Verdict(scope, reason, stretch, sent.revision)


async def rescope(rt: Runtime, request: Request) -> Response:
    """POST /api/v1/comments/{id}/scope."""
    visitor, comment_id = visitor_of(request, rt.settings), path_id(request)
    sent = await read_json(request, ScopeInput)
    await rt.limiter.check(EDIT, visitor)
    comment = await rescope_as_author(rt, visitor, comment_id, await verdict_of(rt, sent))
    return json_response(await view_of(rt, comment))


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
)
