"""Every table of the product in one metadata: what migrations are compared with."""

from __future__ import annotations

from forum.accounts.tables import guest
from forum.articles.tables import article, discussion
from forum.comments.tables import comment, comment_revision, idempotency_key
from forum.db import metadata
from forum.outbox.tables import outbox
from forum.sites.tables import site

TABLES = (site, guest, article, discussion, comment, comment_revision, idempotency_key, outbox)

__all__ = ["TABLES", "metadata"]
