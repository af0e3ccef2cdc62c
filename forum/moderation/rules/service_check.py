"""Ask somebody outside about a comment that waits for it, and do what they say: after the commit, never inside.

A comment is born held by the rule "check" with a job that comes here. Whatever happens there, this ends: with an
answer, or without one as the site has set it. A moderator who decided first is not overruled.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, Final

from forum.articles import queries as articles
from forum.articles.model import Discussion
from forum.comments import queries, requoting
from forum.comments.desk import Desk
from forum.comments.model import Comment, Status
from forum.comments.review.model import By, Decision, Item, Queue, Reason, Verdict
from forum.comments.review.policy import HARM, priority
from forum.comments.review.queries import drop_items, find_last, log_decision, put_item
from forum.comments.review.words import evidence_of
from forum.comments.screening import check as protocol
from forum.comments.screening import model as screening
from forum.comments.screening.check import Answer, BadAnswer, Question, Said
from forum.comments.screening.rules import Check, CheckKind, OnFailure
from forum.comments.screening.service import read_rules
from forum.comments.screening.spam import links_in
from forum.comments.status import draw_above, hold_place, move
from forum.core.i18n import N_
from forum.db import Tx
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.sites.service import get_site_by_id
from forum.spoilers.service import book
from forum.web.egress import EgressError, EgressRefused

# Why it is where it is then, for its author and for moderators.
CLEARED: Final = N_("The service that checks comments for this site found nothing wrong with it.")
SUSPECTED: Final = N_("The reason: to the service that checks comments for this site, it looks like advertising.")
DOUBTED: Final = N_("The reason: the service that checks comments for this site wants a moderator to look.")
UNANSWERED: Final = N_("The reason: the service that checks comments for this site gave no answer.")
NO_CHECK: Final = N_("The reason: it waited to be checked by a service that this site does not use any more.")
# Where a comment waits that rules hold. What readers say about it waits in other queues, for a moderator alone.
_HELD: Final = (Queue.PENDING, Queue.SPAM)
# Once one of these was said, nobody is asked again.
_SETTLED: Final = frozenset({SUSPECTED, DOUBTED, UNANSWERED, NO_CHECK})


class CheckFailed(Exception):
    """No answer this time. `args` are a short code, never what was sent or said."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What becomes of a comment, and the sentence that says why; `words` are the check's own."""

    answer: Answer
    sentence: str
    words: str = ""


async def check_comment(rt: Runtime, site_id: int, comment_id: int, *, attempt: int) -> None:
    """Ask about a comment that waits, and settle it. Raises CheckFailed where asking again later is right: so many
    times, then the site's own setting decides."""
    found = await _waiting(rt, site_id, comment_id)
    if found is None:
        return
    comment, discussion = found
    site = await get_site_by_id(rt, site_id)
    check = (await read_rules(rt, site_id)).rules.check
    if check is None:
        ending = Ending(Answer.HOLD, NO_CHECK)
    else:
        try:
            ending = _ending(await _ask(rt, check, _question(rt, site, discussion, comment)))
        except (BadAnswer, EgressError) as error:
            code = error.code
            if attempt < protocol.MOST_TRIES and not isinstance(error, EgressRefused):
                raise CheckFailed(code) from None
            ending = _unanswered(check)
    await _settle(rt, comment, ending)


async def _waiting(rt: Runtime, site_id: int, comment_id: int) -> tuple[Comment, Discussion] | None:
    """A comment that a check has to be asked about, and where it stands; None: nobody is waiting for that any more."""
    async with rt.db.read(fresh=True) as tx:
        comment = await queries.find_comment(tx, comment_id)
        if comment is None or comment.site_id != site_id or not await _is_waiting(tx, comment):
            return None
        discussion = await articles.find_discussion(tx, comment.discussion_id)
    return None if discussion is None else (comment, discussion)


async def _is_waiting(tx: Tx, comment: Comment) -> bool:
    """Whether the rule "check" holds it, no answer has come, and nothing else was decided since."""
    if comment.status is not Status.HELD:
        return False
    last = await find_last(tx, site_id=comment.site_id, comment_id=comment.id)
    if last is None or (last.verdict, last.by_kind, last.rule) != (Verdict.HOLD, By.RULE, screening.Rule.CHECK):
        return False
    return all(found.get("sentence") not in _SETTLED for found in evidence_of(last.evidence))


def _question(rt: Runtime, site: Site, discussion: Discussion, comment: Comment) -> Question:
    return Question(
        site_key=site.key,
        site_url=site.origins[0] if site.origins else rt.settings.public_url,
        comment_id=comment.id,
        revision=comment.revision,
        author_name=comment.author_name,
        text=protocol.visible_text(comment.text),
        links=links_in(comment.html),
        is_reply=comment.parent_id is not None,
        url=f"{rt.settings.public_url}/c/{comment.id}",
        article_url=discussion.article.url,
        created_at=comment.created_at,
        language=site.language,
    )


