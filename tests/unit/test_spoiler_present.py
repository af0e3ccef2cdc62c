"""Works as scripts and programs get them: releases by region, and no title of a part."""

from dataclasses import asdict

import orjson

from forum.spoilers.catalogue.present import WorkFacts, WorkView, work_facts, work_view
from forum.spoilers.model import Group, Kind, Relation, Unit, Work
from forum.web.operations import json_bytes
from tests.support.works import CANARY, day

GB, US = {"GB": day("2016-04-29")}, {"US": day("2016-05-06")}
WORK = Work(
    id="w",
    kind=Kind.FILM,
    title="W",
    franchise="f",
    aliases=("V",),
    units=(
        Unit(1, "w", "a", 1, "g", CANARY, {**GB, **US}),
        Unit(2, "w", "b", 2, None, None, GB),
        Unit(3, "w", "c", 3),
        Unit(4, "w", "d", None, None, CANARY, {**GB, **US}),
    ),
    groups=(Group("g", CANARY, 1, True),),
    relations=((Relation.FOLLOWS, "v"),),
    origin={"imdb": "tt1"},
)


def test_a_work_is_small_arrays() -> None:
    assert orjson.loads(json_bytes(work_view(WORK))) == {
        "id": "w",
        "kind": "film",
        "title": "W",
        "franchise": "f",
        "aliases": ["V"],
        "units": [
            ["a", "g", "2016-05-06T00:00:00Z", "2016-04-29T00:00:00Z"],
            # What came out earlier than the part before it expires no earlier: it stands for both.
            ["b", None, "2016-05-06T00:00:00Z", "2016-04-29T00:00:00Z"],
            ["c", None, None, None],
        ],
        "branch": [["d", "2016-05-06T00:00:00Z"]],
        "groups": [["g", True]],
        "relations": [["follows", "v"]],
        "origin": {"imdb": "tt1"},
    }


def test_the_regions_of_a_site_say_which_release_is_the_last() -> None:
    def last(*regions: str) -> list[str | None]:
        return [str(unit[2].date()) if unit[2] else None for unit in work_facts(WORK, frozenset(regions)).units]

    assert last("GB") == ["2016-04-29", "2016-04-29", None]
    assert last("US") == ["2016-05-06", None, None]
    assert last("GB", "US") == ["2016-05-06", None, None]
    # Where it came out first counts everywhere: people travel.
    assert {unit[3] for unit in work_facts(WORK, frozenset({"US"})).units} == {day("2016-04-29"), None}


def test_a_page_carries_the_facts_alone() -> None:
    facts = work_facts(WORK)
    whole = asdict(work_view(WORK))
    assert asdict(facts) == {name: whole[name] for name in asdict(facts)}
    assert set(whole) - set(asdict(facts)) == {"id", "aliases", "origin"}
    assert isinstance(work_view(WORK), WorkView)
    assert isinstance(facts, WorkFacts)


def test_no_title_of_a_part_leaves() -> None:
    assert CANARY.encode() not in json_bytes(work_view(WORK))
