"""Read discussions: one page, one thread below a comment, one comment, a visitor's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from forum.articles import queries as articles
from forum.articles.model import ArticleRef, Discussion
from forum.articles.service import get_discussion
from forum.comments import queries, queries_page
from forum.comments.model import (
    PAGE_COMMENTS,
    PAGE_ROOTS,
    REPLIES_PAGE,
    SUBTREE_COMMENTS,
    Comment,
    Outline,
    Sort,
)
from forum.comments.review.model import Decision, SanctionRow
from forum.comments.review.queries_people import list_about, list_in_force
from forum.comments.service import authors_of
from forum.comments.tree import Node, build, choose_roots, only_whole
from forum.core.i18n import N_
from forum.core.ids import MAX_ID
from forum.core.paging import BadCursor, Cursor, parse_cursor
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import FieldError, Invalid, NotFound
from forum.runtime import Runtime
from forum.spoilers.model import CoverState
from forum.spoilers.passages import Passage, as_seen
from forum.spoilers.queries_passage import list_passages

REPLIES_ORDER = "replies"
# The largest `root_seq` the database can hold.
MAX_SEQ = 2**31 - 1
# How many of their own comments a visitor gets shown anew at once.
OWN_COMMENTS = 100


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a discussion: `after` is the id of the last conversation seen, `at` the one to begin with."""

    sort: Sort = Sort.NEWEST
    after: int | None = None
    at: int | None = None
    most: int = PAGE_ROOTS

    @property
    def edge(self) -> int | None:
        """The id that conversations of this page come after, in its order."""
        if self.at is None:
            return self.after
        return min(self.at + 1, MAX_ID) if self.sort is Sort.NEWEST else self.at - 1

    @property
    def is_first(self) -> bool:
        return self.after is None and self.at is None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a discussion; `discussion` is None for an article nobody has brought here. `focus` is the comment
    whose replies are listed, None on a page of conversations. `featured_id` is what stands on top of the first page."""

    discussion: Discussion | None
    nodes: tuple[Node, ...] = ()
    next_cursor: Cursor | None = None
    focus: Comment | None = None
    featured_id: int | None = None


def read_cursor(text: str | None, order: str) -> int | None:
    """What a cursor of this order stands for; raises Invalid for any other text."""
    if not text:
        return None
    try:
        last = parse_cursor(text, order=order).last
        if order == REPLIES_ORDER and last > MAX_SEQ:
            raise BadCursor("no conversation is that long")
        return last
    except BadCursor as error:
        detail = N_("That page does not exist any more. Start again from the first one.")
        raise Invalid("bad_cursor", detail, errors=(FieldError("cursor", "bad_cursor"),)) from error


async def read_discussion(rt: Runtime, where: int | ArticleRef, request: PageRequest) -> Page:
    """A page of conversations: at most 50 of them and 200 comments, three statements wherever it is."""
    # First pages are kept, so they must be fresh; the long tail may come from a replica.
    async with rt.db.read(fresh=request.is_first) as tx:
        if isinstance(where, int):
            discussion: Discussion | None = await get_discussion(tx, where)
        else:
            discussion = await articles.find_discussion_of(tx, where)
        if discussion is None:
            return Page(None)
        return await _read_page(tx, rt, discussion, request)


async def read_head(rt: Runtime, discussion_id: int) -> Discussion:
    """A discussion without its comments."""
    async with rt.db.read(fresh=True) as tx:
        return await get_discussion(tx, discussion_id)


async def _read_page(tx: Tx, rt: Runtime, discussion: Discussion, request: PageRequest) -> Page:
    most = min(request.most, PAGE_ROOTS)
    candidates = await queries_page.list_roots(
        tx,
        site_id=discussion.site_id,
        discussion_id=discussion.id,
        sort=request.sort,
        edge=request.edge,
        most=most + 1,
    )
    roots = choose_roots(candidates, most=most)
    deepest = rt.settings.thread_depth
    below: list[Outline] = []
    with_replies = [root.id for root in roots if root.subtree_count]
    if with_replies:
        below = await queries_page.list_subtrees(
            tx, site_id=discussion.site_id, roots=with_replies, last_seq=SUBTREE_COMMENTS, deepest=deepest
        )
    more = len(candidates) > len(roots)
    cursor = Cursor(request.sort.value, roots[-1].id) if more else None
    top = discussion.steered.featured_id if request.is_first else None
    return Page(discussion, build(roots, below, deepest=deepest), cursor, featured_id=top)


async def get_public_comment(tx: Tx, comment_id: int) -> Comment:
    """A comment everybody can see, or the mark that one was there; raises NotFound."""
    comment = await queries.find_comment(tx, comment_id)
    if comment is None or not comment.is_drawn:
        raise NotFound(detail=N_("There is no such comment."))
    return comment


async def read_thread(rt: Runtime, comment_id: int, *, after: int) -> Page:
    """The replies of one comment that arrived after `after` (a `root_seq`), with what hangs below them."""
    async with rt.db.read() as tx:
        focus = await get_public_comment(tx, comment_id)
        discussion = await get_discussion(tx, focus.discussion_id)
        deepest = focus.depth + rt.settings.thread_depth
        found = await queries_page.list_replies(
            tx, focus, edge=after, most=REPLIES_PAGE + 1, in_all=PAGE_COMMENTS, deepest=deepest
        )
    direct = [comment for comment in found if comment.parent_id == focus.id]
    cursor = None
    if len(direct) > REPLIES_PAGE:
        direct = direct[:REPLIES_PAGE]
        cursor = Cursor(REPLIES_ORDER, direct[-1].root_seq)
    return Page(discussion, only_whole(build(direct, found, deepest=deepest)), cursor, focus)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a comment is drawn: on the discussion's page that begins with `root_id`, or (when that page does not
    reach it) on the page of its parent's replies, after `edge`."""

    comment: Comment
    root_id: int
    parent_id: int | None = None
    edge: int = 0


