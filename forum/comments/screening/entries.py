"""What may stand in a word list: a word, a phrase of a few words, or a word with stars that stand for any letters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from forum.comments.screening.fold import bare, fold

# In all lists of a site together.
MOST_ENTRIES: Final = 5_000
LONGEST_WORD: Final = 40
MOST_WORDS: Final = 8
MOST_TYPED: Final = 200
# With a star, so many letters must be given: fewer stand in too many words.
LEAST_BESIDE: Final = 2
LEAST_INSIDE: Final = 3
# Scripts that are written without spaces between words: there an entry is looked for inside of words too.
UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
# What is drawn as a space although it is none.
BLANK: Final = "\u115f\u1160\u2800\u3164\uffa0\U00013441\U00013442\U0001d159"
_SPACED: Final = str.maketrans(dict.fromkeys(BLANK, " "))
# Runs of what may belong to a word: no white space, no punctuation. Signs that pass for letters end a word here.
WORD: Final = re.compile(
    # The white space of "\\s", spelt out: so it takes one look-up to tell what a character is.
    "[^\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
    "!-/:-@\\[-`{-~\u00a1\u00a7\u00ab\u00b6\u00b7\u00bb\u00bf\u2010-\u2027\u2030-\u205e\u3001-\u3003"
    "\u3008-\u3011\u3014-\u301f\u30fb\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\u060c\u061b\u061f]+"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry understood: the folded `words` of a phrase (one for a word), or the folded letters before and after a
    star (`before`, `after`), or inside of two (`inside`)."""

    typed: str
    words: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    inside: str = ""


def entry_problem(typed: str) -> str | None:
    """What is wrong with an entry, or None: "empty", "too_long", "star" (a star in a phrase, or more than it can
    have), "too_short" (too few letters beside a star)."""
    found = read_entry(typed)
    return found if isinstance(found, str) else None


def read_entry(typed: str) -> Entry | str:
    """An entry as it is looked for, or what is wrong with it."""
    text = typed.translate(_SPACED).strip()
    if len(text) > MOST_TYPED:
        return "too_long"
    if "*" in text:
        return _starred(typed, text)
    if len(text.split()) == 1:
        # One word, maybe with signs in it: those that pass for letters must be there as they are here.
        words: tuple[str, ...] = tuple(filter(None, (fold(text),)))
    else:
        words = tuple(filter(None, (bare(fold(found)) for found in WORD.findall(text))))
    if not words:
        return "empty"
    if len(words) > MOST_WORDS or max(map(len, words)) > LONGEST_WORD:
        return "too_long"
    if len(words) > 1:
        return Entry(typed, words)
    if len(words[0]) < LEAST_BESIDE:
        return "too_short"
    if UNSPACED.search(words[0]):
        return Entry(typed, inside=words[0])
    return Entry(typed, words)


def _starred(typed: str, text: str) -> Entry | str:
    if len(text.split()) != 1:
        return "star"
    parts = [bare(fold(part)) for part in text.split("*")]
    if max(map(len, parts)) > LONGEST_WORD:
        return "too_long"
    match parts:
        case ["", inside, ""]:
            least = LEAST_BESIDE if UNSPACED.search(inside) else LEAST_INSIDE
            return Entry(typed, inside=inside) if len(inside) >= least else "too_short"
        case [before, after]:
            return Entry(typed, before=before, after=after) if len(before + after) >= LEAST_BESIDE else "too_short"
        case _:
            return "star"
