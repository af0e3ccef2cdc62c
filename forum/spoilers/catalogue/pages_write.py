"""The editors' forms: add a work, correct a work. They need no scripts; a refusal brings back all that was typed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts.model import Role
from forum.accounts.present import actor_view
from forum.accounts.service_roles import find_staff
from forum.accounts.views import AccountView
from forum.core.i18n import N_
from forum.errors import AftershowError, Conflict, Invalid, Unauthorized, Unavailable
from forum.runtime import Runtime
from forum.sites.service import is_any_secret
from forum.spoilers.catalogue import service_works as works
from forum.spoilers.catalogue.drafts import CatalogueProblem
from forum.spoilers.catalogue.pages import ShowQuery, language_of
from forum.spoilers.catalogue.pages_changes import sentences as told
from forum.spoilers.catalogue.pages_fields import (
    EMPTY,
    FORM_FIELDS,
    ID_USED,
    FormRefused,
    fields_of,
    fits,
    read_form_of,
    typed,
)
from forum.spoilers.catalogue.pages_view import EditPage, kept_query, kinds
from forum.spoilers.catalogue.service_catalogue import save_work
from forum.spoilers.model import Work
from forum.web.headers import shell_headers
from forum.web.inputs import read_form, read_query
from forum.web.languages import Language, choose
from forum.web.limits import CATALOGUE
from forum.web.pages import personal_page, see_other
from forum.web.problems import MENDABLE, sentences
from forum.web.visitors import visitor_of

BAD_SECRET: Final = N_("That is not the secret key of a site on this server.")
TOO_LONG: Final = N_("This work has too many parts for a form. Let the operator import a file.")
CHANGED: Final = N_(
    "Somebody else has changed this work in the meantime, and nothing of yours is saved yet. Below you see what saving "
    "would change now."
)
# What is refused because of what is there already, in words for somebody who typed it.
HELD: Final[Mapping[str, str]] = {
    "id_taken": ID_USED,
    "referenced": N_(
        "Spoilers point at %(found)s, so it can't go. Put its line back, or ask the operator to import a file that "
        "merges it into another part."
    ),
    "reordered": N_(
        "Spoilers point at %(found)s: what stands before it must stay before it, or they would cover something else. "
        "Put the lines back in their order, or ask the operator to import a file that reorders them."
    ),
}


@dataclass(frozen=True, slots=True)
class Visit:
    """A form on its way: `known` is the work as it is now, None for a new one; `franchises` are titles by id;
    `editor` is who is signed in and may save without a site's key."""

    rt: Runtime
    language: Language
    known: Work | None
    franchises: Mapping[str, str]
    editor: AccountView | None
    kept: str = ""

    def page(
        self,
        fields: Mapping[str, str],
        *,
        error: AftershowError | None = None,
        changes: tuple[str, ...] | None = None,
        seen: str | None = None,
    ) -> Response:
        """The form, with what was wrong and what it would change."""
        errors = {} if error is None else _said(error, self.language)
        known = self.known
        page = EditPage(
            id=None if known is None else known.id,
            title=None if known is None else known.title,
            action="/catalogue/new" if known is None else f"/catalogue/{known.id}/edit",
            back_href=f"/catalogue{self.kept}" if known is None else f"/catalogue/{known.id}{self.kept}",
            fields=fields,
            refused=error is not None,
            errors={**dict.fromkeys((*EMPTY, "secret", ""), ""), **errors},
            summary=tuple((name, text) for name, text in errors.items() if name),
            changes=changes,
            kinds=kinds(self.language),
            franchises=tuple(self.franchises.items()),
            seen=seen or ("" if known is None else digest(known)),
            editor=self.editor,
        )
        headers, status = shell_headers(None, https=self.rt.settings.secure_cookies), 200
        if error is not None:
            status = error.status
            if error.retry_after is not None:
                headers["retry-after"] = str(error.retry_after)
        return personal_page(self.rt.renderer.page("pages/catalogue_edit.html", page, self.language), headers, status)


class Sight:
    """Whether a work is as somebody saw it ("": however it is), and how it was found to be."""

    def __init__(self, seen: str) -> None:
        self._seen = seen
        self.found = ""

    def __call__(self, work: Work) -> bool:
        self.found = digest(work)
        return self._seen in ("", self.found)


