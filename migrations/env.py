"""Alembic's entry: runs on the connection that `forum.db.migrate` has opened, in one transaction."""

from __future__ import annotations

from alembic import context

config = context.config
connection = config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=True)
context.run_migrations()
