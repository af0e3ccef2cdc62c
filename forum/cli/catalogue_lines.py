"""What the commands of the catalogue print: a diff line by line, and one work as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from rich.table import Table

from forum.spoilers.catalogue.differences import Change, Diff, Part, Sign
from forum.spoilers.model import Unit, Work

# More codes than fit in a line are named by the first and the last.
MOST_NAMED: Final = 4
WHOLE: Final = "(whole)"


def lines_of(diff: Diff) -> Iterator[str]:
    """The changes, then what was merged or pinned, then names that mean more works now."""
    for work, changes in groupby(diff.changes, key=lambda change: change.work):
        several = list(changes)
        if work is not None and several[0].part is not Part.WORK:
            yield f"~ {work}"
        for (sign, part), same in groupby(several, key=lambda change: (change.sign, change.part)):
            yield from _lines(sign, part, list(same))
    for work, codes in (diff.kept or {}).items():
        yield f"  {work}: not in the file, kept: {_codes(codes)}"
    for merge in diff.merges:
        into = "an open end" if merge.into_code is None else merge.into_code or WHOLE
        yield f"- {merge.work} {merge.code or WHOLE}: spoilers that pointed there point at {into} now"
    for (work, code), count in sorted(Counter((pin.work, pin.code) for pin in diff.pins).items()):
        yield f"~ {work}: open ends of scopes that are {code or WHOLE} now: {count}"
    for collision in diff.collisions:
        yield f"! “{collision.name}” now matches {len(collision.works)} works: {', '.join(collision.works)}"


def _lines(sign: Sign, part: Part, changes: Sequence[Change]) -> Iterator[str]:
    if part is Part.UNIT and sign is not Sign.CHANGED:
        yield f"  {sign} {part} {_codes([change.name for change in changes])}"
        return
    for change in changes:
        if part is Part.WORK:
            yield f"{sign} {change.work}: {change.name} ({change.after})"
        elif part is Part.FRANCHISE:
            yield f"{sign} {part} {change.name}: {_turn(change)}"
        else:
            told = " ".join(word for word in (part, change.name) if word)
            yield f"  {sign} {told}" + (f": {turn}" if (turn := _turn(change)) else "")


def _turn(change: Change) -> str:
    return f"{change.before or 'none'} → {change.after or 'none'}" if change.before else change.after


def _codes(codes: Sequence[str]) -> str:
    named = [code or WHOLE for code in codes]
    return ", ".join(named) if len(named) <= MOST_NAMED else f"{named[0]} … {named[-1]} ({len(named)})"


def work_table(work: Work) -> Table:
    """All that is known of a work but the titles of its units."""
    table = Table("", "", title=work.title, show_header=False, title_justify="left")
    table.columns[1].overflow = "fold"
    rows = {
        "Id": work.id,
        "Kind": work.kind.value,
        "Franchise": work.franchise or "",
        "Other names": "\n".join(work.aliases),
        "Elsewhere": "\n".join(f"{source} {value}" for source, value in work.origin.items()),
        "Relations": "\n".join(f"{rel} {other}" for rel, other in work.relations),
        "Groups": "\n".join(_group(work, group.code) for group in work.groups),
        "Chain": "\n".join(_unit(unit) for unit in work.chain),
        "Beside it": "\n".join(_unit(unit) for unit in work.units if unit.branch),
    }
    for name, text in rows.items():
        if text:
            table.add_row(name, text)
    return table


def _group(work: Work, code: str) -> str:
    group = next(group for group in work.groups if group.code == code)
    count = sum(unit.group == code for unit in work.chain)
    of = f"{count} of {group.expected}" if group.expected is not None else str(count)
    return f"{code}: {of} units, {'complete' if group.complete else 'not complete'}"


def _unit(unit: Unit) -> str:
    when = ", ".join(f"{region} {moment:%Y-%m-%d}" for region, moment in sorted(unit.released.items()))
    return f"{unit.code or WHOLE}  {when}".rstrip()
