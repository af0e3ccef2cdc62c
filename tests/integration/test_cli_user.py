"""`aftershow user`, and the link by which a new server gets its owner."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import httpx
import pytest

from tests.support.command import Started, aftershow, environment, started

OURS = {"origin": "http://localhost:8000", "sec-fetch-site": "same-origin"}


def user(url: str, *arguments: str, code: int = 0, **settings: str) -> str:
    """Run `aftershow user`; what it says."""
    result = aftershow("user", *arguments, database_url=url, **settings)
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def url(engine_url: str) -> str:
    """A database with the site "newsroom"."""
    made = aftershow(
        "site", "add", "newsroom", "--name", "News", "--origin", "https://news.example", database_url=engine_url
    )
    assert made.exit_code == 0, made.output
    return engine_url


def test_people_are_added_and_listed(url: str) -> None:
    assert "There are no accounts yet" in user(url, "list")
    said = user(url, "add", "Ada", "--email", "ada@mail.example", "--owner")
    assert re.search(r"http://localhost:8000/auth/link/[0-9a-f]{32}\.[0-9a-f]{32}\n", said)
    said = user(url, "add", "[bold]Ravi", "--role", "editor", "--site", "newsroom")
    assert "/auth/link/" in said
    listed = user(url, "list")
    for words in ("Ada", "(ada@mail.example)", "owner", "[bold]Ravi", "newsroom: editor", "active"):
        assert words in listed


def test_with_mail_an_address_needs_no_link(url: str, tmp_path: Path) -> None:
    said = user(url, "add", "Ada", "--email", "ada@mail.example", mail_url=f"file:{tmp_path}")
    assert "/auth/link/" not in said
    assert "http://localhost:8000/auth" in said
    assert "/auth/link/" in user(url, "add", "Ravi", mail_url=f"file:{tmp_path}")


def test_roles_and_switches(url: str) -> None:
    user(url, "add", "Ada")
    assert "Ada is moderator on newsroom now." in user(url, "role", "ada", "moderator", "--site", "newsroom")
    assert "newsroom: moderator" in user(url, "list")
    user(url, "role", "Ada", "reader", "--site", "newsroom")
    assert "newsroom" not in user(url, "list")
    assert "owns this server now" in user(url, "owner", "Ada")
    for refused in (("owner", "Ada", "--remove"), ("disable", "Ada")):
        assert "Ada is the only owner" in user(url, *refused, code=1)
    user(url, "add", "Olga", "--owner")
    assert "no more" in user(url, "owner", "Ada", "--remove")
    assert "switched off" in user(url, "disable", "Ada")
    assert "disabled" in user(url, "list")
    assert "can sign in again" in user(url, "enable", "Ada")
    assert "/auth/link/" in user(url, "link", "Ada")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("add", "admin"), 1, "looks like someone from the site"),
        (("add", "АDA"), 1, "has a name like that"),
        (("add", "Eve", "--email", "eve"), 1, "not an e-mail address"),
        (("add", "Eve", "--email", "ADA@mail.example"), 1, "has that address"),
        (("add", "Eve", "--role", "editor"), 2, "belong together"),
        (("add", "Eve", "--role", "king", "--site", "newsroom"), 2, "king"),
        (("add", "Eve", "--role", "editor", "--site", "nowhere"), 1, "no site with that key"),
        (("role", "Eve", "editor", "--site", "newsroom"), 1, "no account called Eve"),
        (("disable", "Eve"), 1, "no account called Eve"),
        (("link", "Eve"), 1, "no account called Eve"),
    ],
)
def test_what_is_refused(url: str, arguments: tuple[str, ...], code: int, said: str) -> None:
    user(url, "add", "Ada", "--email", "ada@mail.example")
    assert said in user(url, *arguments, code=code)
    assert "Eve" not in user(url, "list")


def test_a_new_server_prints_how_to_own_it(tmp_path: Path, empty_sqlite_url: str) -> None:
    env = environment(database_url=empty_sqlite_url)
    with started(tmp_path, "serve", "--port", "0", env=env) as server:
        address = server.address()
        path = _first(server)
        with httpx.Client(base_url=address) as http:
            assert http.get(path).status_code == 200
            answer = http.post(path, data={"name": "Ada"}, headers=OURS)
            assert answer.status_code == 303, answer.text
            cookie = answer.headers["set-cookie"].partition(";")[0]
            assert http.get("/auth/again", headers={"cookie": cookie}).status_code == 200
            # Switched off by another process, it is out at once. A server keeps one owner.
            user(empty_sqlite_url, "add", "Olga", "--owner")
            user(empty_sqlite_url, "disable", "Ada")
            assert http.get("/auth/again", headers={"cookie": cookie}).status_code == 303
            user(empty_sqlite_url, "enable", "Ada")
            assert http.get("/auth/again", headers={"cookie": cookie}).status_code == 303
    with started(tmp_path, "serve", "--port", "0", env=env) as server:
        server.address()
        assert server.stop(signal.SIGTERM) == 0
        assert not [line for line in server.said if "/auth/first/" in line]


def _first(server: Started) -> str:
    line = server.wait_for("/auth/first/")
    return "/auth/first/" + line.strip().rpartition("/")[2]
