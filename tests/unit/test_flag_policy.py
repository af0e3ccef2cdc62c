"""What readers' flags weigh, and when they are enough: the rules alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from forum.comments.model import Comment, Status
from forum.comments.review.model import Queue, Reason
from forum.core.decision import Allow, Deny
from forum.moderation.flags import flag_policy as policy
from forum.moderation.flags.flag_policy import CROWD, NEW, REGULAR, STALE, TRUSTED, Flag, Record
from forum.spoilers.model import CoverState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=30)
STEP = 2 * CROWD


def flags(
    *weights: float, scopes: tuple[int, ...] = (), reason: str = Reason.SPOILER, networks: Sequence[str] = ()
) -> list[Flag]:
    """Flags of as many people, of these weights, one after the other and each from elsewhere unless `networks` says
    from where; those that weigh as much as a new person's are one's."""
    given = scopes or (1,) * len(weights)
    where = networks or [f"network {n}" for n in range(len(weights))]
    return [
        Flag(n, reason, scope_id, weight, weight == NEW, NOW + n * STEP, network)
        for n, (weight, scope_id, network) in enumerate(zip(weights, given, where, strict=True))
    ]


def at_once(given: list[Flag], spread: timedelta = timedelta(0)) -> list[Flag]:
    """The same flags, all within this time."""
    return [replace(flag, at=NOW + spread * n / max(len(given) - 1, 1)) for n, flag in enumerate(given)]


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
    assert not policy.is_new(replace(record, is_staff=True), NOW)
    assert policy.weight_of(replace(record, is_staff=True), NOW) == TRUSTED


def test_rejected_flags_weigh_down() -> None:
    weights = [policy.weight_of(Record(OLD, 10, rejected), NOW) for rejected in range(5)]
    assert weights == [1.0, 0.5, 0.25, 0.25, 0.25]
    assert policy.weight_of(Record(NOW, 0, 9), NOW) == NEW


def test_upheld_flags_make_up_for_rejected_ones() -> None:
    assert [policy.weight_of(Record(OLD, 10, 2, upheld), NOW) for upheld in range(4)] == [0.25, 0.5, 1.0, 1.0]


@pytest.mark.parametrize(
    ("upheld", "rejected", "weight"),
    [(9, 0, REGULAR), (10, 0, TRUSTED), (10, 1, TRUSTED), (10, 2, REGULAR), (18, 2, TRUSTED), (10, 11, 0.5)],
)
def test_who_is_nearly_always_right_is_trusted(upheld: int, rejected: int, weight: float) -> None:
    assert policy.weight_of(Record(OLD, 10, rejected, upheld), NOW) == weight
    assert policy.weight_of(Record(NOW, 10, rejected, upheld), NOW) == NEW


def test_new_people_together_weigh_little() -> None:
    assert policy.total_weight(flags(NEW)) == 0.25
    assert policy.total_weight(flags(*[NEW] * 100)) == 0.5
    assert policy.total_weight(flags(*[NEW] * 100, REGULAR, TRUSTED)) == 3.0
    assert policy.total_weight(()) == 0


def test_new_people_of_one_minute_count_as_one() -> None:
    crowd = at_once(flags(*[NEW] * 20), CROWD - timedelta(seconds=1))
    assert policy.weigh(crowd) == policy.Weighed(NEW, 1)
    # Two regular readers and a crowd are three, but the crowd weighs nothing that matters.
    pair = flags(REGULAR, REGULAR)
    joined = [*pair, *(replace(flag, author_id=flag.author_id + 50, network=f"n{flag.author_id}") for flag in crowd)]
    assert policy.weigh(joined) == policy.Weighed(2.25, 3)
    assert not policy.hides([replace(flag, reason=Reason.ABUSE) for flag in joined])
    # The next minute is another one; together they stay where new people end.
    assert policy.weigh(at_once(flags(NEW, NEW, NEW), 2 * CROWD)) == policy.Weighed(0.5, 3)
    # Regular readers who come at the same moment are as many as they are.
    assert policy.weigh(at_once(flags(REGULAR, REGULAR, REGULAR))) == policy.Weighed(3.0, 3)


def test_one_network_counts_little_more_than_one_of_it() -> None:
    office = flags(REGULAR, TRUSTED, REGULAR, REGULAR, networks=["a", "a", "a", "a"])
    assert policy.weigh(office) == policy.Weighed(TRUSTED + 3 * REGULAR / 4, 1)
    assert not policy.covers(office, recognised=True)
    assert policy.weigh(flags(REGULAR, REGULAR, REGULAR, networks=["a", "a", "b"])) == policy.Weighed(2.25, 2)
    # New ones from where a regular one sits are nobody further.
    assert policy.weigh(flags(TRUSTED, TRUSTED, NEW, networks=["a", "b", "a"])).people == 2
    # Of whom nobody knows where they are, everybody counts.
    assert policy.weigh(flags(REGULAR, REGULAR, REGULAR, networks=["", "", ""])) == policy.Weighed(3.0, 3)


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
def test_when_flags_are_enough(weights: tuple[float, ...], recognised: bool, enough: bool) -> None:
    assert policy.covers(flags(*weights), recognised=recognised) is enough
    for reason in policy.HIDING:
        given = flags(*weights, reason=reason)
        assert policy.hides(given) is (enough and policy.weigh(given).is_enough)
        assert not policy.covers(given, recognised=recognised)


def test_reasons_that_harm_hide_together_and_others_never() -> None:
    kinds = [Reason.ABUSE, Reason.SPAM, Reason.ILLEGAL, Reason.OTHER]
    mixed = [replace(flag, reason=kinds[n % 4]) for n, flag in enumerate(flags(REGULAR, REGULAR, REGULAR))]
    assert policy.hides(mixed)
    assert not policy.hides(flags(*[TRUSTED] * 50, reason=Reason.OFF_TOPIC))
    assert not policy.hides(flags(*[TRUSTED] * 50, reason=Reason.SPOILER))
    assert not policy.covers(flags(*[TRUSTED] * 50, reason=Reason.OFF_TOPIC), recognised=True)
    assert not policy.hides([*mixed[:2], replace(mixed[2], reason=Reason.OFF_TOPIC)])


def test_nobody_counts_twice() -> None:
    with pytest.raises(ValueError, match="each person"):
        policy.total_weight([flags(REGULAR)[0], flags(REGULAR, scopes=(2,))[0]])


def test_what_still_counts() -> None:
    early, late = flags(REGULAR, REGULAR)
    assert policy.counting([early, late], late.at) == [early, late]
    assert policy.counting([early, late], early.at + STALE) == [late]
    assert policy.counting([early, late], late.at, since=early.at) == [early, late]
    assert policy.counting([early, late], late.at, since=late.at) == [late]


@pytest.mark.parametrize(
    ("weights", "scopes", "voted"),
    [
        ((1, 1, 1), (5, 5, 9), (5,)),
        ((1, 1), (9, 5), (5, 9)),
        ((0.5, 1, 0.5), (5, 9, 5), (5, 9)),
        ((0.25, 0.25, 1), (5, 5, 9), (9,)),
        ((1, *[NEW] * 50), (9, *[5] * 50), (9,)),
        ((), (), ()),
    ],
)
def test_what_flags_vote_for(weights: tuple[float, ...], scopes: tuple[int, ...], voted: tuple[int, ...]) -> None:
    assert policy.voted_scopes(flags(*weights, scopes=scopes)) == voted


def test_the_reason_that_is_told() -> None:
    one, two, three = flags(REGULAR, REGULAR, REGULAR)
    said = [replace(one, reason=Reason.SPAM), replace(two, reason=Reason.SPAM), replace(three, reason=Reason.ABUSE)]
    assert policy.voted_reason(said) == Reason.SPAM
    assert policy.voted_reason(said[1:]) == Reason.ABUSE
    assert policy.voted_reason([replace(one, reason=Reason.OFF_TOPIC)]) == ""


def test_harm_grows_with_reason_and_weight() -> None:
    def harm(*weights: float, reason: str) -> float:
        return policy.harm_of(flags(*weights, reason=reason))

    ordered = [harm(REGULAR, reason=r) for r in ("illegal", "abuse", "spoiler", "spam", "other", "off_topic")]
    assert ordered == sorted(ordered, reverse=True)
    assert harm(REGULAR, REGULAR, reason=Reason.SPAM) == 2 * harm(REGULAR, reason=Reason.SPAM)
    assert harm(*[NEW] * 100, reason=Reason.ILLEGAL) == harm(0.5, reason=Reason.ILLEGAL)
    both = [*flags(REGULAR, reason=Reason.SPAM), replace(flags(REGULAR, REGULAR)[1], reason=Reason.ABUSE)]
    assert policy.harm_of(both) == harm(REGULAR, reason=Reason.SPAM) + harm(REGULAR, reason=Reason.ABUSE)
    assert policy.harm_of(()) == 0


def test_exposure() -> None:
    assert policy.exposure_of(0, None, NOW) == 1
    assert policy.exposure_of(99, NOW, NOW) == 100
    assert policy.exposure_of(99, NOW - timedelta(days=9), NOW) == 10
    assert policy.exposure_of(99, NOW + timedelta(days=9), NOW) == 100


def test_where_they_wait() -> None:
    waiting = {reason: policy.queue_of(reason) for reason in Reason}
    assert waiting.pop(Reason.SPOILER) is Queue.SPOILERS
    assert set(waiting.values()) == {Queue.REPORTED}


@pytest.mark.parametrize("state", list(CoverState))
def test_what_a_flag_makes_of_a_comment(state: CoverState) -> None:
    covered = state in (CoverState.PENDING, CoverState.CONFIRMED)
    assert policy.state_after_flag(state.value, enough=True) == (state if covered else CoverState.PENDING)
    assert policy.state_after_flag(state.value, enough=False) == (state if covered else CoverState.FLAGGED)


def test_who_may_flag() -> None:
    assert isinstance(policy.may_flag(a_comment(), mine={8}), Allow)
    assert isinstance(policy.may_flag(a_comment(), mine=()), Allow)
    assert policy.may_flag(a_comment(), mine={8, 7}) == Deny("own_comment")
    for status in Status:
        if status is not Status.PUBLISHED:
            assert policy.may_flag(a_comment(status), mine={8}) == Deny("not_found")
