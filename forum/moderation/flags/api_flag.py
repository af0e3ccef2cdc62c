"""The HTTP API for readers to say what is wrong with a comment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.comments.review.model import Reason
from forum.comments.service import read_scope
from forum.moderation.flags.flag_policy import MAX_NOTE
from forum.moderation.flags.service_flag import Said, flag_comment
from forum.runtime import Runtime
from forum.web.inputs import Input, path_id, read_json
from forum.web.limits import FLAG
from forum.web.operations import Operation, Success, json_response
from forum.web.visitors import set_cookie_header, visitor_of

Token = Annotated[str, Field(max_length=150)]
UNTAGGED: Final = "untagged_spoiler"


class FlagInput(Input):
    """A reader's word that something is wrong with a comment."""

    kind: Literal["abuse", "spam", "off_topic", "untagged_spoiler", "illegal", "other"]
    scope: Annotated[
        tuple[Token, ...],
        Field(
            max_length=20, strict=False, description="What it gives away, for `untagged_spoiler`; `?:`: of anything."
        ),
    ] = ()
    note: Annotated[
        str, Field(max_length=4 * MAX_NOTE, description="For moderators alone; needed for `other`. 500 characters.")
    ] = ""


@dataclass(frozen=True, slots=True)
class FlagAnswer:
    """Whether the flag counts: each person's does once."""

    counted: bool


async def flag(rt: Runtime, request: Request) -> Response:
    """POST /api/v1/comments/{id}/flags."""
    visitor, comment_id = visitor_of(request, rt.settings), path_id(request)
    sent = await read_json(request, FlagInput)
    await rt.limiter.check(FLAG, visitor)
    scope = await read_scope(rt, sent.scope, at=rt.clock.now())
    said = Said(Reason.SPOILER if sent.kind == UNTAGGED else Reason(sent.kind), scope, sent.note)
    flagged = await flag_comment(rt, visitor, comment_id, said)
    response = json_response(FlagAnswer(flagged.counted))
    if flagged.token is not None and flagged.token != visitor.token:
        response.headers.append("set-cookie", set_cookie_header(rt.settings, flagged.token))
    return response


OPERATIONS = (
    Operation(
        "POST",
        "/api/v1/comments/{id}/flags",
        flag,
        "Report a comment",
        Success(200, "The flag is stored.", FlagAnswer),
        description="Enough people cover or hide it with that, until a moderator has looked or a day has gone by.",
        body=FlagInput,
        problems=(400, 403, 404, 422),
        limit=FLAG,
        tag="moderation",
    ),
)
