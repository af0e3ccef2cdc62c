"""A passage: a covered stretch of a comment, with the text that ordinary reading never sees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

# What a withheld quote says.
NOTHING_TEXT: Final = "» […]"
NOTHING_HTML: Final = "<p>[…]</p>"


class Passage(NamedTuple):
    """A passage as it is stored, with its fields in the order of the columns.

    `seq` is its place in the skeleton around it (of `parent_id`, or of the comment); 0 where it is the whole comment,
    and then `scope_id` means nothing: the comment's own row says what it needs. `scope_id`: what it needs beside its
    comment, None where nothing. `html` and `text` are skeletons too when passages nest in them. `withheld`: a quote of
    a comment that is not public; outlets take passages `as_seen`.
    """

    site_id: int
    id: str
    comment_id: int
    parent_id: str | None
    seq: int
    inline: bool
    quiet: bool
    own_scope_id: int | None
    scope_id: int | None
    html: str
    text: str
    src_name: str | None
    src_comment_id: int | None
    src_passage_id: str | None
    withheld: bool = False

    @property
    def seen_html(self) -> str:
        """What whoever uncovers it gets."""
        return NOTHING_HTML if self.withheld else self.html

    @property
    def seen_text(self) -> str:
        """The same as text."""
        return NOTHING_TEXT if self.withheld else self.text


def as_seen(passages: Iterable[Passage]) -> list[Passage]:
    """Passages as anybody may meet them: a withheld quote says nothing, and what nests in it is not there."""
    known = {passage.id: passage for passage in passages}

    def is_inside(passage: Passage) -> bool:
        around = known.get(passage.parent_id or "")
        return around is not None and (around.withheld or is_inside(around))

    return [
        passage._replace(html=passage.seen_html, text=passage.seen_text)
        for passage in known.values()
        if not is_inside(passage)
    ]
