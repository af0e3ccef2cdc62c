"""What a transaction knows about scopes and about the comments that are quoted; and a text laid out for storage."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import NamedTuple

from forum.comments import queries_scope as scoped
from forum.comments.compose import Composed, Piece
from forum.comments.covers import WHOLE, Cover, encode, whole_id
from forum.comments.model import Comment, Status
from forum.core.ids import MAX_ID
from forum.db import Tx
from forum.markup import slots
from forum.runtime import Runtime
from forum.spoilers import queries as catalogue
from forum.spoilers.model import NO_SCOPE, CoverState, Scope
from forum.spoilers.passages import Passage
from forum.spoilers.queries_passage import list_passages
from forum.spoilers.scopes import Book
from forum.spoilers.service import intern
from forum.spoilers.words import is_taken_from, is_within


class Where(NamedTuple):
    """Where a text stands."""

    site_id: int
    discussion_id: int
    comment_id: int


@dataclass(slots=True)
class Desk:
    """Scopes by id and ids by scope, inside one write transaction. `book` is what was known before it began."""

    tx: Tx
    rt: Runtime
    book: Book
    _later: dict[int, Scope] = field(default_factory=dict)
    _ids: dict[str, int | None] = field(default_factory=dict)

    async def scope(self, scope_id: int | None) -> Scope:
        """The scope with this id; None is the empty one."""
        if scope_id is None:
            return NO_SCOPE
        found = self.book.scopes.get(scope_id) or self._later.get(scope_id)
        if found is None:  # interned after the book was read
            self._later = await catalogue.list_scopes(self.tx)
            found = self._later[scope_id]
        return found

    async def id_of(self, scope: Scope) -> int | None:
        """The id of a scope, interned now if it is new; None for the empty one."""
        if scope.canon not in self._ids:
            scope_id = self._ids[scope.canon] = await intern(self.tx, self.rt, scope)
            if scope_id is not None:
                self._later.setdefault(scope_id, scope)
        return self._ids[scope.canon]

    async def passed_on(self, parent: Comment) -> Scope:
        """What replies of a comment need when they inherit: all that it needs, and all that its passages do.

        Also what an earlier text of it needed: a reply may answer that. Only a moderator's word ends it.
        """
        scope = await self.scope(parent.eff_scope_id) | await self.scope(parent.inner_scope_id)
        if parent.edited_at is None or parent.cover_state == CoverState.RESTORED:
            return scope
        for _, scope_id in await scoped.list_revision_scopes(self.tx, site_id=parent.site_id, comments=[parent.id]):
            scope = scope | await self.scope(scope_id)
        return scope

    async def hold(self, site_id: int, comments: Collection[int], *, below: int | None = None) -> dict[int, Comment]:
        """These comments by id, held against other writers: whoever covers one of them now comes before or after us.
        With `below` also the root of that comment's conversation. All in one order, so that two writers do not wait
        for each other."""
        if below is not None:
            found = await scoped.list_locked_below(self.tx, site_id=site_id, comments=comments, below=below)
        else:
            found = await scoped.list_locked(self.tx, site_id=site_id, comments=comments)
        return {comment.id: comment for comment in found}

    async def known_sources(self, sources: Iterable[Comment]) -> dict[int, Quoted]:
        """Comments with their passages, by id, to be compared with what is quoted from them."""
        listed = list(sources)
        passages: dict[int, list[Passage]] = {comment.id: [] for comment in listed}
        ever: dict[int, Scope] = {comment.id: NO_SCOPE for comment in listed}
        hiding = [c.id for c in listed if c.eff_scope_id is not None or c.inner_scope_id is not None]
        edited = [c.id for c in listed if c.edited_at is not None]
        if hiding:
            for passage in await list_passages(self.tx, site_id=listed[0].site_id, comments=hiding):
                passages[passage.comment_id].append(passage)
        if edited:
            kept = await scoped.list_revision_scopes(self.tx, site_id=listed[0].site_id, comments=edited)
            for comment_id, scope_id in kept:
                ever[comment_id] = ever[comment_id] | await self.scope(scope_id)
        return {c.id: await self._known(c, passages[c.id], ever[c.id]) for c in listed}

    async def _known(self, comment: Comment, passages: Iterable[Passage], ever: Scope) -> Quoted:
        bare, inner = comment.text, []
        for passage in passages:
            if passage.seq == WHOLE:
                bare = passage.text
            elif passage.scope_id is not None:
                inner.append((passage, await self.scope(passage.scope_id)))
        return Quoted(comment, await self.scope(comment.eff_scope_id), inner, bare, ever)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quoted comment: what it needs as a whole, its passages with what they need, its text without them, and what
    its earlier texts were ever known to need."""

    comment: Comment
    whole: Scope
    passages: list[tuple[Passage, Scope]]
    bare: str
    ever: Scope

    def needs(self, quote: str) -> tuple[Scope, str | None]:
        """What a quote of this text needs, and the passage that it was taken out of, if any.

        Words that everybody can read there need nothing. All others need everything that the comment does, and ever
        did (they may come from an earlier text): what stands on the quote's cover must say nothing about which of the
        covered words it repeats. Of what is not public a quote says nothing, not even what it would need: whoever
        guesses is answered alike. That is looked at again once it is public.
        """
        if not self.comment.is_public:
            return NO_SCOPE, None
        if not self.whole and is_within(quote, self.bare):
            return NO_SCOPE, None
        scope = self.whole | self.ever
        for _, own in self.passages:
            scope = scope | own
        found = (passage.id for passage, _ in self.passages if is_taken_from(quote, passage.text))
        return scope, next(found, None)


