"""Alembic environment, executed for every command."""

from alembic import context

from bot.db.migrations.runner import REVISION_TABLE, record_compatible
from bot.db.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=True,
    version_table=REVISION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
    heads = context.get_context().get_current_heads()
    record_compatible(connection, context.script, heads)
