"""Keyset cursors: where the next page starts, as a short opaque string.

A cursor names the last item that was seen, so a page costs the same wherever it is and never skips or repeats what
arrives in between. The sort order is part of it, so that a cursor of one order is refused under another.
"""

from __future__ import annotations

from dataclasses import dataclass

from forum.core.ids import parse_id


class BadCursor(ValueError):
    """The text is no cursor for this list."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The list continues after the item `last`."""

    order: str
    last: int

    def __str__(self) -> str:
        return f"{self.order}.{self.last}"


def parse_cursor(text: str, *, order: str) -> Cursor:
    """Read a cursor made for this order; raises BadCursor."""
    head, dot, tail = text.partition(".")
    if not dot or head != order:
        raise BadCursor("not a cursor of this list")
    try:
        return Cursor(order=order, last=parse_id(tail))
    except ValueError as error:
        raise BadCursor("not a cursor of this list") from error
