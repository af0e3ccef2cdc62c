"""Add screening rules, queues, the log of decisions, sanctions and notes; flags may say more than what is given away.

Revision 0004. The version before runs on with it, but for readers' flags: their table has another name now.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_KEPT = "site_id, comment_id, author_id, scope_id, weight, is_new, outcome, created_at"
# What is held waits in the queue from now on, with a line in the log; ids tell the time (milliseconds in 2^22ths).
_PLACE = "-(id / 4194304000.0) / 43200.0"
_FILL = (
    f"INSERT INTO flag ({_KEPT}, reason, note, network) SELECT {_KEPT}, 'spoiler', '', '' FROM spoiler_flag",
    "INSERT INTO queue_item (site_id, comment_id, queue, discussion_id, author_kind, author_id, rule, evidence,"
    " priority, since) SELECT site_id, id, 'pending', discussion_id, author_kind, author_id, 'premoderated', '[]',"
    f" {_PLACE}, created_at FROM comment WHERE status = 'held'",
    "INSERT INTO decision (site_id, id, comment_id, discussion_id, author_kind, author_id, verdict, status, revision,"
    " by_kind, by_id, reason, rule, words, about_rule, evidence, before, created_at) SELECT site_id, id, id,"
    " discussion_id, author_kind, author_id, 'hold', 'held', revision, 'rule', 0, '', 'premoderated', '',"
    " 'premoderated', '[]', '', created_at FROM comment WHERE status = 'held'",
    "INSERT INTO queue_item (site_id, comment_id, queue, discussion_id, author_kind, author_id, rule, evidence,"
    " priority, since) SELECT site_id, id, 'spoilers', discussion_id, author_kind, author_id, '', '[]',"
    f" {_PLACE}, created_at FROM comment WHERE status = 'published' AND EXISTS (SELECT 1 FROM flag"
    " WHERE flag.site_id = comment.site_id AND flag.comment_id = comment.id AND flag.outcome IS NULL)",
)
_BACK = f"INSERT INTO spoiler_flag ({_KEPT}) SELECT {_KEPT} FROM flag WHERE reason = 'spoiler'"


def upgrade() -> None:
    """Add the tables and columns, and move what is there. Nobody has to look again at what is published."""
    op.create_table(
        "decision",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=True),
        sa.Column("discussion_id", sa.BigInteger(), nullable=True),
        sa.Column("author_kind", sa.String(length=20), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("by_kind", sa.String(length=20), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("about_rule", sa.String(length=60), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_about_rule", "decision", ["site_id", "about_rule", "id"], unique=False)
    op.create_index("ix_decision_author", "decision", ["site_id", "author_id", "id"], unique=False)
    op.create_index(
        "ix_decision_batch",
        "decision",
        ["site_id", "batch_id"],
        unique=False,
        sqlite_where=sa.text("batch_id IS NOT NULL"),
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.create_index("ix_decision_by", "decision", ["by_id", "id"], unique=False)
    op.create_index("ix_decision_comment", "decision", ["site_id", "comment_id", "id"], unique=False)
    op.create_index("ix_decision_discussion", "decision", ["site_id", "discussion_id", "id"], unique=False)
    op.create_index(
        "ix_decision_undoes",
        "decision",
        ["site_id", "undoes"],
        unique=False,
        sqlite_where=sa.text("undoes IS NOT NULL"),
        postgresql_where=sa.text("undoes IS NOT NULL"),
    )
    op.create_table(
        "flag",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "comment_id", "author_id", name=op.f("pk_flag")),
    )
    op.create_index("ix_flag_author_id", "flag", ["site_id", "author_id"], unique=False)
    op.create_index("ix_flag_created_at", "flag", ["created_at"], unique=False)
    op.create_table(
        "queue_item",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("queue", sa.String(length=20), nullable=False),
        sa.Column("discussion_id", sa.BigInteger(), nullable=False),
        sa.Column("author_kind", sa.String(length=20), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("priority", sa.Float(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.BigInteger(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("site_id", "comment_id", "queue", name=op.f("pk_queue_item")),
    )
    op.create_index("ix_queue_item_author", "queue_item", ["site_id", "queue", "author_id", "priority"], unique=False)
    op.create_index(
        "ix_queue_item_discussion", "queue_item", ["site_id", "queue", "discussion_id", "priority"], unique=False
    )
    op.create_index("ix_queue_item_order", "queue_item", ["site_id", "queue", "priority", "comment_id"], unique=False)
    op.create_index("ix_queue_item_rule", "queue_item", ["site_id", "queue", "rule", "priority"], unique=False)
    op.create_table(
        "sanction",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("author_kind", sa.String(length=20), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_sanction")),
    )
    op.create_index("ix_sanction_author", "sanction", ["site_id", "author_id", "id"], unique=False)
    op.create_table(
        "note",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("author_kind", sa.String(length=20), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_note_site_id")),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_note")),
    )
    op.create_index("ix_note_author", "note", ["site_id", "author_id", "id"], unique=False)
    op.create_index("ix_note_by", "note", ["by_id"], unique=False)
    op.create_table(
        "screening_rules",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_screening_rules_site_id")),
        sa.PrimaryKeyConstraint("site_id", "version", name=op.f("pk_screening_rules")),
    )
    op.create_table(
        "spam_model",
        sa.Column("site_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("weights", sa.LargeBinary(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("learned_to", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_spam_model_site_id")),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_spam_model")),
    )
    op.add_column("comment", sa.Column("marked", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("comment", sa.Column("reviewed", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("comment", sa.Column("sketch_a", sa.BigInteger(), nullable=True))
    op.add_column("comment", sa.Column("sketch_b", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_comment_sketch_a",
        "comment",
        ["site_id", "sketch_a"],
        unique=False,
        sqlite_where=sa.text("sketch_a IS NOT NULL"),
        postgresql_where=sa.text("sketch_a IS NOT NULL"),
    )
    op.create_index(
        "ix_comment_sketch_b",
        "comment",
        ["site_id", "sketch_b"],
        unique=False,
        sqlite_where=sa.text("sketch_b IS NOT NULL"),
        postgresql_where=sa.text("sketch_b IS NOT NULL"),
    )
    op.create_index(
        "ix_comment_unseen",
        "comment",
        ["site_id", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'published' AND NOT reviewed"),
        postgresql_where=sa.text("status = 'published' AND NOT reviewed"),
    )
    op.add_column("discussion", sa.Column("slow_seconds", sa.Integer(), server_default="0", nullable=False))
    op.add_column("discussion", sa.Column("premoderated", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("discussion", sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("discussion", sa.Column("featured_id", sa.BigInteger(), nullable=True))
    op.add_column("passage", sa.Column("withheld", sa.Boolean(), server_default=sa.false(), nullable=False))
    for statement in _FILL:
        op.execute(statement)
    op.drop_index("ix_spoiler_flag_author_id", table_name="spoiler_flag")
    op.drop_table("spoiler_flag")


def downgrade() -> None:
    """Remove them. What was removed is held again; flags that are not about spoilers are lost."""
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
    op.execute(_BACK)
    op.execute("UPDATE comment SET status = 'held' WHERE status IN ('removed', 'spam')")
    op.drop_column("passage", "withheld")
    op.drop_column("discussion", "featured_id")
    op.drop_column("discussion", "pinned_at")
    op.drop_column("discussion", "premoderated")
    op.drop_column("discussion", "slow_seconds")
    op.drop_index(
        "ix_comment_unseen",
        table_name="comment",
        sqlite_where=sa.text("status = 'published' AND NOT reviewed"),
        postgresql_where=sa.text("status = 'published' AND NOT reviewed"),
    )
    op.drop_index(
        "ix_comment_sketch_b",
        table_name="comment",
        sqlite_where=sa.text("sketch_b IS NOT NULL"),
        postgresql_where=sa.text("sketch_b IS NOT NULL"),
    )
    op.drop_index(
        "ix_comment_sketch_a",
        table_name="comment",
        sqlite_where=sa.text("sketch_a IS NOT NULL"),
        postgresql_where=sa.text("sketch_a IS NOT NULL"),
    )
    op.drop_column("comment", "sketch_b")
    op.drop_column("comment", "sketch_a")
    op.drop_column("comment", "reviewed")
    op.drop_column("comment", "marked")
    op.drop_table("spam_model")
    op.drop_table("screening_rules")
    op.drop_index("ix_note_by", table_name="note")
    op.drop_index("ix_note_author", table_name="note")
    op.drop_table("note")
    op.drop_index("ix_sanction_author", table_name="sanction")
    op.drop_table("sanction")
    op.drop_index("ix_queue_item_rule", table_name="queue_item")
    op.drop_index("ix_queue_item_order", table_name="queue_item")
    op.drop_index("ix_queue_item_discussion", table_name="queue_item")
    op.drop_index("ix_queue_item_author", table_name="queue_item")
    op.drop_table("queue_item")
    op.drop_index("ix_flag_created_at", table_name="flag")
    op.drop_index("ix_flag_author_id", table_name="flag")
    op.drop_table("flag")
    op.drop_index(
        "ix_decision_undoes",
        table_name="decision",
        sqlite_where=sa.text("undoes IS NOT NULL"),
        postgresql_where=sa.text("undoes IS NOT NULL"),
    )
    op.drop_index("ix_decision_discussion", table_name="decision")
    op.drop_index("ix_decision_comment", table_name="decision")
    op.drop_index("ix_decision_by", table_name="decision")
    op.drop_index(
        "ix_decision_batch",
        table_name="decision",
        sqlite_where=sa.text("batch_id IS NOT NULL"),
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.drop_index("ix_decision_author", table_name="decision")
    op.drop_index("ix_decision_about_rule", table_name="decision")
    op.drop_table("decision")