def digest(work: Work) -> str:
    """What an editor sees of a work, as a short text that is another one when any of it changes."""
    return hashlib.sha256(orjson.dumps(fields_of(work))).hexdigest()[:32]


def routes(rt: Runtime) -> list[BaseRoute]:
    """The addresses of the forms. They stand before that of a work, which could be called like one of them."""

    async def form(request: Request) -> Response:
        work_id = request.path_params.get("work")
        request.state.back_href = f"/catalogue/{work_id}" if work_id else "/catalogue"
        return await (save_form if request.method == "POST" else empty_form)(rt, request)

    return [
        Route("/catalogue/new", form, methods=["GET", "POST"]),
        Route("/catalogue/{work}/edit", form, methods=["GET", "POST"]),
    ]


async def empty_form(rt: Runtime, request: Request) -> Response:
    """GET /catalogue/new and /catalogue/{work}/edit."""
    query = read_query(request, ShowQuery)
    visit = await _visit(rt, request, language_of(request, query.lang))
    visit = replace(visit, kept=kept_query(visit.language.code if query.lang else None))
    fields = EMPTY if visit.known is None else fields_of(visit.known)
    if not fits(fields):
        raise Invalid("too_many_units", TOO_LONG)
    return visit.page(fields)


async def _visit(rt: Runtime, request: Request, language: Language) -> Visit:
    work_id = request.path_params.get("work")
    known = None if work_id is None else await works.get_work(rt, work_id)
    editor = actor_view(await find_staff(rt, visitor_of(request, rt.settings), Role.EDITOR))
    return Visit(rt, language, known, dict(await works.list_franchises(rt)), editor)


async def save_form(rt: Runtime, request: Request) -> Response:
    """POST: save the work, or (with `preview`) say what that would change."""
    values = await read_form(request, FORM_FIELDS)
    # From here on an error page gives the typed text back.
    request.state.typed = "\n\n".join(text for text in typed(values).values() if text)
    visit = await _visit(rt, request, choose(values.get("lang")))
    try:
        await rt.limiter.check(CATALOGUE, visitor_of(request, rt.settings))
        if values.get("preview"):
            return await _preview(visit, values)
        if visit.editor is None and not await is_any_secret(rt, values.get("secret", "").strip()):
            raise Unauthorized()
        return await _save(visit, values)
    except AftershowError as error:
        if error.status not in (401, *MENDABLE):
            raise
        try:
            return await _again(visit, values, error)
        except Unavailable:
            raise error from None


async def _preview(visit: Visit, values: Mapping[str, str], error: AftershowError | None = None) -> Response:
    written = read_form_of(values, visit.known, visit.franchises)
    sight = None if visit.known is None else Sight("")
    _, diff = await save_work(visit.rt, written.work, seen=sight, franchises=written.franchises, dry_run=True)
    changes = told(diff, written.work, visit.known, {**visit.franchises, **written.franchises}, visit.language)
    # Who was shown what their form changes now may save it.
    return visit.page(typed(values), changes=changes, seen=None if sight is None else sight.found, error=error)


async def _save(visit: Visit, values: Mapping[str, str]) -> Response:
    written = read_form_of(values, visit.known, visit.franchises)
    # A form that says not what it saw has seen nothing.
    sight = None if visit.known is None else Sight(values.get("seen") or "nothing")
    work, _ = await save_work(visit.rt, written.work, seen=sight, franchises=written.franchises)
    return see_other(f"/catalogue/{work.id}?saved=1&lang={visit.language.code}")


async def _again(visit: Visit, values: Mapping[str, str], error: AftershowError) -> Response:
    """The form with all that was typed but the key. After a conflict with what it changes by now."""
    if error.code == "work_changed":
        try:
            return await _preview(visit, values, Conflict(error.code, CHANGED))
        except Invalid as invalid:
            error = invalid
    return visit.page(typed(values), error=error, seen=values.get("seen"))


def _said(error: AftershowError, language: Language) -> dict[str, str]:
    """What is wrong, by field of the form; "" is the form itself."""
    if isinstance(error, FormRefused):
        return error.sentences(language)
    if isinstance(error, Unauthorized):
        return {"secret": language.text(BAD_SECRET)}
    if isinstance(error, CatalogueProblem):
        place = error.place if error.place in EMPTY else ""
        return {place: language.text(HELD.get(error.code, error.detail), error.params)}
    return {"": sentences(error, language)[""]}
