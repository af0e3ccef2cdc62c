"""What each sanction will do, said before it is done: what its person can and can't do, until when, what they read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from forum.comments.review.model import Reason, Sanction, SanctionRow
from forum.comments.review.words import about_sanction
from forum.core.i18n import N_
from forum.moderation.console import Console
from forum.moderation.people.person_policy import ENDLESS, end_of
from forum.moderation.verdict_names import LENGTHS

_MEANT: Final = N_("the end of the time you pick")
_LENGTH: Final = N_("%(length)s, until %(until)s")
_TOLD: Final = N_("They read: “%(words)s”")
_UNDO: Final = N_("You can undo it.")
_ENDS: Final = N_("It ends by itself when the time you pick is over, and replaces an earlier one.")
_DOES: Final[Mapping[Sanction, tuple[str, ...]]] = {
    Sanction.WARN: (
        N_("They can go on writing, editing and reporting."),
        N_("They are shown this until they say that they have read it."),
    ),
    Sanction.MUTE: (N_("No new comments on this site. They can read, edit, report and delete."), _ENDS),
    Sanction.SUSPEND: (
        N_("Nothing written, edited or reported on this site. They can read, and delete what they wrote."),
        _ENDS,
    ),
    Sanction.BAN: (
        N_("Nothing written, edited or reported on this site any more. They can read, and delete what they wrote."),
        N_("What they wrote stays as it is. They are signed out on the article pages of this site."),
        N_("It has no end of its own: it lasts until a moderator lifts it."),
    ),
    Sanction.PREMODERATE: (
        N_("They write as before, but a moderator looks at every comment before others see it."),
        _ENDS,
    ),
}


def sanction_effects(console: Console) -> dict[str, str]:
    """What each sanction does, in sentences, by its key."""
    return {kind.value: _effect(console, kind) for kind in Sanction}


def _effect(console: Console, kind: Sanction) -> str:
    now = console.rt.clock.now()
    told = about_sanction(_sample(kind, now))
    until = {"until": console.text(_MEANT)}
    read = " ".join(console.text(one.sentence, until) for one in (told.what, told.now) if one is not None)
    lines = [console.text(line) for line in _DOES[kind]]
    return " ".join([*lines, console.text(_TOLD, {"words": read}), console.text(_UNDO)])


def _sample(kind: Sanction, now: datetime) -> SanctionRow:
    """A sanction as it would be, for its sentences alone; nothing of it is kept."""
    return SanctionRow(
        site_id=0,
        id=0,
        author_kind="",
        author_id=0,
        kind=kind.value,
        until=None if kind in ENDLESS else now,
        reason=Reason.OTHER.value,
        rule="",
        words="",
        by_id=0,
        decision_id=0,
        created_at=now,
    )


def lengths(console: Console) -> tuple[tuple[int, str], ...]:
    """How long something may last, in hours, each with the moment at which it would be over."""
    now, language = console.rt.clock.now(), console.language
    found = []
    for hours, name in LENGTHS:
        end = end_of(hours or None, now)
        length = console.text(name)
        until = "" if end is None else language.datetime(end)
        found.append((hours, console.text(_LENGTH, {"length": length, "until": until}) if until else length))
    return tuple(found)
