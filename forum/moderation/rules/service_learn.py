"""The spam filters learn from what moderators decided, on each site for itself."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Final

from anyio import to_thread

from forum.comments.review.model import Reason, Verdict
from forum.comments.screening.queries_spam import Learned, find_learned, put_learned
from forum.comments.screening.spam import bytes_of, empty_weights, sample_of, weights_of
from forum.comments.screening.spam_record import Lesson, Record, decode, encode, study
from forum.core.ids import id_at
from forum.db import Tx
from forum.moderation.rules.queries_learn import Said, list_said
from forum.runtime import Runtime
from forum.sites.service import directory

# A line of the log may become visible a little after a later one: what is younger can wait for the next time. Undo
# mostly comes within this time as well.
SETTLED: Final = timedelta(minutes=5)
BATCH: Final = 200
_NOTHING: Final = Learned(b"", encode(Record()), 0)


async def learn_everywhere(rt: Runtime) -> int:
    """Teach the filter of every site; returns how many texts they heard about."""
    return sum([await learn_site(rt, site.id) for site in (await directory(rt)).values()])


async def learn_site(rt: Runtime, site_id: int) -> int:
    """Teach a site's filter what was decided since the last time; returns how many texts it heard about."""
    before = id_at(rt.clock.now() - SETTLED)
    heard = 0
    while True:
        async with rt.db.read(fresh=True) as tx:
            known = await find_learned(tx, site_id=site_id) or _NOTHING
            said = await list_said(tx, site_id=site_id, seen=known.learned_to, before=before, most=BATCH)
        if not said:
            return heard
        lessons = [lesson for one in said if (lesson := lesson_of(one)) is not None]
        # In a thread: a batch takes a while, and people are waiting for pages.
        new = await to_thread.run_sync(partial(_study, known, lessons, said[-1].id))
        if not await _store(rt, site_id, known, new):
            return heard
        heard += len(lessons)


def lesson_of(said: Said) -> Lesson | None:
    """What a line of the log says about spam. None: nothing, or about a text that is not there any more."""
    if said.edited_at is not None and said.edited_at > said.created_at:
        return None
    sample = sample_of(said.html, said.text)
    if not sample.text.strip():
        return None
    if said.verdict != Verdict.UNDO:
        is_spam = _is_spam(said.verdict, said.reason)
        return None if is_spam is None else Lesson(said.comment_id, sample, is_spam)
    if said.undone_verdict is None or _is_spam(said.undone_verdict, said.undone_reason or "") is None:
        return None
    return Lesson(said.comment_id, sample, None)


def _is_spam(verdict: str, reason: str) -> bool | None:
    """Approved, or flagged for nothing, is not spam. What was removed for another reason says nothing about that."""
    match verdict:
        case Verdict.SPAM:
            return True
        case Verdict.REMOVE:
            return True if reason == Reason.SPAM else None
        case Verdict.APPROVE | Verdict.DISMISS:
            return False
    return None


def _study(known: Learned, lessons: list[Lesson], learned_to: int) -> Learned:
    weights = weights_of(known.weights) if known.weights else empty_weights()
    learned, record = study(weights, decode(known.record), lessons)
    return Learned(bytes_of(learned), encode(record), learned_to)


async def _store(rt: Runtime, site_id: int, known: Learned, new: Learned) -> bool:
    async def work(tx: Tx) -> bool:
        return await put_learned(tx, site_id=site_id, new=new, seen=known.learned_to, now=rt.clock.now())

    return await rt.db.write(work)
