"""What the forms of a discussion hold, read and checked; who sent them, and where their errors can be read."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request

from forum.articles.model import ArticleRef
from forum.articles.service import locate
from forum.comments.model import is_key
from forum.comments.pages_view import Look
from forum.core.ids import parse_id
from forum.core.visitor import Visitor
from forum.errors import FieldError, Invalid
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.web.headers import embed_headers
from forum.web.inputs import read_form
from forum.web.limits import PREVIEW, Rule
from forum.web.visitors import visitor_of

# Every form says how its page looks; the one to write in has these fields too.
LOOK_FIELDS = frozenset({"frame", "theme", "accent", "lang", "assumes", "works"})
POST_FIELDS = LOOK_FIELDS | {"url", "identifier", "discussion_id", "parent_id", "body", "author_name", "key"}
POST_FIELDS |= {"revision", "preview", "scope"}


async def form_fields(request: Request, names: frozenset[str]) -> dict[str, str]:
    """A form's fields. From here on an error page gives the typed text back."""
    values = await read_form(request, names)
    request.state.form = values
    request.state.typed = values.get("body") or None
    return values


async def counted_visitor(rt: Runtime, request: Request, values: dict[str, str], limit: Rule) -> Visitor:
    """Who sent the form, once their limit allows it."""
    visitor = visitor_of(request, rt.settings)
    await rt.limiter.check(PREVIEW if values.get("preview") else limit, visitor)
    return visitor


def frame_errors(rt: Runtime, request: Request, site: Site, values: Mapping[str, str]) -> None:
    """From here on an error page can be read where the page stands: in the frame of an article's page, if in one."""
    if values.get("frame") == "1":
        request.state.frame_origins = site.origins
        request.state.frame_headers = embed_headers(site.origins, https=rt.settings.secure_cookies)


def look_of(values: Mapping[str, str]) -> Look:
    """How the page that sent the form looks; raises Invalid."""
    known = {name: values[name] for name in LOOK_FIELDS if values.get(name)}
    try:
        return Look.model_validate(known)
    except ValueError as error:
        raise Invalid(errors=(FieldError("lang", "wrong_value"),)) from error


def id_field(values: Mapping[str, str], name: str) -> int | None:
    """An id, or None where the field is empty; raises Invalid."""
    if not values.get(name):
        return None
    try:
        return parse_id(values[name])
    except ValueError as error:
        raise Invalid(errors=(FieldError(name, "wrong_value"),)) from error


def key_field(values: dict[str, str]) -> str | None:
    """The form's idempotency key; raises Invalid for one that can't be kept."""
    key = values.get("key") or None
    if key is not None and not is_key(key):
        raise Invalid(errors=(FieldError("key", "wrong_value"),))
    return key


def scope_field(values: Mapping[str, str]) -> tuple[str, ...] | None:
    """What a reply gives away: empty for what its parent does, "none" for nothing; raises Invalid for anything else."""
    said = values.get("scope", "")
    if said not in ("", "none"):
        raise Invalid(errors=(FieldError("scope", "wrong_value"),))
    return () if said == "none" else None


def article_of(site: Site, values: dict[str, str]) -> int | ArticleRef:
    """Which discussion the form belongs to; raises Invalid or NotFound."""
    discussion_id = id_field(values, "discussion_id")
    if discussion_id is not None:
        return discussion_id
    return locate(site, values.get("url", ""), values.get("identifier"))
