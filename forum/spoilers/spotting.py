"""Finding the catalogue's names in a text, in one pass over it.

The names stand in a tree of words; from every word of the text the longest name that begins there is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from forum.spoilers.gazetteer import Gazetteer
from forum.spoilers.names import LEADING, normalise

# Scripts that put no spaces between words: each character counts as a word.
_UNSPACED: Final = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LETTERS: Final = rf"[^\W_{_UNSPACED}]+"
_WORD: Final = re.compile(rf"[{_UNSPACED}]|{_LETTERS}(?:['’.\-]{_LETTERS})*")
_INSIDE: Final = {ord(sign): None for sign in "'’.-"}
_POSSESSIVE: Final = re.compile(r"['’]s$", re.IGNORECASE)
_ENDS: Final = "sS"
# Nobody wants to hear of more names in one text.
MOST: Final = 200
# Where a branch of the tree ends in a name: no word is empty.
_HERE: Final = ""
_AND: Final = "and"

# Words to deeper trees, and `_HERE` to the ids of works.
Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spotted:
    """A name in a text: the ids of the works it may mean, where it stands, and how many words it has."""

    works: tuple[str, ...]
    start: int
    end: int
    words: int


@dataclass(frozen=True, slots=True)
class Spotter:
    """All names, ready to be found. Make one with `Spotter.of`."""

    tree: Mapping[str, Any]

    @classmethod
    def of(cls, gazetteer: Gazetteer) -> Spotter:
        """What finds the names of a gazetteer."""
        tree: Tree = {}
        for work in gazetteer.works.values():
            for name in (work.title, *work.aliases):
                for words in _spellings(name):
                    _plant(tree, words, work.id)
        return cls(tree)

    def spot(self, text: str) -> list[Spotted]:
        """The names in a text from left to right, the longest first; none overlap, and there are at most `MOST`."""
        words = [(_folded(match[0]), match) for match in _WORD.finditer(text)]
        found: list[Spotted] = []
        behind = 0
        for position, (folded, match) in enumerate(words):
            if position < behind or not (folded in self.tree or match[0][-1] in _ENDS):
                continue
            hit = self._longest(words, position)
            if hit is None:
                continue
            length, end, ids = hit
            found.append(Spotted(ids, match.start(), end, length))
            behind = position + length
            if len(found) == MOST:
                break
        return found

    def _longest(self, words: list[tuple[str, re.Match[str]]], first: int) -> tuple[int, int, tuple[str, ...]] | None:
        node: Mapping[str, Any] | None = self.tree
        best: tuple[int, int, tuple[str, ...]] | None = None
        for position in range(first, len(words)):
            folded, match = words[position]
            if node is None:
                break
            # "Luke Cage's": the name ends before what makes it a possessive.
            owner = _POSSESSIVE.search(match[0]) if match[0][-1] in _ENDS else None
            bare = node.get(_folded(match[0][: owner.start()])) if owner else None
            if owner and bare and _HERE in bare:
                best = (position - first + 1, match.start() + owner.start(), tuple(bare[_HERE]))
            node = node.get(folded)
            if node and _HERE in node:
                best = (position - first + 1, match.end(), tuple(node[_HERE]))
        return best


def _folded(word: str) -> str:
    if word.isascii():
        return word.translate(_INSIDE).lower() if not word.isalnum() else word.lower()
    # A character of a script without spaces stands for itself.
    return word if len(word) == 1 else normalise(word.translate(_INSIDE))


def _spellings(name: str) -> Iterable[list[str]]:
    """The words of a name without "the" in front; once more without "and", which may be a sign in the text."""
    words = [_folded(match[0]) for match in _WORD.finditer(name.replace("&", f" {_AND} "))]
    first = 0
    while first < len(words) - 1 and words[first] in LEADING:
        first += 1
    yield words[first:]
    if _AND in words[first:]:
        yield [word for word in words[first:] if word != _AND]


def _plant(tree: Tree, words: list[str], work_id: str) -> None:
    if not words:
        return
    node = tree
    for word in words:
        node = node.setdefault(word, {})
    node.setdefault(_HERE, {})[work_id] = None
