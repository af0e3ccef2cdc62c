"""Strings that stand somewhere, found without trying each: by their first letters and their lengths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Generic, TypeVar

T = TypeVar("T")
_GATE: Final = 3
# Whoever looks for what stands anywhere in a text has seen enough of it then.
MOST_FOUND: Final = 100


class Pieces(Generic[T]):
    """What belongs to strings. Where a text is looked at, only so many of its stretches are looked up as there are
    lengths of strings that begin with the three letters there: in a text that nobody wrote for it, hardly any."""

    def __init__(self) -> None:
        self._values: dict[str, T] = {}
        # The lengths of longer strings by their first letters; and of those that are shorter than that.
        self._lengths: dict[str, tuple[int, ...]] = {}
        self._short: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self._values)

    def add(self, letters: str, value: T) -> T:
        """Keep what belongs to a string, unless something does already; returns what does."""
        if len(letters) < _GATE:
            self._short = tuple(sorted({*self._short, len(letters)}))
        else:
            gate = letters[:_GATE]
            self._lengths[gate] = tuple(sorted({*self._lengths.get(gate, ()), len(letters)}))
        return self._values.setdefault(letters, value)

    def among(self, words: Iterable[str]) -> Iterator[tuple[str, T]]:
        """The words that are one of the strings, with what belongs to it."""
        return ((word, self._values[word]) for word in words if word in self._values)

    def begins(self, words: Iterable[str]) -> Iterator[tuple[str, T]]:
        """The words that begin with one of the strings, with what belongs to it."""
        if not self:
            return
        lengths, short = self._lengths, self._short
        for word in words if short else [word for word in words if word[:_GATE] in lengths]:
            for _, value in self.pairs_at(word):
                yield word, value

    def ends(self, words: Iterable[str]) -> Iterator[tuple[str, T]]:
        """The words that end with one of the strings, which were added backwards, with what belongs to it."""
        if not self:
            return
        lengths, short = self._lengths, self._short
        for word in words if short else [word for word in words if word[: -_GATE - 1 : -1] in lengths]:
            for _, value in self.pairs_at(word[::-1]):
                yield word, value

    def stands_in(self, words: Iterable[str]) -> Iterator[tuple[str, T]]:
        """The words that one of the strings stands anywhere in, with what belongs to it."""
        if not self:
            return
        gates, last = self._lengths, 1 - _GATE
        if self._short:
            places = [(word, at) for word in words for at in range(len(word))]
        else:
            places = [(w, at) for w in words for at in range(len(w) + last) if w[at : at + _GATE] in gates]
        seen: set[tuple[str, str]] = set()
        for word, at in places:
            for piece, value in self.pairs_at(word, at):
                if (word, piece) not in seen:
                    seen.add((word, piece))
                    yield word, value
            if len(seen) >= MOST_FOUND:
                return

    def pairs_at(self, word: str, start: int = 0) -> list[tuple[str, T]]:
        """The strings that stand at this place of a word, with what belongs to them."""
        values, room = self._values, len(word) - start
        lengths = self._lengths.get(word[start : start + _GATE], ())
        both = (*self._short, *lengths) if self._short else lengths
        return [
            (piece, values[piece])
            for length in both
            if length <= room and (piece := word[start : start + length]) in values
        ]


class Around(Generic[T]):
    """What belongs to pairs of strings that a word begins with and ends in ("f*o")."""

    def __init__(self) -> None:
        self._tails: Pieces[Pieces[T]] = Pieces()
        # The last letters of pairs by their first letters, and how many of them.
        self._gates: dict[tuple[int, int], dict[str, set[str]]] = {}

    def __bool__(self) -> bool:
        return bool(self._gates)

    def add(self, head: str, tail: str, value: T) -> None:
        """Keep what belongs to a pair, unless something does already."""
        self._tails.add(head, Pieces()).add(tail[::-1], value)
        first, last = head[: _GATE - 1], tail[1 - _GATE :]
        self._gates.setdefault((len(first), len(last)), {}).setdefault(first, set()).add(last)

    def stands_around(self, words: Iterable[str]) -> Iterator[tuple[str, T]]:
        """The words that begin and end in one of the pairs, with what belongs to it."""
        for (first, last), gates in self._gates.items():
            for word in [w for w in words if (lasts := gates.get(w[:first])) and w[-last:] in lasts]:
                for value in self._in(word):
                    yield word, value

    def _in(self, word: str) -> Iterator[T]:
        backwards = word[::-1]
        for head, tails in self._tails.pairs_at(word):
            for tail, value in tails.pairs_at(backwards):
                if len(head) + len(tail) <= len(word):
                    yield value
