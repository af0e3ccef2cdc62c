"""The HTTP API for what people keep for themselves: mute, follow, progress. Sessions of frames may, on their site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.comments.api_reveals import MOST_WORKS, Code, ProgressInput, WorkId
from forum.people.service_follow import follow
from forum.people.service_mute import hear_author, mute_author
from forum.people.service_progress import Change, set_progress
from forum.runtime import Runtime
from forum.web.inputs import Input, path_id, read_json
from forum.web.limits import ACCOUNT
from forum.web.operations import Operation, Success, json_response
from forum.web.visitors import visitor_of

MOST_CODES = 500
Rule = Annotated[str, Field(max_length=160)]
Ticks = Annotated[list[Code], Field(max_length=MOST_CODES)]


class ProgressChange(Input):
    """What a reader says about works anew, by work id. What is not named stays as it was; null takes it back."""

    progress: Annotated[dict[WorkId, ProgressInput | None], Field(max_length=MOST_WORKS, default_factory=dict)]
    ticks: Annotated[
        dict[WorkId, Ticks | None],
        Field(max_length=MOST_WORKS, default_factory=dict, description="Seen units beside the order, all of a work's."),
    ]
    rules: Annotated[
        dict[Rule, Literal["dont_care"] | None],
        Field(max_length=MOST_WORKS, default_factory=dict, description='For all works of a kind: "franchise/kind".'),
    ]


@dataclass(frozen=True, slots=True)
class ProgressAnswer:
    """What the catalogue does not know: works, `work:code`, or rules. It was left out, the rest is stored."""

    unknown: Sequence[str]


@dataclass(frozen=True, slots=True)
class MutedAnswer:
    """The comments of the discussion by people who are muted now: the latest 500."""

    muted: Sequence[str]


@dataclass(frozen=True, slots=True)
class FollowingAnswer:
    """Whether the discussion is followed now."""

    following: bool


async def mute(rt: Runtime, request: Request) -> Response:
    """PUT and DELETE /api/v1/comments/{id}/mute."""
    visitor, comment_id = visitor_of(request, rt.settings), path_id(request)
    await rt.limiter.check(ACCOUNT, visitor)
    change = mute_author if request.method == "PUT" else hear_author
    muted = await change(rt, visitor, comment_id)
    return json_response(MutedAnswer([str(one) for one in muted]))


async def follow_discussion(rt: Runtime, request: Request) -> Response:
    """PUT and DELETE /api/v1/discussions/{id}/follow."""
    visitor, discussion_id = visitor_of(request, rt.settings), path_id(request)
    await rt.limiter.check(ACCOUNT, visitor)
    on = request.method == "PUT"
    await follow(rt, visitor, discussion_id, on=on)
    return json_response(FollowingAnswer(on))


async def progress(rt: Runtime, request: Request) -> Response:
    """PUT /api/v1/me/progress."""
    visitor = visitor_of(request, rt.settings)
    sent = await read_json(request, ProgressChange)
    await rt.limiter.check(ACCOUNT, visitor)
    said = {key: None if one is None else (one.s, one.u) for key, one in sent.progress.items()}
    unknown = await set_progress(rt, visitor, Change(said, sent.ticks, sent.rules))
    return json_response(ProgressAnswer(unknown))


MUTE, FOLLOW = "/api/v1/comments/{id}/mute", "/api/v1/discussions/{id}/follow"
MUTED = Success(200, "Whose comments are muted in the discussion.", MutedAnswer)
FOLLOWING = Success(200, "As asked.", FollowingAnswer)
WRITES = (401, 403, 404, 422)
OPERATIONS = (
    Operation(
        "PUT",
        MUTE,
        mute,
        "Mute a comment's author",
        MUTED,
        problems=WRITES,
        limit=ACCOUNT,
        tag="people",
        description="Their comments collapse for you, on every page. They do not learn of it.",
    ),
    Operation(
        "DELETE",
        MUTE,
        mute,
        "Hear a comment's author again",
        MUTED,
        problems=(401, 403, 404),
        limit=ACCOUNT,
        tag="people",
    ),
    Operation(
        "PUT",
        FOLLOW,
        follow_discussion,
        "Follow a discussion",
        FOLLOWING,
        problems=WRITES,
        limit=ACCOUNT,
        tag="people",
    ),
    Operation(
        "DELETE",
        FOLLOW,
        follow_discussion,
        "Unfollow a discussion",
        FOLLOWING,
        problems=(401, 403, 404),
        limit=ACCOUNT,
        tag="people",
    ),
    Operation(
        "PUT",
        "/api/v1/me/progress",
        progress,
        "Say how far you are",
        Success(200, "It is stored.", ProgressAnswer),
        body=ProgressChange,
        problems=(400, 401, 403, 422),
        limit=ACCOUNT,
        tag="people",
    ),
)
