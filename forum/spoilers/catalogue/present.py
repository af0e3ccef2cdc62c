"""Works as readers' scripts, the API and the page see them.

Nothing here knows the title of a unit or of a group: a title is a spoiler itself. Units are short arrays and not
objects, because a long series goes into every page that discusses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from forum.spoilers.model import Work
from forum.spoilers.policy import first_release, last_release

_TEXT = {"type": "string"}
_OR_NULL = {"anyOf": [_TEXT, {"type": "null"}]}


def _row(length: int, cell: Mapping[str, Any]) -> WithJsonSchema:
    """A short array, described by what its cells may be: readers of OpenAPI differ about `prefixItems`."""
    return WithJsonSchema({"type": "array", "items": cell, "minItems": length, "maxItems": length})


UnitEntry = Annotated[tuple[str, str | None, datetime | None, datetime | None], _row(4, _OR_NULL)]
BranchEntry = Annotated[tuple[str, datetime | None], _row(2, _OR_NULL)]
GroupEntry = Annotated[tuple[str, bool], _row(2, {"anyOf": [_TEXT, {"type": "boolean"}]})]
RelationEntry = Annotated[tuple[str, str], _row(2, _TEXT)]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFacts:
    """What a page carries about a work, so that its scripts can say what a reader has cleared."""

    title: str
    kind: str
    franchise: str | None
    units: Annotated[
        tuple[UnitEntry, ...],
        Field(description="In order: code, group, last release of all up to it, its first release in any region."),
    ]
    branch: Annotated[
        tuple[BranchEntry, ...],
        Field(description="Units beside the order, each cleared only by itself: code, last release."),
    ]
    groups: Annotated[tuple[GroupEntry, ...], Field(description="Code, and whether all of it is catalogued.")]
    relations: Annotated[
        tuple[RelationEntry, ...],
        Field(description="based_on, follows or crosses_over, and the other work's id. For suggestions only."),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkView(WorkFacts):
    """A work of the catalogue, whole."""

    id: str
    aliases: tuple[str, ...]
    origin: Annotated[Mapping[str, str], Field(description="The work's ids elsewhere, by source.")]


def work_facts(work: Work, regions: frozenset[str] | None = None) -> WorkFacts:
    """What a page carries about a work. Of the releases only those in `regions` count for expiry (None: all)."""
    return WorkFacts(
        title=work.title,
        kind=work.kind,
        franchise=work.franchise,
        units=tuple(_chain(work, regions)),
        branch=tuple((unit.code, last_release(unit, regions)) for unit in work.units if unit.branch),
        groups=tuple((group.code, group.complete) for group in work.groups),
        relations=tuple((rel.value, other) for rel, other in work.relations),
    )


def work_view(work: Work, regions: frozenset[str] | None = None) -> WorkView:
    """A whole work. Of the releases only those in `regions` count for expiry (None: all that are known)."""
    facts = work_facts(work, regions)
    return WorkView(
        **{name: getattr(facts, name) for name in WorkFacts.__slots__},
        id=work.id,
        aliases=work.aliases,
        origin=work.origin,
    )


def _chain(work: Work, regions: frozenset[str] | None) -> Iterator[UnitEntry]:
    """The units in order. A point means all up to its unit, so what comes late in one place holds back what follows:
    whoever said nothing is shown no more by a later unit than by an earlier one."""
    latest: datetime | None = None
    for unit in work.chain:
        released = last_release(unit, regions)
        if released is not None:
            latest = released if latest is None else max(latest, released)
        yield (unit.code, unit.group, latest if released is not None else None, first_release(unit))
