"""Phrases: words in a row, each of which may be disguised as a word alone may be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Generic, TypeVar

from forum.comments.screening.fold import spelt
from forum.comments.screening.pieces import Pieces

T = TypeVar("T")
# So many letters alone, one after the other, are a word that somebody has taken apart.
LEAST_APART: Final = 3
LETTERS: Final = re.compile(rf"\S{{{LEAST_APART},}}")
# A drawn-out letter.
TRIPLE: Final = re.compile(r"(.)\1{2,}")
# Steps from word to word. A text that takes more, of lists that people write, says the same over and over.
MOST_STEPS: Final = 200_000
# Other readings of a text's words: from which word on, what it may be, and which word comes after it.
Readings = Mapping[int, Sequence[tuple[str, int]]]


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

    def among(self, words: Sequence[str]) -> tuple[str, ...]:
        """Those that are words of phrases."""
        return tuple(word for word, _ in self._words.among(words))

    def disguised(self, row: Sequence[str], odd: Iterable[str], chunks: Iterable[tuple[int, int, str]]) -> Readings:
        """What else the words of a text may be: with digits for letters or drawn out (the `odd` ones), letter by
        letter, and what the runs with signs in it are (`chunks`)."""
        found: dict[int, list[tuple[str, int]]] = {}
        forms = {word: known for word in odd if (known := self.among(_forms(word)))}
        for at, word in enumerate(row) if forms else ():
            found.setdefault(at, []).extend((form, at + 1) for form in forms.get(word, ()))
        for at, end, form in chunks:
            found.setdefault(at, []).append((form, end))
        letters = "".join([word if len(word) == 1 else " " for word in row])
        for run in LETTERS.finditer(letters):
            for at in range(run.start(), run.end() - LEAST_APART + 1):
                for word, _ in self._words.pairs_at(letters, at):
                    if len(word) >= LEAST_APART and " " not in word:
                        found.setdefault(at, []).append((word, at + len(word)))
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


def drawn_out(words: Iterable[str]) -> set[str]:
    """Those with a drawn-out letter."""
    text = "\n".join(words)
    found = (match.span() for match in TRIPLE.finditer(text))
    return {
        text[text.rfind("\n", 0, start) + 1 : end if (end := text.find("\n", after)) >= 0 else len(text)]
        for start, after in found
    }


def _forms(word: str) -> tuple[str, ...]:
    """What a word with digits in it, or with a drawn-out letter, may be."""
    spelled = (word, *spelt(word))
    shortened = (TRIPLE.sub(by, one) for one in spelled for by in (r"\1", r"\1\1"))
    return tuple(dict.fromkeys((*spelt(word), *shortened)))
