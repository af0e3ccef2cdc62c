"""Everything that moderators of a site may know of one person: who it is, their record, sanctions, notes, history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from forum.accounts import queries as accounts
from forum.accounts.model import ACCOUNT, GUEST, Role, State
from forum.comments.review import queries_people as sanctions
from forum.comments.review.model import Decision, SanctionRow
from forum.core.decision import Decision as Answer
from forum.core.decision import Deny
from forum.core.ids import MAX_ID
from forum.db import Tx
from forum.errors import NotFound
from forum.moderation.guard import Moderator, require_on
from forum.moderation.people import queries_people as people
from forum.moderation.people.person_policy import Standing, may_note, may_sanction
from forum.moderation.people.queries_people import Counts, NoteRow
from forum.moderation.people.scene import NOBODY, standing_of
from forum.moderation.people.service_sanction import Target
from forum.runtime import Runtime
from forum.sites.model import Site

# Lines of a person's history at once.
HISTORY: Final = 50


@dataclass(frozen=True, slots=True)
class Dossier:
    """A person on a site. `name` is "" for a guest who has nothing here any more, `names` are those of the moderators
    by id, `next_edge` where the history goes on, `may` whether this moderator may sanction them, `is_self` whether they
    look at themselves: then there are no notes."""

    target: Target
    name: str
    role: Role
    is_owner: bool
    since: datetime
    counts: Counts
    sanctions: list[SanctionRow]
    notes: list[NoteRow]
    history: list[Decision]
    next_edge: int | None
    names: dict[int, str]
    may: Answer
    is_self: bool


@dataclass(frozen=True, slots=True)
class _Who:
    name: str
    role: Role
    is_owner: bool
    since: datetime


async def read_person(rt: Runtime, mod: Moderator, site: Site, target: Target, *, edge: int = MAX_ID) -> Dossier:
    """All of it; raises NotFound for somebody whom this site does not know."""
    require_on(mod, site.id)
    me = standing_of(mod, site.id)
    is_self = isinstance(may_note(me, Standing(target.id)), Deny)
    async with rt.db.read(fresh=True) as tx:
        who = await _find(tx, site, target)
        counts = await people.count_record(tx, site_id=site.id, author_id=target.id)
        if target.kind == ACCOUNT and not any((counts.written, counts.decided, counts.sanctioned)):
            # An account belongs to the whole server; a site gets to know those that were here.
            raise NotFound(detail=NOBODY)
        rows = await sanctions.list_sanctions(tx, site_id=site.id, authors=[target.id])
        notes = [] if is_self else await people.list_notes(tx, site_id=site.id, author_id=target.id)
        lines = await sanctions.list_of_author(tx, site_id=site.id, authors=[target.id], edge=edge, most=HISTORY + 1)
        by = {*(row.by_id for row in rows), *(one.by_id for one in notes), *(line.by_id for line in lines)}
        names = await people.list_names(tx, by)
    standing = Standing(target.id, who.role, who.is_owner)
    return Dossier(
        target=target,
        name=who.name,
        role=who.role,
        is_owner=who.is_owner,
        since=who.since,
        counts=counts,
        sanctions=rows,
        notes=notes,
        history=lines[:HISTORY],
        next_edge=lines[HISTORY - 1].id if len(lines) > HISTORY else None,
        names=names,
        may=may_sanction(me, standing),
        is_self=is_self,
    )


async def _find(tx: Tx, site: Site, target: Target) -> _Who:
    if target.kind == GUEST:
        since = await people.find_guest_since(tx, site_id=site.id, guest_id=target.id)
        if since is None:
            raise NotFound(detail=NOBODY)
        name = await people.find_last_name(tx, site_id=site.id, author_id=target.id)
        return _Who(name or "", Role.READER, is_owner=False, since=since)
    account = await accounts.find_account(tx, target.id) if target.kind == ACCOUNT else None
    if account is None or account.state is State.ERASING:
        raise NotFound(detail=NOBODY)
    roles = await accounts.list_roles(tx, account.id)
    return _Who(account.name, roles.get(site.id, Role.READER), account.is_owner, account.created_at)
