"""People in the eyes of moderators, as programs read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from forum.comments.review.model import Decision, SanctionRow
from forum.comments.review.policy import is_in_force
from forum.core.decision import Allow
from forum.moderation.people.queries_people import NoteRow
from forum.moderation.people.service_person import Dossier


@dataclass(frozen=True, slots=True)
class SanctionAnswer:
    """A sanction. `until` null: until it is lifted; `decision_id` is its line in the log."""

    id: str
    sanction: str
    until: datetime | None
    reason: str
    rule: str
    words: str
    by: str
    decision_id: str
    created_at: datetime
    lifted_at: datetime | None
    seen_at: datetime | None
    in_force: bool


@dataclass(frozen=True, slots=True)
class NoteAnswer:
    """A note among moderators."""

    id: str
    text: str
    by: str
    comment_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """A line of somebody's history: what was decided, and the comment's `status` from then on ("": not about that)."""

    id: str
    verdict: str
    status: str
    comment_id: str | None
    by_kind: str
    by: str
    reason: str
    rule: str
    words: str
    undoes: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    """A person on one site. `comments` are counts by status, `decisions` by verdict; `may_sanction` says whether the
    one who asks may."""

    kind: str
    id: str
    name: str
    role: str
    since: datetime
    may_sanction: bool
    comments: Mapping[str, int]
    decisions: Mapping[str, int]
    sanctions: Sequence[SanctionAnswer]
    notes: Sequence[NoteAnswer]
    history: Sequence[LineAnswer]
    next_before: str | None


def person_answer(dossier: Dossier, now: datetime) -> PersonAnswer:
    """All that moderators of a site may know of somebody."""
    names = dossier.names
    return PersonAnswer(
        kind=dossier.target.kind,
        id=str(dossier.target.id),
        name=dossier.name,
        role="owner" if dossier.is_owner else dossier.role.value,
        since=dossier.since,
        may_sanction=isinstance(dossier.may, Allow),
        comments=dossier.counts.written,
        decisions={verdict.value: n for verdict, n in dossier.counts.decided.items()},
        sanctions=[_sanction(row, names, now) for row in dossier.sanctions],
        notes=[note_answer(one, names) for one in dossier.notes],
        history=[_line(line, names) for line in dossier.history],
        next_before=None if dossier.next_edge is None else str(dossier.next_edge),
    )


def _sanction(row: SanctionRow, names: Mapping[int, str], now: datetime) -> SanctionAnswer:
    return SanctionAnswer(
        id=str(row.id),
        sanction=row.kind,
        until=row.until,
        reason=row.reason,
        rule=row.rule,
        words=row.words,
        by=names.get(row.by_id, ""),
        decision_id=str(row.decision_id),
        created_at=row.created_at,
        lifted_at=row.lifted_at,
        seen_at=row.seen_at,
        in_force=is_in_force(row, now),
    )


def note_answer(one: NoteRow, names: Mapping[int, str]) -> NoteAnswer:
    """A note, with the name of who made it."""
    comment = None if one.comment_id is None else str(one.comment_id)
    return NoteAnswer(str(one.id), one.text, names.get(one.by_id, ""), comment, one.created_at)


def _line(line: Decision, names: Mapping[int, str]) -> LineAnswer:
    return LineAnswer(
        id=str(line.id),
        verdict=line.verdict,
        status=line.status,
        comment_id=None if line.comment_id is None else str(line.comment_id),
        by_kind=line.by_kind,
        by=names.get(line.by_id, ""),
        reason=line.reason,
        rule=line.rule,
        words=line.words,
        undoes=None if line.undoes is None else str(line.undoes),
        created_at=line.created_at,
    )
