"""Covered words that somebody repeats uncovered: remembered by their hashes, noticed in what is posted later."""

from __future__ import annotations

from collections.abc import Iterable

from forum.articles.model import Discussion
from forum.comments.covers import WHOLE, decode
from forum.comments.desk import Desk, Layout
from forum.comments.model import Comment
from forum.comments.queries_repeats import is_repeated
from forum.comments.queries_scope import note_passages
from forum.markup import slots
from forum.spoilers.passages import Passage
from forum.spoilers.queries_passage import keep_words
from forum.spoilers.words import run_hashes


async def repeats(desk: Desk, discussion: Discussion, laid: Layout) -> bool:
    """Whether what everybody would see of a text repeats words that are covered in its discussion. It may repeat what
    everybody sees in the comments that it quotes."""
    return await repeats_in(desk, discussion, laid.text, laid.quoted)


async def repeats_in(
    desk: Desk, discussion: Discussion, text: str, quoted: Iterable[str] = (), *, besides: int = 0
) -> bool:
    """The same of a text that everybody would see. What its own comment (`besides`) covered before is its author's to
    uncover."""
    if not discussion.has_passages:
        return False
    secret = desk.rt.settings.secret_key
    hashes = run_hashes(text, secret).difference(*(run_hashes(one, secret) for one in quoted))
    place = {"site_id": discussion.site_id, "discussion_id": discussion.id, "besides": besides}
    return await is_repeated(desk.tx, **place, hashes=sorted(hashes))


async def remember(desk: Desk, discussion: Discussion, bare: Comment, passages: Iterable[Passage]) -> None:
    """Remember what a comment covers by its words; `bare` is the comment with the skeleton that its passages fit."""
    texts = list(_covered(bare, passages))
    if not texts:
        return
    hashes = frozenset[int]().union(*(run_hashes(text, desk.rt.settings.secret_key) for text in texts))
    place = {"site_id": bare.site_id, "discussion_id": bare.discussion_id}
    await keep_words(desk.tx, **place, comment_id=bare.id, hashes=hashes)
    if not discussion.has_passages:
        await note_passages(desk.tx, **place)


def _covered(bare: Comment, passages: Iterable[Passage]) -> Iterable[str]:
    """The texts that somebody covered: all, where the whole comment was. Not what is covered only because a reply
    inherits, nor what is quoted: that is remembered where it comes from."""
    is_whole = bare.scope_id is not None or bare.set_scope_id is not None
    for passage in passages:
        is_own = passage.seq != WHOLE and passage.src_name is None
        if is_own and (is_whole or passage.scope_id is not None):
            yield passage.text
    if is_whole:
        text = bare.text
        for cover in decode(bare.covers):
            text = slots.take_out(text, cover.seq)
        yield text
