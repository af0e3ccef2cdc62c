"""The units of a work as editors write them: a line for each, or one for a run of them.

    S1E1 | S1 | 2015-11-20              code, group, release: "" where there is nothing to say
    S1E2..S1E13 | S1 | 2015-11-20       twelve units that came out together
    #1..#7                              seven of which nothing else is known
    | | GB 2016-04-29, US 2016-05-06    a film: no code, and dates by region

What `write_units` writes, `read_units` reads as the same units.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Final

from forum.spoilers.catalogue.drafts import DraftUnit
from forum.spoilers.model import EVERYWHERE, OPEN_CODE, Group, Unit

# What can be written: units of the catalogue, or as they were read.
Shown = Unit | DraftUnit

MOST_UNITS: Final = 5_000
MOST_CODE: Final = 40
# Runs shorter than this are written line by line.
SHORTEST_RUN: Final = 3
_BAR: Final = "|"
_DOTS: Final = re.compile(r"\s*(?:\.\.\.?|…)\s*")
_NUMBERED: Final = re.compile(r"(.*?)([0-9]{1,6})([^0-9]*)", re.DOTALL)
_CODE: Final = re.compile(r"[^\s:+|]*")
_RELEASE: Final = re.compile(
    r"(?:(\*|[A-Za-z]{2})\s+)?([0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ][0-9:.]+(?:[Zz]|[+-][0-9:]+)?)?)"
)


class LineProblem(ValueError):
    """A line that can't be read: `code` is stable snake_case, `line` counts from 1, `text` is the part meant."""

    def __init__(self, code: str, line: int, text: str) -> None:
        super().__init__(f"{code} in line {line}")
        self.code = code
        self.line = line
        self.text = text[:MOST_CODE]


def read_units(text: str) -> tuple[DraftUnit, ...]:
    """The units that lines describe, in order; raises LineProblem (bad_code, bad_range, bad_date, too_many_parts,
    too_many_units, twice)."""
    units: list[DraftUnit] = []
    seen: set[str] = set()
    for number, line in _lines(text):
        for unit in _read_line(line, number):
            if unit.code in seen:
                raise LineProblem("twice", number, unit.code)
            seen.add(unit.code)
            units.append(unit)
        if len(units) > MOST_UNITS:
            raise LineProblem("too_many_units", number, line)
    return tuple(units)


def read_groups(text: str) -> tuple[Group, ...]:
    """The groups that lines describe, "S1 | 13" or just "S1"; raises LineProblem (bad_code, bad_number,
    too_many_parts, twice)."""
    groups: list[Group] = []
    for number, line in _lines(text):
        parts = [part.strip() for part in line.split(_BAR)]
        if len(parts) > 2:
            raise LineProblem("too_many_parts", number, line)
        code, expected = [*parts, ""][:2]
        if not code or not _is_code(code):
            raise LineProblem("bad_code", number, code)
        if expected and not re.fullmatch(r"[1-9][0-9]{0,3}", expected):
            raise LineProblem("bad_number", number, expected)
        if any(group.code == code for group in groups):
            raise LineProblem("twice", number, code)
        groups.append(Group(code, expected=int(expected) if expected else None))
    return tuple(groups)


