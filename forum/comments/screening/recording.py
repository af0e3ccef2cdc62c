"""A screened comment takes its place in a queue, and what was decided about it its line in the log."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from forum.articles.model import Discussion
from forum.comments.model import Comment, Status
from forum.comments.review.model import By, Decision, Item, Queue, Verdict
from forum.comments.review.policy import priority
from forum.comments.review.queries import log_decision, put_item
from forum.comments.screening.check import EXTERNAL_CHECK
from forum.comments.screening.model import Outcome, Rule, evidence_of
from forum.db import Tx
from forum.outbox import queries as outbox
from forum.runtime import Runtime

# How much harm a comment may do, by the rule that found it; what is held for its author's sake alone, less.
HARM: Final[dict[Rule, float]] = {
    Rule.COVERED_WORDS: 6.0,
    Rule.WORDS: 4.0,
    Rule.SANCTION: 4.0,
    Rule.REPEAT: 2.0,
    Rule.LINKS: 2.0,
    Rule.SPAM: 2.0,
    Rule.CHECK: 2.0,
}
_OTHER_HARM: Final = 1.0


def queue_of(outcome: Outcome) -> Queue | None:
    """Where a comment waits that was screened; None: nowhere."""
    if outcome.deciding is None or outcome.refused:
        return None
    if outcome.flagged:
        return Queue.REPORTED
    return Queue.SPAM if outcome.deciding.rule in (Rule.SPAM, Rule.CHECK) else Queue.PENDING


async def record(tx: Tx, rt: Runtime, comment: Comment, discussion: Discussion, outcome: Outcome) -> None:
    """Put a comment where it waits, and log that it is held: two statements, none where nothing was found. Of what is
    only flagged the log says nothing. The moment is the comment's own, or that of its last change."""
    queue = queue_of(outcome)
    if queue is None:
        return
    await put_item(tx, item_of(comment, discussion, outcome, queue))
    if outcome.held:
        await log_held(tx, rt, comment, outcome)


async def log_held(tx: Tx, rt: Runtime, comment: Comment, outcome: Outcome) -> None:
    """Log that a comment is held, and ask whoever outside has to be asked about its text."""
    now = comment.edited_at or comment.created_at
    await log_decision(tx, _line(rt, comment, outcome, now))
    if outcome.deciding is None or outcome.deciding.rule is not Rule.CHECK:
        return
    job: dict[str, Any] = {"kind": EXTERNAL_CHECK, "payload": {"comment": str(comment.id)}}
    # Whoever has not begun to ask about an earlier text asks about this one.
    if comment.edited_at is None or not await outbox.has_waiting_job(tx, **job):
        await outbox.insert_job(tx, site_id=comment.site_id, job_id=rt.ids.next(), now=now, **job)


def item_of(comment: Comment, discussion: Discussion, outcome: Outcome, queue: Queue) -> Item:
    """The entry of a queue. A comment is read by about as many people as its discussion has comments: that is known
    here without asking."""
    rule = Rule.PREMODERATED if outcome.deciding is None else outcome.deciding.rule
    since = comment.edited_at or comment.created_at
    exposure = 1.0 + discussion.comment_count
    return Item(
        site_id=comment.site_id,
        comment_id=comment.id,
        queue=queue.value,
        discussion_id=comment.discussion_id,
        author_kind=comment.author_kind,
        author_id=comment.author_id,
        rule=rule.value,
        evidence=evidence_of(outcome.all),
        priority=priority(harm=HARM.get(rule, _OTHER_HARM), exposure=exposure, since=since),
        since=since,
    )


def _line(rt: Runtime, comment: Comment, outcome: Outcome, now: datetime) -> Decision:
    rule = "" if outcome.deciding is None else outcome.deciding.rule.value
    return Decision(
        site_id=comment.site_id,
        id=rt.ids.next(),
        comment_id=comment.id,
        discussion_id=comment.discussion_id,
        author_kind=comment.author_kind,
        author_id=comment.author_id,
        verdict=Verdict.HOLD.value,
        status=Status.HELD.value,
        revision=comment.revision,
        by_kind=By.RULE.value,
        by_id=0,
        reason="",
        rule=rule,
        words="",
        about_rule=rule,
        evidence=evidence_of(outcome.all, whole=False),
        before="",
        undoes=None,
        batch_id=None,
        created_at=now,
    )
