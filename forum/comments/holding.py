"""What is there already is looked at again: its author shows more of it, or changes it while it waits."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from forum.articles.model import Discussion
from forum.comments import queries
from forum.comments.covers import decode
from forum.comments.desk import Desk
from forum.comments.model import Comment, Status
from forum.comments.repeats import repeats_in
from forum.comments.requoting import follow
from forum.comments.review import words
from forum.comments.review.model import IN_SIGHT, By, Decision, Item, Queue
from forum.comments.review.model import Verdict as Decided
from forum.comments.review.queries import drop_items, find_last, put_item, take_items
from forum.comments.screening import sentences as say
from forum.comments.screening.model import Kind, Outcome, Rule, Verdict
from forum.comments.screening.recording import item_of, log_held, queue_of, record
from forum.comments.spread import whole_of
from forum.comments.status import move
from forum.comments.stretches import read_stretches
from forum.markup import slots
from forum.spoilers.model import NO_SCOPE

# Where a comment waits for what a rule has found in it.
_FOUND = (Queue.PENDING.value, Queue.SPAM.value)


async def parent_of(desk: Desk, comment: Comment) -> Comment | None:
    """The comment that this one replies to."""
    if comment.parent_id is None:
        return None
    return await queries.find_comment(desk.tx, comment.parent_id)


async def shows_more(desk: Desk, old: Comment, said: Comment) -> bool:
    """Whether anything of a comment would need less than it does now; `said` is the same text with what is said about
    it then."""
    whole = await whole_of(desk, said, await parent_of(desk, said))
    if not await desk.scope(old.eff_scope_id) <= whole:
        return True
    kept = {(part.start, part.end): part.scope for part in await read_stretches(desk, said.stretches)}
    for part in await read_stretches(desk, old.stretches):
        if not part.scope <= kept.get((part.start, part.end), NO_SCOPE) | whole:
            return True
    return False


async def repeating(desk: Desk, discussion: Discussion, said: Comment, text: str) -> Outcome:
    """What becomes of words that were covered with a comment and are not any more: who covered them elsewhere did it
    for everybody. `said` is the comment with what is said about it now."""
    if not await shows_repeated(desk, discussion, said, text):
        return Outcome()
    verdict = Verdict(Kind.HOLD, Rule.COVERED_WORDS, say.HELD_COVERED)
    return Outcome(verdict, (verdict,))


async def shows_repeated(desk: Desk, discussion: Discussion, said: Comment, text: str) -> bool:
    """Whether everybody would see words of this text that are covered elsewhere in the discussion."""
    if not discussion.has_passages or await whole_of(desk, said, await parent_of(desk, said)):
        return False
    return await repeats_in(desk, discussion, text, besides=said.id)


def own_text(comment: Comment) -> str:
    """What everybody sees of a comment's own words: not what it quotes."""
    text = comment.text
    for cover in decode(comment.covers):
        text = slots.take_out(text, cover.seq)
    return text


async def hold_shown(desk: Desk, comment: Comment, discussion: Discussion, outcome: Outcome) -> Comment:
    """Hold a comment for what its author has just shown of it. It is held with its place; returns what it is now."""
    if not outcome.held:
        return comment
    if comment.status is Status.HELD:
        await wait_on(desk, comment, discussion, outcome, is_new_text=False)
    if not comment.is_public:
        return comment
    now = desk.rt.clock.now()
    held = await take_out_of_sight(desk, comment, now)
    await record(desk.tx, desk.rt, held._replace(edited_at=now), discussion, outcome)
    return held


async def take_out_of_sight(desk: Desk, comment: Comment, now: datetime) -> Comment:
    """Keep a public comment, and all quotes of it, from everybody until a moderator has looked. It is locked with its
    place in the thread; returns what it is now."""
    held = await move(desk.tx, comment, Status.HELD, now)
    await follow(desk, held)
    # Who approved it, or began to look at it, has not seen what it is held for.
    await drop_items(desk.tx, held, IN_SIGHT)
    return held


async def wait_on(
    desk: Desk, comment: Comment, discussion: Discussion, outcome: Outcome, *, is_new_text: bool = True
) -> Outcome:
    """A comment that waits was changed: it goes on waiting, for what is found in it now. Where it is held anew the log
    says so, and nothing that was to show the earlier text (an answer from outside, time) shows this one. Returns
    what its author is told."""
    tx, place = desk.tx, {"site_id": comment.site_id, "comment_id": comment.id}
    if outcome.deciding is not None and outcome.deciding.rule is Rule.CHECK:
        outcome = _still(outcome, outcome.deciding, await find_last(tx, **place))
    if not outcome.all and not is_new_text:
        return outcome
    queue = queue_of(outcome)
    replaced = () if queue is None else (*_FOUND, queue.value) if outcome.held else (queue.value,)
    items = await take_items(tx, **place)
    for item in items:
        if item.queue not in replaced:
            await put_item(tx, _without_places(item) if is_new_text else item)
    if queue is not None:
        earlier = [item for item in items if item.queue in replaced]
        await put_item(tx, _in_place_of(earlier, item_of(comment, discussion, outcome, queue)))
    if outcome.held:
        await log_held(tx, desk.rt, comment, outcome)
    return outcome


def _still(outcome: Outcome, check: Verdict, last: Decision | None) -> Outcome:
    """What a check from outside may decide alone is only what waits for nothing else: what a moderator is to look at,
    or readers have hidden, goes on waiting for a moderator whatever the check would say of its new text."""
    if last is None or (last.verdict, last.by_kind, last.rule) == (Decided.HOLD, By.RULE, Rule.CHECK):
        return outcome
    others = tuple(verdict for verdict in outcome.all if verdict.rule is not Rule.CHECK)
    if last.verdict == Decided.HIDE:
        hidden = replace(check, rule=Rule.PREMODERATED, sentence=words.HIDDEN)
        return Outcome(hidden, (hidden, *others))
    return Outcome(next(iter(others), None), others)


def _without_places(item: Item) -> Item:
    """An entry whose evidence points into a text that is not there any more: why it waits stays, not where."""
    if not item.rule:
        return item
    found = [{**one, "spans": [], "details": []} for one in words.evidence_of(item.evidence)]
    return item._replace(evidence=json.dumps(found, ensure_ascii=False, separators=(",", ":")))


def _in_place_of(earlier: list[Item], new: Item) -> Item:
    """A new entry as urgent as those that it replaces, and whoever looks at one of them still does."""
    claimed = next((item for item in earlier if item.claimed_by is not None), new)
    return new._replace(
        priority=max(item.priority for item in (*earlier, new)),
        since=min(item.since for item in (*earlier, new)),
        claimed_by=claimed.claimed_by,
        claimed_until=claimed.claimed_until,
    )
