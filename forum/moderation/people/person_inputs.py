"""Whom an address of the console names, and what the form about them says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from forum.accounts.model import ACCOUNT, GUEST
from forum.comments.review.model import Reason, Sanction
from forum.core.ids import parse_id
from forum.errors import FieldError, Invalid, NotFound
from forum.moderation.people.scene import NOBODY
from forum.moderation.people.service_sanction import Penalty, Target

KINDS: Final = (GUEST, ACCOUNT)


def target_of(request: Request) -> Target:
    """Whom the address names; raises NotFound."""
    kind = request.path_params["kind"]
    if kind not in KINDS:
        raise NotFound(detail=NOBODY)
    return Target(kind, known_id(request.path_params["id"]))


def person_path(target: Target) -> str:
    """The address of somebody's page."""
    return f"/mod/person/{target.kind}/{target.id}"


def known_id(text: str) -> int:
    """An id in an address or a hidden field; text that can't be one names nothing. Raises NotFound."""
    try:
        return parse_id(text)
    except ValueError as error:
        raise NotFound(detail=NOBODY) from error


def penalty_of(values: Mapping[str, str]) -> Penalty:
    """What a form says; raises Invalid naming each wrong field."""
    kind, reason, hours = values.get("sanction", ""), values.get("reason", ""), values.get("hours", "") or "0"
    checks = {
        "sanction": kind in {one.value for one in Sanction},
        "reason": reason in {one.value for one in Reason},
        "hours": hours.isascii() and hours.isdigit() and len(hours) <= len("8784"),
    }
    if not all(checks.values()):
        raise Invalid(errors=tuple(FieldError(name, "wrong_value") for name, fine in checks.items() if not fine))
    endless = kind in (Sanction.WARN, Sanction.BAN) or hours == "0"
    comment = values.get("comment", "")
    return Penalty(
        kind=Sanction(kind),
        reason=Reason(reason),
        hours=None if endless else int(hours),
        rule=values.get("rule", ""),
        words=values.get("words", ""),
        comment_id=known_id(comment) if comment else None,
    )
