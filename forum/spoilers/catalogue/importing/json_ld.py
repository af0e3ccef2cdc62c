"""schema.org in JSON-LD: TVSeries with seasons and episodes, ComicSeries with issues, Movie, BookSeries.

A number (`episodeNumber`, `issueNumber`, else `position`) gives the place. Several works may stand in a list or a
`@graph`. Everything else is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from forum.spoilers.catalogue.drafts import GUESSED, Catalogue, DraftUnit, DraftWork
from forum.spoilers.catalogue.importing.nodes import Node
from forum.spoilers.catalogue.importing.seasons import Episode, groups_of, slug, units_of
from forum.spoilers.catalogue.natural import natural
from forum.spoilers.model import EVERYWHERE, NEVER, Group, Kind

SOURCE: Final = "schema.org"
# What names the work everywhere, not only within its document.
_ADDRESS: Final = re.compile(r"https?://[^\s\x00-\x1f\x7f]{1,90}")
_SERIES: Final = {"ComicSeries": Kind.COMIC, "BookSeries": Kind.BOOK, "PodcastSeries": Kind.PODCAST}


def is_json_ld(document: Node) -> bool:
    """Whether a document names a type of schema.org's at its top."""
    first = document.value[0] if isinstance(document.value, list) and document.value else document.value
    return isinstance(first, dict) and bool({"@context", "@graph", "@type"} & first.keys())


def read_json_ld(document: Node) -> Catalogue:
    """The works of a document; raises CatalogueProblem."""
    nodes = list(_several(document.get("@graph") if document.has("@graph") else document))
    return Catalogue(tuple(work for node in nodes if (work := _work(node)) is not None))


def _work(node: Node) -> DraftWork | None:
    kind = _type(node)
    units: tuple[DraftUnit, ...]
    groups: tuple[Group, ...] = ()
    if kind == "TVSeries":
        episodes = [e for season in _several(node.get("containsSeason")) for e in _episodes(season)]
        units, groups = units_of(episodes), groups_of(episodes, _planned(node))
        return _draft(node, Kind.TV, units, groups)
    if kind == "Movie":
        return _draft(node, Kind.FILM, (_dated("", node),))
    if kind in _SERIES:
        parts = sorted(_several(node.get("hasPart")), key=lambda part: natural(_number(part)))
        return _draft(node, _SERIES[kind], tuple(_dated(f"#{_number(part)}", part) for part in parts))
    return None


def _draft(node: Node, kind: Kind, units: tuple[DraftUnit, ...], groups: tuple[Group, ...] = ()) -> DraftWork:
    title = node.require("name").text()
    return DraftWork(
        id=slug(title),
        kind=kind,
        title=title,
        aliases=tuple(other.text() for other in _several(node.get("alternateName"))),
        units=units,
        groups=groups,
        origin={SOURCE: address} if _ADDRESS.fullmatch(address := node.get("@id").text()) else {},
        source=SOURCE,
        guessed=GUESSED,
        place=node.place,
    )


def _planned(node: Node) -> dict[int, int | None]:
    return {
        season.require("seasonNumber").number() or 0: season.get("numberOfEpisodes").number()
        for season in _several(node.get("containsSeason"))
    }


def _episodes(season: Node) -> Iterator[Episode]:
    for node in _several(season.get("episode")):
        number = node.get("episodeNumber") or node.get("position")
        yield Episode(
            season=season.require("seasonNumber").number() or 0,
            number=number.number(),
            at=node.get("datePublished").moment(),
            ext={},
            place=node.place,
        )


def _dated(code: str, node: Node) -> DraftUnit:
    at = node.get("datePublished").moment()
    return DraftUnit(code, released=NEVER if at is None else {EVERYWHERE: at}, place=node.place)


def _number(part: Node) -> str:
    return (part.get("issueNumber") or part.require("position")).identifier()


def _several(node: Node) -> Iterator[Node]:
    """The values of a property, which JSON-LD writes as a list or alone."""
    return node.items() if isinstance(node.value, list) else iter((node,) if node else ())


def _type(node: Node) -> str:
    types = [kind.text() for kind in _several(node.get("@type"))]
    return types[0] if types else ""
