"""What people are told about decisions on what they wrote, and on themselves: what happened, by whom, why, and what
they can do now. Plain sentences; nobody has to know how moderation works to understand them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from forum.comments.model import Status
from forum.comments.review.model import By, Decision, Reason, Sanction, SanctionRow, Verdict
from forum.core.i18n import N_


class Said(NamedTuple):
    """A sentence marked with N_, and what fills it."""

    sentence: str
    params: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody is told about one decision: `code` for programs, `what` happened, `why` (none where that says it),
    the `house_rule` that is cited and the moderator's own `words` ("" for none), what they can do `now`."""

    code: str
    what: Said
    why: Said | None = None
    house_rule: str = ""
    words: str = ""
    now: Said | None = None
    at: datetime | None = None


# Why: whatever is decided about, a comment or a person.
REASONS: Final[Mapping[str, str]] = {
    Reason.ABUSE: N_("The reason: it insults or threatens people."),
    Reason.SPAM: N_("The reason: it is advertising, or the same again and again."),
    Reason.OFF_TOPIC: N_("The reason: it is not about what is discussed here."),
    Reason.SPOILER: N_("The reason: it gives something away to people who have not got that far."),
    Reason.ILLEGAL: N_("The reason: it may be against the law."),
    Reason.OTHER: "",
}
# The same as names, for lists and forms.
REASON_NAMES: Final[Mapping[str, str]] = {
    Reason.ABUSE: N_("Insults or threats"),
    Reason.SPAM: N_("Advertising or repetition"),
    Reason.OFF_TOPIC: N_("Off topic"),
    Reason.SPOILER: N_("Gives something away"),
    Reason.ILLEGAL: N_("Against the law"),
    Reason.OTHER: N_("Something else"),
}

# What only its author sees.
OUT_OF_SIGHT: Final = (Status.HELD, Status.REMOVED, Status.SPAM)
HELD: Final = N_("Only you can see this yet. A moderator looks at it before others can.")
HELD_NOW: Final = N_("You don't have to do anything. You can still delete it.")
HELD_AGAIN: Final = N_("This is hidden again: only you can see it until a moderator has had another look.")
HIDDEN: Final = N_("Readers have reported this. Only you can see it until a moderator has looked.")
HIDDEN_NOW: Final = N_(
    "You don't have to do anything: if no moderator finds the time within a day, it comes back by itself."
)
REMOVED: Final = N_("A moderator has removed this. Only you can see it.")
REMOVED_NOW: Final = N_("You can delete it for good, or write it again in another way.")
SPAM: Final = N_("A moderator has marked this as spam. Only you can see it.")
SPAM_BY_RULE: Final = N_("The spam filter takes this for spam. Only you can see it until a moderator has looked.")
SPAM_NOW: Final = N_("If you meant well, write it again without links or advertising.")
RESTORED: Final = N_("A moderator has brought this back: everybody can read it again.")
RETURNED: Final = N_("Readers had reported this. Nobody had the time to look, so everybody can read it again.")
COVERED: Final = N_(
    "A moderator covered this, because it gives something away. It can be read by whoever has got that far."
)
COVERED_BY_READERS: Final = N_(
    "Readers say this gives something away. It is covered until a moderator has looked; nothing of it is lost."
)
UNCOVERED: Final = N_("A moderator has uncovered this: it gives nothing away.")
FEATURED: Final = N_("A moderator chose this: it stands above all others here.")

# (until a moment, until further notice)
_SANCTIONS: Final[Mapping[str, tuple[str, str]]] = {
    Sanction.WARN: ("", N_("A moderator has warned you here.")),
    Sanction.MUTE: (
        N_("You can't write new comments here until %(until)s."),
        N_("You can't write new comments here, until a moderator lifts that."),
    ),
    Sanction.SUSPEND: (
        N_("You can't write, edit or report anything here until %(until)s."),
        N_("You can't write, edit or report anything here, until a moderator lifts that."),
    ),
    Sanction.BAN: ("", N_("You are banned here: you can't write, edit or report anything any more.")),
    Sanction.PREMODERATE: (
        N_("Until %(until)s, a moderator looks at what you write here before others see it."),
        N_("A moderator looks at what you write here before others see it."),
    ),
}
_SANCTIONS_NOW: Final[Mapping[str, str]] = {
    Sanction.WARN: N_("You can go on writing. Please keep it in mind."),
    Sanction.MUTE: N_("You can read everything, and edit or delete what you wrote before."),
    Sanction.SUSPEND: N_("You can read everything, and delete what you wrote."),
    Sanction.BAN: N_("You can read everything, and delete what you wrote."),
    Sanction.PREMODERATE: N_("You can write as before; it only takes a little longer."),
}
# What a refusal is called by programs.
CODES: Final[Mapping[str, str]] = {
    Sanction.WARN: "warned",
    Sanction.MUTE: "muted",
    Sanction.SUSPEND: "suspended",
    Sanction.BAN: "banned",
    Sanction.PREMODERATE: "premoderated",
}
SANCTION_OVER: Final = N_("This is over.")
LIFTED: Final = N_("A moderator has lifted this.")
READ: Final = N_("The warning has been read.")


