"""Static files: addresses that carry a hash of their content, long caching, and one stylesheet out of several."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import cache
from pathlib import Path, PurePosixPath

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from forum.paths import STATIC_DIR

BUNDLE = "css/aftershow.css"
BUNDLE_LIST = "css/bundle.txt"
# Files that publishers link to without a hash: they must be able to change within minutes.
UNHASHED_CACHE = "public, max-age=300, stale-while-revalidate=86400"
HASHED_CACHE = "public, max-age=31536000, immutable"
HASH_LENGTH = 10


@cache
def content_of(name: str) -> bytes:
    """The bytes of a static file; raises FileNotFoundError for anything outside the folder."""
    if name == BUNDLE:
        listed = (STATIC_DIR / BUNDLE_LIST).read_text(encoding="utf-8").split()
        return b"\n".join((STATIC_DIR / "css" / part).read_bytes() for part in listed)
    path = _inside(name)
    if not path.is_file():
        raise FileNotFoundError(name)
    return path.read_bytes()


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


def file_response(name: str) -> tuple[bytes, str]:
    """(content, media type) of a static file; raises a 404."""
    try:
        content = content_of(name)
    except (FileNotFoundError, ValueError) as error:
        raise HTTPException(404) from error
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return content, f"{guessed}; charset=utf-8" if guessed.startswith("text/") else guessed


async def serve(request: Request) -> Response:
    """GET /static/…: with the current version in the address for a year, without it for minutes."""
    name: str = request.path_params["path"]
    cache_control = UNHASHED_CACHE
    prefix = f"v{version()}/"
    if name.startswith(prefix):
        name, cache_control = name.removeprefix(prefix), HASHED_CACHE
    content, media_type = file_response(name)
    etag = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    headers = {"cache-control": cache_control, "etag": etag, "access-control-allow-origin": "*"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)
