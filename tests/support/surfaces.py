"""Every address of the product and what it may carry: the table of surfaces on which nothing hidden may come out.

Whoever adds a route says here what it carries and which rows of that table it answers, and here nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Carries(StrEnum):
    """What text of comments an answer may hold."""

    PUBLIC = "the public form, made for somebody who has seen nothing"
    OWN = "the public form, and the visitor's own text"
    REVEAL = "what was asked for, and nothing that nests in it and needs more"
    ECHO = "the public form, and what its sender has just typed"
    RECORD = "the source, for holders of the site's secret"
    MODERATED = "what one moderator may see: covered where they have not got that far, held and removed comments too"
    UNCOVERED = "the whole text of a comment, for a moderator who asks for it"
    NOTHING = "no text of comments"


@dataclass(frozen=True, slots=True)
class Surface:
    """One method of one route; `rows` are the rows of the table that it answers."""

    method: str
    pattern: str
    carries: Carries
    rows: tuple[int, ...] = ()


# The numbers are those of the table; what each of them is about.
ROWS: Final = {
    1: "source of pages, templates, comments in the markup, JSON inside pages",
    2: "attributes",
    3: "JSON for programs, pagination, counts, sort keys",
    4: "events and sockets",
    5: "feeds",
    6: "mail",
    7: "push, notifications, badges, the window's title",
    8: "webhooks and federation",
    9: "search, suggestions, facets",
    10: "previews of links: OpenGraph, cards, oEmbed, descriptions, sitemap",
    11: "JSON-LD",
    12: "quotes, reply pages, permalinks, activity, digests",
    13: "edit history",
    14: "exports",
    15: "the log of moderation",
    16: "shared caches",
    17: "screen readers, reader mode, translators, archives",
    18: "copy, print, save",
    19: "find in page, text fragments",
    20: "without scripts",
    21: "media",
    22: "titles, names, slugs",
    23: "logs, errors, metrics",
    24: "classifiers, duplicate detection, spam services",
    25: "counts and timing",
    26: "backups",
}

PAGE: Final = (1, 2, 12, 16, 17, 19, 20, 25)
JSON: Final = (3, 12, 16, 25)
PUBLIC, OWN, REVEAL = Carries.PUBLIC, Carries.OWN, Carries.REVEAL
ECHO, RECORD, NOTHING = Carries.ECHO, Carries.RECORD, Carries.NOTHING
MODERATED, UNCOVERED = Carries.MODERATED, Carries.UNCOVERED

SURFACES: Final = (
    Surface("GET", "/d/{id}", PUBLIC, (*PAGE, 10, 11)),
    Surface("GET", "/d/{id}/thread/{comment}", PUBLIC, PAGE),
    Surface("GET", "/embed/{site}", PUBLIC, PAGE),
    Surface("GET", "/d/{id}/own", OWN, PAGE),
    Surface("GET", "/d/{id}/mine", OWN, (1, 2, 25)),
    Surface("GET", "/embed/{site}/own", OWN, PAGE),
    Surface("GET", "/c/{id}", NOTHING, (12,)),
    Surface("GET", "/c/{id}/reply", PUBLIC, (1, 2, 12)),
    Surface("GET", "/c/{id}/edit", OWN, (1, 2, 13)),
    Surface("POST", "/c/{id}/edit", ECHO, (1, 23)),
    Surface("GET", "/c/{id}/delete", PUBLIC, (1, 2)),
    Surface("POST", "/c/{id}/delete", NOTHING),
    Surface("GET", "/c/{id}/report", PUBLIC, (1, 2)),
    Surface("POST", "/c/{id}/report", ECHO, (1, 20, 23)),
    Surface("POST", "/embed/{site}/comments", ECHO, (1, 20, 23)),
    Surface("GET", "/s/{passage}", NOTHING, (20,)),
    Surface("POST", "/s/{passage}", REVEAL, (20,)),
    Surface("POST", "/d/{id}/open", REVEAL, (20,)),
    Surface("GET", "/api/v1/sites/{site}/discussion", PUBLIC, JSON),
    Surface("GET", "/api/v1/discussions/{id}", PUBLIC, JSON),
    Surface("GET", "/api/v1/comments/{id}", PUBLIC, JSON),
    Surface("GET", "/api/v1/comments/{id}/replies", PUBLIC, JSON),
    Surface("PATCH", "/api/v1/comments/{id}", PUBLIC, (3, 13, 23)),
    Surface("DELETE", "/api/v1/comments/{id}", NOTHING, (3,)),
    Surface("POST", "/api/v1/sites/{site}/comments", PUBLIC, (3, 12, 23, 24)),
    Surface("POST", "/api/v1/preview", ECHO, (3, 24)),
    Surface("POST", "/api/v1/reveals", REVEAL, (3,)),
    Surface("POST", "/api/v1/comments/{id}/flags", NOTHING, (3, 24)),
    Surface("POST", "/api/v1/comments/{id}/scope", PUBLIC, (3, 25)),
    Surface("POST", "/api/v1/mod/comments/{id}/scope", PUBLIC, (3, 15)),
    Surface("GET", "/api/v1/mod/comments/{id}/scope", RECORD, (15,)),
    Surface("GET", "/api/v1/mod/queues", NOTHING, (3, 25)),
    Surface("GET", "/api/v1/mod/items", MODERATED, (3, 15)),
    Surface("GET", "/api/v1/mod/items/{id}", MODERATED, (3, 15)),
    Surface("POST", "/api/v1/mod/items/{id}/reveal", UNCOVERED, (3, 15)),
    Surface("GET", "/api/v1/mod/log", NOTHING, (3, 15)),
    *(Surface("GET", f"/api/v1/mod/discussions{part}", NOTHING, (3, 15)) for part in ("", "/{id}")),
    *(Surface("POST", f"/api/v1/mod/discussions/{{id}}/{act}", NOTHING, (3, 15)) for act in ("verdict", "undo")),
    *(Surface(method, "/mod/rules", NOTHING, (15,)) for method in ("GET", "POST")),
    Surface("POST", "/mod/rules/restore", NOTHING, (15,)),
    *(Surface(method, "/api/v1/mod/rules", NOTHING, (3,)) for method in ("GET", "PUT")),
    Surface("POST", "/api/v1/mod/rules/dry-run", NOTHING, (3, 25)),
    *(Surface("GET", f"/mod{page}", MODERATED, (1, 2, 15, 20)) for page in ("", "/c/{id}")),
    *(Surface("POST", f"/mod/c/{{id}}/{act}", MODERATED, (15, 20, 23)) for act in ("verdict", "sanction")),
    Surface("POST", "/mod/c/{id}/reveal", UNCOVERED, (15, 20)),
    Surface("POST", "/mod/undo", MODERATED, (15, 20)),
    *(Surface(method, "/mod/bulk", NOTHING, (15,)) for method in ("GET", "POST")),
    Surface("POST", "/mod/bulk/preview", NOTHING, (15,)),
    Surface("GET", "/mod/log", NOTHING, (15,)),
    Surface("GET", "/mod/person/{kind}/{id}", NOTHING, (15,)),
    *(
        Surface("POST", f"/mod/person/{{kind}}/{{id}}/{act}", NOTHING, (15,))
        for act in ("sanction", "lift", "note", "note/delete")
    ),
    Surface("GET", "/api/v1/mod/people/{kind}/{id}", NOTHING, (3, 15)),
    *(Surface("POST", f"/api/v1/mod/people/{{kind}}/{{id}}/{act}", NOTHING, (3, 15)) for act in ("sanctions", "notes")),
    Surface("POST", "/api/v1/mod/sanctions/{id}/lift", NOTHING, (3, 15)),
    Surface("DELETE", "/api/v1/mod/notes/{id}", NOTHING, (3, 15)),
    Surface("POST", "/embed/{site}/warning", NOTHING, (15, 20)),
    Surface("POST", "/api/v1/sites/{site}/warnings/{id}", NOTHING, (3, 15)),
    *(Surface(method, "/settings/moderation", NOTHING, (15, 22)) for method in ("GET", "POST")),
    Surface("GET", "/mod/discussions", NOTHING, (15,)),
    Surface("GET", "/mod/d/{id}", PUBLIC, (1, 2, 15)),
    Surface("POST", "/mod/d/{id}", PUBLIC, (1, 2, 15)),
    *(Surface("POST", f"/api/v1/mod/items/{{id}}/{act}", NOTHING, (3, 15)) for act in ("claim", "verdict")),
    *(Surface("POST", f"/api/v1/mod/{act}", NOTHING, (3, 15)) for act in ("bulk", "bulk/preview", "undo")),
    Surface("GET", "/api/v1/sites/{site}/counts", NOTHING, (3, 16, 25)),
    Surface("POST", "/api/v1/sites/{site}/announce", NOTHING, (3, 22)),
    Surface("PUT", "/api/v1/sites/{site}/articles", NOTHING, (22,)),
    Surface("PUT", "/api/v1/sites/{site}/articles/spoilers", NOTHING, (22,)),
    Surface("GET", "/api/v1/works", NOTHING, (9,)),
    Surface("GET", "/api/v1/works/{work}", NOTHING, (9,)),
    Surface("GET", "/catalogue", NOTHING, (9, 22)),
    Surface("GET", "/catalogue/{work}", NOTHING, (22,)),
    Surface("GET", "/catalogue/{work}/edit", NOTHING, (22,)),
    Surface("POST", "/catalogue/{work}/edit", NOTHING, (22,)),
    Surface("GET", "/catalogue/new", NOTHING, (22,)),
    Surface("POST", "/catalogue/new", NOTHING, (22,)),
    Surface("PUT", "/api/v1/comments/{id}/mute", NOTHING, (3,)),
    Surface("DELETE", "/api/v1/comments/{id}/mute", NOTHING, (3,)),
    Surface("PUT", "/api/v1/discussions/{id}/follow", NOTHING, (3,)),
    Surface("DELETE", "/api/v1/discussions/{id}/follow", NOTHING, (3,)),
    Surface("PUT", "/api/v1/me/progress", NOTHING, (3,)),
    Surface("GET", "/api/v1/me", NOTHING, (3,)),
    Surface("POST", "/api/v1/me/claim", NOTHING, (3,)),
    Surface("GET", "/auth", NOTHING, (20,)),
    Surface("POST", "/auth/email", NOTHING, (20,)),
    Surface("GET", "/auth/code", NOTHING, (20,)),
    Surface("POST", "/auth/code", NOTHING, (20,)),
    Surface("POST", "/auth/sign-out", NOTHING, (20,)),
    Surface("GET", "/auth/again", NOTHING, (20,)),
    Surface("POST", "/auth/again", NOTHING, (20,)),
    Surface("GET", "/auth/link/{token}", NOTHING, (20,)),
    Surface("POST", "/auth/link/{token}", ECHO, (20, 22)),
    Surface("GET", "/auth/finish", NOTHING, (20,)),
    Surface("POST", "/auth/finish", ECHO, (20, 22)),
    Surface("GET", "/auth/first/{token}", NOTHING, (20,)),
    Surface("POST", "/auth/first/{token}", ECHO, (20, 22)),
    Surface("GET", "/auth/provider/{key}", NOTHING),
    Surface("GET", "/auth/provider/{key}/callback", NOTHING, (23,)),
    Surface("POST", "/settings/sign-in/disconnect", NOTHING),
    Surface("GET", "/u/{name}", PUBLIC, PAGE),
    Surface("GET", "/settings", NOTHING, (22,)),
    Surface("POST", "/settings", ECHO, (22,)),
    *(Surface(m, f"/settings{part}", NOTHING, (22,)) for part in ("/people", "/progress") for m in ("GET", "POST")),
    Surface("POST", "/api/v1/auth/passkey/options", NOTHING, (3,)),
    Surface("POST", "/api/v1/auth/passkey", NOTHING, (3,)),
    Surface("POST", "/api/v1/me/passkeys/options", NOTHING, (3,)),
    Surface("POST", "/api/v1/me/passkeys", NOTHING, (3,)),
    Surface("GET", "/settings/sign-in", NOTHING, (22,)),
    Surface("POST", "/settings/passkeys/{id}/rename", NOTHING, (22,)),
    Surface("POST", "/settings/passkeys/{id}/remove", NOTHING, (22,)),
    Surface("GET", "/auth/handoff", NOTHING, (20,)),
    Surface("POST", "/auth/handoff", NOTHING, (20,)),
    Surface("POST", "/api/v1/auth/redeem", NOTHING, (3,)),
    Surface("DELETE", "/api/v1/auth/session", NOTHING, (3,)),
    Surface("POST", "/api/v1/sites/{site}/sso", NOTHING, (3,)),
    Surface("POST", "/embed/{site}/sso", NOTHING, (20, 23)),
    Surface("POST", "/auth/sso/{site}", NOTHING, (20, 23)),
    Surface("GET", "/settings/data", NOTHING, (20,)),
    Surface("POST", "/settings/export", OWN, (14,)),
    Surface("POST", "/settings/delete", NOTHING, (20,)),
    Surface("GET", "/settings/deleted", NOTHING, (20,)),
    Surface("GET", "/settings/merge", NOTHING, (20,)),
    Surface("POST", "/settings/merge", NOTHING, (20,)),
    Surface("GET", "/api/v1/schemas/export.json", NOTHING, (14,)),
    Surface("GET", "/settings/sessions", NOTHING, (20,)),
    Surface("POST", "/settings/sessions", NOTHING, (20,)),
    Surface("GET", "/", NOTHING, (10, 12)),
    Surface("GET", "/healthz", NOTHING),
    Surface("GET", "/readyz", NOTHING, (25,)),
    Surface("GET", "/metrics", NOTHING, (23, 25)),
    Surface("GET", "/theme/{accent}.css", NOTHING),
    Surface("GET", "/static/{path:path}", NOTHING),
    Surface("GET", "/api/v1/openapi.json", NOTHING),
    Surface("GET", "/api/docs", NOTHING),
)


@dataclass(frozen=True, slots=True)
class Absent:
    """A row whose surface this version does not have: why, and what nobody may add without coming back here.

    `routes` is looked for in the addresses, `code` in the Python code, `scripts` in what browsers run (all are regular
    expressions; empty: nothing to look for).
    """

    why: str
    routes: str = ""
    code: str = ""
    scripts: str = ""


ABSENT: Final = {
    4: Absent(
        "pages are read anew; nothing is pushed to open ones yet",
        r"/(events?|stream|live|sse|ws)\b",
        r"text/event-stream|WebSocket|EventSourceResponse|StreamingResponse",
        r"\b(EventSource|WebSocket)\(",
    ),
    5: Absent("there are no feeds yet", r"feed|atom|rss", r"application/(atom|rss|feed)\+"),
    7: Absent(
        "nobody is notified yet, and no script writes into the window's title",
        r"notif|push|badge",
        r"pywebpush|\bVAPID",
        r"serviceWorker|PushManager|new Notification\(|document\.title\s*=|setAppBadge",
    ),
    13: Absent("earlier texts are kept and shown to nobody", r"histor|revision|diff"),
    21: Absent("comments hold no media", r"media|upload|image|blob|thumb|avatar"),
}

# Rows that are about something else than an answer, and where they are shown.
ELSEWHERE: Final = {
    8: "tests/integration/test_external_check.py",  # a check that a site may ask is told skeletons
    6: "tests/integration/test_mail.py",  # mail is about accounts, and knows no comment
    18: "tests/browser/test_spoilers_reveal.py",
    26: "docs/operators.md",
}
