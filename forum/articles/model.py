"""An article on a publisher's page, and the discussion that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

HOME_TAG = "home"
# Which discussions stand first on the list.
PINNED_TAG = "pinned"
# What a publisher may state about an article; what they stated is never overwritten by what the page says.
PUBLISHER_FIELDS = ("title", "prompt", "author", "image", "published_at")
MAX_TITLE = 300


class DiscussionState(StrEnum):
    """open: everybody may write. closed: everybody may read. archived: readable, and out of every list."""

    OPEN = "open"
    CLOSED = "closed"
    ARCHIVED = "archived"


class Gate(StrEnum):
    """What readers who have said nothing about their progress get of a discussion with a scope.

    ask: nothing but the question how far they are. assume: on its page, what one sees who is as far as the article
    assumes. off: the scope is a label.
    """

    ASK = "ask"
    ASSUME = "assume"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Warned:
    """What a whole discussion gives away, and how it is kept from readers who are not that far.

    `assumes` is how it was said ("jessica-jones:S1E13"), `scope_id` the scope that is, None when it is empty. `works`
    are ids of what the discussion is about, the main work first. `expiry_days` stands above the site's rule. `locked`:
    said by the publisher or an editor, so that the article's page is not asked any more.
    """

    assumes: str = ""
    scope_id: int | None = None
    works: tuple[str, ...] = ()
    gate: Gate = Gate.ASK
    expiry_days: int | None = None
    locked: bool = False


UNWARNED = Warned()


@dataclass(frozen=True, slots=True)
class Steered:
    """What moderators have set for a discussion: so many seconds between two comments of one person (0: as fast as they
    like), every new comment held, since when it stands first on the list, and the comment that stands above all."""

    slow_seconds: int = 0
    premoderated: bool = False
    pinned_at: datetime | None = None
    featured_id: int | None = None


UNSTEERED = Steered()


@dataclass(frozen=True, slots=True)
class ArticleRef:
    """Which article of which site: `url` as it is linked, `key` as it is recognised."""

    site_id: int
    url: str
    key: str

    @property
    def identifier(self) -> str | None:
        """The site's own name for the article, when it is recognised by that."""
        return _identifier_in(self.key)


@dataclass(frozen=True, slots=True)
class Article:
    """What is known of an article. `title` is empty until somebody has said it; `verified_at` is None until its page
    was seen to carry the site's embed (naming the article, when it has an identifier), or its publisher vouched for
    it. `locked` names what the publisher stated: PUBLISHER_FIELDS, and "url" for an article with an identifier.
    `url` is spelled as the site's addresses are when they are looked up."""

    site_id: int
    id: int
    url_key: str
    url: str
    title: str = ""
    prompt: str | None = None
    author: str | None = None
    image: str | None = None
    published_at: datetime | None = None
    locked: frozenset[str] = frozenset()
    verified_at: datetime | None = None

    @property
    def identifier(self) -> str | None:
        """The site's own name for the article, when it is recognised by that."""
        return _identifier_in(self.url_key)


def _identifier_in(key: str) -> str | None:
    return key.removeprefix("id:") if key.startswith("id:") else None


@dataclass(frozen=True, slots=True)
class Discussion:
    """The discussion below an article; it shares its id. `has_passages`: something in it is, or was, covered.
    `kept_open`: somebody has opened it again, so that time does not close it any more."""

    article: Article
    state: DiscussionState
    comment_count: int
    revision: int
    last_comment_at: datetime | None
    warned: Warned = UNWARNED
    has_passages: bool = False
    steered: Steered = UNSTEERED
    kept_open: bool = False

    @property
    def site_id(self) -> int:
        return self.article.site_id

    @property
    def id(self) -> int:
        return self.article.id


def tag_of(discussion_id: int) -> str:
    """The tag of everything that shows this discussion."""
    return f"d:{discussion_id}"


def unknown_tag(site_id: int) -> str:
    """The tag of answers about articles this site has not been asked about yet."""
    return f"new:{site_id}"
