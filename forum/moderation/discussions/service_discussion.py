"""Decide about discussions, and take that back: closed, slow, pinned, retitled, watched, with a comment on top."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from forum.accounts.model import Role
from forum.accounts.service_roles import hold_role
from forum.articles import queries as articles
from forum.articles.model import MAX_TITLE, Discussion, DiscussionState
from forum.comments import queries as comments
from forum.comments.model import Comment, Status
from forum.comments.review.model import By, Decision, Verdict
from forum.comments.review.queries import log_decision
from forum.core.i18n import N_
from forum.core.text import TextProblem, clean_body, clean_line
from forum.db import Tx
from forum.errors import Conflict, FieldError, Invalid, NotFound
from forum.markup import is_spoiler_free
from forum.moderation.discussions import queries_discussion as queries
from forum.moderation.discussions.queries_discussion import Told, Wanted
from forum.moderation.discussions.steering import (
    MOST_SLOW,
    THING,
    Steer,
    dump_change,
    steered,
    undone,
    verdicts_about,
)
from forum.moderation.guard import NOTHING, Moderator, require_on
from forum.runtime import Runtime
from forum.sites.model import Site

MOST_WORDS: Final = 1_000
LIST_PAGE: Final = 25
MOST_TOLD: Final = 50
NO_COMMENT: Final = N_("There is no such comment in this discussion that everybody can read.")
DECIDED_SINCE: Final = N_("That has been decided differently since. Look at it again.")
ARCHIVED: Final = N_("This discussion is in its publisher's archive: it can be neither opened nor closed here.")
OTHER_TEXT: Final = N_("Its author has changed the comment in the meantime. Look at it again.")
OTHER_TITLE: Final = N_("Somebody has changed the title in the meantime. Look at it again.")


@dataclass(frozen=True, slots=True)
class Settled:
    """The line of the log (None: it was that way already), and the discussion as it is now."""

    decision: Decision | None
    discussion: Discussion


@dataclass(frozen=True, slots=True)
class Shown:
    """A discussion for its moderators: what was set, the latest first, and the comment that stands on top, if it is
    there."""

    discussion: Discussion
    history: tuple[Told, ...]
    featured: Comment | None


async def steer(rt: Runtime, mod: Moderator, discussion_id: int, ask: Steer) -> Settled:
    """Set something for a discussion. Raises NotFound where they are no moderator, Invalid, or Conflict where it is not
    what they have seen any more."""
    ask, now = _checked(ask), rt.clock.now()
    site_id = (await _mine(rt, mod, discussion_id)).site_id

    async def work(tx: Tx) -> Settled:
        await hold_role(tx, mod.visitor, site_id, Role.MODERATOR, now)
        about = await _comment_about(tx, site_id, discussion_id, ask)
        before = await _locked(tx, discussion_id)
        if ask.verdict in (Verdict.CLOSE, Verdict.OPEN) and before.state is DiscussionState.ARCHIVED:
            raise Conflict("discussion_archived", ARCHIVED)
        if ask.seen is not None and ask.seen != before.article.title:
            raise Conflict("revision_conflict", OTHER_TITLE)
        after = steered(before, ask, now)
        if after == before:
            return Settled(None, before)
        if ask.verdict is Verdict.UNFEATURE and before.steered.featured_id is not None:
            about = await comments.find_comment(tx, before.steered.featured_id)
        line = _line(rt, mod, ask.verdict, (before, after), now)
        line = line._replace(words=ask.words, **_author(about))
        await _store(tx, before, after)
        return Settled(await log_decision(tx, line), after)

    return await rt.db.write(work)


async def undo_discussion(rt: Runtime, mod: Moderator, decision: Decision) -> Decision:
    """Take back what was decided about a discussion; the line of the log that says so. Raises NotFound, or Conflict
    where something else was decided about the same thing since."""
    now = rt.clock.now()
    if decision.verdict not in THING or decision.discussion_id is None:
        raise NotFound(detail=NOTHING)
    require_on(mod, decision.site_id, Role.MODERATOR)
    discussion_id, thing = decision.discussion_id, THING[decision.verdict]

    async def work(tx: Tx) -> Decision:
        await hold_role(tx, mod.visitor, decision.site_id, Role.MODERATOR, now)
        before = await _locked(tx, discussion_id)
        last = await queries.find_last_in_force(tx, decision, verdicts_about(thing))
        after = undone(before, decision) if last == decision.id else None
        if after is None:
            raise Conflict("decided_since", DECIDED_SINCE)
        line = _line(rt, mod, Verdict(decision.verdict), (before, after), now)
        about = {name: getattr(decision, name) for name in ("comment_id", "author_kind", "author_id")}
        line = line._replace(verdict=Verdict.UNDO.value, undoes=decision.id, **about)
        await _store(tx, before, after)
        return await log_decision(tx, line)

    return await rt.db.write(work)


async def undo_in(rt: Runtime, mod: Moderator, discussion_id: int, decision_id: int) -> Decision:
    """The same for one of a discussion's decisions, by its id."""
    found = await _mine(rt, mod, discussion_id)
    async with rt.db.read(fresh=True) as tx:
        decision = await queries.find_decision(tx, site_id=found.site_id, decision_id=decision_id)
    if decision is None or decision.discussion_id != discussion_id:
        raise NotFound(detail=NOTHING)
    return await undo_discussion(rt, mod, decision)


