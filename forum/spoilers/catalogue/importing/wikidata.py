"""Wikidata: the parts of series as a SPARQL query finds them, in its JSON results.

Variables: `work` and `item` (entities), `workLabel`, `ordinal` (the series ordinal P1545, text like "6", "3.5" or
"1b"), and where the query asks for them `season` (a number), `date` with `precision`, `region` ("GB"), `basedOn` (an
entity), `kind`. What is said several times stands in several rows. Dates that are not known to the day are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from forum.spoilers.catalogue.drafts import GUESSED, Catalogue, CatalogueProblem, DraftUnit, DraftWork
from forum.spoilers.catalogue.importing.fan_catalogue import kind_of
from forum.spoilers.catalogue.importing.nodes import Node
from forum.spoilers.catalogue.importing.seasons import season_code, slug
from forum.spoilers.catalogue.natural import natural
from forum.spoilers.model import EVERYWHERE, Group, Kind, Relation

SOURCE: Final = "wikidata"
# The precision of a date that is known to the day.
DAY: Final = 11
_ENTITY: Final = re.compile(r"(?:.*/)?(Q\d+)")
_SEASON: Final = re.compile("[0-9]{1,6}")
_SPACES: Final = re.compile(r"\s+")


@dataclass(slots=True)
class _Item:
    ordinal: str
    season: str | None
    place: str
    released: dict[str, datetime] = field(default_factory=dict)


@dataclass(slots=True)
class _Series:
    title: str
    kind: Kind | None
    place: str
    items: dict[str, _Item] = field(default_factory=dict)
    based_on: set[str] = field(default_factory=set)


def read_wikidata(document: Node) -> Catalogue:
    """The series of the results; raises CatalogueProblem."""
    found: dict[str, _Series] = {}
    for row in document.require("results").require("bindings").items():
        key = _entity(row, "work") or ""
        kind = kind_of(row.get("kind").require("value")) if row.get("kind") else None
        series = found.setdefault(key, _Series(_value(row, "workLabel"), kind, row.place))
        if based_on := _entity(row, "basedOn", needed=False):
            series.based_on.add(based_on)
        _add_item(series, row)
    # Works of the same file by what they are called elsewhere; those of the catalogue are found when it is matched.
    ids = {key: slug(series.title) for key, series in found.items()}
    return Catalogue(tuple(_work(key, series, ids) for key, series in found.items()))


def _add_item(series: _Series, row: Node) -> None:
    key = _entity(row, "item") or ""
    ordinal = _SPACES.sub("", _value(row, "ordinal"))
    if not ordinal:
        raise CatalogueProblem("missing", row.place, found="ordinal")
    item = series.items.setdefault(key, _Item(ordinal, _value(row, "season") or None, row.place))
    precision = _value(row, "precision")
    if not row.get("date") or (precision and precision != str(DAY)):
        return
    at = row.get("date").require("value").moment()
    region = _value(row, "region") or EVERYWHERE
    if at is not None and (region not in item.released or at < item.released[region]):
        item.released[region] = at


def _work(key: str, series: _Series, ids: dict[str, str]) -> DraftWork:
    seasons = any(item.season is not None for item in series.items.values())
    ordered = sorted(series.items.items(), key=lambda pair: (natural(pair[1].season or ""), natural(pair[1].ordinal)))
    units = tuple(_unit(*pair) for pair in ordered)
    groups = dict.fromkeys(unit.group for unit in units if unit.group)
    return DraftWork(
        id=ids[key],
        kind=series.kind or (Kind.TV if seasons else Kind.COMIC),
        title=series.title,
        units=units,
        groups=tuple(Group(code) for code in groups),
        relations=tuple((Relation.BASED_ON, ids[other]) for other in sorted(series.based_on) if ids.get(other)),
        origin={SOURCE: key},
        source=SOURCE,
        guessed=GUESSED,
        place=series.place,
    )


def _unit(key: str, item: _Item) -> DraftUnit:
    group = season_code(int(item.season)) if item.season and _SEASON.fullmatch(item.season) else item.season
    return DraftUnit(
        code=f"{group}E{item.ordinal}" if group else f"#{item.ordinal}",
        group=group,
        released=item.released,
        ext={SOURCE: key},
        place=item.place,
    )


def _value(row: Node, name: str) -> str:
    node = row.get(name)
    return node.require("value").text().strip() if node else ""


def _entity(row: Node, name: str, *, needed: bool = True) -> str | None:
    node = row.require(name) if needed else row.get(name)
    if not node:
        return None
    value = node.require("value")
    found = _ENTITY.fullmatch(value.text())
    if found is None:
        raise CatalogueProblem("bad_origin", value.place)
    return found[1]
