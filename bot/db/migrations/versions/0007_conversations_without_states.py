"""A conversation is its data; no named state was ever read."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("conversations", "state")


def downgrade() -> None:
    op.add_column("conversations", sa.Column("state", sa.Text(), nullable=True))
