"""The poison check: reads the finished pieces as the Markdown parser will, whatever the carver believed.

The pieces come with every delimiter that is rightly text blotted out. What then still looks like a delimiter
outside of code was missed, or is spelled with entities; and a slot must stand in text, each once.
"""

import re
from html import unescape
from typing import Any, Final

import pyromark

from forum.core.text import neutralise
from forum.markup.carve_shape import shallow
from forum.markup.carve_text import leftover
from forum.markup.slots import numbers

BLOT: Final = "\ue00e"
_ANGLE: Final = "\ue00d"
_HTML: Final = re.compile("<(?!https?:)", re.IGNORECASE)
_INLINE: Final = frozenset({"Emphasis", "Strong", "Strikethrough"})


def is_sound(source: str, expected: tuple[int, ...]) -> bool:
    """Say whether a piece shows no delimiter, and exactly the expected slots where text may stand."""
    if not expected and leftover(unescape(source)) is None and not numbers(source):
        return True  # nothing in it can come to be a delimiter
    check = _Check()
    # The parser must take nothing for HTML here either.
    for event in pyromark.events(shallow(_HTML.sub(_ANGLE, neutralise(source)))):
        check.take(event)
    return check.is_sound(expected)


class _Check:
    """One walk over the events: collects what is shown as text, apart from code."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._links = 0
        self._in_code = False
        self._sound = True

    def is_sound(self, expected: tuple[int, ...]) -> bool:
        text = "".join(self._parts).replace(_ANGLE, "<")
        return self._sound and numbers(text) == expected and leftover(text) is None

    def take(self, event: Any) -> None:
        if isinstance(event, str):
            self._parts.append("\n")
            return
        ((kind, value),) = event.items()
        if kind == "Start":
            self._start(value)
        elif kind == "End":
            self._end(value if isinstance(value, str) else next(iter(value)))
        elif kind == "Code" or self._in_code:
            self._refuse_slots(value)
            self._parts.append("\ufffc")
        else:
            if self._links:
                self._refuse_slots(value)
            self._parts.append(value)

    def _start(self, value: Any) -> None:
        name: str
        data: Any
        name, data = (value, None) if isinstance(value, str) else next(iter(value.items()))
        if name in ("Link", "Image"):
            self._links += 1
            shown = f"{data['dest_url']} {data['title']}"
            self._refuse_slots(shown)
            self._parts.append(f"\n{shown}\n")
        elif name == "CodeBlock":
            self._in_code = True
            self._refuse_slots(str(data))
        else:
            self._parts.append("\ufffc" if name in _INLINE else "\n")

    def _end(self, name: str) -> None:
        if name in ("Link", "Image"):
            self._links -= 1
        elif name == "CodeBlock":
            self._in_code = False
        self._parts.append("\ufffc" if name in _INLINE else "\n")

    def _refuse_slots(self, text: str) -> None:
        if numbers(text):
            self._sound = False
