"""Draws a carved source: the skeleton and every passage alone, each sanitised alone.

Nothing of a passage is in the skeleton's HTML or in its text, and a passage's own HTML holds only slots where
passages nested in it were.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from forum.markup import slots
from forum.markup.carve_model import Carved, Cut
from forum.markup.render import render

_FIRST: Final = "\ue00f"  # stands before an inline passage, so that its beginning is never a list or a heading
_TAG: Final = re.compile(r"<(/?)([a-z][a-z0-9]*)[^>]*>|\ue000([0-9]{1,9})\ue001")
_BLOCK: Final = re.compile(r"</?(?:p|ul|ol|li|blockquote|pre|h[1-6]|hr)\b[^>]*>")
_BREAKS: Final = re.compile(r"(?:\s*<br>\s*){2,}")
_EDGE: Final = re.compile(r"(?:^(?:\s*<br>)+|(?:<br>\s*)+$)")
_HOLDS_TEXT: Final = frozenset({"p", "h4", "h5", "h6", "em", "strong", "del"})  # no block may stand in these
_VOID: Final = frozenset({"br", "hr"})
_EMPTIES: Final = re.compile(r"<(em|strong|del|p|h4|h5|h6)>(?:\s|<br>)*</\1>")
_LOOSE: Final = re.compile(r"(<(?:p|h[456])>)(?:\s|<br>)+|(?<!\s)(?:\s|<br>)++(</(?:p|h[456])>)")


@dataclass(frozen=True, slots=True)
class RenderedCarved:
    """Safe HTML and plain text of the skeleton, and both for each passage by its number."""

    html: str
    text: str
    passages: Mapping[int, tuple[str, str]]


def render_carved(carved: Carved) -> RenderedCarved:
    """Return everything ready to be stored. Slots of block passages stand between blocks, never inside a <p>."""
    blocks = frozenset(cut.seq for cut in carved.passages if not cut.inline)
    skeleton = render(carved.source)
    passages = {cut.seq: _passage(cut, blocks) for cut in carved.passages}
    return RenderedCarved(_stand_alone(str(skeleton.html), blocks), skeleton.text, passages)


def _passage(cut: Cut, blocks: frozenset[int]) -> tuple[str, str]:
    if cut.inline:
        rendered = render(_FIRST + cut.source)
        return _inline(str(rendered.html).replace(_FIRST, "")), rendered.text.replace(_FIRST, "")
    source = cut.source
    if cut.quote is not None:
        source = "\n".join(f"> {line}" for line in source.split("\n"))
    rendered = render(source)
    return _stand_alone(str(rendered.html), blocks), rendered.text


def _inline(html: str) -> str:
    """Return the HTML of a passage that stands inside a paragraph: its blocks become lines."""
    bare = html.removeprefix("<p>").removesuffix("</p>")
    if not _BLOCK.search(bare):
        return bare
    return _EDGE.sub("", _BREAKS.sub("<br>", _BLOCK.sub("<br>", html)))


def _stand_alone(html: str, blocks: frozenset[int]) -> str:
    """Return `html` with each block slot outside of elements that hold only text: these end before and go on after."""
    if not blocks.intersection(slots.numbers(html)):
        return html
    out: list[str] = []
    opened: list[str] = []  # names of the open elements
    done = 0
    for found in _TAG.finditer(html):
        if found[3] is None:
            _follow(opened, found)
        elif int(found[3]) in blocks and (inner := _text_elements(opened)):
            out += [html[done : found.start()], *(f"</{name}>" for name in reversed(inner)), found[0]]
            out += [f"<{name}>" for name in inner]
            done = found.end()
    out.append(html[done:])
    return _tidy("".join(out))


def _follow(opened: list[str], found: re.Match[str]) -> None:
    if found[1]:
        opened.pop()
    elif found[2] not in _VOID:
        opened.append(found[2])


def _text_elements(opened: list[str]) -> list[str]:
    """Return the open elements from the outermost that holds only text; none where a block may stand."""
    first = next((at for at, name in enumerate(opened) if name in _HOLDS_TEXT), None)
    return [] if first is None else opened[first:]


def _tidy(html: str) -> str:
    """Drop white space at the edges of what was divided, and what is empty now."""
    trimmed = _LOOSE.sub(r"\1\2", html)
    for _ in range(3):
        trimmed = _EMPTIES.sub("", trimmed)
    return trimmed
