"""What leaves the comments: everybody's view, and the author's text to change."""

from datetime import UTC, datetime

from forum.comments.model import Comment, Status
from forum.comments.present import comment_view, editable_source

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
    source="*So*",
    html="<p><em>So</em></p>",
    text="So",
    status=Status.PUBLISHED,
    revision=1,
    reply_count=0,
    subtree_count=0,
    created_at=NOW,
    edited_at=None,
)


def test_an_author_changes_what_they_typed() -> None:
    assert editable_source(COMMENT) == "*So*"
    assert editable_source(COMMENT._replace(status=Status.HELD)) == "*So*"


def test_of_a_deleted_comment_nothing_leaves() -> None:
    gone = COMMENT._replace(status=Status.DELETED)
    assert editable_source(gone) == ""
    view = comment_view(gone, "https://talk.example")
    assert (view.html, view.text, view.author.name) == ("", "", "")
