"""Phrases: words in a row, each of which may be disguised as a word alone may be."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, Generic, TypeVar

from forum.comments.screening.pieces import Pieces

T = TypeVar("T")
# So many letters alone, one after the other, are a word that somebody has taken apart.
LEAST_APART: Final = 3
LETTERS: Final = re.compile(rf"\S{{{LEAST_APART},}}")
# Steps from word to word. A text that takes more, of lists that people write, says the same over and over.
MOST_STEPS: Final = 200_000
# Other readings of a text's words: from which word on, what it may be, and which word comes after it.
Readings = Mapping[int, Collection[tuple[str, int]]]


class _Node(Generic[T]):
    """Where one is after some words of a phrase: what comes next, and what belongs to the phrase that ends here."""

    __slots__ = ("after", "found")

    def __init__(self) -> None:
        self.after: dict[str, _Node[T]] = {}
        self.found: T | None = None


class Phrases(Generic[T]):
    """What belongs to rows of words."""

    def __init__(self) -> None:
        self._first: _Node[T] = _Node()
        self._words: Pieces[None] = Pieces()

    def __bool__(self) -> bool:
        return bool(self._first.after)

    def add(self, words: Sequence[str], value: T) -> None:
        """Keep what belongs to a row of words, unless something does already."""
        node = self._first
        for word in words:
            self._words.add(word, None)
            node = node.after.setdefault(word, _Node())
        if node.found is None:
            node.found = value

    def among(self, words: Iterable[str]) -> tuple[str, ...]:
        """Those that are words of phrases."""
        return tuple(word for word, _ in self._words.among(words))

    def disguised(
        self, row: Sequence[str], odd: Mapping[str, Iterable[str]], runs: Iterable[tuple[int, int, str]]
    ) -> Readings:
        """What else the words of a text may be: with digits for letters or drawn out (the `odd` ones), letter by
        letter, and what the `runs` with signs in them are. Nothing twice: each way is gone once."""
        found: dict[int, dict[tuple[str, int], None]] = {}
        forms = {word: known for word, forms in odd.items() if (known := self.among(forms))}
        for at, word in enumerate(row) if forms else ():
            found.setdefault(at, {}).update({(form, at + 1): None for form in forms.get(word, ()) if form != word})
        for at, end, form in runs:
            if end > at + 1 or form != row[at]:
                found.setdefault(at, {})[form, end] = None
        letters = letters_of(row)
        for run in LETTERS.finditer(letters):
            for at in range(run.start(), run.end() - LEAST_APART + 1):
                for word, _ in self._words.pairs_at(letters, at):
                    if len(word) >= LEAST_APART and " " not in word:
                        found.setdefault(at, {})[word, at + len(word)] = None
        return found

    def stand_in(self, row: Sequence[str], disguised: Readings) -> Iterator[tuple[int, int, T]]:
        """The phrases of a text: at which of its words they begin and end, and what belongs to them."""
        first, left = self._first, MOST_STEPS
        for start in [at for at, word in enumerate(row) if word in first.after or at in disguised]:
            ways: list[tuple[int, _Node[T]]] = [(start, first)]
            while ways and left > 0:
                at, node = ways.pop()
                left -= 1
                if node.found is not None:
                    yield start, at, node.found
                if at < len(row) and row[at] in node.after:
                    ways.append((at + 1, node.after[row[at]]))
                ways.extend((end, node.after[word]) for word, end in disguised.get(at, ()) if word in node.after)


def letters_of(row: Iterable[str]) -> str:
    """A letter for each word that is one, and a space for each other."""
    return "".join([word if len(word) == 1 else " " for word in row])
