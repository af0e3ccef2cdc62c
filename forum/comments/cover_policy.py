"""Who may say after posting what a comment gives away, and what a moderator's word means. One rule each, in words above
the code."""

from __future__ import annotations

from forum.comments.model import Comment, Status
from forum.core.decision import ALLOW, Decision, Deny
from forum.spoilers.model import CoverState


def may_rescope_own(comment: Comment, *, author_id: int | None) -> Decision:
    """Authors may say at any time what a comment of theirs gives away. It adds to what a moderator has said, and
    cannot lower it. Nobody else may."""
    if author_id is None or author_id != comment.author_id:
        return Deny("not_yours")
    return Deny("deleted") if comment.status is Status.DELETED else ALLOW


def is_locked(state: str) -> bool:
    """Once a moderator has covered a comment, or a stretch of it, its author can only add to what it needs."""
    return state == CoverState.CONFIRMED


def state_after_verdict(*, covered: bool) -> CoverState:
    """What a moderator's word makes of a comment: covered for good, or restored, also for what an earlier text of it
    has passed on to replies."""
    return CoverState.CONFIRMED if covered else CoverState.RESTORED
