"""Alembic's entry: runs the steps on the connection that the caller holds."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection)
context.run_migrations()
