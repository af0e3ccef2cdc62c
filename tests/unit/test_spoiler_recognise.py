"""The recogniser: it notices works and units that are not assumed, and is silent about everything else."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.spoilers.gazetteer import Gazetteer, Named
from forum.spoilers.model import NO_SCOPE, Kind, Point, Scope, Work
from forum.spoilers.recognise import MOST_MENTIONS, Discussion, Mention, find_clues, mentions_of
from forum.spoilers.spotting import Spotter
from tests.support.cast import CAGE, CLOAK, JONES, NOW, TITANS, WORKS, comic, day, names_of

NAMES: Final = names_of(WORKS.values())
SPOTTER: Final = Spotter.of(NAMES)
HERE: Final = ("jessica-jones", "luke-cage", "the-defenders", "civil-war-2006")
SEASON_1: Final = Scope.of([Point(JONES.id, JONES.unit("S1E13"))])


def notice(text: str, assumed: Scope = SEASON_1, prefer: Sequence[str] = HERE) -> list[Mention]:
    """What is noticed in a text for a discussion."""
    clues = find_clues(text, SPOTTER, NAMES, prefer)
    return mentions_of(clues, NAMES, WORKS, Discussion(assumed, prefer, NOW))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        # Other works, by name.
        ("I can't wait for Luke Cage to come out.", "luke-cage:*"),
        ("Luke Cage's bar", "luke-cage:*"),
        ("that luke cage bar", "luke-cage:*"),
        ("Is this before The Defenders?", "the-defenders:*"),
        ("I liked Cap 3 more.", "ca-civil-war:"),
        ("It is like Cloak & Dagger.", "cloak-and-dagger:*"),
        ("It is like Cloak and Dagger.", "cloak-and-dagger:*"),
        ("As in 進撃の巨人です", "titans:#34"),
        ("As in Attack on Titan.", "titans:#34"),
        ("The ending of Apollo 13, really", "apollo-13:"),
        # Units of the discussion's own works.
        ("In S2E1 she does.", "jessica-jones:S2E1"),
        ("2x01 was bad", "jessica-jones:S2E1"),
        ("wait for season 2", "jessica-jones:S2E13"),
        ("Season two, episode three!", "jessica-jones:S2E3"),
        ("It is in S3E9 that", "jessica-jones:*"),
        ("see #3", "civil-war-2006:#3"),
        ("issue 3 says it all", "civil-war-2006:#3"),
        # Units with names.
        ("Luke Cage S1E4 has it", "luke-cage:S1E4"),
        ("S1E4 of Luke Cage has it", "luke-cage:S1E4"),
        ("the season 1 finale of Luke Cage", "luke-cage:S1E13"),
        ("Jessica Jones S2", "jessica-jones:S2E13"),
        ("read Alias #28 first", "alias-comic:#28"),
        ("read alias #28 first", "alias-comic:#28"),
        ("Civil War #2-4 shows it", "civil-war-2006:#4"),
        # Words that point.
        ("in the comics he survives", "civil-war-2006:#7"),
        # Names that are words, where they are written as names.
        ("I read Alias again.", "alias-comic:#28"),
        ("It is from *Alias* as such", "alias-comic:#28"),
        ("They took “Alias” as such", "alias-comic:#28"),
    ],
)
def test_it_notices(text: str, tokens: str) -> None:
    assert [mention.token for mention in notice(text)] == tokens.split()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Nothing is named here.",
        "I loved Jessica Jones.",
        "JJ is the best, jj forever",
        "In S1E13 she does.",
        "1x05 and S1E1-S1E13 and season 1",
        "episode 12 of Jessica Jones, episode 3",
        "an alias is not a name",
        "Alias or not, she is good.",
        "he's 1 of 3, it's 4 e5",
        "a 2 x 4 plank of 10 x 12",
        "no 1 but part 3",
        "the finale was great",
        "we are number one thousand",
    ],
)
def test_it_is_silent(text: str) -> None:
    assert notice(text, SEASON_1, ("jessica-jones", "luke-cage")) == []


def test_it_says_where_and_what() -> None:
    text = "Oh — wait until S1E4 of Luke Cage, then Luke Cage S1E4 again."
    (mention,) = notice(text)
    assert mention == Mention(
        CAGE.id, "Luke Cage", "S1E4", "Luke Cage S1E4", "luke-cage:S1E4", text.index("S1E4"), text.index(", then")
    )


def test_an_end_means_all_that_was_out() -> None:
    assert [m.token for m in notice("The finale!", NO_SCOPE, (JONES.id,))] == ["jessica-jones:S1E13"]
    clues = find_clues("the last episode", SPOTTER, NAMES, (JONES.id,))
    later = Discussion(SEASON_1, (JONES.id,), day("2018-06-01"))
    assert [m.token for m in mentions_of(clues, NAMES, WORKS, later)] == ["jessica-jones:S2E13"]


def test_the_comics_are_what_the_series_is_based_on() -> None:
    assert [m.token for m in notice("in the comics he dies", SEASON_1, (JONES.id,))] == ["alias-comic:#28"]
    assert notice("in the comics he dies", SEASON_1, ()) == []
    assert [m.token for m in notice("the post-credits scene", NO_SCOPE, ("ca-civil-war",))] == ["ca-civil-war:"]


def test_an_open_end_takes_in_everything_before_it() -> None:
    assert notice("In S2E1 she does.", Scope.of([Point(JONES.id)])) == []
    assert [m.token for m in notice("In S2E1.", Scope.of([Point(JONES.id, None, "S3")]))] == ["jessica-jones:S2E1"]


def test_an_ambiguous_name_is_all_it_may_mean() -> None:
    assert {m.token for m in notice("Then Civil War came.", NO_SCOPE, (JONES.id,))} == {
        "civil-war-2006:#7",
        "ca-civil-war:",
    }


def test_names_of_another_world_need_more_than_a_capital() -> None:
    dark = comic("dark", "Dark", 3, franchise=None)
    names = names_of([*WORKS.values(), dark])
    spotter = Spotter.of(names)

    def found(text: str, prefer: Sequence[str]) -> list[str]:
        clues = find_clues(text, spotter, names, prefer)
        return [m.token for m in mentions_of(clues, names, {**WORKS, dark.id: dark}, Discussion(NO_SCOPE, prefer, NOW))]

    assert found("It was Dark in there", (JONES.id,)) == []
    assert found("It was “Dark” in there", (JONES.id,)) == ["dark:#3"]
    assert found("It was dark #2 in there", (JONES.id,)) == ["dark:#2"]
    assert found("It was Dark in there", ()) == ["dark:#3"]


def test_a_unit_of_something_else_is_not_the_names() -> None:
    assert [m.token for m in notice("Cap 3, just like issue 3", SEASON_1)] == ["ca-civil-war:", "civil-war-2006:#3"]
    assert [m.token for m in notice("an alias, see S2E1", SEASON_1, (JONES.id,))] == ["jessica-jones:S2E1"]


def test_many_mentions_are_cut_short() -> None:
    text = " ".join(f"Alias #{n}." for n in range(1, 29))
    assert len(notice(text)) == MOST_MENTIONS


@given(st.text(alphabet="SsEe12x#. 'JLuke Cage Civil War進撃の巨人*\n", max_size=300))
def test_places_are_in_the_text(text: str) -> None:
    for mention in notice(text):
        assert 0 <= mention.start < mention.end <= len(text)


# --- Cost


def _large() -> tuple[Gazetteer, dict[str, Work]]:
    words = ["star", "dark", "night", "war", "city", "house", "king", "lost", "red", "moon", "the", "of", "one", "girl"]
    titles = [f"{a} {b} {c}" for a in words for b in words for c in words][:2_500]
    named = [Named(f"w{n}", Kind.TV, title.title(), None, (title[::-1],)) for n, title in enumerate(titles)]
    return Gazetteer.of(1, named), {}


LARGE, _ = _large()
TEXTS: Final = {
    "prose": "She walked through the city at night and said that one of the girls had lost it, 3 times. ",
    "names": "Star War City and Dark Night Moon ",
    "first words": "star star star star ",
    "numbers": "S1E1 #4 season two 1x03 ",
    "nearly units": "s s s e e ep ep season season # # 1 x ",
    "joined": "star-" * 20 + " ",
    "unspaced": "進撃の巨人",
}


@pytest.mark.parametrize("kind", TEXTS)
def test_ten_thousand_characters_cost_little(kind: str) -> None:
    spotter = Spotter.of(LARGE)
    text = (TEXTS[kind] * (10_000 // len(TEXTS[kind]) + 1))[:10_000]
    assert _fastest(text, spotter) < 0.05


def _fastest(text: str, spotter: Spotter) -> float:
    best = 1.0
    for _ in range(5):
        began = time.process_time()
        find_clues(text, spotter, LARGE, ())
        best = min(best, time.process_time() - began)
    return best


@pytest.mark.parametrize("kind", TEXTS)
def test_cost_grows_with_the_text_and_not_faster(kind: str) -> None:
    spotter = Spotter.of(LARGE)
    short, long = (_fastest((TEXTS[kind] * (size // len(TEXTS[kind]) + 1))[:size], spotter) for size in (4_000, 32_000))
    assert long < short * 32, (short, long)


def test_the_largest_cast_is_whole() -> None:
    assert {CLOAK.id, TITANS.id} <= set(NAMES.titles)
