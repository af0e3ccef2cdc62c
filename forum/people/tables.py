"""What people keep for themselves."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, String, Table

from forum.db import UtcDateTime, metadata

# Whose comments collapse for somebody. A guest has no name of their own, so the one of the comment is kept.
mute = Table(
    "mute",
    metadata,
    Column("account_id", BigInteger, nullable=False),
    Column("muted_kind", String(20), nullable=False),
    Column("muted_id", BigInteger, nullable=False),
    Column("name", String(100), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("account_id", "muted_kind", "muted_id"),
    ForeignKeyConstraint(["account_id"], ["account.id"]),
    Index("ix_mute_muted_id", "muted_id"),
)

follow = Table(
    "follow",
    metadata,
    Column("account_id", BigInteger, nullable=False),
    Column("site_id", BigInteger, nullable=False),
    Column("discussion_id", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("account_id", "site_id", "discussion_id"),
    ForeignKeyConstraint(["account_id"], ["account.id"]),
    ForeignKeyConstraint(["site_id", "discussion_id"], ["discussion.site_id", "discussion.id"]),
    Index("ix_follow_discussion_id", "site_id", "discussion_id"),
)
