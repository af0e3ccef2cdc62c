"""Numbers for Prometheus: answers by route, the cache, the outbox. No addresses, no names, no text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from forum.web.cache import TaggedCache
from forum.web.middleware import route_of

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Metrics:
    """What one process counts."""

    def __init__(self, cache: TaggedCache) -> None:
        self._cache = cache
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._answers = Counter(
            "aftershow_answers", "Answers that were not already finished.", labels, registry=self.registry
        )
        self._seconds = Histogram(
            "aftershow_answer_seconds",
            "Time to answer, in seconds.",
            ("route",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._hits = Gauge("aftershow_cache_hits", "Answers sent from memory.", registry=self.registry)
        self._misses = Gauge("aftershow_cache_misses", "Things made anew.", registry=self.registry)
        self._bytes = Gauge("aftershow_cache_bytes", "Memory held by finished answers.", registry=self.registry)
        self._jobs = Gauge("aftershow_outbox_jobs", "Jobs in the outbox.", registry=self.registry)
        self._dead = Gauge("aftershow_outbox_dead_jobs", "Jobs that were given up.", registry=self.registry)

    def observe(self, scope: Mapping[str, Any], status: int, seconds: float) -> None:
        """Count an answer."""
        route = route_of(scope)
        self._answers.labels(scope["method"], route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self, *, jobs: int, dead: int) -> bytes:
        """Everything, in Prometheus' text format."""
        self._hits.set(self._cache.hits)
        self._misses.set(self._cache.misses)
        self._bytes.set(self._cache.size)
        self._jobs.set(jobs)
        self._dead.set(dead)
        return generate_latest(self.registry)
