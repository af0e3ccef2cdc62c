"""Pipes are the same on both sides and mean "or" besides: which of them are delimiters, by what stands around them."""

from collections.abc import Sequence

from forum.markup.carve_tokens import Token


class Pipes:
    """Looks ahead over the runs of pipes in a text."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._next: list[int | None] = [None] * len(tokens)  # per token the next run that is not escaped
        self._next_tight: list[int | None] = [None] * len(tokens)  # and the next without spaces on both sides
        self._odd = [False] * (len(tokens) + 1)  # whether an odd number of tight runs comes, up to an escaped one
        after = tight = None
        for index in range(len(tokens) - 1, -1, -1):
            self._next[index], self._next_tight[index] = after, tight
            token = tokens[index]
            self._odd[index] = self._odd[index + 1]
            if token.kind != "pipe":
                continue
            if token.role == "dead":
                self._odd[index] = False
                continue
            after = index
            if token.role == "any":
                tight = index
                self._odd[index] = not self._odd[index]

    def is_paired_escape(self, index: int) -> bool:
        r"""Say whether an escaped run takes the next run with it, as in \||text||."""
        return self._odd[index + 1]

    def counts(self, index: int, *, is_open: bool) -> bool:
        """Say whether a run with spaces on both sides is a delimiter: a lone one is text."""
        return self._closes(index) if is_open else self._opens(index)

    def _opens(self, index: int) -> bool:
        """It opens when there is one on the same line that can end it."""
        later = self._next[index]
        if later is None:
            return False
        token = self._tokens[later]
        if "\n" in self._text[self._tokens[index].end : token.start]:
            return False
        if token.role == "text" or looks_closing(self._text, token):
            return True
        return not looks_opening(self._text, token) and self._odd[later]

    def _closes(self, index: int) -> bool:
        """It closes unless what comes next can only be the end."""
        later = self._next_tight[index]
        if later is None or looks_opening(self._text, self._tokens[later]):
            return True
        return not looks_closing(self._text, self._tokens[later]) and not self._odd[later]


def looks_opening(text: str, token: Token) -> bool:
    """Say whether white space stands before a delimiter and something behind it."""
    return _is_open(text, token.start - 1) and not _is_open(text, token.end)


def looks_closing(text: str, token: Token) -> bool:
    """Say whether something stands before a delimiter and white space behind it."""
    return not _is_open(text, token.start - 1) and _is_open(text, token.end)


def is_inside_out(text: str, opener: Token, closer: Token) -> bool:
    """Say whether two runs look the wrong way round, as in `a|| b ||c`: then one of them belongs to another."""
    if not (looks_closing(text, opener) and looks_opening(text, closer)):
        return False
    return text[opener.start - 1].isalnum() and text[closer.end].isalnum()


def _is_open(text: str, at: int) -> bool:
    return not 0 <= at < len(text) or text[at].isspace()
