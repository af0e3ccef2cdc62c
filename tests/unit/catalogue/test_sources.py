"""What the readers of other people's files make of small files of ours in the same shapes."""

import json
from pathlib import Path
from typing import Any

import pytest

from forum.spoilers.catalogue.checking import check
from forum.spoilers.catalogue.drafts import CatalogueProblem, DraftWork
from forum.spoilers.catalogue.importing import Source, read
from forum.spoilers.model import Kind, Relation


def works(path: Path, document: Any, source: Source) -> list[DraftWork]:
    path /= "file.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return list(read(path, source).works)


def chain(work: DraftWork) -> list[str]:
    return [unit.code for unit in work.units if not unit.branch]


def beside(work: DraftWork) -> list[str]:
    return [unit.code for unit in work.units if unit.branch]


def released(work: DraftWork, code: str) -> dict[str, str]:
    unit = next(unit for unit in work.units if unit.code == code)
    return {region: f"{moment:%Y-%m-%dT%H:%M}" for region, moment in unit.released.items()}


def aired(number: int, season: int, episode: int | None, day: str, kind: str = "regular") -> dict[str, Any]:
    stamp = f"{day}T20:00:00+00:00" if day else None
    return {
        "id": number,
        "season": season,
        "number": episode,
        "type": kind,
        "airdate": day,
        "airstamp": stamp,
        "name": "A spoiler in itself",
    }


SHOW: dict[str, Any] = {
    "id": 77,
    "name": "The Lantern’s Keeper",
    "externals": {"tvrage": 1, "thetvdb": 5, "imdb": "tt77"},
    "_embedded": {
        "akas": [{"name": "Der Laternenwart", "country": {"code": "DE"}}],
        "seasons": [
            {"number": 1, "episodeOrder": 2},
            {"number": 2, "episodeOrder": 8},
            {"number": 3, "episodeOrder": None},
        ],
        "episodes": [
            aired(11, 1, 1, "2020-01-01"),
            aired(12, 1, 2, "2020-01-08"),
            aired(13, 1, None, "2020-01-05", "significant_special"),
            aired(14, 1, None, "2020-01-09", "insignificant_special"),
            aired(21, 2, 1, "2021-01-01"),
            aired(22, 2, None, "2020-12-24", "significant_special"),
            aired(23, 2, 2, ""),
        ],
    },
}


def test_tvmaze(tmp_path: Path) -> None:
    (work,) = works(tmp_path, SHOW, Source.TVMAZE)
    assert (work.id, work.kind, work.title) == ("the-lanterns-keeper", Kind.TV, "The Lantern’s Keeper")
    assert work.origin == {"tvmaze": "77", "tvdb": "5", "imdb": "tt77"}
    assert work.aliases == ("Der Laternenwart",)
    assert chain(work) == ["S1E1", "S1SP1", "S1E2", "S2SP1", "S2E1", "S2E2"]
    assert beside(work) == ["S1SP2"]
    assert released(work, "S1E1") == {"*": "2020-01-01T20:00"}
    assert released(work, "S2E2") == {}
    # A special in the chain counts; a season nobody knows the length of is not whole.
    assert [(group.code, group.expected) for group in work.groups] == [("S1", 3), ("S2", 9), ("S3", None)]
    assert all(unit.title is None for unit in work.units)


def test_tvmaze_needs_the_episodes(tmp_path: Path) -> None:
    with pytest.raises(CatalogueProblem) as caught:
        works(tmp_path, {"id": 77, "name": "A"}, Source.TVMAZE)
    assert (caught.value.code, caught.value.params) == ("missing", {"found": "_embedded"})


def season(number: int, count: int, *, kind: str = "standard") -> dict[str, Any]:
    episodes = [
        {
            "id": number * 100 + n,
            "show_id": 38,
            "season_number": number,
            "episode_number": n,
            "air_date": f"2020-0{number + 1}-{n:02}" if number else None,
            "episode_type": kind if n == count else "standard",
        }
        for n in range(1, count + 1)
    ]
    return {"_id": "x", "id": number, "season_number": number, "episodes": episodes}


