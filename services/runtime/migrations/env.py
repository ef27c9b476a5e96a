"""Alembic's entry point for every service; the caller brings the connection and the transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
context.run_migrations()
