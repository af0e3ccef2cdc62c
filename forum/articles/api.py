"""The HTTP API of articles: counts for list pages, announcing, and what publishers say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field
from starlette.requests import Request
from starlette.responses import Response

from forum.articles.model import MAX_TITLE, DiscussionState, tag_of, unknown_tag
from forum.articles.present import discussion_view
from forum.articles.service import Description, announce_article, count_comments, describe_article, locate
from forum.articles.urls import UrlProblem, origin_of
from forum.articles.views import DiscussionView
from forum.core.decision import Deny
from forum.core.i18n import N_
from forum.core.text import TextProblem, clean_line
from forum.errors import FieldError, Invalid, Unauthorized
from forum.markup import is_spoiler_free
from forum.runtime import Runtime
from forum.sites.model import TAG as SITES_TAG
from forum.sites.model import Site
from forum.sites.policy import may_publish
from forum.sites.service import get_site
from forum.web.inputs import JSON, Input, Query, read_json, read_query
from forum.web.limits import ANNOUNCE, PUBLISH
from forum.web.operations import Operation, Success, json_bytes, json_response
from forum.web.pages import Finished, public_answer, public_data_headers
from forum.web.visitors import bearer_of, visitor_of

MOST_URLS = 100
MAX_PROMPT, MAX_AUTHOR = 300, 100


@dataclass(frozen=True, slots=True)
class CountsAnswer:
    """Readable comments by address, as the addresses were asked for."""

    counts: Mapping[str, int]


class CountParams(Query):
    """Which articles to count for."""

    url: Annotated[
        list[Annotated[str, Field(max_length=2_000)]],
        Field(min_length=1, max_length=MOST_URLS, description="An article's address; give it up to 100 times."),
    ]


class AnnounceInput(Input):
    """An article that an embed met."""

    url: Annotated[str, Field(max_length=2_000, description="The article's address.")]
    identifier: Annotated[str | None, Field(max_length=200, description="The site's own name for the article.")] = None


def _in_utc(moment: datetime | None) -> datetime | None:
    try:
        return None if moment is None else moment.astimezone(UTC)
    except OverflowError as error:  # the first or last hours that there are, in another zone
        raise ValueError("out of range") from error


class ArticleInput(Input):
    """What a publisher says about an article. A field that is left out stays as it is; null gives it back to what
    the article's page says."""

    url: Annotated[str, Field(max_length=2_000, description="The article's address.")]
    identifier: Annotated[str | None, Field(max_length=200, description="The site's own name for the article.")] = None
    title: Annotated[str | None, Field(max_length=MAX_TITLE)] = None
    prompt: Annotated[str | None, Field(max_length=MAX_PROMPT, description="The question above the composer.")] = None
    author: Annotated[str | None, Field(max_length=MAX_AUTHOR)] = None
    image: Annotated[str | None, Field(max_length=2_000, pattern="^https?://")] = None
    published_at: Annotated[AwareDatetime | None, Field(strict=False), AfterValidator(_in_utc)] = None
    state: Annotated[DiscussionState | None, Field(strict=False, description="open, closed or archived.")] = None


async def counts(rt: Runtime, request: Request) -> Response:
    """GET /api/v1/sites/{site}/counts."""
    params = read_query(request, CountParams, lists=frozenset({"url"}))
    site = await get_site(rt, request.path_params["site"])

    async def make() -> Finished:
        found, discussions = await count_comments(rt, site, params.url)
        tags = {tag_of(discussion_id) for discussion_id in discussions}
        headers = public_data_headers(https=rt.settings.secure_cookies, cors=True)
        kept = frozenset({*tags, SITES_TAG, unknown_tag(site.id)})
        return Finished(json_bytes(CountsAnswer(found)), kept, headers, JSON)

    return await public_answer(rt.cache, request, make)


async def announce(rt: Runtime, request: Request) -> Response:
    """POST /api/v1/sites/{site}/announce."""
    visitor = visitor_of(request, rt.settings)
    sent = await read_json(request, AnnounceInput)
    site = await get_site(rt, request.path_params["site"])
    ref = locate(site, sent.url, sent.identifier)
    await rt.limiter.check(ANNOUNCE, visitor)
    discussion = await announce_article(rt, ref)
    return json_response(discussion_view(discussion, site, rt.settings.public_url))


async def publishing_site(rt: Runtime, request: Request) -> Site:
    """The site of the address, for a request with the site's secret; raises NotFound or Unauthorized."""
    site = await get_site(rt, request.path_params["site"])
    secret = bearer_of(request)
    if secret is None or isinstance(may_publish(site, secret), Deny):
        raise Unauthorized(detail=N_("Send the site's secret key as `Authorization: Bearer …`."))
    return site


async def describe(rt: Runtime, request: Request) -> Response:
    """PUT /api/v1/sites/{site}/articles."""
    site = await publishing_site(rt, request)
    sent = await read_json(request, ArticleInput)
    ref = locate(site, sent.url, sent.identifier)
    await rt.limiter.check(PUBLISH, visitor_of(request, rt.settings))
    discussion = await describe_article(rt, ref, _description(sent))
    return json_response(discussion_view(discussion, site, rt.settings.public_url))


def _description(sent: ArticleInput) -> Description:
    said: dict[str, object] = {}
    for name, most in (("title", MAX_TITLE), ("prompt", MAX_PROMPT), ("author", MAX_AUTHOR)):
        if name in sent.model_fields_set:
            said[name] = _line(name, getattr(sent, name), most)
    if "published_at" in sent.model_fields_set:
        said["published_at"] = sent.published_at
    if "image" in sent.model_fields_set:
        said["image"] = _address("image", sent.image)
    return Description(said, sent.state)


def _line(name: str, value: str | None, most: int) -> str | None:
    if value is None:
        return None
    try:
        line = clean_line(value, most)
    except TextProblem as problem:
        raise Invalid(errors=(FieldError(name, problem.code),)) from problem
    if not is_spoiler_free(line):  # what stands above everything can't be covered
        raise Invalid(errors=(FieldError(name, "spoiler_in_title"),))
    return line


def _address(name: str, value: str | None) -> str | None:
    try:
        if value is not None:
            origin_of(value)
    except UrlProblem as problem:
        raise Invalid(errors=(FieldError(name, problem.code),)) from problem
    return value


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/sites/{site}/counts",
        counts,
        "Comments below many articles",
        Success(200, "The number of readable comments by address.", CountsAnswer),
        description="For list pages: one call for up to 100 addresses, readable from any origin.",
        query=CountParams,
        problems=(404, 422),
        tag="articles",
    ),
    Operation(
        "POST",
        "/api/v1/sites/{site}/announce",
        announce,
        "Announce an article",
        Success(200, "The article's discussion, begun if there was none.", DiscussionView),
        description="Sent by the embed's own script when it meets an article for the first time.",
        body=AnnounceInput,
        problems=(400, 403, 404, 422),
        limit=ANNOUNCE,
        tag="articles",
    ),
    Operation(
        "PUT",
        "/api/v1/sites/{site}/articles",
        describe,
        "Describe an article",
        Success(200, "The article's discussion as it stands now.", DiscussionView),
        description="For publishers. What is said here stands above what the article's page says.",
        body=ArticleInput,
        problems=(400, 401, 403, 404, 422),
        limit=PUBLISH,
        secret=True,
        tag="articles",
    ),
)