def test_tmdb_series(tmp_path: Path) -> None:
    document = {
        "id": 38,
        "name": "Harbour Lights",
        "original_name": "Hafenlichter",
        "seasons": [{"season_number": 0, "episode_count": 1}, {"season_number": 1, "episode_count": 3}],
        "season/0": season(0, 1),
        "season/1": season(1, 3),
        "season/2": season(2, 2, kind="mid_season"),
        "external_ids": {"imdb_id": "tt38", "tvdb_id": None},
        "alternative_titles": {"results": [{"iso_3166_1": "FR", "title": "Lumières du port"}]},
    }
    (work,) = works(tmp_path, document, Source.TMDB)
    assert (work.id, work.origin) == ("harbour-lights", {"tmdb": "38", "imdb": "tt38"})
    assert work.aliases == ("Lumières du port", "Hafenlichter")
    assert chain(work) == ["S1E1", "S1E2", "S1E3", "S2E1", "S2E2"]
    assert beside(work) == ["S0E1"]
    # The first season is over because there is a second one; that one may go on.
    assert [(group.code, group.expected) for group in work.groups] == [("S1", 3), ("S2", None)]


def test_tmdb_seasons_alone(tmp_path: Path) -> None:
    (work,) = works(tmp_path, season(2, 2, kind="finale"), Source.TMDB)
    assert (work.id, work.title, work.origin) == ("", "", {"tmdb": "38"})
    assert [(group.code, group.expected) for group in work.groups] == [("S2", 2)]
    (work,) = works(tmp_path, [season(2, 1), season(1, 1)], Source.TMDB)
    assert chain(work) == ["S1E1", "S2E1"]
    other = season(1, 1)
    other["episodes"][0]["show_id"] = 39
    with pytest.raises(CatalogueProblem, match="several_works"):
        works(tmp_path, [season(2, 1), other], Source.TMDB)


def test_tmdb_film(tmp_path: Path) -> None:
    dates = [
        {"iso_3166_1": "GB", "release_dates": [{"release_date": "2016-04-29T00:00:00.000Z", "type": 3}]},
        {
            "iso_3166_1": "US",
            "release_dates": [
                {"release_date": "2016-09-02T00:00:00.000Z", "type": 4},
                {"release_date": "2016-05-06T00:00:00.000Z", "type": 3},
            ],
        },
    ]
    film = {"id": 5, "title": "Salt", "imdb_id": "tt5", "release_date": "2016-04-27"}
    (work,) = works(tmp_path, {**film, "release_dates": {"results": dates}}, Source.TMDB)
    assert (work.kind, chain(work)) == (Kind.FILM, [""])
    assert released(work, "") == {"GB": "2016-04-29T00:00", "US": "2016-05-06T00:00"}
    (work,) = works(tmp_path, film, Source.TMDB)
    assert released(work, "") == {"*": "2016-04-27T00:00"}


def test_another_order_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueProblem, match="one_order"):
        works(tmp_path, {"id": "x", "name": "DVD", "type": 3, "groups": []}, Source.TMDB)


def test_trakt(tmp_path: Path) -> None:
    def episode(season: int, number: int, kind: str = "standard") -> dict[str, Any]:
        ids = {"trakt": season * 100 + number, "tvdb": None, "imdb": "", "tmdb": 9}
        first = f"202{season}-01-0{number}T03:00:00.000Z"
        return {
            "season": season,
            "number": number,
            "number_abs": 7,
            "first_aired": first,
            "episode_type": kind,
            "ids": ids,
        }

    seasons = [
        {"number": 0, "episodes": [episode(0, 1)]},
        {"number": 1, "episodes": [episode(1, 2, "season_finale"), episode(1, 1)]},
    ]
    (work,) = works(tmp_path, seasons, Source.TRAKT)
    assert (work.id, chain(work), beside(work)) == ("", ["S1E1", "S1E2"], ["S0E1"])
    assert work.units[0].ext == {"trakt": "101", "tmdb": "9"}
    assert [(group.code, group.expected) for group in work.groups] == [("S1", 2)]
    show = {"title": "Harbour Lights", "ids": {"trakt": 4, "slug": "harbour-lights", "imdb": "tt38"}}
    (work,) = works(tmp_path, {"show": show, "seasons": seasons}, Source.TRAKT)
    assert (work.id, work.origin) == ("harbour-lights", {"trakt": "4", "imdb": "tt38"})


def row(item: str, ordinal: str, **more: str) -> dict[str, Any]:
    values = {"work": "http://www.wikidata.org/entity/Q1", "workLabel": "Lighthouse", "item": item, "ordinal": ordinal}
    return {name: {"type": "literal", "value": text} for name, text in {**values, **more}.items()}


