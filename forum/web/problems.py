"""Errors become answers here: a problem document (RFC 9457) for programs, a page for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import orjson
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from forum.core.i18n import N_
from forum.db.errors import ConstraintViolated, unavailable
from forum.errors import AftershowError, BadRequest, FieldError, MethodNotAllowed, NotFound
from forum.web.headers import auth_headers, data_headers, page_headers
from forum.web.languages import Language, choose, choose_accepted
from forum.web.rendering import Renderer

log = structlog.get_logger(__name__)
PROBLEM = "application/problem+json"
# Refusals after which a form is drawn again: they pass, or whoever typed can do something about them.
MENDABLE = (409, 422, 429, 503)

# What is wrong with a field, for people. Codes without a sentence are explained by the page's title alone.
FIELD_SENTENCES = {
    "empty": N_("There is nothing in it yet."),
    "too_long": N_("That is longer than a comment can be."),
    "bad_character": N_("It holds a character that can't be stored. Try typing that part again."),
    "name_empty": N_("Please give a name that others will see."),
    "name_too_long": N_("That name is too long; 40 characters are the most."),
    "name_reserved": N_("That name looks like someone from the site. Please pick another."),
    "name_taken": N_("Somebody with an account here has a name like that. Please pick another, or sign in."),
    "name_unusable": N_("A name needs a letter or a picture, and can't hold a slash."),
    "bad_email": N_("That is not an e-mail address."),
    "same_email": N_("That is your address already."),
    "email_taken": N_("Another account here has that address."),
    "wrong_code": N_("That is not the code, or it is too old. After a few wrong tries you need a new one."),
    "unclosed_spoiler": N_("A spoiler begins here and does not end. Close it, or put a backslash before its sign."),
    "broken_spoiler": N_("There is a spoiler sign that belongs to nothing. Take it out, or put a backslash before it."),
    "spoiler_too_deep": N_("Spoilers stand inside each other too deep here."),
    "too_many_spoilers": N_("That is more spoilers than one comment can hold."),
    "ambiguous_scope": N_("That name means more than one work here. Say which one."),
    "unknown_scope": N_("The catalogue does not know that work or that part of it."),
    "spoiler_in_title": N_("Spoilers can't be covered here: leave them out."),
    "bad_cursor": N_("That page does not exist any more. Start again from the first one."),
    "bad_url": N_("That is not the address of a page."),
}


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What `pages/error.html` draws. `typed` is what the person wrote, so that an error never takes it; `back_href`
    leads to the discussion, where it is known."""

    status: int
    title: str
    detail: str
    typed: str | None = None
    frame: bool = False
    back_href: str | None = None
    theme: str = "auto"
    accent: str | None = None
    origins: tuple[str, ...] = ()


def sentences(error: AftershowError, language: Language) -> dict[str, str]:
    """What to say next to each field of a form; "" is the form itself."""
    said = {e.loc: language.text(FIELD_SENTENCES[e.code]) for e in error.errors if e.code in FIELD_SENTENCES}
    if error.detail:
        said[""] = language.text(error.detail, error.params)
    elif not said:
        said[""] = language.text(error.title)
    return said


def document(error: AftershowError, language: Language) -> dict[str, object]:
    """The problem document of an error."""
    return {
        "type": f"about:blank#{error.code}",
        "title": language.text(error.title),
        "status": error.status,
        "code": error.code,
        "detail": language.text(error.detail, error.params),
        "errors": [_described(e) for e in error.errors],
    }


def _described(error: FieldError) -> dict[str, object]:
    said: dict[str, object] = {"loc": error.loc, "code": error.code}
    if error.pos is not None:
        said["pos"] = error.pos
    if error.candidates:
        said["candidates"] = [{"label": label, "token": token} for label, token in error.candidates]
    return said


