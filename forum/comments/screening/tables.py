"""The screening rules of each site, every version of them, and what its spam filter has learned."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from forum.db import UtcDateTime, metadata

screening_rules = Table(
    "screening_rules",
    metadata,
    Column("site_id", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    # JSON (see `forum.comments.screening.rules`).
    Column("rules", Text, nullable=False),
    Column("by_id", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("site_id", "version"),
    ForeignKeyConstraint(["site_id"], ["site.id"]),
)

spam_model = Table(
    "spam_model",
    metadata,
    Column("site_id", BigInteger, primary_key=True, autoincrement=False),
    # 32-bit floats, little-endian.
    Column("weights", LargeBinary, nullable=False),
    # JSON: what it was trained on, and how it did on what was held back.
    Column("record", Text, nullable=False),
    # The last decision that it has learned from.
    Column("learned_to", BigInteger, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["site_id"], ["site.id"]),
)
