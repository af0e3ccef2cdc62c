"""Finished pieces of single comments, kept by revision: a new reply draws one comment, not the thread.

A thread is read as outlines; the words are fetched only of those comments whose piece is not kept yet.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from markupsafe import Markup

from forum.comments import queries_page
from forum.comments.bodies import Bodies, Inner
from forum.comments.links import PageLinks
from forum.comments.model import Comment, Outline
from forum.comments.present import comment_view
from forum.comments.veil import Veil
from forum.comments.views import CommentView, OwnView
from forum.markup import html
from forum.runtime import Runtime
from forum.web.operations import json_bytes
from forum.web.rendering import iso

T = TypeVar("T")
KeyOf = Callable[[Outline | Comment], Hashable]
Make = Callable[[Comment, CommentView], Any]


def article_key(bodies: Bodies, links: PageLinks) -> KeyOf:
    """What a drawn comment depends on."""
    here, language, veil = links.here, bodies.language.code, bodies.veil.key
    return lambda c: (c.id, c.revision, c.status, language, here, veil)


def linked_key(veil: Veil) -> KeyOf:
    """What a comment for search engines depends on."""
    key = veil.key
    return lambda c: ("json-ld", c.id, c.revision, c.status, key)


def json_key(veil: Veil) -> KeyOf:
    """What a comment for programs depends on."""
    key = veil.key
    return lambda c: ("json", c.id, c.revision, c.status, c.reply_count, key)


def draw_article(bodies: Bodies, links: PageLinks) -> Make:
    """Draws one comment as HTML, as everybody sees it."""
    macro = bodies.rt.renderer.macro("comment", "article", bodies.language)
    here = links.here
    return lambda comment, view: html.drawn(macro(view, bodies.closed(comment), None, links.frame, here))


def draw_featured(bodies: Bodies, links: PageLinks, comment: Comment, *, on_page: bool) -> Markup:
    """The comment that moderators have put on top, as everybody sees it. Its text is on the page, so it leads to where
    it stands among the others."""
    macro = bodies.rt.renderer.macro("comment", "featured", bodies.language)
    view = comment_view(comment, bodies.rt.settings.public_url, bodies.veil)
    href = f"#c{comment.id}" if on_page else f"/c/{comment.id}{links.here}"
    return macro(view, bodies.closed(comment), href, links.frame)


def json_of(comment: Comment, view: CommentView) -> bytes:
    """One comment as JSON that is ready to be put into an answer."""
    return json_bytes(view)


def linked_of(comment: Comment, view: CommentView) -> bytes:
    """One comment as schema.org describes it, in JSON."""
    said: dict[str, Any] = {
        "@type": "Comment",
        "url": view.permalink,
        "text": view.text,
        "datePublished": iso(view.created_at),
        "author": {"@type": "Person", "name": view.author.name},
    }
    if view.edited_at is not None:
        said["dateModified"] = iso(view.edited_at)
    return json_bytes(said)


class Cards:
    """The pieces one answer is made of, by comment."""

    def __init__(self, rt: Runtime, site_id: int, veil: Veil) -> None:
        self._rt = rt
        self._site_id = site_id
        self._veil = veil
        self._wanted: list[tuple[Sequence[Outline | Comment], KeyOf, Make, dict[int, Any]]] = []
        self._whole: dict[int, None] = {}
        self._found: dict[int, Comment] = {}

    def want(self, outlines: Sequence[Outline | Comment], key: KeyOf, make: Make) -> dict[int, Any]:
        """Ask for a kind of piece of these comments; the dictionary is filled by `load`."""
        pieces: dict[int, Any] = {}
        self._wanted.append((outlines, key, make, pieces))
        return pieces

    def want_whole(self, comment_id: int | None) -> None:
        """Ask for a comment of which not even an outline is known, to be read with the others."""
        if comment_id is not None:
            self._whole[comment_id] = None

    def public(self, comment_id: int | None) -> Comment | None:
        """Such a comment after `load`, if everybody may read it."""
        found = None if comment_id is None else self._found.get(comment_id)
        return found if found is not None and found.is_public else None

    async def load(self) -> None:
        """Fill every dictionary: from what is kept, and in one statement for all that is not."""
        missing = self._look() | self._whole
        if missing:
            self._found = await self._read(missing)
            self._make(self._found)

    def draw(self, comments: Iterable[Comment]) -> None:
        """Fill every dictionary from comments that were read already, and from what is kept of them."""
        self._look()
        self._make({comment.id: comment for comment in comments})

    def _look(self) -> dict[int, None]:
        kept = self._rt.pieces
        missing: dict[int, None] = {}
        for outlines, key, _, pieces in self._wanted:
            for outline in outlines:
                piece = kept.find(key(outline))
                if piece is None:
                    missing[outline.id] = None
                else:
                    pieces[outline.id] = piece
        return missing

    async def _read(self, ids: Iterable[int]) -> dict[int, Comment]:
        # Fresh: a replica that lags behind may not have the words of an outline yet, and pages are kept.
        async with self._rt.db.read(fresh=True) as tx:
            found = await queries_page.list_bodies(tx, site_id=self._site_id, ids=list(ids))
        return {comment.id: comment for comment in found}

    def _make(self, comments: dict[int, Comment]) -> None:
        public_url = self._rt.settings.public_url
        for outlines, key, make, pieces in self._wanted:
            for outline in outlines:
                comment = comments.get(outline.id)
                if outline.id not in pieces and comment is not None:
                    piece = make(comment, comment_view(comment, public_url, self._veil))
                    # Drawn past the gate, or with names that were there a moment later: right for nobody else.
                    keep = self._veil.knows(comment) and not self._veil.opened
                    pieces[outline.id] = self._rt.pieces.keep(key(comment), piece) if keep else piece


def drawn_own(
    bodies: Bodies, links: PageLinks, own: Mapping[int, tuple[Comment, OwnView]], inner: Mapping[int, Inner]
) -> dict[int, html.Drawn]:
    """A visitor's own comments, whole, with their controls: made anew, kept by nobody."""
    macro = bodies.rt.renderer.macro("comment", "article", bodies.language)
    public_url = bodies.rt.settings.public_url
    return {
        comment_id: html.drawn(
            macro(
                comment_view(comment, public_url, bodies.veil),
                bodies.own(comment, inner.get(comment_id, {})),
                may,
                links.frame,
                links.here,
            )
        )
        for comment_id, (comment, may) in own.items()
    }
