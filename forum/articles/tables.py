"""Articles and the discussion of each. They share their id: one is cold, the other changes with every post."""

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
    UniqueConstraint,
    false,
)

from forum.db import UtcDateTime, metadata

article = Table(
    "article",
    metadata,
    Column("site_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False),
    # The normalised address, or "id:…" when the site names its articles itself.
    Column("url_key", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("prompt", Text, nullable=True),
    Column("author", Text, nullable=True),
    Column("image", Text, nullable=True),
    Column("published_at", UtcDateTime, nullable=True),
    # Fields the publisher has set, separated by spaces: what is read from the page leaves them alone.
    Column("locked", Text, nullable=False),
    Column("verified_at", UtcDateTime, nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("site_id", "id"),
    ForeignKeyConstraint(["site_id"], ["site.id"]),
    UniqueConstraint("site_id", "url_key"),
    Index("ix_article_id", "id"),
    Index("ix_article_site_id_url", "site_id", "url"),
)

discussion = Table(
    "discussion",
    metadata,
    Column("site_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("state", String(20), nullable=False),
    # Comments that everybody can read now.
    Column("comment_count", Integer, nullable=False),
    # Goes up with every change of the public form.
    Column("revision", BigInteger, nullable=False),
    Column("last_comment_at", UtcDateTime, nullable=True),
    # What all of it gives away (see `forum.spoilers`): as it was said, and the scope that is.
    Column("assumes", Text, nullable=False, server_default=""),
    Column("scope_id", BigInteger, nullable=True),
    # Ids of the works it is about, separated by spaces, the main one first.
    Column("works", Text, nullable=False, server_default=""),
    Column("gate", String(10), nullable=False, server_default="ask"),
    Column("expiry_days", Integer, nullable=True),
    # Set by the publisher or an editor: what the article's page says is not asked any more.
    Column("scope_locked", Boolean, nullable=False, server_default=false()),
    # Whether some comment here has, or had, covered passages: only then is there text that must not be repeated.
    Column("has_passages", Boolean, nullable=False, server_default=false()),
    # What moderators have set: so many seconds between two comments of one person, every comment held, the discussion
    # first on the list, and the comment that stands above all others.
    Column("slow_seconds", Integer, nullable=False, server_default="0"),
    Column("premoderated", Boolean, nullable=False, server_default=false()),
    Column("pinned_at", UtcDateTime, nullable=True),
    Column("featured_id", BigInteger, nullable=True),
    PrimaryKeyConstraint("site_id", "id"),
    ForeignKeyConstraint(["site_id", "id"], ["article.site_id", "article.id"]),
    Index("ix_discussion_last_comment_at", "last_comment_at", "id"),
)
