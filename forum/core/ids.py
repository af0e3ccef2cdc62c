"""64-bit identifiers, ordered by time and made in the application.

The upper 41 bits count milliseconds since 2025-01-01 (enough until 2094), the lower 22 start at a random number of 21
bits in every millisecond and count up within it. Two processes collide with odds of about one in two million for each
pair of ids of the same millisecond; the primary key then refuses the second, which is answered 503 and can be repeated.
"""

from __future__ import annotations

import secrets
import threading
from datetime import UTC, datetime, timedelta

from forum.core.clock import Clock

EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
SEQUENCE_BITS = 22
MAX_ID = 2**63 - 1
_MILLISECOND = timedelta(milliseconds=1)


class IdMaker:
    """Makes ids that only ever grow within one process, even when its clock steps back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0
        # Ids are made in the event loop and in the thread that drives transactions.
        self._lock = threading.Lock()

    def next(self) -> int:
        """A new id, larger than every id this maker has made."""
        millisecond = max((self._clock.now() - EPOCH) // _MILLISECOND, 1)
        # Half of the low bits stay free, so that counting up within a millisecond seldom runs into the next.
        fresh = millisecond << SEQUENCE_BITS | secrets.randbits(SEQUENCE_BITS - 1)
        with self._lock:
            same = self._last >> SEQUENCE_BITS >= millisecond
            self._last = self._last + 1 if same else fresh
            return self._last


def parse_id(text: str) -> int:
    """The id written as a decimal string, in the one way we write it; raises ValueError for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19) or text.startswith("0"):
        raise ValueError("not an id")
    number = int(text)
    if number > MAX_ID:
        raise ValueError("not an id")
    return number


def time_of(number: int) -> datetime:
    """When an id was made, to the millisecond."""
    return EPOCH + (number >> SEQUENCE_BITS) * _MILLISECOND


def id_at(moment: datetime) -> int:
    """The smallest id that can have been made at this moment or later (to the millisecond)."""
    return min(max((moment - EPOCH) // _MILLISECOND, 0) << SEQUENCE_BITS, MAX_ID)


def first_id(moment: datetime) -> int:
    """The smallest id that may have been made in the millisecond of a moment; 0 before there were any."""
    return max((moment - EPOCH) // _MILLISECOND, 0) << SEQUENCE_BITS
