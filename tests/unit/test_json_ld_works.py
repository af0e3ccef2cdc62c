"""What search engines are told that a discussion is about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forum.comments.json_ld import TYPES, describe
from forum.spoilers.gazetteer import Gazetteer, Named
from forum.spoilers.model import UNSPEC, Group, Kind, Point, Relation, Unit, Work

TITLE = "The one where the butler did it"
SERIES = Work(
    "jessica-jones",
    Kind.TV,
    "Jessica Jones",
    units=(
        Unit(1, "jessica-jones", "S1E13", 13, "S1", title=TITLE),
        Unit(2, "jessica-jones", "special", None, title=TITLE),
    ),
    groups=(Group("S1", title=TITLE),),
    relations=((Relation.BASED_ON, "alias-comic"), (Relation.CROSSES_OVER, "ca-civil-war")),
)
COMIC = Work(
    "alias-comic", Kind.COMIC, "Alias", units=(Unit(3, "alias-comic", "#7", 7), Unit(4, "alias-comic", "x", 8))
)
FILM = Work("ca-civil-war", Kind.FILM, "Civil War", units=(Unit(5, "ca-civil-war", "", 1),))
NAMES = Gazetteer.of(1, [Named(work.id, work.kind, work.title) for work in (SERIES, COMIC, FILM)])
NO_NAMES = Gazetteer.of(1, [])
ALIAS = {"@type": "ComicSeries", "name": "Alias"}
JONES = {"@type": "TVSeries", "name": "Jessica Jones", "isBasedOn": ALIAS}


def at(work: Work, code: str) -> Point:
    return Point(work.id, work.unit(code))


def test_no_works_are_nothing() -> None:
    assert describe([], [UNSPEC, at(SERIES, "S1E13")], NAMES) == {}


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_type(kind: Kind) -> None:
    assert describe([Work("a", kind, "A")], [], NO_NAMES) == {"about": [{"@type": TYPES[kind], "name": "A"}]}


def test_works_in_their_order_with_what_they_are_based_on() -> None:
    said = describe([FILM, SERIES], [], NAMES)
    assert said == {"about": [{"@type": "Movie", "name": "Civil War"}, JONES]}


def test_what_a_work_is_based_on_is_said_where_it_is_known() -> None:
    assert describe([SERIES], [], NO_NAMES) == {"about": [{"@type": "TVSeries", "name": "Jessica Jones"}]}
    both = replace(SERIES, relations=((Relation.BASED_ON, "alias-comic"), (Relation.BASED_ON, "ca-civil-war")))
    (work,) = describe([both], [], NAMES)["about"]
    assert work["isBasedOn"] == [ALIAS, {"@type": "Movie", "name": "Civil War"}]


def test_episodes_and_issues_are_mentioned_by_number() -> None:
    said = describe([SERIES, COMIC], [at(SERIES, "S1E13"), at(COMIC, "#7")], NAMES)
    assert said["mentions"] == [
        {
            "@type": "TVEpisode",
            "episodeNumber": 13,
            "partOfSeason": {"@type": "TVSeason", "seasonNumber": 1},
            "partOfSeries": {"@type": "TVSeries", "name": "Jessica Jones"},
        },
        {"@type": "ComicIssue", "issueNumber": 7, "isPartOf": ALIAS},
    ]


def test_other_points_are_not_mentioned_and_no_part_by_its_title() -> None:
    points = [UNSPEC, Point(SERIES.id), Point(SERIES.id, None, "S1"), at(SERIES, "special"), at(COMIC, "x")]
    said = describe([SERIES, COMIC, FILM], [*points, at(FILM, ""), Point("gone")], NAMES)
    assert set(said) == {"about"}
    assert TITLE not in str(describe([SERIES], [at(SERIES, "S1E13")], NAMES))


def test_a_number_of_another_kind_is_no_episode() -> None:
    podcast = replace(SERIES, kind=Kind.PODCAST)
    assert set(describe([podcast], [at(podcast, "S1E13")], NAMES)) == {"about"}
