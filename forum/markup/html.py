"""The only place where Markup is put together by hand. Everything given as `str` is escaped here."""

from collections.abc import Iterable
from secrets import token_hex
from typing import Final

import orjson
from markupsafe import Markup

_IN_SCRIPT: Final = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def json_script(value: object) -> Markup:
    """Return `value` as JSON that cannot end, or be misread in, the script element around it."""
    text = orjson.dumps(value).decode()
    return Markup(text.translate(_IN_SCRIPT))  # noqa: S704 (nothing in it can open or close an element)


class Drawn(bytes):
    """Safe HTML as the bytes that are sent: what is kept and put together, without being decoded again."""

    __slots__ = ()


def drawn(markup: Markup) -> Drawn:
    """Return Markup as bytes; anything else is a mistake and raises TypeError."""
    if not isinstance(markup, Markup):
        raise TypeError("only Markup is safe to send")
    return Drawn(markup.encode())


def hole() -> Markup:
    """Return a mark that stands in a document for what is put there afterwards. Nobody can guess or type it."""
    return Markup(f"<!--{token_hex(16)}-->")  # noqa: S704 (hexadecimal digits)


def placeholder(passage_id: str, words: str) -> Markup:
    """Return what stands for a covered passage where a program reads it."""
    return Markup('<span data-spoiler="{}">{}</span>').format(passage_id, words)


def join(pieces: Iterable[Markup]) -> Markup:
    """Return ready pieces one after the other; anything else is a mistake and raises TypeError."""
    listed = list(pieces)
    if not all(isinstance(piece, Markup) for piece in listed):
        raise TypeError("only Markup can be joined")
    return Markup("").join(listed)


class ThreadBuilder:
    """Puts a thread together: nested lists of ready pieces. Numbers and pieces go in, so nothing needs escaping."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def open_item(self, comment_id: int, parent_id: int | None, depth: int) -> None:
        """Begin the list item that holds one comment and what hangs below it."""
        parent = "" if parent_id is None else f"{parent_id:d}"
        item = (
            f'<li id="c{comment_id:d}" class="node" data-comment="{comment_id:d}" '
            f'data-parent="{parent}" data-depth="{depth:d}">'
        )
        self._parts.append(item.encode())

    def close_item(self) -> None:
        """End a comment's list item."""
        self._parts.append(b"</li>")

    def open_replies(self, comment_id: int) -> None:
        """Begin the list of a comment's replies."""
        self._parts.append(b'<ol class="replies" data-replies="%d">' % comment_id)

    def close_replies(self) -> None:
        """End a list of replies."""
        self._parts.append(b"</ol>")

    def add(self, piece: Drawn) -> None:
        """Add a ready piece; anything else is a mistake and raises TypeError."""
        if not isinstance(piece, Drawn):
            raise TypeError("only drawn pieces can be joined")
        self._parts.append(piece)

    def finish(self) -> Drawn:
        """Return the whole."""
        return Drawn(b"".join(self._parts))


def stored(html: str) -> Markup:
    """Return HTML that `render` made and the database kept. Nothing else may be passed here."""
    return Markup(html)  # noqa: S704 (it came out of the sanitiser)
