"""What leaves the comments: everybody's view."""

from datetime import UTC, datetime

from forum.comments.model import Comment, Status
from forum.comments.present import comment_view
from forum.comments.veil import Veil
from forum.spoilers.scopes import Book

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
COMMENT = Comment(
    site_id=1,
    id=7,
    discussion_id=2,
    parent_id=None,
    root_id=7,
    depth=0,
    root_seq=0,
    author_id=3,
    author_kind="guest",
    author_name="Ada",
    html="<p><em>So</em></p>",
    text="So",
    status=Status.PUBLISHED,
    revision=1,
    reply_count=0,
    subtree_count=0,
    created_at=NOW,
    edited_at=None,
)


def test_of_a_deleted_comment_nothing_leaves() -> None:
    gone = COMMENT._replace(status=Status.DELETED)
    view = comment_view(gone, "https://talk.example", Veil(Book(1, {}, {})))
    assert (view.html, view.text, view.author.name) == ("", "", "")
