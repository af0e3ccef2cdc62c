"""What one moderator gets to see: they are fans too, so what they have not got far enough for is covered for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from markupsafe import Markup

from forum.articles.model import Gate
from forum.comments.bodies import Bodies, Inner
from forum.comments.covers import decode, whole_id
from forum.comments.model import Comment, Status
from forum.comments.veil import Veil, spoken
from forum.markup import stored
from forum.moderation.queues.model import About, FlagSum, Said
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.spoilers.model import NO_SCOPE, Expiry, Reader, Scope
from forum.spoilers.passages import Passage
from forum.spoilers.policy import is_shown, reader_of
from forum.spoilers.scopes import Book
from forum.spoilers.service import book, gazetteer, works_of
from forum.web.languages import Language

NO_TEXT = stored("")


@dataclass(frozen=True, slots=True)
class Seen:
    """A comment's text for one moderator. `whole`: nothing of it is shown; `hidden`: the scope of what is not."""

    html: Markup = NO_TEXT
    text: str = ""
    whole: bool = False
    hidden: Scope = field(default_factory=lambda: NO_SCOPE)

    @property
    def covered(self) -> bool:
        return self.whole or bool(self.hidden)


def related(comment: Comment) -> set[int]:
    """A comment, what it answers (first and last), and what it quotes: its words may be theirs."""
    quoted = (cover.src_comment_id for cover in decode(comment.covers))
    return {comment.id, comment.root_id} | {found for found in (comment.parent_id, *quoted) if found is not None}


@dataclass(frozen=True, slots=True)
class Sight:
    """How far a moderator of a site is, and what everything is called."""

    rt: Runtime
    site: Site
    book: Book
    reader: Reader
    now: datetime

    def around(self, about: About) -> Scope:
        """What a discussion as a whole gives away, unless that is only a label."""
        return NO_SCOPE if about.gate is Gate.OFF else self.book.scope(about.scope_id)

    def needs(self, comment: Comment, about: About) -> Scope:
        """All that one must have seen before reading a comment's open text."""
        return self.around(about) | self.book.scope(comment.eff_scope_id)

    def reaches(self, scope: Scope, about: About) -> bool:
        """Whether they have got that far; the same rule that holds for readers."""
        days = self.site.expiry_days if about.expiry_days is None else about.expiry_days
        return is_shown(scope, self.reader, self.now, Expiry(days, frozenset(self.site.regions) or None))

    def claimed(self, flags: Iterable[FlagSum]) -> Scope:
        """What readers say that a comment gives away, where they name a work. Until somebody has decided, it counts for
        moderators: they can cover it without having read it."""
        scope = NO_SCOPE
        for one in flags:
            scope = scope | self.book.scope(one.scope_id)
        return Scope(frozenset(point for point in scope.points if point.work is not None))

    def claimed_around(self, comment: Comment, flags: Mapping[int, Sequence[FlagSum]], around: Iterable[int]) -> Scope:
        """The same for a comment and all that its words may come from: what it answers and quotes, and `around`."""
        scope = NO_SCOPE
        for comment_id in related(comment).union(around):
            scope = scope | self.claimed(flags.get(comment_id, ()))
        return scope

    def skeleton_text(self, comment: Comment) -> str:
        """A comment's open text, with the labels of what is covered in it."""
        names = {cover.seq: "" if cover.quiet else self._named(cover.scope_id) for cover in decode(comment.covers)}
        return spoken(comment.text, names)

    def _named(self, scope_id: int | None) -> str:
        return self.book.label(self.book.scope(scope_id))

    def see(self, comment: Comment, about: About, inner: Inner, language: Language, claimed: Scope = NO_SCOPE) -> Seen:
        """A comment's text, with everything covered that they have not got far enough for; all of it where readers have
        `claimed` that it gives such a thing away."""
        if comment.status is Status.DELETED:
            return Seen()
        needed = self.needs(comment, about) | claimed
        if not self.reaches(needed, about):
            return Seen(whole=True, hidden=needed)

        def shows(passage: Passage) -> bool:
            return self.reaches(self.book.scope(passage.scope_id), about)

        hidden = NO_SCOPE
        for passage in inner.values():
            if not shows(passage):
                hidden = hidden | self.book.scope(passage.scope_id)
        drawn = self._draw(comment, about, inner, {p.id for p in inner.values() if shows(p)}, language)
        return replace(drawn, hidden=hidden)

    def reveal(self, comment: Comment, about: About, inner: Inner, language: Language) -> Seen:
        """A comment's text with nothing covered: what others see covered is outlined."""
        if comment.status is Status.DELETED:
            return Seen()
        return self._draw(comment, about, inner, set(inner), language)

    def _draw(self, comment: Comment, about: About, inner: Inner, shown: set[str], language: Language) -> Seen:
        veil = Veil(self.book, self.around(about), about.gate, apart=True)
        bodies = Bodies(self.rt, language, False, veil)
        whole = inner.get(whole_id(comment.id))
        html, text = (comment.html, comment.text) if whole is None else (whole.html, whole.text)
        # A passage without its words is drawn as its label alone; what nests in it is not reached.
        seen: Mapping[str, Passage] = {
            key: passage if key in shown else passage._replace(html="", text="") for key, passage in inner.items()
        }
        drawn = bodies.owned(html, seen)
        return Seen(drawn, bodies.spoken(text, None, inner, lambda passage: passage.id in shown))


async def sight_of(rt: Runtime, site: Site, said: Said, scopes: Iterable[int | None]) -> Sight:
    """What a moderator who has said this sees of comments with these scopes. Works that these do not name are left
    alone: nobody has to be asked about them."""
    known, names = await book(rt), await gazetteer(rt)
    needed = {point.work for scope_id in set(scopes) for point in known.scope(scope_id).points if point.work}
    progress: dict[str, tuple[str, str | None]] = {}
    for work_id in sorted(needed):
        stand, named = said.stands.get(work_id), names.works.get(work_id)
        if stand is not None and stand.state:
            progress[work_id] = stand.state, stand.unit
        elif named is not None and (rule := said.rules.get(f"{named.franchise}/{named.kind.value}")):
            progress[work_id] = rule, None
    ticks = {work_id: said.stands[work_id].ticks for work_id in needed if work_id in said.stands}
    works = await works_of(rt, {*progress, *ticks})
    return Sight(rt, site, known, reader_of(progress, ticks, works), rt.clock.now())
