"""Entries of queues, the log of decisions, flags, sanctions and moderators' notes."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from forum.db import UtcDateTime, metadata

queue_item = Table(
    "queue_item",
    metadata,
    Column("site_id", BigInteger, nullable=False),
    Column("comment_id", BigInteger, nullable=False),
    Column("queue", String(20), nullable=False),
    Column("discussion_id", BigInteger, nullable=False),
    Column("author_kind", String(20), nullable=False),
    Column("author_id", BigInteger, nullable=False),
    Column("rule", String(60), nullable=False),
    Column("evidence", Text, nullable=False),
    # Only grows with harm and exposure, and falls with the moment it came: the order of a queue stands still.
    Column("priority", Float, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("claimed_by", BigInteger, nullable=True),
    Column("claimed_until", UtcDateTime, nullable=True),
    PrimaryKeyConstraint("site_id", "comment_id", "queue"),
    Index("ix_queue_item_order", "site_id", "queue", "priority", "comment_id"),
    Index("ix_queue_item_discussion", "site_id", "queue", "discussion_id", "priority"),
    Index("ix_queue_item_author", "site_id", "queue", "author_id", "priority"),
    Index("ix_queue_item_rule", "site_id", "queue", "rule", "priority"),
)

# Append-only. Never holds the text of a comment.
decision = Table(
    "decision",
    metadata,
    Column("site_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("comment_id", BigInteger, nullable=True),
    Column("discussion_id", BigInteger, nullable=True),
    Column("author_kind", String(20), nullable=False),
    Column("author_id", BigInteger, nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("by_kind", String(20), nullable=False),
    Column("by_id", BigInteger, nullable=False),
    Column("reason", String(20), nullable=False),
    Column("rule", String(200), nullable=False),
    Column("words", String(1000), nullable=False),
    Column("about_rule", String(60), nullable=False),
    Column("evidence", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("undoes", BigInteger, nullable=True),
    Column("batch_id", BigInteger, nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("site_id", "id"),
    Index("ix_decision_comment", "site_id", "comment_id", "id"),
    Index("ix_decision_author", "site_id", "author_id", "id"),
    Index("ix_decision_by", "by_id", "id"),
    Index("ix_decision_discussion", "site_id", "discussion_id", "id"),
    Index("ix_decision_about_rule", "site_id", "about_rule", "id"),
    Index(
        "ix_decision_undoes",
        "site_id",
        "undoes",
        sqlite_where=text("undoes IS NOT NULL"),
        postgresql_where=text("undoes IS NOT NULL"),
    ),
    Index(
        "ix_decision_batch",
        "site_id",
        "batch_id",
        sqlite_where=text("batch_id IS NOT NULL"),
        postgresql_where=text("batch_id IS NOT NULL"),
    ),
)

flag = Table(
    "flag",
    metadata,
    Column("site_id", BigInteger, nullable=False),
    Column("comment_id", BigInteger, nullable=False),
    # Who flagged: an account, or a guest of this site.
    Column("author_id", BigInteger, nullable=False),
    Column("reason", String(20), nullable=False),
    # What it gives away, where that is the reason.
    Column("scope_id", BigInteger, nullable=True),
    Column("note", String(500), nullable=False),
    Column("weight", Float, nullable=False),
    Column("is_new", Boolean, nullable=False),
    # A keyed hash of the network it came from, forgotten after a month; "" for none.
    Column("network", String(64), nullable=False),
    # NULL: undecided. Else "upheld" or "rejected": who was rejected cannot flag the same comment again.
    Column("outcome", String(20), nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("site_id", "comment_id", "author_id"),
    Index("ix_flag_author_id", "site_id", "author_id"),
    Index("ix_flag_created_at", "created_at"),
)

sanction = Table(
    "sanction",
    metadata,
    Column("site_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("author_kind", String(20), nullable=False),
    Column("author_id", BigInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("until", UtcDateTime, nullable=True),
    Column("reason", String(20), nullable=False),
    Column("rule", String(200), nullable=False),
    Column("words", String(1000), nullable=False),
    Column("by_id", BigInteger, nullable=False),
    Column("decision_id", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("lifted_at", UtcDateTime, nullable=True),
    Column("seen_at", UtcDateTime, nullable=True),
    PrimaryKeyConstraint("site_id", "id"),
    Index("ix_sanction_author", "site_id", "author_id", "id"),
)

# What moderators tell each other about a person; nobody else reads it.
note = Table(
    "note",
    metadata,
    Column("site_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("author_kind", String(20), nullable=False),
    Column("author_id", BigInteger, nullable=False),
    Column("comment_id", BigInteger, nullable=True),
    Column("text", String(2000), nullable=False),
    Column("by_id", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("site_id", "id"),
    ForeignKeyConstraint(["site_id"], ["site.id"]),
    Index("ix_note_author", "site_id", "author_id", "id"),
    Index("ix_note_by", "by_id"),
)
