"""Alive, ready, and measured: what load balancers and operators ask."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.errors import NotFound
from forum.outbox import queries as outbox
from forum.runtime import Runtime
from forum.web.metrics import CONTENT_TYPE, Metrics
from forum.web.operations import json_response


def routes(rt: Runtime, metrics: Metrics) -> list[BaseRoute]:
    """/healthz, /readyz and (where it is switched on) /metrics."""

    async def healthz(_: Request) -> Response:
        return json_response({"status": "ok"})

    async def readyz(_: Request) -> Response:
        # Raises Unavailable, which answers 503, while the database can't be read.
        async with rt.db.read(fresh=True) as tx:
            jobs, dead = await outbox.count_jobs(tx)
        return json_response({"status": "ready", "outbox": {"jobs": jobs, "dead": dead}})

    async def metrics_text(_: Request) -> Response:
        if not rt.settings.metrics:
            raise NotFound()
        async with rt.db.read(fresh=True) as tx:
            jobs, dead = await outbox.count_jobs(tx)
        return Response(metrics.text(jobs=jobs, dead=dead), headers={"content-type": CONTENT_TYPE})

    return [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
        Route("/metrics", metrics_text, methods=["GET"]),
    ]
