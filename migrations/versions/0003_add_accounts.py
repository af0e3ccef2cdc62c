"""Add accounts with what they sign in by, sessions, and what people keep for themselves.

Revision 0003. The version before runs on with it: what it does not know has a default.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the tables and columns. Everybody who is there is a guest."""
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("skeleton", sa.String(length=400), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("email_key", sa.String(length=320), nullable=True),
        sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locale", sa.String(length=35), server_default="", nullable=False),
        sa.Column("time_zone", sa.String(length=64), server_default="", nullable=False),
        sa.Column("theme", sa.String(length=10), server_default="auto", nullable=False),
        sa.Column("is_owner", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("notify", sa.Text(), server_default="", nullable=False),
        sa.Column("erase_texts", sa.Boolean(), nullable=True),
        sa.Column("joining_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email_key", name=op.f("uq_account_email_key")),
        sa.UniqueConstraint("skeleton", name=op.f("uq_account_skeleton")),
    )
    op.create_index("ix_account_joining_id", "account", ["joining_id"], unique=False)
    op.create_table(
        "auth_flow",
        sa.Column("handle", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("code_hash", sa.String(length=64), server_default="", nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("session_id", sa.BigInteger(), nullable=True),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("data", sa.Text(), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_auth_flow")),
    )
    op.create_index("ix_auth_flow_account_id", "auth_flow", ["account_id"], unique=False)
    op.create_index("ix_auth_flow_email", "auth_flow", ["email"], unique=False)
    op.create_index("ix_auth_flow_expires_at", "auth_flow", ["expires_at"], unique=False)
    op.create_table(
        "mail",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("locale", sa.String(length=35), server_default="", nullable=False),
        sa.Column("data", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
    )
    op.create_index("ix_mail_account_id", "mail", ["account_id"], unique=False)
    op.create_index("ix_mail_address", "mail", ["address"], unique=False)
    op.create_table(
        "provider",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("client_id", sa.String(length=300), nullable=False),
        sa.Column("client_secret", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_provider")),
    )
    op.create_table(
        "sso_token",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("jti_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "jti_hash", name=op.f("pk_sso_token")),
    )
    op.create_index("ix_sso_token_expires_at", "sso_token", ["expires_at"], unique=False)
    op.create_table(
        "account_role",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_role_account_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_account_role_site_id")),
        sa.PrimaryKeyConstraint("site_id", "account_id", name=op.f("pk_account_role")),
    )
    op.create_index("ix_account_role_account_id", "account_role", ["account_id"], unique=False)
    op.create_table(
        "identity",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_identity_account_id")),
        sa.PrimaryKeyConstraint("kind", "issuer", "subject", name=op.f("pk_identity")),
    )
    op.create_index("ix_identity_account_id", "identity", ["account_id"], unique=False)
    op.create_table(
        "mute",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("muted_kind", sa.String(length=20), nullable=False),
        sa.Column("muted_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_mute_account_id")),
        sa.PrimaryKeyConstraint("account_id", "muted_kind", "muted_id", name=op.f("pk_mute")),
    )
    op.create_index("ix_mute_muted_id", "mute", ["muted_id"], unique=False)
    op.create_table(
        "passkey",
        sa.Column("id", sa.String(length=1400), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("transports", sa.String(length=200), nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_passkey_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
    )
    op.create_index("ix_passkey_account_id", "passkey", ["account_id"], unique=False)
    op.create_table(
        "progress",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("work_id", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("ticks", sa.Text(), server_default="", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_progress_account_id")),
        sa.PrimaryKeyConstraint("account_id", "work_id", name=op.f("pk_progress")),
    )
    op.create_table(
        "progress_rule",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(length=160), nullable=False),
        sa.Column("said", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_progress_rule_account_id")),
        sa.PrimaryKeyConstraint("account_id", "rule", name=op.f("pk_progress_rule")),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(length=300), server_default="", nullable=False),
        sa.Column("agent", sa.String(length=100), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fresh_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"], unique=False)
    op.create_index("ix_session_expires_at", "session", ["expires_at"], unique=False)
    op.create_index("ix_session_parent_id", "session", ["parent_id"], unique=False)
    op.create_table(
        "follow",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("discussion_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_follow_account_id")),
        sa.ForeignKeyConstraint(
            ["site_id", "discussion_id"],
            ["discussion.site_id", "discussion.id"],
            name=op.f("fk_follow_site_id_discussion_id"),
        ),
        sa.PrimaryKeyConstraint("account_id", "site_id", "discussion_id", name=op.f("pk_follow")),
    )
    op.create_index("ix_follow_discussion_id", "follow", ["site_id", "discussion_id"], unique=False)
    op.create_index("ix_comment_of_author", "comment", ["author_id", "id"], unique=False)
    op.create_index("ix_guest_token_hash", "guest", ["token_hash"], unique=False)
    op.add_column("site", sa.Column("sso_algorithm", sa.String(length=10), server_default="", nullable=False))
    op.add_column("site", sa.Column("sso_key", sa.Text(), server_default="", nullable=False))
    op.add_column("site", sa.Column("sso_issuer", sa.String(length=300), server_default="", nullable=False))
    op.add_column("site", sa.Column("sso_role", sa.String(length=20), server_default="", nullable=False))


def downgrade() -> None:
    """Remove them. Comments of accounts stay; nobody can change them any more."""
    op.drop_column("site", "sso_role")
    op.drop_column("site", "sso_issuer")
    op.drop_column("site", "sso_key")
    op.drop_column("site", "sso_algorithm")
    op.drop_index("ix_guest_token_hash", table_name="guest")
    op.drop_index("ix_comment_of_author", table_name="comment")
    op.drop_index("ix_follow_discussion_id", table_name="follow")
    op.drop_table("follow")
    op.drop_index("ix_session_parent_id", table_name="session")
    op.drop_index("ix_session_expires_at", table_name="session")
    op.drop_index("ix_session_account_id", table_name="session")
    op.drop_table("session")
    op.drop_table("progress_rule")
    op.drop_table("progress")
    op.drop_index("ix_passkey_account_id", table_name="passkey")
    op.drop_table("passkey")
    op.drop_index("ix_mute_muted_id", table_name="mute")
    op.drop_table("mute")
    op.drop_index("ix_identity_account_id", table_name="identity")
    op.drop_table("identity")
    op.drop_index("ix_account_role_account_id", table_name="account_role")
    op.drop_table("account_role")
    op.drop_index("ix_sso_token_expires_at", table_name="sso_token")
    op.drop_table("sso_token")
    op.drop_table("provider")
    op.drop_index("ix_mail_address", table_name="mail")
    op.drop_index("ix_mail_account_id", table_name="mail")
    op.drop_table("mail")
    op.drop_index("ix_auth_flow_expires_at", table_name="auth_flow")
    op.drop_index("ix_auth_flow_email", table_name="auth_flow")
    op.drop_index("ix_auth_flow_account_id", table_name="auth_flow")
    op.drop_table("auth_flow")
    op.drop_index("ix_account_joining_id", table_name="account")
    op.drop_table("account")
