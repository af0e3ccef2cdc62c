"""What people keep for themselves, and how much of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

# Of a discussion at most so many comments are named to somebody who has muted their authors.
MOST_MUTED_COMMENTS: Final = 500
# Nobody needs more; and what is asked with every page must stay small.
MOST_MUTED: Final = 1_000
MOST_FOLLOWED: Final = 5_000


class Stand(NamedTuple):
    """How far somebody is in a work, with fields in the order of the columns: `state` is "at" (with the unit's code),
    "none" or "dont_care", "" where only `ticks` (codes of units beside the order) are known."""

    work_id: str
    state: str
    unit: str
    ticks: tuple[str, ...]


NOWHERE = Stand("", "", "", ())


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody has said about works: stands by work id, and rules ("franchise/kind": "dont_care")."""

    stands: Mapping[str, Stand] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Muted:
    """Somebody whose comments collapse. `name` is that of the account now, of a guest the one of the muted comment."""

    kind: str
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Followed:
    """A discussion that somebody follows."""

    discussion_id: int
    title: str
    url: str
    site_name: str
    since: datetime
