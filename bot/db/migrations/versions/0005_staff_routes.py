"""The staff group that a request and its notices go to."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("requests", "outbox"):
        op.add_column(table, sa.Column("staff_chat_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    for table in ("outbox", "requests"):
        op.drop_column(table, "staff_chat_id")
