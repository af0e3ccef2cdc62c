"""Which work and which unit a draft means, in what order they go, and the numbers they get."""

import string
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.spoilers.catalogue.drafts import GUESSED, CatalogueProblem, DraftUnit, DraftWork
from forum.spoilers.catalogue.importing.seasons import slug
from forum.spoilers.catalogue.matching import STEP, Entry, arrange, match_work, moved, number, pair_units
from forum.spoilers.catalogue.natural import natural
from forum.spoilers.model import Kind, Unit

ENTRIES = [Entry("jj", {"tvmaze": "1369"}), Entry("bsg", {"tvmaze": "166"}), Entry("by-hand", {})]


def draft(key: str, *, guessed: bool = False, source: str | None = None, **origin: str) -> DraftWork:
    return DraftWork(key, Kind.TV, "T", origin=origin, source=source, guessed=GUESSED if guessed else frozenset())


@pytest.mark.parametrize(
    ("work", "found"),
    [
        (draft("jj"), "jj"),
        (draft("by-hand", imdb="tt1"), "by-hand"),
        (draft("jessica-jones", guessed=True, tvmaze="1369"), "jj"),
        (draft("jessica-jones", tvmaze="1369"), "jj"),
        (draft("jj", tvmaze="1369"), "jj"),
        (draft("bsg", guessed=True, tvmaze="1369"), "jj"),
        (draft("new", tvmaze="2"), None),
        # Whoever writes the catalogue by hand may correct what it says about other sources.
        (draft("jj", tvmaze="1370"), "jj"),
    ],
)
def test_a_work_is_told_by_its_id_then_by_its_ids_elsewhere(work: DraftWork, found: str | None) -> None:
    assert match_work(work, ENTRIES) == found


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (draft("by-hand", guessed=True, tvmaze="2"), "id_taken"),
        (draft("jj", source="tvmaze", tvmaze="2"), "origin_differs"),
        (draft("by-hand", tvmaze="1369"), "origin_twice"),
        (draft("new", tvmaze="1369", imdb="tt1"), "origin_twice"),
    ],
)
def test_a_work_that_may_be_another_is_refused(work: DraftWork, code: str) -> None:
    with pytest.raises(CatalogueProblem, match=code):
        match_work(work, [*ENTRIES, Entry("other", {"imdb": "tt1"})])


def a_unit(key: int, code: str, group: str | None = None, **ext: str) -> Unit:
    return Unit(key, "w", code, key * STEP, group, ext=ext)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (DraftUnit("renamed", id=1), 1),
        (DraftUnit("S1E2", ext={"tvmaze": "11"}), 1),
        (DraftUnit("S1E1", ext={"tvmaze": "99"}), 1),
        (DraftUnit("1x02", "S1"), 2),
        (DraftUnit("1x02", "S2"), None),
        (DraftUnit("S1SP2", "S1"), None),
        (DraftUnit("S1E2.5", "S1"), None),
        (DraftUnit("S1E5", "S1"), None),
    ],
)
def test_a_unit_is_told_by_its_ids_then_its_code_then_its_number(wanted: DraftUnit, found: int | None) -> None:
    units = [a_unit(1, "S1E1", "S1", tvmaze="11"), a_unit(2, "S1E2", "S1", tvmaze="12")]
    (unit,) = pair_units(units, [wanted])
    assert (None if unit is None else unit.id) == found


def test_an_episode_that_slipped_in_moves_the_numbers_not_the_units() -> None:
    units = [a_unit(1, "S1E1", "S1", tvmaze="11"), a_unit(2, "S1E2", "S1", tvmaze="12")]
    wanted = [
        DraftUnit("S1E1", "S1", ext={"tvmaze": "10"}),
        DraftUnit("S1E2", "S1", ext={"tvmaze": "11"}),
        DraftUnit("S1E3", "S1", ext={"tvmaze": "12"}),
    ]
    assert pair_units(units, wanted) == [None, *units]


def test_each_unit_is_given_once() -> None:
    units = [a_unit(1, "S1E1", "S1"), a_unit(2, "1x1", "S1")]
    assert pair_units(units, [DraftUnit("E1", "S1"), DraftUnit("#1", "S1")]) == [None, None]
    assert pair_units(units[:1], [DraftUnit("E1", "S1"), DraftUnit("#1", "S1")]) == [units[0], None]


