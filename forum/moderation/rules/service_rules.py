"""The screening rules of a site: read them with their history, and save another version."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from forum.accounts.model import Role
from forum.comments.screening import queries as stored
from forum.comments.screening.queries import Version
from forum.comments.screening.rules import NO_RULES, Rules, RulesProblem, check, dump, load
from forum.core.i18n import N_
from forum.db import ConstraintViolated, Tx
from forum.errors import Conflict, NotFound
from forum.moderation.guard import Moderator, require_fresh, require_on
from forum.moderation.rules.check_settings import check_problems, complete, is_same
from forum.moderation.rules.queries_rules import Kept, list_kept
from forum.moderation.rules.rules_fields import RulesRefused
from forum.runtime import Runtime
from forum.sites.model import Site

VERSIONS_PAGE: Final = 20
# Versions are numbered in 32 bits.
LAST: Final = 2**31 - 1
CHANGED: Final = N_(
    "Somebody else has changed the rules in the meantime, and nothing of yours is saved yet. What you typed is below: "
    "look at the newest version, then save again."
)
NO_VERSION: Final = N_("There is no such version of the rules.")


@dataclass(frozen=True, slots=True)
class Change:
    """A version of the rules: who saved it and when, and which rules it changed."""

    version: int
    by: str
    at: datetime
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RulesNow:
    """A site's rules as they are (`version` 0: nobody has set any)."""

    version: int
    rules: Rules


async def find_now(rt: Runtime, site: Site) -> RulesNow:
    """The rules in force, read anew: somebody is about to change them."""
    async with rt.db.read(fresh=True) as tx:
        return _now(await stored.find_rules(tx, site.id))


def _now(found: Version | None) -> RulesNow:
    return RulesNow(0, NO_RULES) if found is None else RulesNow(found.version, load(found.rules))


async def get_version(rt: Runtime, site: Site, version: int) -> Rules:
    """An earlier version; raises NotFound. 0 is that of a site where nobody has set anything."""
    if version == 0:
        return NO_RULES
    async with rt.db.read() as tx:
        found = await stored.find_version(tx, site.id, version) if 0 < version <= LAST else None
    if found is None:
        raise NotFound(detail=NO_VERSION)
    return load(found.rules)


async def list_changes(rt: Runtime, site: Site, *, before: int = LAST) -> list[Change]:
    """The versions of a site's rules, the latest first: VERSIONS_PAGE of them, with a lower number than `before`."""
    async with rt.db.read(fresh=True) as tx:
        kept = await list_kept(tx, site_id=site.id, before=min(before, LAST), most=VERSIONS_PAGE + 1)
    return [_change(one, kept[at + 1] if at + 1 < len(kept) else None) for at, one in enumerate(kept[:VERSIONS_PAGE])]


def _change(kept: Kept, before: Kept | None) -> Change:
    old = json.loads(dump(NO_RULES) if before is None else before.rules)
    new = json.loads(kept.rules)
    changed = tuple(name for name, value in new.items() if old.get(name) != value)
    return Change(kept.version, kept.by, kept.created_at, changed)


async def completed(rt: Runtime, site: Site, typed: Rules) -> Rules:
    """Rules that somebody typed, with the key they could not see; checked. Raises RulesRefused."""
    return _complete(rt, typed, (await find_now(rt, site)).rules)


def _complete(rt: Runtime, typed: Rules, now: Rules) -> Rules:
    rules = complete(typed, now)
    wrong = check_problems(rules.check, local=rt.settings.egress_local)
    try:
        check(rules)
    except RulesProblem as problem:
        raise RulesRefused((*problem.wrong, *wrong)) from problem
    if wrong:
        raise RulesRefused(wrong)
    return rules


async def save_rules(rt: Runtime, mod: Moderator, site: Site, typed: Rules, *, seen: int) -> int:
    """Put rules in force as a new version; returns its number. `seen` is the version that was looked at.

    Raises NotFound for people who may not, Forbidden "sign_in_again", RulesRefused, and Conflict "rules_changed" when
    there is a newer version by now. What changes nothing makes no version.
    """
    require_on(mod, site.id, Role.EDITOR)
    require_fresh(rt, mod)
    now = rt.clock.now()

    async def work(tx: Tx) -> int:
        current = _now(await stored.find_rules(tx, site.id))
        if current.version != seen:
            raise Conflict("rules_changed", CHANGED)
        rules = _complete(rt, typed, current.rules)
        if rules == current.rules:
            return current.version
        new = Version(current.version + 1, dump(rules), mod.account.id, now)
        await stored.insert_rules(tx, site.id, new)
        return new.version

    try:
        return await rt.db.write(work)
    except ConstraintViolated as error:
        raise Conflict("rules_changed", CHANGED) from error


async def restore_version(rt: Runtime, mod: Moderator, site: Site, version: int, *, seen: int) -> int:
    """Put an earlier version in force again, as a new one. A check that is asked now as well keeps today's key."""
    old, now = await get_version(rt, site, version), (await find_now(rt, site)).rules
    if old.check is not None and now.check is not None and is_same(old.check, now.check):
        old = replace(old, check=replace(old.check, key=now.check.key))
    return await save_rules(rt, mod, site, old, seen=seen)
