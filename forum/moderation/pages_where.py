"""Where a moderator is in the console: the queue, what it is narrowed to, the page of it; read from addresses and
forms, and written into links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import Field
from starlette.requests import Request

from forum.comments.review.model import Queue
from forum.core.ids import parse_id
from forum.errors import Invalid, NotFound
from forum.moderation.console import HOME, QUEUE_NAMES, Console
from forum.moderation.guard import NOTHING
from forum.moderation.queues.model import Filters
from forum.web.inputs import PageParams, parse, read_query

# The fields by which forms keep their place.
KEPT: Final = ("site", "queue", "after", "discussion", "person", "screen", "age")
_NUMBER: Final = "^[0-9]{0,19}$"


class PlaceQuery(PageParams):
    """What an address says; `screen` is the rule of screening, `age` in hours (negative: at least so old). `part`: only
    the item, after which comes `next`. `done` (or `batch`) names what was decided just now: what that was, says the
    log. `left`: how many of a batch were left out; `undone`: something was taken back.
    """

    site: Annotated[str, Field(max_length=40)] = ""
    queue: Annotated[str, Field(max_length=20)] = ""
    after: Annotated[str, Field(max_length=100)] = ""
    discussion: Annotated[str, Field(pattern=_NUMBER)] = ""
    person: Annotated[str, Field(pattern=_NUMBER)] = ""
    screen: Annotated[str, Field(max_length=60)] = ""
    age: Annotated[str, Field(pattern="^(-?[0-9]{1,4})?$")] = ""
    part: str = ""
    next: Annotated[str, Field(pattern=_NUMBER)] = ""
    done: Annotated[str, Field(pattern=_NUMBER)] = ""
    batch: Annotated[str, Field(pattern=_NUMBER)] = ""
    undone: Annotated[str, Field(max_length=1)] = ""
    left: Annotated[str, Field(pattern="^[0-9]{0,6}$")] = ""

    @property
    def news(self) -> dict[str, str]:
        """What stays in an address that leads on: what was done just now."""
        said = {name: getattr(self, name) for name in ("done", "batch", "left", "undone")}
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class Where:
    """A place in the console, as texts: what is not said is ""."""

    site: str
    queue: str
    after: str = ""
    discussion: str = ""
    person: str = ""
    screen: str = ""
    age: str = ""

    @property
    def keep(self) -> dict[str, str]:
        """What stays in links and forms."""
        return {name: getattr(self, name) for name in KEPT if getattr(self, name)}

    def list_href(self, console: Console, **query: object) -> str:
        """The list."""
        return console.href(HOME, **{**self.keep, **query})

    def item_href(self, console: Console, comment_id: object, **query: object) -> str:
        """An item, beside the list."""
        return console.href(f"{HOME}/c/{comment_id}", **{**self.keep, **query})

    def without(self, *names: str) -> Where:
        """The same place, less narrow, from its beginning."""
        return replace(self, after="", **dict.fromkeys(names, ""))

    def filters(self, now: datetime) -> Filters:
        """What the list is narrowed to."""
        hours = int(self.age) if self.age else 0
        edge = now - timedelta(hours=abs(hours))
        return Filters(
            discussion_id=_id(self.discussion),
            author_id=_id(self.person),
            rule=self.screen or None,
            before=edge if hours < 0 else None,
            after=edge if hours > 0 else None,
        )


def _id(text: str) -> int | None:
    if not text:
        return None
    try:
        return parse_id(text)
    except ValueError as error:
        raise NotFound(detail=NOTHING) from error


def read_place(request: Request) -> PlaceQuery:
    """What an address of the console says; raises Invalid."""
    return read_query(request, PlaceQuery)


def placed(values: Mapping[str, str]) -> Mapping[str, str]:
    """What a form says of the place it stood in, by the rules of addresses. What cannot be is left out: nobody loses
    what they have typed, or does not hear what was decided, over a hidden field."""
    kept = {name: values.get(name, "") for name in (*KEPT, "next")}
    try:
        parse(PlaceQuery, kept)
    except Invalid as error:
        wrong = {one.loc for one in error.errors}
        kept = {name: "" if name in wrong else value for name, value in kept.items()}
    return kept | {name: "" for name in ("discussion", "person", "next") if not _is_id(kept[name])}


def _is_id(text: str) -> bool:
    try:
        return bool(parse_id(text))
    except ValueError:
        return False


def where_of(values: Mapping[str, str] | PlaceQuery, console: Console, *, queue: str = "") -> Where:
    """The place that a form or an address names; in `queue` where it names none that there is."""
    given = values.model_dump() if isinstance(values, PlaceQuery) else placed(values)
    kept = {name: given.get(name, "") for name in KEPT}
    named = kept["queue"] if kept["queue"] in QUEUE_NAMES else queue
    return Where(**{**kept, "site": console.site.key, "queue": named or Queue.PENDING.value})
