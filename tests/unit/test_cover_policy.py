"""Who may cover what, and when flags are enough: the rules alone."""

from datetime import UTC, datetime, timedelta

import pytest

from forum.comments import cover_policy as policy
from forum.comments.cover_policy import NEW, REGULAR, TRUSTED, Flag, Record
from forum.comments.model import Comment, Status
from forum.core.decision import Allow, Deny
from forum.spoilers.model import CoverState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=30)


def flags(*weights: float, scopes: tuple[int, ...] = ()) -> list[Flag]:
    """Flags of as many people, of these weights; those that weigh as much as a new person's are one's."""
    given = scopes or (1,) * len(weights)
    return [
        Flag(n, scope_id, weight, weight == NEW)
        for n, (weight, scope_id) in enumerate(zip(weights, given, strict=True))
    ]


def a_comment(status: Status = Status.PUBLISHED) -> Comment:
    """A comment of author 7."""
    return Comment(1, 2, 3, None, 2, 0, 0, 7, "guest", "Ada", "", "", status, 1, 0, 0, NOW, None)


@pytest.mark.parametrize(
    ("record", "new"),
    [
        (Record(OLD, 3, 0), False),
        (Record(OLD, 2, 0), True),
        (Record(NOW - timedelta(days=1), 3, 0), False),
        (Record(NOW - timedelta(days=1) + timedelta(seconds=1), 300, 0), True),
        (Record(NOW, 0, 0), True),
    ],
)
def test_who_is_new(record: Record, new: bool) -> None:
    assert policy.is_new(record, NOW) is new
    assert policy.weight_of(record, NOW) == (NEW if new else REGULAR)


def test_rejected_flags_weigh_down() -> None:
    weights = [policy.weight_of(Record(OLD, 10, rejected), NOW) for rejected in range(5)]
    assert weights == [1.0, 0.5, 0.25, 0.25, 0.25]
    assert policy.weight_of(Record(NOW, 0, 9), NOW) == NEW


def test_new_people_together_weigh_little() -> None:
    assert policy.total_weight(flags(NEW)) == 0.25
    assert policy.total_weight(flags(*[NEW] * 100)) == 0.5
    assert policy.total_weight(flags(*[NEW] * 100, REGULAR, TRUSTED)) == 3.0
    assert policy.total_weight(()) == 0


@pytest.mark.parametrize(
    ("weights", "recognised", "enough"),
    [
        ((), True, False),
        ((REGULAR, REGULAR), False, False),
        ((REGULAR,) * 3, False, True),
        ((TRUSTED, TRUSTED), False, False),
        ((TRUSTED, TRUSTED, NEW), False, True),
        ((REGULAR, TRUSTED, NEW, NEW), False, True),
        ((REGULAR, TRUSTED, NEW), False, False),
        ((REGULAR, REGULAR, *[NEW] * 50), False, False),
        ((NEW,) * 100, True, False),
        ((TRUSTED, NEW), True, True),
        ((TRUSTED, NEW), False, False),
        ((REGULAR, REGULAR), True, False),
        ((TRUSTED,), True, False),
        ((0.5,) * 5, False, False),
        ((0.5,) * 6, False, True),
    ],
)
def test_when_flags_cover(weights: tuple[float, ...], recognised: bool, enough: bool) -> None:
    assert policy.covers(flags(*weights), recognised=recognised) is enough


def test_nobody_counts_twice() -> None:
    with pytest.raises(ValueError, match="each person"):
        policy.covers([Flag(1, 1, 1.0, False), Flag(1, 2, 1.0, False)], recognised=False)


@pytest.mark.parametrize(
    ("weights", "scopes", "voted"),
    [
        ((1, 1, 1), (5, 5, 9), (5,)),
        ((1, 1), (9, 5), (5, 9)),
        ((0.5, 1, 0.5), (5, 9, 5), (5, 9)),
        ((0.25, 0.25, 1), (5, 5, 9), (9,)),
        ((), (), ()),
    ],
)
def test_what_flags_vote_for(weights: tuple[float, ...], scopes: tuple[int, ...], voted: tuple[int, ...]) -> None:
    assert policy.voted_scopes(flags(*weights, scopes=scopes)) == voted


@pytest.mark.parametrize("state", list(CoverState))
def test_what_a_flag_makes_of_a_comment(state: CoverState) -> None:
    covered = state in (CoverState.PENDING, CoverState.CONFIRMED)
    assert policy.state_after_flag(state.value, enough=True) == (state if covered else CoverState.PENDING)
    assert policy.state_after_flag(state.value, enough=False) == (state if covered else CoverState.FLAGGED)


@pytest.mark.parametrize("state", list(CoverState))
def test_what_a_moderators_word_makes_of_it(state: CoverState) -> None:
    assert policy.state_after_verdict(covered=True) == CoverState.CONFIRMED
    assert policy.state_after_verdict(covered=False) == CoverState.RESTORED
    assert policy.is_locked(state.value) is (state is CoverState.CONFIRMED)


@pytest.mark.parametrize(("author_id", "answer"), [(7, None), (8, "not_yours"), (None, "not_yours")])
def test_only_the_author_says_it_later(author_id: int | None, answer: str | None) -> None:
    for status in (Status.PUBLISHED, Status.HELD):
        decision = policy.may_rescope_own(a_comment(status), author_id=author_id)
        assert isinstance(decision, Allow) if answer is None else decision == Deny(answer)
    gone = policy.may_rescope_own(a_comment(Status.DELETED), author_id=author_id)
    assert gone == Deny(answer or "deleted")


def test_who_may_flag() -> None:
    assert isinstance(policy.may_flag(a_comment(), mine={8}), Allow)
    assert isinstance(policy.may_flag(a_comment(), mine=()), Allow)
    assert policy.may_flag(a_comment(), mine={8, 7}) == Deny("own_comment")
    for status in (Status.HELD, Status.DELETED):
        assert policy.may_flag(a_comment(status), mine={8}) == Deny("not_found")
