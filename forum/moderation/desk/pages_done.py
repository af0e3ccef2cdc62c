"""What was done just now, and the way back: an address names it, and the log says what it was."""

from __future__ import annotations

from typing import Final

from forum.comments.review.model import By, Verdict
from forum.core.i18n import N_
from forum.core.ids import parse_id
from forum.moderation.console import HOME, Console, UndoView
from forum.moderation.pages_where import PlaceQuery
from forum.moderation.queues.service_history import read_batches, read_line
from forum.moderation.verdict_names import VERDICT_NAMES

UNDONE: Final = N_("Undone.")
COUNTED: Final = N_("Comments: %(count)s")
LEFT_OUT: Final = N_("Left out, because they are new or have changed: %(count)s")


async def undo_of(console: Console, place: PlaceQuery | None) -> UndoView | None:
    """What an address says was done just now, as the log has it; nothing for what somebody else has decided, or what
    was taken back. Where another one has to take it back, it is said and no more."""
    if place is None:
        return None
    try:
        if place.batch:
            return await _batch(console, parse_id(place.batch), left_out(console, place))
        return await _decision(console, parse_id(place.done)) if place.done else None
    except ValueError:
        return None


async def _decision(console: Console, decision_id: int) -> UndoView | None:
    line = await read_line(console.rt, console.mod, console.site, decision_id)
    if line is None or line.undone or line.decision.verdict == Verdict.UNDO:
        return None
    made = line.decision
    if made.by_kind != By.MODERATOR or made.by_id != console.mod.actor.id:
        return None
    own = "" if line.is_own else str(made.id)
    return UndoView(said_of(console, made.verdict), own, about=_about(console, made.comment_id))


async def _batch(console: Console, batch_id: int, left: str) -> UndoView | None:
    kinds = (await read_batches(console.rt, console.site, [batch_id])).get(batch_id, ())
    mine = [one for one in kinds if one.by_id == console.mod.actor.id]
    if not any(one.standing for one in mine):
        return None
    said = [said_of(console, verdict) for verdict in dict.fromkeys(one.verdict for one in mine)]
    most = max(sum(one.number for one in mine if one.verdict == verdict) for verdict in {one.verdict for one in mine})
    abouts = {one.comment_id for one in mine}
    only = abouts.pop() if len(abouts) == 1 else None
    if only is None or len(said) == 1:
        said.append(console.text(COUNTED, {"count": console.language.number(most)}))
    said += [left] if left else []
    return UndoView(" ".join(said), batch_id=str(batch_id), about=_about(console, only))


def said_of(console: Console, verdict: str) -> str:
    """What was done, as a sentence."""
    return f"{console.text(VERDICT_NAMES.get(verdict, verdict))}."


def _about(console: Console, comment_id: int | None) -> str:
    return "" if comment_id is None else console.href(f"{HOME}/c/{comment_id}")


def left_out(console: Console, place: PlaceQuery | None) -> str:
    """How many of a batch nothing was decided about ("" for none)."""
    number = 0 if place is None else int(place.left or 0)
    return console.text(LEFT_OUT, {"count": console.language.number(number)}) if number else ""


def said_now(console: Console, place: PlaceQuery | None) -> str:
    """What was done and can't be undone: that something was taken back, or that nothing was decided."""
    return UNDONE if place is not None and place.undone else left_out(console, place)
