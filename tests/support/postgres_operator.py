"""Somebody at the PostgreSQL server's own console, who does to it what operators do."""

from typing import Any


class Operator:
    """Restarts a database, as far as its clients can tell."""

    def __init__(self, connection: Any, name: str) -> None:
        self._connection = connection
        self._name = name

    async def end_sessions(self) -> None:
        """End every session of the database, as a restart does."""
        ended = await self._connection.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1", self._name
        )
        assert ended

    async def allow(self, *, connections: bool) -> None:
        """Open or close the database to everybody."""
        await self._connection.execute(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS {connections}')
