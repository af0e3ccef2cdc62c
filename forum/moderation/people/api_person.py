"""The HTTP API about people in the eyes of moderators: their record, sanctions and notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.comments.review.model import Reason, Sanction
from forum.core.ids import MAX_ID
from forum.moderation.guard import Moderator, guarded_api, mod_site
from forum.moderation.people.person_answers import NoteAnswer, PersonAnswer, note_answer, person_answer
from forum.moderation.people.person_inputs import target_of
from forum.moderation.people.person_policy import LEAST_HOURS, MOST_HOURS
from forum.moderation.people.service_person import read_person
from forum.moderation.people.service_sanction import (
    Penalty,
    add_note,
    delete_note,
    lift,
    sanction,
)
from forum.moderation.verdicts import MAX_NOTE, MAX_RULE, MAX_WORDS
from forum.runtime import Runtime
from forum.web.inputs import Id, Input, Query, path_id, read_json, read_query
from forum.web.limits import MODERATE
from forum.web.operations import Operation, Success, json_response

Key = Annotated[str, Field(max_length=40, description="The site's key.")]


class PersonParams(Query):
    """On which site, and where the history goes on."""

    site: Key
    before: Annotated[Id | None, Field(description="`next_before` of the answer before.")] = None


class SiteParams(Query):
    """On which site."""

    site: Key


class SanctionInput(Input):
    """What somebody gets. A suspension has a length, warnings and bans have none; without `hours` it lasts until it is
    lifted."""

    sanction: Annotated[Sanction, Field(strict=False)]
    reason: Annotated[Reason, Field(strict=False)]
    hours: Annotated[int | None, Field(ge=LEAST_HOURS, le=MOST_HOURS)] = None
    rule: Annotated[str, Field(max_length=MAX_RULE, description="The house rule that is cited.")] = ""
    words: Annotated[str, Field(max_length=MAX_WORDS, description="What they are told beside that.")] = ""
    comment_id: Annotated[Id | None, Field(description="The comment that led to it.")] = None


class LiftInput(Input):
    """What they are told about it."""

    words: Annotated[str, Field(max_length=MAX_WORDS)] = ""


class NoteInput(Input):
    """A note that only moderators of the site read."""

    text: Annotated[str, Field(max_length=MAX_NOTE)]
    comment_id: Id | None = None


@dataclass(frozen=True, slots=True)
class DecidedAnswer:
    """The line of the log, by which it can be undone."""

    decision_id: str
    verdict: str


async def person(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """GET /api/v1/mod/people/{kind}/{id}."""
    params = read_query(request, PersonParams)
    site = await mod_site(rt, mod, params.site)
    dossier = await read_person(rt, mod, site, target_of(request), edge=params.before or MAX_ID)
    return json_response(person_answer(dossier, rt.clock.now()))


async def sanction_person(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /api/v1/mod/people/{kind}/{id}/sanctions."""
    site = await mod_site(rt, mod, read_query(request, SiteParams).site)
    sent = await read_json(request, SanctionInput)
    penalty = Penalty(
        kind=sent.sanction,
        reason=sent.reason,
        hours=sent.hours,
        rule=sent.rule,
        words=sent.words,
        comment_id=sent.comment_id,
    )
    line = await sanction(rt, mod, site, target_of(request), penalty)
    return json_response(DecidedAnswer(str(line.id), line.verdict), 201)


async def lift_sanction(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /api/v1/mod/sanctions/{id}/lift."""
    site = await mod_site(rt, mod, read_query(request, SiteParams).site)
    sent = await read_json(request, LiftInput)
    line = await lift(rt, mod, site, path_id(request), sent.words)
    return json_response(DecidedAnswer(str(line.id), line.verdict))


async def note_person(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /api/v1/mod/people/{kind}/{id}/notes."""
    site = await mod_site(rt, mod, read_query(request, SiteParams).site)
    sent = await read_json(request, NoteInput)
    new = await add_note(rt, mod, site, target_of(request), sent.text, sent.comment_id)
    return json_response(note_answer(new, {mod.actor.id: mod.account.name}), 201)


async def drop_note(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """DELETE /api/v1/mod/notes/{id}."""
    site = await mod_site(rt, mod, read_query(request, SiteParams).site)
    await delete_note(rt, mod, site, path_id(request))
    return Response(status_code=204, headers={"cache-control": "private, no-store"})


PERSON: Final = "/api/v1/mod/people/{kind}/{id}"
WRITES = (400, 401, 403, 404, 409, 422)
DECIDED = Success(200, "It is in the log.", DecidedAnswer)
OPERATIONS = (
    Operation(
        "GET",
        PERSON,
        guarded_api(person),
        "What a site knows of a person",
        Success(200, "Record, sanctions, notes and history.", PersonAnswer),
        description="`kind` is `guest` or `account`. Accounts that never wrote on the site are not found.",
        query=PersonParams,
        problems=(401, 404, 422),
        limit=MODERATE,
        tag="moderation",
    ),
    Operation(
        "POST",
        f"{PERSON}/sanctions",
        guarded_api(sanction_person),
        "Sanction a person",
        Success(201, "It counts from now on, and is in the log.", DecidedAnswer),
        description="Replaces a sanction of the same kind. A ban asks for a fresh sign-in (`sign_in_again`).",
        query=SiteParams,
        body=SanctionInput,
        problems=WRITES,
        limit=MODERATE,
        tag="moderation",
    ),
    Operation(
        "POST",
        "/api/v1/mod/sanctions/{id}/lift",
        guarded_api(lift_sanction),
        "Lift a sanction",
        DECIDED,
        query=SiteParams,
        body=LiftInput,
        problems=WRITES,
        limit=MODERATE,
        tag="moderation",
    ),
    Operation(
        "POST",
        f"{PERSON}/notes",
        guarded_api(note_person),
        "Note something about a person",
        Success(201, "The note.", NoteAnswer),
        query=SiteParams,
        body=NoteInput,
        problems=WRITES,
        limit=MODERATE,
        tag="moderation",
    ),
    Operation(
        "DELETE",
        "/api/v1/mod/notes/{id}",
        guarded_api(drop_note),
        "Strike a note out",
        Success(204, "It is gone."),
        query=SiteParams,
        problems=(401, 404, 422),
        limit=MODERATE,
        tag="moderation",
    ),
)
