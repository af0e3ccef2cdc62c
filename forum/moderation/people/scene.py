"""Whom a moderator decides about, held: they do not become somebody else in between, and of two who decide about one
person the second finds what the first has decided."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, TypeVar

from forum.accounts import queries as accounts
from forum.accounts.model import ACCOUNT, GUEST, Role, State
from forum.accounts.service_roles import hold_role
from forum.comments.review.model import Decision, SanctionRow
from forum.comments.review.policy import Act, stops
from forum.comments.review.queries_people import list_in_force
from forum.core.decision import Decision as Answer
from forum.core.decision import Deny
from forum.core.i18n import N_
from forum.db import Tx
from forum.errors import Forbidden, NotFound
from forum.moderation.guard import NOTHING, Moderator
from forum.moderation.people import queries_people as people
from forum.moderation.people.person_policy import Standing

NOBODY: Final = N_("There is no such person on this site.")
REFUSALS: Final = {
    "not_yourself": N_("Nobody decides about themselves here. Ask another moderator."),
    "same_rank": N_("Somebody with a role here can be sanctioned only by somebody with a higher one."),
    "not_allowed": N_("Your account may not do this here."),
}
# Somebody becomes part of somebody else, who may do the same.
_TRIES: Final = 3
R = TypeVar("R", SanctionRow, Decision)


async def hold_moderator(tx: Tx, mod: Moderator, site_id: int, now: datetime) -> None:
    """Raise NotFound unless who decides still moderates the site, neither suspended nor banned there: their session and
    their role stay until the transaction is done. Raises SignInNeeded, too."""
    try:
        actor = await hold_role(tx, mod.visitor, site_id, Role.MODERATOR, now)
    except Forbidden as error:
        raise NotFound(detail=NOTHING) from error
    rows = [] if actor.is_owner else await list_in_force(tx, site_id=site_id, authors=[actor.id], now=now)
    if stops(rows, Act.EDIT, now) is not None:
        raise NotFound(detail=NOTHING)


async def hold(tx: Tx, site_id: int, kind: str, author_id: int) -> Standing:
    """What somebody (a guest of the site, or an account) is on a site, held. Raises NotFound."""
    if kind == GUEST and await people.find_guest_locked(tx, site_id=site_id, guest_id=author_id) is not None:
        return Standing(author_id)
    found = await accounts.find_account_locked(tx, author_id) if kind == ACCOUNT else None
    if found is None or found.state is State.ERASING:
        raise NotFound(detail=NOBODY)
    roles = await accounts.list_roles(tx, found.id)
    return Standing(found.id, roles.get(site_id, Role.READER), found.is_owner)


async def hold_known(tx: Tx, site_id: int, kind: str, author_id: int) -> Standing:
    """The same; raises NotFound also for an account that was never here: it belongs to the whole server."""
    standing = await hold(tx, site_id, kind, author_id)
    if kind == ACCOUNT and not await people.is_known(tx, site_id=site_id, author_id=author_id):
        raise NotFound(detail=NOBODY)
    return standing


async def hold_about(tx: Tx, read: Callable[[], Awaitable[R | None]]) -> tuple[R, Standing]:
    """What `read` finds about somebody, with that person held, whoever that is by then. Raises NotFound."""
    for _ in range(_TRIES):
        seen = await read()
        if seen is None:
            break
        try:
            standing = await hold(tx, seen.site_id, seen.author_kind, seen.author_id)
        except NotFound:
            continue  # a guest who has just become an account, or nobody
        held = await read()
        if held is not None and held.author_id == seen.author_id:
            return held, standing
    raise NotFound(detail=NOBODY)


def standing_of(mod: Moderator, site_id: int) -> Standing:
    """What a moderator is on a site."""
    return Standing(mod.actor.id, mod.role_on(site_id) or Role.READER, mod.actor.is_owner)


def require(answer: Answer) -> None:
    """Raise Forbidden where the answer is no."""
    if isinstance(answer, Deny):
        raise Forbidden(answer.code, REFUSALS[answer.code])
