"""/mod/bulk: one verdict about many comments, a selection or all that somebody wrote within a day. What it would do is
shown before it is done; one undo takes all of it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.comments.review.model import Queue, Reason, Verdict
from forum.comments.review.words import REASON_NAMES
from forum.core.i18n import N_
from forum.core.ids import parse_id
from forum.errors import AftershowError, Invalid, NotFound
from forum.moderation.console import HOME, Console, ModPage, open_console
from forum.moderation.deciding.service_bulk import LATELY, MOST, WHY, Selection, decide_bulk, preview_bulk
from forum.moderation.guard import NOTHING, Moderator, guarded
from forum.moderation.pages_where import KEPT, where_of
from forum.moderation.people.person_inputs import KINDS
from forum.moderation.verdict_names import STATUS_NAMES
from forum.moderation.verdicts import Ask
from forum.runtime import Runtime
from forum.web.inputs import read_plain_form
from forum.web.pages import see_other
from forum.web.problems import MENDABLE

TEMPLATE: Final = "pages/mod_bulk.html"
# What can be decided about many at once, and what it is called.
VERDICTS: Final = {
    Verdict.APPROVE: N_("Approve them"),
    Verdict.REMOVE: N_("Remove them"),
    Verdict.SPAM: N_("Mark them as spam"),
    Verdict.DISMISS: N_("Dismiss the reports about them"),
}
WHAT_IT_DOES: Final = {
    Verdict.APPROVE: N_(
        "Everybody can read them, also what readers had hidden or covered for now; reports about them are put aside."
    ),
    Verdict.REMOVE: N_(
        "Only their authors see them, with the reason. Where there are replies, the place stays without its text."
    ),
    Verdict.SPAM: N_("Only their authors see them, and the spam filter learns from them."),
    Verdict.DISMISS: N_(
        "What readers had hidden or covered for now is back for everybody, and whoever reported it counts for less next"
        " time. What a rule holds stays held."
    ),
}
FIELDS: Final = frozenset({*KEPT, "selection", "author", "verdict", "reason", "rule", "words", "go"})
# What is most often right about many, by the queue that they were picked from; elsewhere it is spam.
USUAL: Final[Mapping[str, Verdict]] = {
    Queue.PENDING: Verdict.APPROVE,
    Queue.UNMODERATED: Verdict.APPROVE,
    Queue.REPORTED: Verdict.DISMISS,
    Queue.SPOILERS: Verdict.APPROVE,
    Queue.REMOVED: Verdict.APPROVE,
}
WITH_REASON: Final = (Verdict.REMOVE, Verdict.SPAM)
PICK: Final = "pick"
NOTHING_PICKED: Final = N_("Nothing is selected. Tick what you want to decide about.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkPage(ModPage):
    """What `pages/mod_bulk.html` draws: what is selected, the verdict, and what it would do. `selection` and `author`
    are how the form says it: always with what is shown here, at the revisions that it has now. `skipped` are reasons
    with how many are left out for each, `errors` what is wrong with what was typed, by field."""

    selection: str
    author: str
    keep: Mapping[str, str]
    typed: Mapping[str, str]
    verdicts: tuple[tuple[str, str, str], ...]
    reasons: tuple[tuple[str, str], ...]
    back_href: str
    count: int = 0
    by_status: tuple[tuple[str, int], ...] = ()
    skipped: tuple[tuple[str, int], ...] = ()
    is_day: bool = False
    hours: int = int(LATELY.total_seconds() // 3600)
    most: int = MOST
    errors: Mapping[str, str]


def routes(rt: Runtime) -> list[BaseRoute]:
    """The addresses."""
    return [
        Route(f"{HOME}/bulk", guarded(rt, bulk), methods=["GET", "POST"]),
        Route(f"{HOME}/bulk/preview", guarded(rt, picked_form), methods=["POST"]),
    ]


async def picked_form(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /mod/bulk/preview: what was ticked in a list."""
    async with request.form(max_files=0, max_fields=len(KEPT) + MOST) as form:
        pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    values = {name: value for name, value in pairs if name in KEPT}
    console = await open_console(rt, request, mod, key=values.get("site", ""))
    picked = " ".join(value for name, value in pairs if name == PICK)
    if not picked:
        request.state.back_href = where_of(values, console).list_href(console)
        raise Invalid(detail=NOTHING_PICKED)
    return await _draw(console, {**values, "selection": picked})


