"""What the worker does about spoilers: look up what an article's page says, and again when the catalogue knows more."""

from __future__ import annotations

from forum.articles.assumed import tidy, works_in
from forum.articles.model import Gate, Warned
from forum.articles.service import ARTICLE_WARNED
from forum.outbox.model import Job, JobRefused
from forum.outbox.worker import Handler
from forum.runtime import Runtime
from forum.spoilers.catalogue.service_catalogue import CATALOGUE_CHANGED
from forum.spoilers.service_warned import resolve_again, warn_from_page


def handlers(rt: Runtime) -> dict[str, Handler]:
    """The jobs of this feature."""

    async def article_warned(job: Job) -> None:
        await warn_from_page(rt, *_said_in(job))

    async def catalogue_changed(_: Job) -> None:
        await resolve_again(rt)

    return {ARTICLE_WARNED: article_warned, CATALOGUE_CHANGED: catalogue_changed}


def _said_in(job: Job) -> tuple[int, Warned]:
    """The discussion, and what its article's page says about it."""
    payload = job.payload
    works = payload["works"]
    if not isinstance(works, list):
        raise JobRefused("works are a list")
    said = Warned(
        assumes=tidy(str(payload["assumes"])),
        works=works_in(" ".join(map(str, works))),
        gate=Gate(str(payload["gate"])),
    )
    return int(str(payload["article"])), said
