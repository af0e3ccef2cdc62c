"""`aftershow provider`: what it asks of a provider, what it stores, what it never prints."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import aftershow
from tests.support.identity import CALLBACK, IdentityProvider, identity_provider

PLAIN = (
    *("--name", "Plain", "--oauth2", "--client-id", "us", "--authorize-url", "https://id.example/go"),
    *("--token-url", "https://id.example/token", "--userinfo-url", "https://id.example/me"),
)


@pytest.fixture(scope="module")
def real() -> Iterator[IdentityProvider]:
    with identity_provider([CALLBACK]) as provider:
        yield provider


@pytest.fixture
def secret(tmp_path: Path) -> str:
    path = tmp_path / "secret"
    path.write_text("a-secret-nobody-may-read\n", encoding="ascii")
    return str(path)


def test_a_provider_is_added_listed_changed_and_removed(engine_url: str, real: IdentityProvider, secret: str) -> None:
    here = {"database_url": engine_url, "egress_local": "on", "public_url": "https://talk.example"}
    added = aftershow("provider", "add", "example", *real.add_arguments, "--client-secret-file", secret, **here)
    assert added.exit_code == 0, added.output
    assert added.stdout.endswith(f"Register this address there as the one to return to:\n{CALLBACK}\n")
    listed = aftershow("provider", "list", **here)
    assert real.issuer in listed.stdout
    changed = aftershow("provider", "add", "example", *real.add_arguments, "--client-secret-file", secret, **here)
    assert changed.stdout.startswith("Changed example.")
    other = aftershow("provider", "add", "example", *PLAIN, "--client-secret-file", secret, "--no-check", **here)
    assert other.exit_code == 1
    assert "another issuer" in other.stderr
    assert "nobody-may-read" not in added.output + listed.output + changed.output + other.output
    assert aftershow("provider", "remove", "example", **here).stdout == "Removed example.\n"
    assert aftershow("provider", "remove", "example", **here).exit_code == 1
    assert "There are no providers yet." in aftershow("provider", "list", **here).stdout


def test_what_cannot_be_discovered_is_not_added(sqlite_url: str, real: IdentityProvider) -> None:
    wanted = ("provider", "add", "example", "--name", "Example", "--client-id", "us", "--issuer")
    outside = aftershow(*wanted, real.issuer, database_url=sqlite_url)
    assert outside.exit_code == 1
    assert "AFTERSHOW_EGRESS_" in outside.stderr or "https" in outside.stderr
    slash = aftershow(*wanted, f"{real.issuer}/", database_url=sqlite_url, egress_local="on")
    assert slash.exit_code == 1
    assert "exactly as its discovery document does" in slash.stderr
    nowhere = aftershow(*wanted, f"{real.issuer}/nowhere", database_url=sqlite_url, egress_local="on")
    assert "no discovery document there" in nowhere.stderr
    assert "no providers yet" in aftershow("provider", "list", database_url=sqlite_url).stdout
    unchecked = aftershow(*wanted, "https://id.example", "--no-check", database_url=sqlite_url)
    assert unchecked.exit_code == 0, unchecked.output


def test_plain_oauth2_names_its_addresses(sqlite_url: str, secret: str) -> None:
    added = aftershow("provider", "add", "plain", *PLAIN, "--client-secret-file", secret, database_url=sqlite_url)
    assert added.exit_code == 0, added.output
    assert "https://id.example/me" in aftershow("provider", "list", database_url=sqlite_url).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("Not a key", *PLAIN),
        ("plain", "--name", "Plain", "--client-id", "us"),
        ("plain", "--name", "Plain", "--client-id", "us", "--oauth2"),
        ("plain", "--name", "Plain", "--client-id", "us", "--issuer", "id.example"),
        ("plain", *PLAIN, "--issuer", "https://id.example"),
        ("plain", *PLAIN, "--client-secret-file", "nowhere"),
        ("plain", *PLAIN, "--subject-claim", "a b"),
        ("plain", *PLAIN, "--scopes", 'a"b'),
    ],
)
def test_wrong_use_is_said(sqlite_url: str, arguments: tuple[str, ...]) -> None:
    result = aftershow("provider", "add", *arguments, database_url=sqlite_url)
    assert result.exit_code == 2, result.output
