"""/mod/discussions and /mod/d/{id}: what moderators set for discussions. Works without scripts."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Annotated, Final

from markupsafe import Markup
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.comments.bodies import Bodies
from forum.comments.model import Comment
from forum.comments.present import comment_view
from forum.comments.review.model import Verdict
from forum.comments.veils import veil_of
from forum.comments.views import CommentView
from forum.core.i18n import N_
from forum.core.ids import parse_id
from forum.errors import AftershowError, FieldError, Invalid, NotFound
from forum.moderation.console import HOME, Console, ModPage, UndoView, open_console
from forum.moderation.discussions.discussion_present import ShownView, SteeredView, shown_view, steered_view
from forum.moderation.discussions.queries_discussion import Wanted
from forum.moderation.discussions.service_discussion import (
    NO_COMMENT,
    Shown,
    get_featurable,
    list_discussions,
    show_discussion,
    steer,
    undo_in,
)
from forum.moderation.discussions.steering import DISCUSSION_VERDICTS, SLOW_CHOICES, Steer, Thing
from forum.moderation.guard import Moderator, guarded
from forum.moderation.verdict_names import VERDICT_NAMES
from forum.runtime import Runtime
from forum.sites.service import get_site_by_id
from forum.web.inputs import PageParams, path_id, read_plain_form, read_query
from forum.web.pages import see_other
from forum.web.problems import MENDABLE

LIST, ONE = f"{HOME}/discussions", f"{HOME}/d"
FIELDS: Final = frozenset({"act", "words", "seconds", "title", "seen", "comment", "revision", "decision"})
UNDO: Final = "undo"
UNDONE: Final = N_("It is as it was before.")
NO_CHANGE: Final = N_("It is that way already.")
THINGS: Final = (
    ("", N_("All discussions")),
    (Thing.STATE, N_("Closed")),
    (Thing.SLOW, N_("In slow mode")),
    (Thing.WATCHED, N_("Pre-moderated")),
    (Thing.PINNED, N_("Pinned")),
    (Thing.FEATURED, N_("With a comment on top")),
)
# The number of a comment: alone, or at the end of its address.
_COMMENT: Final = re.compile(r"(?:^|/c/|#c)([0-9]{1,19})/?(?:\?[^#]*)?$")


class ListQuery(PageParams):
    """Which discussions."""

    site: Annotated[str, Field(max_length=40)] = ""
    q: Annotated[str, Field(max_length=200)] = ""
    set: Annotated[str, Field(pattern="^(state|slow|watched|pinned|featured)?$")] = ""
    before: Annotated[str, Field(pattern="^[0-9]{0,19}$")] = ""


class ShowQuery(PageParams):
    """What was done just now (a decision, "undone" or "same"), and which comment may be put on top."""

    done: Annotated[str, Field(max_length=19)] = ""
    feature: Annotated[str, Field(max_length=300)] = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A discussion in the list."""

    discussion: SteeredView
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage(ModPage):
    """What `pages/mod_discussions.html` draws."""

    rows: tuple[Row, ...]
    q: str
    thing: str
    things: tuple[tuple[str, str], ...]
    next_href: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A comment as everybody sees it, covers and all."""

    comment: CommentView
    body: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class OnePage(ModPage):
    """What `pages/mod_discussion.html` draws. `featured` is the comment on top, `asked` the one that may be put there;
    `typed` is what a form was sent with that could not be taken, `errors` what is wrong with it, by field."""

    shown: ShownView
    names: dict[str, str]
    slow_choices: tuple[int, ...]
    href: str
    featured: Beside | None = None
    asked: Beside | None = None
    typed: dict[str, str]
    errors: dict[str, str]


def routes(rt: Runtime) -> list[BaseRoute]:
    """The addresses."""
    return [
        Route(LIST, guarded(rt, list_page), methods=["GET"]),
        Route(f"{ONE}/{{id}}", guarded(rt, one), methods=["GET", "POST"]),
    ]


async def list_page(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """GET /mod/discussions."""
    query, console = read_query(request, ListQuery), await open_console(rt, request, mod)
    thing = Thing(query.set) if query.set else None
    edge = _number(query.before) if query.before else None
    found, more = await list_discussions(rt, console.site, Wanted(query.q.strip(), thing, edge))
    views = [steered_view(one, console.site, rt.settings.public_url) for one in found]
    page = ListPage(
        **console.frame("discussions"),
        rows=tuple(Row(view, f"{ONE}/{view.id}") for view in views),
        q=query.q.strip(),
        thing=query.set,
        things=THINGS,
        next_href=console.href(LIST, q=query.q.strip(), set=query.set, before=views[-1].id) if more else "",
    )
    return console.page("pages/mod_discussions.html", page)


def _number(text: str) -> int:
    try:
        return parse_id(text)
    except ValueError as error:
        raise Invalid(errors=(FieldError("before", "bad_cursor"),)) from error


async def _open(rt: Runtime, request: Request, mod: Moderator) -> tuple[Console, Shown]:
    shown = await show_discussion(rt, mod, path_id(request))
    site = await get_site_by_id(rt, shown.discussion.site_id)
    return await open_console(rt, request, mod, key=site.key), shown


async def one(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """/mod/d/{id}: look at a discussion, or set something."""
    return await (one_form if request.method == "POST" else one_page)(rt, request, mod)


async def one_page(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """GET /mod/d/{id}."""
    query = read_query(request, ShowQuery)
    console, shown = await _open(rt, request, mod)
    page = await _page(console, shown)
    page = _with_done(console, page, query.done)
    if not query.feature:
        return console.page("pages/mod_discussion.html", page)
    try:
        comment = await get_featurable(rt, shown.discussion, _comment_in(query.feature))
    except NotFound as error:
        said = console.text(error.detail)
        page = replace(page, errors={"comment": said}, typed={"comment": query.feature})
        return console.page("pages/mod_discussion.html", page, status=error.status)
    return console.page("pages/mod_discussion.html", replace(page, asked=await _beside(console, shown, comment)))


def _comment_in(text: str) -> int:
    """The comment whose number, or address, somebody has given."""
    found = _COMMENT.search(text.strip())
    try:
        return parse_id(found[1] if found else "")
    except ValueError as error:
        raise NotFound(detail=NO_COMMENT) from error


def _with_done(console: Console, page: OnePage, done: str) -> OnePage:
    if done in ("same", "undone"):
        return replace(page, said=NO_CHANGE if done == "same" else UNDONE)
    for line in page.shown.history:
        if line.id == done and line.can_undo:
            return replace(page, undo=UndoView(console.text(VERDICT_NAMES[line.verdict]), decision_id=line.id))
    return page


async def one_form(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /mod/d/{id}: set something, or take something back."""
    discussion_id, values = path_id(request), await read_plain_form(request, FIELDS)
    try:
        if values.get("act") == UNDO:
            await undo_in(rt, mod, discussion_id, _id_in(values, "decision"))
            return see_other(f"{ONE}/{discussion_id}?done=undone")
        settled = await steer(rt, mod, discussion_id, _ask(values))
        done = "same" if settled.decision is None else str(settled.decision.id)
        return see_other(f"{ONE}/{discussion_id}?done={done}")
    except AftershowError as error:
        if error.status not in MENDABLE:
            raise
        console, shown = await _open(rt, request, mod)
        said = console.wrong(error)
        page = replace(await _page(console, shown), errors=said, typed=values, error=said.get("", ""))
        return console.page("pages/mod_discussion.html", page, status=error.status)


