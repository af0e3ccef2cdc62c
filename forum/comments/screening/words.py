"""Word lists: which of thousands of words, phrases and words with stars stand in a text, and where.

Nothing is searched entry by entry and no pattern is built from what anybody typed: each word of the text is looked up,
once however often it comes. Where it stands is only asked when it is in a list. What a text costs grows with its length
alone, whatever it and the lists are made of.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final, NamedTuple

from forum.comments.screening.entries import WORD, Entry, read_entry
from forum.comments.screening.fold import bare, fold, spelt
from forum.comments.screening.model import MOST_SPANS, Kind, Span
from forum.comments.screening.phrases import LEAST_APART, LETTERS, TRIPLE, Phrases, drawn_out
from forum.comments.screening.pieces import MOST_FOUND, Around, Pieces

_CHUNK: Final = re.compile(r"\S+")
# What ends a sentence or stands around a word. Of what passes for a letter only the sign of a shout, at the end.
_AROUND: Final = "\"'()[]{}<>,.;:?*_~`#-/\\…“”‘’«»"
_BEHIND: Final = _AROUND + "!"


class Found(NamedTuple):
    """An entry: in which list it is, and how it was typed."""

    kind: Kind
    typed: str


class Hit(NamedTuple):
    """An entry that was found: in which list, how it was typed, and where it stands."""

    kind: Kind
    entry: str
    span: Span


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text as they are compared, by how they are typed, and which of them have digits or a drawn-out
    letter; and its runs with signs in them."""

    typed: Sequence[str]
    folded: Mapping[str, str]
    signed: Collection[str]
    numbered: Collection[str]
    drawn: Collection[str]


class WordLists:
    """The lists of a site made ready; `find` says which entries stand in a text."""

    def __init__(self, lists: Mapping[Kind, Iterable[str]]) -> None:
        self._exact: Pieces[Found] = Pieces()
        self._before: Pieces[Found] = Pieces()
        self._after: Pieces[Found] = Pieces()
        # By list: whoever fills a text with what one list has hides nothing of another.
        self._inside: dict[Kind, Pieces[Found]] = {}
        self._around: dict[Kind, Around[Found]] = {}
        self._phrases = Phrases[Found]()
        self.size = 0
        for kind, entries in lists.items():
            for typed in entries:
                entry = read_entry(typed)
                if isinstance(entry, Entry):
                    self._add(entry, Found(kind, typed))
                    self.size += 1

    def _add(self, entry: Entry, found: Found) -> None:
        if len(entry.words) > 1:
            self._phrases.add(entry.words, found)
        elif entry.words:
            self._exact.add(entry.words[0], found)
        elif entry.inside:
            self._inside.setdefault(found.kind, Pieces()).add(entry.inside, found)
        elif entry.before and entry.after:
            self._around.setdefault(found.kind, Around()).add(entry.before, entry.after, found)
        elif entry.before:
            self._before.add(entry.before, found)
        else:
            self._after.add(entry.after[::-1], found)

    def find(self, text: str) -> list[Hit]:
        """Which entries stand in a text, in its order, as many of each list as anybody looks at."""
        if not self.size:
            return []
        words = _words_of(text)
        hits = chain(_placed(text, words, self._of_words(words)), self._in_a_row(text, words), self._apart(text, words))
        return _first_of_each(hits)

    def _of_words(self, words: _Words) -> dict[str, list[Found]]:
        """What each word as it is compared, or run with signs as it is typed, is found as."""
        found: dict[str, list[Found]] = {}
        unique = list(dict.fromkeys(words.folded.values()))
        backwards = [word[::-1] for word in unique] if self._after or self._around else []
        parts = (
            self._exact.among(unique),
            self._before.begins(unique),
            ((word[::-1], one) for word, one in self._after.begins(backwards)),
            *(pieces.stands_in(unique) for pieces in self._inside.values()),
            *(islice(pairs.stands_around(unique), MOST_FOUND) for pairs in self._around.values()),
            self._disguised(words),
        )
        for word, one in chain.from_iterable(parts):
            found.setdefault(word, []).append(one)
        return found

    def _disguised(self, words: _Words) -> Iterator[tuple[str, Found]]:
        for typed in words.signed:
            folded = fold(typed)
            yield from self._of_forms(typed, (folded, bare(folded), *spelt(folded)))
        for word in words.numbered:
            yield from self._of_forms(word, spelt(word))
        for word in words.drawn:
            shortened = TRIPLE.sub(r"\1", word), TRIPLE.sub(r"\1\1", word)
            yield from self._of_forms(word, shortened)

    def _of_forms(self, word: str, forms: Iterable[str]) -> Iterator[tuple[str, Found]]:
        """What a disguised word is, or begins with: what is only somewhere in it may be an accident."""
        for form in dict.fromkeys(forms):
            for _, one in chain(self._exact.among((form,)), self._before.begins((form,))):
                yield word, one

    def _in_a_row(self, text: str, words: _Words) -> Iterator[Hit]:
        """The phrases of a text, each word of them in any disguise."""
        if not self._phrases:
            return
        row = [words.folded[typed] for typed in words.typed]
        places = [match.span() for match in WORD.finditer(text)] if words.signed else []
        disguised = self._phrases.disguised(row, {*words.numbered, *words.drawn}, self._in_chunks(text, words, places))
        for start, end, found in self._phrases.stand_in(row, disguised):
            places = places or [match.span() for match in WORD.finditer(text)]
            yield Hit(*found, (places[start][0], places[end - 1][1]))

    def _in_chunks(self, text: str, words: _Words, places: Sequence[Span]) -> Iterator[tuple[int, int, str]]:
        """The words of phrases that are runs with signs in them: between which words as they are typed, and which."""
        known = {typed: forms for typed in words.signed if (forms := self._phrases.among(_forms(fold(typed))))}
        for match in _CHUNK.finditer(text) if known else ():
            inner = match[0].lstrip(_AROUND)
            start = match.end() - len(inner)
            inner = inner.rstrip(_BEHIND)
            first = bisect_left(places, (start, start))
            end = bisect_left(places, (start + len(inner), 0))
            for form in known.get(inner, ()) if first < end else ():
                yield first, end, form

    def _apart(self, text: str, words: _Words) -> Iterator[Hit]:
        """The words of a text that somebody has written letter by letter."""
        if len(words.typed) < LEAST_APART or not self._exact:
            return
        row = [words.folded[typed] for typed in words.typed]
        letters = "".join([word if len(word) == 1 else " " for word in row])
        places: list[Span] = []
        for run in LETTERS.finditer(letters):
            for start in range(run.start(), run.end() - LEAST_APART + 1):
                for word, found in self._exact.pairs_at(letters, start):
                    if len(word) >= LEAST_APART and " " not in word:
                        places = places or [match.span() for match in WORD.finditer(text)]
                        yield Hit(*found, (places[start][0], places[start + len(word) - 1][1]))