def refusal(row: SanctionRow) -> tuple[str, str, dict[str, object]]:
    """(code, sentence, what fills it): why somebody may not do that now, for `forum.errors.Forbidden`."""
    said = _sanctioned(row)
    return CODES[row.kind], said.sentence, dict(said.params)


def about_sanction(row: SanctionRow) -> Told:
    """What its person is told about a sanction that is in force."""
    return Told(
        code=CODES[row.kind],
        what=_sanctioned(row),
        why=_reason(row.reason),
        house_rule=row.rule,
        words=row.words,
        now=Said(_SANCTIONS_NOW[row.kind]),
        at=row.created_at,
    )


def ended(row: SanctionRow) -> Said:
    """How a sanction ended that is not in force any more."""
    if row.lifted_at is not None:
        return Said(LIFTED)
    return Said(READ if row.kind == Sanction.WARN else SANCTION_OVER)


def _sanctioned(row: SanctionRow) -> Said:
    for_a_time, for_good = _SANCTIONS[row.kind]
    return Said(for_good) if row.until is None else Said(for_a_time, {"until": row.until})


def about_comment(status: str, decisions: Sequence[Decision]) -> Told | None:
    """What its author is told about where a comment stands, None where there is nothing to say: it is public, and was
    never anything else. `decisions` are those about it, the latest first."""
    deciding = [line for line in decisions if line.status]
    last = next(iter(deciding), None)
    if status == Status.PUBLISHED:
        return _published(deciding)
    if last is None or last.status != status:
        # Decided before there was a log, or by a rule that says nothing.
        return Told(status, Said(HELD), now=Said(HELD_NOW)) if status == Status.HELD else _BARE.get(status)
    if status == Status.HELD:
        return _held(_standing(deciding), again=last.verdict == Verdict.UNDO)
    return _taken(_standing(deciding)) if status in OUT_OF_SIGHT else None


def _standing(deciding: Sequence[Decision]) -> Decision:
    """What a comment has its status from: where something was taken back, what stood before that."""
    last = deciding[0]
    if last.verdict != Verdict.UNDO:
        return last
    earlier = (line for line in deciding if line.status == last.status and line.verdict != Verdict.UNDO)
    return next(earlier, last)


def _published(deciding: Sequence[Decision]) -> Told | None:
    """Only what had been out of sight is worth a word: that a new comment was let through is not."""
    if len(deciding) < 2 or deciding[0].status != Status.PUBLISHED:
        return None
    last, before = deciding[0], deciding[1]
    if before.verdict == Verdict.HOLD:
        return None
    if last.by_kind == By.TIME:
        return Told("returned", Said(RETURNED), at=last.created_at)
    if before.status in OUT_OF_SIGHT:
        return Told("restored", Said(RESTORED), words=last.words, at=last.created_at)
    return None


def _held(last: Decision, *, again: bool) -> Told:
    if last.verdict == Verdict.HIDE or last.by_kind == By.READERS:
        return Told("hidden", Said(HIDDEN), why=_reason(last.reason), now=Said(HIDDEN_NOW), at=last.created_at)
    what = Said(HELD_AGAIN if again else HELD)
    return Told("held", what, why=explained(last.evidence), now=Said(HELD_NOW), at=last.created_at)


def _taken(last: Decision) -> Told:
    by_rule = last.by_kind != By.MODERATOR
    if last.status == Status.SPAM:
        what, now = Said(SPAM_BY_RULE if by_rule else SPAM), Said(SPAM_NOW)
    else:
        what, now = Said(REMOVED), Said(REMOVED_NOW)
    why = explained(last.evidence) if by_rule else _reason(last.reason)
    house_rule = "" if by_rule else last.rule
    return Told(last.status, what, why, house_rule, last.words, now, last.created_at)


_BARE: Final[Mapping[str, Told]] = {
    Status.REMOVED: Told("removed", Said(REMOVED), now=Said(REMOVED_NOW)),
    Status.SPAM: Told("spam", Said(SPAM), now=Said(SPAM_NOW)),
}


def about_cover(cover_state: str, decisions: Sequence[Decision]) -> Told | None:
    """What its author is told about a cover that readers or moderators have put over a comment."""
    last = next((line for line in decisions if line.verdict in (Verdict.COVER, Verdict.UNCOVER)), None)
    if cover_state == "covered_pending":
        return Told("covered_by_readers", Said(COVERED_BY_READERS))
    if cover_state == "covered_confirmed":
        cited = ("", "", None) if last is None else (last.rule, last.words, last.created_at)
        return Told("covered", Said(COVERED), None, *cited[:2], at=cited[2])
    return None


def about_feature() -> Told:
    """What its author is told about a comment that stands above all others."""
    return Told("featured", Said(FEATURED))


def explained(evidence: str) -> Said | None:
    """Why a rule of screening did what it did: the sentence of the first thing that it found, where that has one."""
    for found in evidence_of(evidence):
        sentence = found.get("sentence")
        if isinstance(sentence, str) and sentence:
            args = found.get("args")
            return Said(sentence, args if isinstance(args, dict) else {})
    return None


def evidence_of(evidence: str) -> Iterable[Mapping[str, Any]]:
    """The findings that are stored with an entry or a decision."""
    found = orjson.loads(evidence) if evidence else []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _reason(reason: str) -> Said | None:
    sentence = REASONS.get(reason, "")
    return Said(sentence) if sentence else None
