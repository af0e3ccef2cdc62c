"""Sites: who may embed, and how their discussions behave."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, String, Table, Text

from forum.db import UtcDateTime, metadata

site = Table(
    "site",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", String(40), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("language", String(20), nullable=False),
    # Allowed origins, one a line: few, read together, never searched.
    Column("origins", Text, nullable=False),
    Column("guests", Boolean, nullable=False),
    Column("hold", Boolean, nullable=False),
    Column("strip_www", Boolean, nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # Spoilers expire so many days after the last release in these regions (codes, separated by spaces).
    Column("expiry_days", Integer, nullable=True),
    Column("regions", Text, nullable=False, server_default=""),
    # How the publisher signs people in: the algorithm ("" for none), the key, and the highest role a token may grant.
    Column("sso_algorithm", String(10), nullable=False, server_default=""),
    Column("sso_key", Text, nullable=False, server_default=""),
    Column("sso_issuer", String(300), nullable=False, server_default=""),
    Column("sso_role", String(20), nullable=False, server_default=""),
)
