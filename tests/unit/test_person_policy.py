"""Who may sanction whom, and for how long."""

from __future__ import annotations

import pytest

from forum.accounts.model import Role
from forum.comments.review.model import Sanction
from forum.core.decision import ALLOW, Deny
from forum.moderation.people.person_policy import (
    MOST_HOURS,
    Standing,
    is_length,
    length_of,
    may_lift,
    may_note,
    may_sanction,
)

READER, TRUSTED, MODERATOR, EDITOR, ADMIN = (Standing(n, role) for n, role in enumerate(Role, start=10))
OWNER = Standing(1, Role.READER, is_owner=True)


@pytest.mark.parametrize("by", [MODERATOR, EDITOR, ADMIN, OWNER])
@pytest.mark.parametrize("target", [Standing(3), TRUSTED._replace(id=4)])
def test_moderators_sanction_whoever_is_no_moderator(by: Standing, target: Standing) -> None:
    assert may_sanction(by, target) == ALLOW


@pytest.mark.parametrize(
    ("by", "target"),
    [
        (MODERATOR, MODERATOR._replace(id=5)),
        (MODERATOR, EDITOR),
        (EDITOR, EDITOR._replace(id=5)),
        (ADMIN, ADMIN._replace(id=5)),
        (ADMIN, OWNER),
        (OWNER, OWNER._replace(id=5)),
    ],
)
def test_nobody_sanctions_staff_of_their_rank_or_above(by: Standing, target: Standing) -> None:
    assert may_sanction(by, target) == Deny("same_rank")


@pytest.mark.parametrize(("by", "target"), [(EDITOR, MODERATOR), (ADMIN, EDITOR), (OWNER, ADMIN)])
def test_whoever_stands_above_may(by: Standing, target: Standing) -> None:
    assert may_sanction(by, target) == ALLOW


@pytest.mark.parametrize("by", [READER, TRUSTED])
def test_others_sanction_nobody(by: Standing) -> None:
    assert may_sanction(by, Standing(3)) == Deny("not_allowed")
    assert may_lift(by, Standing(3)) == Deny("not_allowed")


def test_nobody_decides_about_themselves() -> None:
    assert may_sanction(OWNER, OWNER) == Deny("not_yourself")
    assert may_lift(MODERATOR, MODERATOR) == Deny("not_yourself")
    assert may_lift(MODERATOR, EDITOR) == ALLOW


@pytest.mark.parametrize("one", [READER, MODERATOR, ADMIN, OWNER])
def test_notes_are_about_others(one: Standing) -> None:
    assert may_note(one, one) == Deny("not_yourself")
    assert may_note(MODERATOR, one._replace(id=5)) == ALLOW


@pytest.mark.parametrize("kind", Sanction)
def test_every_kind_says_how_long_it_may_last(kind: Sanction) -> None:
    assert ("until it is lifted" in length_of(kind)) == (is_length(kind, None) and is_length(kind, 1))
    assert ("an hour to a year" in length_of(kind)) == is_length(kind, 1)


@pytest.mark.parametrize(
    ("kind", "hours", "fits"),
    [
        (Sanction.WARN, None, True),
        (Sanction.WARN, 1, False),
        (Sanction.BAN, None, True),
        (Sanction.BAN, 24, False),
        (Sanction.SUSPEND, None, False),
        (Sanction.SUSPEND, 0, False),
        (Sanction.SUSPEND, 1, True),
        (Sanction.SUSPEND, MOST_HOURS, True),
        (Sanction.SUSPEND, MOST_HOURS + 1, False),
        (Sanction.MUTE, None, True),
        (Sanction.MUTE, 24, True),
        (Sanction.PREMODERATE, None, True),
        (Sanction.PREMODERATE, -1, False),
    ],
)
def test_each_kind_lasts_as_long_as_it_may(kind: Sanction, hours: int | None, fits: bool) -> None:
    assert is_length(kind, hours) is fits
