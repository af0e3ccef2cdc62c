"""Quotes say whom they quote. When that name changes or goes, they follow.

The words that somebody quotes are theirs to have typed; the name above them is ours, taken from the quoted comment.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from forum.db import Tx
from forum.people import queries_quotes as queries

# Stands, as often as it had characters, where a quote's source named somebody who has been erased.
NAMELESS: Final = "–"
# The first line of a quote (see `forum.markup.carve`): "> @name#c123".
_QUOTE: Final = re.compile(r"(>[ \t]*@)(\S(?:[^\n]{0,118}\S)?)(#c([0-9]{1,19})[ \t]*)$", re.MULTILINE)


async def requote(tx: Tx, *, site_id: int, comments: Collection[int], name: str) -> None:
    """Write a name above every quote of these comments; they are held. With no name ("") it also goes from what was
    typed, where the editor had put it."""
    if not comments:
        return
    ids = set(comments)
    quoting = await queries.list_quoting_locked(tx, site_id=site_id, comments=sorted(ids))
    if not quoting:
        return
    await queries.name_quotes(tx, quoting, site_id=site_id, comments=ids, name=name)
    if name:
        return
    sources = await queries.list_sources(tx, site_id=site_id, comments=[one.id for one in quoting])
    changed = {place: now for place, text in sources.items() if (now := without_names(text, ids)) != text}
    await queries.set_sources(tx, site_id=site_id, sources=changed)


def without_names(source: str, comments: Collection[int]) -> str:
    """A source in which quotes of these comments name nobody. It stays as long as it was: stretches of it that are
    covered are known by their places."""

    def nameless(found: re.Match[str]) -> str:
        if int(found[4]) not in comments:
            return found[0]
        return f"{found[1]}{NAMELESS * len(found[2])}{found[3]}"

    return _QUOTE.sub(nameless, source)
