"""Migrations: from nothing to the tables, back, again, all or nothing, and never over a newer schema."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from forum import paths
from forum.db.database import sqlite_path
from forum.db.migrate import SchemaState, SchemaTooNew, differences, downgrade, state, upgrade
from forum.errors import Unavailable
from forum.schema import TABLES, metadata

NAMES = {table.name for table in TABLES}
MOMENT = "timestamp with time zone"


def fetch(url: str, statement: str) -> list[Any]:
    """Run one statement, past the product."""
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(sqlite_path(url))) as connection, connection:
            return connection.execute(statement).fetchall()

    async def work() -> list[Any]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(work())


def tables(url: str) -> set[str]:
    """The names of all tables there are."""
    if url.startswith("sqlite:"):
        return {name for (name,) in fetch(url, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    return {name for (name,) in fetch(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


def test_from_nothing_to_the_tables(empty_engine_url: str) -> None:
    assert state(empty_engine_url) is SchemaState.EMPTY
    upgrade(empty_engine_url)
    assert state(empty_engine_url) is SchemaState.CURRENT
    assert tables(empty_engine_url) == NAMES | {"alembic_version"}
    assert differences(empty_engine_url, metadata) == []


def test_once_more_changes_nothing(engine_url: str) -> None:
    before = fetch(engine_url, "SELECT version_num FROM alembic_version")
    upgrade(engine_url)
    assert fetch(engine_url, "SELECT version_num FROM alembic_version") == before


def test_back_to_nothing_and_up_again(engine_url: str) -> None:
    downgrade(engine_url, "base")
    assert tables(engine_url) == {"alembic_version"}
    assert state(engine_url) is SchemaState.EMPTY
    upgrade(engine_url)
    assert differences(engine_url, metadata) == []


def test_a_difference_would_be_noticed(engine_url: str) -> None:
    fetch(engine_url, "DROP INDEX ix_outbox_due")
    fetch(engine_url, "ALTER TABLE outbox ADD COLUMN surplus INTEGER")
    assert {difference[0] for difference in differences(engine_url, metadata)} == {"add_index", "remove_column"}


def test_a_newer_schema_is_left_alone(engine_url: str) -> None:
    fetch(engine_url, "UPDATE alembic_version SET version_num = '9999'")
    assert state(engine_url) is SchemaState.NEWER
    with pytest.raises(SchemaTooNew, match="newer version"):
        upgrade(engine_url)
    assert fetch(engine_url, "SELECT version_num FROM alembic_version") == [("9999",)]
    assert tables(engine_url) == NAMES | {"alembic_version"}


def test_looking_makes_no_file(empty_sqlite_url: str) -> None:
    assert state(empty_sqlite_url) is SchemaState.EMPTY
    assert not sqlite_path(empty_sqlite_url).exists()


def test_two_at_once(empty_engine_url: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(upgrade, [empty_engine_url] * 3)) == [None] * 3
    assert state(empty_engine_url) is SchemaState.CURRENT


def test_a_folder_with_odd_letters(tmp_path: Path) -> None:
    folder = tmp_path / "50%25 what#now"
    folder.mkdir()
    url = f"sqlite:///{folder}/data.db"
    upgrade(url)
    assert state(url) is SchemaState.CURRENT
    assert [path.name for path in folder.iterdir()] == ["data.db"]


def test_a_database_that_can_not_be_used(tmp_path: Path, postgresql_server: str) -> None:
    diary = tmp_path / "diary.db"
    diary.write_bytes(b"Dear diary, " * 1_000)
    for url in (f"sqlite:///{tmp_path}/no/data.db", f"sqlite:///{diary}", f"{postgresql_server}/nowhere"):
        with pytest.raises(Unavailable):
            upgrade(url)
    assert diary.read_bytes().startswith(b"Dear diary")


NEXT = """
import os
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "next", {head!r}, None, None


def upgrade():
    op.create_table("half_made", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("site", sa.Column("half", sa.Integer(), nullable=True))
    op.execute("INSERT INTO half_made VALUES (1)")
    {end}


def downgrade():
    op.drop_column("site", "half")
    op.drop_table("half_made")
"""


@pytest.fixture
def with_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Give a function that adds a migration of two tables which ends as it is told."""
    folder = tmp_path / "migrations"
    shutil.copytree(paths.MIGRATIONS_DIR, folder)
    head = _head()
    monkeypatch.setattr(paths, "MIGRATIONS_DIR", folder)

    def write(end: str) -> Path:
        (folder / "versions" / "next.py").write_text(NEXT.format(head=head, end=end), encoding="utf-8")
        return folder

    return write


def _head() -> str:
    from alembic.script import ScriptDirectory

    head = ScriptDirectory(paths.MIGRATIONS_DIR).get_current_head()
    assert head is not None
    return head


def test_one_step_behind_and_forward(engine_url: str, with_next: Callable[[str], Path]) -> None:
    with_next("pass")
    assert state(engine_url) is SchemaState.OLDER
    upgrade(engine_url)
    assert state(engine_url) is SchemaState.CURRENT
    assert "half_made" in tables(engine_url)


def assert_nothing_of_it(url: str) -> None:
    assert state(url) is SchemaState.OLDER
    assert tables(url) == NAMES | {"alembic_version"}
    assert differences(url, metadata) == []


def test_a_migration_that_fails_half_way_leaves_nothing(engine_url: str, with_next: Callable[[str], Path]) -> None:
    with_next("raise LookupError('half way')")
    with pytest.raises(LookupError, match="half way"):
        upgrade(engine_url)
    assert_nothing_of_it(engine_url)
    with_next("pass")
    upgrade(engine_url)
    assert state(engine_url) is SchemaState.CURRENT


def test_a_migration_that_is_killed_half_way_leaves_nothing(engine_url: str, with_next: Callable[[str], Path]) -> None:
    folder = with_next("os.kill(os.getpid(), 9)")
    script = (
        "import pathlib, sys; from forum import paths; from forum.db.migrate import upgrade;"
        "paths.MIGRATIONS_DIR = pathlib.Path(sys.argv[1]); upgrade(sys.argv[2])"
    )
    ended = subprocess.run([sys.executable, "-c", script, folder, engine_url], check=False, timeout=60)
    assert ended.returncode == -9
    assert_nothing_of_it(engine_url)


def test_moments_keep_their_zone_on_postgresql(postgresql_url: str) -> None:
    found = fetch(
        postgresql_url,
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'public' AND data_type LIKE 'timestamp%'",
    )
    assert found
    assert {kind for _, _, kind in found} == {MOMENT}
