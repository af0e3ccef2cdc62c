"""Letters as word lists compare them: without case, width, marks, invisible signs, and look-alikes of other scripts.

Gentler than the key that names are compared by (`forum.core.text.skeleton`): words of a language must not run together,
so "i" and "l" stay two letters, digits stay digits (they pass for letters in `spelt` alone), and signs that carry
vowels stay. One character at a time, so that a text of any shape costs what its length does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from forum.core.confusables import CAPITALS, LETTERS
from forum.core.text import INVISIBLE

# What the table of names folds and words must not.
_STAY: Final = frozenset(map(ord, "013457@$!|€il"))
_LOOK_ALIKES: Final = {
    code: letter for code, letter in LETTERS.items() if code not in _STAY and (code > 0x7F or letter == "")
}
# In that table "i" and "l" are one: here the look-alikes of "i" are an "i".
_IS_I: Final = {ord(character): "i" for character in "іıɩɪᎥⲓι"}
# Marks with these classes belong to the letter in scripts that write vowels and voicing so: they make another word.
# After a letter of another script they spell nothing.
_SPELLING_CLASSES: Final = frozenset({0, 7, 8, 9})
# Digits and signs that people write in place of letters.
_LEET: Final = str.maketrans("013457@$!|€", "oleastasile")
_LEET_I: Final = str.maketrans("013457@$!|€", "oieastasiie")
# All of them: a word that has none of these is spelt as it is.
_PASSING: Final = frozenset("013457@$!|€")
# What draws a letter out, as Arabic and N'Ko write it: an ornament within a word.
STRETCHES: Final = frozenset("\N{ARABIC TATWEEL}\N{NKO LAJANYALAN}")
# A drawn-out letter.
_TRIPLE: Final = re.compile(r"(.)\1{2,}")
_BEGINS_TRIPLE: Final = re.compile(r"(.)\1\1")
_MOST_KEPT: Final = 20_000
# Some signs stand for a whole sentence: of those no more letters are compared, so that a text stays about as long.
_MOST_LETTERS: Final = 6


class Table(dict[int, str]):
    """What each character becomes, worked out when it is first met. Bounded: there are a million characters."""

    def __init__(self, becomes: Callable[[str], str]) -> None:
        self._becomes = becomes

    def __missing__(self, code: int) -> str:
        if len(self) >= _MOST_KEPT:
            self.clear()
        folded = self[code] = self._becomes(chr(code))
        return folded


def _fold(character: str) -> str:
    if INVISIBLE.match(character) or character in STRETCHES or (_is_mark(character) and not _counts(character)):
        return ""
    shapes = unicodedata.normalize("NFKC", character).translate(CAPITALS).casefold()
    parts = unicodedata.normalize("NFKD", shapes.translate(_IS_I).translate(_LOOK_ALIKES)).casefold()
    kept = "".join(part for part in parts if _counts(part))
    return kept.translate(_IS_I).translate(_LOOK_ALIKES)[:_MOST_LETTERS]


def _is_mark(part: str) -> bool:
    return unicodedata.category(part) in ("Mn", "Mc")


def _counts(part: str) -> bool:
    if part.isalnum() or part in "@$!|€":
        return True
    return _is_mark(part) and unicodedata.combining(part) in _SPELLING_CLASSES


_TABLE: Final = Table(_fold)


def fold(word: str) -> str:
    """A word as it is compared: letters, digits, the signs that pass for letters, and marks that spell."""
    if word.isascii() and word.isalnum():
        return word.lower()
    folded = word.translate(_TABLE)
    return folded if folded.isalnum() else _own_marks(folded)


def counts_for_nothing(character: str) -> bool:
    """Whether nothing of a character is compared, wherever it stands."""
    return not _TABLE[ord(character)]


def _own_marks(folded: str) -> str:
    """Without the marks that stand after no letter of their script."""
    if not folded or (len(set(map(_script, folded))) == 1 and not _is_mark(folded[0])):
        return folded
    kept: list[str] = []
    script = ""
    for part in folded:
        if not _is_mark(part):
            script = _script(part)
        elif script not in _words_of_name(part):
            continue
        kept.append(part)
    return "".join(kept)


@lru_cache(_MOST_KEPT)
def _words_of_name(part: str) -> tuple[str, ...]:
    """A character's name begins with its script; marks that several scripts have name all of them."""
    return tuple(unicodedata.name(part, "?").replace("-", " ").split())


@lru_cache(_MOST_KEPT)
def _script(part: str) -> str:
    return _words_of_name(part)[0]


def bare(folded: str) -> str:
    """A folded word without the signs that pass for letters."""
    return folded if folded.isalnum() else "".join(c for c in folded if c not in "@$!|€")


def spelt(folded: str) -> tuple[str, ...]:
    """What a folded word with digits and signs in it reads as when these stand for letters: a one may be an "l" or an
    "i". Nothing for words of letters alone, and for numbers."""
    if not is_spelt(folded) or not any(map(str.isalpha, folded)):
        return ()
    return tuple({folded.translate(_LEET), folded.translate(_LEET_I)} - {folded})


def readings(folded: str) -> tuple[str, ...]:
    """All that a folded word may be: as it is, its signs left out or read as letters, and each of these with its
    drawn-out letters once or twice."""
    plain = bare(folded)
    found = dict.fromkeys((folded, plain, *spelt(folded), *spelt(plain)))
    for one in tuple(found):
        if _BEGINS_TRIPLE.search(one):
            found |= dict.fromkeys((_TRIPLE.sub(r"\1", one), _TRIPLE.sub(r"\1\1", one)))
    return tuple(found)


def is_spelt(folded: str) -> bool:
    """Whether there are digits or signs in a folded word that may stand for letters."""
    return not folded.isalpha() and not _PASSING.isdisjoint(folded)


def drawn_out(words: Iterable[str]) -> set[str]:
    """Those with a drawn-out letter."""
    text = "\n".join(words)
    found: set[str] = set()
    at = 0
    while match := _BEGINS_TRIPLE.search(text, at):
        end = text.find("\n", match.end())
        at = len(text) if end < 0 else end
        found.add(text[text.rfind("\n", 0, match.start()) + 1 : at])
    return found
