"""Two worlds that differ in nothing but hidden text answer a reader who has seen nothing alike, byte for byte."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from forum.comments.covers import WHOLE
from forum.spoilers.passages import Passage
from forum.spoilers.queries_passage import COLUMNS
from forum.spoilers.tables import passage
from tests.support.app import open_house
from tests.support.hiding import GATED, SEEN_FIRST, Hidden, hide
from tests.support.people import embedded, keep, signed_in
from tests.support.surfaces import SURFACES, Carries
from tests.support.sweep import Ask, Role, endings, reads, said, send, writes
from tests.support.twins import LONG, SHORT, Luck, Text

pytestmark = pytest.mark.anyio


@dataclass(slots=True)
class World:
    """Everything that one world answered, by what was asked."""

    answers: dict[str, bytes] = field(default_factory=dict)
    asked: set[tuple[str, str]] = field(default_factory=set)
    hidden_bytes: int = 0

    async def ask(self, role: Role, ask: Ask) -> None:
        """Ask and keep the answer."""
        self.asked.add((ask.surface.method, ask.surface.pattern))
        answer = said(await send(ask, role))
        if ask.surface.pattern == "/metrics":  # when, how long, and how often something was looked up
            lines = answer.splitlines()
            answer = b"\n".join(line for line in lines if not re.search(b"_seconds|_created|_hits|-length", line))
        self.answers[f"{role.name} {ask} {ask.options}"] = answer


async def tour(url: str, kinds: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, *, every: int = 1) -> World:
    """Make a world and look at everything in it that is for everybody, as somebody who knows nothing."""
    world = World()
    with monkeypatch.context() as patched:
        Luck().decide(patched)
        async with open_house(url, metrics=True) as house:
            hidden = await hide(house, Text(kinds), signed_in=True)
            for number, (name, answer) in enumerate(hidden.answers):
                if name not in SEEN_FIRST:
                    world.answers[f"writing {number} {name}"] = said(answer)
            found = [Passage._make(row) for row in await house.rows(select(*COLUMNS).select_from(passage))]
            world.hidden_bytes = sum(len(p.html) for p in found)
            wholes = {p.comment_id for p in found if p.seq == WHOLE}
            outermost = sorted(p.id for p in found if p.parent_id is None and p.comment_id not in wholes)
            for role in await _readers(hidden, every):
                for ask in reads(hidden, role, outermost + [f"c{comment}" for comment in hidden.comments.values()]):
                    await world.ask(role, ask)
                for ask in writes(hidden, role, outermost):
                    if ask.surface.carries is not Carries.REVEAL:
                        await world.ask(role, ask)
                for ask in endings(hidden):
                    await world.ask(role, ask)
    return world


async def _readers(hidden: Hidden, every: int) -> list[Role]:
    """Who has seen nothing: nobody in particular, somebody who has written, and who has an account, inside
    of frames and outside."""
    house = hidden.house
    guest = await house.newcomer("Guest")
    for fields in ({}, {"url": GATED}):
        hidden.tick()
        await guest.post("Nothing much.", **fields)
    hidden.tick()
    reader = await signed_in(house, "Rena")
    assert hidden.begun is not None
    keep(reader, hidden.begun.cookies[1] + "; Path=/; Secure")
    return [
        Role("anonymous", await house.newcomer("Nobody"), every=every),
        Role("guest", guest, every=4 * every),
        Role("reader in a frame", await embedded(house, reader), every=4 * every),
        Role("reader", reader, every=2 * every),
    ]


def difference(one: bytes, two: bytes) -> str:
    """Where two answers part: in the body, if they do."""
    bodies = one.partition(b"\n\n")[2], two.partition(b"\n\n")[2]
    first, second = bodies if bodies[0] != bodies[1] else (one, two)
    at = next((n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second)))
    return f"…{first[max(at - 200, 0) : at + 200]!r}\n…{second[max(at - 200, 0) : at + 200]!r}"


@pytest.mark.slow
async def test_hidden_text_changes_nothing_for_who_has_not_asked(
    twin_urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await tour(twin_urls[0], SHORT, monkeypatch)
    two = await tour(twin_urls[1], LONG, monkeypatch)
    assert two.hidden_bytes > 4 * one.hidden_bytes
    assert list(one.answers) == list(two.answers)
    parted = {asked: difference(answer, two.answers[asked]) for asked, answer in one.answers.items()}
    parted = {asked: parted[asked] for asked, answer in one.answers.items() if answer != two.answers[asked]}
    assert not parted, "\n\n".join(f"{asked}\n{how}" for asked, how in list(parted.items())[:5])
    everything = {(s.method, s.pattern) for s in SURFACES if s.carries is not Carries.REVEAL}
    assert one.asked == everything


async def test_worlds_that_show_something_else_differ(
    twin_urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comparison sees a difference of one letter in what is not hidden."""
    one = await tour(twin_urls[0], SHORT, monkeypatch, every=30)
    two = await tour(twin_urls[1], {**SHORT, "warned": "All of us."}, monkeypatch, every=30)
    parted = {asked for asked, answer in one.answers.items() if answer != two.answers[asked]}
    assert any("/embed/newsroom" in asked for asked in parted)
    assert not any("/api/v1/discussions" in asked for asked in parted)
