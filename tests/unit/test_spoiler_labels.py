"""Labels: what people write in brackets, which work and unit they mean by it, and what nobody can know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.spoilers.labels import MOST_CHARACTERS, parse_label
from forum.spoilers.model import UNSPEC_SCOPE
from forum.spoilers.resolve import Around, Resolution, resolve, works_needed
from tests.support.cast import NOW, WORKS, comic, day, film, names_of, series

NAMES: Final = names_of(WORKS.values())
HERE: Final = ("jessica-jones", "luke-cage", "the-defenders", "civil-war-2006")


def read(label: str, prefer: Sequence[str] = HERE, at: datetime = NOW) -> Resolution:
    """What a label means in a discussion."""
    parsed = parse_label(label, NAMES)
    if parsed is None:
        return Resolution(UNSPEC_SCOPE, unknown=(label,))
    needed = {key: WORKS[key] for key in works_needed(parsed, prefer)}
    return resolve(parsed, NAMES, needed, Around(prefer, at))


@pytest.mark.parametrize(
    ("label", "tokens"),
    [
        # Units in every spelling.
        ("Jessica Jones S1E13", "jessica-jones:S1E13"),
        ("JJ S1E13", "jessica-jones:S1E13"),
        ("jj s1e13", "jessica-jones:S1E13"),
        ("JJ s1 e13", "jessica-jones:S1E13"),
        ("JJ S01E13", "jessica-jones:S1E13"),
        ("JJ S1 E 13", "jessica-jones:S1E13"),
        ("JJ S1.E13", "jessica-jones:S1E13"),
        ("JJ S1, Ep. 13", "jessica-jones:S1E13"),
        ("JJ 1x13", "jessica-jones:S1E13"),
        ("JJ 1×13", "jessica-jones:S1E13"),
        ("JJ season 1 episode 13", "jessica-jones:S1E13"),
        ("JJ Season One, Episode Three", "jessica-jones:S1E3"),
        ("Luke Cage episode 4", "luke-cage:S1E4"),
        ("Luke Cage ep 4", "luke-cage:S1E4"),
        ("Luke Cage ep. #4", "luke-cage:S1E4"),
        ("Civil War #7", "civil-war-2006:#7"),
        ("Civil War#7", "civil-war-2006:#7"),
        ("Civil War issue 7", "civil-war-2006:#7"),
        ("Civil War Issue #07", "civil-war-2006:#7"),
        ("Civil War no. 7", "civil-war-2006:#7"),
        ("Civil War ch 7", "civil-war-2006:#7"),
        ("Civil War chapter seven", "civil-war-2006:#7"),
        ("Civil War (#7)", "civil-war-2006:#7"),
        ("Civil War 7", "civil-war-2006:#7"),
        ("JJ SP1", "jessica-jones:SP1"),
        ("JJ sp1", "jessica-jones:SP1"),
        # Names as people write them.
        ("Marvel's Jessica Jones S1E13", "jessica-jones:S1E13"),
        ("Marvels Jessica Jones: S1E13", "jessica-jones:S1E13"),
        ("JESSICA-JONES S1E13", None),
        ("Jessica Jones – S1E13", "jessica-jones:S1E13"),
        ("“Jessica Jones” (S1E13)", "jessica-jones:S1E13"),
        ("*JJ* S1E13!", "jessica-jones:S1E13"),
        ("jessica-jones:S1E13", "jessica-jones:S1E13"),
        ("JJ:S1E13", "jessica-jones:S1E13"),
        # Around the label.
        ("spoilers for JJ S1E13", "jessica-jones:S1E13"),
        ("Spoilers: JJ S1E13", "jessica-jones:S1E13"),
        ("spoiler JJ S1E13", "jessica-jones:S1E13"),
        ("JJ S1E13 spoilers", "jessica-jones:S1E13"),
        ("Major spoilers for all of JJ S1", "jessica-jones:S1E13"),
        ("up to JJ S1E4", "jessica-jones:S1E4"),
        ("end of JJ S1", "jessica-jones:S1E13"),
        ("JJ S1 finale", "jessica-jones:S1E13"),
        ("issue 7 of Civil War", "civil-war-2006:#7"),
        ("season 1 of the show Jessica Jones", "jessica-jones:S1E13"),
        ("the comic Civil War", "civil-war-2006:#7"),
        # Whole works and groups.
        ("JJ", "jessica-jones:S1E13"),
        ("JJ S1", "jessica-jones:S1E13"),
        ("JJ season 2", "jessica-jones:S2E13"),
        ("JJ S3", "jessica-jones:*"),
        ("JJ S9", "jessica-jones:*"),
        ("JJ S9E99", "jessica-jones:*"),
        ("JJ S1E14", "jessica-jones:*"),
        ("JJ episode 3", "jessica-jones:*"),
        ("Luke Cage", "luke-cage:*"),
        ("The Defenders", "the-defenders:*"),
        ("Cap 3", "ca-civil-war:"),
        ("Civil War #12", "civil-war-2006:*"),
        # Ranges mean the furthest.
        ("Civil War #1-7", "civil-war-2006:#7"),
        ("Civil War issues 1 to 3", "civil-war-2006:#3"),
        ("Civil War #3–#5", "civil-war-2006:#5"),
        ("Civil War #5-3", "civil-war-2006:#5"),
        ("JJ S1E1-S1E4", "jessica-jones:S1E4"),
        ("JJ S1E1-4", "jessica-jones:S1E4"),
        ("JJ S1E1-E4", "jessica-jones:S1E4"),
        ("JJ S1-S2", "jessica-jones:S2E13"),
        ("JJ seasons 1-3", "jessica-jones:*"),
        # Several.
        ("JJ S1E13 + Civil War #7", "civil-war-2006:#7 jessica-jones:S1E13"),
        ("JJ S1E13; Civil War #7", "civil-war-2006:#7 jessica-jones:S1E13"),
        ("JJ S1E13 & Civil War #7", "civil-war-2006:#7 jessica-jones:S1E13"),
        ("JJ S1E13 and Civil War #7", "civil-war-2006:#7 jessica-jones:S1E13"),
        ("JJ S1E13, Civil War #7 AND Cap 3", "ca-civil-war: civil-war-2006:#7 jessica-jones:S1E13"),
        ("JJ S1E3 + S1E5", "jessica-jones:S1E5"),
        ("Civil War #1, #3 and #5", "civil-war-2006:#5"),
        # Names with digits, joining words and signs in them.
        ("Cloak & Dagger S1E2", "cloak-and-dagger:S1E2"),
        ("Cloak and Dagger S1E2 and JJ S1E1", "cloak-and-dagger:S1E2 jessica-jones:S1E1"),
        ("Season of the Witch", "season-of-the-witch:"),
        ("Apollo 13", "apollo-13:"),
        ("2001: A Space Odyssey", "2001-film:"),
        ("2001", "2001-film:"),
        ("Red + White; and Blue #2", "rw:#2"),
        ("Red + White; and Blue #2 + JJ S1E1", "jessica-jones:S1E1 rw:#2"),
        ("Captain America: Civil War", "ca-civil-war:"),
        ("進撃の巨人 #3", "titans:#3"),
        ("進撃の巨人 第3話", "titans:*"),
        ("Attack on Titan vol. 2 #3", "titans:*"),
        # A unit or a kind of work tells names apart.
        ("Civil War film", "ca-civil-war:"),
        ("Civil War (movie)", "ca-civil-war:"),
        ("the Civil War comic", "civil-war-2006:#7"),
        ("Civil War (2006)", "civil-war-2006:#7"),
        ("Alias #28", "alias-comic:#28"),
        ("Alias S1E1", "alias-tv:*"),
        ("Alias", "alias-comic:#28"),
        ("Alias comic", "alias-comic:#28"),
        ("Alias show", "alias-tv:*"),
        ("Jessica Jones comic", None),
        # A unit alone.
        ("S1E13", "jessica-jones:S1E13"),
        ("season 1", "jessica-jones:S1E13"),
        ("#3", "civil-war-2006:#3"),
        ("comic #3", "civil-war-2006:#3"),
        ("#3 + S1E2", "civil-war-2006:#3 jessica-jones:S1E2"),
        ("spoilers for S1E13", "jessica-jones:S1E13"),
        ("#12", "civil-war-2006:*"),
        # Of nothing that is known.
        ("Breaking Bad S1E1", None),
        ("JJ told me", None),
        ("my JJ theory", None),
        ("sic", None),
        ("1984", None),
        ("", None),
        ("+", None),
        ("spoilers", None),
        ("comic", None),
    ],
)
def test_a_label_means(label: str, tokens: str | None) -> None:
    resolution = read(label)
    assert resolution.scope.tokens == tuple((tokens or "?:").split())
    assert resolution.unclear == ()
    assert bool(resolution.unknown) == (tokens is None)


@pytest.mark.parametrize(
    "label", ["JJ S1E13 + Breaking Bad", "JJ S1E13 + my theory", "JJ S1E13+", "JJ S1E13 and beyond"]
)
def test_what_is_not_understood_asks_for_more(label: str) -> None:
    resolution = read(label)
    assert resolution.scope.tokens == ("?:", "jessica-jones:S1E13")
    assert len(resolution.unknown) == 1


def test_a_whole_work_is_pinned_to_what_was_out() -> None:
    assert read("JJ", at=day("2015-01-01")).scope.tokens == ("jessica-jones:*",)
    assert read("JJ", at=day("2015-11-20")).scope.tokens == ("jessica-jones:S1E13",)
    assert read("JJ", at=day("2018-06-01")).scope.tokens == ("jessica-jones:S2E13",)
    assert read("Luke Cage", at=day("2016-10-01")).scope.tokens == ("luke-cage:S1E13",)


def test_an_unknown_unit_is_not_the_end_of_what_is_known() -> None:
    (unknown,) = read("JJ S9E99").scope.points
    (season,) = read("JJ S9").scope.points
    (whole,) = read("JJ", at=day("2015-01-01")).scope.points
    (issue,) = read("Civil War #12").scope.points
    assert unknown.key == season.key == "jessica-jones:*S9"
    assert whole.key == "jessica-jones:*"
    assert issue.key == "civil-war-2006:*#12"


# --- Names that mean several works


def test_an_ambiguous_name_asks() -> None:
    resolution = read("Civil War", prefer=("jessica-jones",))
    (unclear,) = resolution.unclear
    assert unclear.text == "Civil War"
    assert {(each.label, each.token) for each in unclear.candidates} == {
        ("Civil War (2006 comic) #7", "civil-war-2006:#7"),
        ("Captain America: Civil War", "ca-civil-war:"),
    }
    # Where nobody can be asked, all of them count.
    assert resolution.scope.tokens == ("ca-civil-war:", "civil-war-2006:#7")


@pytest.mark.parametrize(
    ("label", "prefer", "tokens"),
    [
        ("Civil War", ("civil-war-2006",), "civil-war-2006:#7"),
        ("Civil War", ("ca-civil-war", "jessica-jones"), "ca-civil-war:"),
        ("Civil War #7", ("ca-civil-war",), "civil-war-2006:#7"),
        ("Alias", ("jessica-jones",), "alias-comic:#28"),
        ("Alias", ("alias-tv",), "alias-tv:*"),
        ("Alias #2", ("alias-tv",), "alias-comic:#2"),
        ("DW S1E1", (), "doctor-who-2005:S1E1"),
        ("Doctor Who S14E1", (), "doctor-who-1963:S14E1"),
        ("Doctor Who (1963)", (), "doctor-who-1963:S14E6"),
        ("Doctor Who (1963) S14E1", (), "doctor-who-1963:S14E1"),
        # Not the other series' fourteenth season: of this one it may not have been imported yet.
        ("Doctor Who S14E1", ("doctor-who-2005",), "doctor-who-2005:*"),
    ],
)
def test_the_discussion_then_the_franchise_then_all(label: str, prefer: tuple[str, ...], tokens: str) -> None:
    resolution = read(label, prefer)
    assert resolution.scope.tokens == (tokens,)
    assert resolution.unclear == ()


def test_a_unit_that_both_might_have_stays_unclear() -> None:
    assert len(read("DW S20E1", ()).unclear) == 1
    assert read("DW S20E1", ()).scope.tokens == ("doctor-who-1963:*", "doctor-who-2005:*")


# --- What counts as a label at all


@pytest.mark.parametrize(
    ("text", "alone", "in_discussion"),
    [
        ("JJ S1E13", True, True),
        ("spoilers for JJ", True, True),
        ("JJ S9E99", True, True),
        ("S1E13", False, True),
        ("#7 and #8", False, True),
        ("2", False, False),
        ("see #7", False, False),
        ("#7 and my theory", False, False),
        ("citation needed", False, False),
        ("JJ " * 100, False, False),
        ("JJ S1E1 + " * 15 + "JJ", False, False),
    ],
)
def test_what_is_a_label(text: str, alone: bool, in_discussion: bool) -> None:
    assert NAMES.knows(text) == alone
    assert NAMES.knows(text, prefer=HERE) == in_discussion


def test_a_unit_goes_with_the_first_work_that_has_it() -> None:
    assert read("#28", ("jessica-jones", "civil-war-2006", "alias-comic")).scope.tokens == ("alias-comic:#28",)
    assert read("#28", ("jessica-jones",)).scope.tokens == ("jessica-jones:*",)
    assert read("S1E13", ()).scope == UNSPEC_SCOPE


def test_codes_of_every_shape_are_found() -> None:
    works = {
        work.id: work
        for work in (
            series("shaped", "Shaped", {"S1": (3, "2015-01-01", True)}),
            comic("plain", "Plain", 12, franchise=None),
            film("one", "One", {"US": "2015-01-01"}, franchise=None),
        )
    }
    names = names_of(works.values())
    for label, token in [("Shaped s01e003", "shaped:S1E3"), ("Plain #012", "plain:#12"), ("One", "one:")]:
        parsed = parse_label(label, names)
        assert parsed is not None
        assert resolve(parsed, names, works, Around((), NOW)).scope.tokens == (token,)


@given(st.text(alphabet="JjSsEe13x#&+;,:.()[] -–'and of Civil War Alias", max_size=MOST_CHARACTERS))
def test_any_text_is_read_and_never_asks_for_less(text: str) -> None:
    resolution = read(text)
    assert resolution.scope
    known = parse_label(text, NAMES)
    assert (known is None) <= (resolution.scope == UNSPEC_SCOPE)
