"""Two newsrooms that differ in nothing but what is hidden: the same script, clock, and luck."""

from __future__ import annotations

import secrets
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final

import pytest

from forum.comments.covers import WHOLE
from forum.spoilers.passages import Passage

SHORT: Final = {
    "word": "a",
    "text": "He did it alone.",
    "open": "So.",
    "deep": "She did.",
    # Also more than one paragraph: that a cover is a block of its own is no secret.
    "lines": "One.\n\nTwo.",
    "warned": "All of it.",
    "name": "Mo",
    "rule": "plum",
    **dict.fromkeys(("told", "flag", "note", "kept"), "No."),
}
# § becomes a number: where eight words in a row repeat what is covered, a comment would be held.
_MARKED: Final = "**Nobody§** saw [that§](https://elsewhere.example/a?b=c) `coming§`, least &amp; <b>those§</b> 🦆 who"
LONG: Final = {
    "word": "a-word§-that-is-a-good§-deal-longer",
    "text": f"{_MARKED} were there, day§ after day after day",
    "open": f"{_MARKED} [spoiler]were there§ ~~all~~ >!the time!<, weren't they[/spoiler] [spoiler]and§[/spoiler]",
    "deep": f"{_MARKED} [JJ S1E4]>!were there§!< and [JJ S1E13] >!this, too!<",
    "lines": "# One line\n\n- and a list\n- of\n  1. two\n\n> and a quote\n\n```\ncode\n```\n\nhttps://elsewhere.example/d",
    "warned": "All of it.",
    "name": "Maximiliane of the Moors",
    "rule": "blackcurrant",
    **dict.fromkeys(("told", "flag", "note", "kept"), f"{_MARKED} never said so, and <b>yet</b>"),
}


@dataclass(slots=True)
class Text:
    """Fills hidden places with one of the two."""

    kinds: Mapping[str, str]
    number: int = 0

    def __call__(self, kind: str, writer: str) -> str:
        self.number += 1
        return self.kinds[kind].replace("§", str(self.number))


# Where something random comes into what is answered.
_CHANCE: Final = ("forum.core.", "forum.comments.", "forum.accounts.", "forum.people.", "forum.moderation.")


@dataclass(slots=True)
class Luck:
    """What is random, made to happen the same way twice: ids, capabilities, keys of forms.

    A passage's id is drawn by its place among those that everybody sees: how many nest in them is hidden.
    """

    drawn: Counter[str] = field(default_factory=Counter)

    def _draw(self, what: str) -> str:
        self.drawn[what] += 1
        return f"{self.drawn[what]:x}"

    def _passage(self, *given: Any, **named: Any) -> Passage:
        made = Passage(*given, **named)
        if made.seq == WHOLE:
            return made
        place = f"{made.comment_id:x}{'0' if made.parent_id is None else 'f'}"
        return made._replace(id=f"{place:0<26}{self._draw(place):0>6}")

    def decide(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on, and for everything that is random wherever it is used."""
        for name, module in sorted(sys.modules.items()):
            if name.startswith(_CHANCE) and getattr(module, "secrets", None) is secrets:
                monkeypatch.setattr(module, "secrets", self._chance(name))
        monkeypatch.setattr("forum.comments.desk.Passage", self._passage)

    def _chance(self, name: str) -> SimpleNamespace:
        """What a module of ours sees in place of `secrets`."""

        def text(size: int) -> str:
            return f"{self._draw(name):0>{2 * size}}"

        return SimpleNamespace(
            token_hex=text,
            token_urlsafe=text,
            token_bytes=lambda size: text(size).encode()[-size:],
            randbits=lambda _: 0,
            randbelow=lambda _: 0,
            choice=lambda letters: letters[0],
        )