async def show_discussion(rt: Runtime, mod: Moderator, discussion_id: int) -> Shown:
    """A discussion of a site they moderate; raises NotFound."""
    async with rt.db.read(fresh=True) as tx:
        found = await articles.find_discussion(tx, discussion_id)
        if found is None:
            raise NotFound(detail=NOTHING)
        require_on(mod, found.site_id, Role.MODERATOR)
        told = await queries.list_told(tx, site_id=found.site_id, discussion_id=found.id, most=MOST_TOLD)
        top = found.steered.featured_id
        comment = None if top is None else await comments.find_comment(tx, top)
    return Shown(found, tuple(told), comment if comment is None or comment.is_public else None)


async def get_featurable(rt: Runtime, discussion: Discussion, comment_id: int) -> Comment:
    """A comment that can be put on top of its discussion; raises NotFound."""
    async with rt.db.read(fresh=True) as tx:
        found = await comments.find_comment(tx, comment_id)
    return _featurable(found, discussion.site_id, discussion.id)


async def list_discussions(rt: Runtime, site: Site, wanted: Wanted) -> tuple[list[Discussion], bool]:
    """A page of a site's discussions, the latest first, and whether there are more."""
    async with rt.db.read(fresh=True) as tx:
        ids = await queries.list_ids(tx, site_id=site.id, wanted=wanted, most=LIST_PAGE + 1)
        found = await articles.list_discussions(tx, ids[:LIST_PAGE]) if ids else []
    return sorted(found, key=lambda discussion: -discussion.id), len(ids) > LIST_PAGE


def _checked(ask: Steer) -> Steer:
    """What was typed, made fit to be kept; raises Invalid."""
    if ask.verdict not in THING:
        raise Invalid(errors=(FieldError("verdict", "wrong_value"),))
    if ask.verdict is Verdict.FEATURE and (ask.comment_id is None or ask.revision is None):
        raise Invalid(errors=(FieldError("comment_id" if ask.comment_id is None else "revision", "missing"),))
    if not 0 <= ask.seconds <= MOST_SLOW:
        raise Invalid(errors=(FieldError("seconds", "wrong_value"),))
    title = _title(ask.title) if ask.verdict is Verdict.RETITLE else ""
    try:
        words = clean_body(ask.words, max_length=MOST_WORDS) if ask.words.strip() else ""
    except TextProblem as problem:
        raise Invalid(errors=(FieldError("words", problem.code),)) from problem
    return Steer(ask.verdict, words, ask.seconds, title, ask.seen, ask.comment_id, ask.revision)


def _title(text: str) -> str:
    try:
        title = clean_line(text, MAX_TITLE)
    except TextProblem as problem:
        raise Invalid(errors=(FieldError("title", problem.code),)) from problem
    if not is_spoiler_free(title):  # what stands above everything can't be covered
        raise Invalid(errors=(FieldError("title", "spoiler_in_title"),))
    return title


async def _mine(rt: Runtime, mod: Moderator, discussion_id: int) -> Discussion:
    async with rt.db.read(fresh=True) as tx:
        found = await articles.find_discussion(tx, discussion_id)
    if found is None:
        raise NotFound(detail=NOTHING)
    require_on(mod, found.site_id, Role.MODERATOR)
    return found


async def _locked(tx: Tx, discussion_id: int) -> Discussion:
    found = await articles.find_discussion_locked(tx, discussion_id)
    if found is None:
        raise NotFound(detail=NOTHING)
    return found


def _featurable(comment: Comment | None, site_id: int, discussion_id: int) -> Comment:
    if comment is None or (comment.site_id, comment.discussion_id) != (site_id, discussion_id):
        raise NotFound(detail=NO_COMMENT)
    if comment.status is not Status.PUBLISHED:
        raise NotFound(detail=NO_COMMENT)
    return comment


async def _comment_about(tx: Tx, site_id: int, discussion_id: int, ask: Steer) -> Comment | None:
    """The comment that is to stand on top, held (before its discussion, as whoever posts does it)."""
    if ask.verdict is not Verdict.FEATURE or ask.comment_id is None:
        return None
    found = await comments.find_comment_locked(tx, site_id=site_id, comment_id=ask.comment_id)
    comment = _featurable(found, site_id, discussion_id)
    if comment.revision != ask.revision:
        raise Conflict("revision_conflict", OTHER_TEXT)
    return comment


def _author(comment: Comment | None) -> dict[str, Any]:
    """What a line of the log says about a comment, and who wrote it."""
    if comment is None:
        return {}
    about = {"comment_id": comment.id, "author_kind": comment.author_kind, "author_id": comment.author_id}
    return about | {"revision": comment.revision}


def _line(
    rt: Runtime, mod: Moderator, verdict: Verdict, change: tuple[Discussion, Discussion], now: datetime
) -> Decision:
    before, after = change
    return Decision(
        site_id=before.site_id,
        id=rt.ids.next(),
        comment_id=None,
        discussion_id=before.id,
        author_kind="",
        author_id=0,
        verdict=verdict.value,
        status="",
        revision=before.revision + 1,
        by_kind=By.MODERATOR.value,
        by_id=mod.account.id,
        reason="",
        rule="",
        words="",
        about_rule="",
        evidence="[]",
        before=dump_change(before, after, THING[verdict]),
        undoes=None,
        batch_id=None,
        created_at=now,
    )


async def _store(tx: Tx, before: Discussion, after: Discussion) -> None:
    place = {"site_id": after.site_id, "discussion_id": after.id}
    if (after.state, after.kept_open) != (before.state, before.kept_open):
        await articles.update_state(tx, **place, state=after.state, kept_open=after.kept_open)
    if after.steered != before.steered:
        await articles.update_steered(tx, **place, steered=after.steered)
    if after.article != before.article:
        await articles.update_article(tx, after.article)
