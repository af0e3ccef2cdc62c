"""P9: what a reader's browser loads for the embed, gzipped; says so when the server sends it uncompressed."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import urljoin, urlsplit

from bench.application import Application, embed_path, json_path
from bench.data import Thread
from bench.report import Row
from bench.wire import Answer, BadAnswer, fetch

LOADER_BUDGET = 3  # KB (1,000 bytes)
SCRIPTS_BUDGET = 25
STYLES_BUDGET = 10
LEVEL = 6  # what most servers compress with
LOADER = "/static/embed.js"

_TAG = re.compile(r"<(?:script|link)\b[^>]*>")
_ADDRESS = re.compile(r"""\b(?:src|href)="([^"]+)\"""")
_IMPORT = re.compile(r"""(?:\bfrom\s*|\bimport\s*)["']([^"']+)["']""")
# What a script asks for when it is used.
_LATER = re.compile(r"""\b(?:from\s*|import\s*\(?\s*)["']([^"']+)["']""")
_STYLE_IMPORT = re.compile(r"""@import\s+(?:url\()?["']([^"']+)["']""")


def sizes(app: Application, thread: Thread) -> list[Row]:
    """Loader, scripts and style sheets of the embed, and whether its document shows a comment by itself."""
    document = app.read(embed_path(thread), compressed=True)
    tags = _TAG.findall(document.text)
    entries = _addresses(tag for tag in tags if tag.startswith("<script"))
    scripts = _closure(app, entries, _IMPORT)
    later = {path: file for path, file in _closure(app, entries, _LATER).items() if path not in scripts}
    styles = _closure(app, _addresses(tag for tag in tags if 'rel="stylesheet"' in tag), _STYLE_IMPORT)
    loader = _closure(app, [LOADER], _IMPORT)
    comments = json.loads(app.read(json_path(thread)).body)["comments"]
    visible = f'id="c{comments[0]["id"]}"' in document.text
    return [
        _row("loader static/embed.js", loader, LOADER_BUDGET),
        _row(f"embed scripts ({len(scripts)} files)", scripts, SCRIPTS_BUDGET),
        _row(f"embed scripts loaded when used ({len(later)} files)", later, None),
        _row(f"embed CSS ({len(styles)} files)", styles, STYLES_BUDGET),
        Row("P9", "first comment is in the document itself", "yes" if visible else "no", budget="yes", met=visible),
    ]


def _row(work: str, files: Mapping[str, Answer], budget: int | None) -> Row:
    size = sum(len(_packed(answer)) for answer in files.values())
    sent = sum(len(answer.body) for answer in files.values())
    return Row(
        "P9",
        f"{work}, gzipped",
        f"{size / 1000:.1f} KB",
        f"sent: {sent / 1000:.1f} KB" if sent > size else "",
        budget="" if budget is None else f"≤ {budget} KB",
        met=None if budget is None else size <= budget * 1000,
    )


def _packed(answer: Answer) -> bytes:
    if answer.headers.get("content-encoding") == "gzip":
        return answer.body
    return gzip.compress(answer.body, LEVEL)


def _addresses(tags: Iterable[str]) -> list[str]:
    return [found[1] for tag in tags if (found := _ADDRESS.search(tag))]


def _closure(app: Application, addresses: Iterable[str], imports: re.Pattern[str]) -> dict[str, Answer]:
    """The files at these addresses and all they import, by path. Raises BadAnswer when one is missing."""
    waiting = [_path("/", address) for address in addresses]
    files: dict[str, Answer] = {}
    while waiting:
        path = waiting.pop()
        if path in files:
            continue
        answer = fetch(app.port, app.get(path, compressed=True))
        if answer.status != 200:
            raise BadAnswer(f"{path}: status {answer.status}")
        files[path] = answer
        waiting += [_path(path, name) for name in imports.findall(answer.text)]
    return files


def _path(base: str, address: str) -> str:
    parts = urlsplit(urljoin(base, address))
    return parts.path + (f"?{parts.query}" if parts.query else "")
