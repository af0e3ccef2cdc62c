"""`doctor`: a sound database passes, each broken promise is found, counters are repaired while servers run."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import asyncpg
import pytest

from forum.comments.covers import WHOLE
from forum.core.clock import FixedClock
from forum.db import Prepared, open_database
from forum.doctor.examine import examine
from forum.doctor.machine import _room, _sqlite_library
from forum.doctor.model import Finding, Report, Verdict
from forum.doctor.repair import repair_counters
from forum.markup import slots
from forum.schema import TABLES
from tests.support.app import ARTICLE, NEWS, START, open_house, settings_for
from tests.support.command import aftershow

NO_FSYNC = "fsync, full_page_writes is off"


@pytest.fixture
def url(engine_url: str) -> str:
    """A database with two discussions and threads in them: replies, an edit, a deletion, keys."""
    asyncio.run(write(engine_url))
    return engine_url


async def write(url: str) -> None:
    async with open_house(url) as house:
        root = await house.author.post("Who lit the lantern?", key="first")
        reply = await house.replier.reply(root, "The ferryman.")
        await house.author.reply(reply, "Impossible.")
        gone = await house.replier.reply(root, "Forget it.")
        await house.replier.delete(gone["id"])
        await house.author.edit(root["id"], "Who lit the *lantern*?")
        await house.attacker.post("Elsewhere.", url=f"{NEWS}/other")


def damage(url: str, *statements: str) -> None:
    """Break what the schema protects: foreign keys are off."""
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            for statement in statements:
                connection.execute(statement)
        return

    async def work() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute("SET session_replication_role = replica")
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(work())


def look(url: str, *, repair: bool = False) -> Report:
    return examine(settings_for(url), FixedClock(START), repair=repair)


def wrongs(report: Report) -> dict[str, str]:
    """What is wrong, by the first word of the check; but for PostgreSQL's fsync, which is off for tests."""
    wrong = [finding for finding in report.findings if finding.verdict is Verdict.WRONG]
    return {finding.name.split()[0]: finding.detail for finding in wrong if finding.detail != NO_FSYNC}


def contents(url: str) -> list[list[Any]]:
    """Every row of every table, but for the revision of discussions (repairs raise it)."""

    async def read() -> list[list[Any]]:
        async with open_database(url) as db, db.read() as tx:
            tables = [
                table.select().with_only_columns(
                    *(c for c in table.c if (table.name, c.name) != ("discussion", "revision"))
                )
                for table in TABLES
            ]
            return [sorted(map(repr, await tx.fetch_all(Prepared(table)))) for table in tables]

    return asyncio.run(read())


def test_a_sound_database_passes(url: str) -> None:
    report = look(url)
    assert wrongs(report) == {}
    assert report.healthy or NO_FSYNC in {finding.detail for finding in report.findings}
    names = [finding.name.split()[0] for finding in report.findings]
    assert [name for name in names if name.startswith("I")] == ["I1", "I2", "I3", "I4", "I5", "I7", "I11", "I12"]


def test_looking_changes_nothing(url: str) -> None:
    before = contents(url)
    look(url)
    assert contents(url) == before


