"""The rules of visibility as the reader's browser runs them: the shared cases, and word for word what Python says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import orjson
import pytest
from playwright.sync_api import Page

from forum.spoilers.catalogue.present import work_facts
from forum.spoilers.model import UNSPEC, Expiry, Kind, Point, Reader, Scope
from forum.spoilers.policy import is_shown, reader_of
from forum.web.assets import asset
from tests.browser.conftest import Reader as OpenReader
from tests.browser.stage import Stage, set_stage
from tests.support.cast import CAGE, CAP_3, CIVIL_WAR, DEFENDERS, JONES, NOW, WORKS

VECTORS: Final = Path(__file__).parents[1] / "unit/corpora/spoiler_vectors.json"
CHAINS: Final = (JONES, CAGE, CIVIL_WAR, CAP_3, DEFENDERS)
CASES: Final = 600
# Runs every case in one go and returns what is shown.
RUN: Final = """
async ([script, cases]) => {
  const { shows } = await import(script);
  return cases.map(({ tokens, reader, works, now, expiry }) => shows(tokens, reader, works, Date.parse(now), expiry));
}
"""
CALL: Final = "async ([script, name, given]) => (await import(script))[name](...given)"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage without a single thread: all that is wanted of it is its scripts."""
    with set_stage(tmp_path_factory.mktemp("stage"), seeded=False) as bare:
        yield bare


@pytest.fixture
def page(stage: Stage, reader: OpenReader) -> Page:
    """A page of ours, from which our scripts can be loaded."""
    opened = reader(stage)
    opened.goto(stage.talk)
    return opened


@dataclass(frozen=True, slots=True)
class Case:
    """A question, as the browser is asked it and as Python is."""

    tokens: list[str]
    progress: dict[str, dict[str, str]]
    ticks: dict[str, list[str]]
    rules: dict[str, str]
    show_all: bool
    now: datetime
    expiry: Expiry

    def for_browser(self) -> dict[str, Any]:
        """The arguments of the script's function."""
        facts = {work.id: work_facts(work, self.expiry.regions) for work in CHAINS}
        said = {"progress": self.progress, "ticks": self.ticks, "rules": self.rules, "showAll": self.show_all}
        return {
            "tokens": self.tokens,
            "reader": said,
            "works": orjson.loads(orjson.dumps(facts)),
            "now": self.now.isoformat(),
            "expiry": {"days": self.expiry.days},
        }

    def shown(self) -> bool:
        """What Python says."""
        return is_shown(Scope.of(map(_point, self.tokens)), self._reader(), self.now, self.expiry)

    def _reader(self) -> Reader:
        said = {key: (each["s"], each.get("u")) for key, each in self.progress.items()}
        for work in CHAINS:
            if f"{work.franchise}/{work.kind.value}" in self.rules:
                said.setdefault(work.id, ("dont_care", None))
        return replace(reader_of(said, self.ticks, WORKS), show_all=self.show_all)


def _point(token: str) -> Point:
    work_id, _, code = token.partition(":")
    work = WORKS.get(work_id)
    if work is not None and code == "*":
        return Point(work_id)
    unit = None if work is None else work.unit(code)
    return UNSPEC if unit is None else Point(work_id, unit)


