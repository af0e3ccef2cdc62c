"""What templates, JSON and every later outlet receive: comments already made for one viewer.

Ids are decimal strings (64-bit numbers do not survive JavaScript), times are aware UTC datetimes. `html` is safe
markup made by `forum.markup`; every other string is plain text and is escaped where it is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import Markup

from forum.accounts.views import AccountView
from forum.articles.views import DiscussionView
from forum.markup.html import Drawn


@dataclass(frozen=True, slots=True)
class AuthorView:
    """Who wrote a comment. `kind` is "guest" or "account"; "gone" (with an empty name) where the account was deleted
    and the text stays, "nobody" where the text is gone. Accounts have a page of their own (`url`) and a colour."""

    name: str
    kind: str
    url: str | None = None
    hue: int | None = None


@dataclass(frozen=True, slots=True)
class PassageView:
    """A covered place. `id` is what its text is asked for by, `label` says of what and how far (empty: nobody knows),
    `scope` the points (`work:unit`) that a reader must have cleared, beside those of the discussion."""

    id: str
    label: str
    scope: tuple[str, ...]
    inline: bool


@dataclass(frozen=True, slots=True)
class CommentView:
    """One comment in its public form. `depth` counts from 0, `reply_count` direct replies that are shown.

    `html` is Markup, declared as the text that it is in JSON. `scope` is what the whole comment needs, beside the
    discussion's scope; `covered` says that nothing of its text is shown, `passages` what is covered (outermost).
    `notice` tells the author of a comment that was just held which rule did it ("words", "possible_untagged_spoiler"),
    `notice_text` why, in a sentence.
    """

    id: str
    parent_id: str | None
    depth: int
    author: AuthorView
    html: str
    text: str
    status: str
    created_at: datetime
    edited_at: datetime | None
    revision: int
    reply_count: int
    permalink: str
    scope: tuple[str, ...] = ()
    covered: bool = False
    passages: tuple[PassageView, ...] = ()
    notice: str | None = None
    notice_text: str | None = None


@dataclass(frozen=True, slots=True)
class ToldView:
    """What somebody is told about a decision: `code` is for programs, the rest are sentences in their language: `what`
    happened, `why`, the `house_rule` that is cited, the moderator's own `words`, what they can do `now` ("" for none).
    """

    code: str
    what: str
    why: str = ""
    house_rule: str = ""
    words: str = ""
    now: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StandingView:
    """A sanction in the eyes of its person. `acknowledge` is where a warning is said to have been read, None for any
    other; `fields` go with that form."""

    id: str
    told: ToldView
    acknowledge: str | None = None
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OwnView:
    """What the author of a comment may still do, and what was decided about it: `edit_until` is None once the window
    has closed."""

    comment_id: str
    edit_until: datetime | None
    can_delete: bool
    told: tuple[ToldView, ...] = ()


@dataclass(frozen=True, slots=True)
class MoreReplies:
    """Replies that are not on this page: how many, and the page that continues with them."""

    count: int
    href: str


@dataclass(frozen=True, slots=True)
class SortLink:
    """One way to order a discussion: `key` is "newest" or "oldest"."""

    key: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class AdviceView:
    """Something to think about before posting. `kind`: "mention" (of a work that the discussion does not assume),
    "mostly_covered", "short" (a covered stretch that can be guessed), "unknown_label" or "repeats" (covered words).

    `work` is a title, `label` and `token` what one might cover it as; `start` and `end` are places in the text.
    """

    kind: str
    work: str = ""
    label: str = ""
    token: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class ComposerView:
    """A form to write in: a new comment, a reply, or an edit. After a refusal it carries what was typed and why.

    `errors` maps a field ("body", "author_name", or "" for the form) to a sentence. `preview` is rendered text to
    show above the form, as those see it who have not got that far, `cleared_preview` as the others do, with `advice`.
    `scope_label` is what a reply needs unless `scope` is "none". `guests` False: this site takes none from guests.
    `signed_in_as` is whose account it is posted by, on pages that know. Between two comments of one person there must
    be `slow_seconds`; where it is `watched`, moderators look at every comment first.
    """

    action: str
    site: str
    url: str | None = None
    identifier: str | None = None
    discussion_id: str | None = None
    parent_id: str | None = None
    body: str = ""
    author_name: str = ""
    key: str = ""
    revision: int | None = None
    ask_name: bool = True
    guests: bool = True
    signed_in_as: AccountView | None = None
    max_length: int = 10_000
    slow_seconds: int = 0
    watched: bool = False
    errors: dict[str, str] = field(default_factory=dict)
    preview: Markup | None = None
    cleared_preview: Markup | None = None
    advice: tuple[AdviceView, ...] = ()
    scope: str = ""
    scope_label: str = ""
    theme: str | None = None
    accent: str | None = None
    assumes: str | None = None
    works: str | None = None


@dataclass(frozen=True, slots=True)
class SpoilersView:
    """What a page knows about spoilers: `json` for its scripts, what the discussion gives away as a whole, and whether
    no text is shown before its reader says how far they are. `open_href` takes the form that shows it all the same.
    `sealed`: none of it is for excerpts elsewhere."""

    json: str
    label: str
    gate: str
    is_gated: bool
    open_href: str | None
    count: int
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """A page of a discussion: the full page, the embed document, a sub-thread and a personal page share it.

    `thread` is the drawn list (`<ol>` content), put into the finished document. `focus` is the comment a
    sub-thread hangs from. `personal` is True on `no-store` pages made for one browser. `announce` is the address an
    unknown article is announced to by the embed's script. `frame` is True inside an embed, `origins` are the pages
    that may frame it. `standing` is what its visitor must know before they write, on a personal page,
    `featured` the comment that moderators have put on top, drawn.
    """

    discussion: DiscussionView
    thread: Drawn
    shown: int
    sorts: tuple[SortLink, ...]
    composer: ComposerView | None
    lang: str
    frame: bool = False
    personal: bool = False
    focus: CommentView | None = None
    next_href: str | None = None
    first_href: str | None = None
    own_href: str | None = None
    mine_href: str | None = None
    full_href: str | None = None
    announce: str | None = None
    identifier: str | None = None
    theme: str = "auto"
    accent: str | None = None
    origins: tuple[str, ...] = ()
    json_ld: Markup | None = None
    spoilers: SpoilersView | None = None
    focus_body: Markup | None = None
    featured: Markup | None = None
    standing: tuple[StandingView, ...] = ()
