"""A passage: a covered stretch of a comment, with the text that ordinary reading never sees."""

from __future__ import annotations

from typing import NamedTuple


class Passage(NamedTuple):
    """A passage as it is stored, with its fields in the order of the columns.

    `seq` is its place in the skeleton around it (of `parent_id`, or of the comment); 0 where it is the whole comment,
    and then `scope_id` means nothing: the comment's own row says what it needs. `scope_id`: what it needs beside its
    comment, None where nothing. `html` and `text` are skeletons too when passages nest in them.
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
