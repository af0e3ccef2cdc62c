"""Stretches of a source that a moderator has covered, as a comment's row keeps them: (start, end, scope id)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import orjson

from forum.comments.compose import Composed, Piece, Stretch
from forum.comments.desk import Desk
from forum.markup import slots
from forum.spoilers.model import NO_SCOPE, Scope
from forum.spoilers.passages import Passage
from forum.spoilers.scopes import Book


async def read_stretches(desk: Desk, kept: str) -> tuple[Stretch, ...]:
    """The stretches of a row."""
    listed = orjson.loads(kept) if kept else []
    return tuple([Stretch(start, end, await desk.scope(scope_id)) for start, end, scope_id in listed])


async def keep_stretches(desk: Desk, stretches: Iterable[Stretch]) -> str:
    """Stretches as a row keeps them; an empty text for none."""
    listed = [[stretch.start, stretch.end, await desk.id_of(stretch.scope)] for stretch in stretches]
    return orjson.dumps(listed).decode() if listed else ""


async def folded(desk: Desk, kept: str) -> Scope:
    """What all of them need together: once the text is another one, nobody knows where they would be."""
    scope = NO_SCOPE
    for stretch in await read_stretches(desk, kept):
        scope = scope | stretch.scope
    return scope


def as_understood(composed: Composed, before: Iterable[Passage], known: Book) -> Composed:
    """A text laid out anew, whose passages need at least what they were understood to need before: the catalogue may
    have given their labels another meaning since."""
    needed: dict[str, Scope] = {}
    for passage in before:
        needed[_text(passage)] = needed.get(_text(passage), NO_SCOPE) | known.scope(passage.own_scope_id)
    pieces = (
        piece if piece.cut.forced is not None else replace(piece, own=piece.own | needed.get(_text(piece), NO_SCOPE))
        for piece in composed.pieces
    )
    return replace(composed, pieces=tuple(pieces))


def _text(part: Piece | Passage) -> str:
    return slots.plain(part.text)
