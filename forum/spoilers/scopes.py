"""Every scope there is, by id, and what scopes are called when people read of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forum.spoilers.model import NO_SCOPE, UNSPEC_SCOPE, Scope

JOINED_BY = " + "


@dataclass(frozen=True, slots=True)
class Book:
    """The scopes by id and the titles of all works by id, at one `revision` of the catalogue."""

    revision: int
    scopes: Mapping[int, Scope]
    titles: Mapping[str, str]

    def scope(self, scope_id: int | None) -> Scope:
        """What an id stands for. None: no scope; an id that is not in the book: nobody knows, so it stays covered."""
        if scope_id is None:
            return NO_SCOPE
        return self.scopes.get(scope_id, UNSPEC_SCOPE)

    def label(self, scope: Scope) -> str:
        """A scope as people read it: "Jessica Jones S1E13 + Civil War #7"; "" where there is nothing to name."""
        return label_of(scope, self.titles)


def label_of(scope: Scope, titles: Mapping[str, str]) -> str:
    """A scope as people read it: titles with codes, titles alone for open ends, nothing for what nobody can name.

    In the order of the scope's canonical form. Never the title of a unit: that may be a spoiler itself.
    """
    parts: dict[str, None] = {}
    for point in scope.in_order:
        if point.work is None:
            continue
        title = titles.get(point.work, point.work)
        parts[title if point.unit is None else f"{title} {point.unit.code}".strip()] = None
    return JOINED_BY.join(parts)
