"""The spam filter of a site as posting meets it: kept in memory, and mute until it has earned trust."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from forum.comments.screening.queries_spam import find_learned, spam_tag
from forum.comments.screening.spam import THRESHOLD, Sample, Score, empty_weights, score, weights_of
from forum.comments.screening.spam_record import Figures, Record, decode, figures
from forum.runtime import Runtime
from forum.web.cache import Made

# A filter's weights and its record, in bytes.
_WEIGHT = 120_000


@dataclass(frozen=True, slots=True)
class SpamFilter:
    """What a site's filter knows, and how it did on what was held back from it."""

    weights: array[float]
    record: Record

    def figures(self, threshold: float = THRESHOLD) -> Figures:
        """How it did, where a text is taken for spam from this probability on."""
        return figures(self.record, threshold)

    def score(self, sample: Sample) -> Score:
        """What it thinks of a text, trusted or not."""
        return score(self.weights, sample)


UNTAUGHT = SpamFilter(empty_weights(), Record())


async def read_filter(rt: Runtime, site_id: int) -> SpamFilter:
    """A site's filter, whether anybody trusts it or not."""

    async def load() -> Made[SpamFilter]:
        async with rt.db.read(fresh=True) as tx:
            found = await find_learned(tx, site_id=site_id)
        if found is None:
            return Made(UNTAUGHT, frozenset({spam_tag(site_id)}))
        return Made(
            SpamFilter(weights_of(found.weights), decode(found.record)), frozenset({spam_tag(site_id)}), _WEIGHT
        )

    return await rt.cache.get(("spam", site_id), load)


async def spam_score(rt: Runtime, site_id: int, sample: Sample, *, threshold: float = THRESHOLD) -> Score | None:
    """How likely a text is spam, and why; None while the filter has not earned trust at this threshold."""
    found = await read_filter(rt, site_id)
    return found.score(sample) if found.figures(threshold).has_earned_trust else None
