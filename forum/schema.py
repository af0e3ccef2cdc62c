"""Every table of the product in one metadata: what migrations are compared with."""

from __future__ import annotations

from forum.accounts.tables import guest
from forum.articles.tables import article, discussion
from forum.comments.tables import comment, comment_revision, idempotency_key
from forum.db import metadata
from forum.outbox.tables import outbox
from forum.sites.tables import site
from forum.spoilers.tables import (
    catalogue,
    franchise,
    passage,
    passage_words,
    scope,
    scope_event,
    scope_point,
    spoiler_flag,
    unit,
    unit_group,
    work,
    work_alias,
    work_relation,
)

TABLES = (
    *(site, guest, article, discussion, comment, comment_revision, idempotency_key, outbox),
    *(catalogue, franchise, work, work_alias, unit, unit_group, work_relation, scope, scope_point),
    *(passage, passage_words, spoiler_flag, scope_event),
)

__all__ = ["TABLES", "metadata"]
