"""What screening says, as whoever wrote the text is answered: an error for a refusal, a notice for what is held."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from forum.comments.review.model import By, Decision
from forum.comments.review.model import Verdict as Decided
from forum.comments.review.words import explained
from forum.comments.screening.model import Outcome, Rule, Verdict
from forum.core.i18n import N_
from forum.errors import AftershowError, FieldError, Forbidden, TooManyRequests

SCREENED: Final = "screened"
NOT_YET: Final = N_("Not shown yet: a moderator looks at it first.")


class Notice(NamedTuple):
    """Why a comment is held: the rule's code, and an N_ sentence for its author with what fills it."""

    rule: str
    sentence: str
    args: dict[str, object]


def notice_of(outcome: Outcome) -> Notice | None:
    """What the author of a held comment is told; None where it is not held."""
    if not outcome.held or outcome.deciding is None:
        return None
    return Notice(outcome.deciding.rule.value, outcome.deciding.sentence, dict(outcome.deciding.args))


def told(notice: Notice) -> tuple[tuple[str, dict[str, object]], ...]:
    """The sentences of a notice, with what fills them, for whoever has just sent the text."""
    return (NOT_YET, {}), (notice.sentence, notice.args)


def notice_in(last: Decision | None) -> Notice | None:
    """The same out of the log, for a comment that a rule has held and nobody has decided about since."""
    if last is None or last.verdict != Decided.HOLD or last.by_kind != By.RULE:
        return None
    said = explained(last.evidence)
    return None if said is None else Notice(last.rule, said.sentence, dict(said.params))


def refusal_of(verdict: Verdict) -> AftershowError:
    """The error that answers a refused text. `errors` names the rule, and the place where that is in the text."""
    where = verdict.spans[0][0] if verdict.spans else None
    args: dict[str, Any] = dict(verdict.args)
    if verdict.rule is Rule.CLOSED:
        return Forbidden("discussion_closed", verdict.sentence, **args)
    if verdict.rule is Rule.SANCTION:
        return Forbidden(verdict.details[0], verdict.sentence, **args)
    errors = (FieldError("body", verdict.rule.value, pos=where),)
    if verdict.retry_after is not None:
        code = "slow_mode" if verdict.rule is Rule.SLOW else None
        return TooManyRequests(code, verdict.sentence, errors=errors, retry_after=verdict.retry_after, **args)
    return Forbidden(SCREENED, verdict.sentence, errors=errors, **args)
