"""Sites: find one, add one, change one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from forum.core.decision import ALLOW, Deny
from forum.core.i18n import N_
from forum.core.ids import IdMaker
from forum.db import ConstraintViolated, Database, Tx
from forum.errors import Conflict, FieldError, Invalid, NotFound
from forum.runtime import Runtime
from forum.sites import policy, queries
from forum.sites.model import TAG, Site, hash_secret, new_secret
from forum.sites.origins import in_force
from forum.web.cache import Made

_CACHE_KEY = ("sites",)


async def directory(rt: Runtime) -> Mapping[str, Site]:
    """Every site by key as it is in force, kept in memory until one changes. To change one, read it as configured."""

    async def load() -> Made[Mapping[str, Site]]:
        async with rt.db.read(fresh=True) as tx:
            sites = await queries.list_sites(tx)
        return Made({s.key: in_force(s) for s in sites}, frozenset({TAG}), weight=2_000 * (len(sites) + 1))

    return await rt.cache.get(_CACHE_KEY, load)


async def get_site(rt: Runtime, key: str) -> Site:
    """The site with this key; raises NotFound."""
    site = (await directory(rt)).get(key)
    if site is None:
        raise NotFound("unknown_site", N_("There is no site with that key here."))
    return site


async def get_site_by_id(rt: Runtime, site_id: int) -> Site:
    """The site with this id; raises NotFound."""
    for site in (await directory(rt)).values():
        if site.id == site_id:
            return site
    raise NotFound("unknown_site", N_("There is no site with that key here."))


async def is_any_secret(rt: Runtime, secret: str) -> bool:
    """Whether this is the secret key of a site here. All sites are asked, so that the time does not say which."""
    answers = [policy.may_publish(site, secret) for site in (await directory(rt)).values()]
    return ALLOW in answers


async def add_site(db: Database, ids: IdMaker, draft: Site) -> tuple[Site, str]:
    """Add a site; returns it and its secret key, which nobody can read again."""
    if isinstance(denied := policy.may_use_key(draft.key), Deny):
        detail = N_("A site key has 1 to 40 lower-case letters, digits and hyphens.")
        raise Invalid(denied.code, detail, errors=(FieldError("key", denied.code),))
    secret = new_secret()
    site = replace(draft, id=ids.next(), secret_hash=hash_secret(secret))

    async def work(tx: Tx) -> None:
        await queries.insert_site(tx, site)

    try:
        await db.write(work)
    except ConstraintViolated as error:
        raise Conflict("site_exists", N_("There is a site with that key already.")) from error
    return site, secret


async def edit_site(db: Database, site: Site, *, check: Callable[[Tx], Awaitable[None]] | None = None) -> None:
    """Store a site's new configuration (as the operator wrote it); serving processes follow within a second.

    `check` may raise to refuse it; it sees the same transaction.
    """

    async def work(tx: Tx) -> None:
        if check is not None:
            await check(tx)
        await queries.update_site(tx, site)

    await db.write(work)
