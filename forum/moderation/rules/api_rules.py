"""The HTTP API of a site's screening rules: read them, put others in force, try others on the last comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import orjson
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.accounts.model import Role
from forum.comments.screening.rules import Rules, RulesProblem, parse
from forum.comments.screening.service_spam import read_filter
from forum.moderation.guard import Moderator, guarded_api, mod_site
from forum.moderation.rules.check_settings import shown
from forum.moderation.rules.dry_run import Found, Line
from forum.moderation.rules.rules_fields import RulesRefused
from forum.moderation.rules.service_dry_run import try_rules
from forum.moderation.rules.service_rules import completed, find_now, list_changes, save_rules
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.web.inputs import Input, Query, read_json, read_query
from forum.web.limits import DRY_RUN, MODERATE
from forum.web.operations import Operation, Success, json_response
from forum.web.visitors import visitor_of

Key = Annotated[str, Field(max_length=40, description="The site's key.")]
Sent = Annotated[
    dict[str, Any],
    Field(
        description="The rules as GET gives them; what is left out is as on a new site. A `key` that is left empty"
        " stays as it is while `kind` and `url` do."
    ),
]


class RulesParams(Query):
    """On which site."""

    site: Key


class RulesInput(Input):
    """Rules that shall be in force; `version` is that of the rules they were made from."""

    site: Key
    version: Annotated[int, Field(ge=0)]
    rules: Sent


class TrialInput(Input):
    """Rules that shall be tried."""

    site: Key
    rules: Sent


@dataclass(frozen=True, slots=True)
class VersionAnswer:
    """A version: who saved it ("" for somebody who is gone), when, and the names of the rules it changed."""

    version: int
    by: str
    at: datetime
    changed: Sequence[str]


@dataclass(frozen=True, slots=True)
class FilterAnswer:
    """How the site's spam filter does on texts that were held back from it; `speaks`: it has earned trust at the
    threshold of the rules in force."""

    speaks: bool
    taught: int
    asked: int
    spam: int
    taken: int
    right: int


@dataclass(frozen=True, slots=True)
class RulesAnswer:
    """The rules in force: `version` 0 is that of a site where nobody has set any. The key of a check is never in it,
    `has_key` says that there is one. `versions` are the latest ones."""

    version: int
    rules: Mapping[str, Any]
    has_key: bool
    filter: FilterAnswer
    versions: Sequence[VersionAnswer]


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """How often something would have stopped comments, what moderators had said about those, and ids of some."""

    held: int
    refused: int
    flagged: int
    approved: int
    removed: int
    examples: Sequence[str]


@dataclass(frozen=True, slots=True)
class TrialAnswer:
    """What rules would have done with the last comments (`total` by any of them, and each; `entries` of lists that were
    found most)."""

    looked_at: int
    total: LineAnswer
    rules: Mapping[str, LineAnswer]
    entries: Mapping[str, LineAnswer]


async def screening_rules(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """GET /api/v1/mod/rules."""
    query = read_query(request, RulesParams)
    return json_response(await _answer(rt, await mod_site(rt, mod, query.site)))


async def replace_screening_rules(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """PUT /api/v1/mod/rules."""
    sent = await read_json(request, RulesInput)
    site = await mod_site(rt, mod, sent.site, Role.EDITOR)
    await save_rules(rt, mod, site, _rules(sent.rules), seen=sent.version)
    return json_response(await _answer(rt, site))


async def try_screening_rules(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /api/v1/mod/rules/dry-run."""
    sent = await read_json(request, TrialInput)
    site = await mod_site(rt, mod, sent.site)
    rules = await completed(rt, site, _rules(sent.rules))
    await rt.limiter.check(DRY_RUN, visitor_of(request, rt.settings))
    return json_response(_trial(await try_rules(rt, site, rules)))


def _rules(sent: Mapping[str, Any]) -> Rules:
    """Raises RulesRefused, which names everything that is wrong."""
    try:
        return parse(orjson.dumps(sent))
    except RulesProblem as problem:
        raise RulesRefused(problem.wrong) from problem


async def _answer(rt: Runtime, site: Site) -> RulesAnswer:
    now, changes = await find_now(rt, site), await list_changes(rt, site)
    spam = await read_filter(rt, site.id)
    figures = spam.figures(now.rules.spam_threshold)
    return RulesAnswer(
        version=now.version,
        rules=shown(now.rules),
        has_key=now.rules.check is not None and bool(now.rules.check.key),
        filter=FilterAnswer(
            speaks=figures.has_earned_trust,
            taught=spam.record.spam + spam.record.other,
            asked=figures.asked,
            spam=figures.spam,
            taken=figures.taken,
            right=figures.right,
        ),
        versions=tuple(VersionAnswer(one.version, one.by, one.at, one.changed) for one in changes),
    )


def _trial(found: Found) -> TrialAnswer:
    return TrialAnswer(
        looked_at=found.looked_at,
        total=_line(found.total),
        rules={rule.value: _line(line) for rule, line in found.rules.items()},
        entries={entry: _line(line) for entry, line in found.entries.items()},
    )


def _line(line: Line) -> LineAnswer:
    examples = tuple(str(comment_id) for comment_id in line.examples)
    return LineAnswer(line.held, line.refused, line.flagged, line.approved, line.removed, examples)


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/mod/rules",
        guarded_api(screening_rules),
        "The screening rules of a site",
        Success(200, "The rules in force, their versions, and how the spam filter does.", RulesAnswer),
        query=RulesParams,
        problems=(401, 404, 422),
        limit=MODERATE,
        tag="moderation",
    ),
    Operation(
        "PUT",
        "/api/v1/mod/rules",
        guarded_api(replace_screening_rules, role=Role.EDITOR, fresh=True),
        "Put screening rules in force",
        Success(200, "The rules in force now.", RulesAnswer),
        description="For editors, shortly after they have proved who they are. 409 `rules_changed`: there is a newer"
        " version than the one that was sent.",
        body=RulesInput,
        problems=(400, 401, 403, 404, 409, 422),
        limit=MODERATE,
        tag="moderation",
    ),
    Operation(
        "POST",
        "/api/v1/mod/rules/dry-run",
        guarded_api(try_screening_rules),
        "Try screening rules on the last comments",
        Success(200, "What they would have done. Nothing was changed.", TrialAnswer),
        description="Looks at the last 10,000 comments, as they were written: how many each rule would have held or"
        " refused, and what moderators decided about those.",
        body=TrialInput,
        problems=(400, 401, 404, 422),
        limit=DRY_RUN,
        tag="moderation",
    ),
)
