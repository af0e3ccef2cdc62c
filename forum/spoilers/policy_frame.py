"""What the address of a frame may say about spoilers: it may add caution to its own view, and take none away."""

from __future__ import annotations

from collections.abc import Iterable

from forum.articles.model import Gate
from forum.spoilers.model import Scope


def with_caution(stored: Scope, gate: Gate, asked: Scope) -> tuple[Scope, Gate]:
    """The scope and gate of a view whose address asks for `asked`. Anything more than is stored closes the gate."""
    return (stored, gate) if asked <= stored else (stored | asked, Gate.ASK)


def with_works(stored: Iterable[str], asked: Iterable[str]) -> tuple[str, ...]:
    """The ids of the works to choose from in a view whose address names `asked`: those first, the others after them."""
    return tuple(dict.fromkeys((*asked, *stored)))
