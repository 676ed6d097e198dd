"""Indexes of the open requests, by which the queue of the staff is listed and counted."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OPEN = sa.text("status IN ('registered', 'in_work', 'clarification')")
NEW = sa.text("status IN ('registered', 'in_work') AND assignee_id IS NULL")
INDEXES = (
    ("ix_requests_new", ["emergency", "review_due", "id"], NEW),
    ("ix_requests_open_due", ["review_due", "id"], OPEN),
    ("ix_requests_open_type_due", ["type_code", "review_due", "id"], OPEN),
    ("ix_requests_open_status_due", ["status", "review_due", "id"], OPEN),
    (
        "ix_requests_open_counts",
        ["staff_chat_id", "status", "assignee_id", "emergency", "review_due", "due_at"],
        OPEN,
    ),
)


def upgrade() -> None:
    for name, columns, where in INDEXES:
        op.create_index(name, "requests", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, _, _ in INDEXES:
        op.drop_index(name, "requests")
