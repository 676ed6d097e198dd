"""Of which delay of a request the heads of the staff were told."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("requests", sa.Column("escalated", sa.String(length=16), nullable=True))


def downgrade() -> None:
    op.drop_column("requests", "escalated")