def _ask(values: dict[str, str]) -> Steer:
    act = values.get("act", "")
    if act not in DISCUSSION_VERDICTS:
        raise Invalid(errors=(FieldError("act", "wrong_value"),))
    return Steer(
        Verdict(act),
        words=values.get("words", ""),
        seconds=_small(values, "seconds"),
        title=values.get("title", ""),
        seen=values.get("seen") if act == Verdict.RETITLE else None,
        comment_id=_id_in(values, "comment") if act == Verdict.FEATURE else None,
        revision=_small(values, "revision") if act == Verdict.FEATURE else None,
    )


def _small(values: dict[str, str], name: str) -> int:
    text = values.get(name, "") or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Invalid(errors=(FieldError(name, "wrong_value"),))
    return int(text)


def _id_in(values: dict[str, str], name: str) -> int:
    try:
        return parse_id(values.get(name, ""))
    except ValueError as error:
        raise Invalid(errors=(FieldError(name, "wrong_value"),)) from error


async def _page(console: Console, shown: Shown) -> OnePage:
    view = shown_view(shown, console.site, console.rt.settings.public_url)
    current = view.discussion.slow_seconds
    return OnePage(
        **console.frame("discussions"),
        shown=view,
        names={verdict: console.text(VERDICT_NAMES[verdict]) for verdict in DISCUSSION_VERDICTS},
        slow_choices=tuple(sorted({*SLOW_CHOICES, current})),
        href=f"{ONE}/{view.discussion.id}",
        featured=None if shown.featured is None else await _beside(console, shown, shown.featured),
        typed={},
        errors={},
    )


async def _beside(console: Console, shown: Shown, comment: Comment) -> Beside:
    """As everybody sees it: moderators are fans too, and a comment can be put on top without having been read."""
    rt = console.rt
    veil = await veil_of(rt, shown.discussion)
    body = Bodies(rt, console.language, False, veil).closed(comment)
    return Beside(comment_view(comment, rt.settings.public_url, veil), body)
