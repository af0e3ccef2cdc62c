"""Word lists: which of thousands of words, phrases and words with stars stand in a text, and where.

Nothing is searched entry by entry and no pattern is built from what anybody typed: each word of the text is looked up,
once however often it comes. Where it stands is only asked when it is in a list. What a text costs grows with its length
alone, whatever it and the lists are made of.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import NamedTuple

from forum.comments.screening.entries import Entry, read_entry
from forum.comments.screening.model import MOST_SPANS, Kind, Span
from forum.comments.screening.phrases import LEAST_APART, LETTERS, Phrases, letters_of
from forum.comments.screening.pieces import MOST_FOUND, Around, Pieces
from forum.comments.screening.tokens import Tokens, take_apart


class Found(NamedTuple):
    """An entry: in which list it is, and how it was typed."""

    kind: Kind
    typed: str


class Hit(NamedTuple):
    """An entry that was found: in which list, how it was typed, and where it stands."""

    kind: Kind
    entry: str
    span: Span


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
        tokens = take_apart(text)
        found = self._of_words(tokens)
        return _first_of_each(chain(_placed(tokens, found), self._in_a_row(tokens), self._apart(tokens)))

    def _of_words(self, tokens: Tokens) -> dict[str, list[Found]]:
        """What each word as it is compared, or run with signs as it is typed, is found as."""
        found: dict[str, list[Found]] = {}
        unique = tokens.compared
        parts = (
            self._exact.among(unique),
            self._before.begins(unique),
            self._after.ends(unique),
            *(pieces.stands_in(unique) for pieces in self._inside.values()),
            *(islice(pairs.stands_around(unique), MOST_FOUND) for pairs in self._around.values()),
            self._disguised(tokens.runs),
            self._disguised(tokens.odd),
        )
        for word, one in chain.from_iterable(parts):
            found.setdefault(word, []).append(one)
        return found

    def _disguised(self, words: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, Found]]:
        """What disguised words are, or begin with: what is only somewhere in them may be an accident."""
        for word, forms in words.items():
            for form in forms:
                for _, one in chain(self._exact.among((form,)), self._before.begins((form,))):
                    yield word, one

    def _in_a_row(self, tokens: Tokens) -> Iterator[Hit]:
        """The phrases of a text, each word of them in any disguise."""
        if not self._phrases:
            return
        disguised = self._phrases.disguised(tokens.row, tokens.odd, self._runs_in(tokens))
        for start, end, found in self._phrases.stand_in(tokens.row, disguised):
            yield Hit(*found, (tokens.places[start][0], tokens.places[end - 1][1]))

    def _runs_in(self, tokens: Tokens) -> Iterator[tuple[int, int, str]]:
        """The words of phrases that are runs with signs in them: between which words as they are typed, and which."""
        known = {run: found for run, forms in tokens.runs.items() if (found := self._phrases.among(forms))}
        for run, (start, stop) in tokens.runs_in_place(known) if known else ():
            first, end = bisect_left(tokens.places, (start, start)), bisect_left(tokens.places, (stop, 0))
            for form in known[run] if first < end else ():
                yield first, end, form

    def _apart(self, tokens: Tokens) -> Iterator[Hit]:
        """The words of a text that somebody has written letter by letter."""
        if len(tokens.row) < LEAST_APART or not self._exact:
            return
        letters = letters_of(tokens.row)
        for run in LETTERS.finditer(letters):
            for start in range(run.start(), run.end() - LEAST_APART + 1):
                for word, found in self._exact.pairs_at(letters, start):
                    if len(word) >= LEAST_APART and " " not in word:
                        yield Hit(*found, (tokens.places[start][0], tokens.places[start + len(word) - 1][1]))


def _placed(tokens: Tokens, found: Mapping[str, list[Found]]) -> Iterator[Hit]:
    """Where what was found stands."""
    if not found:
        return
    words = {typed: here for typed, word in tokens.folded.items() if (here := found.get(word))}
    for typed, span in zip(tokens.typed, tokens.places, strict=True) if words else ():
        for one in words.get(typed, ()):
            yield Hit(*one, span)
    runs = {run: here for run in tokens.runs if (here := [*found.get(run, ()), *words.get(run, ())])}
    for run, span in tokens.runs_in_place(runs) if runs else ():
        for one in runs[run]:
            yield Hit(*one, span)


def _first_of_each(hits: Iterable[Hit]) -> list[Hit]:
    kept: dict[Hit, None] = {}
    counts: dict[Kind, int] = {}
    for hit in hits:
        if hit not in kept and counts.get(hit.kind, 0) < MOST_SPANS:
            counts[hit.kind] = counts.get(hit.kind, 0) + 1
            kept[hit] = None
    return sorted(kept, key=lambda hit: hit.span)
