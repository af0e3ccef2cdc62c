"""What there is to know of a text before anything is asked of the database. Pure, and done before a transaction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from forum.comments.compose import Composed
from forum.comments.screening.likeness import NO_SKETCH, Sketch, sketch
from forum.comments.screening.links import Link, read_links
from forum.comments.screening.model import Span
from forum.comments.screening.rules import NO_RULES
from forum.comments.screening.service import InForce, made_ready, read_rules
from forum.comments.screening.service_spam import spam_score
from forum.comments.screening.spam import Score, sample_of
from forum.comments.screening.words import Hit
from forum.markup import slots
from forum.runtime import Runtime

# Where none of these stand in a source, what is drawn holds no words that are not in it.
_MARKED: Final = re.compile(r"[&\\\[<]")
NOWHERE: Final[Span] = (0, 0)


@dataclass(frozen=True, slots=True)
class Case:
    """A text as the phases see it. `hits` are entries of the site's lists (those that only show in what is drawn stand
    NOWHERE), `sketch` is what texts like it are found by, `score` what the spam filter thinks, None while it is mute.
    """

    source: str
    hits: tuple[Hit, ...] = ()
    links: tuple[Link, ...] = ()
    sketch: Sketch = NO_SKETCH
    score: Score | None = None

    @property
    def length(self) -> int:
        return len(self.source.strip())


@dataclass(frozen=True, slots=True)
class Screened:
    """A text that was read, and the rules that it is to be screened by. `is_free`: nobody's, of whom nothing is to be
    known (what the demo puts up)."""

    case: Case
    rules: InForce
    is_free: bool = False


def unscreened(source: str) -> Screened:
    """A text that no rule of a site is asked about."""
    return Screened(Case(source), made_ready(0, NO_RULES), is_free=True)


async def read_text(rt: Runtime, site_id: int, composed: Composed) -> Screened:
    """Everything about a new text: nothing here waits for the database once a site's rules are known."""
    in_force = await read_rules(rt, site_id)
    score: Score | None = None
    if in_force.rules.spam:
        sample = sample_of(composed.html, composed.text)
        score = await spam_score(rt, site_id, sample, threshold=in_force.rules.spam_threshold)
    return Screened(read_case(in_force, composed, rt.settings.secret_key, score), in_force)


def read_case(
    in_force: InForce, composed: Composed, secret: str, score: Score | None = None, *, known: Sketch | None = None
) -> Case:
    """A text as the phases see it; `known` is its sketch, where that was made before."""
    drawn = "\n".join(slots.plain(text) for text in (composed.text, *(piece.text for piece in composed.pieces)))
    return Case(
        source=composed.source,
        hits=tuple(_hits(in_force, composed.source, drawn)),
        links=read_links(composed.source, (composed.html, *(piece.html for piece in composed.pieces))),
        sketch=sketch("\n".join(_own_texts(composed)), secret) if known is None else known,
        score=score,
    )


def _own_texts(composed: Composed) -> Sequence[str]:
    """What a text says in its author's words: quotes are others'."""
    quoted: set[int | None] = set()
    texts = [slots.plain(composed.text)]
    for piece in composed.pieces:
        if piece.cut.quote is not None or piece.cut.parent in quoted:
            quoted.add(piece.cut.seq)
        else:
            texts.append(slots.plain(piece.text))
    return texts


def _hits(in_force: InForce, source: str, drawn: str) -> list[Hit]:
    hits = in_force.words.find(source)
    if in_force.words.size and _MARKED.search(source):
        seen = {hit.entry for hit in hits}
        hits += [hit._replace(span=NOWHERE) for hit in in_force.words.find(drawn) if hit.entry not in seen]
    return hits
