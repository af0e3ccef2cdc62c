"""Who may say what a comment gives away: the rules alone."""

from datetime import UTC, datetime

import pytest

from forum.comments import cover_policy as policy
from forum.comments.model import Comment, Status
from forum.core.decision import Allow, Deny
from forum.spoilers.model import CoverState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_comment(status: Status = Status.PUBLISHED) -> Comment:
    """A comment of author 7."""
    return Comment(1, 2, 3, None, 2, 0, 0, 7, "guest", "Ada", "", "", status, 1, 0, 0, NOW, None)


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
