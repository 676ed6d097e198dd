"""An index of the emergencies that nobody has answered: ``/overdue`` begins with those."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAME = "ix_requests_running_emergencies"
WHERE = sa.text("status IN ('registered', 'in_work') AND due_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        NAME, "requests", ["review_due", "id"], sqlite_where=WHERE, postgresql_where=WHERE
    )


def downgrade() -> None:
    op.drop_index(NAME, "requests")