def results(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"head": {"vars": []}, "results": {"bindings": list(rows)}}


def test_wikidata_sorts_as_people_number(tmp_path: Path) -> None:
    ordinals = ["10", "1b", "6", "3.5", "1", "3", "Special", "2", "4"]
    rows = [row(f"http://www.wikidata.org/entity/Q{n}", ordinal) for n, ordinal in enumerate(ordinals, 10)]
    (work,) = works(tmp_path, results(*rows), Source.WIKIDATA)
    assert (work.id, work.kind, work.origin) == ("lighthouse", Kind.COMIC, {"wikidata": "Q1"})
    assert chain(work) == ["#1", "#1b", "#2", "#3", "#3.5", "#4", "#6", "#10", "#Special"]
    assert work.units[0].ext == {"wikidata": "Q14"}


def test_wikidata_rows_say_the_same_thing_several_times(tmp_path: Path) -> None:
    more = {"kind": "tv", "season": "1", "basedOn": "http://www.wikidata.org/entity/Q2"}
    other = {**row("Q31", "1"), "work": {"value": "Q2"}, "workLabel": {"value": "The Book"}}
    (work, book) = works(
        tmp_path,
        results(
            row("Q20", "2", **more, date="2020-01-08T00:00:00Z", precision="11"),
            row("Q21", "1", **more, date="2020-01-01T00:00:00Z", region="GB"),
            row("Q21", "1", **more, date="2019-12-31T00:00:00Z", region="GB"),
            row("Q21", "1", **more, date="2020-01-01T00:00:00Z", precision="9"),
            other,
        ),
        Source.WIKIDATA,
    )
    assert (work.kind, chain(work)) == (Kind.TV, ["S1E1", "S1E2"])
    assert released(work, "S1E1") == {"GB": "2019-12-31T00:00"}
    assert work.relations == ((Relation.BASED_ON, "the-book"),)
    assert chain(book) == ["#1"]


def test_wikidata_needs_ordinals(tmp_path: Path) -> None:
    with pytest.raises(CatalogueProblem) as caught:
        works(tmp_path, results(row("Q3", "1"), row("Q4", " ")), Source.WIKIDATA)
    assert (caught.value.code, caught.value.place) == ("missing", "results.bindings[1]")


def test_json_ld(tmp_path: Path) -> None:
    series = {
        "@type": "TVSeries",
        "@id": "https://news.example/harbour",
        "name": "Harbour Lights",
        "alternateName": "HL",
        "containsSeason": [
            {
                "@type": "TVSeason",
                "seasonNumber": 1,
                "numberOfEpisodes": 2,
                "episode": [
                    {"@type": "TVEpisode", "episodeNumber": 2, "datePublished": "2020-01-08"},
                    {"@type": "TVEpisode", "position": 1, "name": "A spoiler"},
                ],
            }
        ],
    }
    comic = {
        "@type": ["ComicSeries", "CreativeWork"],
        "name": "Lamp",
        "hasPart": [{"@type": "ComicIssue", "issueNumber": "10"}, {"@type": "ComicIssue", "issueNumber": 2}],
    }
    document = {"@context": "https://schema.org", "@graph": [series, comic, {"@type": "Person", "name": "Ada"}]}
    show, lamp = works(tmp_path, document, Source.JSON_LD)
    assert (show.kind, chain(show), show.aliases) == (Kind.TV, ["S1E1", "S1E2"], ("HL",))
    assert [(group.code, group.expected) for group in show.groups] == [("S1", 2)]
    assert show.origin == {"schema.org": "https://news.example/harbour"}
    assert (lamp.kind, chain(lamp)) == (Kind.COMIC, ["#2", "#10"])


@pytest.mark.parametrize("source", [s for s in Source if s not in (Source.CSV, Source.IMDB)])
@pytest.mark.parametrize(
    "document", [None, [], {}, "x", 7, [1], {"results": []}, {"_embedded": 1, "name": "a", "id": []}, {"@graph": 5}]
)
def test_whatever_it_is_it_is_read_or_refused(tmp_path: Path, source: Source, document: object) -> None:
    path = tmp_path / "file.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(CatalogueProblem):
        check(read(path, source))
