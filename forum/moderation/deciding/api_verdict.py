"""The HTTP API to decide: verdicts about one comment or many, claims, and undo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.accounts.model import ACCOUNT, GUEST, Role
from forum.comments.review.model import Reason, Verdict
from forum.comments.service import read_scope
from forum.errors import FieldError, Invalid
from forum.moderation.deciding.service_bulk import MOST, Selection, decide_bulk, preview_bulk, undo_batch
from forum.moderation.deciding.service_claim import claim as claim_comment
from forum.moderation.deciding.service_undo import undo as undo_decision
from forum.moderation.deciding.service_verdict import decide
from forum.moderation.guard import Moderator, guarded_api, mod_site
from forum.moderation.verdicts import MAX_RULE, MAX_WORDS, Ask
from forum.runtime import Runtime
from forum.web.inputs import Id, Input, path_id, read_json
from forum.web.limits import MODERATE
from forum.web.operations import Operation, Success, json_response

Token = Annotated[str, Field(max_length=150)]
Key = Annotated[str, Field(max_length=40, description="The site's key.")]
CommentVerdict = Literal["approve", "remove", "spam", "cover", "uncover", "dismiss"]


class ClaimInput(Input):
    """Whether to claim a comment for five minutes, or to give it free."""

    release: bool = False


class _Said(Input):
    """What every verdict says."""

    verdict: CommentVerdict
    reason: Annotated[Reason | None, Field(strict=False, description="Why; needed to remove.")] = None
    rule: Annotated[str, Field(max_length=MAX_RULE, description="The house rule that is cited.")] = ""
    words: Annotated[str, Field(max_length=MAX_WORDS, description="What the author is told beside that.")] = ""
    scope: Annotated[
        tuple[Token, ...], Field(max_length=20, strict=False, description="`work:unit`; needed to cover.")
    ] = ()
    anyway: Annotated[bool, Field(description="Also where another moderator is looking at it.")] = False


class VerdictInput(_Said):
    """A verdict about the revision that was looked at. With `start` and `end` (code points of the source) only that
    stretch is covered."""

    revision: Annotated[int, Field(ge=1)]
    start: Annotated[int | None, Field(ge=0)] = None
    end: Annotated[int | None, Field(ge=1)] = None


class SeenInput(Input):
    """A comment at the revision that was looked at."""

    id: Id
    revision: Annotated[int, Field(ge=1)]


class PersonInput(Input):
    """Somebody who writes here."""

    kind: Literal["guest", "account"]
    id: Id


class BulkInput(_Said):
    """One verdict about these comments, or about all that a person wrote on the site within a day. With both: about
    what was looked at of theirs; what they wrote since is left out."""

    site: Key
    comments: Annotated[list[SeenInput], Field(max_length=MOST, default_factory=list)]
    person: PersonInput | None = None


class UndoInput(Input):
    """What to take back: one decision, or all that was decided together."""

    site: Key
    decision_id: Id | None = None
    batch_id: Id | None = None


@dataclass(frozen=True, slots=True)
class ClaimAnswer:
    """Who is on the comment now ("" for nobody), and until when."""

    by: str
    mine: bool
    until: datetime


@dataclass(frozen=True, slots=True)
class DecidedAnswer:
    """The decision that was logged, and where the comment stands now."""

    decision_id: str
    comment_id: str
    status: str
    revision: int
    cover_state: str


@dataclass(frozen=True, slots=True)
class SeenAnswer:
    """A comment, and the revision it has now."""

    id: str
    revision: int


@dataclass(frozen=True, slots=True)
class PreviewAnswer:
    """How many comments the verdict would be about, by where they stand now, and why others are left out ("changed",
    "claimed", "gone", "same", "new"), by id. `comments` is what was found, at the revisions it has now: sent with the
    verdict, nothing is decided about that came or changed since."""

    count: int
    by_status: Mapping[str, int]
    skipped: Mapping[str, str]
    comments: tuple[SeenAnswer, ...]


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """What was done together: `batch_id` takes it back. `done` are ids of comments (or, of decisions that are about
    none, their own); `skipped` says of others why they were left out."""

    batch_id: str | None
    done: tuple[str, ...]
    skipped: Mapping[str, str]


async def claim(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /api/v1/mod/items/{id}/claim."""
    comment_id = path_id(request)
    sent = await read_json(request, ClaimInput)
    now = await claim_comment(rt, mod, comment_id, release=sent.release)
    return json_response(ClaimAnswer(now.by, now.mine, now.until))


