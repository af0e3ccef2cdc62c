"""Who may sanction whom, and for how long. One rule each, in words above the code."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from forum.accounts.model import Role
from forum.comments.review.model import Sanction
from forum.core.decision import ALLOW, Decision, Deny
from forum.core.i18n import N_

# A suspension lasts from an hour to a year; what may last for good may also last as long.
LEAST_HOURS: Final = 1
MOST_HOURS: Final = 366 * 24
# What always has an end, and what never has one.
ENDS: Final = (Sanction.SUSPEND,)
ENDLESS: Final = (Sanction.WARN, Sanction.BAN)
# What asks for a proof of who one is that is not older than a few minutes.
NEEDS_FRESH: Final = (Sanction.BAN,)


class Standing(NamedTuple):
    """What somebody is on a site: their id (of a guest or an account), their role, and whether the server is theirs."""

    id: int
    role: Role = Role.READER
    is_owner: bool = False

    @property
    def rank(self) -> int:
        """Owners of the server stand above everybody."""
        return len(Role) if self.is_owner else self.role.rank


def may_sanction(by: Standing, target: Standing) -> Decision:
    """Moderators sanction whoever is no moderator; those who are, only somebody of a higher rank can. Nobody sanctions
    themselves."""
    if by.id == target.id:
        return Deny("not_yourself")
    if target.rank >= Role.MODERATOR.rank and target.rank >= by.rank:
        return Deny("same_rank")
    return ALLOW if by.rank >= Role.MODERATOR.rank else Deny("not_allowed")


def may_lift(by: Standing, target: Standing) -> Decision:
    """Every moderator may take back what another one has decided, but nobody what was decided about themselves."""
    if by.id == target.id:
        return Deny("not_yourself")
    return ALLOW if by.rank >= Role.MODERATOR.rank else Deny("not_allowed")


def may_note(by: Standing, target: Standing) -> Decision:
    """Moderators read, keep and strike out notes about everybody but themselves: what their colleagues tell each other
    about them is not theirs to know."""
    return Deny("not_yourself") if by.id == target.id else ALLOW


def is_length(kind: Sanction, hours: int | None) -> bool:
    """Whether a sanction of this kind may last that long (None: until it is lifted)."""
    if hours is None:
        return kind not in ENDS
    return kind not in ENDLESS and LEAST_HOURS <= hours <= MOST_HOURS


def length_of(kind: Sanction) -> str:
    """How long a sanction of this kind may last, in words."""
    if kind in ENDLESS:
        return N_("Warnings and bans have no length.")
    if kind in ENDS:
        return N_("A suspension lasts from an hour to a year.")
    return N_("It lasts from an hour to a year, or until it is lifted.")


def end_of(hours: int | None, now: datetime) -> datetime | None:
    """When it is over."""
    return None if hours is None else now + timedelta(hours=hours)
