"""TVmaze: a show with its episodes, as `shows/{id}?embed[]=episodes&embed[]=seasons&embed[]=akas` gives it.

With `embed[]=episodeswithspecials` instead of `episodes`, specials come too: the significant ones stand in the chain at
their time, the others beside it. Titles of episodes and summaries stay behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from forum.spoilers.catalogue.drafts import GUESSED, Catalogue, DraftWork
from forum.spoilers.catalogue.importing.nodes import Node
from forum.spoilers.catalogue.importing.seasons import Episode, groups_of, slug, units_of
from forum.spoilers.model import Kind

SOURCE: Final = "tvmaze"
_REGULAR: Final = "regular"
_SIGNIFICANT: Final = "significant_special"


def read_tvmaze(document: Node) -> Catalogue:
    """The show of a document; raises CatalogueProblem."""
    title = document.require("name").text()
    embedded = document.require("_embedded")
    listed = "episodeswithspecials" if embedded.has("episodeswithspecials") else "episodes"
    episodes = [_episode(node) for node in embedded.require(listed).items()]
    planned = {
        season.require("number").number() or 0: season.get("episodeOrder").number()
        for season in embedded.get("seasons").items()
    }
    work = DraftWork(
        id=slug(title),
        kind=Kind.TV,
        title=title,
        aliases=tuple(aka.require("name").text() for aka in embedded.get("akas").items()),
        units=units_of(episodes),
        groups=groups_of(episodes, planned),
        origin=dict(_origin(document)),
        source=SOURCE,
        guessed=GUESSED,
    )
    return Catalogue((work,))


def _episode(node: Node) -> Episode:
    kind = node.get("type").text() or _REGULAR
    return Episode(
        season=node.require("season").number() or 0,
        number=node.get("number").number(),
        at=node.get("airstamp").moment() or node.get("airdate").moment(),
        ext=_id(node),
        place=node.place,
        special=kind not in (_REGULAR, _SIGNIFICANT),
        significant=kind == _SIGNIFICANT,
    )


def _id(node: Node) -> Mapping[str, str]:
    number = node.get("id").identifier()
    return {SOURCE: number} if number else {}


def _origin(document: Node) -> Iterator[tuple[str, str]]:
    yield SOURCE, document.require("id").identifier()
    for source, value in document.get("externals").fields():
        # The others are numbers or null; the keys are TVmaze's own names of other sites.
        if source in ("imdb", "thetvdb") and value:
            yield source.removeprefix("the"), value.identifier()
