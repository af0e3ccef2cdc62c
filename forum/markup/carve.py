"""Cuts spoilers and quotes out of a source, before Markdown sees it.

What is cut out stays behind as a slot; whatever is shown is made from the skeleton, so that no reader of the
Markdown, of HTML or of text has to know what a spoiler is. The steps: read the text (`carve_text`), see where
code, links and blocks stand (`carve_shape`), find delimiters (`carve_tokens`), pair them (`carve_match`), widen
and nest (`carve_tree`), build the pieces (`carve_build`) and look at them once more (`carve_check`).
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Final

from forum.markup.carve_build import Builder, numbered
from forum.markup.carve_check import BLOT, is_sound
from forum.markup.carve_labels import Labels
from forum.markup.carve_match import Matched, Region, match
from forum.markup.carve_model import Carved, Cut, Quote, SpoilerProblem
from forum.markup.carve_shape import shape_of
from forum.markup.carve_text import Typed, is_spoiler_free, is_suspect, may_carve, read
from forum.markup.carve_tokens import tokens_of
from forum.markup.carve_tree import tree_of
from forum.markup.slots import plain, slot

__all__ = ["Carved", "Cut", "Quote", "SpoilerProblem", "carve", "is_spoiler_free", "may_carve"]

_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{1,31});")


def carve(
    source: str, *, strict: bool, is_label: Callable[[str], bool], forced: Sequence[tuple[int, int]] = ()
) -> Carved:
    """Return the source without its spoilers, and these.

    `is_label` says whether words in brackets name something known; others stay text. `forced` are stretches
    (code points in `source`) that are covered whatever the markup says: each becomes a cut, widened to whole
    code, links and lines of blocks, around any cut that it touches.

    Strict refuses what is unclear with SpoilerProblem. Lenient never raises: an unclosed spoiler goes to the
    end, and where anything else is wrong the whole text becomes one cut without a label.
    """
    typed = read(source)
    if not forced and not is_suspect(typed.text):
        return Carved(typed.text)
    try:
        return _carve(typed, strict, Labels(typed.text, is_label), _in_text(typed, forced))
    except SpoilerProblem as problem:
        if strict:
            raise SpoilerProblem(problem.code, typed.given(problem.position)) from None
        return _covered(typed)


def _carve(typed: Typed, strict: bool, labels: Labels, forced: Sequence[tuple[int, int]]) -> Carved:
    text = typed.text
    shape = shape_of(text)
    matched = match(text, tokens_of(text, shape), strict=strict, labels=labels)
    outer = tree_of(text, shape, matched, labels, forced)
    pairs = list(numbered(outer))
    seqs = {id(region): seq for seq, (region, _) in enumerate(pairs, 1)}
    _check(text, matched, outer, pairs, seqs)
    builder = Builder(text, matched.drops, seqs)
    cuts = tuple(
        _cut(typed, builder, region, seqs[id(region)], seqs[id(parent)] if parent else None) for region, parent in pairs
    )
    skeleton = builder.skeleton(outer)
    return Carved(skeleton, cuts, _share(skeleton, cuts))


def _check(
    text: str, matched: Matched, outer: list[Region], pairs: list[tuple[Region, Region | None]], seqs: dict[int, int]
) -> None:
    """Raise SpoilerProblem unless every piece is sound."""
    builder = Builder(_blotted(text, matched.texts), matched.drops, seqs)
    pieces = [(builder.skeleton(outer), outer)]
    pieces += [(builder.inner(region), region.children) for region, _ in pairs]
    for source, inside in pieces:
        if not is_sound(source, tuple(seqs[id(region)] for region in inside)):
            entity = _ENTITY.search(text)
            raise SpoilerProblem("broken_spoiler", entity.start() if entity else 0)


def _blotted(text: str, spans: Sequence[tuple[int, int]]) -> str:
    parts: list[str] = []
    done = 0
    for start, end in sorted(spans):
        if start >= done:
            parts += [text[done:start], BLOT * (end - start)]
            done = end
    return "".join(parts) + text[done:]


def _cut(typed: Typed, builder: Builder, region: Region, seq: int, parent: int | None) -> Cut:
    label = region.label
    return Cut(
        seq,
        parent,
        not region.block,
        label.text,
        label.quiet,
        typed.given(label.at),
        typed.given(region.start),
        typed.given_end(region.end),
        builder.inner(region),
        region.quote,
        region.forced,
    )


def _covered(typed: Typed) -> Carved:
    cut = Cut(1, None, False, None, False, typed.given(0), typed.given(0), typed.given_end(len(typed.text)), typed.text)
    return Carved(slot(1), (cut,), 1.0)


def _share(skeleton: str, cuts: Sequence[Cut]) -> float:
    """Return how much of what one would see is covered. A quote as such covers nothing."""
    hidden: set[int] = set()
    for cut in cuts:
        if cut.quote is None or cut.parent in hidden:
            hidden.add(cut.seq)
    sizes = {cut.seq: _size(cut.source) for cut in cuts}
    covered = sum(sizes[seq] for seq in hidden)
    total = _size(skeleton) + sum(sizes.values())
    return covered / total if total else 0.0


def _size(source: str) -> int:
    return len("".join(plain(source).split()))


def _in_text(typed: Typed, forced: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return stretches of the given source as stretches of the text that was read."""
    kept = typed.kept
    if kept is None:
        return list(forced)
    return [(bisect_left(kept, start), bisect_left(kept, end)) for start, end in forced]
