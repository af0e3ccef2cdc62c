"""Labels and tokens against the stored catalogue: what they mean, what is refused, and what mentions are noticed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from forum.spoilers.model import NO_SCOPE, UNSPEC_SCOPE, Group, Point, Scope, Work
from forum.spoilers.service import Ambiguous, explain, mentions, read_tokens, understand
from tests.support.app import START, House
from tests.support.cast import APOLLO, ODYSSEY, comic, film
from tests.support.shelf import a_series, shelve

pytestmark = pytest.mark.anyio

WAR = comic("war-comic", "War (comic)", 7, "War", franchise=None)
WAR_FILM = film("war-film", "War: The Film", {"US": "2016-05-06"}, "War", franchise=None)


@pytest.fixture
async def jones(house: House) -> Work:
    """A series, an unfinished one without episodes, two works that share a name, and a film."""
    shelved = a_series(house.rt, "jessica-jones", seasons=(13, 13))
    defenders = a_series(house.rt, "the-defenders", seasons=())
    await shelve(house.rt, shelved, defenders, WAR, WAR_FILM, ODYSSEY, APOLLO)
    return shelved


async def meaning(house: House, label: str, *prefer: str, strict: bool = True) -> Scope:
    return (await understand(house.rt, [label], prefer=prefer, at=START, strict=strict))[label]


async def test_labels_are_understood(house: House, jones: Work) -> None:
    found = await understand(
        house.rt,
        ["Jessica Jones S1E13", "Jessica Jones", "nobody knows", "S1E2", "War #7"],
        prefer=(jones.id,),
        at=START,
        strict=True,
    )
    assert {label: scope.tokens for label, scope in found.items()} == {
        "Jessica Jones S1E13": ("jessica-jones:S1E13",),
        "Jessica Jones": ("jessica-jones:S2E13",),
        "nobody knows": ("?:",),
        "S1E2": ("jessica-jones:S1E2",),
        "War #7": ("war-comic:#7",),
    }


async def test_a_whole_work_is_pinned_to_the_moment(house: House, jones: Work) -> None:
    early = jones.chain[0].released["*"] + timedelta(days=30)
    found = await understand(house.rt, ["Jessica Jones"], prefer=(), at=early, strict=True)
    assert found["Jessica Jones"].tokens == ("jessica-jones:S1E13",)


async def test_an_ambiguous_label_is_refused_with_what_it_may_mean(house: House, jones: Work) -> None:
    with pytest.raises(Ambiguous) as caught:
        await meaning(house, "War")
    assert (caught.value.status, caught.value.code) == (422, "ambiguous_scope")
    (error,) = caught.value.errors
    assert (error.loc, error.code) == ("body", "ambiguous_scope")
    assert sorted(error.candidates) == [("War (comic) #7", "war-comic:#7"), ("War: The Film", "war-film:")]
    assert caught.value.params["names"] in ("War (comic) #7 / War: The Film", "War: The Film / War (comic) #7")
    # What is offered can be said back, and is clear then.
    for _, token in error.candidates:
        assert (await read_tokens(house.rt, [token], at=START))[1] == []


async def test_where_nobody_can_be_asked_all_are_meant(house: House, jones: Work) -> None:
    assert (await meaning(house, "War", strict=False)).tokens == ("war-comic:#7", "war-film:")
    assert (await meaning(house, "War", "war-film")).tokens == ("war-film:",)


async def test_what_a_label_leaves_open_can_be_asked(house: House, jones: Work) -> None:
    found = await explain(house.rt, ["Jessica Jones S1E1 + my theory", "War"], prefer=(), at=START)
    assert found["Jessica Jones S1E1 + my theory"].unknown == ("my theory",)
    assert [each.text for each in found["War"].unclear] == ["War"]


async def test_understanding_again_asks_nobody(house: House, jones: Work) -> None:
    await meaning(house, "Jessica Jones S1E13")
    with house.recorded() as statements:
        await meaning(house, "Jessica Jones S1E12 + Jessica Jones S2")
    assert statements == []


# --- Tokens


@pytest.mark.parametrize(
    ("token", "tokens"),
    [
        ("jessica-jones:S1E13", "jessica-jones:S1E13"),
        (" jessica-jones:s1e13 ", "jessica-jones:S1E13"),
        ("jessica-jones", "jessica-jones:S2E13"),
        ("jessica-jones:S1", "jessica-jones:S1E13"),
        ("jessica-jones:*", "jessica-jones:*"),
        ("the-defenders", "the-defenders:*"),
        ("2001-film", "2001-film:"),
        ("2001-film:", "2001-film:"),
        ("?:", "?:"),
        ("?", "?:"),
    ],
)
async def test_a_token_means(house: House, jones: Work, token: str, tokens: str) -> None:
    scope, unknown = await read_tokens(house.rt, [token], at=START)
    assert (scope.tokens, unknown) == ((tokens,), [])


@pytest.mark.parametrize(
    "token",
    [
        "gone:S1E1",
        "gone",
        "",
        ":",
        "jessica-jones:",
        "jessica-jones:S9E9",
        "jessica-jones:S9",
        "JJ:S1E1",
        "?:S1",
        "\x00",
    ],
)
async def test_an_unknown_token_covers(house: House, jones: Work, token: str) -> None:
    scope, unknown = await read_tokens(house.rt, ["jessica-jones:S1E1", token], at=START)
    assert scope == UNSPEC_SCOPE | Scope.of([Point(jones.id, jones.unit("S1E1"))])
    assert unknown == [token]


async def test_a_group_that_is_not_complete_is_open(house: House) -> None:
    running = a_series(house.rt, "running", seasons=(3,))
    await shelve(house.rt, Work(running.id, running.kind, "Running", units=running.units, groups=(Group("S1"),)))
    (point,) = (await read_tokens(house.rt, ["running:S1"], at=START))[0].points
    assert point == Point("running", None, "S1")


async def test_no_tokens_are_no_scope(house: House) -> None:
    assert await read_tokens(house.rt, [], at=START) == (NO_SCOPE, [])


# --- What a text mentions


async def test_mentions_beyond_what_is_assumed(house: House, jones: Work) -> None:
    assumed = Scope.of([Point(jones.id, jones.unit("S1E4"))])
    text = "In Jessica Jones S1E13 it all ends like Apollo 13. S1E2 was better."
    found = await mentions(house.rt, text, assumed=assumed, prefer=(jones.id,), at=START)
    assert [(each.label, each.token, text[each.start : each.end]) for each in found] == [
        ("Jessica Jones S1E13", "jessica-jones:S1E13", "Jessica Jones S1E13"),
        ("Apollo 13", "apollo-13:", "Apollo 13"),
    ]
    everything = assumed | Scope.of([Point(jones.id, jones.unit("S2E13")), Point(APOLLO.id, APOLLO.units[0])])
    assert await mentions(house.rt, text, assumed=everything, prefer=(jones.id,), at=START) == []


async def test_noticing_again_asks_nobody(house: House, jones: Work) -> None:
    await mentions(house.rt, "Apollo 13", assumed=NO_SCOPE, prefer=(jones.id,), at=START)
    with house.recorded() as statements:
        assert await mentions(house.rt, "Apollo 13 again", assumed=NO_SCOPE, prefer=(jones.id,), at=START)
    assert statements == []
