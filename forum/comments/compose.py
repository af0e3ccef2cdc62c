"""A typed text made ready to be stored: cleaned, spoilers carved out, labels understood, every part rendered alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from forum.core.i18n import N_
from forum.core.text import TextProblem, clean_body, unify_line_ends
from forum.errors import FieldError, Invalid
from forum.markup.carve import Carved, Cut, SpoilerProblem, carve
from forum.markup.carve_render import render_carved
from forum.runtime import Runtime
from forum.spoilers.model import NO_SCOPE, UNSPEC_SCOPE, Scope
from forum.spoilers.service import Ambiguous, gazetteer, understand

CARVING = {
    "unclosed_spoiler": N_("A spoiler begins in your text and does not end. Nothing was posted; your text is kept."),
    "broken_spoiler": N_("There is a spoiler sign in your text that belongs to nothing. Your text is kept."),
    "spoiler_too_deep": N_("Spoilers stand inside each other too deep. Your text is kept."),
    "too_many_spoilers": N_("That is more spoilers than one comment can hold. Your text is kept."),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One passage of a text: where it was cut out, what its own label says, and what it looks like."""

    cut: Cut
    own: Scope
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Composed:
    """A text ready to be stored. `html` and `text` are the skeleton; `share` of what can be seen is covered."""

    source: str
    html: str
    text: str
    pieces: tuple[Piece, ...]
    share: float
    unknown_labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """What helps to understand labels: the discussion's works (the main one first), and when the text was written."""

    works: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the source (code points) that is covered whatever its markup says."""

    start: int
    end: int
    scope: Scope


def cleaned(rt: Runtime, text: str) -> str:
    """The text as it can be stored; raises Invalid."""
    try:
        return clean_body(text, max_length=rt.settings.max_comment_length)
    except TextProblem as problem:
        raise Invalid(errors=(FieldError("body", problem.code),)) from problem


async def compose(rt: Runtime, text: str, about: About, *, stretches: Sequence[Stretch] | None = None) -> Composed:
    """The text ready to be stored; raises Invalid with the code and the position of what is wrong with it.

    With `stretches` it is one that was stored before: what its labels meant then may be unclear by now, and nobody can
    be asked. Such a label asks for everything that it may mean.
    """
    source = cleaned(rt, text)
    names = await gazetteer(rt)
    unknown: list[str] = []

    def is_label(label: str) -> bool:
        known = names.knows(label, prefer=about.works)
        if not known:
            unknown.append(label)
        return known

    try:
        carved = _carve(source, is_label, [(stretch.start, stretch.end) for stretch in stretches or ()])
        scopes = await _understood(rt, carved, about, strict=stretches is None)
    except Invalid as problem:
        problem.errors = _where_typed(problem.errors, text, source)
        raise
    drawn = render_carved(carved)
    if not drawn.text:
        raise Invalid(errors=(FieldError("body", "empty"),))
    own = [_own_scope(cut, scopes, stretches or ()) for cut in carved.passages]
    pieces = tuple(Piece(cut, scope, *drawn.passages[cut.seq]) for cut, scope in zip(carved.passages, own, strict=True))
    return Composed(source, drawn.html, drawn.text, pieces, carved.share, tuple(dict.fromkeys(unknown)))


async def _understood(rt: Runtime, carved: Carved, about: About, *, strict: bool) -> dict[str, Scope]:
    """What the labels mean; raises Ambiguous, with the place, when `strict` and one of them means several works."""
    labels = {cut.label: cut.label_at for cut in reversed(carved.passages) if cut.label is not None}
    if not labels:
        return {}
    try:
        return await understand(rt, reversed(labels), prefer=about.works, at=about.at, strict=strict)
    except Ambiguous as problem:
        problem.errors = tuple(replace(error, pos=labels[problem.label]) for error in problem.errors)
        raise


def _where_typed(errors: tuple[FieldError, ...], text: str, source: str) -> tuple[FieldError, ...]:
    """Errors with their places in what was typed: before it is kept, blank lines around it are taken off."""
    before = max(unify_line_ends(text).find(source), 0)
    return tuple(error if error.pos is None else replace(error, pos=error.pos + before) for error in errors)


def _carve(source: str, is_label: Callable[[str], bool], forced: Sequence[tuple[int, int]]) -> Carved:
    try:
        return carve(source, strict=True, is_label=is_label, forced=forced)
    except SpoilerProblem as problem:
        errors = (FieldError("body", problem.code, pos=problem.position),)
        raise Invalid(problem.code, CARVING[problem.code], errors=errors) from problem


def _own_scope(cut: Cut, scopes: Mapping[str, Scope], stretches: Sequence[Stretch]) -> Scope:
    if cut.forced is not None:
        return stretches[cut.forced].scope
    if cut.quote is not None:
        return NO_SCOPE
    return UNSPEC_SCOPE if cut.label is None else scopes[cut.label]
