"""HTML and JSON answers: public ones finished and kept, personal ones made for one browser and kept by nobody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from forum.web.answers import Answer, AnswerResponse, key_of
from forum.web.cache import Made, TaggedCache
from forum.web.headers import data_headers

HTML = "text/html; charset=utf-8"
PERSONAL = "private, no-store"


@dataclass(frozen=True, slots=True)
class Finished:
    """The bytes of a public answer, its headers, and the tags of what it was made from."""

    body: bytes
    tags: frozenset[str]
    headers: Mapping[str, str]
    media_type: str = HTML
    # False for answers that would only fill the cache, or that were read from a replica that may lag behind.
    keep: bool = True


async def public_answer(cache: TaggedCache, request: Request, make: Callable[[], Awaitable[Finished]]) -> Response:
    """A public answer: made once for everybody who asks for this address, until something it shows changes."""

    async def finish() -> Made[Answer]:
        finished = await make()
        keys = [tag.replace(":", "-") for tag in finished.tags]
        answer = Answer(finished.body, finished.media_type, headers=finished.headers, surrogate_keys=keys)
        return Made(answer, finished.tags if finished.keep else frozenset(), answer.weight)

    return AnswerResponse(await cache.get(key_of(request.scope), finish))


def public_data_headers(*, https: bool, cors: bool = False) -> dict[str, str]:
    """The headers of public JSON; with `cors` any page may read it (it never depends on cookies)."""
    headers = data_headers(https=https)
    if cors:
        headers |= {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
    return headers


def personal_page(body: bytes, headers: Mapping[str, str], status: int = 200) -> Response:
    """A page made for one browser."""
    return Response(body, status, {**headers, "cache-control": PERSONAL}, media_type=HTML)


def see_other(location: str, *, set_cookie: str | None = None) -> Response:
    """After a form: go and look at the result."""
    response = RedirectResponse(location, 303, {"cache-control": PERSONAL})
    if set_cookie is not None:
        response.headers.append("set-cookie", set_cookie)
    return response
