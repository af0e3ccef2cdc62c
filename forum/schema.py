"""Every table of the product in one metadata: what migrations are compared with."""

from __future__ import annotations

from forum.accounts.tables import (
    account,
    account_role,
    auth_flow,
    guest,
    identity,
    mail,
    passkey,
    provider,
    session,
    sso_token,
)
from forum.articles.tables import article, discussion
from forum.comments.review.tables import decision, flag, note, queue_item, sanction
from forum.comments.screening.tables import screening_rules, spam_model
from forum.comments.tables import comment, comment_revision, idempotency_key
from forum.db import metadata
from forum.outbox.tables import outbox
from forum.people.tables import follow, mute
from forum.sites.tables import site
from forum.spoilers.tables import (
    catalogue,
    franchise,
    passage,
    passage_words,
    progress,
    progress_rule,
    scope,
    scope_event,
    scope_point,
    unit,
    unit_group,
    work,
    work_alias,
    work_relation,
)

TABLES = (
    *(site, guest, article, discussion, comment, comment_revision, idempotency_key, outbox),
    *(catalogue, franchise, work, work_alias, unit, unit_group, work_relation, scope, scope_point),
    *(passage, passage_words, scope_event),
    *(account, account_role, session, auth_flow, identity, passkey, provider, sso_token, mail),
    *(progress, progress_rule, mute, follow),
    *(queue_item, decision, flag, sanction, note, screening_rules, spam_model),
)

__all__ = ["TABLES", "metadata"]
