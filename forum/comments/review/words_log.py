"""The lines of the log as their author reads them in a list: what was done, by whom, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from forum.comments.model import Status
from forum.comments.review.model import By, Decision, Verdict
from forum.comments.review.words import REASONS, Said, Told, explained
from forum.core.i18n import N_

# What is done to comments, and tells their author something. Sanctions are told of themselves.
TOLD: Final = (
    Verdict.HOLD,
    Verdict.HIDE,
    Verdict.COVER_FOR_NOW,
    Verdict.APPROVE,
    Verdict.REMOVE,
    Verdict.SPAM,
    Verdict.COVER,
    Verdict.UNCOVER,
    Verdict.FEATURE,
    Verdict.UNFEATURE,
    Verdict.UNDO,
)
_WHAT: Final[Mapping[str, str]] = {
    Verdict.HOLD: N_("It was held back until a moderator has looked."),
    Verdict.HIDE: N_("It was hidden after readers reported it, until a moderator has looked."),
    Verdict.COVER_FOR_NOW: N_("It was covered after readers reported it, until a moderator has looked."),
    Verdict.APPROVE: N_("It was approved: everybody can read it."),
    Verdict.REMOVE: N_("It was removed."),
    Verdict.SPAM: N_("It was marked as spam."),
    Verdict.COVER: N_("It was covered for people who have not got that far."),
    Verdict.UNCOVER: N_("It was uncovered: it gives nothing away."),
    Verdict.FEATURE: N_("It was put above all other comments."),
    Verdict.UNFEATURE: N_("It does not stand above all other comments any more."),
}
# What an earlier decision left behind once it was taken back, by the comment's status.
_UNDONE: Final[Mapping[str, str]] = {
    Status.PUBLISHED: N_("An earlier decision was taken back: everybody can read it."),
    Status.HELD: N_("An earlier decision was taken back: a moderator looks at it again."),
}
_UNDONE_OTHERWISE: Final = N_("An earlier decision was taken back.")
# Of what readers have done, time ends a cover alone without a word about the status.
_COVER_OVER: Final = N_("The cover that readers put on it has ended.")
BY: Final[Mapping[str, str]] = {
    By.MODERATOR: N_("By a moderator"),
    By.RULE: N_("By a rule of this site, not by a person"),
    By.READERS: N_("By reports of readers"),
    By.TIME: N_("Because nobody had the time to look"),
    By.PUBLISHER: N_("By the site itself"),
}


# What moderators say with these is for the log, and read by moderators alone.
UNTOLD: Final = (Verdict.FEATURE, Verdict.UNFEATURE)


def about_decision(line: Decision) -> Told:
    """What the author of a comment is told about one line of its log."""
    what = _WHAT.get(line.verdict)
    if what is None:
        otherwise = _COVER_OVER if line.by_kind == By.TIME else _UNDONE_OTHERWISE
        what = _UNDONE.get(line.status, otherwise)
    by_moderator = line.by_kind == By.MODERATOR
    reason = REASONS.get(line.reason, "")
    why = Said(reason) if reason else explained(line.evidence)
    house_rule = line.rule if by_moderator else ""
    words = "" if line.verdict in UNTOLD else line.words
    return Told(line.verdict, Said(what), why, house_rule, words, Said(BY[line.by_kind]), line.created_at)
