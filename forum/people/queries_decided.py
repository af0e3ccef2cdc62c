"""Statements about what moderators have decided about an account and what it wrote, on all sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from forum.comments.review.model import Decision, SanctionRow
from forum.comments.review.queries import DECISION_COLUMNS, decision_of
from forum.comments.review.queries_people import SANCTION_COLUMNS, sanction_of
from forum.comments.review.tables import decision, sanction
from forum.db import Prepared, Tx
from forum.sites.tables import site

_ACCOUNT: Any = bindparam("account")
MOST_SANCTIONS = 200
# By site, as the indexes go.
_SITES = select(site.c.id)
_SANCTIONS = Prepared(
    select(*SANCTION_COLUMNS, site.c.key.label("site_key"), site.c.name.label("site_name"))
    .select_from(sanction.join(site, site.c.id == sanction.c.site_id))
    .where(sanction.c.site_id.in_(_SITES), sanction.c.author_id == _ACCOUNT)
    .order_by(sanction.c.id.desc())
    .limit(MOST_SANCTIONS)
)
_DECISIONS = Prepared(
    select(*DECISION_COLUMNS, site.c.key.label("site_key"), site.c.name.label("site_name"))
    .select_from(decision.join(site, site.c.id == decision.c.site_id))
    .where(
        decision.c.site_id.in_(_SITES),
        decision.c.author_id == _ACCOUNT,
        decision.c.verdict.in_(bindparam("verdicts", expanding=True)),
        decision.c.id < bindparam("edge"),
    )
    .order_by(decision.c.id.desc())
    .limit(bindparam("most"))
)


class SanctionedOn(NamedTuple):
    """A sanction, and the site that it counts on."""

    row: SanctionRow
    site_key: str
    site_name: str


class DecidedOn(NamedTuple):
    """A line of the log, and the site that it is about."""

    line: Decision
    site_key: str
    site_name: str


async def list_sanctioned(tx: Tx, account_id: int) -> list[SanctionedOn]:
    """All sanctions that an account ever had, the latest first."""
    rows = await tx.fetch_all(_SANCTIONS, {"account": account_id})
    most = len(SANCTION_COLUMNS)
    return [SanctionedOn(sanction_of(row[:most]), row.site_key, row.site_name) for row in rows]


async def list_decided(tx: Tx, account_id: int, *, verdicts: Sequence[str], edge: int, most: int) -> list[DecidedOn]:
    """What was decided about what an account wrote, before the decision `edge`, the latest first."""
    values = {"account": account_id, "verdicts": list(verdicts), "edge": edge, "most": most}
    rows = await tx.fetch_all(_DECISIONS, values)
    columns = len(DECISION_COLUMNS)
    return [DecidedOn(decision_of(row[:columns]), row.site_key, row.site_name) for row in rows]
