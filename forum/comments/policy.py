"""Who may do what with a comment. One rule each, in words above the code."""

from __future__ import annotations

from datetime import datetime, timedelta

from forum.articles.model import DiscussionState
from forum.comments.model import Comment, Status
from forum.core.decision import ALLOW, Decision, Deny
from forum.sites.model import Site


def birth_status(*, hold: bool) -> Status:
    """A comment is public at once, unless screening holds it for a moderator."""
    return Status.HELD if hold else Status.PUBLISHED


def may_post_as_guest(site: Site) -> Decision:
    """People without an account may write where the site lets guests write."""
    return ALLOW if site.guests else Deny("guests_not_allowed")


def may_edit(comment: Comment, *, author_id: int | None, now: datetime, window: timedelta) -> Decision:
    """Authors may edit what they wrote, for a while, as long as it is there: also once the discussion is closed, which
    ends new comments only. What a moderator has taken away stays as it was judged. Nobody else may."""
    if author_id != comment.author_id:
        return Deny("not_yours")
    if comment.status is Status.DELETED:
        return Deny("deleted")
    if comment.status in (Status.REMOVED, Status.SPAM):
        return Deny("removed")
    if now > comment.created_at + window:
        return Deny("edit_window_closed")
    return ALLOW


def may_delete(comment: Comment, *, author_id: int | None) -> Decision:
    """Authors may delete what they wrote, at any time. Nobody else may."""
    if author_id != comment.author_id:
        return Deny("not_yours")
    return Deny("deleted") if comment.status is Status.DELETED else ALLOW


def may_see(comment: Comment, *, author_id: int | None) -> Decision:
    """Everybody sees published comments and the marks of what was there; any other only its author."""
    if comment.is_drawn or author_id == comment.author_id:
        return ALLOW
    return Deny("not_found")


def may_reply(parent: Comment | None, state: DiscussionState) -> Decision:
    """One replies in an open discussion, to a comment that everybody can read."""
    if state is not DiscussionState.OPEN:
        return Deny("discussion_closed")
    if parent is not None and parent.status is not Status.PUBLISHED:
        return Deny("parent_gone")
    return ALLOW
