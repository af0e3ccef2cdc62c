"""Who sees what: the shared cases, the tables of the specification, and the laws behind them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.spoilers.model import (
    NO_EXPIRY,
    NO_SCOPE,
    NOBODY,
    UNSPEC,
    Expiry,
    Point,
    Progress,
    Reader,
    Scope,
    Seen,
    Unit,
    Work,
)
from forum.spoilers.policy import cleared, expires_at, first_release, is_shown, last_release, reader_of
from tests.support.cast import CAGE, CAP_3, CIVIL_WAR, DEFENDERS, JONES, NOW, WORKS, day, film

VECTORS: Final[list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "corpora/spoiler_vectors.json").read_text(encoding="utf-8")
)
LONG_AGO: Final = Expiry(30)
LATER: Final = day("2030-01-01")


def point(work: Work, code: str) -> Point:
    """A point; "*" is the open end."""
    found = work.unit(code)
    assert found or code == "*"
    return Point(work.id, found)


def reader(**said: str) -> Reader:
    """A reader who said this about works (`_` for "-"): a unit's code, "none" or "dont_care"."""
    states = {key.replace("_", "-"): _state(value) for key, value in said.items()}
    return reader_of(states, {}, WORKS)


def _state(value: str) -> tuple[str, str | None]:
    return (value, None) if value in ("none", "dont_care") else ("at", value)


@pytest.mark.parametrize("case", VECTORS, ids=[case["name"] for case in VECTORS])
def test_shared_case(case: dict[str, Any]) -> None:
    points = [UNSPEC if work == "?" else point(WORKS[work], code) for work, code in case["scope"]]
    who = reader_of({work: _state(said) for work, said in case["progress"].items()}, {}, WORKS)
    who = replace(who, show_all=case["show_all"])
    shown = is_shown(Scope.of(points), who, datetime.fromisoformat(case["now"]), Expiry(case["expiry_days"]))
    assert shown == (case["expect"] == "show")


@pytest.mark.parametrize(
    ("said", "expiry", "shown"),
    [
        ({}, NO_EXPIRY, False),
        ({}, LONG_AGO, True),
        ({"jessica_jones": "none"}, LONG_AGO, False),
        ({"jessica_jones": "S1E4"}, LONG_AGO, False),
        ({"jessica_jones": "S1E12"}, NO_EXPIRY, False),
        ({"jessica_jones": "S1E13"}, NO_EXPIRY, True),
        ({"jessica_jones": "S1E13"}, LONG_AGO, True),
        ({"jessica_jones": "S2E1"}, NO_EXPIRY, True),
        ({"jessica_jones": "dont_care"}, NO_EXPIRY, True),
        ({"luke_cage": "S1E13"}, NO_EXPIRY, False),
    ],
)
def test_one_point(said: dict[str, str], expiry: Expiry, shown: bool) -> None:
    assert cleared(point(JONES, "S1E13"), reader(**said), LATER, expiry) == shown
    assert cleared(point(JONES, "S1E13"), replace(reader(**said), show_all=True), LATER, expiry)


@pytest.mark.parametrize(
    ("points", "said", "shown"),
    [
        ([(JONES, "S1E13"), (CIVIL_WAR, "#7")], {"jessica_jones": "S1E13"}, False),
        ([(JONES, "S1E13"), (CIVIL_WAR, "#7")], {"jessica_jones": "S1E13", "civil_war_2006": "#7"}, True),
        ([(JONES, "S1E13"), (CIVIL_WAR, "#7")], {"jessica_jones": "S1E13", "civil_war_2006": "dont_care"}, True),
        ([(CIVIL_WAR, "#7")], {"ca_civil_war": ""}, False),
        ([(CAP_3, "")], {"ca_civil_war": ""}, True),
        ([(DEFENDERS, "*")], {"jessica_jones": "S3E2", "luke_cage": "S1E13"}, False),
        ([(DEFENDERS, "*")], {"the_defenders": "dont_care"}, True),
        ([(JONES, "*")], {"jessica_jones": "S3E2"}, False),
        ([], {}, True),
    ],
)
def test_several_points(points: list[tuple[Work, str]], said: dict[str, str], shown: bool) -> None:
    assert is_shown(Scope.of([point(*each) for each in points]), reader(**said), NOW, NO_EXPIRY) == shown


