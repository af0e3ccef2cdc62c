"""What of a comment is shown first, and what is shown to whom. One rule each, in words above the code; nothing here
touches the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from forum.accounts.model import ACCOUNT
from forum.comments.review.model import WAITING, Item, Queue, Reason, Verdict
from forum.moderation.deciding.service_undo import PERSONAL
from forum.moderation.guard import Moderator
from forum.moderation.policy import COVERING, UNDECIDED_ABOVE, VERDICTS, is_own_affair
from forum.moderation.queues.model import Beside, Entry, Flag, FlagSum, Found, ItemPage, Line, Place

ABOUT_COVERS: Final = (*COVERING, Verdict.COVER_FOR_NOW)
# In which order a moderator is led to what waits: what nobody has looked at, last.
LANDING: Final = (*WAITING, Queue.UNMODERATED)


def waits(item: Item) -> bool:
    """Whether an entry asks for a verdict. In the queue of spam there is also what was decided."""
    return item.queue in WAITING and (item.queue != Queue.SPAM or item.priority > UNDECIDED_ABOVE)


def most_urgent(entries: Sequence[Entry]) -> Entry:
    """The entry that a comment is looked at for: what waits before what was decided, and of that the most urgent."""
    return max(entries, key=lambda entry: (waits(entry.item), entry.item.priority))


def found_in(first: Item, items: Iterable[Item], history: Iterable[Line]) -> Found | None:
    """What screening found in a comment: as the entry that it is looked at for says, else another one, or (where it
    waits no more) the log."""
    listed = (first, *items)
    for item in listed:
        if _says(item.evidence):
            return Found(item.evidence, item.since)
    if any(waits(item) for item in listed):
        return None
    said = (line.decision for line in history if _says(line.decision.evidence))
    return next((Found(made.evidence, made.created_at) for made in said), None)


def _says(evidence: str) -> bool:
    return evidence not in ("", "[]")


def rule_of(first: Item, items: Iterable[Item]) -> str:
    """The rule that put a comment where it is ("" for none)."""
    return next((item.rule for item in (first, *items) if item.rule), "")


def landing(counts: Mapping[Queue, int], mine: Sequence[Queue]) -> Queue:
    """Where a moderator begins: the first of their queues in which something waits. What was decided does not."""
    return next((queue for queue in LANDING if queue in mine and counts.get(queue)), mine[0])


def for_trusted(page: ItemPage) -> ItemPage:
    """A comment for somebody who may only cover: what readers say about spoilers, without their names and notes, and
    what was decided about its cover. All else that was reported or decided is for moderators alone."""
    return replace(
        page,
        beside=about_spoilers(page.beside),
        flags=[_nameless(flag) for flag in page.flags if flag.reason == Reason.SPOILER],
        history=_about_covers(page.history),
    )


def for_author(page: ItemPage) -> ItemPage:
    """A moderator's own comment: who reported it, and what they wrote about it, is for the other moderators."""
    return replace(page, flags=[_nameless(flag) for flag in page.flags])


def about_spoilers(beside: Beside) -> Beside:
    """What readers say about spoilers, of all that they say."""

    def kept(sums: Iterable[FlagSum]) -> list[FlagSum]:
        return [one for one in sums if one.reason == Reason.SPOILER]

    return beside._replace(flags={comment_id: kept(sums) for comment_id, sums in beside.flags.items()})


def _nameless(flag: Flag) -> Flag:
    """Neither who it was nor what would narrow that down: in a small community, how often they were right says it."""
    return flag._replace(name="", note="", upheld=0, rejected=0, is_new=False, withheld=True)


def is_about(line: Line, mod: Moderator) -> bool:
    """Whether something was decided about a moderator themselves, or what they wrote."""
    return (line.decision.author_kind, line.decision.author_id) == (ACCOUNT, mod.actor.id)


def marked(lines: Iterable[Line], mod: Moderator, places: Mapping[int, Place]) -> list[Line]:
    """Lines of the log for one moderator: nobody takes back what was decided about themselves. `places` are where
    their own comments stand now."""
    return [line._replace(is_own=is_about(line, mod) and _is_own_affair(line, mod, places)) for line in lines]


def _is_own_affair(line: Line, mod: Moderator, places: Mapping[int, Place]) -> bool:
    made = line.decision
    if made.verdict in PERSONAL:
        return True
    if made.verdict not in VERDICTS or mod.actor.is_owner:
        return False
    place = places.get(made.comment_id or 0)
    return place is not None and is_own_affair(Verdict.UNDO, place.comment, place.queues)


def _about_covers(history: Sequence[Line]) -> list[Line]:
    """Covers and what took them off, and the undo of either."""
    covers = {line.decision.id for line in history if line.decision.verdict in ABOUT_COVERS}
    return [line for line in history if line.decision.id in covers or _undoes(line, covers)]


def _undoes(line: Line, covers: set[int]) -> bool:
    return line.decision.verdict == Verdict.UNDO and line.decision.undoes in covers
