"""The only door out for comments: domain objects become views for one viewer here, and nowhere else."""

from __future__ import annotations

from datetime import datetime, timedelta

from forum.comments.model import Comment, Status
from forum.comments.policy import may_edit
from forum.comments.views import AuthorView, CommentView, OwnView
from forum.core.decision import Allow
from forum.markup import stored

NOBODY = AuthorView(name="", kind="nobody")
NOTHING = stored("")


def comment_view(comment: Comment, public_url: str) -> CommentView:
    """A comment as everybody sees it: where it was deleted only its place is left."""
    gone = comment.status is Status.DELETED
    return CommentView(
        id=str(comment.id),
        parent_id=None if comment.parent_id is None else str(comment.parent_id),
        depth=comment.depth,
        author=NOBODY if gone else AuthorView(comment.author_name, comment.author_kind),
        html=NOTHING if gone else stored(comment.html),
        text="" if gone else comment.text,
        status=comment.status.value,
        created_at=comment.created_at,
        edited_at=None if gone else comment.edited_at,
        revision=comment.revision,
        reply_count=comment.reply_count,
        permalink=f"{public_url}/c/{comment.id}",
    )


def editable_source(comment: Comment) -> str:
    """The text as its author typed it, to change; nothing where it was deleted. For the author alone."""
    return "" if comment.status is Status.DELETED else comment.source


def own_view(comment: Comment, *, now: datetime, window: timedelta) -> OwnView:
    """What the author may still do with a comment of theirs."""
    editable = may_edit(comment, author_id=comment.author_id, now=now, window=window)
    return OwnView(
        comment_id=str(comment.id),
        edit_until=comment.created_at + window if isinstance(editable, Allow) else None,
        can_delete=comment.status is not Status.DELETED,
    )
