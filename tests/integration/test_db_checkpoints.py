"""On SQLite one process checkpoints: the one that serves. Tools and workers beside it leave the log alone."""

import pytest

from forum.db.database import Database

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("checkpoints", "pages"), [(True, 1_000), (False, 0)])
async def test_only_the_serving_process_checkpoints(sqlite_url: str, checkpoints: bool, pages: int) -> None:
    db = Database(sqlite_url, checkpoints=checkpoints)
    await db.connect()
    try:
        held = db._writer._held  # type: ignore[union-attr]
        assert held is not None
        found = await held.run(lambda connection: connection.execute("PRAGMA wal_autocheckpoint").fetchone())
        assert found == (pages,)
    finally:
        await db.close()
