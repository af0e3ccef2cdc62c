"""Cover a comment, or a stretch of it, or take its cover away: the word of a moderator, of somebody whom a site trusts,
or of the site's own systems. From then on it stands above the author's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forum.accounts.model import Role
from forum.comments import cover_policy, queries
from forum.comments import queries_scope as scopes
from forum.comments.covering import MODERATOR, Ready, apply
from forum.comments.desk import Desk, quoted_in
from forum.comments.model import Comment, Status
from forum.comments.queries_scope import ScopeEvent
from forum.comments.review.model import Decision, Item, Queue, Reason, Verdict
from forum.comments.review.queries import drop_items
from forum.comments.service_scope import Verdict as Word
from forum.comments.service_scope import again, nothing, prepare, require_same
from forum.comments.stretches import keep_stretches
from forum.db import Tx
from forum.errors import Conflict
from forum.moderation import policy
from forum.moderation.deciding import queries_verdict as verdicts
from forum.moderation.deciding.scene import (
    Judge,
    Scene,
    before_of,
    is_own,
    judge_about,
    line_of,
    publisher_of,
    require_free,
    require_others,
    require_seen,
    require_standing,
    settle_flags,
    write_line,
)
from forum.moderation.flags import queries_flag as flags
from forum.moderation.flags.flag_policy import Flag, total_weight
from forum.moderation.guard import Moderator, require_on
from forum.moderation.verdicts import Ask, Outcome
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.spoilers.model import NO_SCOPE
from forum.spoilers.scopes import Book
from forum.spoilers.service import book

Finish = Callable[[Decision], Decision]


async def cover(rt: Runtime, mod: Moderator, ask: Ask, *, batch_id: int | None = None) -> Outcome:
    """Give the verdict "cover" or "uncover"; raises as `service_verdict.decide`. An empty scope uncovers."""
    scope = (ask.scope or NO_SCOPE) if ask.verdict is Verdict.COVER else NO_SCOPE
    word = Word(scope, ask.words, ask.stretch, ask.revision)
    seen = await _find(rt, ask.comment_id)
    if seen is None:
        raise nothing()
    judge = judge_about(mod, seen, Role.TRUSTED)
    require_seen(seen, ask.revision)

    def finish(line: Decision) -> Decision:
        return line._replace(rule=ask.rule, batch_id=batch_id)

    return await _give(rt, judge, seen, word, (finish, ask.anyway))


async def rescope(rt: Runtime, who: Moderator | Site, comment_id: int, word: Word) -> Comment:
    """The same in the words of the API, from a person or from a site's own systems. Raises NotFound, Invalid, or
    Conflict when the text is not the one that was seen."""
    seen = await _find(rt, comment_id)
    if seen is None or (isinstance(who, Site) and seen.site_id != who.id) or seen.status is Status.DELETED:
        raise nothing()
    judge = publisher_of(who.id) if isinstance(who, Site) else judge_about(who, seen, Role.TRUSTED)
    try:
        outcome = await _give(rt, judge, seen, word, (lambda line: line, True))
    except Conflict as error:
        if error.code == "deleted":
            raise nothing() from error
        raise
    return outcome.comment


async def read_typed(rt: Runtime, mod: Moderator, comment_id: int) -> tuple[Comment, str]:
    """A comment and what was typed, for whoever may cover it; raises NotFound for everybody else."""
    async with rt.db.read(fresh=True) as tx:
        comment = await queries.find_comment(tx, comment_id)
        if comment is None:
            raise nothing()
        require_on(mod, comment.site_id, policy.role_about(Role.TRUSTED, comment.status))
        found = await queries.find_source(tx, site_id=comment.site_id, comment_id=comment.id)
    return comment, "" if found is None else found[0]


async def _find(rt: Runtime, comment_id: int) -> Comment | None:
    async with rt.db.read(fresh=True) as tx:
        return await queries.find_comment(tx, comment_id)


async def _give(rt: Runtime, judge: Judge, seen: Comment, word: Word, how: tuple[Finish, bool]) -> Outcome:
    adds_only = bool(word.scope) and is_own(judge.mod, seen)
    ready, known = await prepare(rt, seen, word, adds_only=adds_only), await book(rt)
    finish, anyway = how
    verdict = Verdict.COVER if word.scope else Verdict.UNCOVER

    async def work(tx: Tx) -> Outcome:
        scene = await hold_ready(Desk(tx, rt, known), judge, ready, word.revision, Role.TRUSTED)
        await require_others(tx, judge, scene.comment, verdict)
        found = await verdicts.list_items(tx, scene.comment)
        require_free(scene, found, anyway=anyway)
        told = await _said(scene, ready, word)
        covered = told.set_scope_id is not None or bool(told.stretches)
        told = told._replace(cover_state=cover_policy.state_after_verdict(covered=covered).value)
        await _settle(scene, found, verdict)
        await apply(scene.desk, scene.comment, told, ready, (MODERATOR, word.reason))
        if policy.is_reviewed_by(verdict, judge.role) and not scene.place.reviewed:
            await verdicts.set_reviewed(tx, scene.comment, reviewed=True)
        now = await again(scene.desk, scene.comment)
        line = line_of(scene, now, verdict, before_of(scene, now))
        # A cover says nothing about whether the comment is public.
        line = line._replace(status="", reason=Reason.SPOILER.value if word.scope else "", words=word.reason)
        return Outcome(await write_line(scene, finish(line)), now)

    return await rt.db.write(work)


async def hold_ready(desk: Desk, judge: Judge, ready: Ready, revision: int | None, role: Role) -> Scene:
    """Hold a comment that was made ready, what it quotes where it is laid out anew, and who decides: for a public one
    this role is enough."""
    quoted = quoted_in(ready.composed) if ready.composed is not None else set()
    if quoted:
        await desk.hold(ready.comment.site_id, {ready.comment.id, *quoted})
    place = await verdicts.hold_place(desk.tx, ready.comment.id)
    if place is None:
        raise nothing()
    role = policy.role_about(role, place.comment.status)
    await require_standing(desk, judge, place.comment.site_id, role, ready.now)
    require_seen(place.comment, revision)
    require_same(ready, place.comment)
    return Scene(desk, judge, place, ready.now)


async def _settle(scene: Scene, found: Sequence[Item], verdict: Verdict) -> None:
    """What was said about spoilers is answered; not by whoever has written it: another one still looks at that."""
    own, left = is_own(scene.judge.mod, scene.comment), policy.queues_left(verdict, scene.comment.status)
    if own:
        left -= {Queue.SPOILERS}
    if any(item.queue in left for item in found):
        scene.items += await drop_items(scene.desk.tx, scene.comment, left)
    if not own:
        await settle_flags(scene, verdict, None)


async def _said(scene: Scene, ready: Ready, word: Word) -> Comment:
    comment, desk = scene.comment, scene.desk
    if word.stretch is not None:
        return comment._replace(stretches=await keep_stretches(desk, ready.stretches))
    if word.scope and is_own(scene.judge.mod, comment):
        # Nobody shows more of their own words by covering them.
        whole = await desk.scope(comment.set_scope_id) | word.scope
        return comment._replace(set_scope_id=await desk.id_of(whole))
    # It is the whole word about the comment as such: the author may add to it, and what it inherits stays.
    told = comment._replace(scope_id=None, set_scope_id=await desk.id_of(word.scope))
    return told if word.scope else told._replace(inherits=False, stretches="")


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """What moderators see of a comment's cover."""

    comment: Comment
    source: str
    book: Book
    flags: Sequence[Flag]
    events: Sequence[ScopeEvent]

    @property
    def flag_weight(self) -> float:
        """What the flags that nobody has decided about weigh together."""
        return total_weight(self.flags)


async def get_record(rt: Runtime, site: Site, comment_id: int) -> CommentRecord:
    """What is known of a comment of a site; raises NotFound. For moderators."""
    async with rt.db.read(fresh=True) as tx:
        comment = await queries.find_comment(tx, comment_id)
        if comment is None or comment.site_id != site.id:
            raise nothing()
        place = {"site_id": site.id, "comment_id": comment.id}
        found = await queries.find_source(tx, **place)
        raised = await flags.list_undecided(tx, **place)
        events = await scopes.list_events(tx, **place)
    spoilers = [flag for flag in raised if flag.reason == Reason.SPOILER]
    return CommentRecord(comment, found[0] if found else "", await book(rt), spoilers, events)
