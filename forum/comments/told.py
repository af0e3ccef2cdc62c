"""What people are told about decisions, in their language: on a comment of theirs, and where they write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from forum.comments.model import Comment
from forum.comments.review.model import Decision, Sanction, SanctionRow
from forum.comments.review.words import Said, Told, about_comment, about_cover, about_feature, about_sanction
from forum.comments.views import StandingView, ToldView
from forum.web.languages import Language


def told_view(told: Told, language: Language) -> ToldView:
    """Sentences of one decision."""

    def text(said: Said | None) -> str:
        return "" if said is None else language.text(said.sentence, said.params)

    return ToldView(
        code=told.code,
        what=text(told.what),
        why=text(told.why),
        house_rule=told.house_rule,
        words=told.words,
        now=text(told.now),
        at=told.at,
    )


def told_about(
    comment: Comment, decisions: Sequence[Decision], language: Language, *, featured: bool = False
) -> tuple[ToldView, ...]:
    """All that its author is told about a comment: where it stands, whether it is covered or above all others."""
    cover = about_cover(comment.cover_state, decisions)
    shown = about_feature() if featured and comment.is_public else None
    found = (about_comment(comment.status.value, decisions), cover, shown)
    return tuple(told_view(told, language) for told in found if told is not None)


def standing_views(
    rows: Iterable[SanctionRow],
    language: Language,
    *,
    acknowledge: str | None = None,
    fields: Sequence[tuple[str, str]] = (),
) -> tuple[StandingView, ...]:
    """Sanctions in force; a warning is acknowledged at this address with these fields."""
    return tuple(
        StandingView(
            id=str(row.id),
            told=told_view(about_sanction(row), language),
            acknowledge=acknowledge if row.kind == Sanction.WARN else None,
            fields=(("warning", str(row.id)), *fields),
        )
        for row in rows
    )