def _lines(text: str) -> Iterable[tuple[int, str]]:
    return ((number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip())


def _read_line(line: str, number: int) -> list[DraftUnit]:
    parts = [part.strip() for part in line.split(_BAR)]
    if len(parts) == 1 and _is_dates(parts[0]):
        # All there is to say of a film.
        parts = ["", "", parts[0]]
    if len(parts) > 3:
        raise LineProblem("too_many_parts", number, line)
    codes, group, dates = [*parts, "", ""][:3]
    if group and not _is_code(group):
        raise LineProblem("bad_code", number, group)
    released = _read_dates(dates, number)
    return [DraftUnit(code, group or None, released=released) for code in _read_codes(codes, number)]


def _read_codes(text: str, number: int) -> list[str]:
    first, *rest = _DOTS.split(text)
    for code in (first, *rest):
        if not _is_code(code):
            raise LineProblem("bad_code", number, code)
    if not rest:
        return [first]
    found = _run(first, rest[0]) if len(rest) == 1 else None
    if found is None:
        raise LineProblem("bad_range", number, text)
    return found


def _is_code(text: str) -> bool:
    return len(text) <= MOST_CODE and text != OPEN_CODE and _CODE.fullmatch(text) is not None


def _run(first: str, last: str) -> list[str] | None:
    """The codes from one to another that differ only in their last number; None where they differ otherwise."""
    begin, end = _NUMBERED.fullmatch(first), _NUMBERED.fullmatch(last)
    if begin is None or end is None or (begin[1], begin[3]) != (end[1], end[3]):
        return None
    low, high = int(begin[2]), int(end[2])
    if not low <= high < low + MOST_UNITS:
        return None
    width = len(begin[2]) if begin[2].startswith("0") else 0
    return [f"{begin[1]}{value:0{width}}{begin[3]}" for value in range(low, high + 1)]


def _is_dates(text: str) -> bool:
    return bool(text) and all(_RELEASE.fullmatch(part.strip()) for part in text.split(","))


def _read_dates(text: str, number: int) -> dict[str, datetime]:
    released: dict[str, datetime] = {}
    for part in text.split(",") if text else ():
        match = _RELEASE.fullmatch(part.strip())
        moment = None if match is None else _moment(match[2])
        if match is None or moment is None:
            raise LineProblem("bad_date", number, part.strip())
        region = (match[1] or EVERYWHERE).upper()
        if region in released:
            raise LineProblem("twice", number, region)
        released[region] = moment
    return released


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.upper())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def runs(units: Iterable[Shown]) -> list[list[Shown]]:
    """The units in order, those together that differ only in their number and follow each other."""
    found: list[list[Shown]] = []
    for unit in units:
        if found and _continues(found[-1][-1], unit):
            found[-1].append(unit)
        else:
            found.append([unit])
    return found


def write_units(units: Iterable[Shown]) -> str:
    """Lines that `read_units` reads as these units; units that differ only in their number share a line."""
    return "\n".join(line for run in runs(units) for line in _write_run(run))


def write_groups(groups: Iterable[Group]) -> str:
    """Lines that `read_groups` reads as these groups."""
    return "\n".join(group.code if group.expected is None else f"{group.code} | {group.expected}" for group in groups)


def write_dates(released: Mapping[str, datetime]) -> str:
    """Dates by region as they are typed: "GB 2016-04-29, US 2016-05-06"; everywhere: just the date."""
    return ", ".join(
        _write_date(moment) if region == EVERYWHERE else f"{region} {_write_date(moment)}"
        for region, moment in sorted(released.items())
    )


def _write_date(moment: datetime) -> str:
    whole = moment.astimezone(UTC)
    is_day = whole.timetz().replace(tzinfo=None) == time()
    return whole.strftime("%Y-%m-%d") if is_day else whole.isoformat().replace("+00:00", "Z")


def _continues(last: Shown, unit: Shown) -> bool:
    if (unit.group, unit.released) != (last.group, last.released):
        return False
    return _run(last.code, unit.code) == [last.code, unit.code]


def _write_run(run: Sequence[Shown]) -> list[str]:
    if len(run) >= SHORTEST_RUN:
        return [_write_line(f"{run[0].code}..{run[-1].code}", run[0])]
    return [_write_line(unit.code, unit) for unit in run]


def _write_line(codes: str, unit: Shown) -> str:
    parts = [codes, unit.group or "", write_dates(unit.released)]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    line = f" {_BAR} ".join(parts).strip().replace("|  |", "| |")
    # A bar says that it is a code: where there is none, and where it looks like the dates of a film.
    return f"{line} {_BAR}".strip() if not line or (len(parts) == 1 and _is_dates(line)) else line