async def bulk(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """/mod/bulk: look at everything of a person, or decide about what was chosen."""
    return await (bulk_form if request.method == "POST" else person_page)(rt, request, mod)


async def person_page(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """GET /mod/bulk?author=KIND:ID: all that somebody wrote within a day."""
    values = {name: request.query_params.get(name, "") for name in (*KEPT, "author", "verdict")}
    console = await open_console(rt, request, mod)
    return await _draw(console, values)


async def bulk_form(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /mod/bulk: show what the verdict would do, or (with `go`) do it."""
    values = await read_plain_form(request, FIELDS)
    console = await open_console(rt, request, mod, key=values.get("site", ""))
    if not values.get("go"):
        # Counted anew: of a person, everything up to this moment.
        return await _draw(console, {**values, "selection": ""} if values.get("author") else values)
    if not values.get("selection"):
        return await _draw(console, values)  # nobody has seen yet what it would be about
    try:
        batch = await decide_bulk(rt, mod, console.site, _selection(values), _ask(values))
    except AftershowError as error:
        if error.status not in MENDABLE:
            raise
        return await _draw(console, values, error)
    done = {"batch": batch.batch_id, "left": len(batch.skipped)}
    return see_other(where_of(values, console).without().list_href(console, **done))


def _ask(values: Mapping[str, str]) -> Ask:
    """The verdict; the comment and its revision are put in for each. Raises Invalid. The form has a reason picked from
    the start, which counts only for what it is asked for."""
    verdict, reason = values.get("verdict", ""), values.get("reason", "")
    if verdict not in VERDICTS:
        raise Invalid(detail=N_("Pick a verdict."))
    given = Reason(reason) if verdict in WITH_REASON and reason in set(Reason) else None
    return Ask(Verdict(verdict), 0, 0, given, values.get("rule", "").strip(), values.get("words", "").strip())


def _selection(values: Mapping[str, str]) -> Selection:
    kind, _, author = values.get("author", "").partition(":")
    try:
        pairs = [one.partition(":") for one in values.get("selection", "").split()]
        seen = {parse_id(comment): parse_id(revision) for comment, _, revision in pairs}
        if not kind:
            return Selection(seen)
        if kind not in KINDS:
            raise ValueError("nobody is called that")
        return Selection(seen, (kind, parse_id(author)))
    except ValueError as error:
        raise NotFound(detail=NOTHING) from error


async def _draw(console: Console, values: Mapping[str, str], error: AftershowError | None = None) -> Response:
    typed = {"reason": Reason.SPAM.value, "rule": "", "words": "", **values}
    if typed.get("verdict") not in VERDICTS:
        by_author = bool(values.get("author"))
        typed["verdict"] = Verdict.SPAM if by_author else USUAL.get(values.get("queue", ""), Verdict.SPAM)
    selection = _selection(typed)
    # What would happen does not depend on what is told: words that can't be stored come back with the form.
    plain = Ask(Verdict(typed["verdict"]), 0, 0, Reason.OTHER)
    preview = await preview_bulk(console.rt, console.mod, console.site, selection, plain)
    where = where_of(values, console)
    skipped, wrong = Counter(preview.skipped.values()), {"rule": "", "words": ""} | console.wrong(error)
    page = BulkPage(
        **console.frame(where.queue),
        error=wrong.pop("", ""),
        errors=wrong,
        selection=typed.get("selection") or " ".join(f"{one.id}:{one.revision}" for one in preview.seen),
        author=typed.get("author", ""),
        keep=where.keep,
        typed=typed,
        verdicts=tuple((key, console.text(name), console.text(WHAT_IT_DOES[key])) for key, name in VERDICTS.items()),
        reasons=tuple((key, console.text(name)) for key, name in REASON_NAMES.items()),
        back_href=where.list_href(console),
        count=preview.count,
        by_status=tuple((console.text(STATUS_NAMES[key]), n) for key, n in preview.by_status.items()),
        skipped=tuple((console.text(WHY[key]), n) for key, n in skipped.items()),
        is_day=selection.author is not None,
    )
    return console.page(TEMPLATE, page, status=200 if error is None else error.status)
