"""P12: how long it takes to look for every entry of a full word list in a comment as long as one can be."""

from __future__ import annotations

import random
import string
import time
from dataclasses import dataclass

from bench.report import Row
from bench.stats import median, percentile
from forum.comments.screening.entries import MOST_ENTRIES
from forum.comments.screening.model import Kind
from forum.comments.screening.words import WordLists

P12_BUDGET = 5.0  # milliseconds
LENGTH = 10_000  # characters
VOCABULARY = 20_000
RUNS = 60
# Of twenty entries so many are words; the others are phrases and words with stars.
KINDS = ("{a}",) * 12 + ("{a} {b}", "{a} {b} {a}", "{a}*", "{a}*", "*{a}", "*{a}*", "{a}*{b}", "{a}*{b}")


@dataclass(frozen=True, slots=True)
class Look:
    """A text, the lists, and how many entries must be found."""

    lists: WordLists
    text: str
    planted: int


def a_look(seed: int = 12) -> Look:
    """Words of nobody's language: some thousands in the text, others in the list, and three of these in the text."""
    rng = random.Random(seed)
    words = ["".join(rng.choices(string.ascii_lowercase, k=rng.randint(3, 10))) for _ in range(VOCABULARY)]
    listed, spoken = words[: VOCABULARY // 2], words[VOCABULARY // 2 :]
    entries = [rng.choice(KINDS).format(a=word, b=listed[at - 1]) for at, word in enumerate(listed[:MOST_ENTRIES])]
    planted = [entry for entry in entries if "*" not in entry][:3]
    text = " ".join(word + rng.choice(["", "", "", ",", ".", "!"]) for word in rng.choices(spoken, k=LENGTH // 4))
    text = f"{text[: LENGTH - sum(map(len, planted)) - len(planted)]} {' '.join(planted)}"
    return Look(WordLists({Kind.HOLD: entries}), text, len(planted))


def word_lists() -> list[Row]:
    """The row: the time of one look, on a core of its own, nothing remembered from the one before."""
    look = a_look()
    if len({hit.entry for hit in look.lists.find(look.text)}) < look.planted:
        raise AssertionError("an entry that stands in the text was not found")
    took = []
    for _ in range(RUNS):
        began = time.perf_counter()
        look.lists.find(look.text)
        took.append((time.perf_counter() - began) * 1_000)
    middle = median(took)
    return [
        Row(
            "P12",
            f"word lists: {LENGTH:,} characters x {MOST_ENTRIES:,} entries",
            f"{middle:.1f} ms, p99 {percentile(took, 0.99):.1f} ms",
            budget=f"< {P12_BUDGET:.0f} ms",
            met=middle < P12_BUDGET,
        )
    ]
