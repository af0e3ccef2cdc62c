"""Guests: people known only by the capability their browser holds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, PrimaryKeyConstraint, String, Table, UniqueConstraint

from forum.db import UtcDateTime, metadata

guest = Table(
    "guest",
    metadata,
    Column("site_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("site_id", "id"),
    ForeignKeyConstraint(["site_id"], ["site.id"]),
    UniqueConstraint("site_id", "token_hash"),
)