def test_what_nobody_can_name_is_only_shown_to_those_who_want_everything() -> None:
    everything = Reader({work: Progress(Seen.DONT_CARE) for work in WORKS})
    assert not cleared(UNSPEC, everything, LATER, LONG_AGO)
    assert cleared(UNSPEC, replace(everything, show_all=True), LATER, LONG_AGO)


def test_a_branch_unit_needs_its_own_tick() -> None:
    special = point(JONES, "SP1")
    assert special.unit is not None
    for said in ("S3E2", "none"):
        assert not cleared(special, reader(jessica_jones=said), NOW, NO_EXPIRY)
    ticked = reader_of({"jessica-jones": ("at", "S1E1")}, {"jessica-jones": ["SP1"]}, WORKS)
    assert cleared(special, ticked, NOW, NO_EXPIRY)
    assert not cleared(special, replace(ticked, progress={}), NOW, NO_EXPIRY)
    assert cleared(special, NOBODY, LATER, LONG_AGO)
    assert cleared(special, reader(jessica_jones="dont_care"), NOW, NO_EXPIRY)


def test_who_is_at_no_unit_of_the_chain_has_cleared_nothing() -> None:
    for code in ("SP1", "S9E99", None):
        who = reader_of({"jessica-jones": ("at", code)}, {}, WORKS)
        assert not cleared(point(JONES, "S1E1"), who, LATER, LONG_AGO)


def test_a_reader_from_a_browser_means_the_least_it_can() -> None:
    said = {"jessica-jones": ("at", "S1E4"), "gone": ("at", "S1"), "luke-cage": ("finished", None)}
    who = reader_of(said, {"jessica-jones": ["SP1", "S1E5", "?"], "gone": ["x"]}, WORKS)
    assert who.progress["jessica-jones"] == Progress(Seen.AT, JONES.unit("S1E4"))
    assert who.progress["luke-cage"] == Progress(Seen.NONE)
    assert who.progress["gone"] == Progress(Seen.AT)
    special = JONES.unit("SP1")
    assert special is not None
    assert who.ticks == {special.id}


# --- When a spoiler stops being one


def test_a_spoiler_expires_after_the_last_release_that_counts() -> None:
    seen = point(CAP_3, "")
    assert expires_at(seen, NO_EXPIRY) is None
    assert expires_at(seen, Expiry(14)) == day("2016-05-20")
    assert expires_at(seen, Expiry(14, frozenset({"GB"}))) == day("2016-05-13")
    assert expires_at(seen, Expiry(0, frozenset({"US"}))) == day("2016-05-06")
    assert expires_at(seen, Expiry(10**9)) is None


def test_what_may_still_come_out_somewhere_does_not_expire() -> None:
    assert expires_at(point(CAP_3, ""), Expiry(14, frozenset({"GB", "DE"}))) is None
    assert expires_at(point(CIVIL_WAR, "#7"), Expiry(1)) is None
    assert expires_at(point(DEFENDERS, "*"), Expiry(1)) is None
    assert expires_at(point(JONES, "*"), Expiry(1)) is None
    assert expires_at(UNSPEC, Expiry(1)) is None


def test_a_release_everywhere_is_one_in_every_region() -> None:
    unit = film("f", "F", {"*": "2016-01-01", "US": "2016-03-01"}).units[0]
    assert last_release(unit, frozenset({"DE"})) == day("2016-01-01")
    assert last_release(unit, frozenset({"DE", "US"})) == day("2016-03-01")
    assert last_release(unit, frozenset()) == last_release(unit, None) == day("2016-03-01")
    assert first_release(unit) == day("2016-01-01")
    assert first_release(Unit(1, "f", "", 1)) is None


# --- Laws

