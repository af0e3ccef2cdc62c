"""Work that must happen after a commit, kept in the same database as what it follows from."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text, text

from forum.db import UtcDateTime, metadata

outbox = Table(
    "outbox",
    metadata,
    Column("site_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("kind", String(50), nullable=False),
    Column("payload", Text, nullable=False),
    Column("run_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # Set when the job has been given up: it stays visible until an operator looks at it.
    Column("dead_at", UtcDateTime, nullable=True),
    Column("last_error", String(500), nullable=True),
    PrimaryKeyConstraint("site_id", "id"),
    Index(
        "ix_outbox_due",
        "run_at",
        sqlite_where=text("dead_at IS NULL"),
        postgresql_where=text("dead_at IS NULL"),
    ),
)
