"""The only door out for comments: domain objects become views for one viewer here, and nowhere else."""

from __future__ import annotations

from datetime import datetime, timedelta

from markupsafe import Markup

from forum.accounts.model import ACCOUNT
from forum.accounts.present import hue_of, profile_path
from forum.comments.covers import WHOLE, Cover
from forum.comments.model import Comment, Status
from forum.comments.policy import may_edit
from forum.comments.veil import Skeleton, Veil, skeleton, spoken
from forum.comments.views import AuthorView, CommentView, OwnView, PassageView, ToldView
from forum.core.decision import Allow
from forum.markup import html, slots, stored

NOBODY = AuthorView(name="", kind="nobody")
NOTHING = stored("")


def comment_view(comment: Comment, public_url: str, veil: Veil) -> CommentView:
    """A comment as everybody sees it: where it was deleted or is marked only its place, where it is covered the cover.

    In `html` and `text`, which go to programs, a discussion's scope covers everything, unless it is only a label.
    """
    gone = comment.status is Status.DELETED or comment.marked
    # Of what is gone not even the covers are told.
    seen = Skeleton("", "", {}) if gone else skeleton(comment, hidden=veil.is_sealed)
    passages = tuple(passage_view(cover, veil) for cover in seen.covers.values() if _is_covered(cover))
    return CommentView(
        id=str(comment.id),
        parent_id=None if comment.parent_id is None else str(comment.parent_id),
        depth=comment.depth,
        author=NOBODY if gone else _author(comment, public_url),
        html=NOTHING if gone else _for_programs(seen, veil),
        text="" if gone else spoken(seen.text, {seq: veil.label(cover) for seq, cover in seen.covers.items()}),
        status=comment.status.value,
        created_at=comment.created_at,
        edited_at=None if gone else comment.edited_at,
        revision=comment.revision,
        reply_count=comment.reply_count,
        permalink=f"{public_url}/c/{comment.id}",
        scope=() if gone else veil.book.scope(comment.eff_scope_id).tokens,
        covered=seen.is_whole,
        passages=passages,
    )


def _author(comment: Comment, public_url: str) -> AuthorView:
    if comment.author_kind != ACCOUNT:
        return AuthorView(comment.author_name, comment.author_kind)
    url = f"{public_url}{profile_path(comment.author_name)}"
    return AuthorView(comment.author_name, ACCOUNT, url, hue_of(comment.author_id))


def _is_covered(cover: Cover) -> bool:
    return cover.scope_id is not None or cover.seq == WHOLE


def passage_view(cover: Cover, veil: Veil) -> PassageView:
    """A covered place: what it is asked for by, and what a reader must have cleared."""
    return PassageView(cover.id, veil.label(cover), veil.tokens(cover), cover.inline)


def _for_programs(seen: Skeleton, veil: Veil) -> Markup:
    """A skeleton's HTML, the same in every language."""
    pieces: list[Markup] = []
    for part in slots.split(seen.html):
        if isinstance(part, str):
            pieces.append(stored(part))
        elif part.kind == "slot" and (cover := seen.covers.get(part.seq)) is not None:
            words = spoken(slots.slot(part.seq), {part.seq: veil.label(cover)})
            pieces.append(html.placeholder(cover.id, words))
    return html.join(pieces)


def own_view(comment: Comment, *, now: datetime, window: timedelta, told: tuple[ToldView, ...] = ()) -> OwnView:
    """What the author may still do with a comment of theirs, and what was decided about it."""
    editable = may_edit(comment, author_id=comment.author_id, now=now, window=window)
    return OwnView(
        comment_id=str(comment.id),
        edit_until=comment.created_at + window if isinstance(editable, Allow) else None,
        can_delete=comment.status is not Status.DELETED,
        told=told,
    )
