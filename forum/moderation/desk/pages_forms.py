"""What the forms of the console say: a verdict about a comment, at the revision that was seen, with what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from forum.articles import queries as articles
from forum.comments.model import Comment
from forum.comments.review.model import Reason, Verdict
from forum.comments.service import read_scope
from forum.core.i18n import N_
from forum.core.ids import parse_id
from forum.core.text import unify_line_ends
from forum.errors import FieldError, Invalid, NotFound
from forum.moderation.deciding.service_cover import read_typed
from forum.moderation.guard import NOTHING, Moderator
from forum.moderation.pages_where import KEPT
from forum.moderation.policy import VERDICTS
from forum.moderation.verdicts import Ask
from forum.runtime import Runtime
from forum.spoilers.model import Scope
from forum.spoilers.service import Ambiguous, explain
from forum.web.inputs import read_plain_form

PLACE: Final = frozenset({*KEPT, "next", "revision", "anyway", "form", "to"})
VERDICT_FIELDS: Final = PLACE | {"verdict", "reason", "rule", "words", "scope", "label", "part"}
SANCTION_FIELDS: Final = PLACE | {"sanction", "hours", "reason", "rule", "words", "also"}
UNKNOWN_LABEL: Final = N_("The catalogue does not know that work or that part of it.")
NO_WORDS: Final = N_("These words do not stand in the comment exactly like this. Nothing was covered.")
SEVERAL: Final = N_("These words stand in the comment more than once: add some of what stands around them.")
NO_REASON: Final = N_("Say why: pick one of the reasons.")


async def read_verdict(request: Request) -> dict[str, str]:
    """The fields of a form with a verdict."""
    return await read_plain_form(request, VERDICT_FIELDS)


async def ask_of(rt: Runtime, mod: Moderator, comment_id: int, values: Mapping[str, str]) -> Ask:
    """The verdict that a form gives; raises Invalid with a sentence about what is missing, or NotFound (also where they
    have no say: what is said about words would tell what stands there)."""
    verdict = values.get("verdict", "")
    if verdict not in VERDICTS:
        raise Invalid(errors=(FieldError("verdict", "wrong_value"),))
    scope, stretch = None, None
    if verdict == Verdict.COVER:
        comment, source = await read_typed(rt, mod, comment_id)
        scope = await _scope(rt, comment, values)
        stretch = _stretch(source, values.get("part", ""))
    return Ask(
        verdict=Verdict(verdict),
        comment_id=comment_id,
        revision=revision_of(values),
        reason=_reason(Verdict(verdict), values.get("reason", "")),
        rule=" ".join(values.get("rule", "").split()),
        words=unify_line_ends(values.get("words", "")).strip(),
        scope=scope,
        stretch=stretch,
        anyway=bool(values.get("anyway")),
    )


def revision_of(values: Mapping[str, str]) -> int:
    """The revision that was seen."""
    text = values.get("revision", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(errors=(FieldError("revision", "wrong_value"),))
    return int(text)


def typed_id(text: str) -> int:
    """An id in a form; raises NotFound for what can't be one."""
    try:
        return parse_id(text)
    except ValueError as error:
        raise NotFound(detail=NOTHING) from error


def _reason(verdict: Verdict, text: str) -> Reason | None:
    if text in set(Reason):
        return Reason(text)
    if verdict is Verdict.REMOVE:
        raise Invalid("no_reason", NO_REASON, errors=(FieldError("reason", "missing"),))
    return None


async def _scope(rt: Runtime, comment: Comment, values: Mapping[str, str]) -> Scope:
    """What it gives away: as tokens of programs, or as people write it."""
    now, tokens, label = rt.clock.now(), values.get("scope", "").split(), values.get("label", "").strip()
    if tokens:
        return await read_scope(rt, tokens, at=now)
    async with rt.db.read() as tx:
        discussion = await articles.find_discussion(tx, comment.discussion_id)
    works = () if discussion is None else discussion.warned.works
    found = (await explain(rt, [label], prefer=works, at=now))[label]
    if found.unclear:
        raise Ambiguous(found.unclear[0], label=label, loc="label")
    if not label or found.unknown:
        raise Invalid("unknown_scope", UNKNOWN_LABEL, errors=(FieldError("label", "unknown_scope"),))
    return found.scope


def _stretch(source: str, part: str) -> tuple[int, int] | None:
    """Where words stand in the source, in code points; None for the whole comment."""
    words = unify_line_ends(part).strip()
    if not words:
        return None
    start = source.find(words)
    if start < 0:
        raise Invalid("not_in_text", NO_WORDS)
    if source.find(words, start + 1) >= 0:
        raise Invalid("not_unique", SEVERAL)
    return start, start + len(words)