@dataclass(frozen=True, slots=True)
class Layout:
    """A text as rows hold it: the skeleton, its covers, the passages, and what these need together. `quoted` is what
    everybody sees of the comments that it quotes."""

    html: str
    text: str
    covers: str
    inner: Scope
    passages: tuple[Passage, ...]
    quoted: tuple[str, ...] = ()


@dataclass(slots=True)
class _Laying:
    """A layout in the making. `open` holds the places (None: the skeleton's own) whose slots everybody can see,
    `quotes` what the quote around a place quotes."""

    where: Where
    html: str
    text: str
    sources: Mapping[int, Quoted]
    needs: dict[int | None, Scope] = field(default_factory=lambda: {None: NO_SCOPE})
    open: set[int | None] = field(default_factory=lambda: {None})
    ids: dict[int | None, str | None] = field(default_factory=lambda: {None: None})
    quotes: dict[int | None, Quoted | None] = field(default_factory=lambda: {None: None})
    covers: list[Cover] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)


def quoted_in(composed: Composed) -> set[int]:
    """The ids that a text says it quotes."""
    ids = {piece.cut.quote.comment_id for piece in composed.pieces if piece.cut.quote is not None}
    return {comment_id for comment_id in ids if comment_id <= MAX_ID}


async def lay_out(desk: Desk, where: Where, composed: Composed, held: Mapping[int, Comment] | None = None) -> Layout:
    """The rows of a composed text. A quote of something that is not covered is put into the skeleton, to be shown.

    `held` are the comments that it quotes, where they are held already. One can quote what stands in the same
    discussion; of what is not public the quote says nothing.
    """
    wanted = quoted_in(composed) - {where.comment_id}
    if held is None:
        held = await desk.hold(where.site_id, wanted) if wanted else {}
    found = [held[comment_id] for comment_id in sorted(wanted & held.keys())]
    quotable = (c for c in found if c.discussion_id == where.discussion_id and c.status is not Status.DELETED)
    sources = await desk.known_sources(quotable)
    laying = _Laying(where, composed.html, composed.text, sources)
    for piece in composed.pieces:
        await _lay(desk, laying, piece)
    inner = NO_SCOPE
    for scope in laying.needs.values():
        inner = inner | scope
    quoted = tuple(source.comment.text for source in sources.values() if source.comment.is_public)
    return Layout(laying.html, laying.text, encode(laying.covers), inner, tuple(laying.passages), quoted)


async def _lay(desk: Desk, laying: _Laying, piece: Piece) -> None:
    cut = piece.cut
    source = laying.quotes[cut.parent] if cut.quote is None else laying.sources.get(cut.quote.comment_id)
    taken_scope, taken = source.needs(piece.text) if source else (NO_SCOPE, None)
    need = laying.needs[cut.parent] | piece.own | taken_scope
    passage = Passage(
        site_id=laying.where.site_id,
        id=token_hex(16),
        comment_id=laying.where.comment_id,
        parent_id=laying.ids[cut.parent],
        seq=cut.seq,
        inline=cut.inline,
        quiet=cut.quiet,
        own_scope_id=await desk.id_of(piece.own),
        scope_id=await desk.id_of(need),
        html=piece.html,
        text=piece.text,
        src_name=_author_of(source) if cut.quote else None,
        src_comment_id=source.comment.id if source else None,
        src_passage_id=taken,
        withheld=source is not None and cut.quote is not None and not source.comment.is_public,
    )
    laying.passages.append(passage)
    laying.needs[cut.seq], laying.ids[cut.seq], laying.quotes[cut.seq] = need, passage.id, source
    if cut.parent not in laying.open:
        return
    laying.covers.append(cover_of(passage))
    if not need:
        if not passage.withheld:
            laying.open.add(cut.seq)
        laying.html, laying.text = put_in(laying.html, laying.text, passage)


def put_in(html: str, text: str, passage: Passage) -> tuple[str, str]:
    """A skeleton, and its text, with a passage put in visibly."""
    return slots.put_in(html, passage.seq, passage.seen_html), slots.put_in(text, passage.seq, passage.seen_text)


def _author_of(source: Quoted | None) -> str:
    """Who is said to have written a quote: who did. Of what can't be quoted here nobody is named, whatever was typed:
    that name would follow nobody who changes theirs, or goes."""
    return "" if source is None else source.comment.author_name


def cover_of(passage: Passage) -> Cover:
    """What a comment's row keeps of a passage. A withheld quote says nothing, not even of whom."""
    named = None if passage.src_name is None else "" if passage.withheld else passage.src_name
    source = None if passage.withheld else passage.src_comment_id
    return Cover(passage.seq, passage.id, passage.inline, passage.quiet, passage.scope_id, named, source)


def masked(comment: Comment, whole: Scope) -> tuple[Comment, Passage | None]:
    """The comment with its text behind one cover where it needs something as a whole, and the row of that text."""
    if not whole:
        return comment, None
    passage = Passage(
        comment.site_id,
        whole_id(comment.id),
        comment.id,
        None,
        WHOLE,
        False,
        False,
        None,
        None,
        comment.html,
        comment.text,
        None,
        None,
        None,
    )
    return comment._replace(html=slots.slot(WHOLE), text=slots.slot(WHOLE)), passage
