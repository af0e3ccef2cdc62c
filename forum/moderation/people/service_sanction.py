"""Sanction people, lift that again, and note things about them.

A sanction belongs to one site. The latest of its kind is the one that counts: it replaces an earlier one. Whoever
decides about a person holds them, so that what is decided about one of them comes one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import orjson

from forum.accounts.model import ACCOUNT
from forum.accounts.queries_session import delete_frames
from forum.comments.queries import find_comment
from forum.comments.review import queries_people as sanctions
from forum.comments.review.model import By, Decision, Reason, Sanction, SanctionRow, Verdict
from forum.comments.review.policy import is_in_force
from forum.comments.review.queries import log_decision
from forum.core.i18n import N_
from forum.core.ids import SEQUENCE_BITS
from forum.db import Tx
from forum.errors import Conflict, FieldError, Invalid, NotFound
from forum.moderation.guard import Moderator, require_fresh, require_on
from forum.moderation.people import queries_people as people
from forum.moderation.people.person_policy import (
    NEEDS_FRESH,
    end_of,
    is_length,
    length_of,
    may_lift,
    may_note,
    may_sanction,
)
from forum.moderation.people.queries_people import NoteRow
from forum.moderation.people.scene import NOBODY, hold_about, hold_known, hold_moderator, require, standing_of
from forum.moderation.verdicts import clean_said, unfit
from forum.runtime import Runtime
from forum.sites.model import Site

OVER: Final = N_("That is over already.")
SANCTIONS: Final = frozenset(Verdict(kind.value) for kind in Sanction)
_MOMENT = 1 << SEQUENCE_BITS


@dataclass(frozen=True, slots=True)
class Target:
    """Whom it is about: a guest of the site, or an account."""

    kind: str
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty:
    """What somebody gets: for how many `hours` (None: until it is lifted), and what they are told: a reason, the house
    rule that is cited and words of the moderator's own. `comment_id` is what led to it."""

    kind: Sanction
    reason: Reason
    hours: int | None = None
    rule: str = ""
    words: str = ""
    comment_id: int | None = None
    batch_id: int | None = None


async def sanction(rt: Runtime, mod: Moderator, site: Site, target: Target, penalty: Penalty) -> Decision:
    """Sanction somebody on a site. Raises Invalid, NotFound, or Forbidden: "sign_in_again" (a ban asks for a fresh
    sign-in), "not_yourself", "same_rank"."""
    ready = prepare(rt, mod, site, penalty)

    async def work(tx: Tx) -> Decision:
        return await sanction_in(tx, rt, (mod, site), target, ready)

    return await rt.db.write(work)


def prepare(rt: Runtime, mod: Moderator, site: Site, penalty: Penalty) -> Penalty:
    """The penalty as it is kept, for `sanction_in`. Raises Invalid, NotFound, or Forbidden "sign_in_again"."""
    require_on(mod, site.id)
    if penalty.kind in NEEDS_FRESH:
        require_fresh(rt, mod)
    rule, wrong_rule = clean_said(penalty.rule, "rule")
    words, wrong_words = clean_said(penalty.words, "words")
    wrong = (*wrong_rule, *wrong_words)
    if not is_length(penalty.kind, penalty.hours):
        raise Invalid(detail=length_of(penalty.kind), errors=(FieldError("hours", "wrong_value"), *wrong))
    if wrong:
        raise unfit(wrong)
    return replace(penalty, rule=rule, words=words)


async def sanction_in(tx: Tx, rt: Runtime, where: tuple[Moderator, Site], target: Target, penalty: Penalty) -> Decision:
    """The same as a part of something bigger, with what `prepare` has made of a penalty."""
    (mod, site), now = where, rt.clock.now()
    await hold_moderator(tx, mod, site.id, now)
    require(may_sanction(standing_of(mod, site.id), await hold_known(tx, site.id, target.kind, target.id)))
    about = await _about(tx, site, target, penalty.comment_id)
    replaced = await _replaced(tx, site, target, penalty.kind, now)
    row = SanctionRow(
        site_id=site.id,
        id=rt.ids.next(),
        author_kind=target.kind,
        author_id=target.id,
        kind=penalty.kind.value,
        until=end_of(penalty.hours, now),
        reason=penalty.reason.value,
        rule=penalty.rule,
        words=penalty.words,
        by_id=mod.actor.id,
        decision_id=await _next_id(tx, rt, site.id, target.id),
        created_at=now,
    )
    before = {"sanction": row.id, "replaced": replaced, "until": row.until}
    line = _line(row, Verdict(penalty.kind.value), before)._replace(
        comment_id=about[0], discussion_id=about[1], batch_id=penalty.batch_id
    )
    line = await log_decision(tx, line)
    await sanctions.insert_sanction(tx, row._replace(decision_id=line.id))
    await sign_out(tx, row)
    return line


async def sign_out(tx: Tx, row: SanctionRow) -> None:
    """Whoever is banned from a site is signed out of its frames."""
    if row.kind == Sanction.BAN and row.author_kind == ACCOUNT:
        await delete_frames(tx, account_id=row.author_id, site_id=row.site_id)


