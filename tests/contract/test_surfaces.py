"""The table of surfaces is whole: every route is in it, every row is answered, and what is absent is absent."""

import re
from collections import Counter
from typing import Final

import pytest
from starlette.routing import Route

from forum.app import create_app, handlers
from forum.cli import app as command
from tests.support.repository import ROOT, texts
from tests.support.seeded import settings
from tests.support.surfaces import ABSENT, ELSEWHERE, ROWS, SURFACES, Carries

# Who asks other servers for anything: the job that reads articles' own pages, and who talks to identity providers. The
# others only hand their tool on, or know its errors.
EGRESS: Final = {
    "forum/moderation/rules/service_check.py",  # skeletons alone: tests/integration/test_external_check.py
    *("forum/app.py", "forum/articles/jobs.py", "forum/demo/run.py", "forum/runtime.py", "forum/settings/declared.py"),
    *(f"forum/web/egress/{name}.py" for name in ("__init__", "client", "model", "reading")),
    *("forum/accounts/providers/client.py", "forum/accounts/providers/service_provider.py", "forum/cli/provider.py"),
}
JOBS: Final = {
    "external_check",  # asks about a comment as everybody sees it
    *("article_seen", "article_warned", "catalogue_changed", "cover_lapses", "hiding_lapses"),
    *("account_renamed", "erase", "mail", "merge"),
}


@pytest.fixture
def routes(sqlite_url: str) -> set[tuple[str, str]]:
    """Methods and patterns of the running product. HEAD says nothing that GET does not."""
    found: set[tuple[str, str]] = set()
    for route in create_app(settings(sqlite_url)).routes:
        assert isinstance(route, Route), f"{route} is no surface that anybody has thought about"
        found |= {(method, route.path) for method in route.methods or () if method != "HEAD"}
    return found


def test_every_route_says_what_it_carries(routes: set[tuple[str, str]]) -> None:
    listed = Counter((surface.method, surface.pattern) for surface in SURFACES)
    assert routes - set(listed) == set(), "say in tests/support/surfaces.py what these carry"
    assert set(listed) - routes == set(), "these are gone"
    assert listed.total() == len(listed)


def test_every_row_is_answered() -> None:
    answered = {row for surface in SURFACES for row in surface.rows}
    assert answered <= set(ROWS)
    assert set(ROWS) == answered | set(ABSENT) | set(ELSEWHERE)
    # Earlier texts are shown nowhere, but an edit makes them; everything else is either here or not.
    assert answered & set(ABSENT) == {13}
    assert set(ELSEWHERE) & (answered | set(ABSENT)) == set()


def test_what_carries_hidden_text_is_a_short_list() -> None:
    """Whoever adds to it changes this test, and says why."""
    by_carries = {carries: {s.pattern for s in SURFACES if s.carries is carries} for carries in Carries}
    assert by_carries[Carries.REVEAL] == {"/s/{passage}", "/d/{id}/open", "/api/v1/reveals"}
    assert by_carries[Carries.UNCOVERED] == {"/api/v1/mod/items/{id}/reveal", "/mod/c/{id}/reveal"}
    assert by_carries[Carries.MODERATED] == {
        *("/api/v1/mod/items", "/api/v1/mod/items/{id}", "/mod", "/mod/c/{id}"),
        *("/mod/c/{id}/verdict", "/mod/c/{id}/sanction", "/mod/undo"),  # which come back with the comment, or the list
    }
    assert by_carries[Carries.RECORD] == {"/api/v1/mod/comments/{id}/scope"}
    assert by_carries[Carries.OWN] == {
        *("/d/{id}/own", "/d/{id}/mine", "/embed/{site}/own", "/c/{id}/edit"),
        "/settings/export",  # everything that is kept about somebody, for that person
    }
    assert by_carries[Carries.ECHO] == {
        *("/embed/{site}/comments", "/c/{id}/edit", "/api/v1/preview"),
        "/c/{id}/report",  # what a reader has to say to moderators, given back where something is missing
        *("/settings", "/auth/finish", "/auth/link/{token}", "/auth/first/{token}"),  # a name that can't be one
    }


@pytest.mark.parametrize("row", ABSENT)
def test_what_is_absent_is_absent(row: int, routes: set[tuple[str, str]]) -> None:
    absent = ABSENT[row]
    assert absent.why
    if absent.routes:
        assert [path for _, path in routes if re.search(absent.routes, path)] == []
    for folder, suffix, pattern in (("forum", ".py", absent.code), ("static", ".js", absent.scripts)):
        if pattern:
            hits = [path for path, text in texts(folder, suffix=suffix) if re.search(pattern, text)]
            assert hits == [], absent.why


def test_nothing_is_sent_to_other_servers() -> None:
    asking = re.compile(r"\bEgress\b|\.egress\b|import (httpx|aiohttp|requests|urllib\.request|http\.client)\b")
    assert {path for path, text in texts("forum", suffix=".py") if asking.search(text)} <= EGRESS


def test_mail_leaves_by_one_door() -> None:
    talking = re.compile(r"import (aiosmtplib|smtplib)\b|from (aiosmtplib|smtplib)\b")
    assert {path for path, text in texts("forum", suffix=".py") if talking.search(text)} == {"forum/web/mailer.py"}


def test_the_worker_does_what_is_known(sqlite_url: str) -> None:
    # A job that sends something somewhere belongs in the table.
    assert set(handlers(create_app(settings(sqlite_url)).rt)) == JOBS


def test_no_command_writes_out_what_people_wrote() -> None:
    """People export what is theirs from their own settings; the server's operator has backups."""
    groups = {group.name: group.typer_instance for group in command.registered_groups}
    names = {c.name or getattr(c.callback, "__name__", "") for c in command.registered_commands}
    for group, inside in groups.items():
        assert inside is not None
        names |= {f"{group} {c.name or getattr(c.callback, '__name__', '')}" for c in inside.registered_commands}
    assert not [name for name in names if re.search(r"export|dump|takeout", name)], names


@pytest.mark.parametrize("row", ELSEWHERE)
def test_what_is_shown_elsewhere_is_there(row: int) -> None:
    assert (ROOT / ELSEWHERE[row]).exists(), ROWS[row]
