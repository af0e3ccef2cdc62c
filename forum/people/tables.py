"""What people keep for themselves."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, String, Table, Text

from forum.db import UtcDateTime, metadata

# How far somebody is in a work: `state` is "at" (with the unit's code), "none" or "dont_care"; "" where only `ticks`
# (a JSON list of codes of branch units) are known.
progress = Table(
    "progress",
    metadata,
    Column("account_id", BigInteger, nullable=False),
    Column("work_id", String(100), nullable=False),
    Column("state", String(20), nullable=False),
    Column("unit", String(40), nullable=False),
    Column("ticks", Text, nullable=False, server_default=""),
    Column("updated_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("account_id", "work_id"),
    ForeignKeyConstraint(["account_id"], ["account.id"]),
)

# Rules for all works of a kind in a franchise ("mcu/comic": "dont_care").
progress_rule = Table(
    "progress_rule",
    metadata,
    Column("account_id", BigInteger, nullable=False),
    Column("rule", String(160), nullable=False),
    Column("said", String(20), nullable=False),
    PrimaryKeyConstraint("account_id", "rule"),
    ForeignKeyConstraint(["account_id"], ["account.id"]),
)

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
