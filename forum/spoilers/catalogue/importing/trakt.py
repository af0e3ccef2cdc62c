"""Trakt: the seasons of a show as `/shows/{id}/seasons?extended=episodes,full` gives them.

A bare list does not say which show it is. `{"show": {…}, "seasons": […]}`, with the answer of `/shows/{id}` beside it,
does. One order: season and number; `number_abs` is not read. Season 0 stands beside the chain.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from forum.spoilers.catalogue.drafts import GUESSED, Catalogue, DraftWork
from forum.spoilers.catalogue.importing.nodes import Node
from forum.spoilers.catalogue.importing.seasons import Episode, groups_of, slug, units_of
from forum.spoilers.model import Kind

SOURCE: Final = "trakt"
_OTHERS: Final = ("imdb", "tmdb", "tvdb")
_LAST: Final = frozenset({"season_finale", "series_finale"})


def read_trakt(document: Node) -> Catalogue:
    """The show of a document; raises CatalogueProblem."""
    listed, show = document, Node(None)
    if not isinstance(document.value, list):
        listed, show = document.require("seasons"), document.get("show")
    episodes = [episode for season in listed.items() for episode in _episodes(season)]
    title = show.require("title").text() if show else ""
    work = DraftWork(
        id=slug(title),
        kind=Kind.TV,
        title=title,
        units=units_of(episodes),
        groups=groups_of(episodes, {}),
        origin=dict(_ids(show.get("ids"))) if show else {},
        source=SOURCE,
        guessed=GUESSED,
    )
    return Catalogue((work,))


def _episodes(season: Node) -> Iterator[Episode]:
    number = season.require("number").number() or 0
    for node in season.require("episodes").items():
        yield Episode(
            season=number,
            number=node.require("number").number(),
            at=node.get("first_aired").moment(),
            ext=dict(_ids(node.get("ids"))),
            place=node.place,
            last=node.get("episode_type").text() in _LAST,
        )


def _ids(node: Node) -> Iterator[tuple[str, str]]:
    for source in (SOURCE, *_OTHERS):
        if node and (value := node.get(source).identifier()):
            yield source, value
