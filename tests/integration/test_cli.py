"""The command line without a server: settings, `migrate` and `site`."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

import forum
from forum.db import open_database
from forum.sites.model import Site, hash_secret
from forum.sites.queries import list_sites
from tests.support.command import SECRET, aftershow, environment

NEWS = "https://news.example"


def sites(url: str) -> list[Site]:
    async def read() -> list[Site]:
        async with open_database(url) as db, db.read() as tx:
            return await list_sites(tx)

    return asyncio.run(read())


def pretend_newer(url: str) -> None:
    """Leave the mark of a version that does not exist yet."""
    statement = "UPDATE alembic_version SET version_num = '9999'"
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            connection.execute(statement)
        return

    async def work() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(statement)
        await connection.close()

    asyncio.run(work())


def secret_in(output: str) -> str:
    found = re.search(r"as_[\w-]{43}", output)
    assert found, output
    return found[0]


def test_help_names_every_command_and_exit_code() -> None:
    said = aftershow("--help").stdout
    for word in ("serve", "worker", "demo", "migrate", "doctor", "site", "catalogue", "Exit codes"):
        assert word in said


@pytest.mark.parametrize("command", ["serve", "worker", "demo", "migrate", "doctor", "site", "site add", "site edit"])
def test_each_command_explains_itself(command: str) -> None:
    ended = aftershow(*command.split(), "--help")
    assert ended.exit_code == 0
    assert f"aftershow {command}" in ended.stdout


def test_version() -> None:
    ended = aftershow("--version")
    assert (ended.exit_code, ended.stdout) == (0, f"Aftershow {forum.__version__}\n")


def test_the_module_is_the_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "forum", "--version"]
    ended = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("Aftershow ")


def test_every_wrong_setting_is_named_at_once() -> None:
    ended = aftershow("migrate", publik_url="https://talk.example", port="many", log_format="xml")
    assert ended.exit_code == 2
    assert "AFTERSHOW_PUBLIK_URL is no setting of Aftershow. Did you mean AFTERSHOW_PUBLIC_URL?" in ended.stderr
    assert "AFTERSHOW_PORT is 'many'; allowed: a whole number from 0 to 65535." in ended.stderr
    assert "AFTERSHOW_LOG_FORMAT is 'xml'; allowed: console or json." in ended.stderr


def test_an_unknown_option_is_wrong_use() -> None:
    assert aftershow("serve", "--prot", "80").exit_code == 2


def test_migrate_makes_the_tables_and_may_be_repeated(empty_engine_url: str) -> None:
    first = aftershow("migrate", database_url=empty_engine_url)
    assert (first.exit_code, first.stdout) == (0, "The database has its tables now.\n")
    second = aftershow("migrate", database_url=empty_engine_url)
    assert (second.exit_code, second.stdout) == (0, "The database is at this version already.\n")


@pytest.mark.parametrize("command", ["migrate", "serve", "worker", "doctor", "site list"])
def test_a_newer_database_is_left_alone(engine_url: str, command: str) -> None:
    pretend_newer(engine_url)
    ended = aftershow(*command.split(), database_url=engine_url)
    assert ended.exit_code == 3
    assert "newer version" in ended.output


@pytest.mark.parametrize("command", ["serve", "worker", "site list"])
def test_an_empty_postgresql_database_has_to_be_migrated(empty_postgresql_url: str, command: str) -> None:
    ended = aftershow(*command.split(), database_url=empty_postgresql_url)
    assert (ended.exit_code, ended.stderr) == (3, "The database has no tables yet: run `aftershow migrate`.\n")


@pytest.mark.parametrize("command", ["migrate", "serve", "worker", "doctor", "site list"])
def test_a_database_that_cannot_be_reached(command: str, free_tcp_port: int) -> None:
    url = f"postgresql://keeper:hush-hush@127.0.0.1:{free_tcp_port}/forum"
    ended = aftershow(*command.split(), database_url=url)
    assert ended.exit_code == 3
    assert "annot be" in ended.output
    assert "hush" not in ended.output


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    ended = aftershow("migrate", database_url=f"sqlite:///{tmp_path}/missing/forum.db")
    assert (ended.exit_code, ended.stderr) == (3, "The database cannot be used: unable to open database file.\n")


def test_a_site_is_added(engine_url: str) -> None:
    options = [
        "--name",
        " The  Newsroom ",
        "--origin",
        "HTTPS://News.Example:443/",
        "--origin",
        "https://www.news.example",
    ]
    ended = aftershow("site", "add", "newsroom", *options, database_url=engine_url, public_url="https://talk.example")
    assert ended.exit_code == 0, ended.output
    (site,) = sites(engine_url)
    assert (site.key, site.name, site.language) == ("newsroom", "The Newsroom", "en")
    assert site.origins == (NEWS, "https://www.news.example")
    assert (site.guests, site.hold, site.strip_www) == (True, False, False)
    assert (site.expiry_days, site.regions) == (None, ())
    assert site.secret_hash == hash_secret(secret_in(ended.stdout))
    snippet = '<script src="https://talk.example/static/embed.js" data-site="newsroom" async></script>'
    assert snippet in ended.stdout.splitlines()


def test_every_option_of_a_site(sqlite_url: str) -> None:
    options = ["--name", "N", "--origin", NEWS, "--language", "pt_br", "--no-guests", "--hold", "--strip-www"]
    ended = aftershow("site", "add", "n", *options, database_url=sqlite_url)
    (site,) = sites(sqlite_url)
    assert (site.language, site.guests, site.hold, site.strip_www) == ("pt-BR", False, True, True)
    assert "not translated to pt-BR" in ended.stdout


def test_when_spoilers_expire_is_chosen_for_each_site(engine_url: str) -> None:
    options = ["--expiry-days", "30", "--region", "gb", "--region", "US", "--region", "GB"]
    added = aftershow("site", "add", "n", "--name", "N", "--origin", NEWS, *options, database_url=engine_url)
    assert added.exit_code == 0, added.output
    (site,) = sites(engine_url)
    assert (site.expiry_days, site.regions) == (30, ("GB", "US"))
    listed = " ".join(aftershow("site", "list", database_url=engine_url).stdout.replace("│", " ").split())
    assert "30 days" in listed

    for change, expected in (
        (["--name", "M"], (30, ("GB", "US"))),
        (["--region", "DE"], (30, ("DE",))),
        (["--region", "any"], (30, ())),
        (["--expiry-days", "0", "--region", "JP"], (0, ("JP",))),
        (["--expiry-days", "Never"], (None, ("JP",))),
    ):
        ended = aftershow("site", "edit", "n", *change, database_url=engine_url)
        assert ended.exit_code == 0, ended.output
        (site,) = sites(engine_url)
        assert (site.expiry_days, site.regions) == expected


@pytest.mark.parametrize(
    ("key", "options", "code", "words"),
    [
        ("Newsroom", ["--origin", NEWS], 1, "1 to 40 lower-case letters"),
        ("n", ["--origin", f"{NEWS}/blog"], 2, "without a path"),
        ("n", ["--origin", "https://*.example"], 2, "wildcards"),
        ("n", ["--origin", "news.example"], 2, "Write it like https://news.example"),
        ("n", ["--origin", NEWS, "--language", "klingonese"], 2, "is no language"),
        ("n", [], 2, "--origin"),
        ("n", ["--origin", NEWS, "--name", " "], 2, "1 to 100 characters"),
        ("n", ["--origin", NEWS, "--expiry-days", "36501"], 2, "0 to 36500, or never"),
        ("n", ["--origin", NEWS, "--expiry-days", "-1"], 2, "0 to 36500, or never"),
        ("n", ["--origin", NEWS, "--expiry-days", "soon"], 2, "0 to 36500, or never"),
        ("n", ["--origin", NEWS, "--region", "GBR"], 2, "two letters as in GB"),
        ("n", ["--origin", NEWS, "--region", "ÉÜ"], 2, "two letters as in GB"),
    ],
)
def test_a_site_that_cannot_be_added(sqlite_url: str, key: str, options: list[str], code: int, words: str) -> None:
    ended = aftershow("site", "add", key, "--name", "N", *options, database_url=sqlite_url)
    assert ended.exit_code == code
    assert words in " ".join(ended.stderr.replace("│", " ").split())
    assert sites(sqlite_url) == []


def test_a_key_is_used_once(sqlite_url: str) -> None:
    add = ["site", "add", "n", "--name", "N", "--origin", NEWS]
    assert aftershow(*add, database_url=sqlite_url).exit_code == 0
    ended = aftershow(*add, database_url=sqlite_url)
    assert (ended.exit_code, ended.stderr) == (1, "There is a site with that key already.\n")


def test_a_new_sqlite_file_gets_its_tables(empty_sqlite_url: str) -> None:
    ended = aftershow("site", "list", database_url=empty_sqlite_url)
    assert ended.exit_code == 0
    assert "is new: its tables have been made." in ended.stdout
    assert "There are no sites yet." in ended.stdout


def test_a_site_is_changed_and_the_rest_stays(engine_url: str) -> None:
    added = aftershow("site", "add", "n", "--name", "N", "--origin", NEWS, "--hold", database_url=engine_url)
    (before,) = sites(engine_url)
    ended = aftershow("site", "edit", "n", "--origin", "https://a.example", "--no-hold", database_url=engine_url)
    assert ended.exit_code == 0
    (after,) = sites(engine_url)
    assert (after.origins, after.hold) == (("https://a.example",), False)
    assert (after.name, after.language, after.guests, after.id) == (before.name, "en", True, before.id)
    assert after.secret_hash == hash_secret(secret_in(added.stdout))


def test_a_new_secret_replaces_the_old_one(sqlite_url: str) -> None:
    added = aftershow("site", "add", "n", "--name", "N", "--origin", NEWS, database_url=sqlite_url)
    ended = aftershow("site", "edit", "n", "--new-secret", database_url=sqlite_url)
    assert secret_in(ended.stdout) != secret_in(added.stdout)
    assert sites(sqlite_url)[0].secret_hash == hash_secret(secret_in(ended.stdout))


def test_only_a_site_that_exists_is_changed(sqlite_url: str) -> None:
    ended = aftershow("site", "edit", "nobody", "--hold", database_url=sqlite_url)
    assert ended.exit_code == 1
    assert "There is no site 'nobody' here." in ended.stderr


def test_sites_are_listed_without_their_secrets(sqlite_url: str) -> None:
    for key in ("b", "a"):
        origin = f"https://{key}.example"
        aftershow("site", "add", key, "--name", key.upper(), "--origin", origin, database_url=sqlite_url)
    listed = aftershow("site", "list", database_url=sqlite_url).stdout
    assert listed.index("https://a.example") < listed.index("https://b.example")
    assert "as_" not in listed
    assert all(site.secret_hash not in listed for site in sites(sqlite_url))


def test_the_secret_key_is_never_shown(sqlite_url: str) -> None:
    for command in ("doctor", "site list", "migrate"):
        assert SECRET not in aftershow(*command.split(), database_url=sqlite_url).output


def test_a_database_that_does_not_exist(postgresql_server: str) -> None:
    ended = aftershow("migrate", database_url=f"{postgresql_server}/nobody_made_it")
    assert ended.exit_code == 3
    assert 'database "nobody_made_it" does not exist' in ended.stderr
