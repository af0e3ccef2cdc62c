"""The catalogue, the scopes, the hidden text, and the log of what was covered and why.

The catalogue and the scopes are shared by all sites of a server, as a dictionary is; everything about comments
carries the site in its key. Passages point at units by id, so that renumbering a series changes no spoiler.
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
    UniqueConstraint,
    false,
)

from forum.db import UtcDateTime, metadata

# One row: goes up with every change of the catalogue.
catalogue = Table(
    "catalogue",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
)

franchise = Table(
    "franchise",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("title", String(200), nullable=False),
)

work = Table(
    "work",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("franchise_id", String(100), nullable=True),
    Column("kind", String(20), nullable=False),
    Column("title", String(200), nullable=False),
    # The title as it is compared and sorted (see `forum.spoilers.names.normalise`).
    Column("norm", String(200), nullable=False),
    # Ids elsewhere, by source, as JSON.
    Column("origin", Text, nullable=False),
    ForeignKeyConstraint(["franchise_id"], ["franchise.id"]),
    Index("ix_work_norm", "norm"),
    Index("ix_work_franchise_id", "franchise_id"),
)

work_alias = Table(
    "work_alias",
    metadata,
    Column("work_id", String(100), nullable=False),
    # Not unique: that one name means several works is a fact.
    Column("norm", String(200), nullable=False),
    Column("display", String(200), nullable=False),
    PrimaryKeyConstraint("work_id", "norm"),
    ForeignKeyConstraint(["work_id"], ["work.id"]),
    Index("ix_work_alias_norm", "norm"),
)

unit = Table(
    "unit",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("work_id", String(100), nullable=False),
    Column("code", String(40), nullable=False),
    # The place in the chain, with gaps; NULL for a branch unit.
    Column("ord", Integer, nullable=True),
    Column("group_code", String(40), nullable=True),
    Column("title", String(300), nullable=True),
    # When it came out, by region, as JSON: {"*": "2015-11-20T08:01:00Z"}.
    Column("released", Text, nullable=False),
    Column("ext", Text, nullable=False),
    UniqueConstraint("work_id", "code"),
    UniqueConstraint("work_id", "ord"),
    ForeignKeyConstraint(["work_id"], ["work.id"]),
)

unit_group = Table(
    "unit_group",
    metadata,
    Column("work_id", String(100), nullable=False),
    Column("code", String(40), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("title", String(200), nullable=True),
    Column("expected", Integer, nullable=True),
    Column("complete", Boolean, nullable=False),
    PrimaryKeyConstraint("work_id", "code"),
    ForeignKeyConstraint(["work_id"], ["work.id"]),
)

work_relation = Table(
    "work_relation",
    metadata,
    Column("work_id", String(100), nullable=False),
    Column("rel", String(20), nullable=False),
    Column("other_id", String(100), nullable=False),
    PrimaryKeyConstraint("work_id", "rel", "other_id"),
    ForeignKeyConstraint(["work_id"], ["work.id"]),
)

scope = Table(
    "scope",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    # What it was interned under. Its points may since have been pinned or merged: those say what it means.
    Column("canon", Text, nullable=False, unique=True),
)

scope_point = Table(
    "scope_point",
    metadata,
    Column("scope_id", BigInteger, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("work_id", String(100), nullable=True),
    # NULL with a work: open, of `group_code` if there is one.
    Column("unit_id", BigInteger, nullable=True),
    Column("group_code", String(40), nullable=True),
    PrimaryKeyConstraint("scope_id", "seq"),
    ForeignKeyConstraint(["scope_id"], ["scope.id"]),
    ForeignKeyConstraint(["work_id"], ["work.id"]),
    ForeignKeyConstraint(["unit_id"], ["unit.id"]),
    Index("ix_scope_point_unit_id", "unit_id"),
    Index("ix_scope_point_work_id", "work_id"),
)

passage = Table(
    "passage",
    metadata,
    Column("site_id", BigInteger, nullable=False),
    # Random, never made from the text; "c" and the comment's id where the whole comment is the passage.
    Column("id", String(40), nullable=False),
    Column("comment_id", BigInteger, nullable=False),
    Column("parent_id", String(40), nullable=True),
    # The number of its place in the skeleton (see `forum.markup.slots`); 0 where it is the whole comment.
    Column("seq", Integer, nullable=False),
    Column("inline", Boolean, nullable=False),
    # The author does not want its label shown.
    Column("quiet", Boolean, nullable=False),
    # What its own label says; NULL: nothing of its own.
    Column("own_scope_id", BigInteger, nullable=True),
    # What it needs beside its comment: its own scope, those around it, what it quotes. NULL: nothing, it is shown.
    Column("scope_id", BigInteger, nullable=True),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
    # A quote: whom and which comment it quotes, and (where it was taken out of one) which passage.
    Column("src_name", String(100), nullable=True),
    Column("src_comment_id", BigInteger, nullable=True),
    Column("src_passage_id", String(40), nullable=True),
    # A quote of a comment that nobody may read (any more): it says nothing until its source is public again.
    Column("withheld", Boolean, nullable=False, server_default=false()),
    PrimaryKeyConstraint("site_id", "id"),
    ForeignKeyConstraint(["site_id", "comment_id"], ["comment.site_id", "comment.id"]),
    Index("ix_passage_id", "id"),
    Index("ix_passage_comment_id", "comment_id"),
    Index("ix_passage_src_comment_id", "site_id", "src_comment_id"),
)

# Keyed hashes of eight consecutive words of covered text: how repeating it uncovered is noticed without reading it.
passage_words = Table(
    "passage_words",
    metadata,
    Column("site_id", BigInteger, nullable=False),
    Column("discussion_id", BigInteger, nullable=False),
    Column("hash", BigInteger, nullable=False),
    Column("comment_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("site_id", "discussion_id", "hash", "comment_id"),
    Index("ix_passage_words_comment_id", "site_id", "comment_id"),
)

# Append-only: what changed a comment's scope, by whom and why. Never holds text of a comment.
scope_event = Table(
    "scope_event",
    metadata,
    Column("site_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("comment_id", BigInteger, nullable=False),
    # "author", "moderator", "readers" (flags) or "time" (a provisional cover lapsed).
    Column("actor", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("old_scope_id", BigInteger, nullable=True),
    Column("new_scope_id", BigInteger, nullable=True),
    Column("reason", String(500), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("site_id", "id"),
    Index("ix_scope_event_comment_id", "site_id", "comment_id", "id"),
)

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
