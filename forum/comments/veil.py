"""How the comments of one discussion are covered for somebody who has said nothing: the one public form.

Public pages always cover, whatever has expired: what a reader has cleared is lifted in their browser.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from forum.articles.model import Gate
from forum.comments.covers import WHOLE, Cover, decode, whole_id
from forum.comments.model import Comment, Status
from forum.markup import slots
from forum.spoilers.model import NO_SCOPE, Scope
from forum.spoilers.scopes import Book


@dataclass(frozen=True, slots=True)
class Veil:
    """The discussion's scope and gate, and the names of everything. `opened`: its reader has asked to see it anyway.
    `apart`: its comments are drawn away from it, among others, so every cover says all that a reader needs."""

    book: Book
    scope: Scope = NO_SCOPE
    gate: Gate = Gate.ASK
    opened: bool = False
    apart: bool = False

    @property
    def is_gated(self) -> bool:
        """Whether a page shows no text of comments at all."""
        return self.gate is Gate.ASK and bool(self.scope) and not self.opened

    @property
    def is_sealed(self) -> bool:
        """The same for what is not the article's own page: there nobody has read its warning."""
        return self.gate is not Gate.OFF and bool(self.scope) and not self.opened

    @property
    def key(self) -> Hashable:
        """What a drawn comment depends on beside itself."""
        here = (self.gate, self.scope.canon, self.opened, self.apart)
        return (self.book.revision, *here) if self.scope else self.book.revision

    def knows(self, comment: Comment) -> bool:
        """Whether the book was made after everything that the comment needs was named."""
        ids = (comment.eff_scope_id, *(cover.scope_id for cover in decode(comment.covers)))
        return all(scope_id is None or scope_id in self.book.scopes for scope_id in ids)

    def label(self, cover: Cover) -> str:
        """What stands on a cover; nothing where its author does not want it said."""
        if cover.quiet:
            return ""
        scope = self._needs(cover)
        if cover.seq == WHOLE and not scope:
            scope = self.scope
        return self.book.label(scope)

    def tokens(self, cover: Cover) -> tuple[str, ...]:
        """All that a reader must have cleared to see it, but (unless it stands apart) for the discussion's scope."""
        return self._needs(cover).tokens

    def _needs(self, cover: Cover) -> Scope:
        scope = self.book.scope(cover.scope_id)
        return scope | self.scope if self.apart and self.gate is not Gate.OFF else scope


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A comment as far as everybody may see it: `html` and `text` with slots, and what stands for each slot."""

    html: str
    text: str
    covers: dict[int, Cover]

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it is shown."""
        return WHOLE in self.covers


def skeleton(comment: Comment, *, hidden: bool) -> Skeleton:
    """What of a comment can be seen; with `hidden` nothing of it, because of its discussion. Of a mark nothing ever."""
    if comment.status is Status.DELETED or comment.marked:
        return Skeleton("", "", {})
    if hidden or comment.eff_scope_id is not None:
        mark = slots.slot(WHOLE)
        return Skeleton(mark, mark, {WHOLE: whole_cover(comment)})
    return Skeleton(comment.html, comment.text, {cover.seq: cover for cover in decode(comment.covers)})


def whole_cover(comment: Comment) -> Cover:
    """The cover of a whole comment."""
    return Cover(WHOLE, whole_id(comment.id), inline=False, scope_id=comment.eff_scope_id)


def spoken(text: str, names: dict[int, str]) -> str:
    """A skeleton's text as text: `[spoiler: Jessica Jones S1E13]` where something is covered."""
    marks = {seq: f"[spoiler: {name}]" if name else "[spoiler]" for seq, name in names.items()}
    return slots.plain(slots.fill(text, marks))
