"""The HTTP API about oneself: who is signed in here, and what that changes on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.accounts.model import Actor, Kind, Role
from forum.accounts.present import actor_view
from forum.accounts.queries import list_roles
from forum.accounts.service_session import ANYWHERE, identify
from forum.accounts.views import AccountView
from forum.core.visitor import Visitor
from forum.people.queries import Extras, find_extras
from forum.people.service_authors import claim, count_claimable
from forum.runtime import Runtime
from forum.sites.service import get_site
from forum.web.inputs import Id, Query, read_query
from forum.web.limits import ACCOUNT
from forum.web.operations import Operation, Success, json_response
from forum.web.visitors import visitor_of


@dataclass(frozen=True, slots=True)
class ProgressView:
    """How far somebody is in a work: `s` is "at" (with the unit's code in `u`), "none" or "dont_care"."""

    s: str
    u: str


@dataclass(frozen=True, slots=True)
class MeAnswer:
    """Who is signed in on this site, or nobody; `ended`: a session was sent that counts no more.

    `following` this discussion; `muted` are ids of comments in it by people whom one mutes; `claimable` is how many
    comments this browser wrote as a guest; `progress`, `ticks` and `rules` are how far one is. `moderates`: there is a
    site on which one may decide about comments, from here.
    """

    account: AccountView | None
    ended: bool
    following: bool = False
    muted: Sequence[str] = ()
    claimable: int = 0
    progress: Mapping[str, ProgressView] = field(default_factory=dict)
    ticks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    moderates: bool = False


@dataclass(frozen=True, slots=True)
class ClaimAnswer:
    """How many comments were claimed."""

    claimed: int


class MeParams(Query):
    """On which site, and in which discussion; on none: who is signed in on Aftershow itself."""

    site: Annotated[str | None, Field(max_length=40, description="The site's key.")] = None
    discussion: Annotated[Id | None, Field(description="The discussion's id.")] = None


class SiteParams(Query):
    """On which site."""

    site: Annotated[str, Field(max_length=40, description="The site's key.")]


async def me(rt: Runtime, request: Request) -> Response:
    """GET /api/v1/me."""
    visitor, params = visitor_of(request, rt.settings), read_query(request, MeParams)
    site = None if params.site is None else await get_site(rt, params.site)
    actor = await identify(rt, visitor, ANYWHERE if site is None else site.id)
    if actor is None:
        return json_response(MeAnswer(None, visitor.signed_in))
    if site is None:
        return json_response(MeAnswer(actor_view(actor), ended=False, moderates=await _moderates(rt, actor)))
    return json_response(await _answer(rt, visitor, actor, (site.id, params.discussion)))


async def _moderates(rt: Runtime, actor: Actor) -> bool:
    """Whether there is a site where they are at least trusted; frames lead to no console."""
    if actor.session is None or actor.session.kind is not Kind.MAIN:
        return False
    if actor.is_owner:
        return True
    async with rt.db.read() as tx:
        roles = await list_roles(tx, actor.id)
    only = actor.session.site_id
    return any(role.rank >= Role.TRUSTED.rank and only in (None, site_id) for site_id, role in roles.items())


async def _answer(rt: Runtime, visitor: Visitor, actor: Actor, where: tuple[int, int | None]) -> MeAnswer:
    site_id, discussion_id = where
    async with rt.db.read(fresh=True) as tx:
        extras: Extras = await find_extras(tx, account_id=actor.id, site_id=site_id, discussion_id=discussion_id)
        claimable = await count_claimable(tx, visitor, site_id)
    return MeAnswer(
        account=actor_view(actor),
        ended=False,
        following=extras.following,
        muted=[str(comment_id) for comment_id in extras.muted],
        claimable=claimable,
        progress={work: ProgressView(state, unit) for work, (state, unit) in extras.progress.items()},
        ticks=extras.ticks,
        rules=extras.rules,
        moderates=await _moderates(rt, actor),
    )


async def claim_comments(rt: Runtime, request: Request) -> Response:
    """POST /api/v1/me/claim."""
    visitor, params = visitor_of(request, rt.settings), read_query(request, SiteParams)
    await rt.limiter.check(ACCOUNT, visitor)
    site = await get_site(rt, params.site)
    return json_response(ClaimAnswer(await claim(rt, visitor, site.id)))


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/me",
        me,
        "Who is signed in",
        Success(200, "The account and what it changes on this page; no account where nobody is signed in.", MeAnswer),
        description="For the page's own script. Never kept by a cache.",
        query=MeParams,
        problems=(404, 422),
        tag="people",
    ),
    Operation(
        "POST",
        "/api/v1/me/claim",
        claim_comments,
        "Make what this browser wrote as a guest one's own",
        Success(200, "They are the account's comments now.", ClaimAnswer),
        query=SiteParams,
        problems=(401, 403, 404, 422),
        limit=ACCOUNT,
        tag="people",
    ),
)
