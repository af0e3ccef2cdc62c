"""The plain text of a comment: for previews, JSON, descriptions and mail."""

import re
from typing import Final

from forum.core.text import is_visible, neutralise

_SPACE: Final = re.compile(r"\s+")
_BOUNDARY: Final = re.compile(r"\s\S*$")
# Characters that belong to the one before them; an excerpt never begins its cut with one of these.
_JOINERS: Final = re.compile("[\u0300-\u036f\u200c\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")


class PlainText:
    """Collects text in blocks; blocks are separated by a blank line, or by one line end when `tight`."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._gap = ""
        self._mark = ""

    def add(self, text: str) -> None:
        """Append text to the current block."""
        if not text:
            return
        if self._parts:
            self._parts.append(self._gap)
        if self._mark:
            self._parts.append(self._mark)
        self._parts.append(text)
        self._gap = self._mark = ""

    def end_block(self, *, tight: bool = False) -> None:
        """End the current block; of several ends in a row the widest counts."""
        if not tight:
            self._gap = "\n\n"
        elif not self._gap:
            self._gap = "\n"

    def mark(self, mark: str) -> None:
        """Write `mark` before the next text: the sign of a list item or of a quote. Several add up."""
        self._mark += mark

    def clear_mark(self) -> None:
        """Forget a mark whose block stayed empty."""
        self._mark = ""

    def finish(self) -> str:
        """Return the whole text without blank lines at its ends; code at the start keeps its indentation."""
        text = "".join(self._parts).strip("\n").rstrip()
        return text if is_visible(text) else ""


def excerpt(text: str, length: int) -> str:
    """Return at most `length` code points of `text` on one line, cut between words, "…" at a cut."""
    line = _SPACE.sub(" ", text).strip()
    if len(line) <= length:
        return line
    if length < 1:
        return ""
    end = length - 1
    while end > 0 and (_JOINERS.match(line[end]) or line[end - 1] == "\u200d"):
        end -= 1
    cut = line[:end]
    if line[end] != " " and (found := _BOUNDARY.search(cut)) and found.start() >= length // 2:
        cut = cut[: found.start()]
    shortened = neutralise(cut.rstrip() + "…")
    return shortened if len(shortened) <= length else neutralise(cut[: length // 2] + "…")[:length]
