"""Markdown to safe HTML and plain text, in one walk over the parser's events.

The walk knows only the events of this dialect; text is escaped whatever event brings it. Nesting is cut off
at fixed depths, so neither the browser nor the sanitiser ever meets a deep tree.
"""

from dataclasses import dataclass
from typing import Any, Final

import pyromark
from markupsafe import Markup, escape

from forum.core.text import is_visible
from forum.markup.links import linkify, safe_destination
from forum.markup.plain import PlainText
from forum.markup.sanitise import sanitise
from forum.markup.source import prepare, restore_code, restore_text

MAX_BLOCKS: Final = 8  # quotes and lists inside each other; deeper ones are drawn at this depth
MAX_INLINES: Final = 6  # emphasis inside emphasis; deeper marks have no effect

_OPTIONS: Final = pyromark.Options.ENABLE_STRIKETHROUGH
_INLINE: Final = {"Emphasis": "em", "Strong": "strong", "Strikethrough": "del"}
_HEADINGS: Final = {"H1": "h4", "H2": "h5"}  # all others h6: the page's own headings are h1 to h3

_LINE_STARTS: Final = ("<li>", "<br>", "</p>", "<blockquote>")  # after these a line begins anyway


@dataclass(frozen=True, slots=True)
class Rendered:
    """A comment ready to be shown: safe HTML, and the same as readable plain text (may be empty)."""

    html: Markup
    text: str


def render(source: str) -> Rendered:
    """Return the HTML and the plain text of a comment's source. Any string is accepted; never raises."""
    walk = _Walk()
    for event in pyromark.events(prepare(source), options=_OPTIONS):
        walk.take(event)
    return Rendered(Markup(sanitise("".join(walk.out))), walk.plain.finish())  # noqa: S704 (just sanitised)


class _Walk:
    """The state of one walk: what is written, and how each open element will be closed."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.plain = PlainText()
        self._closers: list[str] = []
        self._lists: list[int | None] = []  # per open list the next number, None in an unordered one
        self._blocks = 0
        self._quotes = 0
        self._inlines = 0
        self._in_code = False
        self._links = 0  # open links and images; only the outermost becomes a link
        self._link_start = 0
        self._destination = ""
        self._labelled = False

    # Typed Any: the library's event union has more members than this dialect ever produces.
    def take(self, event: Any) -> None:
        """Handle one event."""
        if isinstance(event, str):
            self._bare(event)
            return
        ((kind, value),) = event.items()
        if kind == "Start":
            name, data = (value, None) if isinstance(value, str) else next(iter(value.items()))
            self._start(name, data)
        elif kind == "End":
            self._end(value if isinstance(value, str) else next(iter(value)))
        elif kind == "Code":
            self._write(f"<code>{escape(restore_code(value))}</code>", restore_code(value))
        elif self._in_code:
            code = restore_code(value)
            self._write(str(escape(code)), code.removesuffix("\n"))
        else:
            text = restore_text(value)
            self._write(str(escape(text)) if self._links else linkify(text), text)

    def _bare(self, event: str) -> None:
        if event == "Rule":
            self.out.append("<hr>")
            self.plain.end_block()
            return
        self.out.append("<br>")
        self.plain.add("\n")

    def _write(self, html: str, text: str) -> None:
        self.out.append(html)
        self.plain.add(text)
        if self._links and not self._labelled:
            self._labelled = is_visible(text)

    def _start(self, name: str, data: Any) -> None:
        if element := _INLINE.get(name):
            self._inlines += 1
            self._open(element if self._inlines <= MAX_INLINES else "")
        elif name in ("Link", "Image"):
            self._start_link(data["dest_url"])
        elif name == "List":
            self._start_list(data)
        elif name == "Item":
            self._start_item()
        elif name == "BlockQuote":
            self._blocks += 1
            self._quotes += 1
            self._open("blockquote" if self._blocks <= MAX_BLOCKS else "")
        else:
            self._start_leaf(name, data)

    def _start_leaf(self, name: str, data: Any) -> None:
        """Open a block of text. What this dialect does not know becomes a paragraph."""
        if self._quotes:
            self.plain.mark("» ")
        if name == "CodeBlock":
            self._in_code = True
            self.out.append("<pre><code>")
            self._closers.append("</code></pre>")
        else:
            self._open(_HEADINGS.get(data["level"], "h6") if name == "Heading" else "p")

    def _open(self, element: str) -> None:
        if element:
            self.out.append(f"<{element}>")
        self._closers.append(f"</{element}>" if element else "")

    def _start_list(self, first: int | None) -> None:
        self._blocks += 1
        self._lists.append(first)
        self.plain.end_block(tight=True)
        if self._blocks > MAX_BLOCKS:
            self._open("")
        elif first is None:
            self._open("ul")
        else:
            self.out.append("<ol>" if first == 1 else f'<ol start="{first}">')
            self._closers.append("</ol>")

    def _start_item(self) -> None:
        number = self._lists[-1]
        if number is not None:
            self._lists[-1] = number + 1
        if self._blocks > MAX_BLOCKS:
            self._open("")
            self._break_line()
            return
        self._open("li")
        self.plain.end_block(tight=True)
        self.plain.mark("• " if number is None else f"{number}. ")

    def _break_line(self) -> None:
        """Begin an item that is too deep for an element of its own on a new line."""
        self.plain.end_block(tight=True)
        if not self.out[-1].endswith(_LINE_STARTS):
            self.out.append("<br>")

    def _start_link(self, destination: str) -> None:
        self._links += 1
        self._closers.append("")
        if self._links == 1:
            self._destination = restore_text(destination)
            self._labelled = False
            self._link_start = len(self.out)

    def _end(self, name: str) -> None:
        closer = self._closers.pop()
        if name in ("Link", "Image"):
            self._end_link()
            return
        if closer:
            self.out.append(closer)
        if name in _INLINE:
            self._inlines -= 1
        elif name in ("List", "BlockQuote"):
            self._end_container(name)
        elif name == "Item":
            self.plain.clear_mark()
            self.plain.end_block(tight=True)
        else:
            self._in_code = False
            self.plain.clear_mark()
            self.plain.end_block()

    def _end_container(self, name: str) -> None:
        self._blocks -= 1
        if name == "List":
            self._lists.pop()
            self.plain.end_block(tight=bool(self._lists))
        else:
            self._quotes -= 1

    def _end_link(self) -> None:
        self._links -= 1
        if self._links:
            return
        if not self._labelled:
            self._write(str(escape(self._destination)), self._destination)
        url = safe_destination(self._destination)
        if url is not None:
            self.out.insert(self._link_start, f'<a href="{escape(url)}">')
            self.out.append("</a>")
