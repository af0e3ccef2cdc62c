"""Labels: words in brackets that say what a spoiler is of."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

_LABEL: Final = re.compile(r"\[([^\[\]\n]{1,200})\](?::?[ \t]?|[ \t]*\n[ \t>]*)\Z")
_ABOVE: Final = re.compile(r"(?:[ \t]|>|[-*+][ \t]|[0-9]{1,9}[.)][ \t])*\Z")


@dataclass(slots=True)
class Label:
    """What a spoiler is of: the words, whether they are shown, and where they stand."""

    text: str | None
    quiet: bool = False
    at: int = 0


class Labels:
    """Finds labels, and asks whether they name something known."""

    def __init__(self, text: str, is_label: Callable[[str], bool]) -> None:
        self._text = text
        self._is_label = is_label

    def before(self, at: int, after: int = 0) -> tuple[int, Label] | None:
        """Return where the label directly before `at` begins, and the label; None without one that is known."""
        low = max(after, at - 260)
        near = self._text[low:at]
        if not near.rstrip(" \t\n>:").endswith("]"):
            return None
        found = _LABEL.search(near)
        if found is None or (found.start() and near[found.start() - 1] == "\\"):
            return None
        start = low + found.start()
        if "\n" in found[0] and not self._begins_line(start):
            return None
        label = self.known(found[1], start + 1)
        return None if label.text is None else (start, label)

    def is_first(self, at: int, after: int) -> bool:
        """Say whether a label, and nothing else, stands before `at` on its line."""
        before = self.before(at, max(self._text.rfind("\n", 0, at) + 1, after))
        return before is not None and self._begins_line(before[0])

    def _begins_line(self, at: int) -> bool:
        return bool(_ABOVE.match(self._text, self._text.rfind("\n", 0, at) + 1, at))

    def known(self, words: str, at: int) -> Label:
        """Return the label that these words are; without text when they name nothing."""
        quiet = words.lstrip().startswith("?")
        bare = words.lstrip()[1:].strip() if quiet else words.strip()
        return Label(bare, quiet, at) if bare and self._is_label(bare) else Label(None, False, at)

    def joined(self, labels: Sequence[Label]) -> Label:
        """Return one label for all: a spoiler of unknown things stays one, whatever is known about the rest."""
        words = list(dict.fromkeys(label.text for label in labels))
        if len(words) == 1:
            return labels[0]
        together = " + ".join(word or "" for word in words)
        known = None not in words and self._is_label(together)
        return Label(together if known else None, known and any(label.quiet for label in labels), labels[0].at)
