"""The plain text of a comment: for previews, JSON, descriptions and mail."""

from forum.core.text import is_visible


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
