"""Threads as HTML, put together from finished pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from forum.comments.links import PageLinks
from forum.comments.tree import Node
from forum.comments.views import MoreReplies
from forum.markup import html
from forum.runtime import Runtime
from forum.web.languages import Language


@dataclass(frozen=True, slots=True)
class Drawing:
    """How a thread is drawn: the language, the links, and the drawn comments by id."""

    rt: Runtime
    language: Language
    links: PageLinks
    articles: Mapping[int, html.Drawn]

    def thread(self, nodes: Iterable[Node]) -> html.Drawn:
        """The list items of these conversations."""
        builder = html.ThreadBuilder()
        for node in nodes:
            self._node(builder, node)
        return builder.finish()

    def _node(self, builder: html.ThreadBuilder, node: Node) -> None:
        comment = node.comment
        builder.open_item(comment.id, comment.parent_id, comment.depth)
        article = self.articles.get(comment.id)
        if article is not None:
            builder.add(article)
        if node.replies:
            builder.open_replies(comment.id)
            for reply in node.replies:
                self._node(builder, reply)
            builder.close_replies()
        if node.hidden:
            href = self.links.thread(comment.id, after=node.edge)
            builder.add(html.drawn(self._macro("more")(MoreReplies(node.hidden, href))))
        elif node.deep:
            builder.add(html.drawn(self._macro("onward")(self.links.thread(comment.id))))
        builder.close_item()

    def _macro(self, name: str) -> Callable[..., Markup]:
        return self.rt.renderer.macro("comment", name, self.language)