def _case(random: Random) -> Case:
    """A question at random, mostly about things that exist."""
    tokens = [f"{w.id}:{u.code}" for w in CHAINS for u in w.units] + [f"{w.id}:*" for w in CHAINS]
    odd = ["?:", "gone:S1E1", "constructor:", "jessica-jones:S9E9", "jessica-jones:", "__proto__:x", "luke-cage"]
    chosen = [random.choice(tokens if random.random() < 0.9 else odd) for _ in range(random.choice([0, 1, 1, 2, 3]))]
    progress: dict[str, dict[str, str]] = {}
    for work in CHAINS:
        state = random.choice(["", "none", "at", "at", "dont_care", "finished"])
        if state:
            codes = [unit.code for unit in work.units] + ["S9E99"]
            progress[work.id] = {"s": state} | ({"u": random.choice(codes)} if state == "at" else {})
    ticks = {JONES.id: ["SP1"]} if random.random() < 0.5 else {}
    rules = {f"mcu/{random.choice(list(Kind)).value}": "dont_care"} if random.random() < 0.3 else {}
    regions = random.choice([None, frozenset({"US"}), frozenset({"GB"}), frozenset({"GB", "US"}), frozenset({"DE"})])
    expiry = Expiry(random.choice([None, 0, 14, 60, 1_000]), regions)
    now = NOW + timedelta(days=random.randrange(-1_000, 2_000), seconds=random.randrange(86_400))
    if random.random() < 0.3 and expiry.days is not None:
        release = max(random.choice(CAGE.units + CAP_3.units).released.values())
        now = release + timedelta(days=expiry.days, seconds=random.choice([-1, 0, 1]))
    return Case(chosen, progress, ticks, rules, random.random() < 0.05, now, expiry)


def _run(page: Page, cases: Iterable[Case]) -> list[bool]:
    shown: list[bool] = page.evaluate(RUN, [asset("js/clearing.js"), [case.for_browser() for case in cases]])
    return shown


def test_shared_cases(page: Page) -> None:
    given = json.loads(VECTORS.read_text(encoding="utf-8"))
    cases = [
        Case(
            [":".join(point) for point in each["scope"]],
            {
                work: {"s": said} if said in ("none", "dont_care") else {"s": "at", "u": said}
                for work, said in each["progress"].items()
            },
            {},
            {},
            each["show_all"],
            datetime.fromisoformat(each["now"]),
            Expiry(each["expiry_days"]),
        )
        for each in given
    ]
    shown = _run(page, cases)
    assert {each["name"]: "show" if s else "cover" for each, s in zip(given, shown, strict=True)} == {
        each["name"]: each["expect"] for each in given
    }
    assert shown == [case.shown() for case in cases]


def test_browser_and_server_agree(page: Page) -> None:
    cases = [_case(Random(seed)) for seed in range(CASES)]
    shown = _run(page, cases)
    expected = [case.shown() for case in cases]
    assert [case for case, s, e in zip(cases, shown, expected, strict=True) if s != e] == []
    # Both answers often enough to mean something.
    assert CASES / 10 < sum(expected) < CASES * 9 / 10


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("parse", ["jessica-jones:S1E13"], ["jessica-jones", "S1E13"]),
        ("parse", ["ca-civil-war:"], ["ca-civil-war", ""]),
        ("parse", ["w:*"], ["w", "*"]),
        ("parse", ["?:"], ["?", ""]),
        ("parse", ["luke-cage"], ["luke-cage", ""]),
        ("tokensIn", ["  a:1\n b:*  "], ["a:1", "b:*"]),
        ("tokensIn", [""], []),
        ("tokensIn", [None], []),
    ],
)
def test_tokens_are_taken_apart(page: Page, name: str, given: list[Any], expected: list[str]) -> None:
    assert page.evaluate(CALL, [asset("js/clearing.js"), name, given]) == expected


def test_a_rule_gives_way_to_what_was_said(page: Page) -> None:
    works = orjson.loads(orjson.dumps({work.id: work_facts(work) for work in CHAINS}))
    said = {"progress": {CIVIL_WAR.id: {"s": "none"}}, "ticks": {}, "rules": {"mcu/comic": "dont_care"}}
    script = asset("js/clearing.js")
    assert page.evaluate(CALL, [script, "saidOf", [CIVIL_WAR.id, said, works]]) == {"s": "none"}
    said["progress"] = {}
    assert page.evaluate(CALL, [script, "saidOf", [CIVIL_WAR.id, said, works]]) == {"s": "dont_care"}
    assert page.evaluate(CALL, [script, "saidOf", [CAP_3.id, said, works]]) is None
    assert page.evaluate(CALL, [script, "saidOf", ["constructor", said, works]]) is None