async def find_place(rt: Runtime, comment_id: int) -> Place:
    """The page that holds a comment, in one statement."""
    async with rt.db.read(fresh=True) as tx:
        comment = await get_public_comment(tx, comment_id)
    on_page = comment.depth <= rt.settings.thread_depth and comment.root_seq <= SUBTREE_COMMENTS
    if on_page or comment.parent_id is None:
        return Place(comment, comment.root_id)
    return Place(comment, comment.root_id, comment.parent_id, comment.root_seq - 1)


@dataclass(frozen=True, slots=True)
class Own:
    """What a visitor wrote on a page: their comments, the passages of each by comment and id, what was decided about
    each (the latest first), and which of their sanctions are in force on the site. `featured_id` stands above all."""

    comments: Sequence[Comment] = ()
    inner: Mapping[int, Mapping[str, Passage]] = field(default_factory=dict)
    decided: Mapping[int, Sequence[Decision]] = field(default_factory=dict)
    standing: Sequence[SanctionRow] = ()
    featured_id: int | None = None


NOTHING_OWN = Own()


def _is_decided(comment: Comment) -> bool:
    """Whether anything may have been decided about a comment: each decision gives it a new revision."""
    return comment.revision > 1 or not comment.is_public or comment.cover_state != CoverState.OPEN


async def list_own(rt: Runtime, visitor: Visitor, discussion_id: int) -> tuple[Discussion, Own]:
    """What this visitor has written in a discussion, whole, held comments included, the latest first."""
    async with rt.db.read(fresh=True) as tx:
        discussion = await get_discussion(tx, discussion_id)
        authors = await authors_of(tx, discussion.site_id, visitor, rt.clock.now())
        if not authors:
            return discussion, NOTHING_OWN
        own = await queries_page.list_own(
            tx,
            site_id=discussion.site_id,
            discussion_id=discussion.id,
            authors=authors,
            most=OWN_COMMENTS,
        )
        decided = await list_about(tx, site_id=discussion.site_id, comments=[c.id for c in own if _is_decided(c)])
        standing = await list_in_force(tx, site_id=discussion.site_id, authors=authors, now=rt.clock.now())
        covered = [c.id for c in own if c.eff_scope_id is not None or c.covers]
        passages = await list_passages(tx, site_id=discussion.site_id, comments=covered) if covered else []
    inner: dict[int, dict[str, Passage]] = {}
    for passage in as_seen(passages):
        inner.setdefault(passage.comment_id, {})[passage.id] = passage
    return discussion, Own(own, inner, decided, standing, discussion.steered.featured_id)
