"""Every statement about sites."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from forum.db import Prepared, Row, Tx
from forum.sites.model import TAG, Site
from forum.sites.tables import site

_ALL = Prepared(select(site).order_by(site.c.key))
_BY_ID = Prepared(select(site).where(site.c.id == bindparam("site")))
_INSERT = Prepared(insert(site))
_UPDATE = Prepared(
    update(site)
    .where(site.c.id == bindparam("site"))
    .values({c: bindparam(f"new_{c.name}", type_=c.type) for c in site.c if c.name not in {"id", "created_at"}})
)


def _site(row: Row) -> Site:
    return Site(
        id=row.id,
        key=row.key,
        name=row.name,
        language=row.language,
        origins=tuple(row.origins.split()),
        guests=row.guests,
        hold=row.hold,
        strip_www=row.strip_www,
        secret_hash=row.secret_hash,
        created_at=row.created_at,
        expiry_days=row.expiry_days,
        regions=tuple(row.regions.split()),
        sso_algorithm=row.sso_algorithm,
        sso_key=row.sso_key,
        sso_issuer=row.sso_issuer,
        sso_role=row.sso_role,
    )


def _values(new: Site) -> dict[str, Any]:
    return {**asdict(new), "origins": "\n".join(new.origins), "regions": " ".join(new.regions)}


async def list_sites(tx: Tx) -> list[Site]:
    """Every site as it is configured, by key."""
    return [_site(row) for row in await tx.fetch_all(_ALL)]


async def find_site(tx: Tx, site_id: int) -> Site | None:
    """The site with this id, as it is configured."""
    row = await tx.fetch_one(_BY_ID, {"site": site_id})
    return None if row is None else _site(row)


async def insert_site(tx: Tx, new: Site) -> None:
    """Add a site; a key that exists raises ConstraintViolated."""
    await tx.execute(_INSERT, _values(new))
    tx.touch(TAG)


async def update_site(tx: Tx, changed: Site) -> None:
    """Store a site's new configuration."""
    await tx.execute(_UPDATE, {"site": changed.id, **{f"new_{k}": v for k, v in _values(changed).items()}})
    tx.touch(TAG)
