"""Asks every address of the product, in every way that matters, for one kind of reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

import httpx

from forum.comments.history import ORDER
from forum.core.paging import Cursor
from tests.support.app import ARTICLE, FORM, NEWS, OURS, Person
from tests.support.begun import ENDS, SENT, Begun
from tests.support.canaries import nonce
from tests.support.hiding import ASSUMED, GATED, JJ, Hidden
from tests.support.surfaces import SURFACES, Surface
from tests.support.sweep_mod import is_for_moderators
from tests.support.sweep_mod import paths as moderated_paths
from tests.support.sweep_mod import writes as moderated_writes

BY_NAME: Final = {(surface.method, surface.pattern): surface for surface in SURFACES}
# What readers type themselves while they look around, hidden and not.
TYPED: Final = nonce(26 * 26 - 1)
CAUTION: Final = "assumes=jessica-jones:S1E13"
LOOKS: Final = ("", "?sort=oldest", "?frame=1", "?lang=ar&frame=1&theme=dark", "?lang=de", f"?{CAUTION}")
ARTICLES: Final = (ARTICLE, GATED, ASSUMED)
HELD_BACK: Final = f"Well, ||{TYPED} it was|| then."
UNCLOSED: Final = f"Well, [spoiler]{TYPED} it was"


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody who looks around; `headers` say that they are more than a browser."""

    name: str
    person: Person
    headers: Mapping[str, str] = field(default_factory=dict)
    # Look at every comment and every passage, or only at one of a few.
    every: int = 1


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `reveals` are the ids of what it uncovers, `about` the comment it is about."""

    surface: Surface
    path: str
    options: Mapping[str, Any] = field(default_factory=dict)
    reveals: tuple[str, ...] = ()
    about: str = ""
    typed: bool = False

    def __str__(self) -> str:
        return f"{self.surface.method} {self.path}"


async def send(ask: Ask, role: Role) -> httpx.Response:
    """Ask; headers of the request itself stand above those of the role."""
    options = dict(ask.options)
    headers = {**role.headers, **options.pop("headers", {})}
    return await role.person.http.request(ask.surface.method, ask.path, headers=headers, **options)


def said(answer: httpx.Response) -> bytes:
    """Everything that an answer says: its status line, its headers, its body."""
    head = "".join(f"{name}: {value}\n" for name, value in answer.headers.multi_items())
    return f"{answer.status_code} {answer.reason_phrase}\n{head}\n".encode() + answer.content


def reads(hidden: Hidden, role: Role, passages: list[str]) -> Iterator[Ask]:
    """Every GET of every route."""
    for surface in SURFACES:
        if surface.method != "GET":
            continue
        for path, about in _paths(hidden, role, surface.pattern, passages):
            yield Ask(surface, path, about=about)


def _paths(hidden: Hidden, role: Role, pattern: str, passages: list[str]) -> Iterator[tuple[str, str]]:
    if is_for_moderators(pattern):
        yield from moderated_paths(hidden, pattern, role.every)
        return
    discussions = list(hidden.discussions.values())
    comments = list(hidden.comments.values())[:: role.every]
    is_discussion = pattern.startswith(("/d/", "/api/v1/discussions"))
    values: dict[str, list[str]] = {"id": discussions if is_discussion else comments, "comment": comments}
    values |= {"site": ["newsroom"], "passage": passages[:: role.every], "work": ["jessica-jones"]}
    values |= {"name": ["Ada"], "accent": ["aa3300"], "path:path": ["embed.js", "js/covers.js"]}
    names = [name for name in values if f"{{{name}}}" in pattern]
    for chosen in product(*(values[name] for name in names)):
        filled = dict(zip(names, chosen, strict=True))
        path = pattern if hidden.begun is None else hidden.begun.fill(pattern)
        for name, value in filled.items():
            path = path.replace(f"{{{name}}}", value)
        about = filled.get("comment") or ("" if is_discussion else filled.get("id", ""))
        begun = "" if hidden.begun is None else hidden.begun.query(pattern)
        for query in _queries(pattern, filled, comments, discussions):
            yield path + (begun or query), about


def _queries(pattern: str, filled: Mapping[str, str], comments: list[str], discussions: list[str]) -> Iterator[str]:
    if pattern == "/d/{id}":
        yield from (*LOOKS, *(f"?at={comment}" for comment in comments[::9]))
    elif pattern in ("/d/{id}/own", "/d/{id}/mine"):
        yield from LOOKS[:1] + LOOKS[2:4]
    elif pattern.startswith("/embed/"):
        yield from (f"?url={url}&{look[1:]}" for url in ARTICLES for look in ("", "?lang=ar", f"?{CAUTION}"))
    elif pattern.endswith(("/counts", "/discussion")):
        yield from (f"?url={url}" for url in ARTICLES)
    elif pattern == "/api/v1/discussions/{id}":
        yield from ("", "?sort=oldest", "?limit=3")
    elif pattern == "/u/{name}":
        after = (f"?after={Cursor(ORDER, int(comment))}" for comment in comments[::9])
        yield from ("", "?lang=ar", "?lang=de", *after)
    elif pattern == "/api/v1/me":
        yield from ("", *(f"?site=newsroom&discussion={discussion}" for discussion in discussions))
    elif pattern == "/settings/progress":
        yield from ("", "?q=jess", "?work=jessica-jones")
    elif pattern in ("/api/v1/works", "/catalogue"):
        yield from ("?q=jess", "?q=nobody")
    else:
        yield ""


def writes(hidden: Hidden, role: Role, passages: list[str]) -> Iterator[Ask]:
    """Every write of every route, most of them such that they are refused."""
    comments = list(hidden.comments.values())[:: max(role.every, 6)]
    for comment in comments:
        yield from _about(comment)
    yield from _elsewhere(hidden, comments[0])
    for start in range(0, len(passages), 100):
        ids = tuple(passages[start : start + 100])
        yield _json("POST", "/api/v1/reveals", {"ids": ids, "why": "explicit"}, reveals=ids)
    for passage in passages[:: role.every]:
        yield _form("/s/{passage}", f"/s/{passage}", {"lang": "en"}, reveals=(passage,))
    if hidden.begun is not None:
        yield from _for_oneself(hidden.begun, comments[0], hidden.discussions["main"])
    for method, pattern, path, body, about, typed in moderated_writes(hidden, comments, HELD_BACK):
        kind = "json" if pattern.startswith("/api/") else "data"
        yield Ask(BY_NAME[method, pattern], path, {kind: body, "headers": OURS}, about=about, typed=typed)
    for discussion in hidden.discussions.values():
        yield _form("/d/{id}/open", f"/d/{discussion}/open", {"lang": "en"}, reveals=("opened",))


def _json(method: str, pattern: str, sent: Any, path: str = "", **more: Any) -> Ask:
    return Ask(BY_NAME[method, pattern], path or pattern, {"json": sent, "headers": OURS}, **more)


def _form(pattern: str, path: str, sent: Mapping[str, str], **more: Any) -> Ask:
    return Ask(BY_NAME["POST", pattern], path, {"data": sent, "headers": OURS}, **more)


def _about(comment: str) -> Iterator[Ask]:
    """What can be done to a comment; its author is refused too: the text is wrong, or the revision is."""
    api, about = f"/api/v1/comments/{comment}", {"about": comment}
    for body in (HELD_BACK, UNCLOSED):
        sent = {"body": body, "revision": 99}
        yield _json("PATCH", "/api/v1/comments/{id}", sent, api, typed=True, **about)
        yield _form("/c/{id}/edit", f"/c/{comment}/edit", {"body": body, "revision": "99"}, typed=True, **about)
    yield _form("/c/{id}/edit", f"/c/{comment}/edit", {"body": HELD_BACK, "preview": "1"}, typed=True, **about)
    scope = {"scope": [JJ], "reason": "It gives something away.", "revision": 99}
    for stretch in ({}, {"start": 0, "end": 9}, {"start": 0, "end": 9_999}):
        yield _json("POST", "/api/v1/comments/{id}/scope", {**scope, **stretch}, f"{api}/scope", **about)
        mod = f"/api/v1/mod/comments/{comment}/scope"
        yield _json("POST", "/api/v1/mod/comments/{id}/scope", {**scope, **stretch}, mod, **about)
    flag = {"kind": "untagged_spoiler", "scope": [JJ]}
    yield _json("POST", "/api/v1/comments/{id}/flags", flag, f"{api}/flags", **about)
    yield _json("POST", "/api/v1/comments/{id}/flags", {"kind": "other", "note": HELD_BACK}, f"{api}/flags", **about)
    for said in ({"reason": "spoiler", "about": HELD_BACK[:99]}, {"reason": "rude", "note": HELD_BACK}):
        yield _form("/c/{id}/report", f"/c/{comment}/report", said, typed=True, **about)


def _elsewhere(hidden: Hidden, comment: str) -> Iterator[Ask]:
    """What is written in other places. All of it holds what somebody typed, and not all of it can be stored."""
    site = "/api/v1/sites/{site}"
    filled = site.replace("{site}", "newsroom")
    sent = {"url": ARTICLE, "body": HELD_BACK, "author_name": "Noor"}
    for body in (HELD_BACK, UNCLOSED):
        sent = {**sent, "body": body}
        yield _json("POST", f"{site}/comments", sent, f"{filled}/comments", typed=True)
        yield _form("/embed/{site}/comments", FORM, {**sent, "preview": "1"}, typed=True)
        yield _form("/embed/{site}/comments", FORM, sent, typed=True)
        yield _json("POST", "/api/v1/preview", {"site": "newsroom", "body": body}, typed=True)
    yield _form("/embed/{site}/comments", FORM, {**sent, "parent_id": comment, "discussion_id": "1"}, typed=True)
    about = {"site": "newsroom", "body": HELD_BACK, "discussion_id": hidden.discussions["main"], "parent_id": comment}
    yield _json("POST", "/api/v1/preview", about, typed=True)
    yield _json("POST", f"{site}/announce", {"url": ARTICLE}, f"{filled}/announce")
    yield _json("PUT", f"{site}/articles", {"url": ARTICLE, "title": "Gutterlight"}, f"{filled}/articles")
    wrong = {"url": ARTICLE, "gate": "ask", "works": ["no such work"]}
    yield _json("PUT", f"{site}/articles/spoilers", wrong, f"{filled}/articles/spoilers")
    for pattern in ("/catalogue/new", "/catalogue/{work}/edit"):
        path = pattern.replace("{work}", "jessica-jones")
        yield _form(pattern, path, {"title": "", "kind": "film", "secret": "x"})
    yield _form("/c/{id}/delete", f"/c/{hidden.comments['plain']}/delete", {"lang": "en"}, about=comment)
    gone = hidden.comments["deleted"]
    yield Ask(BY_NAME["DELETE", "/api/v1/comments/{id}"], f"/api/v1/comments/{gone}", {"headers": OURS}, about=gone)


def _for_oneself(begun: Begun, comment: str, discussion: str) -> Iterator[Ask]:
    """What people keep for themselves."""
    api, ours = "/api/v1", {"headers": OURS}
    for method in ("PUT", "DELETE"):
        yield Ask(BY_NAME[method, f"{api}/comments/{{id}}/mute"], f"{api}/comments/{comment}/mute", ours, about=comment)
        yield Ask(BY_NAME[method, f"{api}/discussions/{{id}}/follow"], f"{api}/discussions/{discussion}/follow", ours)
    yield _json("PUT", "/api/v1/me/progress", {"progress": {"jessica-jones": {"s": "at", "u": "S1E1"}}})
    yield _json("POST", "/api/v1/me/claim", {}, "/api/v1/me/claim?site=newsroom")
    yield _form("/settings", "/settings", {"act": "name", "name": HELD_BACK}, typed=True)
    yield _form("/settings/people", "/settings/people", {"followed": discussion})
    yield _form("/settings/progress", "/settings/progress?work=jessica-jones", {"state": "none"})
    for pattern, sent in SENT.items():
        if pattern not in ENDS and ("POST", pattern) in BY_NAME and not is_for_moderators(pattern):
            yield _sent(begun, pattern, sent)


def _sent(begun: Begun, pattern: str, sent: Mapping[str, Any], method: str = "POST") -> Ask:
    """A form of signing in, or JSON. Where a name is asked for, one that can't be one."""
    named = "name" in sent and pattern.startswith("/auth/")
    kind = "json" if pattern.startswith("/api/") else "data"
    headers = {"origin": NEWS} if pattern == "/embed/{site}/sso" else OURS
    given = {**sent, "name": HELD_BACK} if named else sent
    given = {**given, "flow": begun.finish} if pattern == "/auth/finish" else given
    form = {} if kind == "json" else {"content-type": "application/x-www-form-urlencoded"}
    options = {kind: given, "headers": {**headers, **form}}
    return Ask(BY_NAME[method, pattern], begun.fill(pattern), options, typed=named)


