"""Threads as HTML, put together from kept pieces: a new reply draws one comment, not the thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from markupsafe import Markup

from forum.comments.links import PageLinks
from forum.comments.model import Comment
from forum.comments.present import comment_view
from forum.comments.tree import Node
from forum.comments.views import MoreReplies, OwnView
from forum.markup import html
from forum.runtime import Runtime
from forum.web.languages import Language

NOTHING = html.join(())


@dataclass(frozen=True, slots=True)
class Drawing:
    """How a thread is drawn: the language, the links, and what the reader of a personal page may do."""

    rt: Runtime
    language: Language
    links: PageLinks
    own: dict[int, OwnView] | None = None

    def thread(self, nodes: Iterable[Node]) -> Markup:
        """A list of conversations."""
        return html.join(self.node(node) for node in nodes)

    def focused(self, focus: Comment, nodes: tuple[Node, ...]) -> Markup:
        """One comment with its replies, as the page of a sub-thread draws them."""
        return self.node(Node(focus, nodes))

    def node(self, node: Node) -> Markup:
        """A comment and what hangs below it."""
        comment = node.comment
        tail = html.replies(comment.id, [self.node(reply) for reply in node.replies]) if node.replies else NOTHING
        if node.hidden:
            tail = html.join((tail, self._more(node)))
        elif node.deep:
            tail = html.join((tail, self._macro("onward")(self.links.thread(comment.id))))
        return html.node(comment.id, comment.parent_id, comment.depth, self.article(comment), tail)

    def article(self, comment: Comment) -> Markup:
        """One comment. In its public form it is kept; with an author's controls it is drawn anew."""
        own = self.own.get(comment.id) if self.own else None
        if own is not None:
            return self._draw(comment, own)
        key = (comment.id, comment.revision, comment.status, self.language.code, self.links.frame)
        return self.rt.pieces.get(key, lambda: self._draw(comment, None))

    def _draw(self, comment: Comment, own: OwnView | None) -> Markup:
        view = comment_view(comment, self.rt.settings.public_url)
        return self._macro("article")(view, own, self.links.frame)

    def _more(self, node: Node) -> Markup:
        href = self.links.thread(node.comment.id, after=node.edge)
        return self._macro("more")(MoreReplies(node.hidden, href))

    def _macro(self, name: str) -> Callable[..., Markup]:
        return self.rt.renderer.macro("comment", name, self.language)
