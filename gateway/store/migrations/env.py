"""Alembic's environment: the connection comes from gateway.store.schema, never from a file."""

from alembic import context
from sqlmodel import SQLModel

from gateway.store.tables import identity_rows, rows  # noqa: F401 - register the tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
