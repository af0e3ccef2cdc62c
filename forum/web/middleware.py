"""The ASGI layers around the router. All plain ASGI: nothing runs the endpoint in another task."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from forum.core.i18n import N_
from forum.errors import Forbidden, TooLarge
from forum.settings import Settings
from forum.web.headers import auth_headers, data_headers, page_headers
from forum.web.problems import Problems, is_for_programs, is_for_sign_in

log = structlog.get_logger("forum.access")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_BODY = 64 * 1024
DECIMAL = re.compile(r"[0-9]{1,18}")


class ErrorMapper:
    """Turns whatever is raised below it into an answer, unless an answer has begun already."""

    def __init__(self, app: ASGIApp, *, problems: Problems) -> None:
        self._app = app
        self._problems = problems

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, send_watched)
        except Exception as error:
            if started:
                raise
            response = await self._problems.answer(Request(scope, receive), error)
            await response(scope, receive, send)


class SafeHeaders:
    """Adds the headers of its class to every answer that has not brought a set of its own."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        https = settings.secure_cookies
        self._page = list(page_headers(https=https).items())
        self._auth = list(auth_headers(https=https).items())
        self._data = list(data_headers(https=https).items())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        defaults = self._defaults(scope["path"])

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if "content-security-policy" not in headers:
                    for name, value in defaults:
                        headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _defaults(self, path: str) -> list[tuple[str, str]]:
        if is_for_programs(path):
            return self._data
        return self._auth if is_for_sign_in(path) else self._page


class SameOriginWrites:
    """Refuses state changes that a page of another origin could have started.

    A request that changes something must name our own origin in `Origin`, or come with `Sec-Fetch-Site: same-origin`;
    a contradiction or the absence of both refuses. Requests with a bearer secret and no cookie carry nothing a foreign
    page could borrow, and are exempt. So are addresses in `elsewhere`, whose endpoints ask for another origin instead.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings, elsewhere: Iterable[re.Pattern[str]] = ()) -> None:
        self._app = app
        self._origin = settings.public_origin
        self._elsewhere = tuple(elsewhere)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            headers = Headers(scope=scope)
            if not self._is_bearer_only(headers) and not self._is_ours(headers) and not self._asks_itself(scope):
                detail = N_("This request did not come from a page of this server.")
                raise Forbidden("cross_site", detail)
        await self._app(scope, receive, send)

    def _asks_itself(self, scope: Scope) -> bool:
        return scope["method"] == "POST" and any(pattern.fullmatch(scope["path"]) for pattern in self._elsewhere)

    @staticmethod
    def _is_bearer_only(headers: Headers) -> bool:
        return headers.get("authorization", "").lower().startswith("bearer ") and "cookie" not in headers

    def _is_ours(self, headers: Headers) -> bool:
        origin, fetch_site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is None and fetch_site is None:
            return False
        return origin in (None, self._origin) and fetch_site in (None, "same-origin")


class BodyLimit:
    """Refuses bodies larger than any request here needs, announced or not. `larger`: paths that need more."""

    def __init__(self, app: ASGIApp, *, max_bytes: int = MAX_BODY, larger: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS:
            await self._app(scope, receive, send)
            return
        announced, most = Headers(scope=scope).get("content-length", "0"), self._most(scope)
        if not DECIMAL.fullmatch(announced) or int(announced) > most:
            raise _too_large(most)
        seen = 0

        async def receive_counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise _too_large(most)
            return message

        await self._app(scope, receive_counted, send)

    def _most(self, scope: Scope) -> int:
        return self._larger.get(scope["path"], self._max_bytes)


def _too_large(most: int) -> TooLarge:
    return TooLarge(detail=N_("A request may hold %(kilobytes)d kilobytes at most."), kilobytes=most // 1024)


Observe = Callable[[Mapping[str, Any], int, float], None]


class Observed:
    """Tells the log and the metrics about every answer that was not already finished. No bodies, no addresses."""

    def __init__(self, app: ASGIApp, *, observe: Observe) -> None:
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_observed)
        finally:
            self._observe(scope, status, time.perf_counter() - began)


def route_of(scope: Mapping[str, Any]) -> str:
    """The pattern of the matched route, so that logs and metrics hold no ids and no text."""
    route = scope.get("route")
    path = getattr(route, "path", None)
    return path if isinstance(path, str) else "unmatched"


def log_answer(scope: Mapping[str, Any], status: int, seconds: float) -> None:
    """One line for each answer."""
    log.info("answer", method=scope["method"], route=route_of(scope), status=status, ms=round(seconds * 1000, 1))
