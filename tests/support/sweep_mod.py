"""Asks every address below /mod and /api/v1/mod, as moderators do; most of what it writes is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from forum.comments.review.model import Queue
from tests.support.hiding import JJ, Hidden

ROOTS: Final = ("/mod", "/api/v1/mod")
SITE: Final = "site=newsroom"
# A revision that no comment has.
NEVER: Final = 99
VERDICTS: Final[tuple[dict[str, Any], ...]] = (
    {"verdict": "approve"},
    {"verdict": "remove", "reason": "abuse"},
    {"verdict": "cover", "scope": [JJ]},
    {"verdict": "cover", "scope": [JJ], "start": 0, "end": 9},
    {"verdict": "uncover"},
    {"verdict": "dismiss"},
)


class Sent(NamedTuple):
    """A write: `about` is the comment that it is about, `typed` what its sender has typed stands in it."""

    method: str
    pattern: str
    path: str
    body: Mapping[str, Any]
    about: str = ""
    typed: bool = False


def is_for_moderators(pattern: str) -> bool:
    """Whether an address is in the console or in its API."""
    return pattern.startswith(tuple(f"{root}/" for root in ROOTS)) or pattern in ROOTS


def paths(hidden: Hidden, pattern: str, every: int) -> Iterator[tuple[str, str]]:
    """What there is to read at a pattern, and the comment that it is about."""
    comments = list(hidden.comments.values())[::every]
    if pattern.endswith(("/c/{id}", "/items/{id}", "/comments/{id}/scope")):
        for comment in comments:
            yield pattern.replace("{id}", comment), comment
            if pattern == "/mod/c/{id}" and every == 1:
                yield f"{pattern.replace('{id}', comment)}?part=item", comment
    elif "{kind}" in pattern:
        for kind, person in hidden.people:
            yield f"{pattern.replace('{kind}', kind).replace('{id}', person)}?{SITE}", ""
    elif "{id}" in pattern:
        for where in hidden.discussions.values():
            path = pattern.replace("{id}", where)
            yield path, ""
            yield from ((f"{path}?feature={c}", c) for c in comments[::5] if pattern.startswith("/mod/"))
    else:
        yield from ((f"{pattern}?{query}", "") for query in _queries(hidden, pattern, comments))


def _queries(hidden: Hidden, pattern: str, comments: list[str]) -> Iterator[str]:
    person = hidden.people[0][1] if hidden.people else "1"
    if pattern in ROOTS or pattern.endswith(("/queues", "/discussions")):
        yield from ("", SITE)
    if pattern == "/mod" or pattern.endswith("/items"):
        for queue in Queue:
            yield f"{SITE}&queue={queue.value}"
            yield f"{SITE}&queue={queue.value}&person={person}"
    elif pattern.endswith("/log"):
        yield from (SITE, f"{SITE}&person={person}", f"{SITE}&discussion={hidden.discussions['main']}")
        yield from (f"{SITE}&comment={comment}" for comment in comments[::7])
    elif pattern.endswith("/bulk"):
        yield from (f"{SITE}&author={kind}:{person}" for kind, person in hidden.people)
    elif pattern.endswith("/rules"):
        yield from (SITE, f"{SITE}&version=1") if pattern == "/mod/rules" else (SITE,)


def writes(hidden: Hidden, comments: list[str], typed: str) -> Iterator[Sent]:
    """Every write of moderators; `typed` is what they type, where it may come back to them."""
    for comment in comments:
        yield from _about(comment, typed)
    yield from _many(hidden, comments, typed)
    yield from _people(hidden, typed)
    yield from _elsewhere(hidden, comments[0])


def _about(comment: str, typed: str) -> Iterator[Sent]:
    api, page = "/api/v1/mod/items/{id}", "/mod/c/{id}"
    api_path, page_path = api.replace("{id}", comment), page.replace("{id}", comment)
    yield Sent("POST", f"{api}/reveal", f"{api_path}/reveal", {}, comment)
    yield Sent("POST", f"{page}/reveal", f"{page_path}/reveal", {"revision": "1"}, comment)
    yield Sent("POST", f"{api}/claim", f"{api_path}/claim", {}, comment)
    yield Sent("POST", f"{api}/claim", f"{api_path}/claim", {"release": True}, comment)
    for said in VERDICTS:
        yield Sent("POST", f"{api}/verdict", f"{api_path}/verdict", {**said, "revision": NEVER}, comment)
        form = {name: str(value) for name, value in said.items() if name in ("verdict", "reason")}
        form |= {"revision": str(NEVER), "words": typed, "site": "newsroom", "label": "JJ S1E13"}
        yield Sent("POST", f"{page}/verdict", f"{page_path}/verdict", form, comment, typed=True)
    wrong = {"verdict": "cover", "label": "JJ S1E13", "part": typed, "revision": "1", "site": "newsroom"}
    yield Sent("POST", f"{page}/verdict", f"{page_path}/verdict", wrong, comment, typed=True)
    wrong = {"sanction": "mute", "reason": "none", "words": typed, "revision": "1", "site": "newsroom"}
    yield Sent("POST", f"{page}/sanction", f"{page_path}/sanction", wrong, comment, typed=True)


def _many(hidden: Hidden, comments: list[str], typed: str) -> Iterator[Sent]:
    """One verdict about many comments, looked at before, and about revisions that there are not."""
    seen = [{"id": comment, "revision": NEVER} for comment in comments]
    mine = {"kind": hidden.people[0][0], "id": hidden.people[0][1]}
    for verdict in ({"verdict": "approve"}, {"verdict": "remove", "reason": "abuse", "words": typed}):
        for who in ({"comments": seen}, {"person": mine}):
            sent: dict[str, Any] = {"site": "newsroom", **verdict, **who}
            yield Sent("POST", "/api/v1/mod/bulk/preview", "/api/v1/mod/bulk/preview", sent)
        yield Sent("POST", "/api/v1/mod/bulk", "/api/v1/mod/bulk", {"site": "newsroom", **verdict, "comments": seen})
    selection = " ".join(f"{comment}:{NEVER}" for comment in comments)
    form = {"site": "newsroom", "queue": "pending", "verdict": "remove", "reason": "abuse", "words": typed}
    yield Sent("POST", "/mod/bulk", "/mod/bulk", {**form, "selection": selection}, typed=True)
    yield Sent("POST", "/mod/bulk", "/mod/bulk", {**form, "selection": selection, "go": "1", "reason": ""}, typed=True)
    yield Sent("POST", "/mod/bulk/preview", "/mod/bulk/preview", {"site": "newsroom", "pick": f"{comments[0]}:1"})
    for sent in ({"decision": "1"}, {"decision": hidden.settled}, {"batch": "1"}):
        yield Sent("POST", "/mod/undo", "/mod/undo", {**sent, "site": "newsroom", "here": "removed"})
        api = {f"{name}_id": value for name, value in sent.items()}
        yield Sent("POST", "/api/v1/mod/undo", "/api/v1/mod/undo", {**api, "site": "newsroom"})


def _people(hidden: Hidden, typed: str) -> Iterator[Sent]:
    page, api = "/mod/person/{kind}/{id}", "/api/v1/mod/people/{kind}/{id}"
    for kind, person in hidden.people:
        form, path = {"site": "newsroom"}, f"/mod/person/{kind}/{person}"
        wrong = {**form, "sanction": "none", "reason": "abuse", "words": typed}
        yield Sent("POST", f"{page}/sanction", f"{path}/sanction", wrong, typed=True)
        yield Sent("POST", f"{page}/lift", f"{path}/lift", {**form, "sanction": "1"})
        yield Sent("POST", f"{page}/note", f"{path}/note", {**form, "text": ""})
        yield Sent("POST", f"{page}/note", f"{path}/note", {**form, "text": f"{typed} " * 400}, typed=True)
        yield Sent("POST", f"{page}/note/delete", f"{path}/note/delete", {**form, "note": "1"})
        path = f"/api/v1/mod/people/{kind}/{person}"
        endless = {"sanction": "suspend", "reason": "abuse", "words": typed}
        yield Sent("POST", f"{api}/sanctions", f"{path}/sanctions?{SITE}", endless)
        yield Sent("POST", f"{api}/notes", f"{path}/notes?{SITE}", {"text": ""})
    lift, note = "/api/v1/mod/sanctions/{id}/lift", "/api/v1/mod/notes/{id}"
    yield Sent("POST", lift, f"{lift.replace('{id}', '1')}?{SITE}", {})
    yield Sent("DELETE", note, f"{note.replace('{id}', '1')}?{SITE}", {})


def _elsewhere(hidden: Hidden, comment: str) -> Iterator[Sent]:
    """Discussions, and the rules of the site."""
    page, api = "/mod/d/{id}", "/api/v1/mod/discussions/{id}"
    main = hidden.discussions["main"]
    wrong = {"verdict": "feature", "comment_id": comment, "revision": NEVER}
    yield Sent("POST", f"{api}/verdict", f"{api.replace('{id}', main)}/verdict", wrong)
    yield Sent("POST", f"{api}/undo", f"{api.replace('{id}', main)}/undo", {"decision_id": "1"})
    form = {"act": "feature", "comment": comment, "revision": str(NEVER)}
    yield Sent("POST", page, page.replace("{id}", main), form, comment)
    yield Sent("POST", page, page.replace("{id}", main), {"act": "undo", "decision": "1"})
    trial = {"site": "newsroom", "seen": "0", "hold_words": "well", "dry_run": "1"}
    yield Sent("POST", "/mod/rules", "/mod/rules", trial)
    yield Sent("POST", "/mod/rules/restore", "/mod/rules/restore", {"site": "newsroom", "seen": "0", "version": "1"})
    tried = {"site": "newsroom", "rules": {"hold_words": ["well"]}}
    yield Sent("POST", "/api/v1/mod/rules/dry-run", "/api/v1/mod/rules/dry-run", tried)
    stale = {"site": "newsroom", "version": 0, "rules": {}}
    yield Sent("PUT", "/api/v1/mod/rules", "/api/v1/mod/rules", stale)
