"""What the database knows about whoever writes, and about what was written before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from forum.articles.model import Discussion
from forum.comments.review.model import SanctionRow


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier comment of the same person: when, and whether it says (nearly) the same."""

    at: datetime
    alike: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What one statement finds: the sanctions in force against a person, what they wrote lately (the latest first), how
    many comments of theirs are public (as many as rules ask for), when they last wrote in this discussion, and how many
    others wrote (nearly) the same lately."""

    sanctions: tuple[SanctionRow, ...] = ()
    recent: tuple[Earlier, ...] = ()
    published: int = 0
    last_here: datetime | None = None
    others_alike: int = 0


NOTHING_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the phases know beside the text. `discussion` None: rules are tried on their own. `is_trusted`: they
    have a role on the site. `site_holds` and `must_hold`: everything waits here, or this does in any case. `repeats`:
    it repeats words that are covered. `is_edit`: the comment is there already, so its pace and place are no question.
    """

    now: datetime
    discussion: Discussion | None = None
    known: Known = NOTHING_KNOWN
    is_trusted: bool = False
    site_holds: bool = False
    must_hold: bool = False
    repeats: bool = False
    is_edit: bool = False
