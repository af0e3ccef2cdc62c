"""In which order comments wait, and who may say what about them. One rule each, in words above the code."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from forum.comments.review.model import Reason, Sanction, SanctionRow

# Seconds of waiting that weigh as much as twice the harm, or twice the readers.
DOUBLING: Final = 43_200.0
_START: Final = datetime(2025, 1, 1, tzinfo=UTC)
# How much harm a comment may do, by what is said about it.
HARM: Final[dict[str, float]] = {
    Reason.ILLEGAL: 16.0,
    Reason.ABUSE: 8.0,
    Reason.SPOILER: 6.0,
    Reason.SPAM: 2.0,
    Reason.OTHER: 1.0,
    Reason.OFF_TOPIC: 0.5,
}


def priority(*, harm: float, exposure: float, since: datetime) -> float:
    """Where a comment stands in its queue, the highest first: harm × exposure × 2^(age / 12 h), as a logarithm without
    the present moment, so that the order of what is there never changes by waiting. `harm` and `exposure` (people who
    read it in an hour, or any number in proportion to that) are greater than 0."""
    return math.log2(max(harm, 1e-6) * max(exposure, 1e-6)) - (since - _START).total_seconds() / DOUBLING


class Act(StrEnum):
    """What a sanction may stop somebody from doing."""

    POST = "post"
    EDIT = "edit"
    FLAG = "flag"


# What stops what, the heaviest first. A warning stops nothing, and who is pre-moderated writes as before.
STOPPED_BY: Final[dict[Act, tuple[str, ...]]] = {
    Act.POST: (Sanction.BAN, Sanction.SUSPEND, Sanction.MUTE),
    Act.EDIT: (Sanction.BAN, Sanction.SUSPEND),
    Act.FLAG: (Sanction.BAN, Sanction.SUSPEND),
}


def is_in_force(row: SanctionRow, now: datetime) -> bool:
    """A sanction counts until it is lifted or its time is over; a warning, until its person has said they read it."""
    if row.lifted_at is not None or (row.until is not None and row.until <= now):
        return False
    return row.kind != Sanction.WARN or row.seen_at is None


def stops(rows: Iterable[SanctionRow], act: Act, now: datetime) -> SanctionRow | None:
    """What stops somebody from doing this now, None where nothing does: of several the heaviest, and of these the one
    that lasts longest. Deleting one's own comments and reading is never stopped."""
    kinds = STOPPED_BY[act]
    found = [row for row in rows if row.kind in kinds and is_in_force(row, now)]
    return min(found, key=lambda row: (kinds.index(row.kind), -_end(row)), default=None)


def premoderates(rows: Iterable[SanctionRow], now: datetime) -> SanctionRow | None:
    """What holds everything that somebody writes now, None where nothing does."""
    return next((row for row in rows if row.kind == Sanction.PREMODERATE and is_in_force(row, now)), None)


def _end(row: SanctionRow) -> float:
    return math.inf if row.until is None else row.until.timestamp()