def _forms(folded: str) -> tuple[str, ...]:
    """What a disguised word may be: its signs left out, or read as letters."""
    return tuple(dict.fromkeys((folded, bare(folded), *spelt(folded), *spelt(bare(folded)))))


def _words_of(text: str) -> _Words:
    typed = WORD.findall(text)
    unique = set(typed)
    if text.isascii():  # then each word is letters and digits
        folded = dict(zip(unique, map(str.lower, unique), strict=True))
    else:
        folded = {word: word.lower() if word.isascii() else bare(fold(word)) for word in unique}
    edges = {chunk.lstrip(_AROUND).rstrip(_BEHIND) for chunk in set(text.split()) - unique}
    signed = [chunk for chunk in edges - unique if not WORD.fullmatch(chunk)]
    compared = dict.fromkeys(folded.values())
    return _Words(typed, folded, signed, [word for word in compared if not word.isalpha()], drawn_out(compared))


def _placed(text: str, words: _Words, found: Mapping[str, list[Found]]) -> Iterator[Hit]:
    """Where what was found stands."""
    if not found:
        return
    wanted = {typed: here for typed, word in words.folded.items() if (here := found.get(word))}
    for match in WORD.finditer(text) if wanted else ():
        for one in wanted.get(match[0], ()):
            yield Hit(*one, match.span())
    signed = {typed: found[typed] for typed in words.signed if typed in found}
    for match in _CHUNK.finditer(text) if signed else ():
        inner = match[0].lstrip(_AROUND)
        start = match.end() - len(inner)
        inner = inner.rstrip(_BEHIND)
        for one in signed.get(inner, ()):
            yield Hit(*one, (start, start + len(inner)))


def _first_of_each(hits: Iterable[Hit]) -> list[Hit]:
    kept: dict[Hit, None] = {}
    counts: dict[Kind, int] = {}
    for hit in hits:
        if hit not in kept and counts.get(hit.kind, 0) < MOST_SPANS:
            counts[hit.kind] = counts.get(hit.kind, 0) + 1
            kept[hit] = None
    return sorted(kept, key=lambda hit: hit.span)
