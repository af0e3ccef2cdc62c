"""Comments as they are stored, and the named rules about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

# A page of a discussion: at most this many conversations, and this many comments in all.
PAGE_ROOTS = 50
PAGE_COMMENTS = 200
# Of one conversation the first this many comments (in order of arrival) are drawn; the rest is one click away.
SUBTREE_COMMENTS = 50
# Replies of one comment that a page of its own starts with.
REPLIES_PAGE = 50
# On that page, replies of replies are drawn below those that have no more than this many.
FEW_REPLIES = 20
# A key makes a repeated request safe for a day; then it is forgotten.
KEY_LIFETIME = timedelta(hours=24)
# A form without a key of its own is taken for the same one when it comes again within this time.
FORM_REPEAT = timedelta(minutes=10)
MAX_KEY = 100
# From this length on a key is taken to be unguessable: a browser without a capability gets the one that
# belongs to its key, also when the first answer was lost.
STRONG_KEY = 16


def is_key(text: str) -> bool:
    """Whether a text can be an idempotency key: 1 to MAX_KEY printable ASCII characters."""
    return 0 < len(text) <= MAX_KEY and text.isascii() and text.isprintable()


class Status(StrEnum):
    """Where a comment stands. Birth gives published or held; deleting is the author's. REMOVED and SPAM are what a
    moderator says; HELD is also what readers' flags have hidden until one has looked."""

    PUBLISHED = "published"
    HELD = "held"
    REMOVED = "removed"
    SPAM = "spam"
    DELETED = "deleted"


# What always takes a place on public pages: a comment, or the mark that one was deleted. Others take one where they are
# `marked`: they were public, and have replies that need it.
DRAWN = (Status.PUBLISHED.value, Status.DELETED.value)


class Sort(StrEnum):
    """Orders of the conversations of a discussion. Replies inside one are always in order of arrival."""

    NEWEST = "newest"
    OLDEST = "oldest"


class Comment(NamedTuple):
    """A comment as it is stored, with its fields in the order of the columns (a page reads hundreds of them).

    `html` and `text` are the skeleton of what the author typed: covered places are slots (`forum.markup.slots`) that
    `covers` describes. What was typed is read apart, by those who may change it.

    `eff_scope_id` is all that the whole comment needs but for the discussion's scope (then the skeleton is one slot),
    `inner_scope_id` what its passages need beside that; replies that inherit need both. They come from `scope_id` (the
    author's word), `set_scope_id` (a moderator's, or the readers' flags) and, with `inherits`, from the parent.

    `root_seq` is the order of arrival below the conversation's root; `subtree_count` (on a root) counts drawn
    descendants, `reply_count` drawn direct replies. `marked`: its text is not shown any more, and its place is.
    """

    site_id: int
    id: int
    discussion_id: int
    parent_id: int | None
    root_id: int
    depth: int
    root_seq: int
    author_id: int
    author_kind: str
    author_name: str
    html: str
    text: str
    status: Status
    revision: int
    reply_count: int
    subtree_count: int
    created_at: datetime
    edited_at: datetime | None
    covers: str = ""
    scope_id: int | None = None
    inherits: bool = True
    set_scope_id: int | None = None
    stretches: str = ""
    eff_scope_id: int | None = None
    inner_scope_id: int | None = None
    cover_state: str = "open"
    marked: bool = False

    @property
    def is_drawn(self) -> bool:
        """Whether it takes a place on public pages."""
        return self.marked or self.status.value in DRAWN

    @property
    def is_public(self) -> bool:
        """Whether everybody may read it."""
        return self.status is Status.PUBLISHED


class Outline(NamedTuple):
    """What a thread's shape needs of a comment: everything but the words. Fields as in `Comment`."""

    id: int
    parent_id: int | None
    root_id: int
    depth: int
    root_seq: int
    status: Status
    revision: int
    reply_count: int
    subtree_count: int
    marked: bool


class Author(NamedTuple):
    """Who writes: "guest" or "account", their id, and the name that stands above what they write. `is_trusted`: they
    have a role on the site; `is_new`: nobody has met them before; `also`: who else their browser is here."""

    kind: str
    id: int
    name: str
    is_trusted: bool = False
    is_new: bool = False
    also: tuple[int, ...] = ()


class Revision(NamedTuple):
    """An earlier text of a comment, with its fields in the order of the columns. `scope_id`: all it was ever known to
    need; it is covered as a whole."""

    site_id: int
    comment_id: int
    revision: int
    source: str
    replaced_at: datetime
    scope_id: int | None


def outline_of(comment: Comment) -> Outline:
    """A whole comment reduced to its place in the thread."""
    return Outline(*(getattr(comment, name) for name in Outline._fields))


@dataclass(frozen=True, slots=True)
class Draft:
    """A comment that somebody wants to post: the checked source, and where it goes."""

    source: str
    parent_id: int | None
    request_hash: str


@dataclass(frozen=True, slots=True)
class Slot:
    """The place below a parent that a reply takes."""

    parent_id: int | None
    root_id: int
    depth: int
    root_seq: int
