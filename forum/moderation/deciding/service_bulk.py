"""One verdict about many comments: a selection, or all that somebody wrote within a day. What would happen is shown
before; each comment is decided about by itself, so that one that has changed stops nobody; one undo takes all back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from forum.accounts.model import Role
from forum.comments.model import Comment, Status
from forum.comments.review.model import Verdict
from forum.core.i18n import N_
from forum.errors import AftershowError, Conflict, Forbidden, NotFound, SignInNeeded
from forum.moderation import policy
from forum.moderation.deciding import queries_verdict as queries
from forum.moderation.deciding.service_undo import PERSONAL, undo
from forum.moderation.deciding.service_verdict import decide, whole
from forum.moderation.guard import NOTHING, Moderator, require_on
from forum.moderation.verdicts import Ask
from forum.runtime import Runtime
from forum.sites.model import Site

# At once; of somebody who wrote more within a day, the latest.
MOST: Final = 500
LATELY: Final = timedelta(hours=24)
CHANGED, CLAIMED, GONE, SAME, OWN, NEW, OUT = "changed", "claimed", "gone", "same", "own", "new", "signed_out"
# Why a comment is left out.
WHY: Final = {
    CHANGED: N_("changed since you looked at it, or somebody else was first"),
    CLAIMED: N_("another moderator is looking at it"),
    GONE: N_("deleted in the meantime"),
    SAME: N_("nothing to do: it is so already"),
    NEW: N_("written since you looked"),
    OWN: N_("it is your own: another moderator decides about it"),
    OUT: N_("you were signed out before it was its turn"),
}
_CODES: Final = {
    "revision_conflict": CHANGED,
    "decided_since": CHANGED,
    "claimed": CLAIMED,
    "deleted": GONE,
    "own_comment": OWN,
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which comments: by id with the revision that was seen, or (`author`: kind and id) all that somebody wrote on the
    site within a day. With both, these comments of that person: what else they wrote is left out, and counted."""

    comments: Mapping[int, int] = field(default_factory=dict)
    author: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a verdict about many would do: how many it is about, how many of them by their status now, and which are
    left out, with the reason (a key of `WHY`). `comments` are those it is about, `seen` all that were found."""

    count: int
    by_status: Mapping[Status, int]
    skipped: Mapping[int, str]
    comments: Sequence[Comment] = ()
    seen: Sequence[Comment] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """What was decided together: the comments that it is about, and those left out with the reason."""

    batch_id: int
    done: Sequence[int]
    skipped: Mapping[int, str]


async def preview_bulk(rt: Runtime, mod: Moderator, site: Site, selection: Selection, ask: Ask) -> Preview:
    """What `decide_bulk` would do at this moment; two statements. `ask` says everything but the comment."""
    require_on(mod, site.id, policy.role_for(ask.verdict))
    ask = whole(ask)
    found = await _list(rt, site, selection)
    if not mod.may(site.id, Role.MODERATOR):  # for whoever may only cover there is nothing but what everybody sees
        found = [comment for comment in found if comment.is_public]
    who, now = mod.actor.id, rt.clock.now()
    async with rt.db.read(fresh=True) as tx:
        listed = [comment.id for comment in found]
        claimed = await queries.list_claimed(tx, site_id=site.id, comments=listed, who=who, now=now)
    skipped = dict.fromkeys(sorted(selection.comments.keys() - {comment.id for comment in found}), GONE)
    ready: list[Comment] = []
    for comment in found:
        why = _why_not(comment, selection, ask, claimed)
        if why is None:
            ready.append(comment)
        else:
            skipped[comment.id] = why
    return Preview(len(ready), Counter(comment.status for comment in ready), skipped, ready, found)


async def decide_bulk(rt: Runtime, mod: Moderator, site: Site, selection: Selection, ask: Ask) -> Batch:
    """Give one verdict about many comments. Raises as `decide` where nothing about a single comment is wrong, and
    NotFound for a site that is not theirs."""
    preview = await preview_bulk(rt, mod, site, selection, ask)
    batch_id, skipped, done = rt.ids.next(), dict(preview.skipped), list[int]()
    for comment in preview.comments:
        this = replace(ask, comment_id=comment.id, revision=comment.revision)
        try:
            await decide(rt, mod, this, batch_id=batch_id)
        except SignInNeeded:
            if not done:
                raise
            skipped[comment.id] = OUT  # what is done stays one batch
        except (Conflict, Forbidden, NotFound) as error:
            skipped[comment.id] = why(error)
        else:
            done.append(comment.id)
    return Batch(batch_id, done, skipped)


async def undo_batch(rt: Runtime, mod: Moderator, site: Site, batch_id: int) -> Batch:
    """Take back all that was decided together, the last first; what has been decided about since stays as it is."""
    require_on(mod, site.id, policy.role_for(Verdict.COVER))
    async with rt.db.read(fresh=True) as tx:
        lines = await queries.list_batch(tx, site_id=site.id, batch_id=batch_id)
    if not lines:
        raise NotFound(detail=NOTHING)
    undoing, skipped, done = rt.ids.next(), dict[int, str](), list[int]()
    # Sanctions first: who may not take one back takes nothing back.
    for line in sorted(lines, key=lambda one: one.verdict not in PERSONAL):
        try:
            await undo(rt, mod, site.id, line.id, batch_id=undoing)
        except SignInNeeded:
            if not done:
                raise
            skipped[line.comment_id or line.id] = OUT
        except (Conflict, Forbidden, NotFound) as error:
            if isinstance(error, Forbidden) and line.verdict in PERSONAL:
                raise
            skipped[line.comment_id or line.id] = why(error)
        else:
            done.append(line.comment_id or line.id)
    return Batch(undoing, done, skipped)


def why(error: AftershowError) -> str:
    """Why something is left out: a key of `WHY`."""
    return _CODES.get(error.code, GONE)


async def _list(rt: Runtime, site: Site, selection: Selection) -> list[Comment]:
    async with rt.db.read(fresh=True) as tx:
        if selection.author is None:
            wanted = sorted(selection.comments)[:MOST]
            return await queries.list_these(tx, site_id=site.id, comments=wanted)
        # The day is counted from now: of what was looked at, nothing may have grown too old in between.
        since = rt.clock.now() - LATELY - (LATELY if selection.comments else timedelta())
        wrote = await queries.list_by_author(tx, site_id=site.id, author=selection.author, since=since, most=MOST)
        recent = rt.clock.now() - LATELY
        return [one for one in wrote if one.created_at > recent or one.id in selection.comments]


def _why_not(comment: Comment, selection: Selection, ask: Ask, claimed: set[int]) -> str | None:
    if comment.status is Status.DELETED:
        return GONE
    if selection.author is not None and selection.comments and comment.id not in selection.comments:
        return NEW
    if selection.comments.get(comment.id, comment.revision) != comment.revision:
        return CHANGED
    if comment.id in claimed and not ask.anyway:
        return CLAIMED
    gives = policy.STATUS.get(ask.verdict)
    # What is public may still wait to be seen; what was taken away was seen.
    return SAME if gives is comment.status and gives is not Status.PUBLISHED else None
