"""What screening says about a text: a verdict with its rule, the places that it is about, and a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

# Of all the places that a verdict is about, so many are kept: enough to see why.
MOST_SPANS: Final = 20
# A span in code points of the source, its end left out.
Span = tuple[int, int]


class Kind(StrEnum):
    """What a phase may say. PUBLISH ends what later phases may hold or flag; they may still refuse."""

    PUBLISH = "publish"
    FLAG = "flag"
    HOLD = "hold"
    REFUSE = "refuse"


class Rule(StrEnum):
    """The rules of screening, by the codes that the log, the queues and programs know them by."""

    LENGTH = "length"
    CLOSED = "closed"
    SANCTION = "sanction"
    TRUSTED = "trusted"
    SLOW = "slow"
    RATE = "rate"
    REPEAT = "repeat"
    WORDS = "words"
    LINKS = "links"
    NEW_PERSON = "new_person"
    MEDIA = "media"
    PREMODERATED = "premoderated"
    COVERED_WORDS = "possible_untagged_spoiler"
    SPAM = "spam"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one phase says: `sentence` (N_, with `args` to fill it) is for the author, `spans` and `details` (the word
    that was found, the link, the reasons of a score) for moderators. `retry_after`: seconds until it may be sent again.
    """

    kind: Kind
    rule: Rule
    sentence: str
    args: Mapping[str, str | int | datetime | timedelta] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    details: tuple[str, ...] = ()
    retry_after: int | None = None


def evidence_of(verdicts: Iterable[Verdict], *, whole: bool = True) -> str:
    """Verdicts as queues and the log keep them: JSON, a list of objects (see `forum.comments.review.model.Item`). The
    log, which stays when a text is gone, keeps nothing of what was found in it (not `whole`)."""
    described = [_described(verdict) for verdict in verdicts]
    for one in described if not whole else ():
        one |= {"spans": [], "details": []}
    return json.dumps(described, ensure_ascii=False, separators=(",", ":"))


def _described(verdict: Verdict) -> dict[str, object]:
    # What is held or flagged has no moment in its sentence: those are for refusals, which nobody keeps.
    args = {name: value for name, value in verdict.args.items() if isinstance(value, str | int)}
    return {
        "rule": verdict.rule.value,
        "sentence": verdict.sentence,
        "args": args,
        "spans": [list(span) for span in verdict.spans[:MOST_SPANS]],
        "details": list(verdict.details[:MOST_SPANS]),
    }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What all phases say together: the first refusal, or else the first that holds, or else the first that flags
    (`deciding`; None: it is published and nothing is said); and all that held or flagged."""

    deciding: Verdict | None = None
    all: tuple[Verdict, ...] = ()

    @property
    def refused(self) -> bool:
        return self.deciding is not None and self.deciding.kind is Kind.REFUSE

    @property
    def held(self) -> bool:
        return self.deciding is not None and self.deciding.kind is Kind.HOLD

    @property
    def flagged(self) -> bool:
        return self.deciding is not None and self.deciding.kind is Kind.FLAG
