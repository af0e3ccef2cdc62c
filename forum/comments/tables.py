"""Comments, their earlier revisions, and the keys that make posting safe to repeat.

A thread is stored as parent, root and depth, with two numbers that make a page cheap: `root_seq` is the order of
arrival below one root (so "the first fifty of this conversation" is an index range that contains every parent of
what it contains), and `subtree_count` on a root says how many of them are shown.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    false,
    text,
    true,
)

from forum.db import UtcDateTime, metadata

comment = Table(
    "comment",
    metadata,
    Column("site_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("discussion_id", BigInteger, nullable=False),
    Column("parent_id", BigInteger, nullable=True),
    Column("root_id", BigInteger, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("root_seq", Integer, nullable=False),
    # On a root: the root_seq its next descendant gets.
    Column("next_seq", Integer, nullable=False),
    Column("author_id", BigInteger, nullable=False),
    Column("author_kind", String(20), nullable=False),
    Column("author_name", String(100), nullable=False),
    Column("source", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("revision", Integer, nullable=False),
    # Direct replies that are drawn (published, or a placeholder where one was).
    Column("reply_count", Integer, nullable=False),
    # On a root: all drawn descendants.
    Column("subtree_count", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("edited_at", UtcDateTime, nullable=True),
    # The covered places of `html` and `text`, as JSON (see `forum.comments.covers`); empty: none.
    Column("covers", Text, nullable=False, server_default=""),
    # What the author says the whole comment needs, and whether it also needs what its parent does.
    Column("scope_id", BigInteger, nullable=True),
    Column("inherits", Boolean, nullable=False, server_default=true()),
    # What a moderator, or the readers' flags, say it needs: whole, and stretches of the source as JSON.
    Column("set_scope_id", BigInteger, nullable=True),
    Column("stretches", Text, nullable=False, server_default=""),
    # All that the whole comment needs, but for the discussion's scope; and what its passages need beside that.
    Column("eff_scope_id", BigInteger, nullable=True),
    Column("inner_scope_id", BigInteger, nullable=True),
    Column("cover_state", String(20), nullable=False, server_default="open"),
    # Its text is not shown (any more), and its place is, because there are replies.
    Column("marked", Boolean, nullable=False, server_default=false()),
    # Whether a moderator has seen it as it is.
    Column("reviewed", Boolean, nullable=False, server_default=true()),
    # Two of its runs of words, as hashes: texts that are nearly the same mostly share one. NULL for short texts.
    Column("sketch_a", BigInteger, nullable=True),
    Column("sketch_b", BigInteger, nullable=True),
    PrimaryKeyConstraint("site_id", "id"),
    ForeignKeyConstraint(["site_id", "discussion_id"], ["discussion.site_id", "discussion.id"]),
    ForeignKeyConstraint(["site_id", "parent_id"], ["comment.site_id", "comment.id"]),
    Index("ix_comment_id", "id"),
    Index(
        "ix_comment_roots",
        "site_id",
        "discussion_id",
        "id",
        sqlite_where=text("parent_id IS NULL"),
        postgresql_where=text("parent_id IS NULL"),
    ),
    Index("ix_comment_subtree", "site_id", "root_id", "root_seq"),
    Index("ix_comment_replies", "site_id", "parent_id", "root_seq"),
    Index("ix_comment_author", "site_id", "author_id", "discussion_id", "id"),
    Index(
        "ix_comment_unseen",
        "site_id",
        "id",
        sqlite_where=text("status = 'published' AND NOT reviewed"),
        postgresql_where=text("status = 'published' AND NOT reviewed"),
    ),
    Index(
        "ix_comment_sketch_a",
        "site_id",
        "sketch_a",
        sqlite_where=text("sketch_a IS NOT NULL"),
        postgresql_where=text("sketch_a IS NOT NULL"),
    ),
    Index(
        "ix_comment_sketch_b",
        "site_id",
        "sketch_b",
        sqlite_where=text("sketch_b IS NOT NULL"),
        postgresql_where=text("sketch_b IS NOT NULL"),
    ),
    # Everything one person wrote, wherever.
    Index("ix_comment_of_author", "author_id", "id"),
)

comment_revision = Table(
    "comment_revision",
    metadata,
    Column("site_id", BigInteger, nullable=False),
    Column("comment_id", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("replaced_at", UtcDateTime, nullable=False),
    # Everything the comment was ever known to need: an earlier text is covered as a whole.
    Column("scope_id", BigInteger, nullable=True),
    PrimaryKeyConstraint("site_id", "comment_id", "revision"),
    ForeignKeyConstraint(["site_id", "comment_id"], ["comment.site_id", "comment.id"]),
)

idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("site_id", BigInteger, nullable=False),
    Column("author_id", BigInteger, nullable=False),
    Column("key", String(100), nullable=False),
    Column("request_hash", String(64), nullable=False),
    Column("comment_id", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("site_id", "author_id", "key"),
    Index("ix_idempotency_key_created_at", "created_at"),
)
