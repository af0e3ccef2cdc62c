"""Take back a sanction, or that one was lifted: what was decided last about a person with that kind of sanction.

What counts again by that is imposed anew, under the same conditions as at first.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any, Final

import orjson

from forum.comments.review import queries_people as sanctions
from forum.comments.review.model import Decision, Sanction, SanctionRow, Verdict
from forum.comments.review.policy import is_in_force
from forum.core.i18n import N_
from forum.db import Tx
from forum.errors import Conflict
from forum.moderation.guard import Moderator, require_fresh
from forum.moderation.people import queries_people as people
from forum.moderation.people.person_policy import NEEDS_FRESH, Standing, may_lift, may_sanction
from forum.moderation.people.scene import hold_about, require, standing_of
from forum.moderation.people.service_sanction import sign_out
from forum.runtime import Runtime

SINCE: Final = N_("Something else has been decided since. Undo that first.")


async def take_back(tx: Tx, rt: Runtime, mod: Moderator, given: Decision) -> Decision:
    """Undo a sanction (what it replaced counts again), or that one was lifted; the decision as it is now. The line in
    the log is for whoever undoes. Raises NotFound, Conflict "decided_since", and Forbidden: "not_yourself", and what
    imposing does where something counts again."""
    line, whose = await hold_about(tx, lambda: people.find_line(tx, site_id=given.site_id, decision_id=given.id))
    require(may_lift(standing_of(mod, line.site_id), whose))
    kind, sanction_id = _about(line)
    await _require_last(tx, line, kind, sanction_id)
    if line.verdict == Verdict.LIFT:
        back = [sanction_id]
    else:
        now = rt.clock.now()
        await sanctions.end_sanctions(tx, site_id=line.site_id, sanctions=[sanction_id], now=now)
        back = _before(line)["replaced"]
    rows = await people.list_valid(tx, site_id=line.site_id, sanctions=back)
    await _resume(tx, rt, (mod, whose), line, rows)
    return line


def _before(line: Decision) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(line.before)
    return found


def _about(line: Decision) -> tuple[Sanction, int]:
    """The kind of sanction that a line is about, and which one."""
    before = _before(line)
    return Sanction(before["kind"] if line.verdict == Verdict.LIFT else line.verdict), before["sanction"]


async def _require_last(tx: Tx, line: Decision, kind: Sanction, sanction_id: int) -> None:
    """Raise Conflict unless nothing else was decided since about this kind of sanction (of warnings: about this one)
    that still stands, and this stands, too."""
    standing = await people.list_standing(tx, line, (Verdict(kind.value), Verdict.LIFT))
    same = [one.id for one in standing if _is_same(_about(one), kind, sanction_id)]
    if same != [line.id]:
        raise Conflict("decided_since", SINCE)


def _is_same(about: tuple[Sanction, int], kind: Sanction, sanction_id: int) -> bool:
    return about == (kind, sanction_id) if kind is Sanction.WARN else about[0] is kind


async def _resume(
    tx: Tx, rt: Runtime, who: tuple[Moderator, Standing], line: Decision, rows: list[SanctionRow]
) -> None:
    """Let these count again: of one kind no more than one, and only what this moderator might impose now."""
    now, (mod, whose) = rt.clock.now(), who
    live = [row for row in rows if is_in_force(row._replace(lifted_at=None), now)]
    over = [row.id for row in rows if row not in live]
    chosen = max(live, key=_end, default=None)
    if chosen is not None and await _has_another(tx, chosen, now):
        # Two people, each with a sanction of their own, have become one.
        if line.verdict == Verdict.LIFT:
            raise Conflict("decided_since", SINCE)
        chosen = None
    if chosen is not None:
        require(may_sanction(standing_of(mod, line.site_id), whose))
        if chosen.kind in NEEDS_FRESH:
            require_fresh(rt, mod)
        await sign_out(tx, chosen)
        over.append(chosen.id)
    await sanctions.resume_sanctions(tx, site_id=line.site_id, sanctions=over)


async def _has_another(tx: Tx, row: SanctionRow, now: datetime) -> bool:
    """Whether another sanction of the same kind counts. Every warning stands for itself."""
    if row.kind == Sanction.WARN:
        return False
    counting = await sanctions.list_in_force(tx, site_id=row.site_id, authors=[row.author_id], now=now)
    return any(one.kind == row.kind and one.id != row.id for one in counting)


def _end(row: SanctionRow) -> float:
    return math.inf if row.until is None else row.until.timestamp()
