"""A text taken apart for word lists: its words in their order, and the runs of letters that signs stand in.

What is no letter ends a word, whatever it is: punctuation, a symbol (a heart, an arrow, a line), a letter by name that
looks like an apostrophe or a stop, or what is drawn as a space. It may as well be there to hide the word that it stands
in. So both are looked up: the words between such signs, and the run without them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from forum.comments.screening.entries import BLANK, WORD
from forum.comments.screening.fold import (
    STRETCHES,
    Table,
    bare,
    counts_for_nothing,
    drawn_out,
    fold,
    is_spelt,
    readings,
)
from forum.comments.screening.model import Span
from forum.core.text import INVISIBLE

_CHUNK: Final = re.compile(r"\S+")
# What ends a sentence or stands around a word. Of what passes for a letter only the sign of a shout, at the end.
_AROUND: Final = "\"'()[]{}<>,.;:?*_~`#-/\\…“”‘’«»"
_BEHIND: Final = _AROUND + "!"


@dataclass(frozen=True)
class Tokens:
    """A text taken apart. `typed` are its words, in their order. `parts` says what symbols part, and into which words.
    `folded` says how all of these are compared (what was parted, as a whole too), `compared` are all that comes out.
    `odd` are those of them with digits for letters or a drawn-out letter, `runs` all that signs stand in: each with
    what it may be read as.
    """

    text: str
    parts: Mapping[str, Sequence[str]]
    typed: Sequence[str]
    folded: Mapping[str, str]
    compared: Collection[str]
    runs: Mapping[str, Sequence[str]]
    odd: Mapping[str, Sequence[str]]

    @cached_property
    def row(self) -> list[str]:
        """The words in their order, as they are compared."""
        return list(map(self.folded.__getitem__, self.typed))

    @cached_property
    def places(self) -> list[Span]:
        """Where each word stands: where it is first found behind the one before it, for no letter is between them."""
        text, places, end = self.text, list[Span](), 0
        if self.parts:
            text = WORD.sub(lambda word: word[0].translate(_PARTED) if word[0] in self.parts else word[0], text)
        for typed in self.typed:
            start = text.index(typed, end)
            end = start + len(typed)
            places.append((start, end))
        return places

    def runs_in_place(self, wanted: Collection[str]) -> dict[tuple[str, Span], None]:
        """Where these runs stand."""
        found = dict.fromkeys(run for run in _chunks(self.text) if run[0] in wanted)
        if self.parts:
            whole = ((match[0], match.span()) for match in WORD.finditer(self.text))
            found |= dict.fromkeys(run for run in (*whole, *_chunks(self.text.translate(_PARTED))) if run[0] in wanted)
        return found


def take_apart(text: str) -> Tokens:
    """The words and runs of a text."""
    is_plain = text.isascii()
    text = text.lower() if is_plain else text
    typed = WORD.findall(text)
    words = set(typed)
    chunks = set(text.split()) - words
    parts: dict[str, list[str]] = {}
    if not is_plain and _has_symbols(text):
        parts = dict(_parts(words))
        typed = [part for word in typed for part in parts.get(word, (word,))]
        chunks.update(*dict(_parts(chunks)).values())
    between = {word for word, found in parts.items() if list(map(_compared, found)) != [_compared(word)]}
    unique = between.union(typed)
    # In ASCII a word is nothing but letters and digits.
    folded = dict(zip(unique, unique, strict=True)) if is_plain else {word: _compared(word) for word in unique}
    if not all(folded.values()):
        folded = {word: compared for word, compared in folded.items() if compared}
        typed = [word for word in typed if word in folded]
    runs = between.union(_with_signs(chunks - words - unique))
    compared = dict.fromkeys(folded.values())
    odd = drawn_out(compared).union([word for word in compared if not word.isalpha() and is_spelt(word)])
    readings_of_runs = {run: readings(fold(run)) for run in runs}
    return Tokens(text, parts, typed, folded, compared, readings_of_runs, {word: readings(word) for word in odd})


def _compared(word: str) -> str:
    return word.lower() if word.isascii() else bare(fold(word))


def _with_signs(chunks: Iterable[str]) -> Iterator[str]:
    """What is left of these within the signs around it, where that is no word: there are signs in it."""
    for inner in {chunk.lstrip(_AROUND).rstrip(_BEHIND) for chunk in chunks}:
        if inner and not WORD.fullmatch(inner):
            yield inner


def _has_symbols(text: str) -> bool:
    """Whether there are symbols in a text: each of its characters is looked at once."""
    return any(_PARTED[code] == " " for code in map(ord, set(text) - {" "}))


def _parts(runs: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Those in which symbols stand, and what stands between these. What is nothing but symbols stays as it is."""
    for run in runs:
        parts = [run] if run.isascii() else run.translate(_PARTED).split()
        if parts != [run] and (kept := [part for part in parts if _compared(part)]):
            yield run, kept


def _apart(character: str) -> str:
    """A space for a symbol: for what is drawn as a space, what is no letter, digit or mark in any shape, and not
    invisible, and the letters that look like apostrophes and stops, of which nothing is compared. What ends words in
    any case is left."""
    if character in BLANK:
        return " "
    if unicodedata.category(character).startswith("M") or INVISIBLE.match(character) or not WORD.match(character):
        return character
    if character in STRETCHES:
        return character
    is_letter = any(map(str.isalnum, character + unicodedata.normalize("NFKC", character)))
    return character if is_letter and not counts_for_nothing(character) else " "


_PARTED: Final = Table(_apart)


def _chunks(text: str) -> Iterator[tuple[str, Span]]:
    """What stands between white space, without what stands around words."""
    for match in _CHUNK.finditer(text):
        inner = match[0].lstrip(_AROUND)
        start = match.end() - len(inner)
        inner = inner.rstrip(_BEHIND)
        yield inner, (start, start + len(inner))
