"""Static files: addresses that carry a hash of their content, long caching, and one stylesheet out of several."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from functools import cache
from pathlib import Path, PurePosixPath

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.paths import STATIC_DIR
from forum.web.answers import FILE_LEVEL, Answer, AnswerResponse
from forum.web.headers import file_headers

BUNDLE = "css/aftershow.css"
BUNDLE_LIST = "css/bundle.txt"
HASH_LENGTH = 10
MODULES = "js/"
_COMMENT = re.compile(rb"^[ \t]*(?://[^\n]*|/\*\*(?:(?!\*/).)*\*/[ \t]*)$", re.MULTILINE | re.DOTALL)


@cache
def content_of(name: str) -> bytes:
    """The bytes of a static file; raises FileNotFoundError for anything outside the folder."""
    if name == BUNDLE:
        listed = (STATIC_DIR / BUNDLE_LIST).read_text(encoding="utf-8").split()
        return b"\n".join((STATIC_DIR / "css" / part).read_bytes() for part in listed)
    path = _inside(name)
    if not path.is_file():
        raise FileNotFoundError(name)
    body = path.read_bytes()
    return without_comments(body) if name.startswith(MODULES) else body


def without_comments(script: bytes) -> bytes:
    """A module without the comments that stand on lines of their own: a quarter of what readers would load.

    The lines stay, so that places in error messages are places in the source. Our modules have no template literal
    that runs over several lines (a test says so), so no line of theirs only looks like a comment.
    """
    return _COMMENT.sub(lambda found: b"\n" * found[0].count(b"\n"), script)


def _inside(name: str) -> Path:
    path = (STATIC_DIR / PurePosixPath(name)).resolve()
    if not path.is_relative_to(STATIC_DIR.resolve()):
        raise FileNotFoundError(name)
    return path


@cache
def version() -> str:
    """A hash over every static file. Modules import each other by plain names, so all of them share one."""
    digest = hashlib.blake2b(digest_size=HASH_LENGTH // 2)
    for path in sorted(p for p in STATIC_DIR.rglob("*") if p.is_file()):
        digest.update(path.relative_to(STATIC_DIR).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def asset(name: str) -> str:
    """The address of a static file, new whenever any file changes."""
    return f"/static/v{version()}/{name}"


class _File(Answer):
    """A file that may change with the next release."""

    __slots__ = ()
    level = FILE_LEVEL
    caching = [(b"cache-control", b"public, max-age=300, stale-while-revalidate=86400")]  # noqa: RUF012


class _HashedFile(_File):
    """A file whose address changes when it does."""

    __slots__ = ()
    caching = [(b"cache-control", b"public, max-age=31536000, immutable")]  # noqa: RUF012


@cache
def answer_of(name: str, *, hashed: bool, https: bool) -> Answer:
    """A static file as a finished answer; raises FileNotFoundError."""
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    text = guessed.startswith("text/") or guessed.endswith(("javascript", "xml", "json"))
    media_type = f"{guessed}; charset=utf-8" if text else guessed
    headers = {**file_headers(https=https), "access-control-allow-origin": "*"}
    return (_HashedFile if hashed else _File)(content_of(name), media_type, headers=headers)


def routes(*, https: bool) -> list[BaseRoute]:
    """GET /static/…: with the current version in the address for a year, without it for minutes."""

    async def serve(request: Request) -> Response:
        name: str = request.path_params["path"]
        prefix = f"v{version()}/"
        hashed = name.startswith(prefix)
        try:
            return AnswerResponse(answer_of(name.removeprefix(prefix), hashed=hashed, https=https))
        except (OSError, ValueError) as error:
            raise HTTPException(404) from error

    return [Route("/static/{path:path}", serve, methods=["GET"])]
