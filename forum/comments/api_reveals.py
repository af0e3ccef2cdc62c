"""The HTTP API to uncover passages, to say later what a comment gives away, and to flag what is not covered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.comments.service import read_scope
from forum.comments.service_flag import flag_spoiler
from forum.comments.service_reveal import MOST_REVEALS, Said, reveal
from forum.runtime import Runtime
from forum.spoilers.model import Seen
from forum.web.inputs import Input, path_id, read_json
from forum.web.languages import choose, choose_accepted
from forum.web.limits import FLAG, REVEAL
from forum.web.operations import Operation, Success, json_response
from forum.web.visitors import set_cookie_header, visitor_of

Token = Annotated[str, Field(max_length=150)]
Code = Annotated[str, Field(max_length=40)]
WorkId = Annotated[str, Field(max_length=100)]
MOST_WORKS = 2_000


class ProgressInput(Input):
    """How far a reader is in one work: `s` is "at" (with the unit's code in `u`), "none" or "dont_care"."""

    s: Literal["at", "none", "dont_care"]
    u: Code = ""


class RevealInput(Input):
    """What to uncover: ids of passages, or "c" and a comment's id for its whole text.

    What a reader says about themselves is used for this answer and kept nowhere.
    """

    ids: Annotated[list[Annotated[str, Field(max_length=40)]], Field(min_length=1, max_length=MOST_REVEALS)]
    why: Annotated[Literal["progress", "explicit"], Field(description="What made the reader ask.")]
    progress: Annotated[dict[WorkId, ProgressInput], Field(max_length=MOST_WORKS, default_factory=dict)]
    ticks: Annotated[dict[WorkId, list[Code]], Field(max_length=MOST_WORKS, default_factory=dict)]
    show_all: bool = False
    lang: Annotated[str | None, Field(max_length=35, description="The language of covers inside the texts.")] = None


@dataclass(frozen=True, slots=True)
class RevealedView:
    """An uncovered text; passages inside it that need more are covered."""

    html: str
    text: str


class FlagInput(Input):
    """A reader's word that a comment gives something away."""

    kind: Literal["untagged_spoiler"]
    scope: Annotated[tuple[Token, ...], Field(min_length=1, max_length=20, strict=False)]


@dataclass(frozen=True, slots=True)
class FlagAnswer:
    """Whether the flag counts: each person's does once."""

    counted: bool


async def reveals(rt: Runtime, request: Request) -> Response:
    """POST /api/v1/reveals."""
    visitor = visitor_of(request, rt.settings)
    sent = await read_json(request, RevealInput)
    await rt.limiter.check(REVEAL, visitor)
    accepted = request.headers.get("accept-language", "")
    language = choose(sent.lang) if sent.lang else choose_accepted(accepted)
    said = Said({key: (Seen(p.s), p.u) for key, p in sent.progress.items()}, sent.ticks, sent.show_all)
    found = await reveal(rt, sent.ids, said, language)
    return json_response({key: RevealedView(revealed.html, revealed.text) for key, revealed in found.items()})


async def flag(rt: Runtime, request: Request) -> Response:
    """POST /api/v1/comments/{id}/flags."""
    visitor, comment_id = visitor_of(request, rt.settings), path_id(request)
    sent = await read_json(request, FlagInput)
    await rt.limiter.check(FLAG, visitor)
    flagged = await flag_spoiler(rt, visitor, comment_id, await read_scope(rt, sent.scope, at=rt.clock.now()))
    response = json_response(FlagAnswer(flagged.counted))
    if flagged.token is not None and flagged.token != visitor.token:
        response.headers.append("set-cookie", set_cookie_header(rt.settings, flagged.token))
    return response


OPERATIONS = (
    Operation(
        "POST",
        "/api/v1/reveals",
        reveals,
        "Uncover passages",
        Success(200, "The texts by id. What is not there is left out.", Mapping[str, RevealedView]),
        description="For readers who have got that far, or who choose to look. Never kept by a cache.",
        body=RevealInput,
        problems=(400, 403, 422),
        limit=REVEAL,
        tag="spoilers",
    ),
    Operation(
        "POST",
        "/api/v1/comments/{id}/flags",
        flag,
        "Flag a spoiler that is not covered",
        Success(200, "The flag is stored.", FlagAnswer),
        body=FlagInput,
        problems=(400, 403, 404, 422),
        limit=FLAG,
        tag="spoilers",
    ),
)