@pytest.mark.parametrize(
    ("old", "wanted", "order"),
    [
        ([], [1, 2], [1, 2]),
        ([1, 2], [], [1, 2]),
        ([1, 2, 3], [1, 3], [1, 2, 3]),
        ([1, 3], [1, 2, 3], [1, 2, 3]),
        ([11, 12], [1, 2], [1, 2, 11, 12]),
        ([1, 2], [11, 12], [1, 2, 11, 12]),
        ([1, 2, 4], [1, 3, 5], [1, 2, 3, 4, 5]),
        ([1, 2, 3], [3, 1], [3, 1, 2]),
    ],
)
def test_two_orders_become_one(old: list[int], wanted: list[int], order: list[int]) -> None:
    assert arrange(old, wanted, lambda item: item) == order


orders = st.lists(st.integers(0, 30), unique=True)


@given(orders, orders)
def test_the_wanted_order_always_holds(old: list[int], wanted: list[int]) -> None:
    order = arrange(old, wanted, lambda item: item)
    assert sorted(order) == sorted({*old, *wanted})
    assert [item for item in order if item in wanted] == wanted
    kept = [item for item in old if item not in wanted]
    if not set(old) & set(wanted):
        assert [item for item in order if item in kept] == kept


@given(orders, st.dictionaries(st.integers(0, 30), st.integers(1, 40), max_size=10))
def test_numbers_rise_and_stay_where_they_can(order: list[int], known: dict[int, int]) -> None:
    numbers = number(order, known)
    assert numbers.keys() == set(order)
    placed = [numbers[item] for item in order]
    assert all(0 < left < right for left, right in pairwise([0.5, *placed]))
    kept = [known[item] for item in order if item in known]
    if all(right - left > len(order) for left, right in pairwise([0, *kept])):
        assert all(numbers[item] == known[item] for item in order if item in known)


def test_numbers_leave_gaps_and_begin_anew_when_one_is_full() -> None:
    assert number([1, 2], {}) == {1: 1000, 2: 2000}
    assert number([1, 3, 2], {1: 1000, 2: 2000}) == {1: 1000, 3: 1500, 2: 2000}
    assert number([1, 2, 3], {1: 1000, 2: 2000}) == {1: 1000, 2: 2000, 3: 3000}
    assert number([1, 3, 2], {1: 1000, 2: 1001}) == {1: 1000, 3: 2000, 2: 3000}
    assert number([2, 1], {1: 1000, 2: 2000}) == {2: 1000, 1: 2000}


@pytest.mark.parametrize(
    ("old", "new", "fixed", "found"),
    [
        ([1, 2, 3], [1, 9, 2, 3], {1, 2, 3}, None),
        ([1, 2, 3], [1, 3], {3}, None),
        ([1, 2, 3], [2, 1, 3], {3}, None),
        ([1, 2, 3], [2, 1, 3], {1}, 1),
        ([1, 2, 3], [3, 1, 2], {2}, 2),
        ([1, 2, 3, 4], [1, 3, 2, 4], {4}, None),
    ],
)
def test_what_comes_before_a_referenced_unit(
    old: list[int], new: list[int], fixed: set[int], found: int | None
) -> None:
    assert moved(old, new, frozenset(fixed)) == found


@given(st.permutations(range(6)), st.sets(st.integers(0, 5)))
def test_moved_is_what_the_definition_says(new: list[int], fixed: set[int]) -> None:
    astray = {item for item in fixed if set(range(item)) != set(new[: new.index(item)])}
    found = moved(range(6), new, frozenset(fixed))
    assert (found is None) == (not astray)


def test_numbers_sort_as_people_number() -> None:
    wanted = ["1", "1b", "2", "3", "3.5", "4", "10", "10a", "Special"]
    assert sorted(["Special", "10a", "3.5", "1b", "10", "4", "1", "3", "2"], key=natural) == wanted
    assert sorted(["S1E10", "S10E1", "S1E9", "S2E1", "S1SP1"], key=natural) == [
        "S1E9",
        "S1E10",
        "S1SP1",
        "S2E1",
        "S10E1",
    ]


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=8)))
def test_any_two_codes_can_be_compared(codes: list[str]) -> None:
    sorted(codes, key=natural)


@given(st.text())
def test_a_slug_is_an_id_or_nothing(title: str) -> None:
    made = slug(title)
    assert len(made) <= 100
    assert set(made) <= set(string.ascii_lowercase + string.digits + "-")
    assert not made.startswith("-")
