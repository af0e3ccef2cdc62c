"""The page to report a comment on, which works without scripts; with them it is opened where the comment stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.articles.model import Discussion
from forum.articles.views import DiscussionView
from forum.comments.model import Comment
from forum.comments.pages import viewing_of
from forum.comments.pages_errors import at_comment, endpoint
from forum.comments.pages_fields import LOOK_FIELDS, counted_visitor, form_fields, look_of
from forum.comments.pages_form import or_again
from forum.comments.pages_view import Viewing
from forum.comments.present import comment_view
from forum.comments.review.model import Reason
from forum.comments.review.words import REASON_NAMES
from forum.comments.service import about_discussion, get_own_comment, read_scope
from forum.comments.views import CommentView
from forum.core.i18n import N_
from forum.errors import AftershowError, FieldError, Forbidden, Invalid, NotFound
from forum.moderation.flags.flag_policy import MAX_NOTE
from forum.moderation.flags.service_flag import NOTHING, OWN_COMMENT, Flagged, Said, flag_comment
from forum.runtime import Runtime
from forum.sites.service import get_site_by_id
from forum.spoilers.model import NO_SCOPE, UNSPEC, UNSPEC_SCOPE, Scope, Work
from forum.spoilers.service import explain, works_of
from forum.web.inputs import path_id
from forum.web.limits import FLAG
from forum.web.pages import personal_page
from forum.web.problems import sentences
from forum.web.visitors import set_cookie_header, visitor_of

FIELDS: Final = LOOK_FIELDS | {"reason", "scope", "about", "note"}
# In the order in which they are offered.
REASONS: Final = (Reason.SPOILER, Reason.ABUSE, Reason.SPAM, Reason.OFF_TOPIC, Reason.ILLEGAL, Reason.OTHER)
REASON_NEEDED: Final = N_("Choose what is wrong with it.")
UNKNOWN_LABEL: Final = N_("The catalogue does not know that work or that part of it.")
THANKS: Final = N_("Thank you. A moderator will look at it.")
BEFORE: Final = N_("You have reported this comment before. A moderator will look at it.")
# Of a work with more parts than this, the seasons, volumes or arcs are offered instead.
MOST_UNITS: Final = 400
MAX_LABEL: Final = 150


@dataclass(frozen=True, slots=True)
class ScopeChoice:
    """Something that a comment may give away: how it is written for programs, and for people."""

    token: str
    label: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """What the page draws: the comment as everybody sees it, and the form with what was chosen so far, or (`done`) what
    became of it."""

    discussion: DiscussionView
    comment: CommentView
    body: Markup
    action: str
    reasons: tuple[tuple[str, str], ...]
    choices: tuple[tuple[str, tuple[ScopeChoice, ...]], ...]
    unspecified: str
    chosen: Mapping[str, str]
    problem: str
    wrong: frozenset[str]
    done: str
    max_note: int
    frame: bool
    lang: str
    back_href: str
    origins: tuple[str, ...]
    theme: str = "auto"
    accent: str | None = None
    assumes: str | None = None
    works: str | None = None


@dataclass(frozen=True, slots=True)
class _Reported:
    """The comment that the page is about, and how it is looked at."""

    viewing: Viewing
    comment: Comment
    discussion: Discussion


def routes(rt: Runtime) -> list[BaseRoute]:
    """The address of this page."""

    async def report(rt: Runtime, request: Request) -> Response:
        return await (report_form if request.method == "POST" else report_page)(rt, request)

    return [Route("/c/{id}/report", endpoint(rt, report, at_comment), methods=["GET", "POST"])]


async def report_page(rt: Runtime, request: Request) -> Response:
    """GET /c/{id}/report: the comment as everybody sees it, and what may be wrong with it."""
    reported, is_own = await _find(rt, request, request.query_params)
    if not reported.comment.is_public:
        raise NotFound(detail=NOTHING)
    if is_own:
        raise Forbidden("own_comment", OWN_COMMENT)
    return await _draw(reported, {})


async def report_form(rt: Runtime, request: Request) -> Response:
    """POST /c/{id}/report."""
    values = await form_fields(request, FIELDS)
    reported, _ = await _find(rt, request, values)

    async def again(error: AftershowError) -> Response:
        return await _draw(reported, values, error=error)

    async def answer() -> Response:
        visitor = await counted_visitor(rt, request, dict(values), FLAG)
        said = await _said(rt, reported, values)
        flagged = await flag_comment(rt, visitor, reported.comment.id, said)
        response = await _draw(reported, values, done=flagged)
        if flagged.token is not None and flagged.token != visitor.token:
            response.headers.append("set-cookie", set_cookie_header(rt.settings, flagged.token))
        return response

    try:
        return await or_again(answer(), again)
    except Forbidden as error:
        # What they may not send is still theirs: they wrote it.
        return await again(error)


async def _find(rt: Runtime, request: Request, values: Mapping[str, str]) -> tuple[_Reported, bool]:
    """The comment, as far as this visitor may know of it, and whether they wrote it."""
    comment, discussion, is_own = await get_own_comment(rt, visitor_of(request, rt.settings), path_id(request))
    site = await get_site_by_id(rt, comment.site_id)
    viewing = viewing_of(rt, site, discussion.id, look_of(values), personal=True)
    return _Reported(viewing, comment, discussion), is_own


async def _said(rt: Runtime, reported: _Reported, values: Mapping[str, str]) -> Said:
    """What the form says; raises Invalid."""
    reason = values.get("reason", "")
    if reason not in REASON_NAMES:
        raise Invalid(detail=REASON_NEEDED, errors=(FieldError("reason", "missing"),))
    scope = await _scope(rt, reported, values) if reason == Reason.SPOILER else NO_SCOPE
    return Said(Reason(reason), scope, values.get("note", ""))


async def _scope(rt: Runtime, reported: _Reported, values: Mapping[str, str]) -> Scope:
    """What was typed stands above what was chosen. Where there is nothing to choose from, nothing need be said."""
    now, typed, chosen = rt.clock.now(), values.get("about", "").strip(), values.get("scope", "")
    if len(typed) > MAX_LABEL:
        raise Invalid(detail=UNKNOWN_LABEL, errors=(FieldError("about", "unknown_scope"),))
    if typed:
        works = (await about_discussion(rt, reported.discussion, now)).works
        found = (await explain(rt, [typed], prefer=works, at=now))[typed]
        if found.unknown:
            raise Invalid(detail=UNKNOWN_LABEL, errors=(FieldError("about", "unknown_scope"),))
        # A name that means several works: all of them, as everywhere where nobody is asked.
        return found.scope
    if chosen:
        return await read_scope(rt, [chosen], at=now)
    return NO_SCOPE if await _works(reported) else UNSPEC_SCOPE


async def _works(reported: _Reported) -> tuple[tuple[str, tuple[ScopeChoice, ...]], ...]:
    """What the discussion is about, and how far each of it may go."""
    viewing = reported.viewing
    about = await about_discussion(viewing.rt, reported.discussion, viewing.rt.clock.now())
    order = tuple(dict.fromkeys((*about.works, *(viewing.look.works or "").split())))
    found = await works_of(viewing.rt, order)
    return tuple((found[key].title, tuple(_choices(found[key]))) for key in order if key in found)


def _choices(work: Work) -> Iterator[ScopeChoice]:
    codes = [unit.code for unit in work.units]
    if len(codes) > MOST_UNITS and work.groups:
        codes = [group.code for group in work.groups]
    for code in codes:
        yield ScopeChoice(f"{work.id}:{code}", f"{work.title} {code}".strip())


async def _draw(
    reported: _Reported,
    values: Mapping[str, str],
    *,
    error: AftershowError | None = None,
    done: Flagged | None = None,
) -> Response:
    viewing, comment = reported.viewing, reported.comment
    veil, language = await viewing.veil(reported.discussion), viewing.language
    said = {} if error is None else sentences(error, language)
    page = ReportPage(
        discussion=viewing.head(reported.discussion, veil),
        comment=comment_view(comment, viewing.rt.settings.public_url, veil),
        body=viewing.bodies(veil).closed(comment),
        action=f"/c/{comment.id}/report",
        reasons=tuple((reason.value, language.text(REASON_NAMES[reason])) for reason in REASONS),
        choices=await _works(reported),
        unspecified=UNSPEC.token,
        chosen={name: values.get(name, "") for name in ("reason", "scope", "about", "note")},
        problem=said.get("") or next(iter(said.values()), ""),
        wrong=frozenset(() if error is None else (one.loc for one in error.errors)),
        done="" if done is None else language.text(THANKS if done.counted else BEFORE),
        max_note=MAX_NOTE,
        frame=viewing.frame,
        lang=language.code,
        # What was just reported may be out of sight by now.
        back_href=viewing.links.page() if done else viewing.links.back_to(comment),
        origins=viewing.site.origins,
        theme=viewing.look.theme or "auto",
        **viewing.look.fields(),
    )
    headers = {**viewing.headers(), "x-robots-tag": "noindex"}
    if error is not None and error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    body = viewing.rt.renderer.page("pages/report.html", page, language)
    return personal_page(body, headers, 200 if error is None else error.status)
