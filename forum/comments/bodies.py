"""What stands in a comment: its text with covers, drawn in the reader's language; and text that is uncovered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from forum.comments.covers import WHOLE, Cover, whole_id
from forum.comments.desk import cover_of
from forum.comments.model import Comment
from forum.comments.veil import Skeleton, Veil, skeleton, spoken, whole_cover
from forum.markup import html, slots, stored
from forum.runtime import Runtime
from forum.spoilers.passages import Passage
from forum.web.languages import Language

# The passages of one comment, by id.
Inner = Mapping[str, Passage]
Shows = Callable[[Passage], bool]


def _covers_in(parent: str | None, inner: Inner) -> dict[int, Cover]:
    """The covers of one skeleton. A quote that was put into it visibly has its own covers there too."""
    covers: dict[int, Cover] = {}
    for passage in inner.values():
        if passage.parent_id == parent and passage.seq != WHOLE:
            covers[passage.seq] = cover_of(passage)
            if passage.scope_id is None:
                covers |= _covers_in(passage.id, inner)
    return covers


@dataclass(frozen=True, slots=True)
class Bodies:
    """Draws the texts of comments of one discussion."""

    rt: Runtime
    language: Language
    frame: bool
    veil: Veil

    def closed(self, comment: Comment) -> Markup:
        """What everybody sees of a comment."""
        return self.drawn(skeleton(comment, hidden=self.veil.is_gated))

    def drawn(self, seen: Skeleton) -> Markup:
        """A skeleton with its covers."""
        return self._join(seen, self._cover)

    def own(self, comment: Comment, inner: Inner) -> Markup:
        """The whole text for its author: what others see covered is outlined, with its label."""
        whole = inner.get(whole_id(comment.id))
        body = self.owned(comment.html if whole is None else whole.html, inner)
        if whole is None:
            return body
        return self._outlined(whole_cover(comment), body)

    def owned(self, skeleton_html: str, inner: Inner, parent: str | None = None) -> Markup:
        """A text with everything in it that others see covered, outlined."""

        def draw(cover: Cover) -> Markup:
            passage = inner[cover.id]
            body = self.owned(passage.html, inner, passage.id)
            return body if passage.scope_id is None else self._outlined(cover, body)

        return self._join(Skeleton(skeleton_html, "", _covers_in(parent, inner)), draw)

    def _outlined(self, cover: Cover, body: Markup) -> Markup:
        return self._macro("outlined")(self.veil.label(cover), self.veil.tokens(cover), not cover.inline, body)

    def uncovered(self, skeleton_html: str, parent: str | None, inner: Inner, shows: Shows) -> Markup:
        """The text of a passage (or, with `parent` None, of a whole comment). What nests in it and `shows` says yes to
        comes shown, everything else covered."""

        def draw(cover: Cover) -> Markup:
            passage = inner[cover.id]
            if not shows(passage):
                return self._cover(cover)
            body = self.uncovered(passage.html, passage.id, inner, shows)
            if passage.scope_id is None:
                return body
            drawn = self._macro("opened")
            return drawn(cover.id, self.veil.label(cover), self.veil.tokens(cover), not cover.inline, body)

        return self._join(Skeleton(skeleton_html, "", _covers_in(parent, inner)), draw)

    def spoken(self, text: str, parent: str | None, inner: Inner, shows: Shows) -> str:
        """The same as plain text."""
        filled: dict[int, str] = {}
        names: dict[int, str] = {}
        for seq, cover in _covers_in(parent, inner).items():
            passage = inner[cover.id]
            if shows(passage):
                filled[seq] = self.spoken(passage.text, passage.id, inner, shows)
            else:
                names[seq] = self.veil.label(cover)
        return spoken(slots.fill(text, filled), names)

    def _join(self, seen: Skeleton, draw: Callable[[Cover], Markup]) -> Markup:
        pieces: list[Markup] = []
        for part in slots.split(seen.html):
            if isinstance(part, str):
                pieces.append(stored(part))
                continue
            cover = seen.covers.get(part.seq)
            if cover is None:
                continue
            if part.kind == "close":
                pieces.append(self._macro("quote_end")())
            elif part.kind == "open":
                pieces.append(self._quote_start(cover))
            else:
                pieces.append(self._framed(cover, draw(cover)))
        return html.join(pieces)

    def _framed(self, cover: Cover, body: Markup) -> Markup:
        """A covered quote still says whom it quotes."""
        if cover.src_name is None:
            return body
        return html.join((self._quote_start(cover), body, self._macro("quote_end")()))

    def _quote_start(self, cover: Cover) -> Markup:
        href = None if cover.src_comment_id is None else f"/c/{cover.src_comment_id}"
        return self._macro("quote_start")(cover.src_name or "", href, self.frame)

    def _cover(self, cover: Cover) -> Markup:
        whole = cover.seq == WHOLE
        label, tokens = self.veil.label(cover), self.veil.tokens(cover)
        return self._macro("cover")(cover.id, label, tokens, not cover.inline, whole)

    def _macro(self, name: str) -> Callable[..., Markup]:
        return self.rt.renderer.macro("cover", name, self.language)
