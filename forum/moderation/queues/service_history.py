"""Read the log of decisions: all of a site's, or those about one comment, one person, one discussion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from forum.core.i18n import N_
from forum.core.ids import MAX_ID
from forum.core.paging import BadCursor, Cursor, parse_cursor
from forum.db import Tx
from forum.errors import FieldError, Invalid
from forum.moderation.guard import Moderator
from forum.moderation.queues.choosing import is_about, marked
from forum.moderation.queues.model import LOG_PAGE, Line, Place, Together
from forum.moderation.queues.queries_history import list_lines, list_places, sum_batches
from forum.runtime import Runtime
from forum.sites.model import Site

ORDER = "log"


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which decisions are wanted: about a comment, a person (guest or account), a discussion, or by a moderator."""

    comment_id: int | None = None
    author_id: int | None = None
    discussion_id: int | None = None
    by_id: int | None = None
    batch_id: int | None = None


EVERYTHING = LogFilter()


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the log, the latest first; `next_cursor` continues it."""

    site_id: int
    lines: Sequence[Line]
    next_cursor: str | None = None


async def read_log(
    rt: Runtime, mod: Moderator, site: Site, wanted: LogFilter = EVERYTHING, *, cursor: str | None = None
) -> LogPage:
    """A page of a site's log, for one moderator: one statement, and another one where it is about what they wrote
    themselves. Raises Invalid for a cursor of something else."""
    parts = {name: value for name, value in asdict(wanted).items() if value is not None}
    edge = _edge(cursor) if cursor else None
    async with rt.db.read(fresh=True) as tx:
        found = await list_lines(tx, site_id=site.id, parts=parts, edge=edge, most=LOG_PAGE + 1)
        lines = marked(found[:LOG_PAGE], mod, await _own_places(tx, site, mod, found[:LOG_PAGE]))
    more = len(found) > LOG_PAGE
    return LogPage(site.id, lines, str(Cursor(ORDER, lines[-1].decision.id)) if more else None)


async def _own_places(tx: Tx, site: Site, mod: Moderator, lines: Sequence[Line]) -> Mapping[int, Place]:
    own = {line.decision.comment_id for line in lines if is_about(line, mod) and line.is_last and not line.undone}
    wanted = sorted(comment_id for comment_id in own if comment_id is not None)
    return await list_places(tx, site_id=site.id, comments=wanted) if wanted else {}


async def read_line(rt: Runtime, mod: Moderator, site: Site, decision_id: int) -> Line | None:
    """One line of a site's log, for one moderator: statements as of `read_log`."""
    async with rt.db.read(fresh=True) as tx:
        found = await list_lines(tx, site_id=site.id, parts={}, edge=min(decision_id + 1, MAX_ID), most=1)
        lines = [line for line in found if line.decision.id == decision_id]
        lines = marked(lines, mod, await _own_places(tx, site, mod, lines))
    return lines[0] if lines else None


async def read_batches(rt: Runtime, site: Site, batches: Sequence[int]) -> Mapping[int, Sequence[Together]]:
    """What was decided together, by batch, in one statement."""
    if not batches:
        return {}
    async with rt.db.read(fresh=True) as tx:
        return await sum_batches(tx, site_id=site.id, batches=batches)


def _edge(cursor: str) -> int:
    try:
        return parse_cursor(cursor, order=ORDER).last
    except BadCursor as error:
        detail = N_("That page does not exist any more. Start again from the first one.")
        raise Invalid("bad_cursor", detail, errors=(FieldError("cursor", "bad_cursor"),)) from error
