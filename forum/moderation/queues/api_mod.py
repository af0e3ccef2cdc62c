"""The HTTP API of the queues: what waits, one comment with all around it, its text, and the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.accounts.model import Role
from forum.accounts.settings_pages import language_of
from forum.comments.review.model import Queue
from forum.moderation.deciding.scene import require_seen
from forum.moderation.guard import Moderator, guarded_api, mod_site, sites_of
from forum.moderation.queues.model import Filters
from forum.moderation.queues.present import count_view, log_view, queue_view
from forum.moderation.queues.present_item import item_view, reveal_view
from forum.moderation.queues.service_history import LogFilter, read_log
from forum.moderation.queues.service_item import read_item
from forum.moderation.queues.service_queue import count_queues, first_waiting, read_queue
from forum.moderation.queues.views import CountView, ItemView, LogView, QueueView, RevealedView
from forum.runtime import Runtime
from forum.web.inputs import Id, Input, Query, path_id, read_json, read_query
from forum.web.limits import MODERATE
from forum.web.operations import Operation, Success, json_response

Key = Annotated[str, Field(max_length=40, description="The site's key.")]
Hours = Annotated[int | None, Field(ge=1, le=100_000)]
MAX_CURSOR, MAX_RULE = 100, 60


class QueuesParams(Query):
    """On which site; without one on the first where something waits."""

    site: Annotated[str | None, Field(max_length=40, description="The site's key.")] = None


class ItemsParams(Query):
    """Which queue of which site, and what of it. Ages are those of comments."""

    site: Key
    queue: Annotated[Queue, Field(description="The queue.")]
    cursor: Annotated[str | None, Field(max_length=MAX_CURSOR, description="`next` of the answer before.")] = None
    discussion: Annotated[Id | None, Field(description="Only comments in this discussion.")] = None
    person: Annotated[Id | None, Field(description="Only comments of this person.")] = None
    rule: Annotated[str | None, Field(max_length=MAX_RULE, description="Only what this rule has put here.")] = None
    older_than_hours: Annotated[Hours, Field(description="Only comments at least this old.")] = None
    newer_than_hours: Annotated[Hours, Field(description="Only comments at most this old.")] = None


class LogParams(Query):
    """Which decisions of which site."""

    site: Key
    cursor: Annotated[str | None, Field(max_length=MAX_CURSOR, description="`next` of the answer before.")] = None
    comment: Annotated[Id | None, Field(description="Only those about this comment.")] = None
    person: Annotated[Id | None, Field(description="Only those about this person and what they wrote.")] = None
    discussion: Annotated[Id | None, Field(description="Only those about this discussion and what is in it.")] = None
    by: Annotated[Id | None, Field(description="Only those of this moderator.")] = None


class RevealInput(Input):
    """Which text is wanted: that of the revision that was looked at, or whatever there is now."""

    revision: Annotated[int | None, Field(ge=1, description="The revision that was looked at.")] = None


@dataclass(frozen=True, slots=True)
class ModeratedSite:
    """A site on which one may moderate, and as what."""

    key: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class QueuesAnswer:
    """The sites one may moderate, and how many wait in each queue of one of them."""

    site: str
    sites: tuple[ModeratedSite, ...]
    queues: tuple[CountView, ...]


async def queues(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """GET /api/v1/mod/queues."""
    asked = read_query(request, QueuesParams)
    mine = await sites_of(rt, mod)
    site = await mod_site(rt, mod, asked.site, Role.TRUSTED) if asked.site else await first_waiting(rt, mine)
    counts = await count_queues(rt, mod, site)
    listed = tuple(ModeratedSite(one.key, one.name, mod.roles[one.id].value) for one in mine)
    return json_response(QueuesAnswer(site.key, listed, tuple(count_view(q, n) for q, n in counts.items())))


async def items(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """GET /api/v1/mod/items."""
    asked = read_query(request, ItemsParams)
    site = await mod_site(rt, mod, asked.site, Role.TRUSTED)
    page = await read_queue(rt, mod, site, asked.queue, _filters(asked, rt.clock.now()), cursor=asked.cursor)
    return json_response(await queue_view(rt, mod, page, language_of(mod.account, request)))


def _filters(asked: ItemsParams, now: datetime) -> Filters:
    older, newer = asked.older_than_hours, asked.newer_than_hours
    return Filters(
        discussion_id=asked.discussion,
        author_id=asked.person,
        rule=asked.rule,
        before=None if older is None else now - timedelta(hours=older),
        after=None if newer is None else now - timedelta(hours=newer),
    )


async def item(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """GET /api/v1/mod/items/{id}."""
    page = await read_item(rt, mod, path_id(request))
    return json_response(await item_view(rt, mod, page, language_of(mod.account, request)))


async def reveal(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST /api/v1/mod/items/{id}/reveal."""
    comment_id = path_id(request)
    asked = await read_json(request, RevealInput)
    page = await read_item(rt, mod, comment_id, typed=True)
    require_seen(page.entry.comment, asked.revision)
    return json_response(await reveal_view(rt, page, language_of(mod.account, request)))


async def log(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """GET /api/v1/mod/log."""
    asked = read_query(request, LogParams)
    site = await mod_site(rt, mod, asked.site)
    wanted = LogFilter(asked.comment, asked.person, asked.discussion, asked.by)
    page = await read_log(rt, mod, site, wanted, cursor=asked.cursor)
    return json_response(await log_view(rt, page, language_of(mod.account, request)))


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/mod/queues",
        guarded_api(queues, role=Role.TRUSTED),
        "How much waits",
        Success(200, "The queues of a site. More than a thousand are not counted.", QueuesAnswer),
        description="People who are trusted, and no more, see the queue of spoilers alone.",
        query=QueuesParams,
        problems=(401, 404, 422),
        limit=MODERATE,
        tag="moderation",
    ),
    Operation(
        "GET",
        "/api/v1/mod/items",
        guarded_api(items, role=Role.TRUSTED),
        "A page of a queue",
        Success(200, "What waits, the most urgent first.", QueueView),
        description="What its reader has not got far enough for is covered.",
        query=ItemsParams,
        problems=(401, 404, 422),
        limit=MODERATE,
        tag="moderation",
    ),
    Operation(
        "GET",
        "/api/v1/mod/items/{id}",
        guarded_api(item, role=Role.TRUSTED),
        "A comment and what to know before a verdict",
        Success(200, "The comment, why it is here, who wrote it, and what each verdict would do.", ItemView),
        problems=(401, 404),
        limit=MODERATE,
        tag="moderation",
    ),
    Operation(
        "POST",
        "/api/v1/mod/items/{id}/reveal",
        guarded_api(reveal, role=Role.TRUSTED),
        "Reveal a comment to moderate it",
        Success(200, "The whole text.", RevealedView),
        description="Every verdict can be given without it.",
        body=RevealInput,
        problems=(400, 401, 403, 404, 409, 422),
        limit=MODERATE,
        tag="moderation",
    ),
    Operation(
        "GET",
        "/api/v1/mod/log",
        guarded_api(log),
        "The log of decisions",
        Success(200, "Decisions, the latest first. Nothing of any comment's text.", LogView),
        query=LogParams,
        problems=(401, 404, 422),
        limit=MODERATE,
        tag="moderation",
    ),
)
