"""People: guests of a site, and accounts of the whole server with everything they sign in by."""

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
    Index("ix_guest_token_hash", "token_hash"),
)

account = Table(
    "account",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(100), nullable=False),
    # What looks the same is the same: confusable letters, case, width and invisible characters folded.
    Column("skeleton", String(400), nullable=False, unique=True),
    Column("email", String(320), nullable=True),
    Column("email_key", String(320), nullable=True, unique=True),
    Column("email_verified_at", UtcDateTime, nullable=True),
    Column("locale", String(35), nullable=False, server_default=""),
    Column("time_zone", String(64), nullable=False, server_default=""),
    Column("theme", String(10), nullable=False, server_default="auto"),
    Column("is_owner", Boolean, nullable=False, server_default=false()),
    Column("state", String(20), nullable=False),
    Column("notify", Text, nullable=False, server_default=""),
    Column("erase_texts", Boolean, nullable=True),
    # The account that this one becomes part of.
    Column("joining_id", BigInteger, nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_account_joining_id", "joining_id"),
)

account_role = Table(
    "account_role",
    metadata,
    Column("site_id", BigInteger, nullable=False),
    Column("account_id", BigInteger, nullable=False),
    Column("role", String(20), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("site_id", "account_id"),
    ForeignKeyConstraint(["site_id"], ["site.id"]),
    ForeignKeyConstraint(["account_id"], ["account.id"]),
    Index("ix_account_role_account_id", "account_id"),
)

session = Table(
    "session",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("kind", String(10), nullable=False),
    Column("account_id", BigInteger, nullable=False),
    Column("site_id", BigInteger, nullable=True),
    # The first-party session that a frame's session came from, and ends with.
    Column("parent_id", BigInteger, nullable=True),
    Column("origin", String(300), nullable=False, server_default=""),
    # A few words about the browser ("Firefox, Linux"). No address is kept.
    Column("agent", String(100), nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("fresh_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["account_id"], ["account.id"]),
    Index("ix_session_account_id", "account_id"),
    Index("ix_session_parent_id", "parent_id"),
    Index("ix_session_expires_at", "expires_at"),
)

auth_flow = Table(
    "auth_flow",
    metadata,
    Column("handle", String(100), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("code_hash", String(64), nullable=False, server_default=""),
    Column("email", String(320), nullable=True),
    Column("account_id", BigInteger, nullable=True),
    Column("session_id", BigInteger, nullable=True),
    Column("site_id", BigInteger, nullable=True),
    Column("data", Text, nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_auth_flow_expires_at", "expires_at"),
    Index("ix_auth_flow_account_id", "account_id"),
    Index("ix_auth_flow_email", "email"),
)

identity = Table(
    "identity",
    metadata,
    Column("kind", String(20), nullable=False),
    Column("issuer", String(300), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("account_id", BigInteger, nullable=False),
    Column("label", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=True),
    PrimaryKeyConstraint("kind", "issuer", "subject"),
    ForeignKeyConstraint(["account_id"], ["account.id"]),
    Index("ix_identity_account_id", "account_id"),
)

passkey = Table(
    "passkey",
    metadata,
    Column("id", String(1400), primary_key=True),
    Column("account_id", BigInteger, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("name", String(100), nullable=False),
    Column("transports", String(200), nullable=False),
    Column("backed_up", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=True),
    ForeignKeyConstraint(["account_id"], ["account.id"]),
    Index("ix_passkey_account_id", "account_id"),
)

# Where people can sign in elsewhere: OpenID Connect by discovery, or plain OAuth 2 with its addresses in `data` (JSON).
provider = Table(
    "provider",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("issuer", String(300), nullable=False),
    Column("client_id", String(300), nullable=False),
    Column("client_secret", Text, nullable=False),
    Column("data", Text, nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
)

# Publishers' tokens that were used: each counts once.
sso_token = Table(
    "sso_token",
    metadata,
    Column("site_id", BigInteger, nullable=False),
    Column("jti_hash", String(64), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("site_id", "jti_hash"),
    Index("ix_sso_token_expires_at", "expires_at"),
)

# Mail that waits to be sent: gone once it is. What it links to is derived when it is sent, never stored.
mail = Table(
    "mail",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(40), nullable=False),
    Column("address", String(320), nullable=False),
    Column("account_id", BigInteger, nullable=True),
    Column("locale", String(35), nullable=False, server_default=""),
    Column("data", Text, nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_mail_account_id", "account_id"),
    Index("ix_mail_address", "address"),
)