NEXT_TO_ROOT = "WHERE depth = 1"
NO_SOURCE = "'', '', NULL, NULL, NULL, FALSE FROM comment"
A_PASSAGE = f"SELECT site_id, 'p', id, 'gone', 1, TRUE, FALSE, NULL, NULL, {NO_SOURCE} WHERE parent_id IS NULL LIMIT 1"
A_HIDDEN_TEXT = (
    "SELECT site_id, 'c' || CAST(id AS VARCHAR(20)), id, NULL, 0, FALSE, FALSE, NULL, NULL, "
    f"{NO_SOURCE} WHERE status = 'deleted' LIMIT 1"
)
A_DECISION = (
    "SELECT site_id, id, id, discussion_id, 'guest', author_id, 'remove', 'removed', 1, 'rule', 0, '', '', '', '', '', "
    "'', 7, NULL, created_at FROM comment WHERE depth = 2"
)
AN_ENTRY = (
    "SELECT site_id, id + 1, 'pending', discussion_id, 'guest', author_id, '', '', 0, created_at, NULL, NULL "
    "FROM comment WHERE depth = 2"
)
A_QUOTE = (
    "SELECT site_id, 'q', id, NULL, 1, FALSE, FALSE, NULL, NULL, '', '', '', id, NULL, TRUE FROM comment "
    "WHERE depth = 2"
)
FAULTS = [
    (
        "I2",
        "two keys refer to",
        "INSERT INTO idempotency_key SELECT site_id, author_id, 'again', request_hash, comment_id, created_at "
        "FROM idempotency_key",
    ),
    ("I2", "somebody else", "UPDATE idempotency_key SET author_id = author_id + 1"),
    ("I3", "discussions without an article", "DELETE FROM article"),
    ("I3", "comments without a discussion", "DELETE FROM discussion"),
    ("I3", "articles without a discussion", "DELETE FROM discussion"),
    ("I3", "replies without the comment", "DELETE FROM comment WHERE parent_id IS NULL"),
    ("I3", "revisions without a comment", "DELETE FROM comment WHERE parent_id IS NULL"),
    ("I5", "another discussion", f"UPDATE comment SET discussion_id = discussion_id + 1 {NEXT_TO_ROOT}"),
    ("I5", "wrong depth", "UPDATE comment SET depth = 5 WHERE depth = 2"),
    ("I5", "another conversation", "UPDATE comment SET root_id = id WHERE depth = 2"),
    ("I5", "ordered before", "UPDATE comment SET root_seq = 0 WHERE depth = 2"),
    ("I5", "taken twice", "UPDATE comment SET root_seq = 1 WHERE parent_id IS NOT NULL"),
    ("I5", "begin with themselves", "UPDATE comment SET depth = 1 WHERE parent_id IS NULL"),
    ("I5", "begin with themselves", "UPDATE comment SET root_id = root_id + 1 WHERE parent_id IS NULL"),
    ("I5", "wrong depth", "UPDATE comment SET parent_id = id WHERE parent_id IS NULL"),
    ("Covers", "show their text", "UPDATE comment SET eff_scope_id = 1 WHERE status = 'published'"),
    ("Covers", "what nobody knows", "UPDATE comment SET eff_scope_id = 1 WHERE status = 'published'"),
    ("Covers", "need nothing as a whole are hidden", f"UPDATE comment SET html = '{slots.slot(WHOLE)}'"),
    ("Covers", "in one that is not there", f"INSERT INTO passage {A_PASSAGE}"),
    ("Covers", "deleted comments keep hidden text", f"INSERT INTO passage {A_HIDDEN_TEXT}"),
    ("I7", "nobody decided so", "UPDATE comment SET status = 'removed' WHERE depth = 2"),
    ("I7", "wait in no queue", "UPDATE comment SET status = 'held' WHERE depth = 2"),
    ("I7", "otherwise than was last decided", f"INSERT INTO decision {A_DECISION}"),
    ("I7", "take back what is not in the log", f"INSERT INTO decision {A_DECISION}"),
    ("I7", "marked as not drawn", "UPDATE comment SET marked = TRUE WHERE depth = 2"),
    ("I7", "no place of their own", "UPDATE comment SET status = 'spam' WHERE parent_id IS NULL"),
    ("I7", "lead to no comment", f"INSERT INTO queue_item {AN_ENTRY}"),
    ("I7", "do not belong in", "INSERT INTO queue_item " + AN_ENTRY.replace("id + 1", "id")),
    ("I7", "their source is not", f"INSERT INTO passage {A_QUOTE}"),
]
MISCOUNTS = [
    ("1 discussions", "UPDATE discussion SET comment_count = comment_count + 1 WHERE comment_count > 1"),
    ("2 discussions", "UPDATE discussion SET comment_count = -1"),
    ("5 replies of comments", "UPDATE comment SET reply_count = reply_count + 7"),
    ("2 conversations", "UPDATE comment SET subtree_count = -4 WHERE parent_id IS NULL"),
    ("1 conversations", "UPDATE comment SET subtree_count = 1 WHERE depth = 2"),
    ("1 conversations", "UPDATE comment SET next_seq = 1 WHERE next_seq > 1"),
]


@pytest.mark.parametrize(("invariant", "words", "statement"), FAULTS)
def test_a_broken_promise_is_found_and_not_repaired(url: str, invariant: str, words: str, statement: str) -> None:
    damage(url, statement)
    for repair in (False, True):
        found = wrongs(look(url, repair=repair))
        assert words in found[invariant]


@pytest.mark.parametrize(("words", "statement"), MISCOUNTS)
def test_a_wrong_counter_is_found_and_repaired(url: str, words: str, statement: str) -> None:
    before = contents(url)
    damage(url, statement)
    report = look(url)
    assert list(wrongs(report)) == ["I4"]
    assert words in wrongs(report)["I4"]
    repaired = look(url, repair=True)
    assert wrongs(repaired) == {}
    assert any("repaired the counts of" in finding.detail for finding in repaired.findings)
    if "next_seq" not in statement:
        assert contents(url) == before
    assert wrongs(look(url)) == {}


