"""A source as the carver reads it, without reserved characters and with delimiters whole; and what these look like."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from itertools import chain
from typing import Final

from forum.core.text import neutralise, unify_line_ends
from forum.markup.slots import RESERVED

# Characters that draw nothing: format characters, joiners, blank letters and variation selectors.
_ZERO_WIDTH: Final = (
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
_INVISIBLE: Final = re.compile(_ZERO_WIDTH)
_TYPED_SLOT: Final = re.compile(f"[{RESERVED}]+")
_BETWEEN: Final = re.compile(rf"(?<=[|!<>~:\[\]/=]){_ZERO_WIDTH}+(?=[|!<>~:\[\]/=])")
# The name inside a delimiter, with anything invisible between its letters.
_TORN_NAME: Final = re.compile(
    r"[\[<:/]Z*+[ \t]*+Z*+/?+Z*+sZ*+pZ*+oZ*+iZ*+lZ*+eZ*+rZ*+s?+Z*+[\]>=]?".replace("Z", _ZERO_WIDTH), re.IGNORECASE
)

_LEFTOVER: Final = re.compile(
    r"(?=[|>~!\[<:])(?:\|{2,}|[>~]!|![<~]|\[[ \t]*(?i:/[ \t]*spoilers?|spoiler)[ \t]*+(?=[\]=])"
    r"|<[ \t]*(?i:/[ \t]*spoilers?|spoiler)(?![\w-])|(?<!:):{3,}+[ \t]*(?i:spoiler|$))",
    re.MULTILINE,
)
_SPACES: Final = re.compile(r"[^\S\n]*")
_SIGNS: Final = " \t>"
_QUOTE: Final = re.compile(r">[ \t]*@[^\n]*#c[0-9]")


@dataclass(frozen=True, slots=True)
class Typed:
    """A readable source. `kept[i]` is where text[i] stood in what was given; None where nothing was dropped."""

    text: str
    kept: Sequence[int] | None = None

    def given(self, at: int) -> int:
        """Return the offset in the given source of the character at `at`, or of its end."""
        if self.kept is None:
            return at
        return self.kept[at] if at < len(self.kept) else (self.kept[-1] + 1 if self.kept else 0)

    def given_end(self, end: int) -> int:
        """Return the offset in the given source after the character before `end`."""
        return self.given(end - 1) + 1 if end else 0


def read(source: str) -> Typed:
    """Return a source without reserved characters, and without anything invisible inside delimiters.

    Offsets are those of the source as `clean_body` leaves it.
    """
    text = neutralise(unify_line_ends(source))
    if text.isascii():
        return Typed(text)
    dropped = [found.span() for found in _TYPED_SLOT.finditer(text)]
    typed = _drop(Typed(text), dropped)
    if not _INVISIBLE.search(typed.text):
        return typed
    torn = [
        (place.start(), place.end())
        for found in _TORN_NAME.finditer(typed.text)
        for place in _INVISIBLE.finditer(typed.text, found.start(), found.end())
    ]
    between = [found.span() for found in _BETWEEN.finditer(typed.text)]
    return _drop(typed, sorted({*torn, *between}))


def may_carve(source: str) -> bool:
    """Say whether carving can find anything in a source. False is certain; True may turn out to be wrong."""
    return is_suspect(read(source).text)


def is_suspect(text: str) -> bool:
    """The same for a text that has been read: does it spell a delimiter, as typed or with entities, or a quote?"""
    return bool(_LEFTOVER.search(text) or _QUOTE.search(text) or ("&" in text and leftover(unescape(text)) is not None))


def is_spoiler_free(text: str) -> bool:
    """Say whether a title or a name, in which nothing can be covered, holds no spoiler delimiter."""
    return leftover(read(text).text) is None


def leftover(text: str) -> int | None:
    """Return where the first delimiter stands in a text that shall hold none. A lone ` || ` is text."""
    seen = text if text.isascii() else _INVISIBLE.sub("", text)
    return next((found.start() for found in _LEFTOVER.finditer(seen) if _delimits(found)), None)


def _delimits(found: re.Match[str]) -> bool:
    text, start = found.string, found.start()
    if text[start] == ":" and found[0][-1] in ": \t":  # colons without the name count when they are all of a line
        return not text[text.rfind("\n", 0, start) + 1 : start].strip(_SIGNS)
    return not is_spaced(text, start, found.end())


def is_spaced(text: str, start: int, end: int) -> bool:
    """Say whether text[start:end] is a run of pipes between words of one line, with white space on both sides."""
    if text[start] != "|" or start == 0 or end == len(text) or not (text[start - 1].isspace() and text[end].isspace()):
        return False
    before = text[max(start - 200, 0) : start].rstrip(" \t")
    after = _SPACES.match(text, end)
    stop = after.end() if after else end
    return bool(before) and before[-1] != "\n" and stop < len(text) and text[stop] != "\n"


def _drop(typed: Typed, spans: Sequence[tuple[int, int]]) -> Typed:
    """Return the text without some stretches. `spans` ascend; one inside another does no harm."""
    if not spans:
        return typed
    ranges: list[range] = []
    done = 0
    for start, end in spans:
        if start >= done:
            ranges.append(range(done, start))
        done = max(done, end)
    ranges.append(range(done, len(typed.text)))
    text = "".join(typed.text[part.start : part.stop] for part in ranges)
    left = chain.from_iterable(ranges)
    return Typed(text, list(left) if typed.kept is None else [typed.kept[at] for at in left])