CHAINS: Final = (JONES, CAGE, CIVIL_WAR, CAP_3, DEFENDERS)
points = st.one_of(
    st.just(UNSPEC),
    st.sampled_from([Point(work.id, unit) for work in CHAINS for unit in work.units]),
    st.sampled_from([Point(work.id) for work in CHAINS]),
    st.just(Point("jessica-jones", None, "S3")),
)
scopes = st.lists(points, max_size=5).map(Scope.of)
states = st.one_of(st.none(), st.sampled_from([Seen.NONE, Seen.DONT_CARE]).map(Progress), st.integers(0, 60))


@st.composite
def readers(draw: st.DrawFn) -> Reader:
    """Any reader of the chains."""
    progress = {}
    for work in CHAINS:
        state = draw(states)
        if isinstance(state, int):
            if work.chain:
                progress[work.id] = Progress(Seen.AT, work.chain[state % len(work.chain)])
        elif state is not None:
            progress[work.id] = state
    special = JONES.units[-1]
    return Reader(progress, frozenset({special.id}) if draw(st.booleans()) else frozenset(), draw(st.booleans()))


moments = st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
expiries = st.builds(Expiry, st.none() | st.integers(0, 4_000), st.none() | st.just(frozenset({"US"})))


def _further(who: Reader, work: Work) -> list[Reader]:
    """The same reader with more progress in a work that they have said something about."""
    said = who.progress.get(work.id)
    if said is None:
        return []
    reached = said.unit.ord if said.unit is not None and said.unit.ord is not None else -1
    states = [Progress(Seen.DONT_CARE), *(Progress(Seen.AT, u) for u in work.chain if (u.ord or 0) >= reached)]
    if said.state is Seen.DONT_CARE:
        states = states[:1]
    return [replace(who, progress={**who.progress, work.id: state}) for state in states]


@given(scopes, readers(), moments, expiries, st.sampled_from(CHAINS))
def test_more_progress_never_hides(scope: Scope, who: Reader, now: datetime, expiry: Expiry, work: Work) -> None:
    if is_shown(scope, who, now, expiry):
        assert all(is_shown(scope, further, now, expiry) for further in _further(who, work))
        assert is_shown(scope, replace(who, ticks=frozenset({JONES.units[-1].id})), now, expiry)


@given(scopes, points, readers(), moments, expiries)
def test_adding_points_never_shows(scope: Scope, more: Point, who: Reader, now: datetime, expiry: Expiry) -> None:
    if is_shown(scope | Scope.of([more]), who, now, expiry):
        assert is_shown(scope, who, now, expiry)


@given(scopes, scopes, readers(), moments, expiries)
def test_a_union_is_shown_when_both_are(a: Scope, b: Scope, who: Reader, now: datetime, expiry: Expiry) -> None:
    # With expiry too, where chains came out in their order, as these did.
    assert is_shown(a | b, who, now, expiry) == (is_shown(a, who, now, expiry) and is_shown(b, who, now, expiry))


@given(st.lists(points, max_size=6), readers(), moments, expiries)
def test_normal_form_changes_nothing(given_points: list[Point], who: Reader, now: datetime, expiry: Expiry) -> None:
    each = all(cleared(point, who, now, expiry) for point in given_points)
    assert is_shown(Scope.of(given_points), who, now, expiry) == each
    assert Scope.of(Scope.of(given_points).points) == Scope.of(given_points)


@given(readers(), moments, expiries)
def test_what_is_unknown_is_hidden(who: Reader, now: datetime, expiry: Expiry) -> None:
    hidden = Scope.of([UNSPEC])
    assert is_shown(hidden, who, now, expiry) == who.show_all
    assert is_shown(NO_SCOPE, who, now, expiry)


@given(scopes, readers(), moments, expiries)
def test_the_same_question_has_the_same_answer(scope: Scope, who: Reader, now: datetime, expiry: Expiry) -> None:
    again = Scope(frozenset(replace(point) for point in scope.points))
    same = Reader(dict(who.progress), frozenset(who.ticks), who.show_all)
    zone = now.astimezone(UTC) + timedelta(0)
    assert is_shown(scope, who, now, expiry) == is_shown(again, same, zone, expiry)