def test_broken_references_are_damage(url: str) -> None:
    damage(url, "DELETE FROM article")
    found = wrongs(look(url))
    assert "I3" in found
    # PostgreSQL does not look at rows again once it has checked them.
    assert ("I12" in found) is url.startswith("sqlite:")


def test_a_damaged_sqlite_file_is_found(sqlite_url: str, tmp_path: Path) -> None:
    asyncio.run(write(sqlite_url))
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_comment_author'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size + size - 16)
        file.write(b"\xff" * 16)
    assert "I12" in wrongs(look(sqlite_url))


def test_an_invalid_index_is_found(postgresql_url: str) -> None:
    damage(postgresql_url, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_comment_author'::regclass")
    assert wrongs(look(postgresql_url)) == {"I12": "1 invalid indexes, 0 constraints never validated"}


def test_a_bad_origin_is_found(url: str) -> None:
    damage(url, "UPDATE site SET origins = 'https://News.example/'")
    assert "newsroom (https://News.example/ is not written as browsers write it)" in wrongs(look(url))["Sites"]


def test_comments_from_the_future_are_found(url: str) -> None:
    damage(url, "UPDATE comment SET id = id + 4194304000000 WHERE depth = 2")
    assert "but a comment is from" in wrongs(look(url))["Clock"]


def test_jobs_that_were_given_up_are_mentioned(url: str) -> None:
    damage(url, "UPDATE outbox SET dead_at = run_at")
    (outbox,) = [finding for finding in look(url).findings if finding.name == "Outbox"]
    assert (outbox.verdict, outbox.detail) == (Verdict.NOTE, "2 given up, 0 waiting")


def test_a_server_that_may_lose_commits_is_found(postgresql_url: str) -> None:
    assert NO_FSYNC in {finding.detail for finding in look(postgresql_url).findings}


def test_exit_codes(sqlite_url: str) -> None:
    url = sqlite_url
    asyncio.run(write(url))
    assert aftershow("doctor", database_url=url).exit_code == 0
    damage(url, "UPDATE discussion SET comment_count = 40")
    broken = aftershow("doctor", database_url=url)
    assert broken.exit_code == 1
    assert "✗  I4 counters are right" in broken.stdout
    assert "aftershow doctor --verify" in broken.stdout
    repaired = aftershow("doctor", "--verify", database_url=url)
    assert repaired.exit_code == 0
    assert "repaired the counts of 0 comments and 2 discussions" in repaired.stdout
    assert repaired.stdout.endswith("Nothing is wrong.\n")


def test_a_missing_file_is_reported_and_not_made(tmp_path: Path) -> None:
    ended = aftershow("doctor", database_url=f"sqlite:///{tmp_path}/forum.db")
    assert ended.exit_code == 3
    assert "does not exist" in ended.stdout
    assert not (tmp_path / "forum.db").exists()


@pytest.mark.parametrize(
    ("version", "verdict"),
    [((3, 51, 2), Verdict.NOTE), ((3, 40, 1), Verdict.NOTE), ((3, 51, 3), Verdict.GOOD), ((3, 6, 23), Verdict.GOOD)],
)
def test_sqlite_versions_with_the_log_fault(version: tuple[int, ...], verdict: Verdict) -> None:
    assert _sqlite_library(version).verdict is verdict


@pytest.mark.parametrize(("free", "verdict"), [(10, Verdict.WRONG), (200, Verdict.NOTE), (5000, Verdict.GOOD)])
def test_room_on_the_disk(free: int, verdict: Verdict, tmp_path: Path) -> None:
    finding: Finding = _room("Disk", tmp_path, free * 1024 * 1024)
    assert finding.verdict is verdict


@pytest.mark.anyio
async def test_a_running_server_shows_what_was_repaired(engine_url: str) -> None:
    async with open_house(engine_url) as house:
        await house.author.post("One.")
        await house.replier.post("Two.")
        await anyio.to_thread.run_sync(damage, engine_url, "UPDATE discussion SET comment_count = 9")
        async with open_database(engine_url) as tool:
            assert await repair_counters(tool) == (0, 1)
        with anyio.fail_after(10):
            while True:
                seen = await house.attacker.read("/api/v1/sites/newsroom/discussion", params={"url": ARTICLE})
                if seen["discussion"]["comment_count"] == 2:
                    break
                await anyio.sleep(0.02)  # polls a condition
