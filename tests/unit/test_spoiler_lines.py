"""Units and groups as editors write them: what is read, what is refused and where, and the way there and back."""

from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from forum.spoilers.catalogue.drafts import DraftUnit
from forum.spoilers.catalogue.lines import (
    MOST_UNITS,
    LineProblem,
    read_groups,
    read_units,
    write_groups,
    write_units,
)
from forum.spoilers.model import Group


def day(year: int, month: int, number: int) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


NOV_20: Final = {"*": day(2015, 11, 20)}
FILM: Final = DraftUnit("", None, released={"GB": day(2016, 4, 29), "US": day(2016, 5, 6)})


@pytest.mark.parametrize(
    ("line", "unit"),
    [
        ("S1E1", DraftUnit("S1E1")),
        ("S1E1 | S1", DraftUnit("S1E1", "S1")),
        ("  S1E1|S1|2015-11-20  ", DraftUnit("S1E1", "S1", released=NOV_20)),
        ("S1E1 | | 2015-11-20", DraftUnit("S1E1", None, released=NOV_20)),
        ("S1E1 | | * 2015-11-20", DraftUnit("S1E1", None, released=NOV_20)),
        (
            "S1E1 | S1 | 2015-11-20T08:01:00Z",
            DraftUnit("S1E1", "S1", released={"*": datetime(2015, 11, 20, 8, 1, tzinfo=UTC)}),
        ),
        (
            "S1E1 | S1 | us 2015-11-20T01:01+02:00",
            DraftUnit("S1E1", "S1", released={"US": datetime(2015, 11, 19, 23, 1, tzinfo=UTC)}),
        ),
        ("| | GB 2016-04-29, US 2016-05-06", FILM),
        ("GB 2016-04-29, US 2016-05-06", FILM),
        ("2016-04-29", DraftUnit("", None, released={"*": day(2016, 4, 29)})),
        ("2016-04-29 |", DraftUnit("2016-04-29")),
        ("|", DraftUnit("")),
        ("3.5", DraftUnit("3.5")),
        ("第7話", DraftUnit("第7話")),
    ],
)
def test_a_line_is_a_unit(line: str, unit: DraftUnit) -> None:
    assert read_units(f"\n{line}\r\n\n") == (unit,)
    assert read_units(write_units([unit])) == (unit,)


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("S1E1..S1E3", ["S1E1", "S1E2", "S1E3"]),
        ("#1 .. #2", ["#1", "#2"]),
        ("#1…#2", ["#1", "#2"]),
        ("#9...#11", ["#9", "#10", "#11"]),
        ("08..11", ["08", "09", "10", "11"]),
        ("1b..2b", ["1b", "2b"]),
        ("7..7", ["7"]),
    ],
)
def test_a_run_is_many_units(line: str, codes: list[str]) -> None:
    units = read_units(f"{line} | V1 | 2015-11-20")
    assert [unit.code for unit in units] == codes
    assert {(unit.group, unit.released["*"]) for unit in units} == {("V1", NOV_20["*"])}


@pytest.mark.parametrize(
    ("text", "code", "line", "said"),
    [
        ("S1E1\nS1 E2", "bad_code", 2, "S1 E2"),
        ("a:b", "bad_code", 1, "a:b"),
        ("a+b", "bad_code", 1, "a+b"),
        ("*", "bad_code", 1, "*"),
        ("x" * 41, "bad_code", 1, "x" * 40),
        ("S1E1 | *", "bad_code", 1, "*"),
        ("S1E1..S2E3", "bad_range", 1, "S1E1..S2E3"),
        ("S1E3..S1E1", "bad_range", 1, "S1E3..S1E1"),
        ("#1..#999999", "bad_range", 1, "#1..#999999"),
        ("a..b", "bad_range", 1, "a..b"),
        ("1..2..3", "bad_range", 1, "1..2..3"),
        ("S1E1 | S1 | soon", "bad_date", 1, "soon"),
        ("S1E1 | S1 | 2015-02-30", "bad_date", 1, "2015-02-30"),
        ("S1E1 | S1 | USA 2015-02-03", "bad_date", 1, "USA 2015-02-03"),
        ("S1E1 | S1 | 2015-02-03,", "bad_date", 1, ""),
        ("S1E1 | S1 | 0001-01-01T00:00:00+14:00", "bad_date", 1, "0001-01-01T00:00:00+14:00"),
        ("S1E1 | S1 | US 2015-02-03, us 2015-02-04", "twice", 1, "US"),
        ("S1E1 | S1 | 2015-02-03 | x", "too_many_parts", 1, "S1E1 | S1 | 2015-02-03 | x"),
        ("S1E1\n\nS1E1", "twice", 3, "S1E1"),
        ("#1..#7\n#7", "twice", 2, "#7"),
        (f"1..{MOST_UNITS}\nlast", "too_many_units", 2, "last"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, code: str, line: int, said: str) -> None:
    with pytest.raises(LineProblem) as raised:
        read_units(text)
    assert (raised.value.code, raised.value.line, raised.value.text) == (code, line, said)


def test_units_that_came_out_together_share_a_line() -> None:
    first = [DraftUnit(f"S1E{number}", "S1", released=NOV_20) for number in range(1, 14)]
    second = [DraftUnit(f"S2E{number}", "S2") for number in range(1, 3)]
    assert write_units([*first, *second]) == "S1E1..S1E13 | S1 | 2015-11-20\nS2E1 | S2\nS2E2 | S2"


def test_groups_are_lines_too() -> None:
    groups = (Group("S1", expected=13), Group("S2"))
    assert read_groups("S1 | 13\n\nS2 |\n") == groups
    assert write_groups(groups) == "S1 | 13\nS2"


@pytest.mark.parametrize(
    ("text", "code"),
    [("S1 | many", "bad_number"), ("S1 | 1 | 2", "too_many_parts"), ("| 3", "bad_code"), ("S1\nS1", "twice"),
     ("S1 | 99999", "bad_number"), ("S1 | ٣", "bad_number"), ("S1 | 0", "bad_number")],
)  # fmt: skip
def test_wrong_groups_are_named(text: str, code: str) -> None:
    with pytest.raises(LineProblem) as raised:
        read_groups(text)
    assert raised.value.code == code


CODES = st.one_of(
    st.from_regex(r"(S1E|#|E0|)[0-9]{1,3}[ab]?", fullmatch=True),
    st.text(st.characters(exclude_categories=("Z", "C"), exclude_characters=":+|*.…"), max_size=8),
)
MOMENTS = st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC))
UNITS = st.lists(
    st.builds(
        DraftUnit,
        CODES,
        st.sampled_from([None, "S1", "V2"]),
        released=st.dictionaries(st.sampled_from(["*", "US", "GB"]), MOMENTS, max_size=2),
    ),
    unique_by=lambda unit: unit.code,
    max_size=20,
)


@given(UNITS)
@bounded(max_examples=150, deadline=None, derandomize=True, database=None)
def test_what_is_written_is_read_again(units: list[DraftUnit]) -> None:
    assert read_units(write_units(units)) == tuple(units)


@given(st.text(alphabet="S1E#|.,* \n-02346TZ:UG", max_size=60))
@bounded(max_examples=300, deadline=None, derandomize=True, database=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        units = read_units(text)
    except LineProblem:
        return
    assert read_units(write_units(units)) == units
