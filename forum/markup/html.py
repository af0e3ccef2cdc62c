"""The only place where Markup is put together by hand. Everything given as `str` is escaped here."""

import json
from typing import Final

from markupsafe import Markup

_IN_SCRIPT: Final = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def json_script(value: object) -> Markup:
    """Return `value` as JSON that cannot end, or be misread in, the script element around it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.translate(_IN_SCRIPT))  # noqa: S704 (nothing in it can open or close an element)


class ThreadBuilder:
    """Puts a thread together: nested lists of ready pieces. Numbers and Markup go in, so nothing needs escaping."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def open_item(self, comment_id: int, parent_id: int | None, depth: int) -> None:
        """Begin the list item that holds one comment and what hangs below it."""
        parent = "" if parent_id is None else f"{parent_id:d}"
        self._parts.append(
            f'<li id="c{comment_id:d}" class="node" data-comment="{comment_id:d}" '
            f'data-parent="{parent}" data-depth="{depth:d}">'
        )

    def close_item(self) -> None:
        """End a comment's list item."""
        self._parts.append("</li>")

    def open_replies(self, comment_id: int) -> None:
        """Begin the list of a comment's replies."""
        self._parts.append(f'<ol class="replies" data-replies="{comment_id:d}">')

    def close_replies(self) -> None:
        """End a list of replies."""
        self._parts.append("</ol>")

    def add(self, piece: Markup) -> None:
        """Add a ready piece; anything but Markup is a mistake and raises TypeError."""
        if not isinstance(piece, Markup):
            raise TypeError("only Markup can be joined")
        self._parts.append(piece)

    def finish(self) -> Markup:
        """Return the whole."""
        return Markup("".join(self._parts))  # noqa: S704 (every part was Markup, or made of numbers here)


def stored(html: str) -> Markup:
    """Return HTML that `render` made and the database kept. Nothing else may be passed here."""
    return Markup(html)  # noqa: S704 (it came out of the sanitiser)
