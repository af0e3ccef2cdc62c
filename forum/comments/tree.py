"""Threads from flat lists: pure functions that choose what a page draws and where its links lead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from forum.comments.model import PAGE_COMMENTS, SUBTREE_COMMENTS, Comment, Outline, outline_of


class Node(NamedTuple):
    """A comment with the replies drawn below it.

    `hidden` counts direct replies that are not drawn here; they arrived after `edge`. `deep` is True where replies
    exist that are too deep to draw.
    """

    comment: Outline
    replies: tuple[Node, ...] = ()
    hidden: int = 0
    edge: int = 0
    deep: bool = False


def choose_roots(candidates: Sequence[Outline], *, most: int) -> list[Outline]:
    """The conversations a page holds: as many as fit into PAGE_COMMENTS with what is drawn of each, at least one."""
    chosen: list[Outline] = []
    total = 0
    for root in candidates[:most]:
        size = 1 + min(root.subtree_count, SUBTREE_COMMENTS)
        if chosen and total + size > PAGE_COMMENTS:
            break
        chosen.append(root)
        total += size
    return chosen


def build(tops: Iterable[Outline], below: Iterable[Outline], *, deepest: int) -> tuple[Node, ...]:
    """Hang `below` under `tops`. Comments deeper than `deepest` are expected to be absent."""
    children: defaultdict[int | None, list[Outline]] = defaultdict(list)
    for comment in below:
        children[comment.parent_id].append(comment)
    return tuple(_node(top, children, deepest) for top in tops)


def only_whole(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """The threads with replies only where all of a comment's replies are there.

    For lists that were cut at a limit anywhere: a link to "more replies" continues after the last one that is drawn,
    so a reply missing between two drawn ones could never be reached.
    """
    return tuple(
        node._replace(replies=(), hidden=node.comment.reply_count, edge=0)
        if node.hidden
        else node._replace(replies=only_whole(node.replies))
        for node in nodes
    )


def _node(comment: Outline, children: dict[int | None, list[Outline]], deepest: int) -> Node:
    if comment.depth >= deepest:
        return Node(comment, (), 0, 0, comment.reply_count > 0)
    drawn = children.get(comment.id)
    if drawn is None:
        return Node(comment, (), comment.reply_count)
    replies = tuple([_node(child, children, deepest) for child in drawn])
    return Node(comment, replies, max(comment.reply_count - len(drawn), 0), drawn[-1].root_seq)


def flatten(nodes: Iterable[Node]) -> list[Outline]:
    """The comments in reading order: each before its replies."""
    flat: list[Outline] = []
    _collect(nodes, flat)
    return flat


def _collect(nodes: Iterable[Node], flat: list[Outline]) -> None:
    for node in nodes:
        flat.append(node.comment)
        if node.replies:
            _collect(node.replies, flat)


def with_own(nodes: tuple[Node, ...], own: Sequence[Comment]) -> tuple[Node, ...]:
    """The threads with the visitor's comments that they do not draw (held ones, deep ones) put on top."""
    drawn = {outline.id for outline in flatten(nodes)}
    return tuple(Node(outline_of(comment)) for comment in own if comment.id not in drawn) + nodes
