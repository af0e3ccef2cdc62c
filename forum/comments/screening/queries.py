"""Statements about rules, and the one that says what screening must know of a person and of what was written before."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, insert, select

from forum.comments.screening.tables import screening_rules
from forum.db import Prepared, Row, Tx


class Version(NamedTuple):
    """One version of a site's rules, as it was kept: `rules` is JSON."""

    version: int
    rules: str
    by_id: int
    created_at: datetime


_COLUMNS = tuple(screening_rules.c[name] for name in Version._fields)
_OF_SITE = screening_rules.c.site_id == bindparam("site")
_LATEST = Prepared(select(*_COLUMNS).where(_OF_SITE).order_by(screening_rules.c.version.desc()).limit(1))
_LIST = Prepared(select(*_COLUMNS).where(_OF_SITE).order_by(screening_rules.c.version.desc()).limit(bindparam("most")))
_ONE = Prepared(select(*_COLUMNS).where(_OF_SITE, screening_rules.c.version == bindparam("version")))
_INSERT = Prepared(insert(screening_rules))


def rules_tag(site_id: int) -> str:
    """The tag of what depends on a site's rules."""
    return f"rules:{site_id}"


def _version(row: Row) -> Version:
    return Version._make(row)


async def find_rules(tx: Tx, site_id: int) -> Version | None:
    """The rules that a site has now; None where nobody has set any."""
    row = await tx.fetch_one(_LATEST, {"site": site_id})
    return None if row is None else _version(row)


async def find_version(tx: Tx, site_id: int, version: int) -> Version | None:
    """An earlier version of a site's rules."""
    row = await tx.fetch_one(_ONE, {"site": site_id, "version": version})
    return None if row is None else _version(row)


async def list_versions(tx: Tx, site_id: int, *, most: int) -> list[Version]:
    """The versions of a site's rules, the latest first."""
    return [_version(row) for row in await tx.fetch_all(_LIST, {"site": site_id, "most": most})]


async def insert_rules(tx: Tx, site_id: int, new: Version) -> None:
    """Keep another version, which is in force from now on; one that exists raises ConstraintViolated."""
    await tx.execute(_INSERT, {"site_id": site_id, **new._asdict()})
    tx.touch(rules_tag(site_id))
