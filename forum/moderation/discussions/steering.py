"""What moderators set for a discussion, and how it is put back: pure functions.

Every verdict is about one thing (`THING`): it says how that is from then on. The log keeps how it was and how it is, so
that it can be put back as long as it is still that way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import orjson

from forum.articles.model import Discussion, DiscussionState
from forum.comments.review.model import Decision, Verdict

# Between two comments of one person, at most; and what pages offer, in seconds.
MOST_SLOW: Final = 86_400
SLOW_CHOICES: Final = (0, 10, 30, 60, 300, 900, 3_600)


class Thing(StrEnum):
    """What can be set."""

    STATE = "state"
    SLOW = "slow"
    PINNED = "pinned"
    TITLE = "title"
    FEATURED = "featured"
    WATCHED = "watched"


THING: Final[Mapping[str, Thing]] = {
    Verdict.CLOSE: Thing.STATE,
    Verdict.OPEN: Thing.STATE,
    Verdict.SLOW: Thing.SLOW,
    Verdict.PIN: Thing.PINNED,
    Verdict.UNPIN: Thing.PINNED,
    Verdict.RETITLE: Thing.TITLE,
    Verdict.FEATURE: Thing.FEATURED,
    Verdict.UNFEATURE: Thing.FEATURED,
    Verdict.WATCH: Thing.WATCHED,
    Verdict.UNWATCH: Thing.WATCHED,
}
DISCUSSION_VERDICTS: Final = frozenset(THING)


def verdicts_about(thing: Thing) -> list[str]:
    """All verdicts about the same thing."""
    return sorted(str(verdict) for verdict, about in THING.items() if about is thing)


@dataclass(frozen=True, slots=True)
class Steer:
    """A verdict that somebody wants to give about a discussion.

    `seconds` are for slow mode (0 ends it), `title` for a new title with the one that was `seen` before (None: whatever
    it was), `comment_id` at `revision` for the comment that is to stand on top. `words` are for the log.
    """

    verdict: Verdict
    words: str = ""
    seconds: int = 0
    title: str = ""
    seen: str | None = None
    comment_id: int | None = None
    revision: int | None = None


def steered(found: Discussion, ask: Steer, now: datetime) -> Discussion:
    """The discussion after a verdict; the same where it is that way already."""
    match ask.verdict:
        case Verdict.CLOSE:
            is_open = found.state is DiscussionState.OPEN
            return replace(found, state=DiscussionState.CLOSED, kept_open=False) if is_open else found
        case Verdict.OPEN:
            is_open = found.state is DiscussionState.OPEN
            return found if is_open else replace(found, state=DiscussionState.OPEN, kept_open=True)
        case Verdict.SLOW:
            return _set(found, slow_seconds=ask.seconds)
        case Verdict.PIN:
            return found if found.steered.pinned_at is not None else _set(found, pinned_at=now)
        case Verdict.UNPIN:
            return _set(found, pinned_at=None)
        case Verdict.FEATURE:
            return _set(found, featured_id=ask.comment_id)
        case Verdict.UNFEATURE:
            return _set(found, featured_id=None)
        case Verdict.WATCH | Verdict.UNWATCH:
            return _set(found, premoderated=ask.verdict is Verdict.WATCH)
        case Verdict.RETITLE:
            return _titled(found, ask.title, locked=True)
    raise ValueError(f"{ask.verdict} is not about discussions")


def _set(found: Discussion, **changes: Any) -> Discussion:
    return replace(found, steered=replace(found.steered, **changes))


def _titled(found: Discussion, title: str, *, locked: bool) -> Discussion:
    """With a title; `locked`, what the article's page says does not replace it."""
    names = found.article.locked
    names = names | {"title"} if locked else names - {"title"}
    return replace(found, article=replace(found.article, title=title, locked=names))


def _pinned_at(found: Discussion) -> str | None:
    return None if found.steered.pinned_at is None else found.steered.pinned_at.isoformat()


_LOOK: Final[Mapping[Thing, Callable[[Discussion], Any]]] = {
    Thing.STATE: lambda found: [found.state.value, found.kept_open],
    Thing.SLOW: lambda found: found.steered.slow_seconds,
    Thing.PINNED: _pinned_at,
    Thing.TITLE: lambda found: [found.article.title, "title" in found.article.locked],
    # As text, as every id in JSON is.
    Thing.FEATURED: lambda found: None if found.steered.featured_id is None else str(found.steered.featured_id),
    Thing.WATCHED: lambda found: found.steered.premoderated,
}


def look(found: Discussion, thing: Thing) -> Any:
    """How something is set, as JSON can hold it."""
    return _LOOK[thing](found)


def put_back(found: Discussion, thing: Thing, was: Any) -> Discussion:
    """The discussion with something set as `look` has found it once."""
    match thing:
        case Thing.STATE:
            return replace(found, state=DiscussionState(was[0]), kept_open=was[1])
        case Thing.TITLE:
            return _titled(found, was[0], locked=was[1])
        case Thing.SLOW:
            return _set(found, slow_seconds=was)
        case Thing.PINNED:
            return _set(found, pinned_at=None if was is None else datetime.fromisoformat(was))
        case Thing.FEATURED:
            return _set(found, featured_id=None if was is None else int(was))
        case Thing.WATCHED:
            return _set(found, premoderated=was)


def dump_change(before: Discussion, after: Discussion, thing: Thing) -> str:
    """What the log keeps of a change."""
    return orjson.dumps({"was": look(before, thing), "now": look(after, thing)}).decode()


def read_change(decision: Decision) -> tuple[Any, Any]:
    """How something was before a decision about a discussion, and how it was set by it."""
    kept = orjson.loads(decision.before)
    return kept["was"], kept["now"]


def undone(found: Discussion, decision: Decision) -> Discussion | None:
    """The discussion without what a decision has set; None where somebody has set it otherwise since.

    A discussion that time has closed, and that is opened again by this, stays open.
    """
    thing = THING[decision.verdict]
    was, now = read_change(decision)
    if look(found, thing) != now:
        return None
    back = put_back(found, thing, was)
    is_opened = thing is Thing.STATE and back.state is DiscussionState.OPEN
    return replace(back, kept_open=True) if is_opened and decision.by_id == 0 else back
