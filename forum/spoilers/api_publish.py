"""The HTTP API by which publishers say what a discussion gives away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.articles.api import publishing_site
from forum.articles.assumed import MAX_WORKS, parts_of
from forum.articles.model import Gate
from forum.articles.present import discussion_view
from forum.articles.service import locate
from forum.articles.views import DiscussionView
from forum.errors import FieldError, Invalid
from forum.runtime import Runtime
from forum.spoilers.service import book
from forum.spoilers.service_warned import Statement, not_understood, state_warning, warning_view
from forum.web.inputs import Input, read_json
from forum.web.limits import PUBLISH
from forum.web.operations import Operation, Success, json_response
from forum.web.visitors import visitor_of

MAX_POINTS = 50
MAX_TOKEN = 150  # characters
MAX_STATED = 2_000  # characters of points in one text
MAX_DAYS = 36_500

_Token = Annotated[str, Field(max_length=MAX_TOKEN)]
_Stated = Annotated[str, Field(max_length=MAX_STATED)]


class SpoilersInput(Input):
    """What a publisher says about an article's discussion. A field that is left out stays as it is."""

    url: Annotated[str, Field(max_length=2_000, description="The article's address.")]
    identifier: Annotated[str | None, Field(max_length=200, description="The site's own name for the article.")] = None
    assumes: Annotated[
        Annotated[list[_Token], Field(max_length=MAX_POINTS)] | _Stated | None,
        Field(description='How far readers are, like "jessica-jones:S1E13". null gives all of it back to the page.'),
    ] = None
    works: Annotated[
        list[_Token] | None, Field(max_length=MAX_WORKS, description="Ids of what it is about, the main work first.")
    ] = None
    gate: Annotated[Gate | None, Field(strict=False, description="ask, assume or off.")] = None
    expiry_days: Annotated[
        int | None, Field(ge=0, le=MAX_DAYS, description="Stands above the site's rule; null: the site's rule.")
    ] = None


@dataclass(frozen=True, slots=True)
class SpoilersAnswer:
    """What the discussion gives away now. `unknown` is what the catalogue does not know of what its page says."""

    discussion: DiscussionView
    scope: tuple[str, ...]
    label: str
    works: tuple[str, ...]
    gate: str
    expiry_days: int | None
    unknown: tuple[str, ...]


async def state_spoilers(rt: Runtime, request: Request) -> Response:
    """PUT /api/v1/sites/{site}/articles/spoilers."""
    site = await publishing_site(rt, request)
    sent = await read_json(request, SpoilersInput)
    said = _statement(sent)
    ref = locate(site, sent.url, sent.identifier)
    await rt.limiter.check(PUBLISH, visitor_of(request, rt.settings))
    discussion = await state_warning(rt, ref, said)
    warning = warning_view(await book(rt), discussion.warned)
    answer = SpoilersAnswer(
        discussion=discussion_view(discussion, site, rt.settings.public_url, warning=warning),
        scope=warning.scope,
        label=warning.label,
        works=warning.works,
        gate=warning.gate,
        expiry_days=discussion.warned.expiry_days,
        unknown=await not_understood(rt, discussion),
    )
    return json_response(answer)


def _statement(sent: SpoilersInput) -> Statement:
    """The statement in a request; raises Invalid for one that gives everything back and keeps some of it."""
    gives_back = "assumes" in sent.model_fields_set and sent.assumes is None
    contradicted = [name for name in ("works", "gate") if gives_back and getattr(sent, name) is not None]
    if contradicted:
        raise Invalid(errors=tuple(FieldError(name, "wrong_value") for name in contradicted))
    assumes = " ".join(sent.assumes) if isinstance(sent.assumes, list) else sent.assumes
    points = None if assumes is None else parts_of(assumes)
    if points is not None and len(points) > MAX_POINTS:
        raise Invalid(errors=(FieldError("assumes", "too_long"),))
    return Statement(
        assumes=points,
        works=None if sent.works is None else tuple(dict.fromkeys(sent.works)),
        gate=sent.gate,
        expiry_days=sent.expiry_days,
        sets_expiry="expiry_days" in sent.model_fields_set,
        gives_back=gives_back,
    )


OPERATIONS = (
    Operation(
        "PUT",
        "/api/v1/sites/{site}/articles/spoilers",
        state_spoilers,
        "Say what a discussion gives away",
        Success(200, "What the discussion gives away now; it is begun if there was none.", SpoilersAnswer),
        description="For publishers. From then on the article's page is not asked, until `assumes` is null.",
        body=SpoilersInput,
        problems=(400, 401, 403, 404, 422),
        limit=PUBLISH,
        secret=True,
        tag="articles",
    ),
)