async def lift(rt: Runtime, mod: Moderator, site: Site, sanction_id: int, words: str = "") -> Decision:
    """End a sanction before its time. Raises NotFound, Conflict "over" where it has ended, Forbidden "not_yourself"."""
    require_on(mod, site.id)
    said, wrong = clean_said(words, "words")
    if wrong:
        raise unfit(wrong)

    async def work(tx: Tx) -> Decision:
        now = rt.clock.now()
        await hold_moderator(tx, mod, site.id, now)
        row, whose = await hold_about(tx, lambda: people.find_sanction(tx, site_id=site.id, sanction_id=sanction_id))
        require(may_lift(standing_of(mod, site.id), whose))
        if not is_in_force(row, now):
            raise Conflict("over", OVER)
        await sanctions.end_sanctions(tx, site_id=site.id, sanctions=[row.id], now=now)
        line_id = await _next_id(tx, rt, site.id, row.author_id)
        lifted = row._replace(decision_id=line_id, by_id=mod.actor.id, words=said, created_at=now)
        line = _line(lifted, Verdict.LIFT, {"sanction": row.id, "kind": row.kind})
        return await log_decision(tx, line)

    return await rt.db.write(work)


async def add_note(
    rt: Runtime, mod: Moderator, site: Site, target: Target, text: str, comment_id: int | None = None
) -> NoteRow:
    """Note something about somebody, for moderators only. Raises Invalid about "text", NotFound, or Forbidden
    "not_yourself"."""
    require_on(mod, site.id)
    noted, wrong = clean_said(text, "text")
    if wrong or not noted:
        raise unfit(wrong or (FieldError("text", "empty"),))

    async def work(tx: Tx) -> NoteRow:
        await hold_moderator(tx, mod, site.id, rt.clock.now())
        require(may_note(standing_of(mod, site.id), await hold_known(tx, site.id, target.kind, target.id)))
        about, _ = await _about(tx, site, target, comment_id)
        new = NoteRow(site.id, rt.ids.next(), target.kind, target.id, about, noted, mod.actor.id, rt.clock.now())
        await people.insert_note(tx, new)
        return new

    return await rt.db.write(work)


async def delete_note(rt: Runtime, mod: Moderator, site: Site, note_id: int) -> NoteRow:
    """Strike a note out; what it was. Raises NotFound, also for one about who strikes it out: they know of none."""
    require_on(mod, site.id)

    async def work(tx: Tx) -> NoteRow:
        await hold_moderator(tx, mod, site.id, rt.clock.now())
        found = await people.delete_note(tx, site_id=site.id, note_id=note_id, who=mod.actor.id)
        if found is None:
            raise NotFound(detail=NOBODY)
        return found

    return await rt.db.write(work)


def _line(row: SanctionRow, verdict: Verdict, before: dict[str, Any]) -> Decision:
    return Decision(
        site_id=row.site_id,
        id=row.decision_id,
        comment_id=None,
        discussion_id=None,
        author_kind=row.author_kind,
        author_id=row.author_id,
        verdict=verdict.value,
        status="",
        revision=0,
        by_kind=By.MODERATOR.value,
        by_id=row.by_id,
        reason="" if verdict is Verdict.LIFT else row.reason,
        rule="" if verdict is Verdict.LIFT else row.rule,
        words=row.words,
        about_rule="",
        evidence="[]",
        before=orjson.dumps(before).decode(),
        undoes=None,
        batch_id=None,
        created_at=row.created_at,
    )


async def _next_id(tx: Tx, rt: Runtime, site_id: int, author_id: int) -> int:
    """An id above those of all other lines about a person, who is held: other processes make ids by clocks of their
    own."""
    verdicts = SANCTIONS | {Verdict.LIFT}
    last = await people.find_last_line(tx, site_id=site_id, author_id=author_id, verdicts=verdicts)
    new = rt.ids.next()
    return new if new > last else (last // _MOMENT + 1) * _MOMENT + new % _MOMENT


async def _about(tx: Tx, site: Site, target: Target, comment_id: int | None) -> tuple[int | None, int | None]:
    """The comment that led to it, and its discussion; raises NotFound unless it is theirs."""
    if comment_id is None:
        return None, None
    found = await find_comment(tx, comment_id)
    if found is None or (found.site_id, found.author_kind, found.author_id) != (site.id, target.kind, target.id):
        raise NotFound(detail=N_("There is no such comment."))
    return found.id, found.discussion_id


async def _replaced(tx: Tx, site: Site, target: Target, kind: Sanction, now: datetime) -> list[int]:
    """What the same kind said until now ends. Every warning stands for itself."""
    if kind is Sanction.WARN:
        return []
    rows = await sanctions.list_in_force(tx, site_id=site.id, authors=[target.id], now=now)
    earlier = [row.id for row in rows if row.kind == kind]
    await sanctions.end_sanctions(tx, site_id=site.id, sanctions=earlier, now=now)
    return earlier
