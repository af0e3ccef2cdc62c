"""A table by hand: `work,kind,title,aliases,unit,group,released`, one line for each unit.

What is said of a work may stand in its first line only. Aliases are parted by "|". `released` is a date, or several
by region: "GB=2016-04-29|US=2016-05-06". The columns `franchise`, `branch` (yes) and `expected` (units of the group)
may be there too.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from forum.spoilers.catalogue.drafts import Catalogue, CatalogueProblem, DraftUnit, DraftWork
from forum.spoilers.catalogue.importing.fan_catalogue import kind_of
from forum.spoilers.catalogue.importing.nodes import Node, parse_moment
from forum.spoilers.model import EVERYWHERE, Group, Kind

COLUMNS: Final = ("work", "kind", "title", "aliases", "unit", "group", "released")
OPTIONAL: Final = ("franchise", "branch", "expected")
_NEEDED: Final = ("work", "kind", "title", "unit")
_MORE: Final = "|"
_YES: Final = frozenset({"yes", "true", "1", "x"})
_NO: Final = frozenset({"", "no", "false", "0"})


@dataclass(slots=True)
class _Rows:
    """What the lines of one work have said so far."""

    kind: Kind
    title: str
    place: str
    franchise: str | None = None
    aliases: dict[str, None] = field(default_factory=dict)
    units: list[DraftUnit] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)


def is_csv(text: str) -> bool:
    """Whether the first line names our columns."""
    first = text.partition("\n")[0]
    return {"work", "unit"} <= {name.strip().strip('"').lower() for name in first.split(",")}


def read_csv(text: str) -> Catalogue:
    """The works of a table; raises CatalogueProblem with the number of the line."""
    found: dict[str, _Rows] = {}
    for place, row in _rows(text):
        key = row["work"]
        if key not in found:
            kind = kind_of(Node(row["kind"], f"{place}, kind"))
            found[key] = _Rows(kind, row["title"], place)
        _add(found[key], row, place)
    return Catalogue(tuple(_work(key, rows) for key, rows in found.items()))


def _rows(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, restkey="…")
    try:
        names = [name.strip().lower() for name in reader.fieldnames or ()]
        _check_columns(names)
        reader.fieldnames = names
        for row in reader:
            place = f"line {reader.line_num}"
            if "…" in row:
                raise CatalogueProblem("bad_csv", place, found="more cells than columns")
            cells = {name: (value or "").strip() for name, value in row.items()}
            if any(cells.values()):
                yield place, {**dict.fromkeys((*COLUMNS, *OPTIONAL), ""), **cells}
    except csv.Error as error:
        raise CatalogueProblem("bad_csv", f"line {reader.reader.line_num}", found=str(error)) from error


def _check_columns(names: list[str]) -> None:
    for name in _NEEDED:
        if name not in names:
            raise CatalogueProblem("missing", "line 1", found=name)
    for name in names:
        if name not in (*COLUMNS, *OPTIONAL):
            raise CatalogueProblem("unknown_column", "line 1", found=repr(name[:40]))


def _add(rows: _Rows, row: Mapping[str, str], place: str) -> None:
    for name, said, before in (("kind", row["kind"], rows.kind), ("title", row["title"], rows.title)):
        if said and said != before:
            raise CatalogueProblem("bad_csv", f"{place}, {name}", found=f"{said[:40]!r} is not {str(before)[:40]!r}")
    rows.franchise = row["franchise"] or rows.franchise
    rows.aliases.update(dict.fromkeys(alias.strip() for alias in row["aliases"].split(_MORE) if alias.strip()))
    if row["branch"].lower() not in _YES | _NO:
        raise CatalogueProblem("expected_flag", f"{place}, branch", found=repr(row["branch"][:40]))
    group = row["group"] or None
    if group is not None:
        rows.groups.setdefault(group, Group(group))
    if row["expected"]:
        _expect(rows, group, row["expected"], place)
    rows.units.append(
        DraftUnit(
            code=row["unit"],
            group=group,
            branch=row["branch"].lower() in _YES,
            released=_released(row["released"], f"{place}, released"),
            place=place,
        )
    )


def _expect(rows: _Rows, group: str | None, said: str, place: str) -> None:
    if group is None or not (said.isascii() and said.isdigit() and len(said) < 7):
        raise CatalogueProblem("expected_number", f"{place}, expected", found=repr(said[:40]))
    rows.groups[group] = Group(group, expected=int(said))


def _released(text: str, place: str) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for part in filter(None, (part.strip() for part in text.split(_MORE))):
        region, equals, moment = part.rpartition("=")
        at = parse_moment(moment, place)
        if at is not None:
            found[region.strip() if equals else EVERYWHERE] = at
    return found


def _work(key: str, rows: _Rows) -> DraftWork:
    return DraftWork(
        id=key,
        kind=rows.kind,
        title=rows.title,
        franchise=rows.franchise,
        aliases=tuple(rows.aliases),
        units=tuple(rows.units),
        groups=tuple(rows.groups.values()),
        place=rows.place,
    )
