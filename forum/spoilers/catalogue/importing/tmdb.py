"""TMDB: a series with its seasons, seasons alone, or a film.

A series as `/3/tv/{id}?append_to_response=season/1,season/2,external_ids,alternative_titles` gives it, a season as
`/3/tv/{id}/season/{n}`, or several seasons in a list. One order: episode groups are refused. Season 0 stands beside the
chain. Titles of episodes and summaries stay behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from forum.spoilers.catalogue.drafts import GUESSED, Catalogue, CatalogueProblem, DraftUnit, DraftWork
from forum.spoilers.catalogue.importing.nodes import Node
from forum.spoilers.catalogue.importing.seasons import Episode, groups_of, slug, units_of
from forum.spoilers.model import EVERYWHERE, Kind

SOURCE: Final = "tmdb"
_LAST: Final = "finale"
_APPENDED: Final = "season/"


def read_tmdb(document: Node) -> Catalogue:
    """The work of a document; raises CatalogueProblem."""
    if isinstance(document.value, list):
        return Catalogue((_of_seasons(list(document.items())),))
    if document.has("groups"):
        raise CatalogueProblem("one_order", document.place)
    if document.has("release_date"):
        return Catalogue((_film(document),))
    if document.has("episodes"):
        return Catalogue((_of_seasons([document]),))
    return Catalogue((_series(document),))


def _series(document: Node) -> DraftWork:
    title = document.require("name").text()
    seasons = [node for name, node in document.fields() if name.startswith(_APPENDED)]
    seasons += [node for node in document.get("seasons").items() if node.has("episodes")]
    if not seasons:
        raise CatalogueProblem("missing", document.place, found="season/1 …")
    episodes = list(_episodes(seasons))
    elsewhere = document.get("external_ids")
    origin = {SOURCE: document.require("id").identifier()}
    if elsewhere:
        origin |= {
            source: found
            for source, name in (("imdb", "imdb_id"), ("tvdb", "tvdb_id"))
            if (found := elsewhere.get(name).identifier())
        }
    return DraftWork(
        id=slug(title),
        kind=Kind.TV,
        title=title,
        aliases=tuple(_other_titles(document, "results")),
        units=units_of(episodes),
        groups=groups_of(episodes, {}),
        origin=origin,
        source=SOURCE,
        guessed=GUESSED,
    )


def _of_seasons(seasons: list[Node]) -> DraftWork:
    """Seasons alone: which series they belong to is known, but not what it is called."""
    episodes = list(_episodes(seasons))
    shows = {
        show
        for season in seasons
        for node in season.get("episodes").items()
        if (show := node.get("show_id").identifier())
    }
    if len(shows) > 1:
        raise CatalogueProblem("several_works", "", found=", ".join(sorted(shows)[:10]))
    return DraftWork(
        id="",
        kind=Kind.TV,
        title="",
        units=units_of(episodes),
        groups=groups_of(episodes, {}),
        origin={SOURCE: shows.pop()} if shows else {},
        source=SOURCE,
        guessed=GUESSED,
    )


def _episodes(seasons: list[Node]) -> Iterator[Episode]:
    for season in seasons:
        for node in season.require("episodes").items():
            number = node.get("id").identifier()
            yield Episode(
                season=node.require("season_number").number() or 0,
                number=node.require("episode_number").number(),
                at=node.get("air_date").moment(),
                ext={SOURCE: number} if number else {},
                place=node.place,
                last=node.get("episode_type").text() == _LAST,
            )


def _film(document: Node) -> DraftWork:
    title = document.require("title").text()
    imdb = document.get("imdb_id").text()
    return DraftWork(
        id=slug(title),
        kind=Kind.FILM,
        title=title,
        aliases=tuple(_other_titles(document, "titles")),
        units=(DraftUnit("", released=_film_released(document)),),
        origin={SOURCE: document.require("id").identifier()} | ({"imdb": imdb} if imdb else {}),
        source=SOURCE,
        guessed=GUESSED,
    )


def _film_released(document: Node) -> dict[str, datetime]:
    """The first release in each country; where none is listed, the date TMDB gives."""
    found: dict[str, datetime] = {}
    listed = document.get("release_dates")
    for country in listed.get("results").items() if listed else ():
        region = country.require("iso_3166_1").text()
        for release in country.get("release_dates").items():
            at = release.get("release_date").moment()
            if at is not None and at < found.get(region, datetime.max.replace(tzinfo=at.tzinfo)):
                found[region] = at
    everywhere = document.get("release_date").moment()
    if not found and everywhere is not None:
        found[EVERYWHERE] = everywhere
    return found


def _other_titles(document: Node, listed: str) -> Iterator[str]:
    several = document.get("alternative_titles")
    for node in several.get(listed).items() if several else ():
        yield node.require("title").text()
    for name in ("original_name", "original_title"):
        if title := document.get(name).text():
            yield title
