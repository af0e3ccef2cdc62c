"""What the console's forms do: decide, sanction, reveal, undo. Each leads on to the next comment with what was done and
the way back; what stands in the way brings the form back with all that was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts.model import Role
from forum.accounts.places import safe_next
from forum.comments.review.model import Reason, Verdict
from forum.errors import AftershowError, Conflict, Forbidden
from forum.moderation.console import HOME, QUEUE_NAMES, Console, open_console
from forum.moderation.deciding.service_bulk import undo_batch
from forum.moderation.deciding.service_person import sanction_author
from forum.moderation.deciding.service_undo import undo
from forum.moderation.deciding.service_verdict import decide
from forum.moderation.desk import pages_forms as forms
from forum.moderation.desk.pages_queue import Shown, draw_item, draw_list
from forum.moderation.guard import Moderator, guarded
from forum.moderation.pages_where import KEPT, Where, placed, where_of
from forum.moderation.people.person_inputs import penalty_of
from forum.moderation.verdicts import Ask
from forum.runtime import Runtime
from forum.web.inputs import path_id, read_plain_form
from forum.web.pages import see_other
from forum.web.problems import MENDABLE

REVEAL: Final = frozenset({*KEPT, "next", "revision"})
UNDO: Final = frozenset({"site", "here", "decision", "batch", "back"})


def routes(rt: Runtime) -> list[BaseRoute]:
    """The addresses of the forms."""
    item = f"{HOME}/c/{{id}}"
    return [
        Route(f"{item}/verdict", guarded(rt, verdict_form, role=Role.TRUSTED), methods=["POST"]),
        Route(f"{item}/sanction", guarded(rt, sanction_form), methods=["POST"]),
        Route(f"{item}/reveal", guarded(rt, reveal_form, role=Role.TRUSTED), methods=["POST"]),
        Route(f"{HOME}/undo", guarded(rt, undo_form, role=Role.TRUSTED), methods=["POST"]),
    ]


async def verdict_form(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /mod/c/{id}/verdict."""
    comment_id, values = path_id(request), await forms.read_verdict(request)
    onward = await _read_onward(rt, request, mod, values)
    try:
        line = (await decide(rt, mod, await forms.ask_of(rt, mod, comment_id, values))).decision
    except AftershowError as error:
        return await _again(rt, request, mod, comment_id, {**values, "to": "verdict"}, error)
    return onward.lead(done=line.id)


async def sanction_form(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /mod/c/{id}/sanction: something about its author, and (with `also`) about the comment beside."""
    comment_id = path_id(request)
    values = await read_plain_form(request, forms.SANCTION_FIELDS)
    onward = await _read_onward(rt, request, mod, values)
    try:
        done = await _sanction(rt, mod, comment_id, values)
    except AftershowError as error:
        return await _again(rt, request, mod, comment_id, {**values, "to": "sanction"}, error)
    return onward.lead(**{name: done[name] for name in ("done", "batch") if name in done})


async def _sanction(rt: Runtime, mod: Moderator, comment_id: int, values: Mapping[str, str]) -> dict[str, object]:
    """What was done, for the next address. With a verdict about the comment both are one batch, or nothing is."""
    also = _beside(comment_id, values)
    given = {name: values.get(name, "") for name in ("sanction", "hours", "reason", "rule", "words")}
    penalty = penalty_of({**given, "comment": str(comment_id)})
    line = await sanction_author(rt, mod, comment_id, penalty, also)
    done = {"done": line.id} if line.batch_id is None else {"batch": line.batch_id}
    return {**done, "what": line.verdict, "about": comment_id}


def _beside(comment_id: int, values: Mapping[str, str]) -> Ask | None:
    """The verdict about the comment that goes with a sanction; None to leave it as it is."""
    also = values.get("also", "")
    if also not in (Verdict.REMOVE, Verdict.SPAM):
        return None
    reason = values.get("reason", "")
    return Ask(
        verdict=Verdict(also),
        comment_id=comment_id,
        revision=forms.revision_of(values),
        reason=Reason(reason) if reason in set(Reason) else None,
        rule=values.get("rule", ""),
        words=values.get("words", ""),
        anyway=bool(values.get("anyway")),
    )


async def reveal_form(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /mod/c/{id}/reveal: the whole text, for this look only."""
    values = await read_plain_form(request, REVEAL)
    return await draw_item(rt, request, mod, path_id(request), Shown(revealed=True), values)


async def undo_form(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /mod/undo: take back a decision, or a batch of them, and go to what it was about."""
    values = await read_plain_form(request, UNDO)
    console = await open_console(rt, request, mod, role=Role.TRUSTED, key=values.get("site", ""))
    queue = values.get("here", "") if values.get("here", "") in QUEUE_NAMES else ""
    where = where_of({"queue": queue}, console, queue=console.queues[0].value)
    back = safe_next(values.get("back", "") if not queue else "")
    request.state.back_href = back if back.startswith(HOME) else HOME
    try:
        about = await _undo(console, values)
    except (Conflict, Forbidden) as error:
        if not queue:
            raise
        return await draw_list(console, where, Shown(error=error))
    if not queue:
        return see_other(request.state.back_href)
    href = where.list_href(console, undone="1") if about is None else where.item_href(console, about, undone="1")
    return see_other(href)


async def _undo(console: Console, values: Mapping[str, str]) -> int | None:
    """What was taken back is about this comment; None for several, a person or a discussion."""
    rt, mod, site = console.rt, console.mod, console.site
    if values.get("batch"):
        await undo_batch(rt, mod, site, forms.typed_id(values["batch"]))
        return None
    undone = await undo(rt, mod, site.id, forms.typed_id(values.get("decision", "")))
    return undone.undone.comment_id


async def _again(
    rt: Runtime, request: Request, mod: Moderator, comment_id: int, values: dict[str, str], error: AftershowError
) -> Response:
    """The same form with what was typed, and why nothing was done."""
    if error.status not in MENDABLE and not isinstance(error, Forbidden):
        raise error
    request.state.typed = values.get("words") or None
    return await draw_item(rt, request, mod, comment_id, Shown(typed=values, error=error), values)


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a form leads when it has done what it does: to the next comment, or to the list."""

    console: Console
    where: Where
    next_id: int | None

    def lead(self, **done: object) -> Response:
        """There, with the name of what was done."""
        if self.next_id is not None:
            return see_other(self.where.item_href(self.console, self.next_id, **done))
        return see_other(self.where.without().list_href(self.console, **done))


async def _read_onward(rt: Runtime, request: Request, mod: Moderator, values: Mapping[str, str]) -> Onward:
    """What a form says about that; a place that cannot be is none."""
    console = await open_console(rt, request, mod, role=Role.TRUSTED, key=values.get("site", ""))
    following = int(placed(values)["next"] or 0) or None
    return Onward(console, where_of(values, console), following)
