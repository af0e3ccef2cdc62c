"""`fan-catalog/1`: the format of this catalogue itself, for works that are written by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from forum.spoilers.catalogue.drafts import Catalogue, CatalogueProblem, DraftUnit, DraftWork
from forum.spoilers.catalogue.importing.nodes import Node
from forum.spoilers.model import EVERYWHERE, NEVER, Group, Kind, Relation

FORMAT: Final = "fan-catalog/1"
# No series in a file makes more units than a work may have.
MOST_SERIES: Final = 30_000
_TOP: Final = ("format", "franchise", "franchises", "works")
_WORK: Final = ("id", "kind", "title", "franchise", "aliases", "ext", "groups", "units", "series", "relations")
_UNIT: Final = ("code", "group", "branch", "title", "released", "ext")
_GROUP: Final = ("code", "title", "expected", "complete")
_SERIES: Final = ("from", "to", "code", "group", "released")
_NUMBER: Final = "{n}"


def is_fan_catalogue(document: Node) -> bool:
    """Whether a document says that it is one, of whatever version."""
    return document.has("format")


def read_fan_catalogue(document: Node) -> Catalogue:
    """The works of a document. Every field is known and of its type; raises CatalogueProblem with the place."""
    document.allow(_TOP)
    said = document.require("format")
    if said.value != FORMAT:
        raise said.unexpected("unknown_version")
    franchises: dict[str, str] = {}
    default = None
    if document.get("franchise"):
        default = _franchise(document.get("franchise"), franchises)
    for node in document.get("franchises").items():
        _franchise(node, franchises)
    return Catalogue(tuple(_work(node, default) for node in document.require("works").items()), franchises)


def _franchise(node: Node, franchises: dict[str, str]) -> str:
    node.allow(("id", "title"))
    key = node.require("id").text()
    franchises[key] = node.require("title").text()
    return key


def _work(node: Node, franchise: str | None) -> DraftWork:
    node.allow(_WORK)
    own = node.get("franchise").text() or None
    units = [unit for series in _one_or_more(node.get("series")) for unit in _series(series)]
    units += [_unit(unit) for unit in node.get("units").items()]
    return DraftWork(
        id=node.require("id").text(),
        kind=kind_of(node.require("kind")),
        title=node.require("title").text(),
        franchise=own if node.has("franchise") else franchise,
        aliases=tuple(alias.text() for alias in node.get("aliases").items()),
        units=tuple(units),
        groups=tuple(_group(group) for group in node.get("groups").items()),
        relations=tuple(_relation(relation) for relation in node.get("relations").items()),
        origin=_ids(node.get("ext")),
        place=node.place,
    )


def kind_of(node: Node) -> Kind:
    """The kind a value names."""
    try:
        return Kind(node.text())
    except ValueError as error:
        raise node.unexpected("bad_kind") from error


def _one_or_more(node: Node) -> Iterator[Node]:
    return node.items() if isinstance(node.value, list) else iter((node,) if node else ())


def _series(node: Node) -> Iterator[DraftUnit]:
    """The units of `{"from": 1, "to": 7, "code": "#{n}"}`."""
    node.allow(_SERIES)
    first, last = node.require("from").number(), node.require("to").number()
    code = node.require("code").text()
    if first is None or last is None or not 0 <= first <= last < first + MOST_SERIES or _NUMBER not in code:
        raise CatalogueProblem("series_order", node.place)
    group, released = node.get("group").text() or None, _released(node.get("released"))
    for number in range(first, last + 1):
        yield DraftUnit(code.replace(_NUMBER, str(number)), group=group, released=released, place=node.place)


def _unit(node: Node) -> DraftUnit:
    node.allow(_UNIT)
    code = node.get("code")
    if not code:
        raise CatalogueProblem("missing", node.place, found="code")
    return DraftUnit(
        code=code.text(),
        group=node.get("group").text() or None,
        branch=node.get("branch").flag(),
        title=node.get("title").text() or None,
        released=_released(node.get("released")),
        ext=_ids(node.get("ext")),
        place=node.place,
    )


def _released(node: Node) -> Mapping[str, datetime]:
    if not node:
        return NEVER
    said = [(EVERYWHERE, node)] if isinstance(node.value, str) else list(node.fields())
    moments = {region: moment.moment() for region, moment in said}
    return {region: moment for region, moment in moments.items() if moment is not None}


def _group(node: Node) -> Group:
    node.allow(_GROUP)
    expected, complete = node.get("expected").number(), node.get("complete").flag()
    return Group(node.require("code").text(), node.get("title").text() or None, expected, complete)


def _relation(node: Node) -> tuple[Relation, str]:
    node.allow(("rel", "work"))
    rel = node.require("rel")
    try:
        return Relation(rel.text()), node.require("work").text()
    except ValueError as error:
        raise rel.unexpected("bad_relation") from error


def _ids(node: Node) -> Mapping[str, str]:
    return {source: value.identifier() for source, value in node.fields()}
