"""Drafts and the catalogue put together: nothing twice, nothing lost, and no spoiler uncovered by a new numbering."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from forum.core.ids import EPOCH, SEQUENCE_BITS
from forum.spoilers.catalogue.checking import check
from forum.spoilers.catalogue.differences import Collision, Part, Sign
from forum.spoilers.catalogue.drafts import GUESSED, Catalogue, CatalogueProblem, DraftUnit, DraftWork
from forum.spoilers.catalogue.matching import Entry, match_work
from forum.spoilers.catalogue.merging import Known, Mode, Plan, plan_import
from forum.spoilers.catalogue.pinning import OpenPoint
from forum.spoilers.model import Group, Kind, Relation, Unit, Work
from forum.spoilers.names import normalise

PREMIERE = datetime(2026, 5, 1, tzinfo=UTC)


def made_at(moment: datetime) -> int:
    """An id of that moment."""
    return (moment - EPOCH) // timedelta(milliseconds=1) << SEQUENCE_BITS


def seasons(*lengths: int, released: bool = True, **fields: Any) -> DraftWork:
    units = tuple(
        DraftUnit(f"S{s}E{e}", f"S{s}", released={"*": PREMIERE} if released else {}, ext={"tvmaze": f"{s}{e:02}"})
        for s, length in enumerate(lengths, 1)
        for e in range(1, length + 1)
    )
    return DraftWork(**{"id": "jj", "kind": Kind.TV, "title": "Jessica Jones", "units": units, **fields})


def with_units(*codes: str, **fields: Any) -> DraftWork:
    return DraftWork("jj", Kind.TV, "Jessica Jones", units=tuple(DraftUnit(code) for code in codes), **fields)


def plan(
    drafts: DraftWork | Iterable[DraftWork],
    *known: Work,
    mode: Mode = Mode.ADD,
    referenced: Iterable[Unit] = (),
    open_points: Iterable[OpenPoint] = (),
    franchises: dict[str, str] | None = None,
) -> Plan:
    catalogue = check(Catalogue((drafts,) if isinstance(drafts, DraftWork) else tuple(drafts), franchises or {}))
    entries = [Entry(work.id, work.origin) for work in known]
    matched = {draft.id: found for draft in catalogue.works if (found := match_work(draft, entries))}
    names: dict[str, set[str]] = {}
    for work in known:
        for name in (work.title, *work.aliases):
            names.setdefault(normalise(name), set()).add(work.id)
    everything = Known(
        works={work.id: work for work in known if work.id in matched.values()},
        matched=matched,
        names={name: frozenset(ids) for name, ids in names.items()},
        franchises={work.franchise: "Marvel" for work in known if work.franchise},
        referenced=frozenset(unit.id for unit in referenced),
        open_points=tuple(open_points),
    )
    ids = count(made_at(PREMIERE - timedelta(days=30)) + sum(len(work.units) for work in known))
    return plan_import(everything, catalogue, mode, lambda: next(ids))


def made(draft: DraftWork) -> Work:
    (work,) = plan(draft).after
    return work


def chain(work: Work) -> list[str]:
    return [unit.code for unit in work.chain]


def unit_of(work: Work, code: str) -> Unit:
    found = work.unit(code)
    assert found is not None
    return found


def test_a_new_work() -> None:
    result = plan(seasons(2, 1, aliases=("JJ",), origin={"tvmaze": "1369"}))
    (work,) = result.after
    assert chain(work) == ["S1E1", "S1E2", "S2E1"]
    assert [unit.ord for unit in work.units] == [1000, 2000, 3000]
    assert work.groups == (Group("S1"), Group("S2"))
    added = result.diff.changes[0]
    assert (added.work, added.sign, added.part, added.name) == ("jj", Sign.ADDED, Part.WORK, "Jessica Jones")


@pytest.mark.parametrize("mode", Mode)
def test_doing_it_again_changes_nothing(mode: Mode) -> None:
    draft = seasons(
        13,
        8,
        aliases=("JJ", "Marvel's Jessica Jones", "jj"),
        groups=(Group("S1", expected=13), Group("S2", "Two", expected=13), Group("S3")),
        relations=((Relation.BASED_ON, "alias-comic"),),
        origin={"tvmaze": "1369"},
    )
    result = plan(draft, made(draft), mode=mode, franchises=None)
    assert not result.diff
    assert result.differing == ()


def test_what_the_file_does_not_have_stays() -> None:
    before = replace(made(seasons(3, aliases=("JJ",), relations=((Relation.FOLLOWS, "other"),))), franchise="mcu")
    result = plan(with_units("S1E2", "S1E4", origin={"tmdb": "1"}), before)
    (after,) = result.after
    assert chain(after) == ["S1E1", "S1E2", "S1E3", "S1E4"]
    assert after.aliases == ("JJ",)
    assert (after.franchise, after.relations) == ("mcu", before.relations)
    assert result.diff.kept == {"jj": ("S1E1", "S1E3")}
    assert after.unit("S1E2") == before.unit("S1E2")
    assert unit_of(after, "S1E2").released == unit_of(before, "S1E2").released


def test_franchises_have_to_be_known() -> None:
    with pytest.raises(CatalogueProblem, match="franchise_unknown"):
        plan(seasons(1, franchise="mcu"))
    result = plan(seasons(1, franchise="mcu"), franchises={"mcu": "Marvel"})
    assert result.diff.changes[0].part is Part.FRANCHISE
    assert result.after[0].franchise == "mcu"


def test_what_an_editor_takes_out_goes() -> None:
    before = made(seasons(3, aliases=("JJ", "J.J. Abrams"), relations=((Relation.FOLLOWS, "other"),)))
    first = unit_of(before, "S1E1")
    draft = DraftWork("jj", Kind.TV, "Jessica Jones", ("JJ"), units=(DraftUnit("E1", id=first.id),))
    draft = replace(draft, franchise=None, aliases=("JJ",))
    (after,) = plan(draft, before, mode=Mode.EXACT, referenced=[first]).after
    assert [(unit.id, unit.code, unit.group, dict(unit.released)) for unit in after.units] == [
        (first.id, "E1", None, {})
    ]
    assert unit_of(after, "E1").ext == first.ext
    assert (after.aliases, after.relations, after.groups) == (("JJ",), (), ())
    with pytest.raises(CatalogueProblem) as caught:
        plan(draft, before, mode=Mode.EXACT, referenced=[unit_of(before, "S1E2")])
    assert (caught.value.code, caught.value.params) == ("referenced", {"found": "jj S1E2"})


def renumbered(*ids: str) -> DraftWork:
    """Season one with these ids elsewhere, in this order."""
    units = (DraftUnit(f"S1E{n}", "S1", ext={"tvmaze": key}) for n, key in enumerate(ids, 1))
    return DraftWork("jj", Kind.TV, "Jessica Jones", units=tuple(units))


def test_renumbering_keeps_the_units() -> None:
    before = made(seasons(3))
    second, third = unit_of(before, "S1E2"), unit_of(before, "S1E3")
    result = plan(renumbered("101", "199", "102", "103"), before, referenced=[second, third])
    (after,) = result.after
    assert [unit_of(after, code).id for code in ("S1E3", "S1E4")] == [second.id, third.id]
    assert chain(after) == ["S1E1", "S1E2", "S1E3", "S1E4"]
    assert [unit.ord for unit in after.chain] == [1000, 1500, 2000, 3000]
    renamed = [change for change in result.diff.changes if change.part is Part.UNIT and change.sign is Sign.CHANGED]
    assert [(change.name, change.before.split(",")[0]) for change in renamed] == [("S1E3", "S1E2"), ("S1E4", "S1E3")]


@pytest.mark.parametrize("mode", [Mode.ADD, Mode.EXACT])
def test_what_spoilers_point_at_is_not_reordered(mode: Mode) -> None:
    before = made(seasons(3))
    swapped = renumbered("102", "101", "103")
    for code in ("S1E1", "S1E2"):
        with pytest.raises(CatalogueProblem) as caught:
            plan(swapped, before, mode=mode, referenced=[unit_of(before, code)])
        assert (caught.value.code, caught.value.params) == ("reordered", {"found": f"jj {code}"})
    (after,) = plan(swapped, before, mode=mode, referenced=[unit_of(before, "S1E3")]).after
    assert [unit.ext["tvmaze"] for unit in after.chain] == ["102", "101", "103"]
    (after,) = plan(swapped, before, mode=Mode.MERGE, referenced=before.units).after
    assert [unit.id for unit in after.chain] == [before.chain[n].id for n in (1, 0, 2)]


@pytest.mark.parametrize("mode", [Mode.ADD, Mode.EXACT])
def test_what_spoilers_point_at_does_not_leave_or_join_the_chain(mode: Mode) -> None:
    for beside, code in (("S1E2", "S1E2"), ("S1E1", "S1E2")):
        units = tuple(DraftUnit(f"S1E{n}", branch=f"S1E{n}" == beside) for n in (1, 2))
        before = made(replace(with_units(), units=units))
        other = replace(with_units(), units=tuple(replace(unit, branch=not unit.branch) for unit in units))
        with pytest.raises(CatalogueProblem, match="reordered"):
            plan(other, before, mode=mode, referenced=[unit_of(before, code)])
        assert plan(other, before, mode=mode).diff


def test_a_merge_repoints_what_is_gone() -> None:
    before = made(seasons(4, 1))
    gone = [unit_of(before, code) for code in ("S1E2", "S1E3")]
    result = plan(with_units("S1E1", "S1E4", "S2E1"), before, mode=Mode.MERGE, referenced=gone)
    (after,) = result.after
    assert chain(after) == ["S1E1", "S1E4", "S2E1"]
    assert [(merge.code, merge.into, merge.into_code) for merge in result.diff.merges] == [
        ("S1E2", unit_of(before, "S1E1").id, "S1E1"),
        ("S1E3", unit_of(before, "S1E1").id, "S1E1"),
    ]
    # Where nothing comes before, whoever has seen what comes next is past it.
    result = plan(with_units("S1E4"), before, mode=Mode.MERGE, referenced=[unit_of(before, "S1E1")])
    assert [merge.into_code for merge in result.diff.merges] == ["S1E4"]


def test_a_merge_opens_what_has_nothing_near() -> None:
    before = made(replace(with_units(), units=(DraftUnit("S1E1", "S1"), DraftUnit("S1SP1", "S1", branch=True))))
    result = plan(with_units("S1E1"), before, mode=Mode.MERGE, referenced=before.units)
    assert [(merge.code, merge.into, merge.group) for merge in result.diff.merges] == [("S1SP1", None, "S1")]
    result = plan(with_units(), before, mode=Mode.MERGE, referenced=before.units)
    assert [(merge.code, merge.into) for merge in result.diff.merges] == [("S1E1", None), ("S1SP1", None)]


def test_a_code_that_passes_to_another_unit() -> None:
    before = made(seasons(3))
    draft = renumbered("101", "103")
    with pytest.raises(CatalogueProblem) as caught:
        plan(draft, before)
    assert (caught.value.code, caught.value.params) == ("code_taken", {"found": "jj S1E2"})
    result = plan(draft, before, mode=Mode.MERGE, referenced=before.units)
    assert [unit.id for unit in result.after[0].chain] == [before.units[0].id, before.units[2].id]
    assert [(merge.code, merge.into_code) for merge in result.diff.merges] == [("S1E2", "S1E1")]


def test_guesses_do_not_replace_what_people_said() -> None:
    before = made(seasons(1, title="Jessica Jones (series)", origin={"tvmaze": "1369"}))
    source = seasons(
        1, id="jessica-jones", kind=Kind.OTHER, origin={"tvmaze": "1369"}, source="tvmaze", guessed=GUESSED
    )
    (after,) = plan(source, before).after
    assert (after.id, after.kind, after.title) == ("jj", Kind.TV, "Jessica Jones (series)")
    assert after.aliases == ("Jessica Jones",)
    (after,) = plan(replace(source, title="JJ", guessed=GUESSED - {"title"}), before).after
    assert (after.title, after.aliases) == ("JJ", ("Jessica Jones (series)",))


def test_a_new_work_needs_a_title() -> None:
    with pytest.raises(CatalogueProblem, match="title_needed"):
        plan(seasons(1, title="", guessed=frozenset({"title"})))


def test_what_is_known_elsewhere_needs_no_id() -> None:
    before = made(seasons(1, origin={"tvmaze": "1369"}))
    nameless = seasons(2, id="", title="", guessed=GUESSED, source="tvmaze", origin={"tvmaze": "1369"})
    (after,) = plan(nameless, before).after
    assert (after.id, after.title, chain(after)) == ("jj", "Jessica Jones", ["S1E1", "S1E2"])
    for works, drafts in (((), [nameless]), ((before,), [nameless, nameless])):
        with pytest.raises(CatalogueProblem, match="id_needed"):
            plan(drafts, *works)


def test_relations_follow_works_that_are_called_otherwise_here() -> None:
    before = made(seasons(1, origin={"tvmaze": "1369"}))
    same = seasons(1, id="jessica-jones", origin={"tvmaze": "1369"})
    other = DraftWork(
        "luke-cage",
        Kind.TV,
        "Luke Cage",
        relations=((Relation.CROSSES_OVER, "jessica-jones"), (Relation.FOLLOWS, "luke-cage")),
    )
    _, after = plan([same, other], before).after
    assert after.relations == ((Relation.CROSSES_OVER, "jj"),)


def test_groups_are_complete_when_all_is_there() -> None:
    draft = seasons(2, 2, groups=(Group("S1", expected=2), Group("S2", expected=3), Group("S3", expected=1)))
    before = made(draft)
    assert [group.complete for group in before.groups] == [True, False, False]
    # Who knows nothing about it does not change it.
    (after,) = plan(seasons(2, 2), before).after
    assert after.groups == before.groups
    (after,) = plan(seasons(2, 3), before).after
    assert [group.complete for group in after.groups] == [True, True, False]
    # More is planned than was known.
    (after,) = plan(seasons(2, 2, groups=(Group("S1", expected=4),)), before).after
    assert after.groups[0] == Group("S1", None, 4, False)
    said = made(seasons(1, groups=(Group("S1", complete=True), Group("S2", complete=True))))
    assert [group.complete for group in said.groups] == [True, False]


def test_branch_units_do_not_complete_a_group() -> None:
    units = (DraftUnit("S1E1", "S1"), DraftUnit("S1SP1", "S1", branch=True))
    (group,) = made(replace(with_units(), units=units, groups=(Group("S1", expected=2),))).groups
    assert not group.complete


def test_names_that_mean_more_than_before() -> None:
    film = made(DraftWork("ca-civil-war", Kind.FILM, "Captain America: Civil War", aliases=("Civil War",)))
    comic = DraftWork("civil-war-2006", Kind.COMIC, "Civil War (2006 comic)", aliases=("Civil War", "The civil war!"))
    result = plan(comic, film)
    assert result.diff.collisions == (Collision("Civil War", ("ca-civil-war", "civil-war-2006")),)
    # Only what is new is said.
    assert plan(comic, film, made(comic)).diff.collisions == ()
    both = plan([comic, replace(comic, id="other", title="Other")], film).diff.collisions
    assert both == (Collision("Civil War", ("ca-civil-war", "civil-war-2006", "other")),)


def test_a_group_left_open_ends_when_it_is_complete() -> None:
    before = made(seasons(2, groups=(Group("S1", expected=3),)))
    point = OpenPoint(7, 0, "jj", "S1")
    assert plan(seasons(2), before, open_points=[point]).diff.pins == ()
    result = plan(seasons(3), before, open_points=[point])
    assert [(pin.scope_id, pin.seq, pin.code) for pin in result.diff.pins] == [(7, 0, "S1E3")]
    # And is looked at again when nothing else changes.
    again = plan(seasons(3), result.after[0], open_points=[point])
    assert [pin.code for pin in again.diff.pins] == ["S1E3"]
    assert again.diff


def early(seconds: int) -> OpenPoint:
    return OpenPoint(made_at(PREMIERE + timedelta(seconds=seconds)), 0, "jj", None)


def test_a_work_left_open_before_it_was_out_ends_with_its_first_group() -> None:
    groups = (Group("S1", expected=2), Group("S2", expected=2))
    before = made(seasons(0))
    assert plan(seasons(1, groups=groups), before, open_points=[early(-1)]).diff.pins == ()
    (pin,) = plan(seasons(2, 2, groups=groups), before, open_points=[early(-1)]).diff.pins
    assert pin.code == "S1E2"
    # Afterwards it means something that is still to come.
    assert plan(seasons(2, 2, groups=groups), before, open_points=[early(0)]).diff.pins == ()


def test_without_dates_what_was_said_before_it_was_catalogued() -> None:
    groups = (Group("S1", expected=1),)
    draft, days = seasons(1, released=False, groups=groups), 24 * 3600
    (pin,) = plan(draft, made(seasons(0)), open_points=[early(-31 * days)]).diff.pins
    assert pin.code == "S1E1"
    assert plan(draft, made(seasons(0)), open_points=[early(-29 * days)]).diff.pins == ()


def test_a_film_left_open_is_that_film() -> None:
    film = with_units("")
    (pin,) = plan(film, made(with_units()), open_points=[OpenPoint(1, 0, "jj", None)]).diff.pins
    assert pin.code == ""
    assert plan(with_units("#1", "#2"), made(with_units()), open_points=[OpenPoint(1, 0, "jj", None)]).diff.pins == ()


def test_a_season_that_comes_alone_finds_its_place() -> None:
    second = replace(seasons(1, 2), units=seasons(1, 2).units[1:])
    (after,) = plan(seasons(2), made(second)).after
    assert chain(after) == ["S1E1", "S1E2", "S2E1", "S2E2"]
    assert [group.code for group in after.groups] == ["S1", "S2"]
