"""Identifiers: they only grow, say when they were made, and have one written form."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.core.clock import FixedClock, SystemClock
from forum.core.ids import EPOCH, MAX_ID, SEQUENCE_BITS, IdMaker, parse_id

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_ids_grow_within_one_millisecond() -> None:
    ids = IdMaker(FixedClock(NOW))
    made = [ids.next() for _ in range(1_000)]
    assert made == sorted(set(made))


def test_an_id_tells_its_millisecond() -> None:
    made = IdMaker(FixedClock(NOW)).next()
    assert EPOCH + timedelta(milliseconds=made >> SEQUENCE_BITS) == NOW


def test_ids_of_later_milliseconds_are_larger() -> None:
    clock = FixedClock(NOW)
    early, late = IdMaker(clock), IdMaker(clock)
    first = max(early.next() for _ in range(100))
    clock.advance(timedelta(milliseconds=1))
    assert late.next() > first


def test_ids_grow_while_the_clock_steps_back() -> None:
    clock = FixedClock(NOW)
    ids = IdMaker(clock)
    before = ids.next()
    clock.advance(-timedelta(days=400))
    after = ids.next()
    assert after == before + 1
    clock.advance(timedelta(days=401))
    assert ids.next() > after


def test_a_clock_before_the_epoch_makes_small_ids() -> None:
    assert 0 < IdMaker(FixedClock(datetime(1999, 1, 1, tzinfo=UTC))).next() < 2 << SEQUENCE_BITS


def test_the_range_lasts_until_2094() -> None:
    made = IdMaker(FixedClock(datetime(2094, 1, 1, tzinfo=UTC))).next()
    assert 0 < made <= MAX_ID


def test_two_makers_differ_within_a_millisecond() -> None:
    # Two makers agree once in two million; ten pairs agreeing is not chance.
    pairs = [(IdMaker(FixedClock(NOW)).next(), IdMaker(FixedClock(NOW)).next()) for _ in range(10)]
    assert any(one != other for one, other in pairs)


def test_threads_never_share_an_id() -> None:
    ids = IdMaker(SystemClock())
    with ThreadPoolExecutor(4) as pool:
        made = [number for part in pool.map(lambda _: [ids.next() for _ in range(500)], range(4)) for number in part]
    assert len(set(made)) == len(made)


@given(st.integers(1, MAX_ID))
def test_every_id_has_one_written_form(number: int) -> None:
    assert parse_id(str(number)) == number


@pytest.mark.parametrize(
    "text",
    ["", "0", "-1", "+1", "007", " 1", "1 ", "1.0", "1_000", "0x10", "१२", "²", str(MAX_ID + 1), "9" * 400, "abc"],
)
def test_other_texts_are_no_ids(text: str) -> None:
    with pytest.raises(ValueError, match="not an id"):
        parse_id(text)


def test_a_fixed_clock_moves_only_when_told() -> None:
    clock = FixedClock(NOW)
    assert clock.now() == clock.now() == NOW
    clock.advance(timedelta(hours=2))
    assert clock.now() == NOW + timedelta(hours=2)
    assert clock.now().tzinfo is UTC


def test_a_fixed_clock_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        FixedClock(datetime(2026, 1, 1))


def test_the_system_clock_is_aware() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)