async def _ask(rt: Runtime, check: Check, question: Question) -> Said:
    """One request, one answer. Raises EgressError or BadAnswer."""
    ask = partial(rt.egress.ask, timeout=protocol.PATIENCE, max_bytes=protocol.MOST_ANSWER)
    if check.kind is CheckKind.AKISMET:
        form = protocol.akismet_form(question, check.key)
        answer = await ask(protocol.akismet_url(check.url), form=form)
        return protocol.read_akismet(answer.status, answer.body)
    body = protocol.hook_body(question)
    headers = {protocol.SIGNATURE: protocol.signature(body, check.key, rt.clock.now())}
    answer = await ask(check.url, form=body, headers=headers)
    return protocol.read_hook(answer.status, answer.body)


def _ending(said: Said) -> Ending:
    sentences = {Answer.PUBLISH: CLEARED, Answer.HOLD: DOUBTED, Answer.SPAM: SUSPECTED}
    return Ending(said.answer, sentences[said.answer], said.words)


def _unanswered(check: Check) -> Ending:
    publish = check.on_failure is OnFailure.PUBLISH
    return Ending(Answer.PUBLISH if publish else Answer.HOLD, UNANSWERED)


async def _settle(rt: Runtime, asked: Comment, ending: Ending) -> None:
    """Do what was said about a comment that still waits. Raises CheckFailed when it has another text by now."""
    known = await book(rt)

    async def work(tx: Tx) -> None:
        comment = await hold_place(tx, site_id=asked.site_id, comment_id=asked.id)
        if comment is None or not await _is_waiting(tx, comment):
            return
        if comment.revision != asked.revision:
            raise CheckFailed("changed")
        items = await drop_items(tx, comment, _HELD)
        beside = _beside(items)
        if ending.answer is Answer.PUBLISH:
            await _publish(Desk(tx, rt, known), comment, ending)
            if beside:
                await put_item(tx, _item(comment, items, Queue.REPORTED, beside, rt))
            return
        queue = Queue.SPAM if ending.answer is Answer.SPAM else Queue.PENDING
        await put_item(tx, _item(comment, items, queue, [*_evidence(ending), *beside], rt))
        await log_decision(tx, _line(rt, comment, Verdict.HOLD, ending))

    await rt.db.write(work)


async def _publish(desk: Desk, comment: Comment, ending: Ending) -> None:
    """Show it. No moderator has seen it: it goes on among those that none has."""
    shown = await move(desk.tx, comment, Status.PUBLISHED, desk.rt.clock.now(), back=(False, False))
    await draw_above(desk.tx, shown)
    await requoting.follow(desk, shown)
    await log_decision(desk.tx, _line(desk.rt, shown, Verdict.APPROVE, ending))


def _beside(items: list[Item]) -> list[Mapping[str, Any]]:
    """What else was found in it: the rule "check" comes last, so all of this is only pointed out."""
    found = chain.from_iterable(evidence_of(item.evidence) for item in items)
    return [one for one in found if one.get("rule") != screening.Rule.CHECK]


def _item(
    comment: Comment, items: list[Item], queue: Queue, evidence: Sequence[Mapping[str, Any]], rt: Runtime
) -> Item:
    """Where it waits now, as urgent as it was; whoever looks at it still does."""
    now = rt.clock.now()
    usual = priority(harm=HARM[Reason.SPAM], exposure=1.0, since=now)
    claimed = next((item for item in items if item.claimed_by is not None), None)
    return Item(
        site_id=comment.site_id,
        comment_id=comment.id,
        queue=queue.value,
        discussion_id=comment.discussion_id,
        author_kind=comment.author_kind,
        author_id=comment.author_id,
        rule=str(evidence[0]["rule"]),
        evidence=json.dumps(evidence, ensure_ascii=False),
        priority=max((item.priority for item in items), default=usual),
        since=min((item.since for item in items), default=now),
        claimed_by=None if claimed is None else claimed.claimed_by,
        claimed_until=None if claimed is None else claimed.claimed_until,
    )


def _evidence(ending: Ending, *, whole: bool = True) -> list[Mapping[str, Any]]:
    """What the check said. Not `whole` without its words: they may repeat what the log must not hold."""
    details = (ending.words,) if ending.words and whole else ()
    said = screening.Verdict(screening.Kind.HOLD, screening.Rule.CHECK, ending.sentence, details=details)
    return list(evidence_of(screening.evidence_of([said])))


def _line(rt: Runtime, comment: Comment, verdict: Verdict, ending: Ending) -> Decision:
    return Decision(
        site_id=comment.site_id,
        id=rt.ids.next(),
        comment_id=comment.id,
        discussion_id=comment.discussion_id,
        author_kind=comment.author_kind,
        author_id=comment.author_id,
        verdict=verdict.value,
        status=comment.status.value,
        revision=comment.revision,
        by_kind=By.RULE.value,
        by_id=0,
        reason=Reason.SPAM.value if ending.answer is Answer.SPAM else "",
        rule=screening.Rule.CHECK.value,
        words="",
        about_rule=screening.Rule.CHECK.value,
        evidence=json.dumps(_evidence(ending, whole=False)),
        before="",
        undoes=None,
        batch_id=None,
        created_at=rt.clock.now(),
    )
