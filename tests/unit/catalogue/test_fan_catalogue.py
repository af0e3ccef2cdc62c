"""The format of the catalogue itself: what it can say, and that every mistake is named with its place."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from forum.spoilers.catalogue.checking import check
from forum.spoilers.catalogue.drafts import PROBLEMS, Catalogue, CatalogueProblem
from forum.spoilers.catalogue.importing import Source, read
from forum.spoilers.model import Group, Kind, Relation
from tests.support.repository import ROOT

FILM: dict[str, Any] = {"id": "ca-civil-war", "kind": "film", "title": "Captain America: Civil War"}


def parsed(path: Path, document: object, source: Source | None = None) -> Catalogue:
    path /= "works.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return check(read(path, source))


def of_works(*works: object) -> dict[str, object]:
    return {"format": "fan-catalog/1", "works": works}


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    unit = {
        "code": "S1E1",
        "group": "S1",
        "title": "A",
        "released": {"*": "2015-11-20T08:01:00Z"},
        "ext": {"imdb": "tt1"},
    }
    document = {
        "format": "fan-catalog/1",
        "franchise": {"id": "mcu", "title": "Marvel"},
        "works": [
            {
                "id": "jessica-jones",
                "kind": "tv",
                "title": "Jessica Jones",
                "aliases": ["JJ"],
                "ext": {"tvmaze": 1369},
                "groups": [{"code": "S1", "expected": 13}, {"code": "S2", "title": "Two", "complete": True}],
                "units": [unit, {"code": "S1SP1", "group": "S1", "branch": True}],
                "relations": [{"rel": "based_on", "work": "alias-comic"}],
            },
            {"id": "other", "kind": "other", "title": "Other", "franchise": None},
        ],
    }
    catalogue = parsed(tmp_path, document)
    assert catalogue.franchises == {"mcu": "Marvel"}
    work, other = catalogue.works
    assert (work.id, work.kind, work.title, work.franchise) == ("jessica-jones", Kind.TV, "Jessica Jones", "mcu")
    assert (work.aliases, work.origin) == (("JJ",), {"tvmaze": "1369"})
    assert work.groups == (Group("S1", expected=13), Group("S2", "Two", complete=True))
    first, special = work.units
    assert (first.code, first.group, first.title, first.ext) == ("S1E1", "S1", "A", {"imdb": "tt1"})
    assert first.released == {"*": datetime(2015, 11, 20, 8, 1, tzinfo=UTC)}
    assert (special.branch, special.released) == (True, {})
    assert work.relations == ((Relation.BASED_ON, "alias-comic"),)
    assert other.franchise is None


def test_a_series_is_short_for_units(tmp_path: Path) -> None:
    series = [
        {"from": 1, "to": 2, "code": "S1E{n}", "group": "S1", "released": "2015-11-20"},
        {"from": 0, "to": 1, "code": "#{n}"},
    ]
    (work,) = parsed(tmp_path, of_works({**FILM, "series": series})).works
    assert [unit.code for unit in work.units] == ["S1E1", "S1E2", "#0", "#1"]
    assert work.units[1].released == {"*": datetime(2015, 11, 20, tzinfo=UTC)}
    (work,) = parsed(tmp_path, of_works({**FILM, "series": {"from": 1, "to": 7, "code": "#{n}"}})).works
    assert len(work.units) == 7


def test_moments_are_stored_in_utc(tmp_path: Path) -> None:
    released = {"GB": "2016-04-29", "US": "2016-05-06T01:30:00.5+02:00"}
    (work,) = parsed(tmp_path, of_works({**FILM, "units": [{"code": "", "released": released}]})).works
    assert work.units[0].released == {
        "GB": datetime(2016, 4, 29, tzinfo=UTC),
        "US": datetime(2016, 5, 5, 23, 30, tzinfo=UTC),
    }


def unit(**fields: object) -> dict[str, object]:
    return of_works({**FILM, "units": [{"code": "", **fields}]})


@pytest.mark.parametrize(
    ("document", "code", "place"),
    [
        ('{"format": "fan-catalog/1", "works": [', "bad_json", "line 1, column 39"),
        (of_works(), "nothing", ""),
        ({"format": "fan-catalog/2", "works": []}, "unknown_version", "format"),
        ({"format": "fan-catalog/1"}, "missing", ""),
        ({**of_works(FILM), "wroks": []}, "unknown_field", ""),
        (of_works("a string"), "expected_object", "works[0]"),
        (of_works({**FILM, "titel": "x"}), "unknown_field", "works[0]"),
        (of_works({"id": "a", "kind": "film"}), "missing", "works[0]"),
        (of_works({**FILM, "kind": "movie"}), "bad_kind", "works[0].kind"),
        (of_works({**FILM, "id": "Civil War"}), "bad_id", "works[0]"),
        (of_works({**FILM, "title": 7}), "expected_text", "works[0].title"),
        (of_works({**FILM, "title": " \u200b"}), "bad_text", "works[0]"),
        (of_works({**FILM, "title": "x" * 201}), "bad_text", "works[0]"),
        (of_works({**FILM, "title": "Who ||he|| is"}), "spoiler_in_name", "works[0]"),
        (of_works({**FILM, "aliases": ["ok", ">!him!<"]}), "spoiler_in_name", "works[0]"),
        (of_works({**FILM, "aliases": "JJ"}), "expected_list", "works[0].aliases"),
        (of_works({**FILM, "aliases": ["ok", None, 1]}), "expected_text", "works[0].aliases[2]"),
        (of_works(FILM, FILM), "id_twice", "works[1]"),
        (of_works({**FILM, "ext": {"IMDb": "x"}}), "bad_origin", "works[0]"),
        (
            of_works({**FILM, "groups": [{"code": "S1", "expected": "13"}]}),
            "expected_number",
            "works[0].groups[0].expected",
        ),
        (of_works({**FILM, "groups": [{"code": "S1", "expected": 0}]}), "bad_expected", "works[0]"),
        (
            of_works({**FILM, "relations": [{"rel": "clears", "work": "a"}]}),
            "bad_relation",
            "works[0].relations[0].rel",
        ),
        (of_works({**FILM, "series": {"from": 7, "to": 1, "code": "#{n}"}}), "series_order", "works[0].series"),
        (of_works({**FILM, "series": {"from": 1, "to": 10**9, "code": "#{n}"}}), "series_order", "works[0].series"),
        (of_works({**FILM, "series": {"from": 1, "to": 7, "code": "#n"}}), "series_order", "works[0].series"),
        (of_works({**FILM, "units": [{"group": "S1"}]}), "missing", "works[0].units[0]"),
        (of_works({**FILM, "units": [{"code": "a"}, {"code": "a"}]}), "code_twice", "works[0].units[1]"),
        (unit(code="S1 E1"), "bad_code", "works[0].units[0]"),
        (unit(code="S1:E1"), "bad_code", "works[0].units[0]"),
        (unit(code="*"), "bad_code", "works[0].units[0]"),
        (unit(code="\ue000"), "bad_code", "works[0].units[0]"),
        (unit(code="x" * 41), "bad_code", "works[0].units[0]"),
        (unit(branch="yes"), "expected_flag", "works[0].units[0].branch"),
        (unit(released={"uk": "2016-04-29"}), "bad_region", "works[0].units[0]"),
        (unit(released={"*": "2016-02-30"}), "bad_date", "works[0].units[0].released.*"),
        (unit(released={"*": "2016-04"}), "bad_date", "works[0].units[0].released.*"),
        (unit(released={"*": "2016-04-29T10:00:00"}), "bad_date", "works[0].units[0].released.*"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, document: object, code: str, place: str) -> None:
    with pytest.raises(CatalogueProblem) as caught:
        parsed(tmp_path, document, Source.FAN_CATALOGUE)
    assert (caught.value.code, caught.value.place) == (code, place)
    assert PROBLEMS[code] % caught.value.params if caught.value.params else PROBLEMS[code]


def test_names_hold_nothing_that_stands_for_hidden_text(tmp_path: Path) -> None:
    (work,) = parsed(tmp_path, of_works({**FILM, "title": " Civil\ue000\n War\u202e "})).works
    assert work.title == "Civil War"


def test_the_format_is_told_from_the_content(tmp_path: Path) -> None:
    assert parsed(tmp_path, of_works(FILM)).works[0].id == "ca-civil-war"
    assert parsed(tmp_path, "\ufeffwork,kind,title,unit\nfilm,film,Film,\n").works[0].id == "film"
    assert parsed(tmp_path, {"@type": "Movie", "name": "Film"}).works[0].kind is Kind.FILM
    documents: list[object] = [{"id": 1, "name": "?"}, "just words", "", []]
    for nothing in documents:
        with pytest.raises(CatalogueProblem) as caught:
            parsed(tmp_path, nothing)
        assert caught.value.code == "unknown_format"


def test_the_sample_of_the_demo_can_be_taken() -> None:
    catalogue = check(read(ROOT / "forum/demo/data/catalogue.json"))
    works = {work.id: work for work in catalogue.works}
    assert len(works["jessica-jones"].units) == 39
    assert {other for work in works.values() for _, other in work.relations} <= works.keys()
    assert all(unit.title is None for work in works.values() for unit in work.units)
