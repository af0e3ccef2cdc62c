"""The composition root: parts, routes and guards of the running product, readable in one place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

import forum
from forum import health
from forum.accounts import pages_sessions
from forum.accounts.frames import api_auth, api_sso, pages_handoff, pages_sso
from forum.accounts.mail import jobs as account_jobs
from forum.accounts.passkeys import api_passkey as passkey_api
from forum.accounts.passkeys import pages_passkey as passkey_pages
from forum.accounts.providers import pages_provider as provider_pages
from forum.accounts.signin import pages as sign_in_pages
from forum.articles import api as articles_api
from forum.articles import jobs as article_jobs
from forum.articles import pages as article_pages
from forum.comments import api as comments_api
from forum.comments import api_reveals as reveals_api
from forum.comments import api_scope as scope_api
from forum.comments import api_write as comment_writes_api
from forum.comments import jobs as comment_jobs
from forum.comments import pages as comment_pages
from forum.comments import pages_spoiler as spoiler_pages
from forum.comments import pages_standing as standing_pages
from forum.comments import pages_write as comment_forms
from forum.core.clock import Clock, SystemClock
from forum.core.ids import IdMaker
from forum.db import Database
from forum.embed import pages as embed_pages
from forum.moderation import jobs as moderation_jobs
from forum.moderation.deciding import api_scope as mod_scope_api
from forum.moderation.deciding import api_verdict as verdicts_api
from forum.moderation.desk import pages_bulk as mod_bulk_pages
from forum.moderation.desk import pages_log as mod_log_pages
from forum.moderation.desk import pages_queue as mod_queue_pages
from forum.moderation.desk import pages_verdict as mod_verdict_pages
from forum.moderation.discussions import api_discussion as mod_discussions_api
from forum.moderation.discussions import pages_discussion as mod_discussion_pages
from forum.moderation.flags import api_flag as flags_api
from forum.moderation.flags import pages_report as report_pages
from forum.moderation.people import api_person as mod_people_api
from forum.moderation.people import pages_person as mod_person_pages
from forum.moderation.queues import api_mod as moderation_api
from forum.moderation.rules import api_rules as mod_rules_api
from forum.moderation.rules import pages_rules as mod_rules_pages
from forum.outbox.worker import Handler, Worker
from forum.people import api as people_api
from forum.people import api_me, pages_data, pages_merge
from forum.people import jobs as people_jobs
from forum.people import pages_moderation as decided_pages
from forum.people import pages_people as muted_pages
from forum.people import pages_profile as profile_pages
from forum.people import pages_progress as progress_pages
from forum.people import pages_settings as settings_pages
from forum.runtime import Runtime
from forum.settings import Settings, WorkerMode
from forum.spoilers import api_publish as spoiler_statements_api
from forum.spoilers import jobs as spoiler_jobs
from forum.spoilers.catalogue import api as works_api
from forum.spoilers.catalogue import pages as catalogue_pages
from forum.spoilers.catalogue import pages_write as catalogue_forms
from forum.web import assets
from forum.web.answers import Answer, key_of
from forum.web.cache import Pieces, TaggedCache
from forum.web.docs import docs_page
from forum.web.egress import Egress
from forum.web.headers import shell_headers
from forum.web.languages import choose_accepted
from forum.web.limits import Limiter
from forum.web.mailer import make_mailer
from forum.web.metrics import Metrics
from forum.web.middleware import BodyLimit, ErrorMapper, Observed, SafeHeaders, SameOriginWrites, log_answer
from forum.web.openapi import document
from forum.web.operations import json_response
from forum.web.operations import routes as operation_routes
from forum.web.pages import personal_page
from forum.web.problems import Problems
from forum.web.rendering import Renderer

OPERATIONS = (
    *comments_api.OPERATIONS,
    *comment_writes_api.OPERATIONS,
    *standing_pages.OPERATIONS,
    *articles_api.OPERATIONS,
    *spoiler_statements_api.OPERATIONS,
    *reveals_api.OPERATIONS,
    *flags_api.OPERATIONS,
    *scope_api.OPERATIONS,
    *works_api.OPERATIONS,
    *api_auth.OPERATIONS,
    *api_sso.OPERATIONS,
    *people_api.OPERATIONS,
    *passkey_api.OPERATIONS,
    *api_me.OPERATIONS,
    *moderation_api.OPERATIONS,
    *verdicts_api.OPERATIONS,
    *mod_scope_api.OPERATIONS,
    *mod_people_api.OPERATIONS,
    *mod_rules_api.OPERATIONS,
    *mod_discussions_api.OPERATIONS,
)
MEBIBYTE = 1024 * 1024
# Lists of thousands of words, from people who may write rules.
LARGER = dict.fromkeys(("/mod/rules", "/api/v1/mod/rules", "/api/v1/mod/rules/dry-run"), MEBIBYTE)


class Aftershow(Starlette):
    """The application. What is finished is sent before routing, middleware or a connection come into it."""

    def __init__(self, rt: Runtime, **options: Any) -> None:
        super().__init__(**options)
        self.rt = rt
        # Such a redirect would take its address from the request's `Host`.
        self.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            answer = self.rt.cache.peek(key_of(scope))
            if isinstance(answer, Answer):
                await answer.send(scope, send)
                return
        await super().__call__(scope, receive, send)


def create_runtime(
    settings: Settings, *, clock: Clock | None = None, egress: Egress | None = None, serving: bool = True
) -> Runtime:
    """The parts, not yet connected to anything. On SQLite the `serving` process is the one that checkpoints."""
    clock = clock or SystemClock()
    # Half for finished answers, half for the pieces that the next answer is made of.
    memory = settings.cache_megabytes * MEBIBYTE
    cache, pieces = TaggedCache(memory // 2), Pieces(memory // 2)
    db = Database(settings.database_url, read_url=settings.database_read_url, checkpoints=serving)
    db.on_change(cache.invalidate)
    db.on_change(pieces.hear)
    return Runtime(
        settings=settings,
        db=db,
        clock=clock,
        ids=IdMaker(clock),
        cache=cache,
        pieces=pieces,
        renderer=Renderer(settings.public_url),
        egress=egress
        or Egress(public_url=settings.public_url, ports=settings.egress_ports, local=settings.egress_local),
        limiter=Limiter(settings.rate_limit_storage, enabled=settings.rate_limits),
        mailer=make_mailer(settings),
    )


def create_app(settings: Settings, *, clock: Clock | None = None, egress: Egress | None = None) -> Aftershow:
    """The application for these settings. Its lifespan connects the database, watches it and runs the worker."""
    rt = create_runtime(settings, clock=clock, egress=egress)
    metrics = Metrics(rt.cache)
    problems = Problems(rt.renderer, https=settings.secure_cookies)

    def observe(scope: Mapping[str, Any], status: int, seconds: float) -> None:
        metrics.observe(scope, status, seconds)
        log_answer(scope, status, seconds)

    return Aftershow(
        rt,
        routes=routes(rt, metrics),
        lifespan=_lifespan,
        # Outermost first. Writes from other origins are refused before their body is read.
        middleware=[
            Middleware(Observed, observe=observe),
            Middleware(SafeHeaders, settings=settings),
            Middleware(ErrorMapper, problems=problems),
            Middleware(SameOriginWrites, settings=settings, elsewhere=(pages_sso.ELSEWHERE,)),
            Middleware(BodyLimit, larger=LARGER),
        ],
        exception_handlers={HTTPException: problems.answer},
    )


def routes(rt: Runtime, metrics: Metrics) -> list[BaseRoute]:
    """Every address of the product."""
    return [
        *health.routes(rt, metrics),
        *article_pages.routes(rt),
        *comment_pages.routes(rt),
        *comment_forms.routes(rt),
        *spoiler_pages.routes(rt),
        *standing_pages.routes(rt),
        *report_pages.routes(rt),
        *mod_person_pages.routes(rt),
        *mod_rules_pages.routes(rt),
        *mod_queue_pages.routes(rt),
        *mod_verdict_pages.routes(rt),
        *mod_bulk_pages.routes(rt),
        *mod_log_pages.routes(rt),
        *mod_discussion_pages.routes(rt),
        *embed_pages.routes(rt),
        *sign_in_pages.routes(rt),
        *pages_handoff.routes(rt),
        *pages_sso.routes(rt),
        *pages_sessions.routes(rt),
        *provider_pages.routes(rt),
        *passkey_pages.routes(rt),
        *catalogue_forms.routes(rt),
        *catalogue_pages.routes(rt),
        *profile_pages.routes(rt),
        *settings_pages.routes(rt),
        *muted_pages.routes(rt),
        *decided_pages.routes(rt),
        *progress_pages.routes(rt),
        *pages_data.routes(rt),
        *pages_merge.routes(rt),
        *operation_routes(OPERATIONS, rt),
        *_documentation(rt),
        *assets.routes(https=rt.settings.secure_cookies),
    ]


def _documentation(rt: Runtime) -> list[BaseRoute]:
    @cache  # not before somebody asks: describing every schema is most of what it takes to start
    def described() -> dict[str, Any]:
        return document(OPERATIONS, version=forum.__version__, public_url=rt.settings.public_url)

    async def openapi(_: Request) -> Response:
        return json_response(described(), headers={"access-control-allow-origin": "*"})

    async def docs(request: Request) -> Response:
        language = choose_accepted(request.headers.get("accept-language", ""))
        body = rt.renderer.page("pages/docs.html", docs_page(described()), language)
        return personal_page(body, shell_headers(None, https=rt.settings.secure_cookies))

    return [
        Route("/api/v1/openapi.json", openapi, methods=["GET"]),
        Route("/api/docs", docs, methods=["GET"]),
    ]


def handlers(rt: Runtime) -> dict[str, Handler]:
    """Who does the work of the outbox."""
    return {
        **account_jobs.handlers(rt),
        **article_jobs.handlers(rt),
        **spoiler_jobs.handlers(rt),
        **moderation_jobs.handlers(rt),
        **people_jobs.handlers(rt),
    }


def worker_of(rt: Runtime) -> Worker:
    """Who hands the work out."""
    return Worker(rt.db, rt.clock, handlers(rt), most_of=moderation_jobs.MOST_AT_WORK)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    if not isinstance(app, Aftershow):
        raise TypeError("this lifespan belongs to Aftershow")
    async with running(app.rt, work=app.rt.settings.worker is WorkerMode.INLINE):
        yield


@asynccontextmanager
async def running(rt: Runtime, *, work: bool) -> AsyncIterator[None]:
    """The parts connected, and (with `work`) the worker running, for the length of a block."""
    await rt.db.connect()
    tasks: list[asyncio.Task[None]] = []
    try:
        await rt.db.watch()
        if work:
            tasks.append(asyncio.create_task(worker_of(rt).run_forever(), name="worker"))
            tasks.append(asyncio.create_task(comment_jobs.sweep_forever(rt), name="sweep"))
            tasks.append(asyncio.create_task(moderation_jobs.sweep_forever(rt), name="moderation"))
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await rt.egress.aclose()
        await rt.db.close()
