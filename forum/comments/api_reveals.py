"""The HTTP API to uncover passages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.comments.service_reveal import MOST_REVEALS, Said, reveal
from forum.runtime import Runtime
from forum.spoilers.model import Seen
from forum.web.inputs import Input, read_json
from forum.web.languages import choose, choose_accepted
from forum.web.limits import REVEAL
from forum.web.operations import Operation, Success, json_response
from forum.web.visitors import visitor_of

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
)