async def verdict(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /api/v1/mod/items/{id}/verdict."""
    comment_id = path_id(request)
    sent = await read_json(request, VerdictInput)
    ask = await _ask(rt, sent, comment_id, sent.revision, _stretch(sent))
    outcome = await decide(rt, mod, ask)
    comment = outcome.comment
    answer = DecidedAnswer(
        decision_id=str(outcome.decision.id),
        comment_id=str(comment.id),
        status=comment.status.value,
        revision=comment.revision,
        cover_state=comment.cover_state,
    )
    return json_response(answer)


def _stretch(sent: VerdictInput) -> tuple[int, int] | None:
    if sent.start is None and sent.end is None:
        return None
    if sent.start is None or sent.end is None:
        raise Invalid(errors=(FieldError("start" if sent.start is None else "end", "missing"),))
    return sent.start, sent.end


async def _ask(
    rt: Runtime, sent: _Said, comment_id: int = 0, revision: int = 0, stretch: tuple[int, int] | None = None
) -> Ask:
    scope = await read_scope(rt, sent.scope, at=rt.clock.now()) if sent.scope else None
    return Ask(
        verdict=Verdict(sent.verdict),
        comment_id=comment_id,
        revision=revision,
        reason=sent.reason,
        rule=sent.rule,
        words=sent.words,
        scope=scope,
        stretch=stretch,
        anyway=sent.anyway,
    )


def _selection(sent: BulkInput) -> Selection:
    seen = {one.id: one.revision for one in sent.comments}
    if sent.person is not None:
        kind = GUEST if sent.person.kind == "guest" else ACCOUNT
        return Selection(seen, (kind, sent.person.id))
    if not seen:
        raise Invalid(errors=(FieldError("comments", "missing"),))
    return Selection(seen)


async def preview(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /api/v1/mod/bulk/preview."""
    sent = await read_json(request, BulkInput)
    site = await mod_site(rt, mod, sent.site, Role.TRUSTED)
    found = await preview_bulk(rt, mod, site, _selection(sent), await _ask(rt, sent))
    by_status = {status.value: count for status, count in found.by_status.items()}
    seen = tuple(SeenAnswer(str(one.id), one.revision) for one in found.seen)
    return json_response(PreviewAnswer(found.count, by_status, _texts(found.skipped), seen))


async def bulk(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /api/v1/mod/bulk."""
    sent = await read_json(request, BulkInput)
    site = await mod_site(rt, mod, sent.site, Role.TRUSTED)
    batch = await decide_bulk(rt, mod, site, _selection(sent), await _ask(rt, sent))
    return json_response(BatchAnswer(str(batch.batch_id), tuple(map(str, batch.done)), _texts(batch.skipped)))


async def undo(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /api/v1/mod/undo."""
    sent = await read_json(request, UndoInput)
    if (sent.decision_id is None) == (sent.batch_id is None):
        raise Invalid(errors=(FieldError("decision_id", "missing" if sent.decision_id is None else "wrong_value"),))
    site = await mod_site(rt, mod, sent.site, Role.TRUSTED)
    if sent.batch_id is not None:
        batch = await undo_batch(rt, mod, site, sent.batch_id)
        return json_response(BatchAnswer(str(batch.batch_id), tuple(map(str, batch.done)), _texts(batch.skipped)))
    undone = await undo_decision(rt, mod, site.id, sent.decision_id or 0)
    about = undone.undone.comment_id or undone.undone.id
    return json_response(BatchAnswer(None, (str(about),), {}))


def _texts(skipped: Mapping[int, str]) -> dict[str, str]:
    return {str(comment_id): why for comment_id, why in skipped.items()}


OPERATIONS = (
    Operation(
        "POST",
        "/api/v1/mod/items/{id}/claim",
        guarded_api(claim, role=Role.TRUSTED),
        "Claim a comment",
        Success(200, "Who is on it now.", ClaimAnswer),
        description="For five minutes, so that two moderators do not look at the same thing.",
        body=ClaimInput,
        problems=(400, 401, 403, 404, 422),
        limit=MODERATE,
        tag="moderation",
    ),
    Operation(
        "POST",
        "/api/v1/mod/items/{id}/verdict",
        guarded_api(verdict, role=Role.TRUSTED),
        "Decide about a comment",
        Success(200, "What was decided.", DecidedAnswer),
        description="People who are trusted, and no more, may cover and uncover.",
        body=VerdictInput,
        problems=(400, 401, 403, 404, 409, 422),
        limit=MODERATE,
        tag="moderation",
    ),
    Operation(
        "POST",
        "/api/v1/mod/bulk/preview",
        guarded_api(preview, role=Role.TRUSTED),
        "What a verdict about many comments would do",
        Success(200, "How many, and which are left out.", PreviewAnswer),
        body=BulkInput,
        problems=(400, 401, 403, 404, 422),
        limit=MODERATE,
        tag="moderation",
    ),
    Operation(
        "POST",
        "/api/v1/mod/bulk",
        guarded_api(bulk, role=Role.TRUSTED),
        "Decide about many comments",
        Success(200, "What was done.", BatchAnswer),
        description="Each by itself: one that has changed stops nobody. One undo takes all back.",
        body=BulkInput,
        problems=(400, 401, 403, 404, 409, 422),
        limit=MODERATE,
        tag="moderation",
    ),
    Operation(
        "POST",
        "/api/v1/mod/undo",
        guarded_api(undo, role=Role.TRUSTED),
        "Take a decision back",
        Success(200, "What is as it was before.", BatchAnswer),
        description="As long as nothing else was decided about the same comment since.",
        body=UndoInput,
        problems=(400, 401, 403, 404, 409, 422),
        limit=MODERATE,
        tag="moderation",
    ),
)
