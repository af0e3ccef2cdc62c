"""A frame's address may add caution to its view, and take none away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.articles.model import Gate
from forum.spoilers.model import NO_SCOPE, UNSPEC, UNSPEC_SCOPE, Point, Scope, Unit
from forum.spoilers.policy_frame import with_caution, with_works


def point(work: str, ord: int) -> Point:
    return Point(work, Unit(hash((work, ord)), work, f"#{ord}", ord))


ONE, SEVEN, OTHER = (Scope.of([p]) for p in (point("a", 1), point("a", 7), point("b", 3)))
POINTS = st.sampled_from(
    [*(point(work, n) for work in "abc" for n in range(4)), Point("a"), Point("b", None, "S1"), UNSPEC]
)
SCOPES = st.frozensets(POINTS, max_size=5).map(Scope.of)


@pytest.mark.parametrize("gate", Gate)
@pytest.mark.parametrize(("stored", "asked"), [(SEVEN, NO_SCOPE), (SEVEN, ONE), (SEVEN, SEVEN), (NO_SCOPE, NO_SCOPE)])
def test_nothing_more_changes_nothing(stored: Scope, asked: Scope, gate: Gate) -> None:
    assert with_caution(stored, gate, asked) == (stored, gate)


@pytest.mark.parametrize("gate", Gate)
@pytest.mark.parametrize(
    ("stored", "asked", "shown"),
    [(NO_SCOPE, ONE, ONE), (ONE, SEVEN, SEVEN), (ONE, OTHER, ONE | OTHER), (SEVEN, UNSPEC_SCOPE, SEVEN | UNSPEC_SCOPE)],
)
def test_anything_more_is_added_and_asked_for(stored: Scope, asked: Scope, shown: Scope, gate: Gate) -> None:
    assert with_caution(stored, gate, asked) == (shown, Gate.ASK)


@given(stored=SCOPES, gate=st.sampled_from(Gate), asked=SCOPES)
def test_no_address_takes_caution_away(stored: Scope, gate: Gate, asked: Scope) -> None:
    scope, shown = with_caution(stored, gate, asked)
    assert stored <= scope
    assert asked <= scope
    assert shown in (gate, Gate.ASK)
    assert with_caution(scope, shown, asked) == (scope, shown)


def test_works_of_the_address_come_first() -> None:
    assert with_works(("a", "b"), ("c", "b")) == ("c", "b", "a")
    assert with_works(("a", "b"), ()) == ("a", "b")
