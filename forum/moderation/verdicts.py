"""What moderators ask for and what they get: a verdict, its outcome, and all that taking it back needs to know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from forum.comments.model import Comment
from forum.comments.review.model import Decision, Item, Reason, Verdict
from forum.core.i18n import N_
from forum.core.text import TextProblem, clean_body, clean_line
from forum.errors import FieldError, Invalid
from forum.spoilers.model import Scope

MAX_WORDS = 1_000
MAX_RULE = 200
MAX_NOTE = 2_000
# What moderators write, by its field: how long it may be, and what is said about more.
MOST: Final = {"rule": MAX_RULE, "words": MAX_WORDS, "text": MAX_NOTE}
TOO_LONG: Final = {
    "rule": N_("A house rule has %(most)s characters at most."),
    "words": N_("What you tell them has %(most)s characters at most."),
    "text": N_("A note has %(most)s characters at most."),
}


@dataclass(frozen=True, slots=True)
class Ask:
    """A verdict that somebody wants to give about a comment, at the revision they saw.

    `reason` is needed to remove, `scope` to cover; `rule` is the house rule that is cited and `words` what the author
    is told. `stretch`: only that part of the source, in code points. `anyway`: also where another moderator is on it.
    """

    verdict: Verdict
    comment_id: int
    revision: int
    reason: Reason | None = None
    rule: str = ""
    words: str = ""
    scope: Scope | None = None
    stretch: tuple[int, int] | None = None
    anyway: bool = False


def clean_said(text: str, field: str) -> tuple[str, tuple[FieldError, ...]]:
    """What a moderator writes, fit to be stored, and what is wrong with it. Nothing visible is nothing said."""
    most = MOST[field]
    try:
        return (clean_line(text, most) if field == "rule" else clean_body(text, max_length=most)), ()
    except TextProblem as problem:
        return "", () if problem.code == "empty" else (FieldError(field, problem.code),)


def unfit(errors: tuple[FieldError, ...]) -> Invalid:
    """The refusal of what a moderator says, with a sentence about the first text in it that is too long."""
    long = next((error.loc for error in errors if error.code == "too_long"), None)
    return Invalid(errors=errors) if long is None else Invalid(detail=TOO_LONG[long], errors=errors, most=MOST[long])


@dataclass(frozen=True, slots=True)
class Outcome:
    """The line of the log, and the comment as it is now."""

    decision: Decision
    comment: Comment


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back, the line of the log that says so, and the comment as it is now (None where it was not about
    one)."""

    undone: Decision
    decision: Decision
    comment: Comment | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Who is on a comment, and until when."""

    by: str
    mine: bool
    until: datetime


class CoverSaid(NamedTuple):
    """What a comment's row says about covering, but for what follows from it."""

    scope_id: int | None
    inherits: bool
    set_scope_id: int | None
    stretches: str
    cover_state: str


def cover_said(comment: Comment) -> CoverSaid:
    """What is said about covering a comment."""
    return CoverSaid(*(getattr(comment, name) for name in CoverSaid._fields))


@dataclass(frozen=True, slots=True)
class Before:
    """How everything was before a decision. `items`: entries of queues that it took away; `flags`: whose flags it
    decided; `raised`: comments above that took their place again because of it. `cover`:
    what was said about covering before and after, where the decision changed it."""

    status: str
    marked: bool
    reviewed: bool
    items: tuple[Item, ...] = ()
    flags: tuple[int, ...] = ()
    raised: tuple[int, ...] = ()
    cover: tuple[CoverSaid, CoverSaid] | None = None

    def dump(self) -> str:
        """As the log keeps it. Names and texts are not in it."""
        kept = asdict(self) | {"items": [_kept(item) for item in self.items]}
        return orjson.dumps(kept, default=tuple).decode()


def _kept(item: Item) -> dict[str, Any]:
    names = ("queue", "rule", "evidence", "priority", "since")
    return {name: getattr(item, name) for name in names}


def read_before(decision: Decision) -> Before:
    """What a line of the log knows of the time before it."""
    kept = orjson.loads(decision.before)
    return Before(
        status=kept["status"],
        marked=kept["marked"],
        reviewed=kept["reviewed"],
        items=tuple(_items(decision, kept["items"])),
        flags=tuple(kept["flags"]),
        raised=tuple(kept["raised"]),
        cover=None if kept["cover"] is None else (CoverSaid(*kept["cover"][0]), CoverSaid(*kept["cover"][1])),
    )


def _items(decision: Decision, kept: Iterable[dict[str, Any]]) -> Iterable[Item]:
    for item in kept:
        yield Item(
            site_id=decision.site_id,
            comment_id=decision.comment_id or 0,
            discussion_id=decision.discussion_id or 0,
            author_kind=decision.author_kind,
            author_id=decision.author_id,
            **(item | {"since": datetime.fromisoformat(item["since"])}),
        )
