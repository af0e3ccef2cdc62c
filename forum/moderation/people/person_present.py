"""One person as the pages of moderators show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from forum.accounts.model import ACCOUNT
from forum.accounts.present import hue_of, profile_path
from forum.accounts.settings_pages import to_sign_in
from forum.comments.review.model import By, Decision, Sanction, SanctionRow, Verdict
from forum.comments.review.policy import is_in_force
from forum.comments.review.words import REASON_NAMES, ended
from forum.core.decision import Allow
from forum.moderation.console import Console, ModPage, UndoView
from forum.moderation.people.sanction_effects import lengths, sanction_effects
from forum.moderation.people.scene import REFUSALS
from forum.moderation.people.service_person import Dossier
from forum.moderation.verdict_names import (
    BY_NAMES,
    ROLE_NAMES,
    RULE_NAMES,
    SANCTION_NAMES,
    STATUS_NAMES,
    VERDICT_NAMES,
)


@dataclass(frozen=True, slots=True)
class SanctionView:
    """A sanction: which, until when (None: until it is lifted), what its person was told, by whom, and whether it
    counts. Texts are translated."""

    id: str
    kind: str
    said: str
    until: datetime | None
    reason: str
    rule: str
    words: str
    by: str
    at: datetime
    in_force: bool
    ended: str


@dataclass(frozen=True, slots=True)
class NoteView:
    """What a moderator has noted."""

    id: str
    text: str
    by: str
    at: datetime
    comment_id: str | None


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of somebody's history. Texts are translated; it never holds a comment's text."""

    id: str
    what: str
    by: str
    reason: str
    rule: str
    words: str
    at: datetime
    comment_id: str | None
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage(ModPage):
    """What `pages/mod_person.html` draws. `refused` says why this moderator can't sanction them ("" if they can), and
    `is_self` that they look at themselves; `again` leads to a fresh sign-in where a ban needs one. `fields` are the
    form as it was typed."""

    path: str
    kind: str
    id: str
    name: str
    url: str | None
    hue: int
    role: str
    since: datetime
    written: tuple[tuple[str, int], ...]
    decided: tuple[tuple[str, int], ...]
    sanctions: tuple[SanctionView, ...]
    notes: tuple[NoteView, ...]
    history: tuple[LineView, ...]
    more: str | None
    refused: str
    is_self: bool
    again: str
    fields: Mapping[str, str]
    kinds: tuple[tuple[str, str], ...]
    reasons: tuple[tuple[str, str], ...]
    lengths: tuple[tuple[int, str], ...]
    effects: tuple[tuple[str, str], ...]
    errors: Mapping[str, str] = field(default_factory=dict)

    def completed(self, *, error: str, errors: Mapping[str, str], undo: UndoView | None) -> PersonPage:
        """The page with what was done, or with what stood in the way."""
        return replace(self, error=error, errors={**self.errors, **errors}, undo=undo)


def blank() -> dict[str, str]:
    """The forms as they are before anything is typed."""
    return {"sanction": "", "hours": "24", "reason": "", "rule": "", "words": "", "comment": "", "text": ""}


def person_page(console: Console, dossier: Dossier, path: str, fields: Mapping[str, str]) -> PersonPage:
    """The page of one person on the console's site."""
    target, counts, now = dossier.target, dossier.counts, console.rt.clock.now()
    fresh = console.mod.is_fresh(now)
    return PersonPage(
        **console.frame("person"),
        path=path,
        kind=target.kind,
        id=str(target.id),
        name=dossier.name,
        url=profile_path(dossier.name) if target.kind == ACCOUNT else None,
        hue=hue_of(target.id),
        role=console.text(ROLE_NAMES.get("owner" if dossier.is_owner else dossier.role, "")),
        since=dossier.since,
        written=tuple((console.text(name), counts.written.get(key, 0)) for key, name in STATUS_NAMES.items()),
        decided=tuple(
            (console.text(VERDICT_NAMES[verdict]), n)
            for verdict, n in sorted(counts.decided.items(), key=lambda pair: list(Verdict).index(pair[0]))
        ),
        sanctions=tuple(_sanction(console, dossier, row, now) for row in dossier.sanctions),
        notes=_notes(dossier),
        history=tuple(_history(console, dossier, line) for line in dossier.history),
        more=None if dossier.next_edge is None else console.href(path, before=dossier.next_edge),
        refused="" if isinstance(dossier.may, Allow) else REFUSALS[dossier.may.code],
        is_self=dossier.is_self,
        again="" if fresh else to_sign_in(console.href(path), again=True),
        fields=fields,
        kinds=tuple((kind.value, console.text(SANCTION_NAMES[kind])) for kind in Sanction),
        reasons=tuple((key, console.text(name)) for key, name in REASON_NAMES.items()),
        lengths=lengths(console),
        effects=tuple(
            (console.text(SANCTION_NAMES[Sanction(kind)]), text) for kind, text in sanction_effects(console).items()
        ),
        errors=dict.fromkeys(fields, ""),
    )


def _notes(dossier: Dossier) -> tuple[NoteView, ...]:
    return tuple(
        NoteView(
            str(one.id),
            one.text,
            dossier.names.get(one.by_id, ""),
            one.created_at,
            None if one.comment_id is None else str(one.comment_id),
        )
        for one in dossier.notes
    )


def _sanction(console: Console, dossier: Dossier, row: SanctionRow, now: datetime) -> SanctionView:
    in_force, over = is_in_force(row, now), ended(row)
    return SanctionView(
        id=str(row.id),
        kind=row.kind,
        said=console.text(VERDICT_NAMES.get(row.kind, row.kind)),
        until=row.until,
        reason=console.text(REASON_NAMES.get(row.reason, "")),
        rule=row.rule,
        words=row.words,
        by=dossier.names.get(row.by_id, ""),
        at=row.created_at,
        in_force=in_force,
        ended="" if in_force else console.text(over.sentence, over.params),
    )


def _history(console: Console, dossier: Dossier, line: Decision) -> LineView:
    name = dossier.names.get(line.by_id, "") if line.by_id else ""
    by_rule = line.by_kind == By.RULE
    reason = RULE_NAMES.get(line.rule, "") if by_rule else REASON_NAMES.get(line.reason, "")
    return LineView(
        id=str(line.id),
        what=console.text(VERDICT_NAMES.get(line.verdict, line.verdict)),
        by=name or console.text(BY_NAMES.get(line.by_kind, line.by_kind)),
        reason=console.text(reason) if reason else "",
        rule="" if by_rule else line.rule,
        words=line.words,
        at=line.created_at,
        comment_id=None if line.comment_id is None else str(line.comment_id),
        status=console.text(STATUS_NAMES.get(line.status, "")),
    )
