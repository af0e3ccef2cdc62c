"""Add the catalogue of works, scopes, covered passages, flags, and what comments and discussions need of readers.

Revision 0002. The version before runs on with it: what it does not know has a default.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the tables and columns. Nothing that is there has a scope."""
    op.create_table(
        "catalogue",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue")),
    )
    op.execute("INSERT INTO catalogue (id, revision) VALUES (1, 1)")
    op.create_table(
        "franchise",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_franchise")),
    )
    op.create_table(
        "passage_words",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("discussion_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "discussion_id", "hash", "comment_id", name=op.f("pk_passage_words")),
    )
    op.create_index("ix_passage_words_comment_id", "passage_words", ["site_id", "comment_id"], unique=False)
    op.create_table(
        "scope",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("canon", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scope")),
        sa.UniqueConstraint("canon", name=op.f("uq_scope_canon")),
    )
    op.create_table(
        "scope_event",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("old_scope_id", sa.BigInteger(), nullable=True),
        sa.Column("new_scope_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_scope_event")),
    )
    op.create_index("ix_scope_event_comment_id", "scope_event", ["site_id", "comment_id", "id"], unique=False)
    op.create_table(
        "spoiler_flag",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "comment_id", "author_id", name=op.f("pk_spoiler_flag")),
    )
    op.create_index("ix_spoiler_flag_author_id", "spoiler_flag", ["site_id", "author_id"], unique=False)
    op.create_table(
        "work",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("franchise_id", sa.String(length=100), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("norm", sa.String(length=200), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["franchise_id"], ["franchise.id"], name=op.f("fk_work_franchise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work")),
    )
    op.create_index("ix_work_franchise_id", "work", ["franchise_id"], unique=False)
    op.create_index("ix_work_norm", "work", ["norm"], unique=False)
    op.create_table(
        "unit",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("work_id", sa.String(length=100), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("ord", sa.Integer(), nullable=True),
        sa.Column("group_code", sa.String(length=40), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=True),
        sa.Column("released", sa.Text(), nullable=False),
        sa.Column("ext", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["work.id"], name=op.f("fk_unit_work_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("work_id", "code", name=op.f("uq_unit_work_id_code")),
        sa.UniqueConstraint("work_id", "ord", name=op.f("uq_unit_work_id_ord")),
    )
    op.create_table(
        "unit_group",
        sa.Column("work_id", sa.String(length=100), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["work.id"], name=op.f("fk_unit_group_work_id")),
        sa.PrimaryKeyConstraint("work_id", "code", name=op.f("pk_unit_group")),
    )
    op.create_table(
        "work_alias",
        sa.Column("work_id", sa.String(length=100), nullable=False),
        sa.Column("norm", sa.String(length=200), nullable=False),
        sa.Column("display", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["work.id"], name=op.f("fk_work_alias_work_id")),
        sa.PrimaryKeyConstraint("work_id", "norm", name=op.f("pk_work_alias")),
    )
    op.create_index("ix_work_alias_norm", "work_alias", ["norm"], unique=False)
    op.create_table(
        "work_relation",
        sa.Column("work_id", sa.String(length=100), nullable=False),
        sa.Column("rel", sa.String(length=20), nullable=False),
        sa.Column("other_id", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["work.id"], name=op.f("fk_work_relation_work_id")),
        sa.PrimaryKeyConstraint("work_id", "rel", "other_id", name=op.f("pk_work_relation")),
    )
    op.create_table(
        "scope_point",
        sa.Column("scope_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("work_id", sa.String(length=100), nullable=True),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("group_code", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["scope_id"], ["scope.id"], name=op.f("fk_scope_point_scope_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_scope_point_unit_id")),
        sa.ForeignKeyConstraint(["work_id"], ["work.id"], name=op.f("fk_scope_point_work_id")),
        sa.PrimaryKeyConstraint("scope_id", "seq", name=op.f("pk_scope_point")),
    )
    op.create_index("ix_scope_point_unit_id", "scope_point", ["unit_id"], unique=False)
    op.create_index("ix_scope_point_work_id", "scope_point", ["work_id"], unique=False)
    op.create_table(
        "passage",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.String(length=40), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("inline", sa.Boolean(), nullable=False),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("own_scope_id", sa.BigInteger(), nullable=True),
        sa.Column("scope_id", sa.BigInteger(), nullable=True),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("src_name", sa.String(length=100), nullable=True),
        sa.Column("src_comment_id", sa.BigInteger(), nullable=True),
        sa.Column("src_passage_id", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id", "comment_id"], ["comment.site_id", "comment.id"], name=op.f("fk_passage_site_id_comment_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_passage")),
    )
    op.create_index("ix_passage_comment_id", "passage", ["comment_id"], unique=False)
    op.create_index("ix_passage_id", "passage", ["id"], unique=False)
    op.create_index("ix_passage_src_comment_id", "passage", ["site_id", "src_comment_id"], unique=False)
    op.add_column("comment", sa.Column("covers", sa.Text(), server_default="", nullable=False))
    op.add_column("comment", sa.Column("scope_id", sa.BigInteger(), nullable=True))
    op.add_column("comment", sa.Column("inherits", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("comment", sa.Column("set_scope_id", sa.BigInteger(), nullable=True))
    op.add_column("comment", sa.Column("stretches", sa.Text(), server_default="", nullable=False))
    op.add_column("comment", sa.Column("eff_scope_id", sa.BigInteger(), nullable=True))
    op.add_column("comment", sa.Column("inner_scope_id", sa.BigInteger(), nullable=True))
    op.add_column("comment", sa.Column("cover_state", sa.String(length=20), server_default="open", nullable=False))
    op.add_column("comment_revision", sa.Column("scope_id", sa.BigInteger(), nullable=True))
    op.add_column("discussion", sa.Column("assumes", sa.Text(), server_default="", nullable=False))
    op.add_column("discussion", sa.Column("scope_id", sa.BigInteger(), nullable=True))
    op.add_column("discussion", sa.Column("works", sa.Text(), server_default="", nullable=False))
    op.add_column("discussion", sa.Column("gate", sa.String(length=10), server_default="ask", nullable=False))
    op.add_column("discussion", sa.Column("expiry_days", sa.Integer(), nullable=True))
    op.add_column("discussion", sa.Column("scope_locked", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("discussion", sa.Column("has_passages", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("site", sa.Column("expiry_days", sa.Integer(), nullable=True))
    op.add_column("site", sa.Column("regions", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    """Remove them. What was covered can be read by the version before only after this: the hidden text is lost."""
    op.drop_column("site", "regions")
    op.drop_column("site", "expiry_days")
    op.drop_column("discussion", "has_passages")
    op.drop_column("discussion", "scope_locked")
    op.drop_column("discussion", "expiry_days")
    op.drop_column("discussion", "gate")
    op.drop_column("discussion", "works")
    op.drop_column("discussion", "scope_id")
    op.drop_column("discussion", "assumes")
    op.drop_column("comment_revision", "scope_id")
    op.drop_column("comment", "cover_state")
    op.drop_column("comment", "inner_scope_id")
    op.drop_column("comment", "eff_scope_id")
    op.drop_column("comment", "stretches")
    op.drop_column("comment", "set_scope_id")
    op.drop_column("comment", "inherits")
    op.drop_column("comment", "scope_id")
    op.drop_column("comment", "covers")
    op.drop_index("ix_passage_src_comment_id", table_name="passage")
    op.drop_index("ix_passage_id", table_name="passage")
    op.drop_index("ix_passage_comment_id", table_name="passage")
    op.drop_table("passage")
    op.drop_index("ix_scope_point_work_id", table_name="scope_point")
    op.drop_index("ix_scope_point_unit_id", table_name="scope_point")
    op.drop_table("scope_point")
    op.drop_table("work_relation")
    op.drop_index("ix_work_alias_norm", table_name="work_alias")
    op.drop_table("work_alias")
    op.drop_table("unit_group")
    op.drop_table("unit")
    op.drop_index("ix_work_norm", table_name="work")
    op.drop_index("ix_work_franchise_id", table_name="work")
    op.drop_table("work")
    op.drop_index("ix_spoiler_flag_author_id", table_name="spoiler_flag")
    op.drop_table("spoiler_flag")
    op.drop_index("ix_scope_event_comment_id", table_name="scope_event")
    op.drop_table("scope_event")
    op.drop_table("scope")
    op.drop_index("ix_passage_words_comment_id", table_name="passage_words")
    op.drop_table("passage_words")
    op.drop_table("franchise")
    op.drop_table("catalogue")
