"""Regions made whole and put inside each other: nothing is cut in half, and what would overlap is swallowed."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from forum.markup.carve_labels import Label, Labels
from forum.markup.carve_match import Matched, Region
from forum.markup.carve_model import MAX_CUTS, MAX_DEPTH, SpoilerProblem
from forum.markup.carve_shape import Shape, Span, around, line_start, widened_by_urls

Stretch = tuple[int, int]


def tree_of(text: str, shape: Shape, matched: Matched, labels: Labels, forced: Sequence[Stretch]) -> list[Region]:
    """Return the outermost regions in order, with those inside them as children. Raises SpoilerProblem."""
    for region in matched.regions:
        _widen(text, shape, region)
        _add_label(region, matched, labels)
    regions = _merged(matched.regions, labels)
    _divide_lines(shape, regions)
    regions += _quotes(text, shape, matched, regions)
    outer = _nested(regions)
    if forced:
        regions += _forced(text, shape, outer, forced)
        outer = _nested(regions)
    if len(regions) > MAX_CUTS:
        raise SpoilerProblem("too_many_spoilers", regions[MAX_CUTS].start)
    _check_depth(outer)
    return outer


def _widen(text: str, shape: Shape, region: Region) -> None:
    """Widen a region to the links and bare URLs that it begins or ends in: their text and target go with it."""
    span = Span(region.start, region.end)
    for at in (span.start, span.end - 1):
        link = around(shape.links, at)
        if link is not None and not (span.start <= link.start and link.end <= span.end):
            span = Span(min(span.start, link.start), max(span.end, link.end))
        if around(shape.definitions, at) is not None:
            raise SpoilerProblem("broken_spoiler", region.start)  # its target would be gone wherever it is used
    region.start, region.end = widened_by_urls(text, shape, span)


def _add_label(region: Region, matched: Matched, labels: Labels) -> None:
    """Give a region that was widened the label before the link it is in."""
    if region.label.text is not None or region.start == region.opener:
        return
    if before := labels.before(region.start):
        matched.drops.append((before[0], region.start))
        region.start, region.label = before


def _merged(regions: Sequence[Region], labels: Labels) -> list[Region]:
    """Return one region instead of several that became the same: two spoilers in one link."""
    same: dict[Stretch, list[Region]] = {}
    for region in regions:
        same.setdefault((region.start, region.end), []).append(region)
    out: list[Region] = []
    for group in same.values():
        first = group[0]
        if len(group) > 1:
            first.label = labels.joined([region.label for region in group])
            first.lead = "; ".join(region.lead for region in group if region.lead)
            first.block = any(region.block for region in group)
        out.append(first)
    return out


def _divide_lines(shape: Shape, regions: Sequence[Region]) -> None:
    for region in regions:
        region.block = region.block or shape.is_divided(region.start, region.end)


def _quotes(text: str, shape: Shape, matched: Matched, regions: Sequence[Region]) -> list[Region]:
    """Return the quotes as regions. A spoiler that crosses the edge of a quote is widened to hold all of it."""
    out: list[Region] = []
    for quoted in shape.quotes:
        span = quoted.span
        if any(span.start <= start < quoted.body for start, _ in matched.drops):
            continue  # a spoiler in the first line: no quote of anybody
        for region in regions:
            if region.start < span.end and region.end > span.start and not _fits(region, span):
                region.start, region.end = min(region.start, span.start), max(region.end, span.end)
                region.block = True
        matched.drops.append((span.start, quoted.body))
        out.append(Region(span.start, span.end, Label(None, False, span.start), True, quote=quoted.quote))
    matched.drops.sort()
    return out


def _fits(region: Region, span: Span) -> bool:
    inside = span.start <= region.start and region.end <= span.end
    return inside or (region.start <= span.start and span.end <= region.end)


def _nested(regions: Sequence[Region]) -> list[Region]:
    """Return the outermost regions; where two cross, the one that begins first grows around the other."""
    outer: list[Region] = []
    opened: list[Region] = []
    # Of regions with the same stretch a forced one is outside, and a quote inside.
    for region in sorted(regions, key=lambda one: (one.start, -one.end, one.forced is None, one.quote is not None)):
        region.children = []
        while opened and opened[-1].end <= region.start:
            opened.pop()
        for around_it in opened:
            around_it.end = max(around_it.end, region.end)
        (opened[-1].children if opened else outer).append(region)
        opened.append(region)
    return outer


def _forced(text: str, shape: Shape, outer: Sequence[Region], forced: Sequence[Stretch]) -> list[Region]:
    """Return stretches that are covered whatever the markup says, as regions."""
    out: list[Region] = []
    for index, (start, end) in enumerate(forced):
        start, end = max(start, 0), min(end, len(text))
        if start >= end:
            continue
        span, last = Span(start, end), None
        while span != last:
            last = span
            span = _swallowed(outer, _whole(text, shape, span))
        block = shape.is_divided(*span) or any(
            region.block for region in outer if span.start <= region.start < span.end
        )
        out.append(Region(span.start, span.end, Label(None, False, span.start), block, forced=index))
    return out


def _whole(text: str, shape: Shape, span: Span) -> Span:
    """Return the stretch with the whole code, links and, where it goes over the edge of a block, lines in it."""
    start, end = span
    for spans in (shape.code, shape.links, shape.definitions):
        for at in (start, end - 1):
            if (found := around(spans, at)) is not None:
                start, end = min(start, found.start), max(end, found.end)
    span = widened_by_urls(text, shape, Span(start, end))
    if not shape.is_divided(*span):
        return span
    stop = text.find("\n", span.end - 1)
    return Span(line_start(text, span.start), stop if stop >= 0 else len(text))


def _swallowed(outer: Sequence[Region], span: Span) -> Span:
    low = bisect_right(outer, span.start, key=lambda region: region.end)
    high = bisect_left(outer, span.end, key=lambda region: region.start)
    if low >= high:
        return span
    return Span(min(span.start, outer[low].start), max(span.end, outer[high - 1].end))


def _check_depth(regions: Sequence[Region], depth: int = 1) -> None:
    for region in regions:
        if depth > MAX_DEPTH:
            raise SpoilerProblem("spoiler_too_deep", region.start)
        _check_depth(region.children, depth + 1)
