"""The rules of a site, ready to screen with: kept in memory until somebody changes them."""

from __future__ import annotations

from dataclasses import dataclass

from forum.comments.screening import queries
from forum.comments.screening.model import Kind
from forum.comments.screening.rules import NO_RULES, Rules, load
from forum.comments.screening.words import WordLists
from forum.runtime import Runtime
from forum.web.cache import Made

# About how many bytes an entry of a list takes once it is made ready.
_ENTRY_WEIGHT = 600


@dataclass(frozen=True, slots=True)
class InForce:
    """A site's rules: which version they are (0: nobody has set any), and its word lists made ready."""

    version: int
    rules: Rules
    words: WordLists


def made_ready(version: int, rules: Rules) -> InForce:
    """Rules with their lists made ready: those that somebody tries out, too."""
    lists = {Kind.REFUSE: rules.refuse_words, Kind.HOLD: rules.hold_words, Kind.FLAG: rules.flag_words}
    return InForce(version, rules, WordLists(lists))


async def read_rules(rt: Runtime, site_id: int) -> InForce:
    """The rules that a site has now."""

    async def look() -> Made[InForce]:
        async with rt.db.read(fresh=True) as tx:
            found = await queries.find_rules(tx, site_id)
        made = made_ready(0, NO_RULES) if found is None else made_ready(found.version, load(found.rules))
        tags = frozenset({queries.rules_tag(site_id)})
        return Made(made, tags, weight=2_000 + _ENTRY_WEIGHT * made.words.size)

    return await rt.cache.get(("rules", site_id), look)
