"""/mod/log: what was decided, by whom and why, with a way back where there still is one. No text of comments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Final

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.comments.review.model import By, Verdict
from forum.core.i18n import N_
from forum.core.ids import parse_id
from forum.errors import NotFound
from forum.moderation.console import HOME, Console, ModPage, open_console
from forum.moderation.guard import NOTHING, Moderator, guarded
from forum.moderation.queues.present import log_view
from forum.moderation.queues.service_history import LogFilter, read_batches, read_log
from forum.moderation.queues.views import DecisionView
from forum.moderation.verdict_names import BY_NAMES, RULE_NAMES, VERDICT_NAMES
from forum.runtime import Runtime
from forum.web.inputs import PageParams, read_query

PATH: Final = f"{HOME}/log"
_NUMBER: Final = "^[0-9]{0,19}$"
# By what the log can be narrowed, and how that is called.
ONLY: Final = {
    "comment": N_("About one comment"),
    "person": N_("About one person"),
    "discussion": N_("In one discussion"),
    "by": N_("By one moderator"),
    "batch": N_("Decided together"),
}


class LogQuery(PageParams):
    """Which decisions."""

    site: Annotated[str, Field(max_length=40)] = ""
    comment: Annotated[str, Field(pattern=_NUMBER)] = ""
    person: Annotated[str, Field(pattern=_NUMBER)] = ""
    discussion: Annotated[str, Field(pattern=_NUMBER)] = ""
    batch: Annotated[str, Field(pattern=_NUMBER)] = ""
    by: Annotated[str, Field(pattern=_NUMBER)] = ""
    after: Annotated[str, Field(max_length=100)] = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    """A decision: what it is called, who decided, and the rule: that of screening, or the house rule that was cited."""

    line: DecisionView
    what: str
    by: str
    rule: str


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One decision, or a batch: `lines` are those of it on this page, `count` says of how many in all (0: not known),
    and `standing` of how many one can still undo. `href` leads to all of them, where some are elsewhere."""

    lines: tuple[LogLine, ...]
    batch_id: str = ""
    count: int = 1
    standing: int = 0
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage(ModPage):
    """What `pages/mod_log.html` draws. `only` says what it is narrowed to ("": nothing)."""

    entries: tuple[LogEntry, ...]
    only: str
    all_href: str
    mine_href: str
    next_href: str


def routes(rt: Runtime) -> list[BaseRoute]:
    """The address."""
    return [Route(PATH, guarded(rt, log_page), methods=["GET"])]


async def log_page(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """GET /mod/log."""
    query, console = read_query(request, LogQuery), await open_console(rt, request, mod)
    wanted = LogFilter(_id(query.comment), _id(query.person), _id(query.discussion), _id(query.by), _id(query.batch))
    found = await read_log(rt, mod, console.site, wanted, cursor=query.after or None)
    view = await log_view(rt, found, console.language)
    kept = {name: value for name, value in query.model_dump().items() if name in ONLY and value}
    page = LogPage(
        **console.frame("log"),
        entries=await _entries(console, view.lines),
        only=next((console.text(ONLY[name]) for name in kept), ""),
        all_href=console.href(PATH),
        mine_href=console.href(PATH, by=mod.actor.id),
        next_href=console.href(PATH, **kept, after=view.next) if view.next else "",
    )
    return console.page("pages/mod_log.html", page)


async def _entries(console: Console, lines: Sequence[DecisionView]) -> tuple[LogEntry, ...]:
    """The lines of a page, those of a batch as one thing."""
    batches = {int(line.batch_id) for line in lines if line.batch_id and line.verdict != Verdict.UNDO}
    sums = await read_batches(console.rt, console.site, sorted(batches))
    entries: list[LogEntry] = []
    for batch_id, some in groupby(lines, key=lambda line: line.batch_id):
        group = tuple(_line(console, line) for line in some)
        kinds = sums.get(int(batch_id), ()) if batch_id else ()
        count, href = sum(one.number for one in kinds), console.href(PATH, batch=batch_id)
        if batch_id and len(group) > 1 and not kinds:
            entries.append(LogEntry(group, batch_id, 0, 0, href))  # taken back together
        elif batch_id is None or count < 2:
            entries += [LogEntry((line,)) for line in group]
        else:
            standing = sum(one.standing for one in kinds)
            entries.append(LogEntry(group, batch_id, count, standing, href if count > len(group) else ""))
    return tuple(entries)


def _id(text: str) -> int | None:
    if not text:
        return None
    try:
        return parse_id(text)
    except ValueError as error:
        raise NotFound(detail=NOTHING) from error


def _line(console: Console, line: DecisionView) -> LogLine:
    by = line.by or console.text(BY_NAMES.get(line.by_kind, line.by_kind))
    rule = console.text(RULE_NAMES[line.rule]) if line.by_kind == By.RULE and line.rule in RULE_NAMES else line.rule
    return LogLine(line, console.text(VERDICT_NAMES.get(line.verdict, line.verdict)), by, rule)
