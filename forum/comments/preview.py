"""How a text would look, to those who have got that far and to those who have not; and advice before it is posted.

Nothing is stored: scopes that nobody has used yet get numbers that mean something in this preview alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Final

from markupsafe import Markup

from forum.articles.model import Discussion
from forum.articles.service import get_discussion
from forum.comments import queries
from forum.comments import queries_scope as scoped
from forum.comments.bodies import Bodies
from forum.comments.compose import Composed, compose
from forum.comments.covers import WHOLE, Cover, decode
from forum.comments.desk import Desk, Layout, Where, lay_out
from forum.comments.model import Comment, Status
from forum.comments.repeats import repeats
from forum.comments.service import about_discussion, read_scope
from forum.comments.veil import Skeleton, Veil, spoken
from forum.comments.views import AdviceView
from forum.db import Tx
from forum.errors import NotFound
from forum.markup import slots
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.spoilers.model import NO_SCOPE, Scope
from forum.spoilers.service import book, mentions
from forum.spoilers.words import words_of
from forum.web.languages import Language

# When more than this share of a comment is covered, the whole of it might as well be.
MOSTLY: Final = 0.8
# Fewer covered words than this can be guessed from what stands around them.
FEW_WORDS: Final = 3
MOST_MENTIONS: Final = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text to look at: where it would go, and what is said about the whole of it (None: what its parent needs)."""

    site: Site
    body: str
    discussion_id: int | None = None
    parent_id: int | None = None
    scope: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as others would see it who have not got that far (`html`, `text`), as those who have (`cleared`), and
    what might be better done before it is posted."""

    html: Markup
    text: str
    cleared: Markup
    advice: tuple[AdviceView, ...]


class _TrialDesk(Desk):
    """A desk that interns nothing: scopes get numbers of their own, below those of stored ones."""

    async def id_of(self, scope: Scope) -> int | None:
        """The number of a scope in this preview; None for the empty one."""
        if not scope:
            return None
        if scope.canon not in self._ids:
            number = -1 - len(self._ids)
            self._ids[scope.canon] = number
            self.book = replace(self.book, scopes={**self.book.scopes, number: scope})
        return self._ids[scope.canon]

    async def hold(self, site_id: int, comments: Collection[int], *, below: int | None = None) -> dict[int, Comment]:
        """These comments as they are: a look at a text holds nobody up."""
        return {c.id: c for c in await scoped.list_unlocked(self.tx, site_id=site_id, comments=comments)}


async def preview_comment(rt: Runtime, wanted: Wanted, language: Language) -> Preview:
    """How a text would look; raises Invalid as posting it would, and NotFound for a place that is not there."""
    known, now = await book(rt), rt.clock.now()
    own = None if wanted.scope is None else await read_scope(rt, wanted.scope, at=now)
    async with rt.db.read(fresh=True) as tx:
        discussion, parent = await _place(tx, wanted)
        composed = await compose(rt, wanted.body, await about_discussion(rt, discussion, now))
        desk = _TrialDesk(tx, rt, known)
        where = Where(wanted.site.id, 0 if discussion is None else discussion.id, 0)
        laid = await lay_out(desk, where, composed)
        whole = await _whole(desk, own, parent)
        repeated = not whole and discussion is not None and await repeats(desk, discussion, laid)
    shown = _seen(laid, whole, await desk.id_of(whole))
    veil = Veil(desk.book)  # with all the numbers that were given
    bodies = Bodies(rt, language, False, veil)
    inner = {passage.id: passage for passage in laid.passages}
    advice = await _advise(rt, discussion, composed, whole | await _assumed(desk, discussion))
    if repeated:
        advice = (*advice, AdviceView("repeats"))
    names = {seq: veil.label(cover) for seq, cover in shown.covers.items()}
    text = spoken(shown.text, names)
    return Preview(bodies.drawn(shown), text, bodies.owned(laid.html, inner), advice)


async def _place(tx: Tx, wanted: Wanted) -> tuple[Discussion | None, Comment | None]:
    if wanted.discussion_id is None:
        return None, None
    discussion = await get_discussion(tx, wanted.discussion_id)
    if discussion.site_id != wanted.site.id:
        raise NotFound()
    parent = None if wanted.parent_id is None else await queries.find_comment(tx, wanted.parent_id)
    if parent is not None and (parent.discussion_id != discussion.id or parent.status is not Status.PUBLISHED):
        raise NotFound()
    return discussion, parent


async def _whole(desk: Desk, own: Scope | None, parent: Comment | None) -> Scope:
    if own is not None:
        return own
    return NO_SCOPE if parent is None else await desk.passed_on(parent)


async def _assumed(desk: Desk, discussion: Discussion | None) -> Scope:
    return NO_SCOPE if discussion is None else await desk.scope(discussion.warned.scope_id)


def _seen(laid: Layout, whole: Scope, whole_id: int | None) -> Skeleton:
    if whole:
        mark = slots.slot(WHOLE)
        return Skeleton(mark, mark, {WHOLE: Cover(WHOLE, "", inline=False, scope_id=whole_id)})
    return Skeleton(laid.html, laid.text, {cover.seq: cover for cover in decode(laid.covers)})


async def _advise(
    rt: Runtime, discussion: Discussion | None, composed: Composed, assumed: Scope
) -> tuple[AdviceView, ...]:
    """What a kind neighbour would say before it is posted. To its author alone."""
    advice = [*await _mentions(rt, discussion, composed, assumed)]
    if composed.pieces and composed.share > MOSTLY:
        advice.append(AdviceView("mostly_covered"))
    for piece in composed.pieces:
        short = piece.cut.quote is None and len(words_of(piece.text)) < FEW_WORDS
        if short:
            advice.append(AdviceView("short", start=piece.cut.start, end=piece.cut.end))
    return (*advice, *_unknown(composed))


def _unknown(composed: Composed) -> Iterator[AdviceView]:
    """Labels of which the catalogue does not know the work, or not the part: nobody could ever have come that far."""
    vague = [piece.cut.label for piece in composed.pieces if any(p.is_open for p in piece.own.points)]
    parts = [label for label in vague if label is not None and any(map(str.isdigit, label))]
    for label in dict.fromkeys((*composed.unknown_labels, *parts)):
        at = composed.source.find(f"[{label}]")
        place = (at, at + len(label) + 2) if at >= 0 else (None, None)
        yield AdviceView("unknown_label", label=label, start=place[0], end=place[1])


async def _mentions(rt: Runtime, discussion: Discussion | None, composed: Composed, assumed: Scope) -> list[AdviceView]:
    """Works and units that the uncovered text names and the discussion does not assume."""
    about = await about_discussion(rt, discussion, rt.clock.now())
    found = await mentions(rt, _visible(composed), assumed=assumed, prefer=about.works, at=about.at)
    return [AdviceView("mention", m.title, m.label, m.token, m.start, m.end) for m in found[:MOST_MENTIONS]]


def _visible(composed: Composed) -> str:
    """The source with its covered stretches blanked out, so that places in it stay places in the source."""
    text = list(composed.source)
    for piece in composed.pieces:
        text[piece.cut.start : piece.cut.end] = " " * (piece.cut.end - piece.cut.start)
    return "".join(text)
