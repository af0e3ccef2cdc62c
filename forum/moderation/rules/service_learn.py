"""The spam filters learn from what moderators decided, on each site for itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from anyio import to_thread

from forum.comments.model import Status
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
        lessons = [lesson for one in standing(said) if (lesson := lesson_of(one)) is not None]
        # In a thread: a batch takes a while, and people are waiting for pages.
        new = await to_thread.run_sync(partial(_study, known, lessons, said[-1].id))
        if not await _store(rt, site_id, known, new):
            return heard
        heard += len(lessons)


def standing(said: Sequence[Said]) -> list[Said]:
    """Of lines that are heard together those that count: what was taken back among them never was, and was not taken
    back either."""
    heard, taken_back = {one.id for one in said}, {one.undoes for one in said}
    return [one for one in said if one.id not in taken_back and one.undoes not in heard]


def lesson_of(said: Said) -> Lesson | None:
    """What a line of the log says about spam. None: nothing, or about a text that is not there any more."""
    is_undone, given_at = said.verdict == Verdict.UNDO, said.created_at
    is_spam = _is_spam(said.verdict, said.reason, said.status)
    if is_undone and said.undone_verdict is not None and said.undone_at is not None:
        given_at = said.undone_at
        is_spam = _is_spam(said.undone_verdict, said.undone_reason, said.undone_status)
    if is_spam is None or (said.edited_at is not None and said.edited_at > given_at):
        return None
    sample = sample_of(said.html, said.text)
    return Lesson(said.comment_id, sample, is_spam, is_undone) if sample.text.strip() else None


def _is_spam(verdict: str, reason: str | None, status: str | None) -> bool | None:
    """Approved, or flagged for nothing, is not spam. What was removed for another reason says nothing about that, and
    nor does it when what readers said is dismissed and the comment stays where it is held."""
    match verdict:
        case Verdict.SPAM:
            return True
        case Verdict.REMOVE:
            return True if reason == Reason.SPAM else None
        case Verdict.APPROVE:
            return False
        case Verdict.DISMISS:
            return False if status == Status.PUBLISHED else None
    return None


def _study(known: Learned, lessons: list[Lesson], learned_to: int) -> Learned:
    weights = weights_of(known.weights) if known.weights else empty_weights()
    learned, record = study(weights, decode(known.record), lessons)
    return Learned(bytes_of(learned), encode(record), learned_to)


async def _store(rt: Runtime, site_id: int, known: Learned, new: Learned) -> bool:
    async def work(tx: Tx) -> bool:
        return await put_learned(tx, site_id=site_id, new=new, seen=known.learned_to, now=rt.clock.now())

    return await rt.db.write(work)
