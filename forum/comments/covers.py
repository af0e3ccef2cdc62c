"""The covered places of a skeleton, as the comment's row keeps them: enough to draw every cover, and no text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

import orjson

from forum.core.ids import parse_id

# The place of the whole comment in a skeleton that is nothing but one cover.
WHOLE = 0
_ID: Final = re.compile(r"[0-9a-z-]{1,40}")


class Cover(NamedTuple):
    """One covered place, outermost ones only. `scope_id` None: shown (a quote of something that is not covered).

    `quiet`: its label is not shown. `src_name` and `src_comment_id` say what a quote quotes.
    """

    seq: int
    id: str
    inline: bool
    quiet: bool = False
    scope_id: int | None = None
    src_name: str | None = None
    src_comment_id: int | None = None


def whole_id(comment_id: int) -> str:
    """The id under which the whole text of a comment is asked for. Made from the comment's id, never from its text."""
    return f"c{comment_id}"


def is_id(text: str) -> bool:
    """Whether this could be the id of a passage. What could not is not asked of the database, which might refuse it."""
    return _ID.fullmatch(text) is not None


def comment_of_whole(passage_id: str) -> int | None:
    """The comment whose whole text an id means, or None."""
    if not passage_id.startswith("c"):
        return None
    try:
        return parse_id(passage_id[1:])
    except ValueError:
        return None


def encode(covers: Iterable[Cover]) -> str:
    """Covers as a row keeps them; an empty text for none."""
    listed = [list(cover) for cover in covers]
    return orjson.dumps(listed).decode() if listed else ""


def decode(kept: str) -> tuple[Cover, ...]:
    """The covers of a row."""
    return tuple(Cover(*fields) for fields in orjson.loads(kept)) if kept else ()
