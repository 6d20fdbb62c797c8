"""Alembic's entry: run the steps on the connection that ``migrate`` opened under its lock."""

from alembic import context

from app.storage.database.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
