"""Jobs: what has to happen after a commit, at least once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

# A claimed job is left alone for this long; a worker that died loses it to the next one afterwards.
LEASE = timedelta(minutes=2)
# A handler that takes longer is stopped and tried again: well before its lease ends, so that no job runs twice at once.
HANDLER_TIME = timedelta(minutes=1)
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=6)
# About a day of trying (26 hours and a half between the first and the last), then an operator has to look.
MAX_ATTEMPTS = 14


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job. `attempts` counts this one too and is the token that proves the claim."""

    site_id: int
    id: int
    kind: str
    payload: dict[str, object]
    attempts: int


class JobRefused(Exception):
    """The job can never succeed: give it up now. The message is short and names no person and no text."""


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after this many failed attempts: doubling, with an upper bound."""
    factor: int = 2 ** (attempts - 1)
    return min(FIRST_RETRY * factor, LONGEST_RETRY)