def as_error(raised: Exception) -> AftershowError:
    """Any exception as one of ours; the framework's own included."""
    if isinstance(raised, AftershowError):
        return raised
    if isinstance(raised, HTTPException):
        if raised.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            return MethodNotAllowed()
        if raised.status_code == HTTPStatus.NOT_FOUND:
            return NotFound()
        if raised.status_code == HTTPStatus.BAD_REQUEST:
            return BadRequest("malformed_form", N_("The form could not be read."))
    if isinstance(raised, ClientDisconnect):
        return BadRequest("disconnected")
    if isinstance(raised, ConstraintViolated):
        # Two ids of one millisecond (see `forum.core.ids`): nothing was written, and trying again is right.
        return unavailable("storage_busy")
    return AftershowError(detail=N_("It was not your doing, and nothing you sent was saved. Please try again."))


def is_for_programs(path: str) -> bool:
    """Programs ask under /api/v1 and for health; everybody else is shown a page."""
    return path.startswith("/api/v1") or path in ("/healthz", "/readyz", "/metrics")


def is_for_sign_in(path: str) -> bool:
    """Windows that frames have opened ask here: an answer that cuts off its opener would lose the way back."""
    return path == "/auth" or path.startswith("/auth/")


class Problems:
    """The one mapper from exceptions to answers."""

    def __init__(self, renderer: Renderer, *, https: bool) -> None:
        self._renderer = renderer
        self._https = https

    async def answer(self, request: Request, raised: Exception) -> Response:
        """The answer to an exception, in the reader's language, never to be kept by a cache."""
        error = as_error(raised)
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(raised, AftershowError):
            # The pattern only: addresses may hold what signs somebody in.
            route = getattr(request.scope.get("route"), "path", "unmatched")
            log.error("unexpected error", method=request.method, route=route, exc_info=raised)
        language = self._language(request)
        headers: dict[str, str] = {"cache-control": "no-store"}
        if error.retry_after is not None:
            headers["retry-after"] = str(error.retry_after)
        headers |= _headers_of(raised)
        if is_for_programs(request.url.path):
            return self._json(error, language, headers)
        return self._page(request, error, language, headers)

    @staticmethod
    def _language(request: Request) -> Language:
        asked = request.query_params.get("lang")
        return choose(asked) if asked else choose_accepted(request.headers.get("accept-language", ""))

    def _json(self, error: AftershowError, language: Language, headers: dict[str, str]) -> Response:
        headers = {**data_headers(https=self._https), **headers}
        body = orjson.dumps(document(error, language))
        return Response(body, error.status, headers, media_type=PROBLEM)

    def _page(self, request: Request, error: AftershowError, language: Language, headers: dict[str, str]) -> Response:
        said = sentences(error, language)
        page = ErrorPage(
            status=error.status,
            title=language.text(error.title),
            detail=" ".join(said.values()) if error.detail or error.errors else "",
            typed=getattr(request.state, "typed", None),
            back_href=getattr(request.state, "back_href", None),
            origins=getattr(request.state, "frame_origins", ()),
            frame=_is_framed(request),
        )
        # Pages that know whose site they belong to say who may frame their errors (`frame_headers`). Where nobody can
        # know it (an unknown id, a form refused before it was read), no page of another origin may: naming every
        # site's origins would let each of them frame what belongs to the others.
        alone = auth_headers if is_for_sign_in(request.url.path) else page_headers
        shell: Mapping[str, str] = getattr(request.state, "frame_headers", alone(https=self._https))
        body = self._renderer.page("pages/error.html", page, language)
        return Response(body, error.status, {**shell, **headers}, media_type="text/html; charset=utf-8")


def _is_framed(request: Request) -> bool:
    if request.query_params.get("frame") == "1" or hasattr(request.state, "frame_headers"):
        return True
    return request.method in ("GET", "HEAD") and request.url.path.startswith("/embed/")


def _headers_of(raised: Exception) -> dict[str, str]:
    return dict(raised.headers or {}) if isinstance(raised, HTTPException) else {}