def endings(hidden: Hidden) -> Iterator[Ask]:
    """What leaves nobody signed in, the most thorough last."""
    assert hidden.begun is not None
    yield _sent(hidden.begun, "/settings/sessions", SENT["/settings/sessions"])
    yield _sent(hidden.begun, "/auth/sign-out", {})
    yield _sent(hidden.begun, "/api/v1/auth/session", {}, "DELETE")


def nonsense() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Requests that match nothing, with a hidden word wherever a request can hold one."""
    sent = {"body": TYPED, "url": ARTICLE}
    paths = {surface.pattern.replace("{", "").replace("}", "") for surface in SURFACES}
    for path in sorted(paths):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"):
            yield method, f"{path}?url={TYPED}&after={TYPED}", {"json": sent, "headers": OURS}
    for path in (f"/{TYPED}", f"/d/{TYPED}", f"/c/{TYPED}/edit", f"/s/{TYPED}", f"/embed/{TYPED}", f"/static/{TYPED}"):
        yield "GET", path, {}
    yield "POST", "/api/v1/preview", {"content": f'{{"body": "{TYPED}"', "headers": {**OURS, **_JSON}}
    yield "POST", "/api/v1/preview", {"content": TYPED, "headers": OURS}
    yield "POST", "/api/v1/preview", {"json": {"site": "newsroom", "body": TYPED}, "headers": {}}
    yield "POST", FORM, {"content": f"--{TYPED}", "headers": {**OURS, "content-type": "multipart/form-data"}}


_JSON: Final = {"content-type": "application/json"}
