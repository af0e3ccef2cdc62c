"""What carving a source gives: the skeleton, the passages that were cut out of it, and what can be wrong."""

from dataclasses import dataclass
from typing import Final

MAX_DEPTH: Final = 8  # cuts inside each other
MAX_CUTS: Final = 100


class SpoilerProblem(ValueError):
    """Markup that is refused: `code` is stable snake_case, `position` a code point offset in the source.

    Codes: "unclosed_spoiler" (at its opener), "broken_spoiler" (a delimiter that belongs to nothing, or a
    spoiler where none can be cut out), "spoiler_too_deep", "too_many_spoilers".
    """

    def __init__(self, code: str, position: int) -> None:
        super().__init__(f"{code} at {position}")
        self.code = code
        self.position = position


@dataclass(frozen=True, slots=True)
class Quote:
    """Whom a block quotes: the first line of `> @name#c123`."""

    name: str
    comment_id: int


@dataclass(frozen=True, slots=True)
class Cut:
    """One passage. `start` and `end` are code point offsets in the given source, delimiters and label included.

    `source` is its own Markdown with slots where nested passages were. `label` is what the author wrote in
    brackets, None where it names nothing known; `label_at` is its offset (that of the opener without one).
    `quiet`: the label applies but is not shown. `forced` is the index of the stretch that made the cut.
    """

    seq: int
    parent: int | None
    inline: bool
    label: str | None
    quiet: bool
    label_at: int
    start: int
    end: int
    source: str
    quote: Quote | None = None
    forced: int | None = None


@dataclass(frozen=True, slots=True)
class Carved:
    """A source without its passages. `share` (0 to 1) of the characters one would see is covered."""

    source: str
    passages: tuple[Cut, ...] = ()
    share: float = 0.0
