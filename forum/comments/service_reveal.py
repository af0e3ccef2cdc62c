"""Uncover: give the hidden text of passages to a reader who asks for it. The other half of the one door out.

It is an honour system. Nobody should meet a spoiler by accident; whoever chooses to look may.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import Markup

from forum.comments import queries_page as queries
from forum.comments.bodies import Bodies, Inner
from forum.comments.covers import WHOLE, comment_of_whole, is_id, whole_id
from forum.comments.model import Comment
from forum.comments.veil import Veil
from forum.runtime import Runtime
from forum.spoilers.model import NO_EXPIRY, NO_SCOPE, Point, Reader, Scope, Seen
from forum.spoilers.passages import Passage, as_seen
from forum.spoilers.policy import is_shown, reader_of
from forum.spoilers.queries_passage import list_around
from forum.spoilers.scopes import Book
from forum.spoilers.service import book, works_of
from forum.web.languages import Language

# So many texts are given at once.
MOST_REVEALS = 500


@dataclass(frozen=True, slots=True)
class Said:
    """What a reader says about themselves: by work id how far they are ("at" with a unit's code, "none", "dont_care"),
    the codes of ticked branch units, and whether everything may be shown."""

    progress: Mapping[str, tuple[Seen, str]] = field(default_factory=dict)
    ticks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    show_all: bool = False


NOTHING_SAID = Said()


@dataclass(frozen=True, slots=True)
class Revealed:
    """An uncovered text. Passages in it are covered, but for those that need nothing more or that the reader has
    cleared."""

    html: Markup
    text: str


@dataclass(frozen=True, slots=True)
class _Found:
    """One comment with its passages, about to be uncovered for a reader."""

    comment: Comment
    inner: Inner
    book: Book
    reader: Reader
    now: datetime

    def scope(self, passage: Passage | None) -> Scope:
        """All that a passage needs beside the discussion's scope; None: the comment as a whole."""
        whole = self.book.scope(self.comment.eff_scope_id)
        return whole if passage is None or passage.seq == WHOLE else whole | self.book.scope(passage.scope_id)

    def shows(self, passage: Passage, given: Scope) -> bool:
        """Whether a passage comes along with what has been given: when it needs no more, or the rest is cleared."""
        more = Scope(frozenset(point for point in self.scope(passage).points if not _within(point, given)))
        return not more or is_shown(more, self.reader, self.now, NO_EXPIRY)


def _within(point: Point, given: Scope) -> bool:
    return Scope.of([point]) <= given


async def reveal(rt: Runtime, ids: Iterable[str], said: Said, language: Language) -> dict[str, Revealed]:
    """The texts of these passages. What is not there, or not for everybody to read, is left out."""
    wanted = [passage_id for passage_id in dict.fromkeys(ids) if is_id(passage_id)][:MOST_REVEALS]
    wholes = _wholes(wanted)
    async with rt.db.read(fresh=True) as tx:
        passages = await list_around(tx, ids=wanted, comments=wholes)
        comments = await queries.list_public(tx, ids={*wholes, *(passage.comment_id for passage in passages)})
    known = await book(rt)
    reader = await _reader(rt, said) if passages else Reader()
    by_comment: dict[int, dict[str, Passage]] = {}
    for passage in as_seen(passages):
        by_comment.setdefault(passage.comment_id, {})[passage.id] = passage
    revealed: dict[str, Revealed] = {}
    for comment in comments:
        found = _Found(comment, by_comment.get(comment.id, {}), known, reader, rt.clock.now())
        asked = [*(p for p in wanted if p in found.inner), whole_id(comment.id)]
        for passage_id in dict.fromkeys(asked):
            if passage_id in wanted:
                revealed[passage_id] = _uncover(rt, found, passage_id, language)
    return revealed


def _wholes(ids: Iterable[str]) -> list[int]:
    """The comments whose whole text is asked for."""
    numbers = (comment_of_whole(passage_id) for passage_id in ids)
    return [number for number in numbers if number is not None]


def _uncover(rt: Runtime, found: _Found, passage_id: str, language: Language) -> Revealed:
    passage = found.inner.get(passage_id)
    is_whole = passage is None or passage.seq == WHOLE
    html, text = (found.comment.html, found.comment.text) if passage is None else (passage.html, passage.text)
    parent = None if passage is None or is_whole else passage.id
    given = found.scope(passage)

    def shows(inside: Passage) -> bool:
        return found.shows(inside, given)

    bodies = Bodies(rt, language, False, Veil(found.book))
    return Revealed(bodies.uncovered(html, parent, found.inner, shows), bodies.spoken(text, parent, found.inner, shows))


async def _reader(rt: Runtime, said: Said) -> Reader:
    """What a reader says, in terms of the catalogue."""
    works = await works_of(rt, {*said.progress, *said.ticks})
    return reader_of(said.progress, said.ticks, works, show_all=said.show_all)


async def find_needs(rt: Runtime, passage_id: str) -> tuple[Comment, Scope | None] | None:
    """The comment that a passage belongs to, and what it needs (beside the discussion's scope), None where its author
    does not want that said. None altogether where there is nothing to uncover."""
    if not is_id(passage_id):
        return None
    wholes = _wholes([passage_id])
    async with rt.db.read(fresh=True) as tx:
        passages = await list_around(tx, ids=[passage_id], comments=wholes)
        comments = await queries.list_public(tx, ids={*wholes, *(passage.comment_id for passage in passages)})
    if not comments:
        return None
    comment, known = comments[0], await book(rt)
    passage = next((p for p in passages if p.id == passage_id), None)
    if passage is not None and passage.quiet:
        return comment, None
    scope = known.scope(passage.scope_id) if passage is not None else NO_SCOPE
    return comment, known.scope(comment.eff_scope_id) | scope
