"""Which delimiters belong together: from tokens to regions, some of them still to be widened.

Everything here fails closed. A closer belongs to the innermost open spoiler; one that would cut another spoiler
in half, and one that belongs to nothing, are problems. Closers in code are code: a spoiler does not end in it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from forum.markup.carve_labels import Label, Labels
from forum.markup.carve_model import MAX_CUTS, MAX_DEPTH, Quote, SpoilerProblem
from forum.markup.carve_pipes import Pipes, is_inside_out, looks_closing
from forum.markup.carve_tokens import Token


@dataclass(slots=True)
class Region:
    """A stretch that will be cut out, with its delimiters, which begin at `opener`.

    `lead` is text of the opener that belongs inside.
    """

    start: int
    end: int
    label: Label
    block: bool = False
    lead: str = ""
    quote: Quote | None = None
    forced: int | None = None
    opener: int = -1
    children: list["Region"] = field(default_factory=list)


@dataclass(slots=True)
class Matched:
    """Regions by position; `drops` are delimiters; `texts` are what looks like delimiters and is text."""

    regions: list[Region] = field(default_factory=list)
    drops: list[tuple[int, int]] = field(default_factory=list)
    texts: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Frame:
    """An open spoiler. `until`: where one made of lines ends; `wide`: opened by four pipes or more."""

    token: Token
    region: Region
    until: int | None = None
    wide: bool = False

    @property
    def is_lines(self) -> bool:
        return self.until is not None


def match(text: str, tokens: Sequence[Token], *, strict: bool, labels: Labels) -> Matched:
    """Return what belongs together. Raises SpoilerProblem; when lenient an unclosed spoiler goes to the end instead."""
    return _Matcher(text, tokens, strict, labels).run()


class _Matcher:
    """One pass over the tokens."""

    def __init__(self, text: str, tokens: Sequence[Token], strict: bool, labels: Labels) -> None:
        self._text = text
        self._tokens = tokens
        self._strict = strict
        self._labels = labels
        self._pipes = Pipes(text, tokens)
        self._stack: list[_Frame] = []
        self._dead: Counter[str] = Counter()
        self._has_lone_pipes = False
        self._done = 0  # end of the last token
        self._out = Matched()

    def run(self) -> Matched:
        for index, token in enumerate(self._tokens):
            self._end_lines(token.start)
            if self._is_left_open(token.start):
                return self._to_the_end(index)
            if token.start < self._done:
                continue
            try:
                self._take(index, token)
            except _Crossing:
                return self._to_the_end(index)
            self._done = max(self._done, token.end)
        self._end_lines(len(self._text))
        return self._to_the_end(len(self._tokens)) if self._stack else self._out

    def _take(self, index: int, token: Token) -> None:
        if token.role == "dead":
            self._out.texts.append((token.start, token.end))
            if token.kind != "pipe" or (not self._in_pipes() and self._pipes.is_paired_escape(index)):
                self._dead[token.kind] += 1
        elif token.kind == "escape":
            self._out.texts.append((token.start + 1, token.end))
        elif token.kind == "pipe":
            self._take_pipe(index, token)
        elif token.role == "close":
            self._close(token)
        elif token.kind == "angle" and self._begins_line(token):
            self._take_line(index, token)
        elif token.kind == "colon" and not self._begins_line(token):
            raise SpoilerProblem("broken_spoiler", token.start)
        else:
            self._open(token)

    def _begins_line(self, token: Token) -> bool:
        """Say whether a delimiter begins its line, or only its label stands before it there."""
        return token.first or self._labels.is_first(token.start, self._done)

    def _take_pipe(self, index: int, token: Token) -> None:
        is_open = self._in_pipes()
        if token.role == "text" and not self._pipes.counts(index, is_open=is_open):
            self._out.texts.append((token.start, token.end))
            self._has_lone_pipes = True
        elif is_open:
            self._close_pipe(token, self._stack[-1])
        elif self._dead["pipe"]:
            self._dead["pipe"] -= 1
            self._out.texts.append((token.start, token.end))
        else:
            self._open(token)

    def _in_pipes(self) -> bool:
        return bool(self._stack) and self._stack[-1].token.kind == "pipe"

    def _close_pipe(self, token: Token, top: _Frame) -> None:
        if is_inside_out(self._text, top.token, token):
            raise SpoilerProblem("broken_spoiler", top.token.start)
        if token.end - token.start < 4 or top.wide:
            self._close(token)
        else:  # ||a||||b||
            self._close(token._replace(end=token.start + 2))
            self._open(token._replace(start=token.start + 2))

    def _take_line(self, index: int, token: Token) -> None:
        """`>!` at the beginning of a line: a spoiler in the line if it ends there, else one made of lines."""
        if any(frame.is_lines for frame in self._stack):
            self._drop_marker(token)
            return
        depth = 0
        line_end = self._text.find("\n", token.end)
        for later in self._tokens[index:]:
            if later.start > line_end >= 0:
                break
            if later.kind == "angle" and later.role != "dead":
                depth += 1 if later.role == "open" else -1
            if depth == 0:
                self._open(token)
                return
        quotes = token.prefix.count(">")
        blank = re.compile(rf"\n(?:[ \t]*>){{0,{quotes}}}[ \t]*(?=\n|\Z)").search(self._text, token.end)
        self._open(token, until=blank.start() if blank else len(self._text))

    def _drop_marker(self, token: Token) -> None:
        self._out.drops.append((token.start, token.end + (self._text[token.end : token.end + 1] == " ")))

    def _open(self, token: Token, *, until: int | None = None) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise SpoilerProblem("spoiler_too_deep", token.start)
        if len(self._out.regions) >= MAX_CUTS:
            raise SpoilerProblem("too_many_spoilers", token.start)
        labels = []
        start, inner = token.start, token.end
        if before := self._labels.before(token.start, self._done):
            start = before[0]
            labels.append(before[1])
        block = until is not None or token.kind == "colon"
        region = Region(start, token.end, Label(None, False, token.start), block, opener=start)
        if token.label is not None:
            own = self._labels.known(token.label, token.start)
            if own.text is not None:
                labels.append(own)
                inner = self._behind_label(token)
            elif token.kind != "colon":
                region.lead = token.label
        if labels:
            region.label = self._labels.joined(labels)
        if until is not None and self._text[inner : inner + 1] == " ":
            inner += 1
        self._out.drops.append((start, inner))
        self._out.regions.append(region)
        self._done = max(self._done, inner)
        self._stack.append(_Frame(token, region, until, token.kind == "pipe" and token.end - token.start >= 4))

    def _behind_label(self, token: Token) -> int:
        if token.kind != "colon":
            return token.end
        stop = self._text.find("\n", token.end)
        return stop if stop >= 0 else len(self._text)

    def _close(self, token: Token) -> None:
        kinds = [frame.token.kind for frame in self._stack]
        if token.kind not in kinds:
            self._stray(token)
        elif self._stack[-1].is_lines and token.kind == "angle":
            self._out.drops.append((token.start, token.end))
        elif kinds[-1] == token.kind:
            self._out.drops.append((token.start, token.end))
            self._pop(token.end)
        elif (until := self._stack[-1].until) is None or not (token.first or _is_blank(self._text, token.end, until)):
            raise _Crossing
        else:  # what is around lines ends, at the beginning of a line or behind all of them
            self._pop(token.start - len(token.prefix) - 1 if token.first else token.start)
            self._close(token)

    def _stray(self, token: Token) -> None:
        if not self._dead[token.kind]:
            raise SpoilerProblem("broken_spoiler", token.start)
        self._dead[token.kind] -= 1
        self._out.texts.append((token.start, token.end))

    def _pop(self, end: int) -> None:
        self._stack.pop().region.end = end

    def _end_lines(self, at: int) -> None:
        while self._stack and (until := self._stack[-1].until) is not None and until <= at:
            self._pop(until)

    def _is_left_open(self, at: int) -> bool:
        """Say whether lines ended in which another spoiler is still open."""
        return len(self._stack) > 1 and any(frame.until is not None and frame.until <= at for frame in self._stack)

    def _to_the_end(self, index: int) -> Matched:
        """Whatever is open goes to the end, when lenient; what was to come is text there."""
        left = next(frame for frame in reversed(self._stack) if not frame.is_lines)
        if self._strict:
            raise SpoilerProblem("unclosed_spoiler", left.token.start)
        first = next(frame for frame in self._stack if not frame.is_lines)
        if first.token.kind == "pipe" and (self._has_lone_pipes or looks_closing(self._text, first.token)):
            raise SpoilerProblem("broken_spoiler", first.token.start)  # what it shall cover may be before it
        while self._stack:
            self._pop(len(self._text))
        self._out.texts += [(token.start, token.end) for token in self._tokens[index:]]
        return self._out


def _is_blank(text: str, start: int, end: int) -> bool:
    return not text[start:end].strip()


class _Crossing(Exception):
    """A closer whose spoiler holds another one that is still open."""
