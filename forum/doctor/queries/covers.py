"""The statements of an examination that look at what is covered: whether the text is where it should be."""

from __future__ import annotations

from sqlalchemy import ColumnElement, String, and_, cast, literal, or_

from forum.comments.covers import WHOLE
from forum.comments.model import Status
from forum.comments.tables import comment
from forum.db import Tx
from forum.doctor.queries.threads import Fault, broken, list_faults
from forum.markup import slots
from forum.spoilers.tables import passage, scope

_HIDDEN = passage.alias("hidden")
_OUTER = passage.alias("outer")
_WHOLE_ID = literal("c", String) + cast(comment.c.id, String(20))
_MASKED = comment.outerjoin(_HIDDEN, and_(_HIDDEN.c.site_id == comment.c.site_id, _HIDDEN.c.id == _WHOLE_ID))
_LIVES = comment.c.status != Status.DELETED.value
_MASK = comment.c.html == slots.slot(WHOLE)
_TEXT_RULES: dict[str, ColumnElement[bool]] = {
    "comments that need something as a whole show their text": and_(
        _LIVES, comment.c.eff_scope_id.is_not(None), or_(~_MASK, _HIDDEN.c.id.is_(None))
    ),
    "comments that need nothing as a whole are hidden": and_(
        _LIVES, comment.c.eff_scope_id.is_(None), or_(_MASK, _HIDDEN.c.id.is_not(None))
    ),
    "deleted comments keep hidden text": and_(~_LIVES, _HIDDEN.c.id.is_not(None)),
}
_TEXTS = broken(_MASKED, comment.c.id, _TEXT_RULES)
_PART_RULES: dict[str, ColumnElement[bool]] = {
    "passages stand in one that is not there": and_(passage.c.parent_id.is_not(None), _OUTER.c.id.is_(None)),
    "passages stand in one of another comment": passage.c.comment_id != _OUTER.c.comment_id,
    "passages need what nobody knows": and_(passage.c.scope_id.is_not(None), scope.c.id.is_(None)),
}
_PARTS = broken(
    passage.outerjoin(
        _OUTER, and_(_OUTER.c.site_id == passage.c.site_id, _OUTER.c.id == passage.c.parent_id)
    ).outerjoin(scope, scope.c.id == passage.c.scope_id),
    passage.c.comment_id,
    _PART_RULES,
)
_SCOPE_RULES: dict[str, ColumnElement[bool]] = {
    "comments need what nobody knows": and_(comment.c.eff_scope_id.is_not(None), scope.c.id.is_(None))
}
_SCOPES = broken(comment.outerjoin(scope, scope.c.id == comment.c.eff_scope_id), comment.c.id, _SCOPE_RULES)


async def list_broken_covers(tx: Tx) -> list[Fault]:
    """Texts that are not where covering them puts them, and covers that lead nowhere."""
    return [
        *await list_faults(tx, _TEXTS, _TEXT_RULES),
        *await list_faults(tx, _PARTS, _PART_RULES),
        *await list_faults(tx, _SCOPES, _SCOPE_RULES),
    ]
